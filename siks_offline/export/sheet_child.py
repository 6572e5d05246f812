"""The confined process that parses a workbook for the program.

The parser is fast and written in Rust, and some files make it abort its process or eat all memory;
so it runs here. The workbook is standard input (an open file, so that nobody can change it for
another between check and reading); rows go to standard output as UTF-8 text:

    sheet   0x1D name 0x1F first column (0-based) 0x1E, then its rows from row 1 on
    row     cells joined by 0x1F, then 0x1E; trailing empty cells are left out
    end     0x04
    failure 0x15 reason, in place of the rest

A cell is text normalised by BUNDLE.md 1.4, which cannot hold these separators. What was no text
carries one mark in front, see the constants. Formulas come as their cached values; a formula that
was never computed, and an Excel error such as #N/A, come as empty.
"""

from __future__ import annotations

import os
import sys
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from siks_offline.export.canonical import LONGEST_TEXT, normalise_text
from siks_offline.export.limits import confine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

HIDDEN_ARGUMENT = "--baca-lembar"
"""First argument that makes a frozen program be this process."""

MEMORY = 600 * 2**20
SECONDS = 60

CELL, ROW, SHEET, END, FAILURE = "\x1f", "\x1e", "\x1d", "\x04", "\x15"
NUMBER = "\x01"
"""A number, as decimal text; the text is what str() gives, so 3.52018e+15 shows its loss."""
DAY = "\x02"
"""A date (and time, when it is not midnight) in ISO form."""
TRUTH = "\x03"
"""A Boolean, 1 or 0."""
CLEANED = "\x05"
"""Text from which forbidden characters were taken."""
CUT = "\x06"
"""Text that was longer than a field may be, cut."""

_BLOCK = 1 << 17


def main(argv: list[str] | None = None) -> int:  # noqa: ARG001 - called like any main
    """Read the workbook on standard input, write its rows to standard output."""
    confine(MEMORY, SECONDS)
    with (
        os.fdopen(0, "rb", closefd=False) as source,
        os.fdopen(1, "wb", buffering=_BLOCK, closefd=False) as out,
    ):
        try:
            for text in _rows(source):
                out.write(text.encode())
            out.write(END.encode())
        except MemoryError:
            out.write(f"{FAILURE}memori".encode())
        except Exception as error:  # noqa: BLE001 - whatever the parser says, the file is at fault
            out.write(f"{FAILURE}{type(error).__name__}".encode())
        out.flush()
    return 0


def _rows(source: BinaryIO) -> Iterator[str]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    with CalamineWorkbook.from_filelike(source) as workbook:
        for about in workbook.sheets_metadata:
            if about.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(about.name)
            name, _ = normalise_text(about.name.replace("\n", " "))
            start = sheet.start
            yield f"{SHEET}{name}{CELL}{start[1] if start else 0}{ROW}"
            if start is None:
                continue
            for row in sheet.iter_rows():
                yield CELL.join([_TEXT_OF[type(value)](value) for value in row]).rstrip(CELL) + ROW


def _text(value: str) -> str:
    if value.isascii() and value.isprintable() and len(value) <= LONGEST_TEXT:
        return value.strip()
    kept, changed = normalise_text(value)
    kept = kept.strip()
    if len(kept) > LONGEST_TEXT:
        return CUT + kept[:LONGEST_TEXT]
    return CLEANED + kept if changed and kept else kept


def _number(value: float) -> str:
    # 1e15 is where a double of Excel stops holding every digit it shows.
    if value.is_integer() and abs(value) < 1e15:
        return f"{NUMBER}{int(value)}"
    return f"{NUMBER}{value}"


def _moment(value: datetime) -> str:
    if (value.hour, value.minute, value.second) == (0, 0, 0):
        return f"{DAY}{value.date().isoformat()}"
    return f"{DAY}{value.isoformat(sep='T', timespec='seconds')}"


_TEXT_OF: dict[type, Callable[[Any], str]] = {
    str: _text,
    float: _number,
    int: lambda value: f"{NUMBER}{value}",
    bool: lambda value: f"{TRUTH}{int(value)}",
    date: lambda value: f"{DAY}{value.isoformat()}",
    datetime: _moment,
    time: lambda value: f"{DAY}{value.isoformat()}",
    timedelta: lambda value: f"{NUMBER}{value.total_seconds()}",
}

if __name__ == "__main__":
    sys.exit(main())
