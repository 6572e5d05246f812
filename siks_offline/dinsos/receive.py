"""Take in one file: verify, keep the original, load it in one transaction.

What the store holds afterwards is a function of the set of files, the registry, the instruments and
people's decisions; the order of arrival and repetitions make no difference.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from siks_offline.db import office as store_office
from siks_offline.db import office_bundles
from siks_offline.dinsos import enrol, instruments, match
from siks_offline.dinsos.gate import OfficeGate
from siks_offline.dinsos.load import load
from siks_offline.dinsos.load_results import WAITS
from siks_offline.dinsos.office import ARCHIVE, SENT, STAGING
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import bundle, canonical, files, manifest
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.dinsos.office import Office
    from siks_offline.export.bundle import Opened
    from siks_offline.progress import Progress

REFUSED = "E_HELD_REFUSED"
"""Code of a file that a person of the office refused, whatever it had been held for."""
_ABANDONED = 24 * 60 * 60
_LONGEST_PAUSE = timedelta(days=400)
_OUTCOME = {
    "accepted": "diterima",
    "partly": "sebagian",
    "held": "ditahan",
    "rejected": "ditolak",
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one file; the counts are lines of visits, `missing` numbers of its stream."""

    hasil: str
    kode: str
    warnings: tuple[str, ...]
    jenis: str
    pengirim: str
    device: str
    seq: int
    manifest_sha256: str
    accepted: int
    held: int
    rejected: int
    missing: tuple[int, ...]


def accept(office: Office, path: Path, now: datetime, progress: Progress = silent) -> Arrival:
    """Take in one file from wherever it lies.

    Raises BundleError when it is refused: nothing changed but a line of the audit chain. Raises
    FileError for the medium, StoreError for the store.
    """
    with _copied(office, path) as copy:
        return _judge(office, copy, None, now, progress)


def accept_archived(
    office: Office, path: Path, now: datetime, *, arrived: str | None = None, released: str = ""
) -> Arrival:
    """Take in an original of the archive again: released by a person, or to rebuild the store."""
    return _judge(office, path, arrived, now, silent, released)


def judge_again(office: Office, row: Mapping[str, Any], now: datetime) -> Arrival:
    """Judge the lines of a bundle anew of which some wait for a questionnaire; the rest stands.

    It was taken in, so nothing is asked of its key. Everything happens in one transaction, and
    nothing where another command did it meanwhile; receipts tell the village what became of it.
    """
    path, manifest = office.archived(row["file_sha256"]), row["manifest_sha256"]
    return _judge(office, path, row["received_at"], now, silent, manifest)


def check_clock(office: Office, now: datetime) -> None:
    """Refuse to take files in under a clock that leapt more than a year since the last one.

    What comes later is judged by the newest arrival, so one such day would make every key of the
    district an expired one. Raises SiksError E_CLOCK_LEAP.
    """
    with office.store.read() as session:
        last = office_bundles.last_arrival(session)
    if last and now - canonical.moment(last) > _LONGEST_PAUSE:
        raise SiksError("E_CLOCK_LEAP", kini=now.strftime("%d-%m-%Y"), terakhir=_day(last))


def _day(at: str) -> str:
    return canonical.moment(at).strftime("%d-%m-%Y")


def sweep(office: Office, now: datetime) -> int:
    """Delete copies that a killed program left half-written a day ago or earlier; return how many.

    Younger ones may be another command's that is at work.
    """
    left = 0
    for folder in (ARCHIVE, SENT, STAGING):
        for part in (office.folder / folder).glob(".*.part*"):
            with contextlib.suppress(OSError):
                if now.timestamp() - part.stat().st_mtime > _ABANDONED:
                    part.unlink()
                    left += 1
    return left


