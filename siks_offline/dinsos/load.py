"""The lines of a visits bundle, judged one by one and loaded in one transaction."""

from __future__ import annotations

import contextlib
import gc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from siks_offline.db import office_bundles, office_visits
from siks_offline.dinsos import load_results
from siks_offline.errors import BundleError
from siks_offline.export import canonical, records
from siks_offline.instrument import outcomes, promoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.orm import Session

    from siks_offline.dinsos.gate import OfficeGate
    from siks_offline.export.bundle import Opened
    from siks_offline.progress import Progress

LONGEST_CLAIM = 100
_RESULTS = {"": "accepted", load_results.WAITS: "held"}


@dataclass(slots=True)
class Tally:
    """How the lines of a bundle fared; `rows` are their results, in order."""

    rows: list[tuple[int, str, str, str, str]] = field(default_factory=list)
    """(line, visit id, hash, code, path); an empty code is accepted."""
    held: int = 0
    """Lines of visits that wait for their questionnaire."""
    rejected: int = 0
    records: int = 0
    """Proposals, verdicts and musyawarahs taken in."""
    refused: list[tuple[int, str, str, str, str]] = field(default_factory=list)
    """Those of them set aside, as `rows`."""
    pending: bool = False
    """Whether a line names an attachment that has not come."""
    waits: set[tuple[str, str]] = field(default_factory=set)
    """Questionnaires (id, version) that lines were answered under and the office lacks."""

    @property
    def accepted(self) -> int:
        """Lines taken in."""
        return len(self.rows) - self.rejected - self.held

    @property
    def result(self) -> str:
        """Result of the bundle as a whole."""
        if not self.held and not self.rejected and not self.refused:
            return "accepted"
        return "partly" if self.accepted or self.records or self.waits else "rejected"

    def results(self, manifest_sha256: str) -> list[dict[str, Any]]:
        """Return the rows of results; none when all was accepted."""
        if self.result == "accepted":
            return []
        return [
            {
                "manifest_sha256": manifest_sha256,
                "line": line,
                "visit_id": visit_id,
                "sha256": sha256,
                "result": _RESULTS.get(code, "rejected"),
                "code": code,
                "comment": "",
                "path": path,
            }
            for line, visit_id, sha256, code, path in (*self.rows, *self.refused)
        ]


@dataclass(slots=True)
class _Chunk:
    """Rows of revisions that go into the store together."""

    revisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    parents: list[dict[str, Any]] = field(default_factory=list)
    persons: list[dict[str, Any]] = field(default_factory=list)
    photos: list[dict[str, Any]] = field(default_factory=list)

    def add(self, value: Mapping[str, Any], sha256: str, body: str) -> None:
        if sha256 in self.revisions:
            return
        answers = value["answers"]
        instrument = (value["instrument"]["id"], value["instrument"]["version"])
        self.revisions[sha256] = {
            "sha256": sha256,
            "visit_id": value["visit_id"],
            "household_id": value["household_id"],
            "kode_desa": value["kode_desa"],
            "period": value["period"],
            "revision": value["revision"],
            "instrument_id": value["instrument"]["id"],
            "instrument_version": value["instrument"]["version"],
            "completed_at": value["completed_at"],
            "completed_by": value["completed_by"],
            **promoted.columns(answers),
            "idbdt": value["idbdt"],
            "status_rumahtangga": promoted.said(answers, promoted.STATUS),
            "outcome": outcomes.of_visit(instrument, answers),
            "body": body,
        }
        self.parents += [{"sha256": sha256, "parent": parent} for parent in value["parents"]]
        ids = value["persons"]
        for nth, member in enumerate(promoted.members(answers), 1):
            self.persons.append(
                {
                    "sha256": sha256,
                    "nth": nth,
                    "person_id": ids[nth - 1] if nth <= len(ids) else "",
                    "nik": member.get(promoted.NIK, ""),
                    "no_kk": member.get(promoted.NO_KK, ""),
                    "nama": member.get(promoted.NAMA, ""),
                    "tanggal_lahir": member.get(promoted.BIRTH_DATE, ""),
                    "jenis_kelamin": member.get(promoted.SEX, ""),
                }
            )
        for nth, photo in enumerate(value["attachments"], 1):
            self.photos.append(
                {
                    "sha256": sha256,
                    "nth": nth,
                    "attachment": photo["sha256"],
                    "kind": photo["kind"],
                    "path": photo["path"],
                }
            )

    def store(self, session: Session) -> None:
        """Insert what is not in the store yet, and start over."""
        if not self.revisions:
            return
        known = office_visits.known(session, list(self.revisions))
        fresh = [row for sha256, row in self.revisions.items() if sha256 not in known]
        hanging = [self.parents, self.persons, self.photos]
        if known:
            hanging = [[row for row in rows if row["sha256"] not in known] for rows in hanging]
            office_visits.note_outcomes(
                session,
                {one: self.revisions[one]["outcome"] for one, was in known.items() if was is None},
            )
        office_visits.add_revisions(session, fresh, *hanging)
        self.revisions, self.parents, self.persons, self.photos = {}, [], [], []


