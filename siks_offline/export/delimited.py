"""Lists as plain text: CSV as offices write it, read row by row, and written inert.

Reading guesses the separator from the first lines and the letters from the bytes; rows are those of
`workbook`, so that whoever reads a list need not ask how it came.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from siks_offline.errors import WorkbookError
from siks_offline.export import files, workbook
from siks_offline.export.canonical import LONGEST_TEXT, normalise_text
from siks_offline.export.sheet_child import CLEANED, CUT
from siks_offline.export.sheet_scan import MAX_COLUMNS, MAX_FILE
from siks_offline.export.workbook import Row
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from siks_offline.progress import Progress

MAX_ROWS = 300_000
_SEPARATORS = ";,\t|"
_LOOKED_AT = 20
_EACH = 1_000
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_RISKY = tuple("=+-@＝＋－＠")


def rows(path: Path, progress: Progress = silent) -> Iterator[Row]:
    """Yield the rows of a workbook or of a text list, whichever the file is by its first bytes.

    Raises what workbook.read and read raise.
    """
    with files.errors(path, reading=True), path.open("rb") as file:
        magic = file.read(4)
    if magic in (_ZIP, _OLD_OFFICE):
        return workbook.read(path, progress)
    return read(path, progress)


def read(path: Path, progress: Progress = silent) -> Iterator[Row]:
    """Yield the rows of a text list; its one sheet is called by the file's name.

    Raises FileError, and WorkbookError E_CSV_BUKAN for what is no text, E_XLSX_BESAR for one of
    more than 32 MB, 300,000 rows or 300 columns.
    """
    with files.errors(path, reading=True):
        whole = path.read_bytes() if path.stat().st_size <= MAX_FILE else None
    if whole is None:
        raise _too_large(path)
    text = _decoded(whole, path)
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MAX_ROWS or len(cells) > MAX_COLUMNS:
                raise _too_large(path)
            if any(cells):
                yield Row(path.stem[:31], number, [_cell(cell) for cell in cells])
            if number % _EACH == 0:
                progress(number, 0)
    except csv.Error:
        raise WorkbookError("E_CSV_BUKAN", berkas=path.name) from None


def write(path: Path, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """Write a list that Excel here opens at once: semicolons, a BOM, nothing that computes.

    A text that looks like a formula gets an apostrophe in front. Raises FileError.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_inert(text) for text in header])
    writer.writerows([_inert(text) for text in line] for line in lines)
    files.write_whole(path, out.getvalue().encode("utf-8-sig"))


def _inert(text: str) -> str:
    """Put an apostrophe before what a spreadsheet computes, also behind blanks and controls."""
    first = text[:1]
    risky = text.lstrip().startswith(_RISKY) or (first < " " and first != "")
    return f"'{text}" if risky else text


def _too_large(path: Path) -> WorkbookError:
    return WorkbookError("E_XLSX_BESAR", berkas=path.name, batas=MAX_FILE // 2**20)


def _decoded(whole: bytes, path: Path) -> str:
    """Return the text: UTF-8, UTF-16 with its mark, else the code page of old Windows."""
    if b"\x00" in whole[:4096] and not whole.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WorkbookError("E_CSV_BUKAN", berkas=path.name)
    if whole.startswith((b"\xff\xfe", b"\xfe\xff")):
        return whole.decode("utf-16", errors="replace")
    try:
        return whole.decode("utf-8-sig")
    except UnicodeDecodeError:
        return whole.decode("cp1252", errors="replace")


def _separator(text: str) -> str:
    """Return the sign that stands most evenly in the first lines."""
    lines = [line for line in text[:65_536].splitlines()[:_LOOKED_AT] if line.strip()]
    return max(_SEPARATORS, key=lambda sign: sum(min(line.count(sign), 40) for line in lines))


def _cell(text: str) -> str:
    kept, changed = normalise_text(text)
    kept = kept.strip()
    if len(kept) > LONGEST_TEXT:
        return CUT + kept[:LONGEST_TEXT]
    return CLEANED + kept if changed and kept else kept
