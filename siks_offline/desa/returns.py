"""A supervisor sends a completed household back to be put right, question by question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.desa import notes
from siks_offline.desa.rights import action, check_other_eyes
from siks_offline.errors import StoreError
from siks_offline.model import Changes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village


@action
def send_back(
    village: Village, household_id: str, remarks: Sequence[tuple[str, str]], now: datetime
) -> Changes:
    """Return a household with remarks, each a path ("" for all of it) and what to put right.

    The operator is led to the first; all stay open until the household is completed anew. Raises
    StoreError E_RETURN_OPEN for a household that is not completed, E_NOTE_EMPTY, E_NOTE_LONG;
    SecretError E_FOUR_EYES for one's own work.
    """
    from siks_offline.db import households, visits

    with village.store.write() as session:
        line = households.line(session, household_id)
        if line is None:
            raise StoreError("E_HOUSEHOLD_UNKNOWN", id=household_id)
        current = visits.current(session, household_id, village.period)
        if line.kerja != "selesai" or current is None:
            raise StoreError("E_RETURN_OPEN", nama=line.nama_krt)
        check_other_eyes(village.account, current.completed_by)
        store(session, village, household_id, remarks, now)
    return Changes(households=frozenset({household_id}))


def store(
    session: Session,
    village: Village,
    household_id: str,
    remarks: Sequence[tuple[str, str]],
    now: datetime,
) -> None:
    """Mark a household as returned in the caller's transaction. Raises as `send_back`.

    A draft under way goes on, and what it was returned for before is still what comes first.
    """
    from siks_offline.db import audit, households
    from siks_offline.db import notes as kept
    from siks_offline.export.canonical import stamp

    wanted = [(path, notes.checked(words)) for path, words in remarks]
    if not wanted:
        raise StoreError("E_NOTE_EMPTY")
    at = stamp(now)
    for path, words in wanted:
        kept.add(session, household_id, path, kept.RETURN, words, by=village.account, at=at)
    path, words = wanted[0]
    line = households.lines(session, [household_id])[household_id]
    first = line.kerja == "selesai" or not line.komentar
    state = households.States(
        kerja=None if line.kerja == "draf" else "dikembalikan",
        komentar=words if first else None,
        komentar_jalur=path if first else None,
    )
    households.set_states(session, {household_id: state})
    audit.append(
        session,
        at=at,
        account=village.account,
        action="kunjungan.kembalikan",
        subject=household_id,
        detail={"jalur": [path for path, _ in wanted]},
    )
