"""Ten digits that a person at the office reads out when no file can travel back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline import wilayah
from siks_offline.crypto import codes
from siks_offline.db import office_bundles, office_registry, office_visits
from siks_offline.dinsos.receipts import ANSWERED
from siks_offline.errors import SiksError
from siks_offline.export import manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.dinsos.office import Office


@dataclass(frozen=True, slots=True)
class Spoken:
    """The digits for one file of a village, and what it was."""

    code: str
    stream: str
    seq: int
    visits: int
    attachments: int


def code(office: Office, kode_desa: str, seq: int, now: datetime) -> list[Spoken]:
    """Return the digits for a village's file by its number, one for each stream that has it.

    Only a file of which every row and every attachment was taken in and committed has digits.
    Raises SiksError E_VOICE_UNKNOWN when none of that number came, E_VOICE_PART when none of them
    was accepted whole.
    """
    with office.store.read() as session:
        devices = {
            row["device"]: row
            for row in office_registry.devices(session, kode_desa)
            if row["status"] in ANSWERED
        }
        came = [
            row
            for row in office_bundles.numbered(session, kode_desa, seq)
            if row["device"] in devices and row["type"] == "visits"
        ]
        found = [
            _spoken(row, devices[row["device"]]["voice_key"])
            for row in came
            if _whole(session, row)
        ]
    if not came:
        raise SiksError("E_VOICE_UNKNOWN", nomor=seq, kode=wilayah.dotted(kode_desa))
    if not found:
        raise SiksError("E_VOICE_PART", nomor=seq)
    with office.store.write() as session:
        office.record(session, now, "suara.sebut", kode_desa, seq=seq)
    return found


def _spoken(row: Mapping[str, Any], voice_key: str) -> Spoken:
    return Spoken(
        code=codes.voice_code(bytes.fromhex(voice_key), row["manifest_sha256"]),
        stream=row["stream"],
        seq=row["seq"],
        visits=row["accepted"],
        attachments=len(_attachments(row)),
    )


def _whole(session: Session, row: Mapping[str, Any]) -> bool:
    if row["result"] != "accepted":
        return False
    return _attachments(row) <= office_visits.attachments_of(session, row["kode_desa"])


def _attachments(row: Mapping[str, Any]) -> set[str]:
    entries = json.loads(row["manifest"])["entries"]
    return {sha for entry in entries if (sha := manifest.attachment_of(entry["path"]))}
