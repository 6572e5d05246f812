"""What comes to the village from its Dinsos: receipts, prelists, key sets, return files."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from siks_offline.desa import receipts
from siks_offline.desa.rights import action
from siks_offline.errors import BundleError
from siks_offline.model import Changes
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.desa.gate import VillageGate
    from siks_offline.desa.prelist import Preview
    from siks_offline.desa.receipts import Row
    from siks_offline.desa.village import Village
    from siks_offline.export.opening import Opened
    from siks_offline.progress import Progress

STAGING: Final = "masuk"
_NOTHING: Final = Changes()
STALE: Final = "prelist_lama"
"""Kind of a prelist in a return file that is older than what is here."""
REFUSED: Final = "bagian_ditolak"
"""Kind of a part of a return file that could not be taken in."""
_STALE: Final = frozenset({"E_PRELIST_OLD", "E_PRELIST_EXPIRED"})
_MAGIC: Final = (b"age-encryption.org/v1\n", b"-----BEGIN AGE")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a file brought; counts are of visits, `missing` are numbers that never arrived there."""

    seq: int
    accepted: int
    held: int
    rejected: int
    missing: tuple[int, ...]
    rows: tuple[Row, ...]
    kinds: tuple[str, ...]
    """Types taken in; `sudah` for one that had come before, else STALE or REFUSED."""
    changes: Changes
    news: News | None = None
    refused: tuple[BundleError, ...] = ()
    """Why parts of a return file were refused beside those that were taken in."""


