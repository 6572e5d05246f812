"""Held files: sound, kept sealed, waiting for a person or for an instrument."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from siks_offline.crypto import codes
from siks_offline.db import office as offices
from siks_offline.db import office_bundles
from siks_offline.dinsos import instruments, receive
from siks_offline.dinsos.load_results import WAITS
from siks_offline.errors import BundleError, FileError, SiksError, WorkbookError
from siks_offline.export import canonical, keyset

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    _decide(office, _find(office, which), "reject", reason, now, compared=False)


def retry(office: Office, now: datetime) -> int:
    """Look again at what waited for a questionnaire that is known now; return how many files did.

    Those held as a whole go in; of those taken in the lines that were refused are judged again. A
    file is dealt with in one transaction, so that it does not matter whether it or the workbook
    came first, nor where this stops: the next call goes on.
    """
    with office.store.read() as session:
        whole = [row for row in office_bundles.held(session) if row["code"] == WAITS]
        lines = office_bundles.waiting(session)
        if not whole and not lines:  # as nearly always: no questionnaire need be read
            return 0
        known = {(row["id"], row["version"], row["sha256"]) for row in offices.instruments(session)}
    known |= set(instruments.shipped())
    whole = [row for row in whole if _manifest(row) in known]
    lines = [row for row in lines if _waits(row, known)]
    done = 0
    for row in (*whole, *lines):
        # What is gone or damaged keeps waiting; nobody else has to wait for it.
        with contextlib.suppress(BundleError, FileError, WorkbookError):
            done += _looked_at(office, row, now).hasil != "ditahan"
    return done


def _looked_at(office: Office, row: Mapping[str, Any], now: datetime) -> Arrival:
    if row["result"] != "held":
        return receive.judge_again(office, row, now)
    path = office.archived(row["file_sha256"])
    return receive.accept_archived(office, path, now, arrived=row["received_at"])


def awaited(office: Office) -> list[dict[str, Any]]:
    """Return the questionnaires that files or lines wait for: id, versi, berkas (how many)."""
    with office.store.read() as session:
        whole = [_manifest(row) for row in office_bundles.held(session)]
        lines = [json.loads(row["waits"]) for row in office_bundles.waiting(session)]
    count = Counter(one[:2] for one in whole if one is not None)
    count.update(tuple(one) for names in lines for one in names)
    return [
        {"id": name, "versi": version, "berkas": files}
        for (name, version), files in sorted(count.items())
    ]


def _manifest(row: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return the questionnaire that a whole file waits for."""
    if row["code"] != WAITS:
        return None
    wanted = json.loads(row["manifest"])["instrument"]
    return wanted["id"], wanted["version"], wanted["sha256"]


def _waits(row: Mapping[str, Any], known: set[tuple[str, str, str]]) -> bool:
    """Whether one of the questionnaires is known that lines of a file wait for."""
    wanted = json.loads(row["waits"])
    return not wanted or not {tuple(one) for one in wanted}.isdisjoint(one[:2] for one in known)


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
        if office_bundles.result(session, manifest) != "held":  # another command was faster
            raise SiksError("E_HELD_UNKNOWN", id=manifest[:SHORTEST])
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
        if decision == "reject":
            fared = {"result": "rejected", "code": receive.REFUSED, "held": 0, "reported": None}
            office_bundles.set_counts(session, manifest, rejected=row["visits"], **fared)
        office.record(session, now, f"berkas.{decision}", manifest, compared=compared)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
