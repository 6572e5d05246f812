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

    from sqlalchemy.orm import Session

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
    """Return the households of which a revision waits for this account to look through it.

    One of an earlier period that nobody looked through waits on.
    """
    from siks_offline.db import meta, reviews

    with village.store.read() as session:
        if meta.get(session, reviews.SETTING) != "1":
            return []
        found = reviews.waiting(session, village.period)
    others = (one for one in found if one.completed_by != village.account)
    return list(dict.fromkeys(one.household_id for one in others))


@action
def approve(village: Village, household_id: str, now: datetime) -> Changes:
    """Let the newest revision of a household go; of an earlier period, once this one's is gone.

    Raises StoreError E_RETURN_OPEN for one that is not completed, SecretError E_FOUR_EYES for
    one's own work. A revision that was let go already stays so.
    """
    from siks_offline.db import audit, reviews
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        found = reviews.waiting(session, village.period, household_id)
        others = [one for one in found if one.completed_by != village.account]
        if not found:
            _check_completed(session, village, household_id)
        elif not others:
            check_other_eyes(village.account, found[0].completed_by)
        for one in others[:1]:
            at = stamp(now)
            reviews.approve(session, one.sha256, by=village.account, at=at)
            audit.append(
                session,
                at=at,
                account=village.account,
                action="kunjungan.periksa",
                subject=household_id,
                detail={"revisi": one.revision, "sha256": one.sha256},
            )
    return Changes(households=frozenset({household_id}), handover=True)


def _check_completed(session: Session, village: Village, household_id: str) -> None:
    from siks_offline.db import households, visits

    line = households.line(session, household_id)
    current = visits.current(session, household_id, village.period)
    if line is None or line.kerja != "selesai" or current is None or not current.sha256:
        raise StoreError("E_RETURN_OPEN", nama=line.nama_krt if line else household_id)
    check_other_eyes(village.account, current.completed_by)