def load(
    session: Session,
    opened: Opened,
    kode_desa: str,
    gate: OfficeGate,
    progress: Progress,
) -> Tally:
    """Load a bundle's attachments, visits, results and inventory; return how its lines fared.

    A line that breaks the schema or its hash, or whose answers its instrument cannot have
    (E_RECORD_SCHEMA), that belongs to another village (E_SCOPE), was answered under an unknown
    instrument (H_INSTRUMENT_UNKNOWN: it waits) or names an attachment that is not what it says
    (E_ATTACHMENT_TYPE) is set aside and the rest goes on.
    """
    bad = _attachments(session, opened, kode_desa)
    named: set[str] = set()
    total = opened.manifest["counts"]["visits"]
    tally, chunk = Tally(), _Chunk()
    with _cycles_left_alone():
        for number, value, raw in opened.lines("visits"):
            visit_id, claimed = _claims(value)
            try:
                sha256, body = _judged(session, value, raw, kode_desa, gate, bad)
            except BundleError as fault:
                path = str(fault.facts.get("bagian", ""))[:LONGEST_CLAIM]
                tally.rows.append((number, visit_id, claimed, fault.code, path))
                waits = load_results.waited(fault)
                tally.waits |= waits
                tally.held += bool(waits)
                tally.rejected += not waits
            else:
                tally.rows.append((number, visit_id, sha256, "", ""))
                for photo in value["attachments"]:
                    named.add(photo["sha256"])
                chunk.add(value, sha256, body)
            if len(chunk.revisions) >= office_visits.CHUNK:
                chunk.store(session)
                progress(number, total)
        chunk.store(session)
    tally.pending = bool(named) and not named <= office_visits.attachments_of(session, kode_desa)
    tally.records, tally.refused, waits = load_results.load(session, opened, kode_desa, gate, bad)
    tally.waits |= waits
    _inventory(session, opened)
    progress(total, total)
    return tally


@contextlib.contextmanager
def _cycles_left_alone() -> Iterator[None]:
    """Keep the collector of cycles from its rounds: values of JSON have none.

    Made and dropped by the thousand they set it off all the time, a third of what a load costs.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _judged(
    session: Session, value: Any, raw: bytes, kode_desa: str, gate: OfficeGate, bad: set[str]
) -> tuple[str, str]:
    if isinstance(value, BundleError):
        raise value
    sha256, body = records.received(value, raw)
    records.check_scope(value, f"desa:{kode_desa}")
    load_results.require_fit(session, gate, value)
    for photo in value["attachments"]:
        if photo["sha256"] in bad:
            raise BundleError("E_ATTACHMENT_TYPE", jenis=photo["path"])
    return sha256, body.decode()


def _claims(value: Any) -> tuple[str, str]:
    """Return the visit id and hash that a line claims, however wrong the rest of it is."""
    if not isinstance(value, dict):
        return "", ""
    found = (value.get("visit_id"), value.get("sha256"))
    return tuple(one[:LONGEST_CLAIM] if isinstance(one, str) else "" for one in found)  # type: ignore[return-value]


def _attachments(session: Session, opened: Opened, kode_desa: str) -> set[str]:
    """Note the attachments that came; return those whose first bytes belie their name."""
    bad = set()
    for sha256 in opened.attachments:
        extension = opened.extension(sha256)
        content = opened.attachment(sha256)
        try:
            records.check_attachment(extension, content)
        except BundleError:
            bad.add(sha256)
            continue
        office_visits.add_attachment(
            session,
            {
                "kode_desa": kode_desa,
                "sha256": sha256,
                "extension": extension,
                "size": len(content),
                "file_sha256": opened.file_sha256,
            },
        )
    return bad


def _inventory(session: Session, opened: Opened) -> None:
    """Keep the inventory that a bundle carries; lines that are none are left out."""
    if opened.manifest["inventory"] is None:
        return
    lines = [canonical.dumps(value) for _, value, _ in opened.lines("inventory") if _stands(value)]
    chain = opened.manifest["chain"]
    row = {
        "stream": chain["stream"],
        "device": opened.manifest["sender"]["device"],
        "seq": chain["seq"],
        "manifest_sha256": opened.manifest_sha256,
    }
    office_bundles.put_inventory(session, row, b"\n".join(lines))


def _stands(value: Any) -> bool:
    try:
        records.parse_inventory(value)
    except BundleError:
        return False
    return True
