"""Periods: opening the next one, and what the last one answered, carried over only when wished."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siks_offline import texts
from siks_offline.desa.rights import action
from siks_offline.desa.visit import flatten
from siks_offline.errors import StoreError
from siks_offline.instrument import mappings, promoted
from siks_offline.model import Changes
from siks_offline.period import month as begins_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from siks_offline.desa.village import Village

_PERIOD: Final = re.compile(r"20[0-9]{2}-(Q[1-4]|0[1-9]|1[0-2])")
MONTHLY_SINCE: Final = "2021-05"
"""First month of monthly determination (Permensos 3/2021)."""


@dataclass(frozen=True, slots=True)
class Last:
    """What the last period's visit answered: path to text, as far as it means the same now."""

    period: str
    answers: Mapping[str, str]
    again: tuple[str, ...]
    """Paths whose answers cannot be carried over."""


def following(period: str) -> tuple[str, ...]:
    """Return the periods that may come next: the next quarter, and the next month."""
    year, month = map(int, begins_in(period).split("-"))
    quarter = (month - 1) // 3 + 1
    next_quarter = f"{year + quarter // 4}-Q{quarter % 4 + 1}"
    next_month = f"{year + month // 12}-{month % 12 + 1:02}"
    return (next_quarter, next_month) if next_month >= MONTHLY_SINCE else (next_quarter,)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What opening the next period would do; nothing was written."""

    period: str
    following: tuple[str, ...]
    households: int
    done: int
    """Visits of this period that were completed; their answers are shown beside the next."""
    drafts: int
    """Drafts that stop it."""
    taken: int
    """Proposals that become part of the prelist."""
    undecided: bool
    """Whether this period's musyawarah was begun and not closed."""
    unsettled: int
    """Records and visits that no receipt settled, those that wait for a second person too."""


@action
def outlook(village: Village) -> Outlook:
    """Return what opening the next period would do."""
    from siks_offline.db import drafts, households, meeting, records, reviews, visits

    with village.store.read() as session:
        counts = households.counts(session)
        tally = meeting.tally(session, village.period)
        where = meeting.standing(session, village.period)
        begun = tally.open < tally.prelist + tally.proposals
        waiting = sum(records.due_counts(session).values()) + reviews.held_count(session)
        return Outlook(
            period=village.period,
            following=following(village.period),
            households=tally.prelist + tally.proposals,
            done=counts.kerja["selesai"],
            drafts=len(drafts.households(session)),
            taken=tally.columns["usulan"],
            undecided=begun and not where.closed_at,
            unsettled=waiting + visits.weight(session, everything=False)[0],
        )


@action
def open_period(village: Village, period: str, now: datetime) -> Changes:
    """Open a later period: every household is to be visited anew, its answers of before are kept.

    Proposals that were begun and never registered go on in it, under its next numbers.

    Raises StoreError E_PERIOD_FORM, E_PERIOD_ORDER for one that does not begin after the present,
    E_PERIOD_DRAFTS while drafts stand: they belong to the period they were begun in;
    E_PERIOD_UNSIGNED while results wait for their signed paper, which is attached in their period.
    """
    from siks_offline.db import drafts, households, meeting, meta, proposals
    from siks_offline.desa import closing, prelist
    from siks_offline.desa.proposals import note

    if _PERIOD.fullmatch(period) is None:
        raise StoreError("E_PERIOD_FORM", isi=period[:20])
    if begins_in(period) <= begins_in(village.period):
        raise StoreError("E_PERIOD_ORDER", periode=period, sekarang=village.period)
    before = village.period
    with village.store.write() as session:
        open_drafts = len(drafts.households(session))
        if open_drafts:
            raise StoreError("E_PERIOD_DRAFTS", jumlah=open_drafts)
        if before in closing.unsigned(session):
            paper = closing.paper_of(meeting.standing(session, before).way)
            words = texts.text(f"musyawarah.surat.{paper}")
            raise StoreError("E_PERIOD_UNSIGNED", periode=before, surat=words)
        told = households.unshown(session)
        taken = meeting.begin_period(session, before)
        prelist.show(session, village, told, now)
        meta.put(session, households.UNSHOWN, None)  # the rest was visited after it came
        meta.put(session, "period", period)
        begun = proposals.bring_along(session, period)
        detail = {"sebelum": before, "usulan_masuk_daftar": taken, "usulan_diteruskan": begun}
        note(session, village, now, "periode.buka", period, detail)
    village.period = period
    return Changes(prelist=True, handover=True)


@action
def last(village: Village, household_id: str) -> Last | None:
    """Return what the visit before this period answered, or None."""
    from siks_offline.db import moves

    with village.store.read() as session:
        found = moves.last_visit(session, household_id, village.period)
        if found is None:
            return None
        period, name, version, answers = found
        instrument = village.instrument_of(session, (name, version))
    own = {n: v for n, v in answers.items() if n not in HEAD}
    carried = mappings.carry(own, instrument, village.instrument)
    answers = flatten(carried.answers)
    # Who was new then is no longer: whether they live here is asked again (ART status 4).
    new = [
        path
        for path, said in answers.items()
        if path.endswith(f".{promoted.PRESENCE}") and said == promoted.NEW_MEMBER
    ]
    return Last(period, answers, (*carried.again, *new))


HEAD: Final = frozenset(
    {
        promoted.STATUS,
        "alasan_tidak_ditemukan",
        "apakah_mampu",
        "ada_art_bekerja",
        "status_pekerjaan_krt",
        "ada_art_cacat",
        "hasil_verivali",
        "tanggal_verivali",
        "tanggal_pemeriksaan",
    }
)
"""Answers of the visit itself, not of the household: never carried over."""


@action
def carry_over(village: Village, household_id: str, now: datetime) -> Changes:
    """Begin this period's visit as a draft with the last period's answers, as a person wished.

    Raises StoreError E_NO_LAST without any, E_CARRY_BEGUN once this period's visit has begun.
    """
    from siks_offline.db import drafts, households, visits
    from siks_offline.desa.proposals import note
    from siks_offline.export.canonical import stamp

    found = last(village, household_id)
    if found is None:
        raise StoreError("E_NO_LAST")
    instrument = village.instrument
    with village.store.write() as session:
        begun = visits.current(session, household_id, village.period) is not None
        if begun or drafts.versions(session, household_id):
            raise StoreError("E_CARRY_BEGUN")
        rows = {path: said for path, said in found.answers.items() if path not in found.again}
        drafts.save(
            session,
            household_id,
            instrument.id,
            instrument.version,
            rows=rows,
            author=village.account,
            at=stamp(now),
            typing=None,
            confirmations=(),
        )
        states = {household_id: households.States(kerja="draf")}
        households.set_states(session, states)
        detail = {"dari": found.period, "jawaban": len(rows)}
        note(session, village, now, "periode.salin", household_id, detail)
    return Changes(households=frozenset({household_id}))
