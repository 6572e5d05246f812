"""What was thrown away and can come back: drafts, members, photos, households, proposals.

Things stay for thirty days of work (desa/days.py); order is by number, never by a clock.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from siks_offline.desa import days, rights
from siks_offline.errors import AnswersError, StoreError
from siks_offline.model import Changes, Confirmation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.db.wastebin import Thrown
    from siks_offline.desa.village import Village
    from siks_offline.desa.visit import Written

Kind = Literal["draf", "rumah_tangga", "anggota", "foto", "usulan"]
KEEP_DAYS: Final = 30
_PHOTO = re.compile(r"([0-9a-f]{64})\.[a-z]+")


@dataclass(frozen=True, slots=True)
class BinLine:
    """One thing in the bin as a list shows it; `days_left` are days of work."""

    number: int
    kind: str
    household_id: str
    label: str
    at: str
    by: str
    days_left: int


@rights.action
def items(village: Village) -> list[BinLine]:
    """Return what lies in the bin, newest first."""
    from siks_offline.db import wastebin as bins

    with village.store.read() as session:
        day = days.counted(session)
        return [
            BinLine(
                number=one.number,
                kind=one.kind,
                household_id=one.household_id,
                label=one.label,
                at=one.at,
                by=one.by,
                days_left=max(0, one.day + KEEP_DAYS - day),
            )
            for one in bins.everything(session)
        ]


@rights.action
def newest_of(village: Village, household_id: str) -> int | None:
    """Return the number of what was last thrown away of a household, or None."""
    from siks_offline.db import wastebin as bins

    with village.store.read() as session:
        found = bins.everything(session, household_id)
    return found[0].number if found else None


@rights.action
def tidy(village: Village, now: datetime) -> int:
    """Count the day, and let go for good of what lay in the bin long enough; return how many."""
    from siks_offline.db import wastebin as bins

    with village.store.write() as session:
        day = days.today(session, now)
        old = bins.before_day(session, day - KEEP_DAYS)
        if old:
            bins.forget(session, old)
            _note(session, village, now, "sampah.kosongkan", "", {"jumlah": len(old)})
    return len(old)


@rights.action
def throw_household(village: Village, household_id: str, now: datetime) -> Changes:
    """Throw away a household found in the field whose visit was never completed.

    Raises StoreError E_HOUSEHOLD_UNKNOWN; E_HOUSEHOLD_KEPT for one that a prelist lists, that was
    completed, whose members came from another, or that something else refers to; E_DRAFT_OTHER.
    """
    from siks_offline.db import discards, drafts, households, moves
    from siks_offline.db import wastebin as bins

    with village.store.write() as session:
        line = households.line(session, household_id)
        if line is None:
            raise StoreError("E_HOUSEHOLD_UNKNOWN", id=household_id)
        moved = moves.of_household(session, household_id)  # people of the list may live there now
        if households.source(session, household_id) != "usulan" or line.revisi or moved:
            raise StoreError("E_HOUSEHOLD_KEPT")
        drafts.require_own(session, household_id, village.account)
        content = {
            "draf": _drafts(session, village, household_id),
            "rumah": discards.picture(session, household_id),
        }
        thrown = _thrown(session, village, now, "rumah_tangga", household_id, content)
        number = bins.throw(session, thrown)
        drafts.drop(session, household_id)
        bins.give_on(session, household_id)
        bins.move_photos(session, number, discards.photos(session, household_id))
        discards.take_out(session, household_id)
        detail = {"sampah": number, "sebelum": line.nama_krt}
        _note(session, village, now, "rumah_tangga.hapus", household_id, detail)
    return Changes(households=frozenset({household_id}), prelist=True)


@rights.action
def restore(village: Village, number: int, now: datetime) -> Changes:
    """Bring a thing back from the bin; what it was restored to becomes a draft again.

    Raises StoreError E_BIN_EMPTY when it is no longer there, E_BIN_DRAFT when its household has
    another draft by now, E_DRAFT_OTHER.
    """
    from siks_offline.db import wastebin as bins

    with village.store.read() as session:
        thrown = bins.find(session, number)
    if thrown is None:
        raise StoreError("E_BIN_EMPTY")
    if thrown.kind in {"anggota", "foto"}:
        return _restore_answers(village, thrown, now)
    with village.store.write() as session:
        if thrown.kind == "rumah_tangga":
            _household_back(session, village, thrown)
        elif thrown.kind == "usulan":
            _proposal_back(session, village, thrown)
        else:
            _draft_back(session, village, thrown)
        bins.photos_back(session, number)
        bins.forget(session, [number])
        _restored(session, village, now, thrown)
    return Changes(households=frozenset({thrown.household_id}), prelist=True)


def throw_proposal(
    session: Session, village: Village, household_id: str, proposal_id: str, now: datetime
) -> int:
    """Put a proposal with its household and photos into the bin; return the number there.

    The caller takes it out of the list in the same transaction.
    """
    from siks_offline.db import discards, proposals
    from siks_offline.db import wastebin as bins

    content = proposals.picture(session, proposal_id)
    number = bins.throw(session, _thrown(session, village, now, "usulan", household_id, content))
    bins.move_photos(session, number, discards.photos(session, household_id))
    return number


def throw_draft(session: Session, village: Village, household_id: str, now: datetime) -> int:
    """Move a household's drafts into the bin; return the number there, 0 without a draft."""
    from siks_offline.db import drafts
    from siks_offline.db import wastebin as bins

    content = {"draf": _drafts(session, village, household_id)}
    if not content["draf"]:
        return 0
    number = bins.throw(session, _thrown(session, village, now, "draf", household_id, content))
    drafts.drop(session, household_id)
    answers = [answer for one in content["draf"] for answer in one["isi"].values()]
    bins.move_photos(session, number, (m[1] for m in map(_PHOTO.fullmatch, answers) if m))
    return number