@contextlib.contextmanager
def _copied(office: Office, path: Path) -> Iterator[Path]:
    """Copy a file beside the archive, so that what is verified is what is kept."""
    copy = office.folder / ARCHIVE / f".{uuid.uuid4().hex}.part"
    with files.errors(path, reading=True):
        size = path.stat().st_size
    if size > manifest.LARGEST_FILE:
        raise BundleError("E_TOO_LARGE")
    files.require_space(copy.parent, size)
    try:
        with files.errors(copy), files.create(copy, private=True) as target:
            with files.errors(path, reading=True), path.open("rb") as source:
                shutil.copyfileobj(source, target, files.BLOCK)
            target.flush()
            os.fsync(target.fileno())
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _judge(
    office: Office,
    path: Path,
    arrived: str | None,
    now: datetime,
    progress: Progress,
    released: str = "",
    *,
    brought: bool = False,
) -> Arrival:
    try:
        with office.store.read() as session:
            gate = OfficeGate(office, session, now, arrived, released)
            opened = bundle.open_bundle(path, gate, office.folder / STAGING, progress)
    except BundleError as fault:
        _note_refusal(office, files.sha256_of(path), fault, now)
        raise
    with opened:
        if opened.outcome == "already":
            with office.store.read() as session:
                row = office_bundles.bundle(session, opened.manifest_sha256)
                assert row is not None
                if office.holds_original(row["file_sha256"]):
                    return _told(session, opened, (), row, again=True)
            # It was taken in and is lost here: photos lie in originals alone.
            came = row["received_at"]
            return _judge(office, path, came, now, progress, opened.manifest_sha256, brought=True)
        if opened.manifest["type"] == "enrolment":
            try:
                enrol.check(office, opened, gate.at)
            except BundleError as fault:
                _note_refusal(office, opened.file_sha256, fault, now)
                raise
        _keep(office, path, opened.file_sha256)
        if opened.outcome == "held" and not released:
            with office.store.read() as session:
                let_go = office_bundles.decision(session, opened.manifest_sha256) == "release"
            if let_go:
                kept = office.archived(opened.file_sha256)
                return _judge(office, kept, arrived, now, progress, opened.manifest_sha256)
        try:
            return _write(office, opened, gate, now, progress, brought=brought)
        except BundleError as fault:
            if path != office.archived(opened.file_sha256):
                office.archived(opened.file_sha256).unlink(missing_ok=True)
            _note_refusal(office, opened.file_sha256, fault, now)
            raise


def _write(
    office: Office,
    opened: Opened,
    gate: OfficeGate,
    now: datetime,
    progress: Progress,
    *,
    brought: bool,
) -> Arrival:
    """Write a bundle in one transaction, unless another command has done so since it was judged.

    One of which lines wait for a questionnaire may be judged again, and one whose original was lost
    and `brought` once more; no other comes here twice, for the gate does not open it.

    Raises BundleError E_ID_CONFLICT when another bundle took its id meanwhile.
    """
    found: tuple[str, ...] = ()
    row: Mapping[str, Any] | None = None
    with office.store.write() as session:
        before = office_bundles.result(session, opened.manifest_sha256)
        waits = office_bundles.waits(session, opened.manifest_sha256) if before else False
        again = before not in {"", "held"} and not waits and not brought
        if not again:
            known = office_bundles.manifest_of_bundle_id(session, opened.manifest["bundle_id"])
            if known not in {None, opened.manifest_sha256}:
                raise BundleError("E_ID_CONFLICT")
            found, row = _apply(session, office, opened, gate, now, before, progress)
        return _told(session, opened, found, row, again=again)


def _apply(
    session: Session,
    office: Office,
    opened: Opened,
    gate: OfficeGate,
    now: datetime,
    before: str,
    progress: Progress,
) -> tuple[tuple[str, ...], Mapping[str, Any] | None]:
    """Write everything that one bundle brings; return codes of what a person should look at.

    With them comes the row that was stored, None where one stood already. `before` is the result
    that the bundle had, empty when it is new.
    """
    kode_desa = opened.manifest["sender"]["id"].removeprefix("desa:")
    row = _row(opened, kode_desa, gate.at)
    kind, counts = opened.manifest["type"], opened.manifest["counts"]
    what: dict[str, Any] = {"kind": kind, "seq": row["seq"], "file": opened.file_sha256}
    refused = office_bundles.decision(session, opened.manifest_sha256) == "reject"
    if (opened.outcome == "held" or refused) and kind != "enrolment":
        row |= {
            "result": "rejected" if refused else "held",
            "code": REFUSED if refused else opened.code,
            "held": 0 if refused else counts["visits"],
            "rejected": counts["visits"] if refused else 0,
        }
        stands = office_bundles.bundle(session, opened.manifest_sha256) if before else None
        if stands and all(stands[name] == row[name] for name in ("result", "code")):
            return (), None
        office_bundles.put_bundle(session, row, again=bool(before))
        _note_learnt(session, office, gate, now)
        what |= {"code": row["code"]}
        office.record(session, now, "berkas.tahan", opened.manifest_sha256, **what)
        return (), row
    row["accepted"] = counts["visits"]  # as nearly always
    office_bundles.put_bundle(session, row, again=bool(before))
    found: tuple[str, ...] = ()
    if kind == "enrolment":
        found = (enrol.queue(session, office, opened, gate.at) or "W_ENROLMENT_WAITING",)
    else:
        tally = load(session, opened, kode_desa, gate, progress)
        office_bundles.add_results(session, tally.results(opened.manifest_sha256))
        if tally.result != "accepted" or tally.accepted != counts["visits"]:
            fared = {
                "result": tally.result, "accepted": tally.accepted, "held": tally.held,
                "rejected": tally.rejected,
                "waits": json.dumps(sorted(tally.waits)) if tally.waits else None,
            }  # fmt: skip
            office_bundles.set_counts(session, opened.manifest_sha256, **fared)
            row |= fared
        what |= {"accepted": tally.accepted, "held": tally.held, "rejected": tally.rejected}
        found = ("W_ATTACHMENT_PENDING",) if tally.pending else ()
        found += (WAITS,) if tally.waits else ()
        found += ("W_KEY_REPLACED",) if gate.replaced else ()
    _note_learnt(session, office, gate, now)
    action = "berkas.nilai-ulang" if before not in {"", "held"} else "berkas.terima"
    office.record(session, now, action, opened.manifest_sha256, **what)
    return found, row


