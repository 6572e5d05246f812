"""One file for all villages (.siksbalas), each part readable by its own village only.

It has no authority of its own: every part is a complete bundle, and one taken out shows as a gap.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from siks_offline.crypto import age
from siks_offline.errors import BundleError
from siks_offline.export import archive, files
from siks_offline.export.staging import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MOST_PARTS = 2000
_name = re.compile(r"parts/([0-9a-f]{64})\.siks")


@dataclass(frozen=True, slots=True)
class Part:
    """A part that one of our identities opens: its SHA-256, and where it lies in the file."""

    sha256: str
    offset: int
    size: int

    def window(self, file: BinaryIO) -> Window:
        """Return the part as a file of its own, for `bundle.open_source`."""
        return Window(file, self.offset, self.size)


def write(path: Path, parts: Sequence[Path]) -> str:
    """Write bundles into one return file, whole or not at all; return its SHA-256.

    Raises FileError, and BundleError E_TOO_LARGE for none or over 2,000 parts.
    """
    if not 1 <= len(parts) <= MOST_PARTS:
        raise BundleError("E_TOO_LARGE")
    entries = {entry.header.name: entry for entry in map(_entry, parts)}

    def fill(out: files.Hashing) -> None:
        for block in archive.blocks(entries[name] for name in sorted(entries)):
            out.write(block)

    return files.write_whole(path, fill)


def _entry(path: Path) -> archive.Entry:
    digest = hashlib.sha256()
    crc = size = 0
    for block in _blocks(path):
        digest.update(block)
        crc = zlib.crc32(block, crc)
        size += len(block)
    name = f"parts/{digest.hexdigest()}.siks"
    return archive.Entry(archive.Header(name, archive.STORED, crc, size, size), _blocks(path))


def _blocks(path: Path) -> Iterator[bytes]:
    with files.errors(path, reading=True), path.open("rb") as file:
        while block := file.read(files.BLOCK):
            yield block


def parts_for(path: Path, identities: Sequence[age.Identity]) -> list[Part]:
    """Return the parts that open with one of these identities; the rest is passed over in silence.

    The whole file is walked: a damaged one raises BundleError E_NOT_BUNDLE, E_ZIP_PROFILE,
    E_ENTRY_NAME, E_ENTRY_ORDER, E_TOO_LARGE; a part of ours whose bytes are not what its name says
    E_ENTRY_HASH.
    """
    with files.errors(path, reading=True), path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            raise BundleError("E_NOT_BUNDLE")
        file.seek(0)
        return [
            _proven(file, part) for part in _parts(file) if _opens(part.window(file), identities)
        ]


def _parts(file: BinaryIO) -> list[Part]:
    reader = archive.ArchiveReader(file, "E_ZIP_PROFILE")
    parts: list[Part] = []
    while (header := reader.next()) is not None:
        named = _name.fullmatch(header.name)
        if named is None:
            raise BundleError("E_ENTRY_NAME", entri=header.name[:80])
        if parts and named[1] <= parts[-1].sha256:
            raise BundleError("E_ENTRY_ORDER")
        if len(parts) == MOST_PARTS:
            raise BundleError("E_TOO_LARGE")
        if header.method != archive.STORED:
            raise BundleError("E_ZIP_PROFILE")
        parts.append(Part(named[1], reader.offset, header.size))
        crc = 0
        for block in reader.packed():
            crc = zlib.crc32(block, crc)
        if crc != header.crc:
            raise BundleError("E_ZIP_PROFILE")
    if not parts:
        raise BundleError("E_ZIP_PROFILE")
    return parts


def _opens(window: Window, identities: Sequence[age.Identity]) -> bool:
    with contextlib.suppress(BundleError):
        age.unseal(window, identities)
        return True
    return False


def _proven(file: BinaryIO, part: Part) -> Part:
    digest = hashlib.sha256()
    window = part.window(file)
    while block := window.read(files.BLOCK):
        digest.update(block)
    if digest.hexdigest() != part.sha256:
        raise BundleError("E_ENTRY_HASH", entri=part.sha256)
    return part
