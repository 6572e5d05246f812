"""A prelist that the Dinsos signed and sealed: judged, then merged into what the village began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siks_offline.desa import prelist
from siks_offline.desa.rights import action
from siks_offline.errors import BundleError
from siks_offline.export import canonical, prelist_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.desa.prelist import Preview, PreviewLine
    from siks_offline.desa.village import Village
    from siks_offline.export.opening import Opened

VERSION: Final = "prelist.versi"
"""Meta key of the prelist version that was loaded last."""


@action
def preview(village: Village, opened: Opened, now: datetime) -> Preview:
    """Say what an opened prelist bundle would do; nothing is written.

    Raises BundleError E_PRELIST_OLD for a version that is not higher than the last one,
    E_PRELIST_EXPIRED, E_RECORD_SCHEMA, E_SCOPE for a prelist of another village.
    """
    from siks_offline.db import meta

    head = prelist_lines.read_head(opened)
    if head.kode_desa != village.kode_desa:
        raise BundleError("E_SCOPE", kode_desa=head.kode_desa)
    if head.expires_at and canonical.stamp(now) >= head.expires_at:
        raise BundleError("E_PRELIST_EXPIRED", versi=head.version, sampai=head.expires_at[:10])
    pending: list[tuple[str, str | None, str]] = []
    with village.store.read() as session:
        known = int(meta.get(session, VERSION) or 0)
        if head.version <= known:
            raise BundleError("E_PRELIST_OLD", versi=head.version, dikenal=known)
        lines = tuple(_lines(session, opened, pending))
    return prelist.Preview(
        jenis="siks",
        file_name=opened.manifest["bundle_id"],
        lines=lines,
        issues=(),
        bps=head.bps or village.bps,
        pending=tuple(pending),
        version=head.version,
    )


@action
def nothing_new(village: Village, opened: Opened) -> Preview:
    """Say that a prelist which was taken in before leaves every household as it is."""
    rows = sum(
        entry["rows"]
        for entry in opened.manifest["entries"]
        if entry["path"] == f"records/{prelist_lines.LINES}.ndjson"
    )
    lines = tuple(
        prelist.PreviewLine("", "", "", prelist_lines.LINES, number, "dilewati", "I_SAMA")
        for number in range(1, rows + 1)
    )
    return prelist.Preview(
        jenis="siks",
        file_name=opened.manifest["bundle_id"],
        lines=lines,
        issues=(),
        bps=village.bps,
        pending=(),
    )


def _lines(
    session: Session, opened: Opened, pending: list[tuple[str, str | None, str]]
) -> Iterator[PreviewLine]:
    from siks_offline.db import households

    hashes = households.prelist_hashes(session)
    begun = households.begun(session)
    known = set(hashes) | set(households.ids_by_idbdt(session).values())
    for number, one in enumerate(prelist_lines.read(opened), start=1):
        listed = prelist.listed(one.household_id, one.idbdt or None, one.answers, one.persons)
        result: prelist.Result
        reason = ""
        if hashes.get(one.household_id) == households.fingerprint(listed):
            result, reason = "dilewati", "I_SAMA"
        elif one.household_id in known:
            result = "diperbarui"
            reason = "I_SUDAH_DIMULAI" if one.household_id in begun else ""
            pending.append(prelist.packed(listed))
        else:
            result = "ditambah"
            pending.append(prelist.packed(listed))
        yield prelist.PreviewLine(
            one.household_id,
            one.idbdt,
            listed.facts.nama_krt,
            prelist_lines.LINES,
            number,
            result,
            reason,
        )