def _note_learnt(session: Session, office: Office, gate: OfficeGate, now: datetime) -> None:
    """Keep the questionnaires that this program brought and the office had not met."""
    for name, version, sha256 in gate.learnt:
        instruments.keep_shipped(office, name)
        store_office.know_instrument(session, sha256, name, version, canonical.stamp(now))


def _row(opened: Opened, kode_desa: str, arrived: str) -> dict[str, Any]:
    of = opened.manifest
    acks = of["acks"] or {"seq": None, "manifest_sha256": None}
    return {
        "manifest_sha256": opened.manifest_sha256,
        "file_sha256": opened.file_sha256,
        "bundle_id": of["bundle_id"],
        "type": of["type"],
        "sender": of["sender"]["id"],
        "kode_desa": kode_desa,
        "device": of["sender"]["device"],
        "public": opened.public.hex(),
        "stream": of["chain"]["stream"],
        "seq": of["chain"]["seq"],
        "prev": of["chain"]["prev"],
        "after": of["chain"]["after"],
        "created_at": of["created_at"],
        "received_at": arrived,
        "period": of["period"],
        "result": "accepted",
        "code": "",
        "visits": of["counts"]["visits"],
        "accepted": 0,
        "held": 0,
        "rejected": 0,
        "acks_seq": acks["seq"],
        "acks_sha256": acks["manifest_sha256"],
        "size": opened.size,
        "manifest": opened.manifest_bytes,
    }


def _told(
    session: Session,
    opened: Opened,
    found: tuple[str, ...],
    row: Mapping[str, Any] | None,
    *,
    again: bool,
) -> Arrival:
    """Tell of a bundle by its stored row, just written or read; `again` when it was here before."""
    row = row or office_bundles.bundle(session, opened.manifest_sha256)
    assert row is not None
    links = office_bundles.links(session, row["device"])
    state = match.stream_state(
        match.Link(link["seq"], link["manifest_sha256"], link["prev"])
        for link in links
        if link["stream"] == row["stream"]
    )
    restored = ("W_RESTORED",) if opened.manifest["chain"]["after"] else ()
    return Arrival(
        hasil="sudah" if again else _OUTCOME[row["result"]],
        kode="S_ALREADY_IMPORTED" if again else row["code"],
        warnings=(*opened.warnings, *found, *state.flags, *restored),
        jenis=row["type"],
        pengirim=row["sender"],
        device=row["device"],
        seq=row["seq"],
        manifest_sha256=row["manifest_sha256"],
        accepted=row["accepted"],
        held=row["held"],
        rejected=row["rejected"],
        missing=tuple(state.missing_numbers()),
    )


def _keep(office: Office, path: Path, file_sha256: str) -> None:
    """Give the original its place in the archive before anything is told of it."""
    kept = office.archived(file_sha256)
    if path != kept:
        with files.errors(kept):
            files.put_in_place(path, kept, file_sha256)


def _note_refusal(office: Office, file_sha256: str, fault: BundleError, now: datetime) -> None:
    """Write an audit line. Raises StoreError: where it cannot be written the file comes again."""
    with office.store.write() as session:
        office.record(session, now, "berkas.tolak", file_sha256, code=fault.code)
