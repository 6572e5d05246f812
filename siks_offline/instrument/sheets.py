"""The cells of an instrument workbook as plain rows, after it was weighed."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers import expat

from siks_offline.errors import FileError, WorkbookError
from siks_offline.instrument import xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_FILE = 8 * 1024 * 1024
MAX_UNPACKED = 24 * 1024 * 1024
MAX_MEMBERS = 400
MAX_ROWS = 10_000
MAX_COLUMNS = 200
MAX_CELLS = 100_000
"""Cells of all sheets together; DTKS has some 4,000."""
MAX_PART = 2 * 1024 * 1024
"""Bytes of a part that is no sheet: shared texts, styles, names, properties."""
MAX_TEXT = 32_767
"""Characters Excel itself lets into one cell."""

_REFERENCE = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,4})([0-9]{1,8})"')
_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\br="([0-9]{1,9})"')
_DOCTYPE = re.compile(rb"<\x00?!\x00?D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet that is not empty: its number and its cells by column heading."""

    number: int
    cells: Mapping[str, str]

    def get(self, heading: str) -> str:
        """Return the trimmed text of a cell; empty where there is none."""
        return self.cells.get(heading, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with its headings (as written, blanks joined) and rows."""

    name: str
    columns: Mapping[str, str]
    """Heading to column letter, in sheet order."""
    rows: tuple[Row, ...]
    twice: tuple[tuple[str, str], ...] = ()
    """Headings that stand again, with the letter where they do."""
    filled: bool = True
    """Whether there is anything below its headings."""


def read_bytes(path: Path) -> tuple[bytes, str]:
    """Return the bytes of a workbook file and their SHA-256.

    Raises FileError E_FILE and WorkbookError E_FORM_SIZE.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise WorkbookError("E_FORM_SIZE", berkas=path.name, batas=MAX_FILE // 1024 // 1024)
        content = path.read_bytes()
    except OSError as error:
        raise FileError("E_FILE", berkas=path.name, sebab=error.strerror or "") from error
    return content, hashlib.sha256(content).hexdigest()


def read_sheets(content: bytes, name: str) -> dict[str, Sheet]:
    """Read the sheets of an instrument by lower-case name. `name` is the file's, for messages.

    Raises WorkbookError: E_FORM_NOT (no workbook), E_FORM_SIZE, E_FORM_EXTENT, E_FORM_DTD,
    E_FORM_TEXT.
    """
    _weigh(content, name)
    found: dict[str, Sheet] = {}
    try:
        # The parts were weighed, so a damaged one is all that is left to go wrong here.
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            texts, dates = xlsx.shared_texts(archive), xlsx.date_styles(archive)
            for title, part in xlsx.sheets(archive).items():
                cells = _Grid(title.strip(), name)
                if part in archive.NameToInfo:
                    xlsx.read(archive.read(part), texts, dates, cells.take)
                found.setdefault(title.strip().lower(), cells.sheet())
    except (
        zipfile.BadZipFile, zlib.error, expat.ExpatError, LookupError, ValueError, OverflowError,
        EOFError, NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        raise WorkbookError("E_FORM_NOT", berkas=name) from error
    return found


class _Grid:
    """The filled cells of a sheet."""

    def __init__(self, title: str, book: str) -> None:
        self.title, self.book = title, book
        self.rows: dict[int, dict[int, str]] = {}

    def take(self, row: int, column: int, text: str) -> None:
        """Take a cell. Raises WorkbookError naming it when it lies too far out or is too long."""
        if not text:
            return
        if row > MAX_ROWS or column >= MAX_COLUMNS:
            raise _extent(self.book, f"{letter(column)}{row}")
        if len(text) > MAX_TEXT:
            cell = f"{letter(column)}{row}"
            raise WorkbookError("E_FORM_TEXT", lembar=self.title, sel=cell, batas=MAX_TEXT)
        self.rows.setdefault(row, {})[column] = text

    def sheet(self) -> Sheet:
        """Return the sheet: the first row that is filled has the headings."""
        numbers = sorted(self.rows)
        if not numbers:
            return Sheet(self.title, {}, (), (), False)
        columns: dict[str, str] = {}
        headings: dict[int, str] = {}
        twice: list[tuple[str, str]] = []
        for index, text in sorted(self.rows[numbers[0]].items()):
            heading = " ".join(text.split())
            if heading in columns:
                twice.append((heading, letter(index)))
            else:
                columns[heading] = letter(index)
                headings[index] = heading
        rows = []
        for number in numbers[1:]:
            cells = self.rows[number]
            named = {headings[i]: cells[i] for i in sorted(cells) if i in headings}
            if named:
                rows.append(Row(number, named))
        return Sheet(self.title, columns, tuple(rows), tuple(twice), len(numbers) > 1)


def letter(index: int) -> str:
    """Return the letters of a column counted from 0."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def _weigh(content: bytes, name: str) -> None:
    """Refuse what would cost too much before any XML is parsed.

    The references are looked for in the raw XML: that costs a tenth of parsing it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if (
                len(members) > MAX_MEMBERS
                or sum(m.file_size for m in members) > MAX_UNPACKED
                or any(m.flag_bits & 1 for m in members)
            ):
                raise WorkbookError("E_FORM_SIZE", berkas=name, batas=MAX_UNPACKED // 1024 // 1024)
            if "[Content_Types].xml" not in archive.namelist():
                raise WorkbookError("E_FORM_NOT", berkas=name)
            cells = 0
            for member in members:
                part = member.filename.lower()
                if part.endswith((".xml", ".rels", ".vml")):
                    if member.file_size > MAX_PART and "worksheets/" not in part:
                        raise WorkbookError("E_FORM_SIZE", berkas=name, batas=MAX_PART // 1024**2)
                    with archive.open(member) as packed:  # its size is only what the file says
                        content_of = packed.read(member.file_size + 1)
                    cells = _weigh_part(content_of, part, name, cells)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError) as error:
        raise WorkbookError("E_FORM_NOT", berkas=name) from error
    except (zlib.error, NotImplementedError, RuntimeError) as error:
        raise WorkbookError("E_FORM_NOT", berkas=name) from error


def _weigh_part(part: bytes, member: str, name: str, cells: int) -> int:
    """Refuse a part with entities or cells too far out; return the cells counted so far."""
    if _DOCTYPE.search(part, 0, 4096) or b"<!ENTITY" in part:
        raise WorkbookError("E_FORM_DTD", berkas=name)
    if "worksheets/" not in member:
        return cells
    for found in _REFERENCE.finditer(part):
        cells += 1
        column, row = xlsx.number(found[1].decode()), int(found[2])
        if column > MAX_COLUMNS or row > MAX_ROWS or cells > MAX_CELLS:
            raise _extent(name, found[1].decode() + found[2].decode())
    for found in _ROW.finditer(part):
        if int(found[1]) > MAX_ROWS:
            raise _extent(name, f"A{int(found[1])}")
    # Cells may leave their reference out: then the elements themselves are counted.
    if part.count(b"<c ") + part.count(b"<c>") > MAX_CELLS or part.count(b"<row") > MAX_ROWS:
        raise _extent(name, f"A{MAX_ROWS + 1}")
    return cells


def _extent(name: str, cell: str) -> WorkbookError:
    return WorkbookError(
        "E_FORM_EXTENT", berkas=name, sel=cell, baris=MAX_ROWS, kolom=letter(MAX_COLUMNS - 1)
    )