@dataclass(frozen=True, slots=True)
class News:
    """A newer key set of the Dinsos; `digits` are the thirty of its root where that is new."""

    version: int
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What one bundle of a file would change. `kind` is as in `Accepted`."""

    kind: str
    seq: int
    counts: Mapping[str, int]
    """Of a receipt diterima, ditahan, ditolak; of a prelist ditambah, diperbarui, dilewati."""
    missing: tuple[int, ...] = ()
    news: News | None = None
    fault: BundleError | None = None
    """Why it is refused."""


def is_bundle(path: Path) -> bool:
    """Whether a file looks like a bundle rather than a workbook, by its first bytes."""
    from siks_offline.export import files

    with files.errors(path, reading=True), path.open("rb") as file:
        return file.read(32).startswith(_MAGIC)


@action
def accept(village: Village, path: Path, now: datetime, progress: Progress = silent) -> Accepted:
    """Take in a file of the Dinsos, whatever its name; the same again changes nothing.

    A return file is read for the parts that this village's key opens, each by itself. Raises
    BundleError with the code of the first check that fails when nothing could be taken in.
    """
    from siks_offline.desa.gate import VillageGate

    gate = VillageGate(village)
    taken = _each(
        _openings(village, gate, path, progress),
        lambda opened: _take(village, gate, opened, now),
        lambda kind, seq, fault: _Taken(kind, seq, fault=fault),
    )
    rows = tuple(row for one in taken for row in one.rows)
    counts = receipts.tally(rows)
    changes = Changes()
    for one in taken:
        changes = changes | one.changes
    return Accepted(
        seq=max(one.seq for one in taken),
        accepted=counts["diterima"],
        held=counts["ditahan"],
        rejected=counts["ditolak"],
        missing=tuple(sorted({number for one in taken for number in one.missing})),
        rows=rows,
        kinds=tuple(one.kind for one in taken),
        changes=changes,
        news=next((one.news for one in reversed(taken) if one.news), None),
        refused=tuple(one.fault for one in taken if one.kind == REFUSED and one.fault),
    )


@action
def look(village: Village, path: Path, now: datetime) -> tuple[Foreseen, ...]:
    """Judge a file of the Dinsos and say what it would change; nothing is written.

    Raises BundleError as `accept` would.
    """
    from siks_offline.desa.gate import VillageGate

    gate = VillageGate(village)
    return tuple(
        _each(
            _openings(village, gate, path, silent),
            lambda opened: _foresee(village, gate, opened, now),
            lambda kind, seq, fault: Foreseen(kind, seq, {}, fault=fault),
        )
    )


def _foresee(village: Village, gate: VillageGate, opened: Opened, now: datetime) -> Foreseen:
    from siks_offline.desa import outside_bundle, prelist_bundle
    from siks_offline.export import list_lines, receipt

    kind, chain = opened.manifest["type"], opened.manifest["chain"]
    if opened.outcome == "already":
        return Foreseen("sudah", chain["seq"], {})
    if opened.outcome != "ok":
        raise BundleError(opened.code)
    news = _news(gate, opened)
    if kind == "prelist":
        counts = prelist_bundle.preview(village, opened, now).counts
        return Foreseen(kind, chain["seq"], asdict(counts), news=news)
    if kind in list_lines.TYPES:
        return Foreseen(kind, chain["seq"], outside_bundle.preview(village, opened), news=news)
    if kind != "receipt":
        return Foreseen(kind, chain["seq"], {}, news=news)
    said = receipt.read(opened)
    with village.store.write() as session:
        tried = session.begin_nested()
        stream = receipts.stream_of(session, opened.manifest)
        done = receipts.apply(session, said, stream, chain["seq"])
        tried.rollback()
    tally = receipts.tally(done.rows)
    counted = {name: tally[name] for name in ("diterima", "ditahan", "ditolak")}
    return Foreseen(kind, chain["seq"], counted, done.missing, news)


@action
def load_prelist(village: Village, path: Path, now: datetime, *, keep: bool) -> Preview:
    """Say what a prelist bundle would do, and take it in when it is to be kept.

    One that was taken in before has nothing new. Raises BundleError E_TYPE_MISMATCH for a bundle
    that is no prelist.
    """
    from siks_offline.desa import prelist_bundle
    from siks_offline.desa.gate import VillageGate

    gate = VillageGate(village)
    for one in _openings(village, gate, path, silent).parts:
        with one() as opened:
            if opened.manifest["type"] != "prelist":
                raise BundleError("E_TYPE_MISMATCH")
            if opened.outcome == "already":
                return prelist_bundle.nothing_new(village, opened)
            if opened.outcome != "ok":
                raise BundleError(opened.code)
            found = prelist_bundle.preview(village, opened, now)
            if keep:
                _take(village, gate, opened, now)
            return found
    raise BundleError("E_NOT_FOR_US")


@dataclass(frozen=True, slots=True)
class _Taken:
    kind: str
    seq: int
    rows: tuple[Row, ...] = ()
    missing: tuple[int, ...] = ()
    changes: Changes = _NOTHING
    news: News | None = None
    fault: BundleError | None = None


T = TypeVar("T", "_Taken", "Foreseen")


@dataclass(frozen=True, slots=True)
class _Openings:
    """How the bundles of a file are opened, one after another, each closed before the next."""

    parts: Iterator[Callable[[], Opened]]
    several: bool
    """Whether it is a return file, of which each part is judged by itself."""


def _openings(village: Village, gate: VillageGate, path: Path, progress: Progress) -> _Openings:
    from siks_offline.export import bundle, files

    staging = village.folder / STAGING
    with files.errors(staging):
        staging.mkdir(mode=0o700, exist_ok=True)
    if bundle.outline(path)["jenis"] == "siksbalas":
        return _Openings(_parts(gate, path, staging), several=True)
    whole = partial(bundle.open_bundle, path, gate, staging, progress)
    return _Openings(iter([whole]), several=False)


def _parts(gate: VillageGate, path: Path, staging: Path) -> Iterator[Callable[[], Opened]]:
    from siks_offline.export import bundle, files, return_file

    with files.errors(path, reading=True), path.open("rb") as file:
        for part in return_file.parts_for(path, gate.identities):
            yield partial(bundle.open_source, part.window(file), part.size, gate, staging)


def _each(
    openings: _Openings, do: Callable[[Opened], T], aside: Callable[[str, int, BundleError], T]
) -> list[T]:
    """Do something with every bundle of a file; return what it said, in their order.

    A part of a return file that is refused keeps no other away: it stands `aside` with its kind,
    number and fault. When all are refused, the first fault is raised.
    """
    found: list[T] = []
    for opening in openings.parts:
        seq = 0
        try:
            with opening() as opened:
                seq = opened.manifest["chain"]["seq"]
                found.append(do(opened))
        except BundleError as fault:
            if not openings.several:
                raise
            found.append(aside(STALE if fault.code in _STALE else REFUSED, seq, fault))
    refused = [one.fault for one in found if one.kind == REFUSED and one.fault]
    if not found:
        raise BundleError("E_NOT_FOR_US")
    if refused and all(one.fault for one in found):
        raise refused[0]
    return found


def _take(village: Village, gate: VillageGate, opened: Opened, now: datetime) -> _Taken:
    from siks_offline.db import audit, ledger
    from siks_offline.desa import copies, outside_bundle, prelist, prelist_bundle
    from siks_offline.export import list_lines
    from siks_offline.export.canonical import stamp

    kind, seq = opened.manifest["type"], opened.manifest["chain"]["seq"]
    if opened.outcome == "already":
        return _Taken("sudah", seq)
    if opened.outcome != "ok":
        raise BundleError(opened.code)
    copies.keep(village, "impor", now)
    taken = _Taken(kind, seq)
    listed = prelist_bundle.preview(village, opened, now) if kind == "prelist" else None
    outside = outside_bundle.judge(village, opened) if kind in list_lines.TYPES else None
    stream = opened.manifest["chain"]["stream"]
    with village.store.write() as session:
        if listed is not None:
            changes = prelist.load(village, listed, now, within=session)[1]
            taken = replace(taken, changes=changes)
        elif outside is not None:
            changes = outside_bundle.take(village, session, outside, now)
            taken = replace(taken, changes=changes)
        elif kind == "receipt":
            stream = receipts.stream_of(session, opened.manifest)
            taken = _receipt(session, gate, opened, stream)
        taken = replace(taken, news=_keep_keyset(session, gate, opened))
        ledger.record_arrival(
            session,
            ledger.Arrival(
                manifest_sha256=opened.manifest_sha256,
                bundle_id=opened.manifest["bundle_id"],
                type=kind,
                stream=stream,
                seq=seq,
                file_sha256=opened.file_sha256,
                at=stamp(now),
            ),
        )
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action=f"serah.terima.{kind}",
            subject=opened.manifest["bundle_id"],
            detail={"seq": seq, "kunjungan": len(taken.rows)},
        )
    if listed is not None:
        village.bps = listed.bps
    return taken


def _receipt(session: Session, gate: VillageGate, opened: Opened, stream: str) -> _Taken:
    from siks_offline.desa import inventory, renewal, voice
    from siks_offline.export import receipt

    seq = opened.manifest["chain"]["seq"]
    renewal.note_receipt(session, gate, opened.manifest)
    voice.forget_tries(session)
    inventory.note_receipt(session, stream, seq)
    said = receipt.read(opened)
    inventory.answered(session, said, stream)
    done = receipts.apply(session, said, stream, seq)
    return _Taken(
        "receipt",
        seq,
        done.rows,
        done.missing,
        Changes(households=done.households, handover=True),
    )


def _news(gate: VillageGate, opened: Opened) -> News | None:
    """Say what a carried key set brings that this village has not seen."""
    from siks_offline.crypto import codes
    from siks_offline.export.keyset import root_digits

    carried: Any = opened.keyset
    if carried is None or opened.carried is None or carried.version <= gate.keyset_version:
        return None
    if carried.root == gate.pinned_root:
        return News(carried.version)
    return News(carried.version, codes.grouped(root_digits(carried.id, carried.root), 5, " "))


def _keep_keyset(session: Session, gate: VillageGate, opened: Opened) -> News | None:
    from siks_offline.db import keysets
    from siks_offline.desa import trust

    news = _news(gate, opened)
    if news is not None:
        carried: Any = opened.keyset
        signed: Any = opened.carried
        keysets.put(
            session,
            keysets.KeySet(carried.version, signed.raw, signed.signatures, signed.sha256),
        )
        trust.follow(session, gate, carried.root)
    return news
