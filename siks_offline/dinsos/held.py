"""Held files: sound, kept sealed, waiting for a person or for an instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siks_offline.crypto import codes
from siks_offline.db import office_bundles
from siks_offline.dinsos import receive
from siks_offline.errors import SiksError
from siks_offline.export import canonical, keyset

if TYPE_CHECKING:
    from datetime import datetime

    from siks_offline.dinsos.office import Office
    from siks_offline.dinsos.receive import Arrival

SHORTEST = 8
"""Characters of an id that a person has to type."""


def listed(office: Office) -> list[dict[str, Any]]:
    """Return the held files in order of arrival: id, kode, pengirim, seq, kunjungan, diterima."""
    with office.store.read() as session:
        rows = office_bundles.held(session)
    return [
        {
            "id": row["manifest_sha256"],
            "kode": row["code"],
            "pengirim": row["sender"],
            "seq": row["seq"],
            "kunjungan": row["visits"],
            "diterima_pada": row["received_at"],
            "kode_cek": keyset.check_code(row["manifest_sha256"]),
        }
        for row in rows
    ]


def release(
    office: Office, which: str, now: datetime, *, reason: str = "", digits: str = ""
) -> Arrival:
    """Let a held file through: its visits are loaded now.

    `digits` are the 30 of its data passport; when given they must be right, and the audit chain
    says whether they were compared. A file of a revoked key goes only with them, for a thief can
    make such files too. Raises SiksError E_HELD_UNKNOWN, E_DIGITS, E_DIGITS_MISSING.
    """
    row = _find(office, which)
    if row["code"] == "H_KEY_REVOKED" and not digits:
        raise SiksError("E_DIGITS_MISSING")
    if digits and not codes.same(_digits(digits), keyset.manifest_digits(row["manifest_sha256"])):
        raise SiksError("E_DIGITS")
    _decide(office, row, "release", reason, now, compared=bool(digits))
    path = office.archived(row["file_sha256"])
    released = row["manifest_sha256"]
    return receive.accept_archived(office, path, now, arrived=row["received_at"], released=released)


def reject(office: Office, which: str, reason: str, now: datetime) -> None:
    """Refuse a held file for good; the original stays in the archive.

    Raises SiksError E_HELD_UNKNOWN.
    """
    row = _find(office, which)
    _decide(office, row, "reject", reason, now, compared=False)
    with office.store.write() as session:
        office_bundles.set_counts(
            session,
            row["manifest_sha256"],
            result="rejected",
            held=0,
            rejected=row["visits"],
            reported=None,
        )


def retry(office: Office, now: datetime) -> int:
    """Look again at files held for an instrument that was not known; return how many went in."""
    with office.store.read() as session:
        rows = [
            row for row in office_bundles.held(session) if row["code"] == "H_INSTRUMENT_UNKNOWN"
        ]
    done = 0
    for row in rows:
        path = office.archived(row["file_sha256"])
        arrival = receive.accept_archived(office, path, now, arrived=row["received_at"])
        done += arrival.hasil != "ditahan"
    return done


def _find(office: Office, which: str) -> dict[str, Any]:
    wanted = which.strip().lower()
    with office.store.read() as session:
        rows = office_bundles.held(session)
    found = [row for row in rows if row["manifest_sha256"].startswith(wanted)]
    if len(wanted) < SHORTEST or len(found) != 1:
        raise SiksError("E_HELD_UNKNOWN", id=which[:80])
    return found[0]


def _decide(
    office: Office,
    row: dict[str, Any],
    decision: str,
    reason: str,
    now: datetime,
    *,
    compared: bool,
) -> None:
    manifest = row["manifest_sha256"]
    with office.store.write() as session:
        office_bundles.decide(
            session,
            {
                "manifest_sha256": manifest,
                "decision": decision,
                "reason": reason,
                "decided_at": canonical.stamp(now),
                "decided_by": office.account,
            },
        )
        office.record(session, now, f"berkas.{decision}", manifest, compared=compared)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
