"""Matching results and determination lists that the Dinsos signed and sealed for this village."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.desa import entitlements, matching
from siks_offline.desa.rights import action
from siks_offline.errors import BundleError
from siks_offline.export import list_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village
    from siks_offline.export.list_lines import Head
    from siks_offline.export.opening import Opened
    from siks_offline.export.outside_lists import OutsideList
    from siks_offline.model import Changes


@action
def preview(village: Village, opened: Opened) -> Mapping[str, int]:
    """Count what an opened list would bring; nothing is written.

    Raises BundleError E_RECORD_SCHEMA, E_SCOPE for a list of another village.
    """
    head, found = _read(village, opened)
    if opened.manifest["type"] == list_lines.MATCHING:
        counts = matching.judge(village, found, head.name).counts
        return {name: counts[name] for name in ("beda", "cocok", "dilewati", "ditolak")}
    known = entitlements.judge(village, found, head.name, _period(head, opened)).known
    many = len(found.rows)
    return {"ditambah": 0 if known else many, "dilewati": many if known else 0}


@action
def judge(village: Village, opened: Opened) -> matching.Preview | entitlements.Preview:
    """Judge an opened list; nothing is written.

    Raises BundleError E_RECORD_SCHEMA, E_SCOPE for a list of another village.
    """
    head, found = _read(village, opened)
    if opened.manifest["type"] == list_lines.MATCHING:
        return matching.judge(village, found, head.name)
    return entitlements.judge(village, found, head.name, _period(head, opened))


@action
def take(
    village: Village,
    session: Session,
    found: matching.Preview | entitlements.Preview,
    now: datetime,
) -> Changes:
    """Keep a judged list as its file would be kept; the same again changes nothing."""
    if isinstance(found, matching.Preview):
        return matching.load(village, found, now, within=session)[1]
    return entitlements.load(village, found, now, within=session)[1]


def _period(head: Head, opened: Opened) -> str:
    """Return the period of a list: one without is of when it was signed, not of when it came."""
    return head.period or str(opened.manifest["period"])


def _read(village: Village, opened: Opened) -> tuple[Head, OutsideList]:
    head, found = list_lines.read(opened)
    if head.kode_desa != village.kode_desa:
        raise BundleError("E_SCOPE", kode_desa=head.kode_desa)
    return head, found
