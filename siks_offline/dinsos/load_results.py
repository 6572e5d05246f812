"""Proposals, moves, verdicts, musyawarahs of a visits bundle: judged line by line, then stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siks_offline.db import office_records
from siks_offline.errors import BundleError
from siks_offline.export import meeting_records, records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from siks_offline.dinsos.gate import OfficeGate
    from siks_offline.export.bundle import Opened

WAITS: Final = "H_INSTRUMENT_UNKNOWN"
"""Code of a line that is looked at again when its questionnaire has come, as of a whole file."""
FIRST_LINE: Final = {
    "proposals": 100_000_000, "musdes": 200_000_000, "verdicts": 300_000_000,
    "moves": 400_000_000,
}  # fmt: skip
"""Numbers of their results begin here, behind those of the visits of one bundle."""
_PROMOTED: Final = ("household_id", "source", "status", "reason", "able")


def load(
    session: Session,
    opened: Opened,
    kode_desa: str,
    gate: OfficeGate,
    bad: set[str],
) -> tuple[int, list[tuple[int, str, str, str, str]], set[tuple[str, str]]]:
    """Store the records of a bundle; return how many, and the rows of those set aside.

    With them come the forms (id, version) that some of these wait for.

    A line that breaks the schema or its hash, or whose answers its form cannot have
    (E_RECORD_SCHEMA), belongs to another village (E_SCOPE), was answered under an unknown form
    (H_INSTRUMENT_UNKNOWN: it waits) or names an attachment that is not what it says
    (E_ATTACHMENT_TYPE) is set aside and the rest goes on.
    """
    taken = 0
    refused: list[tuple[int, str, str, str, str]] = []
    waits: set[tuple[str, str]] = set()
    for kind in meeting_records.KINDS:
        found: list[dict[str, Any]] = []
        for number, value, _ in opened.lines(kind):
            try:
                found.append(_judged(session, kind, value, kode_desa, gate, bad))
            except BundleError as fault:
                waits |= waited(fault)
                path = str(fault.facts.get("bagian", ""))[:100]
                record_id, claimed = _claims(value)
                refused.append((FIRST_LINE[kind] + number, record_id, claimed, fault.code, path))
        office_records.add(session, found)
        taken += len(found)
    _documents(session, opened, kode_desa)
    return taken, refused, waits


def require_fit(session: Session, gate: OfficeGate, value: Mapping[str, Any]) -> None:
    """Hold the answers of a record to the questionnaire that it names.

    Raises BundleError H_INSTRUMENT_UNKNOWN where the office lacks that, E_RECORD_SCHEMA with the
    path of the first answer that it cannot have.
    """
    name, version = value["instrument"]["id"], value["instrument"]["version"]
    if not gate.knows(session, name, version):
        raise BundleError(WAITS, isi=name, versi=version)
    part = gate.misfit(name, version, value["answers"])
    if part:
        raise BundleError("E_RECORD_SCHEMA", bagian=f"answers.{part}")


def waited(fault: BundleError) -> set[tuple[str, str]]:
    """Return the questionnaire that a record set aside waits for, if that is why."""
    if fault.code != WAITS:
        return set()
    return {(str(fault.facts["isi"]), str(fault.facts["versi"]))}


def _judged(
    session: Session, kind: str, value: Any, kode_desa: str, gate: OfficeGate, bad: set[str]
) -> dict[str, Any]:
    sha256, body = meeting_records.check(kind, value)
    records.check_scope(value, f"desa:{kode_desa}")
    if kind == "proposals":
        require_fit(session, gate, value)
        for photo in value["attachments"]:
            if photo["sha256"] in bad:
                raise BundleError("E_ATTACHMENT_TYPE", jenis=photo["path"])
    return {
        "sha256": sha256,
        "kind": kind,
        "record_id": value["record_id"],
        "kode_desa": value["kode_desa"],
        "period": value["period"],
        "revision": value["revision"],
        "body": body.decode(),
        **{name: value.get(name, "") for name in _PROMOTED},
        **({"status": value["kind"]} if kind == "moves" else {}),
    }


def _claims(value: Any) -> tuple[str, str]:
    """Return the record id and hash that a line claims, however wrong the rest of it is."""
    if not isinstance(value, dict):
        return "", ""
    record_id, sha256 = (
        one[:100] if isinstance(one := value.get(name), str) else ""
        for name in ("record_id", "sha256")
    )
    return record_id, sha256


def _documents(session: Session, opened: Opened, kode_desa: str) -> None:
    of: Mapping[str, Any] = opened.manifest
    named = {one["sha256"]: one["kind"] for one in of["documents"]}
    office_records.add_documents(
        session,
        [
            {
                "manifest_sha256": opened.manifest_sha256,
                "sha256": sha256,
                "kind": kind,
                "kode_desa": kode_desa,
                "period": of["period"],
            }
            for sha256, kind in sorted(named.items())
        ],
    )
