"""A sealed, signed bundle (.siks): written here, opened by the same names.

Two passes: the records are packed into an encrypted spool and everything is hashed; then manifest,
signature and entries stream through our own reader into the file beside its final name.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from siks_offline.crypto import age, sshsig
from siks_offline.errors import BundleError
from siks_offline.export import archive, canonical, files, keyset, manifest, packing, padding
from siks_offline.export.manifest import Draft
from siks_offline.export.opening import Gate, KnownKey, Opened, open_bundle, open_source
from siks_offline.export.packing import AttachmentFile, Packed, RecordFile
from siks_offline.export.reading import (
    KEYSET,
    KEYSET_SECOND,
    KEYSET_SIGNATURE,
    MANIFEST,
    SIGNATURE,
    Walk,
)
from siks_offline.export.staging import Staging
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import BinaryIO

    from siks_offline.export.keyset import SignedKeySet
    from siks_offline.export.padding import Pad
    from siks_offline.progress import Progress

__all__ = [
    "AttachmentFile",
    "Draft",
    "Gate",
    "KnownKey",
    "Opened",
    "Packed",
    "RecordFile",
    "Written",
    "open_bundle",
    "open_source",
    "outline",
    "write",
]

_PARTS = 1000  # progress of a write is told in thousandths: its two passes count unlike things
_CHUNK, _TAG, _NONCE = 1 << 16, 16, 16


@dataclass(frozen=True, slots=True)
class Written:
    """A bundle that stands whole on its medium."""

    path: Path
    name: str
    file_sha256: str
    size: int
    manifest_sha256: str
    manifest: dict[str, Any]
    manifest_bytes: bytes
    rows: dict[str, int]


def write(
    folder: Path,
    draft: Draft,
    key: sshsig.SigningKey,
    records: Sequence[RecordFile | Packed],
    attachments: Sequence[AttachmentFile] = (),
    keyset: SignedKeySet | None = None,
    *,
    name: str | None = None,
    pad: bool = False,
    private: bool = False,
    naming: Callable[[Written], AbstractContextManager[object]] = contextlib.nullcontext,
    progress: Progress = silent,
) -> Written:
    """Write one bundle into a folder, whole or not at all, and read it back.

    Without a name the file is `siks-<code>-<seq>-<8 hex of its SHA-256>.siks`; it gets its name
    within a `naming`. With `pad` its size is a power of two, as parts of a return file are. A
    `private` one, within a data folder, is its owner's only. Raises BundleError for records that
    no reader would take, E_TOO_LARGE beyond the writer's limits, FileError for the medium;
    Cancelled passes through from progress. No `.siks` and no part remains then.
    """
    unpacked = [record for record in records if isinstance(record, RecordFile)]
    total = sum(record.rows for record in unpacked) + len(attachments)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(min(done * (_PARTS // 2) // max(total, 1), _PARTS // 2), _PARTS)

    with Staging() as spool:
        packed = packing.entries(records, attachments, spool, advance)
        contents = _Contents(draft, key, keyset, packed)
        if pad:
            contents.add(packing.pad_entry(padding.find(contents.measure)))
        if len(packed) > manifest.MOST_ENTRIES_WRITTEN:
            raise BundleError("E_TOO_LARGE")
        of = contents.manifest([entry.line for entry in packed])
        raw, entries = contents.entries(of)
        rows = {
            line["path"][8:-7]: line["rows"]
            for line in of["entries"]
            if manifest.is_records(line["path"])
        }

        def finished(path: Path, out: files.Hashing) -> Written:
            return Written(
                path=path,
                name=path.name,
                file_sha256=out.hexdigest(),
                size=out.size,
                manifest_sha256=hashlib.sha256(raw).hexdigest(),
                manifest=of,
                manifest_bytes=raw,
                rows=rows,
            )

        return finished(
            *_second_pass(
                folder, draft, key.public, entries, of, name, progress,
                lambda path, out: naming(finished(path, out)), private=private,
            )
        )  # fmt: skip


class _Contents:
    """What goes into one bundle, before its size is settled."""

    def __init__(
        self,
        draft: Draft,
        key: sshsig.SigningKey,
        carried: SignedKeySet | None,
        packed: list[Packed],
    ) -> None:
        self._draft = draft
        self._key = key
        self._carried = carried
        self._keyset = _keyset_of(draft, carried)
        self._packed = packed

    def add(self, entry: Packed) -> None:
        """Put one more entry in its place."""
        self._packed.append(entry)
        self._packed.sort(key=lambda one: one.header.name)

    def manifest(self, entry_lines: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the manifest of these entries."""
        key = sshsig.fingerprint(self._key.public)
        return manifest.build(self._draft, key, entry_lines, self._keyset)

    def entries(self, of: dict[str, Any]) -> tuple[bytes, list[archive.Entry]]:
        """Return the manifest's bytes, and all entries of the archive."""
        raw = canonical.dumps(of)
        signature = self._key.sign(raw, manifest.namespace(self._draft.type))
        found = [archive.stored(MANIFEST, raw), archive.stored(SIGNATURE, signature)]
        if self._carried is not None:
            found.append(archive.stored(KEYSET, self._carried.raw))
            found.append(archive.stored(KEYSET_SIGNATURE, self._carried.signature))
            if self._carried.second:
                found.append(archive.stored(KEYSET_SECOND, self._carried.second))
        found += [archive.Entry(entry.header, entry.blocks()) for entry in self._packed]
        return raw, found

    def measure(self, pad: Pad) -> int:
        """Return the size that the file would have with a pad."""
        entry_lines = [*(entry.line for entry in self._packed), packing.pad_line(pad)]
        entry_lines.sort(key=lambda line: line["path"])
        _, found = self.entries(self.manifest(entry_lines))
        headers = [*(entry.header for entry in found), pad.header]
        return sealed_size(archive.size_of(headers), self._draft.enc)


