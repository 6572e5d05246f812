"""What leaves the village for its Dinsos."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from siks_offline.desa import device, parts, results, sending
from siks_offline.desa.rights import action
from siks_offline.errors import StoreError
from siks_offline.model import Changes
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.db.attachments import Stored
    from siks_offline.db.ledger import Stream
    from siks_offline.desa.gate import VillageGate
    from siks_offline.desa.results import Carriage
    from siks_offline.desa.village import Village
    from siks_offline.export.bundle import AttachmentFile, Packed, Written
    from siks_offline.export.staging import Staging
    from siks_offline.progress import Progress

OUTBOX: Final = "ekspor"
_ROOM: Final = 1 << 20
_HALF: Final = 500


@dataclass(frozen=True, slots=True)
class Part:
    """One file that was written."""

    path: Path
    bundle_id: str
    seq: int
    manifest_sha256: str
    size: int
    visits: int
    attachments: int
    number: int
    count: int
    """Part `number` of `count` of one export."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote; no parts when nothing was due."""

    parts: tuple[Part, ...]
    visits: int
    attachments: int
    changes: Changes


@dataclass(frozen=True, slots=True)
class ExportLine:
    """A file that was sent, as a row of a list; `status` is sent, accepted, partly, held ..."""

    seq: int
    file_name: str
    at: str
    by: str
    visits: int
    attachments: int
    status: str
    code: str
    received_at: str
    manifest_sha256: str


@action
def due(village: Village) -> int:
    """How many completed revisions no receipt has settled."""
    from siks_offline.db import visits

    with village.store.read() as session:
        return visits.unreceived_count(session)


@action
def waiting(village: Village) -> int:
    """How many of those were sent already and wait for an answer; the next export repeats them."""
    from siks_offline.db import visits

    with village.store.read() as session:
        return visits.waiting_count(session)


@action
def results_due(village: Village) -> int:
    """How many proposals, verdicts and musyawarahs no receipt has settled."""
    with village.store.read() as session:
        return sum(results.due(session).values())


@action
def inventory_due(village: Village) -> bool:
    """Whether the Dinsos is to be told what is here, even when nothing else is due."""
    from siks_offline.desa import inventory

    with village.store.read() as session:
        return inventory.asked(session)


@action
def exports(village: Village) -> list[ExportLine]:
    """Files of visits that were sent, newest first."""
    from siks_offline.db import ledger

    with village.store.read() as session:
        return [
            ExportLine(
                seq=one.seq,
                file_name=one.file_name,
                at=one.at,
                by=one.by,
                visits=one.visits,
                attachments=one.attachments,
                status=one.status,
                code=one.code,
                received_at=one.received_at,
                manifest_sha256=one.manifest_sha256,
            )
            for one in ledger.exports(session)
            if one.type == "visits"
        ]


