"""The office's answers: what a device must be told, written as signed receipts in its own stream.

A receipt is cumulative: it repeats every result that the device has not acknowledged, so any one
later receipt suffices. Nothing new to tell gives the receipt that was made before, byte for byte.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline.db import office as store_office
from siks_offline.db import (
    office_bundles,
    office_records,
    office_registry,
    office_replies,
    office_visits,
)
from siks_offline.dinsos import match, rivals
from siks_offline.dinsos.office import SENT, WITHDRAWN
from siks_offline.errors import SiksError
from siks_offline.export import bundle, canonical, files, prelist_lines, receipt, records
from siks_offline.export import return_file as return_files
from siks_offline.export.receipt import BundleResult, LackedVisit, Receipt, VisitResult
from siks_offline.period import quarter
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.dinsos.office import Office
    from siks_offline.dinsos.receive import Arrival
    from siks_offline.progress import Progress

ANSWERED = frozenset({"active", "replaced"})
"""States of devices that are told what became of their files; one put out is not."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Issued:
    """A receipt that stands in the office's folder, and the name it travels under."""

    path: Path
    name: str
    seq: int


def issue(office: Office, device_id: str, now: datetime) -> Issued:
    """Return the receipt that tells a device all it has not acknowledged, made now if need be.

    Raises SiksError E_NO_DEVICE for a device that is not active: nothing is sealed to a key that
    may be stolen.
    """
    with office.store.write() as session:
        device = office_registry.device(session, device_id)
        if device is None or device["status"] not in ANSWERED:
            raise SiksError("E_NO_DEVICE", kode="" if device is None else device["kode_desa"])
        found, told = _content(session, device)
        # Under another key set it is another receipt: it is how villages learn of new keys.
        content = _fingerprint(found, office.keyset.version)
        last = office_replies.newest_receipt(session, device["out_stream"])
        if last is not None and last["content_sha256"] == content:
            return _issued(office, device, last)
        row = _write(office, session, device, found, content, last, now)
        office_bundles.report(session, told, row["seq"])
        office.record(session, now, "tanda-terima.buat", row["manifest_sha256"], seq=row["seq"])
    return _issued(office, device, row)


def reissue(office: Office, arrival: Arrival, now: datetime) -> Issued:
    """Return the receipt that answers a file which came once more.

    As long as the newest receipt of its device still tells of it, that one; else the one that told
    of it first.
    """
    with office.store.read() as session:
        device = office_registry.device(session, arrival.device)
        row = office_bundles.bundle(session, arrival.manifest_sha256)
        if device is not None and row is not None and row["reported"] is not None:
            acknowledged = _acknowledged(session, device)
            first = office_replies.receipt(session, device["out_stream"], row["reported"])
            sound = all(signer.status == "active" for signer in office.keyset.signers)
            if row["reported"] <= acknowledged and first is not None and sound:
                return _issued(office, device, first)
    return issue(office, arrival.device, now)


def deliver(
    office: Office, arrivals: Iterable[Arrival], folder: Path, now: datetime
) -> dict[str, Path]:
    """Copy the answers to some arrivals into a folder; return them by manifest hash.

    All new files of a device are answered by one receipt. A device that is not active, such as one
    that waits for approval or was put out, gets none.
    """
    with files.errors(folder):
        files.make_folder(folder)
    fresh: dict[str, Issued] = {}
    found: dict[str, Path] = {}
    for arrival in arrivals:
        with office.store.read() as session:
            device = office_registry.device(session, arrival.device)
        if device is None or device["status"] not in ANSWERED:
            continue
        if arrival.hasil == "sudah":
            issued = reissue(office, arrival, now)
        elif arrival.device in fresh:
            issued = fresh[arrival.device]
        else:
            issued = fresh[arrival.device] = issue(office, arrival.device, now)
        found[arrival.manifest_sha256] = copy_out(issued.path, folder / issued.name)
    return found


