"""Build the store anew from the archive of originals."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline.db import office as store_office
from siks_offline.db import office_bundles, office_registry, office_visits
from siks_offline.dinsos import receive
from siks_offline.dinsos.office import ARCHIVE
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import files
from siks_offline.progress import silent

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.dinsos.office import Office
    from siks_offline.progress import Progress


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many originals the archive holds, how many were refused, what stands now."""

    files: int
    refused: int
    households: int


def rebuild(
    office: Office, now: datetime, progress: Progress = silent, *, lossy: bool = False
) -> Rebuilt:
    """Forget what was imported and import every original again, keeping arrival times.

    Registry, invitations, decisions, key sets and prelists stay: no file holds them. Every device
    gets a new stream of receipts and is told everything again. Stopped half-way, the command is
    simply run again; until then `require_whole` refuses the others. Raises StoreError; SiksError
    E_ARCHIVE_LACKS, changing nothing, where an original is gone or damaged, for what it brought
    would be gone too. `lossy` goes on without those: their villages are asked for them again.
    """
    lacking = [] if lossy else _lacking(office)
    if lacking:
        raise SiksError("E_ARCHIVE_LACKS", jumlah=len(lacking), berkas=f"{lacking[0]}.siks")
    for left in (office.folder / ARCHIVE).glob(".*.part"):  # of imports that were killed
        left.unlink(missing_ok=True)
    with office.store.write() as session:
        # What another command took in until now lies in the archive, and no later row is forgotten.
        originals = sorted((office.folder / ARCHIVE).glob("*.siks"))
        arrived = office_bundles.arrivals(session)
        office_bundles.keep_arrivals(session, arrived)
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
    with office.store.write() as session:
        office_bundles.forget_arrivals(session)
        households = office_visits.household_total(session)
    return Rebuilt(len(originals), refused, households)


def require_whole(office: Office) -> None:
    """Refuse to go on with half a store. Raises SiksError E_REBUILDING."""
    with office.store.read() as session:
        if office_bundles.being_rebuilt(session):
            raise SiksError("E_REBUILDING")


def _lacking(office: Office) -> list[str]:
    """Return the hashes of originals that came and do not lie whole in the archive."""
    with office.store.read() as session:
        arrived = office_bundles.arrivals(session)
    return [sha256 for sha256 in sorted(arrived) if not _whole(office.archived(sha256), sha256)]


def _whole(path: Path, sha256: str) -> bool:
    return path.exists() and files.sha256_of(path) == sha256