def keep_removed(
    session: Session, village: Village, household_id: str, written: Written, now: datetime
) -> list[tuple[int, str]]:
    """Keep the members and photos that a draft about to be stored no longer has.

    Returns the photos as (number in the bin, hash), to be moved there once the draft is stored.
    """
    from siks_offline.db import drafts
    from siks_offline.db import wastebin as bins

    instrument = village.instrument_of(session, written.instrument)
    repeats = tuple(instrument.repeats)
    photos = [q.name for q in instrument.questions_of() if q.type == "image"]
    gone: list[tuple[int, str]] = []
    stored = drafts.values(session, household_id, *written.instrument, (*repeats, *photos))
    for name in photos:
        before, after = stored.get(name, ""), written.rows.get(name, "")
        if before == after:
            continue
        named = _PHOTO.fullmatch(after)
        if named:
            lying = bins.with_photo(session, named[1], household_id)
            if lying is not None:
                bins.photos_back(session, lying)
                bins.forget(session, [lying])
            bins.photo_back(session, named[1])
        named = _PHOTO.fullmatch(before)
        if named:
            content = {"jalur": name, "isi": before}
            thrown = _thrown(session, village, now, "foto", household_id, content)
            number = bins.throw(session, thrown)
            _note(session, village, now, "foto.hapus", household_id, {"sampah": number})
            gone.append((number, named[1]))
    for repeat in repeats:
        if int(stored.get(repeat, "0")) > int(written.rows.get(repeat, "0")):
            _keep_members(session, village, household_id, written, repeat, now)
    return gone


def move_photos(session: Session, gone: list[tuple[int, str]]) -> None:
    """Move removed photos beside their things in the bin, unless something else names them."""
    from siks_offline.db import wastebin as bins

    for number, sha256 in gone:
        bins.move_photos(session, number, [sha256])


def _keep_members(
    session: Session,
    village: Village,
    household_id: str,
    written: Written,
    repeat: str,
    now: datetime,
) -> None:
    from siks_offline.db import drafts
    from siks_offline.db import wastebin as bins
    from siks_offline.desa import visit

    before = drafts.read(session, household_id, *written.instrument)
    if before is None:
        return
    old, new = (
        visit.unflatten(_of_repeat(rows, repeat), (repeat,)).get(repeat, [])
        for rows in (before.rows, written.rows)
    )
    gone = [one for one in old if any(one.values()) and one not in new]
    # Of those that were typed in at the same time as well, the ones least like any that is left.
    gone.sort(key=lambda one: max((_alike(one, other) for other in new), default=0))
    for one in gone[: len(old) - len(new)]:
        content = {"daftar": repeat, "isi": one, "instrumen": list(written.instrument)}
        thrown = _thrown(session, village, now, "anggota", household_id, content)
        number = bins.throw(session, thrown)
        detail = {"daftar": repeat, "sampah": number, "sebelum": one}
        _note(session, village, now, "kunjungan.hapus_baris", household_id, detail)


def _of_repeat(rows: Mapping[str, str], repeat: str) -> dict[str, str]:
    return {p: t for p, t in rows.items() if p == repeat or p.startswith(f"{repeat}[")}


def _alike(one: Mapping[str, str], other: Mapping[str, str]) -> int:
    return sum(1 for name, text in one.items() if text and other.get(name) == text)


