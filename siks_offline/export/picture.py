"""Pictures as bytes: what a camera writes beside one is left out, and where it was taken is read.

Sources: ISO/IEC 10918-1 annex B (JPEG), PNG specification section 11, CIPA DC-008 (Exif), TIFF 6.0.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

JPEG: Final = b"\xff\xd8\xff"
PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP")
_SCAN, _END, _COMMENT = 0xDA, 0xD9, 0xFE
_APPLICATION: Final = range(0xE0, 0xF0)
_KEPT_APPLICATION: Final = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""Segments without which the picture would look another way, by what they begin with."""
_EXIF: Final = b"Exif\0\0"
_GPS, _RATIONAL, _ASCII = 0x8825, 5, 2
_LATITUDE, _LONGITUDE = 2, 4
_FIGURES: Final = 6
"""Decimals of a degree: a tenth of a metre, more than a telephone knows."""


class Place(NamedTuple):
    """Where a picture was taken, WGS 84, as decimal degrees."""

    latitude: str
    longitude: str


def kind(data: bytes) -> str:
    """Return the extension that the content calls for: "jpg", "png"; "" for neither."""
    return "jpg" if data.startswith(JPEG) else "png" if data.startswith(PNG) else ""


def bare(data: bytes) -> bytes:
    """Return a picture without place, time, device, comment, and what hangs behind its end.

    Empty for what is no whole picture: nothing could be said of what else is in it.
    """
    if data.startswith(JPEG):
        parts = [part for part in _segments(data) if _stays(part)]
        whole = any(part[1] == _SCAN for part in parts)
        return b"".join([data[:2], *parts]) if whole else b""
    parts = [chunk for chunk in _chunks(data) if chunk[4:8] in _PNG_KEPT]
    return b"".join([PNG, *parts]) if any(part[4:8] == b"IDAT" for part in parts) else b""


def place(data: bytes) -> Place | None:
    """Return where a picture says that it was taken; None where it says nothing that can be."""
    if data.startswith(JPEG):
        blocks = (p[4 + len(_EXIF) :] for p in _segments(data) if p[4:].startswith(_EXIF))
    else:
        blocks = (chunk[8:-4] for chunk in _chunks(data) if chunk[4:8] == b"eXIf")
    for block in blocks:
        try:
            found = _place(block)
        except (struct.error, ZeroDivisionError, KeyError):
            continue
        if found is not None:
            return found
    return None


def _stays(segment: bytes) -> bool:
    marker = segment[1]
    if marker in _APPLICATION:
        return segment[4:].startswith(_KEPT_APPLICATION.get(marker, b"\xff\xff"))
    return marker != _COMMENT


def _segments(data: bytes) -> Iterator[bytes]:
    """Yield each segment with its marker, a scan with all its data, up to the end of the picture.

    Behind the end telephones hang films and further pictures with places of their own.
    """
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill before a marker
            at += 1
            continue
        size = 2 + int.from_bytes(data[at + 2 : at + 4])
        end = at + size
        if marker == _SCAN:
            end = _behind_scan(data, end)
        if marker == _END or size < 4 or end > len(data):
            break
        yield data[at:end]
        at = end
    if data[at : at + 2] == bytes([0xFF, _END]):
        yield data[at : at + 2]


def _behind_scan(data: bytes, at: int) -> int:
    """Return where the next marker stands; zero bytes and restarts belong to the scan."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] not in (0x00, 0xFF) and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 1 if data[at + 1] == 0xFF else 2
    return len(data)


def _chunks(data: bytes) -> Iterator[bytes]:
    at = len(PNG)
    while at + 12 <= len(data):
        size = 12 + int.from_bytes(data[at : at + 4])
        if at + size > len(data):
            return
        yield data[at : at + size]
        if data[at + 4 : at + 8] == b"IEND":
            return
        at += size


def _place(tiff: bytes) -> Place | None:
    order = {b"II": "<", b"MM": ">"}[tiff[:2]]
    (first,) = struct.unpack_from(f"{order}4xI", tiff)
    pointer = _entries(tiff, order, first).get(_GPS)
    if pointer is None:
        return None
    (at,) = struct.unpack(f"{order}I", pointer[2])
    entries = _entries(tiff, order, at)
    found = []
    for tag, most, below in ((_LATITUDE, 90, b"S"), (_LONGITUDE, 180, b"W")):
        kind_, count, field = entries[tag]
        if kind_ != _RATIONAL or count != 3:
            return None
        (where,) = struct.unpack(f"{order}I", field)
        numbers = struct.unpack_from(f"{order}6I", tiff, where)
        degrees = sum(numbers[2 * n] / numbers[2 * n + 1] / 60**n for n in range(3))
        side, _, letter = entries[tag - 1]
        if side != _ASCII or not 0 <= degrees <= most:
            return None
        found.append(-degrees if letter[:1] == below else degrees)
    if not any(found):
        return None  # what a telephone writes that has not found itself yet
    return Place(*(f"{one:.{_FIGURES}f}".rstrip("0").rstrip(".") for one in found))


def _entries(tiff: bytes, order: str, at: int) -> dict[int, tuple[int, int, bytes]]:
    """Return tag -> type, count and the four bytes of its value, or of where that is."""
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    fields = (struct.unpack_from(f"{order}HHI4s", tiff, at + 2 + 12 * n) for n in range(count))
    return {tag: (kind_, number, value) for tag, kind_, number, value in fields}
