"""How an export is cut into files that a medium takes, each a bundle of its own.

Cut by what the sealed file will weigh: revisions are deflated here as lightly as zlib can, which
weighs no less than what the writer makes of them, and photos are stored as they are.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siks_offline.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from siks_offline.db.attachments import Stored

TARGETS: Final = {"surel": 18_000_000, "wa": 16_000_000, "usb": 64 << 20}
"""Bytes of a file: below mail's usual 25 MB after base64, what messengers take, one for sticks."""
MOST_VISITS: Final = 20_000
"""Visits of one file: some 150 MB of lines, well within the format's limit of 256 MiB."""
MOST_ATTACHMENTS: Final = 8_900
_ENTRY: Final = 640
"""Most bytes that one attachment costs beside its own: zip header, directory, manifest line."""
_FIXED: Final = 96 << 10
"""Manifest, signature, zip and age headers; what zlib still holds back when it is asked."""
_SEALED: Final = 16 / (1 << 16)


@dataclass(frozen=True, slots=True)
class Part:
    """What goes into one file: so many further revisions, and these attachments."""

    visits: int
    attachments: tuple[Stored, ...]
    size: int
    """Bytes that the file will not exceed."""


class _Weight:
    """Deflated size of lines as they come."""

    def __init__(self) -> None:
        self._machine = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        self.packed = 0

    def add(self, line: bytes) -> None:
        self.packed += len(self._machine.compress(line + b"\n"))


def plan(
    lines: Iterable[str],
    raw: int,
    attachments: Sequence[Stored],
    inventory: Callable[[], Iterable[bytes]],
    target: int,
) -> tuple[Part, ...]:
    """Return the parts of an export, at least one; the inventory goes into the last.

    `lines` are the revisions in order and `raw` their bytes in all: when everything is small they
    are not looked at, and the one part says -1 visits, which is all. Raises FileError E_PHOTO_PART
    for a photo that no file of this size takes.
    """
    room = int((target - _FIXED) / (1 + _SEALED))
    heads = sum(len(line) + 1 for line in inventory())
    photos = sum(one.size + _ENTRY for one in attachments)
    if raw + heads + photos <= room and len(attachments) <= MOST_ATTACHMENTS:
        return (Part(-1, tuple(attachments), _sealed(raw + heads + photos)),)
    parts: list[Part] = []
    weight, count = _Weight(), 0
    for line in lines:
        if count >= MOST_VISITS or weight.packed + len(line) >= room:
            parts.append(Part(count, (), _sealed(weight.packed)))
            weight, count = _Weight(), 0
        weight.add(line.encode())
        count += 1
    used = weight.packed
    kept: list[Stored] = []
    for one in attachments:
        if one.size + _ENTRY > room:
            raise FileError("E_PHOTO_PART", ukuran=one.size, paling_besar=target)
        if used + one.size + _ENTRY > room or len(kept) >= MOST_ATTACHMENTS:
            parts.append(Part(count, tuple(kept), _sealed(used)))
            used, kept, count = 0, [], 0
        used += one.size + _ENTRY
        kept.append(one)
    tail = _Weight()
    for head in inventory():
        tail.add(head)
    if used + tail.packed > room and (count or kept):
        parts.append(Part(count, tuple(kept), _sealed(used)))
        used, kept, count = 0, [], 0
    parts.append(Part(count, tuple(kept), _sealed(used + tail.packed)))
    return tuple(parts)


def _sealed(packed: int) -> int:
    return int(packed * (1 + _SEALED)) + _FIXED
