"""Build the store anew from the archive of originals."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline.db import office as store_office
from siks_offline.db import office_bundles, office_registry, office_visits
from siks_offline.dinsos import instruments, receive
from siks_offline.dinsos.office import ARCHIVE
from siks_offline.errors import BundleError, SiksError
from siks_offline.progress import silent

if TYPE_CHECKING:
    from datetime import datetime

    from siks_offline.dinsos.office import Office
    from siks_offline.progress import Progress


RUN = "bangun-ulang"
"""Fact: the run that may say that the store is whole again."""


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
    gets a new stream of receipts and is told everything again. What was taken in once needs no key
    that serves still. Stopped half-way, the command is simply run again; until then `require_whole`
    refuses the others.

    Raises StoreError; SiksError E_ARCHIVE_LACKS, changing nothing, where an original is gone or
    damaged, for what it brought would be gone too (`lossy` goes on without those: their villages
    are asked for them again), E_REBUILDING where another one began meanwhile; WorkbookError
    E_INSTRUMENT_DAMAGED.
    """
    for known in instruments.listed(office):  # a damaged workbook is told before, not half-way
        instruments.read(office, known.id, known.version, known.sha256)
    lacking = [] if lossy else _lacking(office)
    if lacking:
        raise SiksError("E_ARCHIVE_LACKS", jumlah=len(lacking), berkas=f"{lacking[0]}.siks")
    run = str(uuid.uuid4())
    for left in (office.folder / ARCHIVE).glob(".*.part"):  # of imports that were killed
        left.unlink(missing_ok=True)
    with office.store.write() as session:
        # What another command took in until now lies in the archive, and no later row is forgotten.
        originals = sorted((office.folder / ARCHIVE).glob("*.siks"))
        arrived = office_bundles.arrivals(session)
        office_bundles.keep_arrivals(session, arrived)
        store_office.set_fact(session, RUN, run)
        store_office.forget_imports(session)
        for device in office_registry.devices(session):
            office_registry.set_device(session, device["device"], out_stream=str(uuid.uuid4()))
        office.record(session, now, "dinsos.bangun-ulang", office.id, files=len(originals))
    refused = 0
    for done, path in enumerate(originals):
        progress(done, len(originals))
        try:
            came = arrived.get(path.stem, {"received_at": None, "let_in": ""})
            at, let_in = came["received_at"], came["let_in"]
            receive.accept_archived(office, path, now, arrived=at, released=let_in)
        except BundleError:
            refused += 1
    progress(len(originals), len(originals))
    with office.store.write() as session:
        if store_office.fact(session, RUN) != run:  # another one began since and forgot it all
            raise SiksError("E_REBUILDING")
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
    return [sha256 for sha256 in sorted(arrived) if not office.holds_original(sha256)]
