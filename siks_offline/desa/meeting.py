"""The musyawarah desa/kelurahan: its sittings, and a verdict a household."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from siks_offline.desa.proposals import note
from siks_offline.desa.rights import action
from siks_offline.errors import StoreError
from siks_offline.meeting import (
    AUDIT,
    FOUND,
    GROUPS,
    TWICE,
    AgendaLine,
    Attendee,
    Column,
    Meeting,
    Sitting,
    Tally,
    Verdict,
    fault_of,
)
from siks_offline.model import Changes

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village

# --- asking ---


@action
def read(village: Village, period: str = "") -> Meeting:
    """Return a period's musyawarah (the present one's when empty) as a whole."""
    from siks_offline.db import meeting

    with village.store.read() as session:
        of = period or village.period
        where = meeting.standing(session, of)
        return Meeting(
            period=of,
            way=where.way,
            closing=where.closing,
            closed_at=where.closed_at,
            closed_by=where.closed_by,
            reopened=where.reopened,
            sittings=meeting.sittings(session, of),
            tally=meeting.tally(session, of),
            documents=meeting.documents(session, of),
        )


@action
def agenda(
    village: Village,
    words: str = "",
    *,
    wanted: Container[Column] | None = None,
    order: str = "rw",
    descending: bool = False,
) -> list[str]:
    """Return the households on the agenda by RW and RT: of the prelist, and proposed."""
    from siks_offline.db import meeting

    with village.store.read() as session:
        return meeting.agenda(
            session, village.period, words, wanted=wanted, order=order, descending=descending
        )


@action
def lines(village: Village, ids: Sequence[str]) -> Mapping[str, AgendaLine]:
    """Return the agenda's lines of these households."""
    from siks_offline.db import meeting

    with village.store.read() as session:
        return meeting.agenda_lines(session, village.period, ids)


@action
def tally(village: Village) -> Tally:
    """Return how many households stand in each column now."""
    from siks_offline.db import meeting

    with village.store.read() as session:
        return meeting.tally(session, village.period)


# --- verdicts ---


@action
def decide(
    village: Village, household_id: str, said: Verdict, now: datetime
) -> tuple[AgendaLine, Changes]:
    """Note what the musyawarah says of a household; a later word replaces an earlier one.

    Of `said` only the codes count: whose, when and by whom is written here. Raises StoreError
    E_MEETING_CLOSED, E_HOUSEHOLD_UNKNOWN, E_PROPOSAL_DRAFT; E_VERDICT_STATUS, _REASON, _TWIN,
    _CODE for a word that makes no sense.
    """
    from siks_offline.db import meeting

    with village.store.write() as session:
        refuse_closed(session, village)
        line = _line(session, village, household_id)
        one = _stamped(village, said, household_id, now)
        _check(session, village, line, one)
        meeting.put_verdicts(session, [one])
        detail = {"status": one.status, "mampu": one.able, "sebelum": _status(line.verdict)}
        note(session, village, now, "musyawarah.putusan", household_id, detail)
        line = _line(session, village, household_id)
    return line, Changes(households=frozenset({household_id}))


@action
def take_back(village: Village, household_id: str, now: datetime) -> tuple[AgendaLine, Changes]:
    """Take back what was said of a household."""
    from siks_offline.db import meeting

    with village.store.write() as session:
        refuse_closed(session, village)
        line = _line(session, village, household_id)
        if meeting.drop_verdict(session, household_id, village.period):
            detail = {"sebelum": _status(line.verdict)}
            note(session, village, now, "musyawarah.tarik", household_id, detail)
        line = _line(session, village, household_id)
    return line, Changes(households=frozenset({household_id}))


@action
def decide_rest(village: Village, now: datetime) -> tuple[int, Changes]:
    """Say of every household of the prelist that nothing was said of: found."""
    from siks_offline.db import meeting

    with village.store.write() as session:
        refuse_closed(session, village)
        stands = meeting.columns(session, village.period)
        rest = [id_ for id_, column in stands.items() if column == "belum"]
        found = Verdict("", village.period, FOUND)
        meeting.put_verdicts(session, [_stamped(village, found, id_, now) for id_ in rest])
        if rest:
            note(session, village, now, "musyawarah.sisa", "", {"jumlah": len(rest)})
    return len(rest), Changes(households=frozenset(rest))


def _stamped(village: Village, said: Verdict, household_id: str, now: datetime) -> Verdict:
    from siks_offline.export import canonical

    return replace(
        said,
        household_id=household_id,
        period=village.period,
        note=canonical.normalise_text(said.note)[0][:500],
        by=village.account,
        at=canonical.stamp(now),
    )


