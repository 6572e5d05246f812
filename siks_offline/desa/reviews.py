"""A second person looks completed households through before they leave, where a village wants it.

DATA.md, States: `diperiksa_oleh` is a village's own setting. Without it nothing waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.desa.rights import action, check_other_eyes
from siks_offline.errors import StoreError
from siks_offline.model import Changes

if TYPE_CHECKING:
    from datetime import datetime

    from siks_offline.desa.village import Village


@action
def wanted(village: Village) -> bool:
    """Whether a second person must let each revision go."""
    from siks_offline.db import meta, reviews

    with village.store.read() as session:
        return meta.get(session, reviews.SETTING) == "1"


@action
def want(village: Village, now: datetime, *, review: bool) -> Changes:
    """Ask for a second person from now on, or no longer."""
    from siks_offline.db import audit, meta, reviews
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        meta.put(session, reviews.SETTING, "1" if review else None)
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action="diperiksa_oleh.atur",
            detail={"diminta": review},
        )
    return Changes(handover=True)


@action
def waiting(village: Village) -> list[str]:
    """Return the households whose newest revision waits for this account to look through it."""
    from siks_offline.db import meta, reviews

    with village.store.read() as session:
        if meta.get(session, reviews.SETTING) != "1":
            return []
        found = reviews.waiting(session, village.period)
    return [id_ for id_, _, by in found if by != village.account]


@action
def approve(village: Village, household_id: str, now: datetime) -> Changes:
    """Let the newest revision of a household go.

    Raises StoreError E_RETURN_OPEN for one that is not completed, SecretError E_FOUR_EYES for
    one's own work. A revision that was let go already stays so.
    """
    from siks_offline.db import audit, households, reviews, visits
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        line = households.line(session, household_id)
        current = visits.current(session, household_id, village.period)
        if line is None or line.kerja != "selesai" or current is None or not current.sha256:
            raise StoreError("E_RETURN_OPEN", nama=line.nama_krt if line else household_id)
        check_other_eyes(village.account, current.completed_by)
        if not reviews.by(session, current.sha256):
            at = stamp(now)
            reviews.approve(session, current.sha256, by=village.account, at=at)
            audit.append(
                session,
                at=at,
                account=village.account,
                action="kunjungan.periksa",
                subject=household_id,
                detail={"revisi": current.revision, "sha256": current.sha256},
            )
    return Changes(households=frozenset({household_id}), handover=True)
