"""The canonical zip of bundles: one byte string for a list of entries, read forward only.

`unzip` opens it; our reader rebuilds every header and compares bytes, so nothing can hide between,
before or behind the entries. Layout and field values: docs/spec/siks-bundle.md section 2.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from siks_offline.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STORED = 0
DEFLATED = 8
BLOCK = 1 << 16
LARGEST = 0xFFFFFFFF
MOST_ENTRIES = 0xFFFF

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = 0x04034B50, 0x02014B50, 0x06054B50
_DATE = 0x0021  # 1 January 1980, the zero of zip


class Source(Protocol):
    """What plaintext is read from; an empty answer is its verified end."""

    def read(self, size: int, /) -> bytes:
        """Return up to size bytes."""


class Sink(Protocol):
    """What plaintext is written to."""

    def write(self, data: bytes, /) -> object:
        """Take all of data."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the archive says of one entry: name, method, CRC-32, packed and plain size."""

    name: str
    method: int
    crc: int
    packed: int
    size: int

    def local(self) -> bytes:
        """Return the local header, the name included."""
        name = self.name.encode("ascii")
        return (
            _LOCAL.pack(
                _LOCAL_MARK, 20, 0, self.method, 0, _DATE,
                self.crc, self.packed, self.size, len(name), 0,
            )
            + name
        )  # fmt: skip

    def central(self, offset: int) -> bytes:
        """Return the line of the central directory for an entry that begins at offset."""
        name = self.name.encode("ascii")
        return (
            _CENTRAL.pack(
                _CENTRAL_MARK, 20, 20, 0, self.method, 0, _DATE,
                self.crc, self.packed, self.size, len(name), 0, 0, 0, 0, 0, offset,
            )
            + name
        )  # fmt: skip


class _Directory:
    """The central directory as it grows with the entries."""

    def __init__(self) -> None:
        self.offset = 0
        self._lines: list[bytes] = []

    def add(self, header: Header) -> None:
        self._lines.append(header.central(self.offset))
        self.offset += _LOCAL.size + len(header.name) + header.packed
        if self.offset > LARGEST or len(self._lines) > MOST_ENTRIES:
            raise BundleError("E_TOO_LARGE")

    def tail(self) -> bytes:
        lines = b"".join(self._lines)
        count = len(self._lines)
        return lines + _END.pack(_END_MARK, 0, 0, count, count, len(lines), self.offset, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to be written: its header, and where its packed bytes come from."""

    header: Header
    blocks: Iterable[bytes]


def stored(name: str, content: bytes) -> Entry:
    """Return an entry that holds these bytes as they are."""
    header = Header(name, STORED, zlib.crc32(content), len(content), len(content))
    return Entry(header, (content,))


def blocks(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the bytes of a canonical zip of these entries, in their order."""
    directory = _Directory()
    for entry in entries:
        directory.add(entry.header)
        yield entry.header.local()
        yield from entry.blocks
    yield directory.tail()


def size_of(headers: Iterable[Header]) -> int:
    """Return how many bytes a canonical zip of such entries has."""
    directory = _Directory()
    for header in headers:
        directory.add(header)
    return directory.offset + len(directory.tail())


class ArchiveReader:
    """A canonical zip read in one forward pass.

    Take each header, then read or skip all of its packed bytes, then take the next; after the last
    `next` returns None and the archive is proven whole to its last byte. Anything that the writer
    above would not have written raises BundleError with `code`.
    """

    def __init__(self, source: Source, code: str = "E_ZIP_STRUCTURE") -> None:
        self.code = code
        self._source = source
        self._directory = _Directory()
        self._left = 0
        self.offset = 0
        """Bytes taken from the source so far."""

    def next(self) -> Header | None:
        """Return the next entry's header, or None at the proven end."""
        assert self._left == 0
        mark = self._exactly(4)
        if mark != _LOCAL_MARK.to_bytes(4, "little"):
            self._finish(mark)
            return None
        fixed = mark + self._exactly(_LOCAL.size - 4)
        _, _, _, method, _, _, crc, packed, size, name_length, _ = _LOCAL.unpack(fixed)
        if not 0 < name_length <= 200:
            raise BundleError(self.code)
        raw = self._exactly(name_length)
        try:
            name = raw.decode("ascii")
        except UnicodeDecodeError:
            raise BundleError("E_ENTRY_NAME", entri=repr(raw)[2:-1][:80]) from None
        header = Header(name, method, crc, packed, size)
        if header.local()[: _LOCAL.size] != fixed or method not in {STORED, DEFLATED}:
            raise BundleError(self.code)
        if method == STORED and packed != size:
            raise BundleError(self.code)
        self._directory.add(header)
        self._left = packed
        return header

    def packed(self, block: int = BLOCK) -> Iterator[bytes]:
        """Yield the packed bytes of the entry whose header was taken last."""
        while self._left:
            data = self._source.read(min(block, self._left))
            if not data:
                raise BundleError(self.code)
            self._left -= len(data)
            self.offset += len(data)
            yield data

    def content(self, header: Header, limit: int) -> bytes:
        """Return all bytes of a stored entry of at most limit bytes, its CRC-32 checked."""
        if header.size > limit:
            raise BundleError("E_TOO_LARGE")
        if header.method != STORED:
            raise BundleError(self.code)
        data = b"".join(self.packed())
        if zlib.crc32(data) != header.crc:
            raise BundleError(self.code)
        return data

    def _exactly(self, count: int) -> bytes:
        parts = []
        while count:
            data = self._source.read(count)
            if not data:
                raise BundleError(self.code)
            self.offset += len(data)
            count -= len(data)
            parts.append(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _finish(self, mark: bytes) -> None:
        expected = self._directory.tail()
        for start in range(0, len(expected), BLOCK):
            wanted = expected[start : start + BLOCK]
            found = mark + self._exactly(len(wanted) - len(mark))
            mark = b""
            if found != wanted:
                raise BundleError(self.code)
        if self._source.read(1):
            raise BundleError(self.code)


def inflate(packed: Iterable[bytes], size: int, name: str = "records") -> Iterator[bytes]:
    """Yield the plain bytes of an entry's raw deflate stream, never more than `size` of them.

    The final block must end exactly where the packed bytes end. Raises BundleError E_ENTRY_SIZE
    when there are more or fewer plain bytes, E_ZIP_STRUCTURE when the stream is broken.
    """
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    left = size
    ended = False
    try:
        for data in packed:
            waiting = data
            while waiting:
                if ended:
                    raise BundleError("E_ZIP_STRUCTURE")
                plain = machine.decompress(waiting, min(BLOCK, left + 1))
                ended = machine.eof
                waiting = machine.unused_data if ended else machine.unconsumed_tail
                left -= len(plain)
                if left < 0:
                    raise BundleError("E_ENTRY_SIZE", entri=name)
                if plain:
                    yield plain
        while not ended:
            # All input is in, but output that did not fit the last block may still wait inside.
            plain = machine.decompress(b"", min(BLOCK, left + 1))
            ended = machine.eof
            left -= len(plain)
            if left < 0:
                raise BundleError("E_ENTRY_SIZE", entri=name)
            if plain:
                yield plain
            elif not ended:
                raise BundleError("E_ZIP_STRUCTURE")
    except zlib.error:
        raise BundleError("E_ZIP_STRUCTURE") from None
    if left:
        raise BundleError("E_ENTRY_SIZE", entri=name)
