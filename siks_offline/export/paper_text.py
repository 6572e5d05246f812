"""Short lines of text measured, broken and written straight as operators of a page.

The library's own road takes a line apart letter by letter some five times over; a list of 10,000
households has 150,000 of them. Widths and the bytes of letters are looked up once a letter.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from siks_offline.export.paper_parts import FONT, Style, register_font


class _Widths(dict[str, float]):
    """Width of each letter at size 1."""

    def __missing__(self, letter: str) -> float:
        from reportlab.pdfbase.pdfmetrics import stringWidth

        register_font()
        found = self[letter] = float(stringWidth(letter, FONT, 1000)) / 1000
        return found


_WIDTHS = _Widths()


def width(words: str, size: float) -> float:
    """Return the width of a line in points."""
    return sum(map(_WIDTHS.__getitem__, words)) * size


@lru_cache(maxsize=64)
def cut(words: str, room: float, size: float = 7.5) -> str:
    """Return a text that is no wider than a room: the foot is the same on every page."""
    return Style.cut(words, room, size)


@lru_cache(maxsize=100_000)
def wrapped(words: str, size: float, room: float, most: int) -> tuple[str, ...]:
    """Break words into lines no wider than a room; what does not fit into them ends in dots."""
    whole = " ".join(words.split())
    if width(whole, size) <= room:
        return (whole,) if whole else ()
    lines: list[str] = []
    line = ""
    for word in whole.split():
        longer = f"{line} {word}" if line else word
        if width(longer, size) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while width(line, size) > room and len(line) > 1:
            fits = next(
                (n for n in range(len(line) - 1, 0, -1) if width(line[:n], size) <= room), 1
            )
            lines.append(line[:fits])
            line = line[fits:]
    if line:
        lines.append(line)
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = Style.cut(f"{lines[-1]} …", room, size)
    return tuple(lines)


class Ink:
    """Writes lines of one size on the pages of one file, as operators between BT and ET."""

    def __init__(self, canvas: Any, size: float) -> None:
        from reportlab.pdfbase.pdfmetrics import getFont

        self._font = getFont(FONT)
        self._doc = canvas._doc
        self._size = size
        self._names: dict[int, str] = {}
        self._codes: dict[str, tuple[int, str]] = {}
        self._shown: dict[str, str] = {}

    def text(self, lines: list[tuple[float, float, str]]) -> str:
        """Return the operators that write lines, each at its left and its height in points."""
        placed = [f"1 0 0 1 {x:.2f} {y:.2f} Tm {self._show(words)}" for x, y, words in lines]
        return "\n".join(("BT", *placed, "ET"))

    def _show(self, words: str) -> str:
        found = self._shown.get(words)
        if found is None:
            found = self._shown[words] = self._spelled(words)
        return found

    def _spelled(self, words: str) -> str:
        """Return a line as hex; one face holds 256 letters, rarely does a line need two."""
        codes = self._codes
        for letter in words:
            if letter not in codes:
                [(face, raw)] = self._font.splitString(letter, self._doc)
                codes[letter] = (face, raw.hex())
        parts: list[str] = []
        last = -1
        for face, code in map(codes.__getitem__, words):
            if face != last:
                parts.append(f"{'> Tj ' if parts else ''}{self._name(face)} {self._size} Tf <")
                last = face
            parts.append(code)
        return "".join((*parts, "> Tj")) if parts else ""

    def _name(self, face: int) -> str:
        found = self._names.get(face)
        if found is None:
            found = self._names[face] = self._font.getSubsetInternalName(face, self._doc)
        return found
