"""Build the store anew from the archive of originals."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline.db import office as store_office
from siks_offline.db import office_bundles, office_registry, office_visits
from siks_offline.dinsos import receive
from siks_offline.dinsos.office import ARCHIVE
from siks_offline.errors import BundleError
from siks_offline.progress import silent

if TYPE_CHECKING:
    from datetime import datetime

    from siks_offline.dinsos.office import Office
    from siks_offline.progress import Progress


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many originals the archive holds, how many were refused, what stands now."""

    files: int
    refused: int
    households: int


def rebuild(office: Office, now: datetime, progress: Progress = silent) -> Rebuilt:
    """Forget what was imported and import every original again, keeping arrival times.

    Registry, invitations, decisions, key sets and prelists stay: no file holds them. Every device
    gets a new stream of receipts and is told everything again. Stopped half-way, the command is
    simply run again. Raises StoreError.
    """
    for left in (office.folder / ARCHIVE).glob(".*.part"):  # of imports that were killed
        left.unlink(missing_ok=True)
    originals = sorted((office.folder / ARCHIVE).glob("*.siks"))
    with office.store.write() as session:
        arrived = office_bundles.arrivals(session)
        store_office.forget_imports(session)
        for device in office_registry.devices(session):
            office_registry.set_device(session, device["device"], out_stream=str(uuid.uuid4()))
        office.record(session, now, "dinsos.bangun-ulang", office.id, files=len(originals))
    refused = 0
    for done, path in enumerate(originals):
        progress(done, len(originals))
        try:
            receive.accept_archived(office, path, now, arrived=arrived.get(path.stem))
        except BundleError:
            refused += 1
    progress(len(originals), len(originals))
    with office.store.read() as session:
        households = office_visits.household_total(session)
    return Rebuilt(len(originals), refused, households)