def copy_out(source: Path, target: Path) -> Path:
    """Copy a file that is sent, whole or not at all."""

    def fill(out: files.Hashing) -> None:
        with files.errors(source, reading=True), source.open("rb") as file:
            while block := file.read(files.BLOCK):
                out.write(block)

    files.write_whole(target, fill)
    return target


def return_file(office: Office, target: Path, now: datetime) -> int:
    """Write newest prelists and receipts of all active devices into one file; return the villages.

    A device that was followed by another is answered too when files of it came since: its village
    was restored from a copy of before. Raises SiksError E_NOTHING_TO_SEND when no village is
    paired.
    """
    with office.store.read() as session:
        devices = office_registry.devices(session, status="active")
        villages = {device["kode_desa"] for device in devices}
        devices += office_registry.heard_since_replaced(session)
        prelists = standing_prelists(session)
    parts = [issue(office, device["device"], now).path for device in devices]
    parts += [
        office.sent(row["file_sha256"])
        for row in prelists
        if row["kode_desa"] in villages
        and canonical.stamp(now) < prelist_lines.expiry(row["made_at"])
    ]
    if not parts:
        raise SiksError("E_NOTHING_TO_SEND")
    return_files.write(target, parts)
    return len(villages)


def standing_prelists(session: Session) -> list[dict[str, Any]]:
    """Return the newest prelist of every village, those that were withdrawn left out."""
    gone = withdrawn(session)
    return [
        row
        for row in office_replies.newest_prelists(session)
        if row["version"] > gone.get(row["kode_desa"], 0)
    ]


def withdrawn(session: Session) -> dict[str, int]:
    """Return the version of the last prelist of a village that must not be sent any more."""
    found: dict[str, int] = json.loads(store_office.fact(session, WITHDRAWN, "{}"))
    return found


# What a device must be told --------------------------------------------------------------------


def _acknowledged(session: Session, device: Mapping[str, Any]) -> int:
    links = office_bundles.links(session, device["device"])
    return match.acknowledged(links, office_replies.receipt_numbers(session, device["out_stream"]))


def _content(session: Session, device: Mapping[str, Any]) -> tuple[Receipt, list[str]]:
    """Return what a receipt says now, and the bundles that it tells of."""
    links = office_bundles.links(session, device["device"])
    numbers = office_replies.receipt_numbers(session, device["out_stream"])
    acknowledged = match.acknowledged(links, numbers)
    told = [
        row
        for row in office_bundles.of_device(session, device["device"])
        if row["reported"] is None or row["reported"] > acknowledged
    ]
    missing = [
        (stream, seq)
        for (_, _, stream), state in match.stream_states(links).items()
        for seq in state.missing_numbers()
    ]
    visits, attachments = _lacks(session, device)
    prelist = office_replies.newest_prelist(session, device["kode_desa"])
    return Receipt(
        bundles=tuple(_bundle_result(row) for row in told),
        visits=tuple(
            result
            for row in told
            if row["result"] != "accepted"
            for result in _visit_results(session, row)
        ),
        missing=tuple(missing),
        lacked_visits=tuple(visits),
        lacked_attachments=tuple(attachments),
        prelist=None if prelist is None else (prelist["version"], prelist["manifest_sha256"]),
        choices=rivals.choices(session, device["kode_desa"]),
    ), [row["manifest_sha256"] for row in told]


def _bundle_result(row: Mapping[str, Any]) -> BundleResult:
    return BundleResult(
        bundle_id=row["bundle_id"],
        manifest_sha256=row["manifest_sha256"],
        stream=row["stream"],
        seq=row["seq"],
        received_at=canonical.moment(row["received_at"]),
        result=row["result"],
        accepted=row["accepted"],
        held=row["held"],
        rejected=row["rejected"],
        code=row["code"],
    )


def _visit_results(session: Session, row: Mapping[str, Any]) -> list[VisitResult]:
    """Return results of lines; those whose own words give no sound id cannot be named."""
    return [
        VisitResult(
            bundle_id=row["bundle_id"],
            visit_id=line["visit_id"],
            hash=line["sha256"],
            result=line["result"],
            code=line["code"],
            comment=line["comment"],
            path=line["path"],
        )
        for line in office_bundles.results(session, row["manifest_sha256"])
        if _UUID.fullmatch(line["visit_id"]) and _SHA256.fullmatch(line["sha256"])
    ]


