"""The cells of an instrument workbook as plain rows, after it was weighed."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline.errors import FileError, WorkbookError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SHEETS = ("survey", "choices", "settings")
MAX_FILE = 8 * 1024 * 1024
MAX_UNPACKED = 40 * 1024 * 1024
MAX_MEMBERS = 400
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELLS = 200_000
"""Cells of all sheets together; DTKS has some 4,000."""
MAX_PART = 2 * 1024 * 1024
"""Bytes of a part that is neither sheet nor shared texts: styles, names, properties."""
MAX_TEXT = 32_767
"""Characters Excel itself lets into one cell."""

_REFERENCE = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,4})([0-9]{1,8})"')
_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\br="([0-9]{1,9})"')
_LARGE = ("sharedstrings.xml",)
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
    """Whether there is anything in it; sheets that no instrument has are not read further."""


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

    Raises WorkbookError: E_FORM_NOT (no workbook), E_FORM_SIZE, E_FORM_EXTENT, E_FORM_DTD.
    """
    _weigh(content, name)
    from openpyxl.reader.excel import load_workbook

    open_workbook: Any = load_workbook  # it carries no types
    try:
        # The bytes were weighed, so a damaged part is all that is left to go wrong here.
        with warnings.catch_warnings():  # what openpyxl leaves out (validation, styles) is not ours
            warnings.simplefilter("ignore")
            book = open_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            sheets = {
                name: _sheet(book[title]) if name in SHEETS else _other(book[title])
                for title in book.sheetnames
                if (name := title.strip().lower())
            }
            book.close()
    except WorkbookError:
        raise
    except Exception as error:
        raise WorkbookError("E_FORM_NOT", berkas=name) from error
    return sheets


def _sheet(sheet: Any) -> Sheet:
    name = sheet.title.strip()
    columns: dict[str, str] = {}
    twice: list[tuple[str, str]] = []
    headings: list[str] = []
    rows: list[Row] = []
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        texts = [_text(value) for value in values]
        for index, text in enumerate(texts):
            if len(text) > MAX_TEXT:
                raise WorkbookError(
                    "E_FORM_TEXT", lembar=name, sel=f"{letter(index)}{number}", batas=MAX_TEXT
                )
        if not headings:
            if not any(texts):
                continue
            headings = [" ".join(text.split()) for text in texts]
            for index, heading in enumerate(headings):
                if heading in columns:
                    twice.append((heading, letter(index)))
                    headings[index] = ""
                elif heading:
                    columns[heading] = letter(index)
            continue
        cells = {h: t for h, t in zip(headings, texts, strict=False) if h and t}
        if cells:
            rows.append(Row(number, cells))
    return Sheet(name, columns, tuple(rows), tuple(twice))


def _other(sheet: Any) -> Sheet:
    """Tell whether a sheet that is not ours holds anything, without reading it."""
    rows = getattr(sheet, "iter_rows", lambda **_: ())(max_row=20, values_only=True)
    filled = sum(any(value is not None for value in row) for row in rows) > 1
    return Sheet(sheet.title.strip(), {}, (), (), filled)


def _text(value: object) -> str:
    """Return a cell as text; whole numbers lose the .0 that Excel keeps."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def letter(index: int) -> str:
    """Return the letters of a column counted from 0."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def _number(letters: bytes) -> int:
    number = 0
    for byte in letters:
        number = number * 26 + byte - 64
    return number


def _weigh(content: bytes, name: str) -> None:
    """Refuse what would cost too much before any XML is parsed.

    A reader fills the gaps up to the last cell, so one cell at XFD1048576 is as dear as a full
    sheet: the references are looked for in the raw XML first.
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
                    if member.file_size > MAX_PART and not part.endswith(_LARGE) and (
                        "worksheets/" not in part
                    ):
                        raise WorkbookError("E_FORM_SIZE", berkas=name, batas=MAX_PART // 1024**2)
                    cells = _weigh_part(archive.read(member), part, name, cells)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError) as error:
        raise WorkbookError("E_FORM_NOT", berkas=name) from error
    except (NotImplementedError, RuntimeError) as error:
        raise WorkbookError("E_FORM_NOT", berkas=name) from error


def _weigh_part(part: bytes, member: str, name: str, cells: int) -> int:
    """Refuse a part with entities or cells too far out; return the cells counted so far."""
    if _DOCTYPE.search(part, 0, 4096) or b"<!ENTITY" in part:
        raise WorkbookError("E_FORM_DTD", berkas=name)
    if "worksheets/" not in member:
        return cells
    for found in _REFERENCE.finditer(part):
        cells += 1
        column, row = _number(found[1]), int(found[2])
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
