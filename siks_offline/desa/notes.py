"""Remarks on the questions of a household; they stay in the village, no bundle carries them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siks_offline.desa.rights import action
from siks_offline.errors import StoreError
from siks_offline.model import Changes

if TYPE_CHECKING:
    from datetime import datetime

    from siks_offline.db.notes import Remark
    from siks_offline.desa.village import Village

LONGEST: Final = 300


@action
def of_household(village: Village, household_id: str) -> tuple[Remark, ...]:
    """Return the open remarks on a household, in the order they were made."""
    from siks_offline.db import notes

    with village.store.read() as session:
        return notes.of_household(session, household_id)


@action
def add(
    village: Village, household_id: str, path: str, words: str, now: datetime, *, flag: bool = False
) -> Changes:
    """Note something on a question, or flag it; a flag needs no words.

    Raises StoreError E_NOTE_EMPTY, E_NOTE_LONG, E_HOUSEHOLD_UNKNOWN.
    """
    from siks_offline.db import audit, households, notes
    from siks_offline.export.canonical import stamp

    words = checked(words, wanted=not flag)
    kind = notes.FLAG if flag else notes.NOTE
    with village.store.write() as session:
        if households.line(session, household_id) is None:
            raise StoreError("E_HOUSEHOLD_UNKNOWN", id=household_id)
        at = stamp(now)
        notes.add(session, household_id, path, kind, words, by=village.account, at=at)
        audit.append(
            session,
            at=at,
            account=village.account,
            action=f"{kind}.tambah",
            subject=household_id,
            detail={"jalur": path},
        )
    return Changes(households=frozenset({household_id}))


@action
def settle(village: Village, household_id: str, number: int, now: datetime) -> Changes:
    """Settle a remark: what it asks is done, or no longer matters."""
    from siks_offline.db import audit, notes
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        at = stamp(now)
        if not notes.settle(session, [number], by=village.account, at=at):
            return Changes()
        audit.append(
            session,
            at=at,
            account=village.account,
            action="catatan.beres",
            subject=household_id,
            detail={"nomor": number},
        )
    return Changes(households=frozenset({household_id}))


@action
def member_removed(village: Village, household_id: str, entry: str, now: datetime) -> None:
    """Let remarks follow when a member ("anggota[2]") was taken out of the form."""
    from siks_offline.db import audit, notes
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        went = notes.member_removed(session, household_id, entry)
        if went:
            audit.append(
                session,
                at=stamp(now),
                account=village.account,
                action="catatan.ikut_hapus",
                subject=household_id,
                detail={"jalur": entry, "jumlah": went},
            )


def checked(words: str, *, wanted: bool = True) -> str:
    """Return words of a remark as they are kept. Raises StoreError E_NOTE_EMPTY, E_NOTE_LONG."""
    words = " ".join(words.split())
    if wanted and not words:
        raise StoreError("E_NOTE_EMPTY")
    if len(words) > LONGEST:
        raise StoreError("E_NOTE_LONG", panjang=len(words), batas=LONGEST)
    return words