def _lacks(session: Session, device: Mapping[str, Any]) -> tuple[list[LackedVisit], list[str]]:
    """Return what the device's inventories hold and the store does not, what it answered aside."""
    kode = device["kode_desa"]
    visits: dict[tuple[str, int, str], None] = {}
    attachments: set[str] = set()
    for _, body in office_bundles.inventories(session, device["device"]):
        for line in body.splitlines():
            found = records.parse_inventory(canonical.loads(line))
            if isinstance(found, str):
                attachments.add(found)
            else:
                visits[found] = None
    if not visits and not attachments:
        return [], []
    here = {
        (visit_id, revision, records.short_hash(sha256))
        for visit_id, revision, sha256 in itertools.chain(
            office_visits.revision_keys(session, kode), office_records.keys(session, kode)
        )
    }
    answered = {records.short_hash(one) for one in office_bundles.set_aside(session, kode)}
    return (
        sorted(
            (LackedVisit(*one) for one in visits if one not in here and one[2] not in answered),
            key=lambda one: (one.visit_id, one.revision, one.short),
        ),
        sorted(attachments - office_visits.attachments_of(session, kode)),
    )


def _fingerprint(found: Receipt, keyset_version: int) -> str:
    digest = hashlib.sha256(b"%d\n" % keyset_version)
    for file in receipt.write(found):
        digest.update(file.name.encode() + b"\n")
        for line in file.lines:
            digest.update(canonical.dumps(line) + b"\n")
    return digest.hexdigest()


# Writing ---------------------------------------------------------------------------------------


def _write(
    office: Office,
    session: Session,
    device: Mapping[str, Any],
    found: Receipt,
    content: str,
    last: Mapping[str, Any] | None,
    now: datetime,
) -> dict[str, Any]:
    stream = device["out_stream"]
    before = office_replies.last_of_device(session, device["device"]) if last is None else None
    draft = bundle.Draft(
        type="receipt",
        bundle_id=str(uuid.uuid4()),
        created_at=now,
        sender_id=office.id,
        device=office.device,
        recipient_id=f"desa:{device['kode_desa']}",
        enc=(device["recipient"],),
        stream=stream,
        seq=1 if last is None else last["seq"] + 1,
        prev=None if last is None else last["manifest_sha256"],
        after=None if before is None else before["manifest_sha256"],
        period=quarter(now),
        practice=office.practice,
    )
    written = send(office, draft, receipt.write(found))
    row = {
        "stream": stream,
        "seq": draft.seq,
        "device": device["device"],
        "manifest_sha256": written.manifest_sha256,
        "file_sha256": written.file_sha256,
        "content_sha256": content,
        "made_at": canonical.stamp(now),
    }
    office_replies.add_receipt(session, row)
    return row


def send(
    office: Office,
    draft: bundle.Draft,
    found: Sequence[bundle.RecordFile],
    progress: Progress = silent,
) -> bundle.Written:
    """Write a signed bundle that carries the key set into the folder of what was sent.

    Its size is brought to a power of two: what travels in a return file shows no counts.
    """
    written = bundle.write(
        office.folder / SENT,
        draft,
        office.keys.signing,
        found,
        keyset=office.signed_keyset,
        name=f".{draft.bundle_id}.part",
        pad=True,
        private=True,
        progress=progress,
    )
    sent = office.sent(written.file_sha256)
    with files.errors(sent):
        files.put_in_place(written.path, sent, written.file_sha256)
    return written


def _issued(office: Office, device: Mapping[str, Any], row: Mapping[str, Any]) -> Issued:
    return Issued(office.sent(row["file_sha256"]), name_of(device["kode_desa"], row), row["seq"])


def name_of(kode_desa: str, row: Mapping[str, Any]) -> str:
    """Return the name under which a sent file travels."""
    return f"siks-{kode_desa}-{row['seq']:06}-{row['file_sha256'][:8]}.siks"
