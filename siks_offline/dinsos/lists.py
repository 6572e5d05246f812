"""Lists for one village: matching results and determinations, sent signed and sealed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline import wilayah
from siks_offline.db import office_registry
from siks_offline.dinsos import receipts
from siks_offline.errors import SiksError
from siks_offline.export import bundle, list_lines, outside_lists
from siks_offline.period import quarter
from siks_offline.progress import silent

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.dinsos.office import Office
    from siks_offline.export.outside_lists import Kind, ListRow
    from siks_offline.model import CellIssue
    from siks_offline.progress import Progress


@dataclass(frozen=True, slots=True)
class Made:
    """A list that stands on its medium; `left_out` are rows of other villages or refused."""

    path: Path
    kind: Kind
    rows: int
    left_out: int
    issues: tuple[CellIssue, ...]


def make(
    office: Office,
    source: Path,
    kode_desa: str,
    target: Path,
    now: datetime,
    *,
    period: str = "",
    progress: Progress = silent,
) -> Made:
    """Write a list from Excel or CSV as a bundle for a village, sealed to its active devices.

    Rows that name another desa or kecamatan stay here: a village gets its own people only. Raises
    SiksError E_NO_DEVICE, WorkbookError, FileError, BundleError E_RECORD_SCHEMA.
    """
    kinds = (*outside_lists.MATCHING, *outside_lists.DETERMINING)
    found = outside_lists.read(source, kinds, progress)
    kept = [row for row in found.rows if not row.refused and _belongs(row, kode_desa)]
    with office.store.write() as session:
        devices = office_registry.devices(session, kode_desa, "active")
        if not devices:
            raise SiksError("E_NO_DEVICE", kode=wilayah.dotted(kode_desa))
        draft = bundle.Draft(
            type=list_lines.type_of(found.kind),
            bundle_id=str(uuid.uuid4()),
            created_at=now,
            sender_id=office.id,
            device=office.device,
            recipient_id=f"desa:{kode_desa}",
            enc=sorted({device["recipient"] for device in devices}),
            stream=str(uuid.uuid4()),
            seq=1,
            prev=None,
            period=quarter(now),
            practice=office.practice,
        )
        head = list_lines.Head(found.kind, kode_desa, source.name[:200], period, len(kept))
        written = receipts.send(office, draft, list_lines.write(head, kept), progress)
        office.record(session, now, "daftar.kirim", kode_desa, jenis=found.kind, baris=len(kept))
    path = receipts.copy_out(office.sent(written.file_sha256), target)
    left_out = len(found.rows) - len(kept)
    return Made(path, found.kind, len(kept), left_out, tuple(found.issues))


def _belongs(row: ListRow, kode_desa: str) -> bool:
    """Whether a row is of this village, as far as it says."""
    desa, kecamatan = row.values.get("desa", ""), row.values.get("kecamatan", "")
    if desa and kecamatan:
        return wilayah.is_village(kode_desa, desa, kecamatan)
    return not desa or wilayah.same_name(desa, wilayah.name(kode_desa))
