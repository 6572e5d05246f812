"""A village's prelist: read from a workbook, kept by version, sent signed and sealed."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline import wilayah
from siks_offline.db import office as store_office
from siks_offline.db import office_registry, office_replies
from siks_offline.dinsos import receipts
from siks_offline.dinsos.gate import INSTRUMENTS
from siks_offline.dinsos.office import WITHDRAWN
from siks_offline.errors import SiksError, WorkbookError
from siks_offline.export import bundle, canonical, prelist_book, prelist_lines
from siks_offline.export.prelist_lines import Household
from siks_offline.period import quarter
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.dinsos.office import Office
    from siks_offline.model import CellIssue
    from siks_offline.progress import Progress


@dataclass(frozen=True, slots=True)
class FromBook:
    """What a workbook gives: households of the village, how many rows were refused, and why."""

    households: tuple[Household, ...]
    refused: int
    issues: tuple[CellIssue, ...]
    bps: str


@dataclass(frozen=True, slots=True)
class Made:
    """A prelist that stands on its medium."""

    path: Path
    version: int
    households: int


def read(
    path: Path, kode_desa: str, *, bind: bool = False, progress: Progress = silent
) -> FromBook:
    """Read a prelist workbook of any known layout; rows of other villages are refused.

    Raises WorkbookError, FileError.
    """
    from siks_offline.instrument.load import load_shipped

    reading = prelist_book.read(path, load_shipped(INSTRUMENTS[0]), kode_desa, progress)
    bps = prelist_book.bound_code(reading, "", bind=bind)
    kept, refused = [], 0
    for found in reading.take():
        foreign = not prelist_book.belongs(found.place, kode_desa, bps, bind=bind)
        if foreign and not found.refused:
            where = found.place.kode or f"{found.place.desa}, {found.place.kecamatan}"
            fault = WorkbookError("E_WILAYAH", wilayah=where, desa=wilayah.name(kode_desa))
            reading.issue(fault, found.sheet, found.row)
        if foreign or found.refused:
            refused += 1
        else:
            kept.append(Household(found.id, found.idbdt, found.answers, found.persons))
    return FromBook(tuple(kept), refused, tuple(reading.issues), bps)


def make(
    office: Office,
    kode_desa: str,
    households: Sequence[Household],
    target: Path,
    now: datetime,
    *,
    bps: str = "",
    progress: Progress = silent,
) -> Made:
    """Write the prelist of a village, sealed to its active devices.

    The same households for the same devices give the same file again; anything else the next
    version. Raises SiksError E_NO_DEVICE, BundleError E_RECORD_SCHEMA, FileError.
    """
    lines = [household.line() for household in households]
    with office.store.write() as session:
        devices = office_registry.devices(session, kode_desa, "active")
        if not devices:
            raise SiksError("E_NO_DEVICE", kode=wilayah.dotted(kode_desa))
        enc = sorted({device["recipient"] for device in devices})
        content = prelist_lines.content_hash("\n".join((bps, *enc)), lines)
        last = office_replies.newest_prelist(session, kode_desa)
        if last is not None and last["content_sha256"] == content and _serves(session, last, now):
            row = last
        else:
            version = store_office.next_version(session, 0 if last is None else last["version"])
            draft = bundle.Draft(
                type="prelist",
                bundle_id=str(uuid.uuid4()),
                created_at=now,
                sender_id=office.id,
                device=office.device,
                recipient_id=f"desa:{kode_desa}",
                enc=enc,
                stream=str(uuid.uuid4()) if last is None else last["stream"],
                seq=1 if last is None else last["seq"] + 1,
                prev=None if last is None else last["manifest_sha256"],
                period=quarter(now),
                practice=office.practice,
            )
            made_at = canonical.stamp(now)
            until = prelist_lines.expiry(made_at)
            head = prelist_lines.Head(kode_desa, version, len(lines), bps, until)
            written = receipts.send(office, draft, prelist_lines.write(head, lines), progress)
            row = {
                "kode_desa": kode_desa,
                "version": version,
                "stream": draft.stream,
                "seq": draft.seq,
                "manifest_sha256": written.manifest_sha256,
                "file_sha256": written.file_sha256,
                "content_sha256": content,
                "households": len(lines),
                "made_at": made_at,
            }
            ids = sorted({household.household_id for household in households})
            office_replies.add_prelist(session, row, ids)
            office.record(session, now, "prelist.buat", kode_desa, version=version)
    path = receipts.copy_out(office.sent(row["file_sha256"]), target)
    return Made(path, row["version"], row["households"])


def _serves(session: Session, last: Mapping[str, Any], now: datetime) -> bool:
    """Whether a prelist that was sent can be sent again: half its time left, its key in use."""
    half = canonical.moment(last["made_at"]) + prelist_lines.VALID / 2
    return now < half and last in receipts.standing_prelists(session)


def withdraw(session: Session, kode_desa: str = "") -> None:
    """Let the newest prelist of a village, or of all, be sent no more; it must be made again."""
    withdrawn = receipts.withdrawn(session) | {
        row["kode_desa"]: row["version"]
        for row in office_replies.newest_prelists(session)
        if kode_desa in {"", row["kode_desa"]}
    }
    store_office.set_fact(session, WITHDRAWN, json.dumps(withdrawn, sort_keys=True))