@action
def export(
    village: Village,
    folder: Path,
    now: datetime,
    *,
    everything: bool = False,
    without_results: bool = False,
    target: int = parts.TARGETS["usb"],
    progress: Progress = silent,
) -> Exported:
    """Write every revision and photo that no receipt settled into a folder, signed and sealed.

    No file is larger than `target` bytes. Each is written whole into the village's own outbox,
    then copied to the folder and read back there, and only then recorded as sent (BUNDLE.md 1.7).
    Results of a closed musyawarah go with the scan of their signed paper, or stay `without`.
    Raises StoreError E_NOT_PAIRED, E_NOT_APPROVED, E_SCAN_MISSING; FileError for the medium, after
    which no half-written file remains, and E_PHOTO_PART.
    """
    from siks_offline.db import visits
    from siks_offline.desa import inventory, place, renewal
    from siks_offline.desa.gate import VillageGate
    from siks_offline.export import files, identity
    from siks_offline.export.cutting import Cutter
    from siks_offline.export.staging import Staging

    place.check(village, now)
    gate = VillageGate(village)
    with Staging() as spool:
        with village.store.read() as session:
            if not renewal.is_approved(session, gate.stream):
                raise StoreError("E_NOT_APPROVED")
            carriage = results.carriage(session, everything=everything, without=without_results)
            photos = [*_photos(session, everything), *carriage.scans]
            count, _ = visits.weight(session, everything=everything)
            if not count and not photos and carriage.empty and not inventory.asked(session):
                return Exported((), 0, 0, Changes())
            hashes: list[str] = []
            steps = _Steps(progress, count)
            lines = _lines(session, hashes, everything=everything)
            cutter = Cutter("visits", lines, spool, steps.packed)
            planned = parts.plan(cutter, _last_records(session, carriage, spool), photos, target)
            proof = _proof(session)
        with files.errors(folder):
            files.make_folder(folder)
            files.make_folder(village.folder / OUTBOX, 0o700)
            place.sweep(folder, village.kode_desa)
        files.require_space(folder, sum(one.size for one in planned) + _ROOM)
        letter = _Letter(
            village, gate, folder, now, identity.uuid7(now), len(planned), proof, carriage
        )
        done: list[Part] = []
        touched: frozenset[str] = frozenset()
        for number, one in enumerate(planned, 1):
            mine, hashes = hashes[: one.visits], hashes[one.visits :]
            part, households = _write_part(letter, one, number, mine, steps.part(number, planned))
            done.append(part)
            touched |= households
    place.remember(village)
    return Exported(
        tuple(done),
        sum(one.visits for one in done),
        sum(one.attachments for one in done),
        Changes(households=touched, handover=True),
    )


