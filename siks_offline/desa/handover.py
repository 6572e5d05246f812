"""What leaves the village for its Dinsos."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from siks_offline.desa import parts
from siks_offline.desa.rights import action
from siks_offline.errors import StoreError
from siks_offline.model import Changes
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.db.attachments import Stored
    from siks_offline.db.visits import RevisionLine
    from siks_offline.desa.gate import VillageGate
    from siks_offline.desa.village import Village
    from siks_offline.export.bundle import AttachmentFile, Written
    from siks_offline.progress import Progress

OUTBOX: Final = "ekspor"
_ROOM: Final = 1 << 20


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
    target: int = parts.TARGETS["usb"],
    progress: Progress = silent,
) -> Exported:
    """Write every revision and photo that no receipt settled into a folder, signed and sealed.

    No file is larger than `target` bytes. Each is written whole into the village's own outbox,
    then copied to the folder and read back there, and only then recorded as sent (BUNDLE.md 1.7).
    Raises StoreError E_NOT_PAIRED, E_NOT_APPROVED; FileError for the medium, after which no
    half-written file remains, and E_PHOTO_PART.
    """
    from siks_offline.db import visits
    from siks_offline.desa import inventory, place, renewal
    from siks_offline.desa.gate import VillageGate
    from siks_offline.export import canonical, files, identity

    place.check(village, now)
    gate = VillageGate(village)
    with village.store.read() as session:
        if not renewal.is_approved(session, gate.stream):
            raise StoreError("E_NOT_APPROVED")
        photos = _photos(session, everything)
        count, raw = visits.weight(session, everything=everything)
        if not count and not photos and not inventory.asked(session):
            return Exported((), 0, 0, Changes())
        planned = parts.plan(
            (one.line for one in _revisions(session, everything)),
            raw,
            photos,
            lambda: (canonical.dumps(line) for line in inventory.lines(session)),
            target,
        )
    with files.errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (village.folder / OUTBOX).mkdir(mode=0o700, exist_ok=True)
        place.sweep(folder, village.kode_desa)
    files.require_space(folder, sum(one.size for one in planned) + _ROOM)
    export_id = identity.uuid7(now)
    done: list[Part] = []
    touched: frozenset[str] = frozenset()
    attachments = sent = 0
    with village.store.read() as session:
        revisions = _revisions(session, everything)
        for number, one in enumerate(planned, 1):
            part = _write_part(
                village,
                gate,
                session,
                revisions if one.visits < 0 else islice(revisions, one.visits),
                one,
                folder,
                now,
                export_id,
                number,
                len(planned),
                count,
                progress,
            )
            done.append(part.part)
            touched |= part.households
            sent += part.visits
            attachments += part.attachments
    place.remember(village)
    return Exported(tuple(done), sent, attachments, Changes(households=touched, handover=True))


def _revisions(session: Session, everything: bool) -> Iterator[RevisionLine]:
    from siks_offline.db import visits

    return visits.every_revision(session) if everything else visits.unreceived(session)


@dataclass(frozen=True, slots=True)
class _Sent:
    part: Part
    visits: int
    attachments: int
    households: frozenset[str]


def _write_part(
    village: Village,
    gate: VillageGate,
    session: Session,
    revisions: Iterator[RevisionLine],
    planned: parts.Part,
    folder: Path,
    now: datetime,
    export_id: str,
    number: int,
    count: int,
    rows: int,
    progress: Progress,
) -> _Sent:
    from siks_offline.crypto.sshsig import SigningKey
    from siks_offline.db import audit, ledger
    from siks_offline.desa import inventory
    from siks_offline.export import bundle, identity

    stream = ledger.current_stream(session) if number == 1 else _stream(village)
    assert stream is not None
    receipt = ledger.latest_arrival(session, "receipt")
    audit_seq, audit_head = audit.head(session)
    hashes: list[str] = []

    def lines() -> Iterator[bytes]:
        for one in revisions:
            hashes.append(one.sha256)
            yield one.line.encode()

    guess = rows if planned.visits < 0 else planned.visits
    records = [bundle.RecordFile("visits", lines(), rows=guess)]
    if number == count:
        records.insert(0, bundle.RecordFile("inventory", inventory.lines(session)))
    photos = [_photo(village, one) for one in planned.attachments]
    instrument = village.instrument
    draft = bundle.Draft(
        type="visits",
        bundle_id=export_id if count == 1 else identity.uuid7(now),
        created_at=now,
        sender_id=gate.own_id,
        device=stream.device,
        recipient_id=gate.keyset.id,
        enc=gate.keyset.enc,
        stream=stream.stream,
        seq=stream.next_seq,
        prev=stream.last_manifest,
        after=stream.after if stream.next_seq == 1 else None,
        period=village.period,
        practice=village.practice,
        instrument={
            "id": instrument.id,
            "version": instrument.version,
            "sha256": instrument.sha256,
        },
        acks={"manifest_sha256": receipt.manifest_sha256, "seq": receipt.seq} if receipt else None,
        audit={"head": audit_head, "seq": audit_seq} if audit_seq else None,
        part=(export_id, number, count),
        keyset=(gate.keyset.version, gate.keyset.sha256),
    )
    written = bundle.write(
        village.folder / OUTBOX,
        draft,
        SigningKey.from_seed(stream.signing_seed),
        records,
        photos,
        private=True,
        progress=progress,
    )
    target = folder / written.name
    try:
        if written.size > planned.size:
            raise StoreError("E_PART_SIZE", ukuran=written.size, paling_besar=planned.size)
        _carry(written, target)
        record = ledger.Export(
            manifest_sha256=written.manifest_sha256,
            bundle_id=draft.bundle_id,
            type="visits",
            stream=stream.stream,
            seq=stream.next_seq,
            file_name=written.name,
            file_sha256=written.file_sha256,
            size=written.size,
            at=written.manifest["created_at"],
            by=village.account,
            visits=len(hashes),
            attachments=len(photos),
            audit_seq=audit_seq or None,
            audit_head=audit_head or None,
        )
        households = _record(
            village, record, hashes, [photo.sha256 for photo in photos], now, last=number == count
        )
    except BaseException:
        # What is not recorded as sent must not travel: the next file would bear its number.
        for file in (target, written.path):
            with suppress(OSError):
                file.unlink(missing_ok=True)
        raise
    part = Part(
        target,
        draft.bundle_id,
        stream.next_seq,
        written.manifest_sha256,
        written.size,
        len(hashes),
        len(photos),
        number,
        count,
    )
    return _Sent(part, len(hashes), len(photos), households)


def _stream(village: Village) -> Any:
    """The stream as it stands after the part before; the export's own session is older."""
    from siks_offline.db import ledger

    with village.store.read() as session:
        return ledger.current_stream(session)