def _restore_answers(village: Village, thrown: Thrown, now: datetime) -> Changes:
    """Bring a member or a photo back by answering again in the household's form."""
    from siks_offline.db import households
    from siks_offline.db import wastebin as bins
    from siks_offline.desa import visit

    with village.store.read() as session:
        if households.line(session, thrown.household_id) is None:
            raise StoreError("E_BIN_HOUSEHOLD")
    opened = visit.open_visit(village, thrown.household_id, now)
    state, content = opened.state, thrown.content
    if thrown.kind == "anggota":
        repeat = content["daftar"]
        if not state.counted(repeat):
            state.add(repeat)
        place = f"{repeat}[{state.count(repeat)}]"
        known = set(state.paths(place))
        for name, answer in content["isi"].items():
            path = f"{place}.{name}"
            if isinstance(answer, str) and path in known:
                with suppress(AnswersError):  # worked out by the form itself
                    state.set(path, answer)
    else:
        state.set(content["jalur"], content["isi"])
    written, typing = opened.snapshot(), opened.typing
    changes = visit.save_draft(village, thrown.household_id, written, typing, now)
    with village.store.write() as session:
        bins.photos_back(session, thrown.number)
        bins.forget(session, [thrown.number])
        _restored(session, village, now, thrown)
    return changes | Changes(households=frozenset({thrown.household_id}))


def _household_back(session: Session, village: Village, thrown: Thrown) -> None:
    from siks_offline.db import discards, households

    if households.line(session, thrown.household_id) is not None:
        raise StoreError("E_BIN_EMPTY")
    discards.put_back(session, thrown.content["rumah"])
    _store_drafts(session, village, thrown)


def _proposal_back(session: Session, village: Village, thrown: Thrown) -> None:
    from siks_offline.db import households, proposals

    if households.line(session, thrown.household_id) is not None:
        raise StoreError("E_BIN_EMPTY")
    proposals.put_back(session, thrown.content, village.period)


def _draft_back(session: Session, village: Village, thrown: Thrown) -> None:
    from siks_offline.db import drafts, households

    line = households.line(session, thrown.household_id)
    if line is None:
        raise StoreError("E_BIN_HOUSEHOLD")
    if drafts.versions(session, thrown.household_id):
        raise StoreError("E_BIN_DRAFT")
    _store_drafts(session, village, thrown)
    kirim = "belum" if line.kerja == "selesai" else None
    states = households.States(kerja="draf", kirim=kirim)  # type: ignore[arg-type]
    households.set_states(session, {line.id: states})


def _store_drafts(session: Session, village: Village, thrown: Thrown) -> None:
    from siks_offline.db import drafts
    from siks_offline.desa import periods

    for one in thrown.content["draf"]:
        # What was answered of the visit itself is asked anew in another period.
        earlier = one.get("periode", village.period) != village.period
        rows = {p: t for p, t in one["isi"].items() if not (earlier and p in periods.HEAD)}
        drafts.save(
            session,
            thrown.household_id,
            *one["instrumen"],
            rows=rows,
            author=village.account,
            at=one["saat"],
            typing=tuple(one["ketik"]) if one["ketik"] else None,
            confirmations=[Confirmation(**each) for each in one["konfirmasi"]],
        )


def _drafts(session: Session, village: Village, household_id: str) -> list[dict[str, Any]]:
    from siks_offline.db import drafts

    found = []
    for name in drafts.versions(session, household_id):
        draft = drafts.read(session, household_id, *name)
        if draft is not None:
            found.append(
                {
                    "instrumen": list(name),
                    "periode": village.period,
                    "isi": dict(draft.rows),
                    "saat": draft.at,
                    "ketik": list(draft.typing) if draft.typing else None,
                    "konfirmasi": [asdict(one) for one in draft.confirmations],
                }
            )
    return found


def _thrown(
    session: Session,
    village: Village,
    now: datetime,
    kind: Kind,
    household_id: str,
    content: Mapping[str, Any],
) -> Thrown:
    from siks_offline.db import households
    from siks_offline.db import wastebin as bins
    from siks_offline.export.canonical import stamp

    line = households.line(session, household_id)
    words = [line.nama_krt, line.alamat] if line else []
    if kind == "anggota":
        words.insert(0, str(content["isi"].get("nama", "")))
    return bins.Thrown(
        kind=kind,
        household_id=household_id,
        label=", ".join(dict.fromkeys(filter(None, words))),
        content=content,
        at=stamp(now),
        by=village.account,
        day=days.today(session, now),
    )


def _restored(session: Session, village: Village, now: datetime, thrown: Thrown) -> None:
    detail = {"jenis": thrown.kind, "sampah": thrown.number}
    _note(session, village, now, "sampah.pulihkan", thrown.household_id, detail)


def _note(
    session: Session,
    village: Village,
    now: datetime,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
) -> None:
    from siks_offline.db import audit
    from siks_offline.export.canonical import stamp

    at, account = stamp(now), village.account
    audit.append(session, at=at, account=account, action=action, subject=subject, detail=detail)
