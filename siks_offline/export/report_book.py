"""Reports as a workbook: texts stay texts, counts are numbers, nothing computes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from siks_offline.export.canonical import normalise_text
from siks_offline.export.sheet_writer import DECIMAL, INTEGER, LABEL, NAME, TEXT, Pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from siks_offline.export.sheet_writer import Cell

LEAST: Final = 9
MOST: Final = 48
"""Width of a column in letters."""
_WHOLE: Final = re.compile(r"\d{1,15}")
_SHARE: Final = re.compile(r"\d{1,3},\d")
_NO_TITLE: Final = re.compile(r"[\[\]:*?/\\]")


def write(
    path: Path,
    sheets: Iterable[tuple[str, Sequence[str], Sequence[Sequence[str]], frozenset[int]]],
    head: str,
) -> None:
    """Write sheets of (title, header, rows, places of columns that count), whole or not at all.

    Above each header stand the title with `head`; both stay in sight. Raises FileError.
    """
    with Pages() as book:
        for title, header, rows, numbers in sheets:
            widths = _widths(header, rows)
            page = book.add(_NO_TITLE.sub(" ", title)[:31], widths, frozen=(1, 2))
            above: list[Cell] = [(NAME, _clean(f"{title}. {head}"))]
            page.append([*above, *[None] * (len(header) - 1)])
            page.append([(LABEL, _clean(name)) for name in header])
            for row in rows:
                page.append(_cell(cell, at in numbers) for at, cell in enumerate(row))
        book.save(path)


def _cell(text: str, counts: bool) -> Cell:
    if not text:
        return None
    if counts and _WHOLE.fullmatch(text):
        return INTEGER, text
    if _SHARE.fullmatch(text):
        return DECIMAL, text.replace(",", ".")
    return TEXT, _clean(text)


def _clean(text: str) -> str:
    return normalise_text(text)[0]


def _widths(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """Return room for the longest of the first rows, within reason."""
    sample = [header, *rows[:500]]
    return [
        float(min(MOST, max(LEAST, *(len(row[at]) + 2 for row in sample))))
        for at in range(len(header))
    ]