def _photos(session: Session, everything: bool) -> list[Stored]:
    """Attachments that no receipt confirmed, or all."""
    from siks_offline.db import attachments, ledger

    wanted = None if everything else set(ledger.attachments_due(session))
    return [one for one in attachments.every(session) if wanted is None or one.sha256 in wanted]


def _photo(village: Village, one: Stored) -> AttachmentFile:
    from siks_offline.db import attachments
    from siks_offline.export import bundle

    def read() -> bytes:
        with village.store.read() as session:
            return attachments.content(session, one.sha256) or b""

    return bundle.AttachmentFile(one.sha256, one.extension, read)


def _carry(written: Written, target: Path) -> None:
    """Copy a file from the outbox to where it travels, read back; the outbox may be that place."""
    from siks_offline.errors import FileError
    from siks_offline.export import files

    with files.errors(target.parent):
        if target.exists() and target.samefile(written.path):
            return

    def put(out: files.Hashing) -> None:
        with written.path.open("rb") as source:
            shutil.copyfileobj(source, out, files.BLOCK)

    if files.write_whole(target, put) != written.file_sha256:
        raise FileError("E_MEDIA_BAD", berkas=target.name)


def _record(
    village: Village,
    record: Any,
    hashes: list[str],
    photos: list[str],
    now: datetime,
    *,
    last: bool,
) -> frozenset[str]:
    from siks_offline.db import audit, households, ledger, visits
    from siks_offline.desa import inventory
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        if last:
            inventory.sent(session)
        ledger.record_export(session, record, hashes, photos)
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
            subject=record.bundle_id,
            detail={"seq": record.seq, "kunjungan": record.visits},
        )
    return frozenset(waiting)