class _Steps:
    """Progress of an export in thousandths: packing is the first half, writing the second."""

    def __init__(self, progress: Progress, rows: int) -> None:
        self._progress = progress
        self._rows = max(rows, 1)
        self._done = 0

    def packed(self, rows: int) -> None:
        """Tell that so many further rows were packed."""
        self._done += rows
        self._progress(min(_HALF * self._done // self._rows, _HALF), 2 * _HALF)

    def part(self, number: int, planned: Sequence[parts.Part]) -> Progress:
        """Return the progress of one part, by its weight among all."""
        whole = max(sum(one.size for one in planned), 1)
        before = sum(one.size for one in planned[: number - 1])
        mine = planned[number - 1].size

        def tell(done: int, total: int) -> None:
            self._progress(
                _HALF + _HALF * (before + mine * done // max(total, 1)) // whole, 2 * _HALF
            )

        return tell


def _lines(session: Session, hashes: list[str], *, everything: bool) -> Iterator[bytes]:
    """Yield the lines that an export carries; `hashes` gets the hash of each."""
    from siks_offline.db import visits

    for one in visits.sendable(session) if everything else visits.unreceived(session):
        hashes.append(one.sha256)
        yield one.line.encode()


def _last_records(session: Session, carriage: Carriage, spool: Staging) -> list[Packed]:
    """Pack what goes into the last part of every export."""
    from siks_offline.desa import inventory
    from siks_offline.export.packing import RecordFile, pack_records

    held = RecordFile("inventory", inventory.lines(session))
    # Large ones open parts of their own; the inventory stays behind them all.
    return [pack_records(one, spool, lambda _: None) for one in (*carriage.files(), held)]


def _proof(session: Session) -> dict[str, Any]:
    """Return what a manifest says of the last receipt and of the audit trail."""
    from siks_offline.db import audit, ledger

    receipt = ledger.latest_arrival(session, "receipt")
    acks = {"manifest_sha256": receipt.manifest_sha256, "seq": receipt.seq} if receipt else None
    return {"acks": acks, "audit": sending.trail(*audit.head(session))}


@dataclass(frozen=True, slots=True)
class _Letter:
    """What all parts of one export have in common."""

    village: Village
    gate: VillageGate
    folder: Path
    now: datetime
    export_id: str
    count: int
    proof: Mapping[str, Any]
    carriage: Carriage


def _write_part(
    of: _Letter, planned: parts.Part, number: int, hashes: list[str], progress: Progress
) -> tuple[Part, frozenset[str]]:
    from siks_offline.export import bundle, identity

    village, stream = of.village, _stream(of.village)
    instrument, last = village.instrument, number == of.count
    written = bundle.write(
        village.folder / OUTBOX,
        sending.envelope(
            stream,
            village,
            of.gate.keyset,
            "visits",
            of.now,
            bundle_id=of.export_id if of.count == 1 else identity.uuid7(of.now),
            instrument={
                "id": instrument.id,
                "version": instrument.version,
                "sha256": instrument.sha256,
            },
            part=(of.export_id, number, of.count),
            documents=of.carriage.documents if last else (),
            **of.proof,
        ),
        device.signing(stream),
        planned.records,
        [_photo(village, one) for one in planned.attachments],
        private=True,
        progress=progress,
    )
    target = of.folder / written.name
    photos = [one.sha256 for one in planned.attachments if one.household_id]
    carried = [one.sha256 for one in planned.attachments if not one.household_id]
    kinds = {one.header.name for one in planned.records}
    carried += [one.sha256 for one in of.carriage.lines if f"records/{one.kind}.ndjson" in kinds]
    with (
        sending.numbered(target, village) as naming,
        sending.taken_back(target, written.path),
    ):
        if written.size > planned.size:
            raise StoreError("E_PART_SIZE", ukuran=written.size, paling_besar=planned.size)
        _carry(written, target, lambda: naming(written))
        households = _record(village, written, hashes, photos, carried, of.now, last=last)
    part = Part(
        target,
        written.manifest["bundle_id"],
        stream.next_seq,
        written.manifest_sha256,
        written.size,
        len(hashes),
        len(planned.attachments),
        number,
        of.count,
    )
    return part, households


def _stream(village: Village) -> Stream:
    """Return the stream as it stands after the part before."""
    from siks_offline.db import ledger

    with village.store.read() as session:
        found = ledger.current_stream(session)
    assert found is not None
    return found


def _photos(session: Session, everything: bool) -> list[Stored]:
    """Attachments that no receipt confirmed, or all."""
    from siks_offline.db import attachments, ledger

    wanted = None if everything else set(ledger.attachments_due(session))
    return [one for one in attachments.every(session) if wanted is None or one.sha256 in wanted]


def _photo(village: Village, one: Stored) -> AttachmentFile:
    from siks_offline.export import bundle

    def read() -> bytes:
        with village.store.read() as session:
            return results.content(session, one)

    return bundle.AttachmentFile(one.sha256, one.extension, read)


def _carry(
    written: Written, target: Path, naming: Callable[[], AbstractContextManager[None]]
) -> None:
    """Copy a file from the outbox to where it travels, read back; the outbox may be that place."""
    from siks_offline.errors import FileError
    from siks_offline.export import files

    with files.errors(target.parent):
        if target.exists() and target.samefile(written.path):
            with naming():
                return

    def put(out: files.Hashing) -> None:
        with written.path.open("rb") as source:
            shutil.copyfileobj(source, out, files.BLOCK)

    if files.write_whole(target, put, naming=naming) != written.file_sha256:
        raise FileError("E_MEDIA_BAD", berkas=target.name)


def _record(
    village: Village,
    written: Written,
    hashes: list[str],
    photos: list[str],
    carried: list[str],
    now: datetime,
    *,
    last: bool,
) -> frozenset[str]:
    from siks_offline.db import audit, households, ledger, records, visits
    from siks_offline.desa import inventory
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        if last:
            inventory.sent(session, written.manifest_sha256)
        sending.record(session, village.account, written, hashes, photos)
        records.sent(session, written.manifest_sha256, carried)
        said = ledger.results(session, hashes)
        newest = {
            household_id
            for sha256, (household_id, is_newest) in visits.households_of(session, hashes).items()
            if is_newest and sha256 not in said
        }
        lines = households.lines(session, newest)
        waiting = {id_ for id_ in newest if lines[id_].kerja == "selesai"}
        households.set_states(session, dict.fromkeys(waiting, households.States(kirim="dikirim")))
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action="serah.ekspor",
            subject=written.manifest["bundle_id"],
            detail={"seq": written.manifest["chain"]["seq"], "kunjungan": len(hashes)},
        )
    return frozenset(waiting)