def _check(session: Session, village: Village, line: AgendaLine, one: Verdict) -> None:
    from siks_offline.db import meeting, proposals

    code = fault_of(line.source, one)
    if code:
        raise StoreError(code, nama=line.nama_krt)
    if one.status == TWICE:
        other = meeting.agenda_lines(session, village.period, [one.twin]).get(one.twin)
        if other is None or (other.verdict is not None and other.verdict.twin == line.id):
            raise StoreError("E_VERDICT_TWIN", nama=line.nama_krt)
    if line.source == "usulan":
        proposal_id = proposals.of_household(session, line.id)
        row = proposals.row(session, proposal_id) if proposal_id else None
        if row is not None and not row["revision"]:
            raise StoreError("E_PROPOSAL_DRAFT", nomor=row["number"])


def _status(verdict: Verdict | None) -> str:
    return verdict.status if verdict else ""


def refuse_closed(session: Session, village: Village) -> None:
    """Raise StoreError E_MEETING_CLOSED while the results of the present period stand."""
    from siks_offline.db import meeting

    if meeting.standing(session, village.period).closed_at:
        raise StoreError("E_MEETING_CLOSED", periode=village.period)


def _line(session: Session, village: Village, household_id: str) -> AgendaLine:
    from siks_offline.db import meeting

    found = meeting.agenda_lines(session, village.period, [household_id])
    if household_id not in found:
        raise StoreError("E_HOUSEHOLD_UNKNOWN", id=household_id)
    return found[household_id]


# --- sittings ---


@action
def put_sitting(village: Village, one: Sitting, now: datetime) -> Sitting:
    """Store a sitting; one without id is added with the next number.

    Raises StoreError E_MEETING_CLOSED, E_SITTING_DATE, E_SITTING_HOUR, E_SITTING_LEADER and
    E_SITTING_PRESENT for someone present without name, L or P, or unsur.
    """
    from siks_offline.db import meeting
    from siks_offline.export import canonical, identity

    clean = _clean(one)
    with village.store.write() as session:
        refuse_closed(session, village)
        known = meeting.sittings(session, village.period)
        number = next((each.number for each in known if each.id == one.id), 0)
        clean = replace(
            clean,
            id=one.id if number else identity.uuid7(now),
            period=village.period,
            number=number or max((each.number for each in known), default=0) + 1,
            by=village.account,
            at=canonical.stamp(now),
        )
        meeting.put_sitting(session, clean)
        note(session, village, now, "musyawarah.sidang", clean.id, {"nomor": clean.number})
    return clean


@action
def drop_sitting(village: Village, sitting_id: str, now: datetime) -> bool:
    """Take a sitting out; what was said in it stays said."""
    from siks_offline.db import meeting

    with village.store.write() as session:
        refuse_closed(session, village)
        done = meeting.drop_sitting(session, sitting_id)
        if done:
            note(session, village, now, "musyawarah.hapus_sidang", sitting_id)
    return done


def _clean(one: Sitting) -> Sitting:
    from datetime import date, time

    def words(text: str, longest: int = 200) -> str:
        from siks_offline.export import canonical

        return " ".join(canonical.normalise_text(text)[0].split())[:longest]

    try:
        day = date.fromisoformat(one.date.strip()).isoformat()
    except ValueError:
        raise StoreError("E_SITTING_DATE", tanggal=one.date) from None
    first, _, rest = one.hour.strip().replace(".", ":").partition(":")
    hour = f"{first.zfill(2)}:{rest}" if first else ""
    try:
        hour = time.fromisoformat(hour).strftime("%H:%M") if hour else ""
    except ValueError:
        raise StoreError("E_SITTING_HOUR", jam=one.hour) from None
    if not words(one.leader) or not words(one.place):
        raise StoreError("E_SITTING_LEADER")
    there = []
    for number, person in enumerate(one.attendees, 1):
        name, sex = words(person.name), person.sex.strip().upper()
        if not name or sex not in ("L", "P") or person.group not in GROUPS:
            raise StoreError("E_SITTING_PRESENT", nomor=number)
        there.append(Attendee(name, sex, person.group, words(person.post)))
    return replace(
        one,
        date=day,
        hour=hour,
        place=words(one.place),
        leader=words(one.leader),
        leader_post=words(one.leader_post),
        audit={n: words(one.audit[n], 500) for n in AUDIT if one.audit.get(n, "").strip()},
        attendees=tuple(there),
    )