def _keyset_of(draft: Draft, carried: SignedKeySet | None) -> tuple[int, str]:
    if carried is not None:
        return keyset.parse(carried.raw).version, carried.sha256
    if draft.keyset is None:
        raise ValueError("a draft names a key set or carries one")
    return draft.keyset


# The second pass -------------------------------------------------------------------------------


class _Tee:
    """The plaintext as our own reader takes it, sealed as it passes."""

    def __init__(self, blocks: Iterator[bytes], out: age.SealWriter) -> None:
        self._blocks = blocks
        self._out = out
        self._held = memoryview(b"")

    def read(self, size: int, /) -> bytes:
        while not self._held:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._out.write(block)
            self._held = memoryview(block)
        data, self._held = self._held[:size], self._held[size:]
        return bytes(data)


def _second_pass(
    folder: Path,
    draft: Draft,
    public: bytes,
    entries: list[archive.Entry],
    of: dict[str, Any],
    name: str | None,
    progress: Progress,
    naming: Callable[[Path, files.Hashing], AbstractContextManager[object]],
    *,
    private: bool,
) -> tuple[Path, files.Hashing]:
    plain_size = archive.size_of(entry.header for entry in entries)
    size = sealed_size(plain_size, draft.enc)
    if size > manifest.LARGEST_FILE:
        raise BundleError("E_TOO_LARGE")
    files.require_space(folder, size)
    first_name = f"siks-{_digits(draft)}-{draft.seq:06}-{secrets.token_hex(4)}.siks"
    part = folder / f"{first_name}.part"

    def second_half(done: int, total: int) -> None:
        progress(_PARTS // 2 + done * (_PARTS // 2) // max(total, 1), _PARTS)

    try:
        with files.errors(part):
            with files.create(part, private=private) as file:
                out = files.Hashing(file)
                with age.seal(cast("BinaryIO", out), of["recipient"]["enc"]) as sealed:
                    _prove(Walk(_Tee(archive.blocks(entries), sealed)), public, of, second_half)
                file.flush()
                os.fsync(file.fileno())
            digest = out.hexdigest()
            path = folder / (name or f"siks-{_digits(draft)}-{draft.seq:06}-{digest[:8]}.siks")
            files.put_in_place(part, path, digest, lambda: naming(path, out))
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    second_half(1, 1)
    return path, out


def _prove(walk: Walk, public: bytes, of: dict[str, Any], progress: Progress) -> None:
    """Read what is being written as a receiver would; a fault here is a fault of the writer."""
    head = walk.head()
    if head.signature.public != public:
        raise BundleError("E_SIG_BAD")
    sshsig.verify(head.signature, head.raw)
    if manifest.parse(head.raw, head.signature.namespace)[0] != of:
        raise BundleError("E_MANIFEST_CANON")
    walk.keyset()
    walk.entries(of, None, progress)


def sealed_size(plain: int, enc: Sequence[str]) -> int:
    """Return the size of the age file of so many plaintext bytes to these recipients."""
    empty = io.BytesIO()
    with age.seal(empty, enc):
        pass
    chunks = max(1, -(-plain // _CHUNK))
    return len(empty.getvalue()) - _TAG + plain + _TAG * chunks


def _digits(draft: Draft) -> str:
    """Return the ten digits of the village that a bundle comes from or goes to."""
    for party in (draft.sender_id, draft.recipient_id):
        if party.startswith("desa:"):
            return party.removeprefix("desa:")
    return "0" * 10


# What can be known without keys ----------------------------------------------------------------


def outline(path: Path) -> dict[str, Any]:
    """Return what a file shows without keys: kind, size, recipients or parts, SHA-256.

    `jenis` is `siks`, `siksundang`, `siksbalas`; a file that is none of ours raises BundleError
    E_NOT_BUNDLE, a damaged header its own code. `penerima` is 0 for what is not encrypted.
    """
    with files.errors(path, reading=True):
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(33 << 10)
    count = 0
    if start.startswith(b"PK\x03\x04"):
        kind = _kind_of_archive(start)
    else:
        kind = "siks"
        count = len(age.stanza_types(io.BytesIO(start)))
    return {"jenis": kind, "ukuran": size, "penerima": count, "sha256": files.sha256_of(path)}


def _kind_of_archive(start: bytes) -> str:
    try:
        header = archive.ArchiveReader(io.BytesIO(start)).next()
    except BundleError:
        header = None
    if header is not None and header.name == "invitation.json":
        return "siksundang"
    if header is not None and header.name.startswith("parts/"):
        return "siksbalas"
    raise BundleError("E_NOT_BUNDLE")
