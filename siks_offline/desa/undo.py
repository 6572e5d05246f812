"""Taking back a completed revision: the one before it opens again as a draft."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from siks_offline.desa import rights
from siks_offline.errors import StoreError
from siks_offline.model import Changes, Confirmation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village


@rights.action
def revisions(village: Village, household_id: str) -> list[int]:
    """Return the numbers of the completed revisions of this period's visit, newest first."""
    from siks_offline.db import visits

    with village.store.read() as session:
        current = visits.current(session, household_id, village.period)
        return [] if current is None else _numbers(session, current.visit_id)


@rights.action
def revert(village: Village, household_id: str, now: datetime, to: int = 0) -> Changes:
    """Open the revision before the newest, or revision `to`, as the draft of the next one.

    Nothing is deleted: what was completed stays and travels. Raises StoreError E_NO_REVISION
    without such a revision, E_BIN_DRAFT while a draft stands.
    """
    from siks_offline.db import audit, drafts, households, visits
    from siks_offline.desa.visit import flatten
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        current = visits.current(session, household_id, village.period)
        earlier = _numbers(session, current.visit_id)[1:] if current else []
        wanted = to or next(iter(earlier), 0)
        found = None
        if current is not None and 0 < wanted <= current.revision:
            found = visits.revision_of(session, current.visit_id, wanted)
        if current is None or found is None:
            raise StoreError("E_NO_REVISION", revisi=wanted)
        if drafts.versions(session, household_id):
            raise StoreError("E_BIN_DRAFT")
        line = json.loads(found.line)
        instrument = line["instrument"]
        drafts.save(
            session,
            household_id,
            instrument["id"],
            instrument["version"],
            rows=flatten(line["answers"]),
            author=village.account,
            at=stamp(now),
            confirmations=[Confirmation(**one) for one in line["confirmations"]],
        )
        states = households.States(kerja="draf", kirim="belum")
        households.set_states(session, {household_id: states})
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action="kunjungan.mundur",
            subject=household_id,
            detail={"dari": current.revision, "ke": wanted, "sebelum": current.sha256,
                    "sesudah": found.sha256},
        )  # fmt: skip
    return Changes(households=frozenset({household_id}), handover=True)


def _numbers(session: Session, visit_id: str) -> list[int]:
    """Numbers of a visit's revisions, newest first; one that merges others may leave some out."""
    from siks_offline.db import visits

    return sorted((one.revision for one in visits.revisions(session, visit_id)), reverse=True)
