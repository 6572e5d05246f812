"""Fill a bundle up to a power of two, so that parts of a return file tell little by their size."""

from __future__ import annotations

import base64
import hashlib
import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline.export.archive import DEFLATED, Header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATH = "records/pad.ndjson"
SMALLEST = 4096
_LINE = 1024
_BLOCK = 65_535  # the most that a stored deflate block takes
_LEAST = len(b'[""]\n')


@dataclass(frozen=True, slots=True)
class Pad:
    """So many plain bytes, in stored deflate blocks of which so many are empty."""

    size: int
    empty: int

    @property
    def packed(self) -> int:
        """How many bytes the entry takes in the archive."""
        return self.size + 5 * (-(-self.size // _BLOCK) + self.empty)

    @property
    def rows(self) -> int:
        """How many lines it has."""
        return max(1, self.size // _LINE)

    @property
    def header(self) -> Header:
        """Its zip header before the content is drawn: of the right length, without the CRC."""
        return Header(PATH, DEFLATED, 0, self.packed, self.size)


def find(measure: Callable[[Pad], int]) -> Pad:
    """Return the pad with which a file measures a power of two.

    `measure` gives the file's size with a pad. A longer pad may add a digit to the manifest and so
    step over the very size; a few empty blocks of five bytes step back onto it.
    """
    target = SMALLEST
    while target < measure(Pad(_LEAST, 0)):
        target *= 2
    while True:
        for empty in range(40):
            size = _LEAST
            for _ in range(12):
                off = target - measure(Pad(size, empty))
                if off == 0:
                    return Pad(size, empty)
                size = max(_LEAST, size + off)
        target *= 2


def draw(pad: Pad) -> tuple[bytes, Header, str]:
    """Return random lines of a pad's size, their zip header and their SHA-256."""
    lines = []
    left = pad.size
    for number in range(pad.rows, 0, -1):
        size = left if number == 1 else _LINE
        left -= size
        noise = base64.urlsafe_b64encode(os.urandom(size))[: size - _LEAST]
        lines.append(b'["' + noise + b'"]\n')
    content = b"".join(lines)
    header = Header(PATH, DEFLATED, zlib.crc32(content), pad.packed, pad.size)
    return content, header, hashlib.sha256(content).hexdigest()


def blocks(content: bytes, empty: int) -> Iterator[bytes]:
    """Yield content as stored deflate blocks, the empty ones first."""
    for _ in range(empty):
        yield b"\0\0\0\xff\xff"
    for start in range(0, len(content), _BLOCK):
        part = content[start : start + _BLOCK]
        size = len(part)
        last = start + _BLOCK >= len(content)
        yield bytes([last]) + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little")
        yield part
