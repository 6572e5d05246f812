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
MAX_CELLS = 400_000
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
    """A sheet with its headings (as written, lower case, by column letter) and rows."""

    name: str
    columns: Mapping[str, str]
    """Heading to column letter, in sheet order."""
    rows: tuple[Row, ...]


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
            titles = {title.strip().lower(): title for title in book.sheetnames}
            sheets = {name: _sheet(book[titles[name]]) for name in SHEETS if name in titles}
            book.close()
    except WorkbookError:
        raise
    except Exception as error:
        raise WorkbookError("E_FORM_NOT", berkas=name) from error
    return sheets


def _sheet(sheet: Any) -> Sheet:
    columns: dict[str, str] = {}
    headings: list[str] = []
    rows: list[Row] = []
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        texts = [_text(value) for value in values]
        if not headings:
            if not any(texts):
                continue
            headings = [" ".join(t.lower().split()) if "::" not in t else t for t in texts]
            for index, heading in enumerate(headings):
                if heading:
                    columns.setdefault(heading, letter(index))
            continue
        cells = {h: t for h, t in zip(headings, texts, strict=False) if h and t}
        if cells:
            rows.append(Row(number, cells))
    return Sheet(sheet.title.strip(), columns, tuple(rows))


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
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _weigh_part(archive.read(member), member.filename, name)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError) as error:
        raise WorkbookError("E_FORM_NOT", berkas=name) from error
    except (NotImplementedError, RuntimeError) as error:
        raise WorkbookError("E_FORM_NOT", berkas=name) from error


def _weigh_part(part: bytes, member: str, name: str) -> None:
    if _DOCTYPE.search(part, 0, 4096) or b"<!ENTITY" in part:
        raise WorkbookError("E_FORM_DTD", berkas=name)
    if "worksheets/" not in member:
        return
    for cells, found in enumerate(_REFERENCE.finditer(part), 1):
        column, row = _number(found[1]), int(found[2])
        if column > MAX_COLUMNS or row > MAX_ROWS or cells > MAX_CELLS:
            raise WorkbookError(
                "E_FORM_EXTENT",
                berkas=name,
                sel=found[1].decode() + found[2].decode(),
                baris=MAX_ROWS,
                kolom=letter(MAX_COLUMNS - 1),
            )
    for found in _ROW.finditer(part):
        if int(found[1]) > MAX_ROWS:
            raise WorkbookError(
                "E_FORM_EXTENT",
                berkas=name,
                sel=f"A{int(found[1])}",
                baris=MAX_ROWS,
                kolom=letter(MAX_COLUMNS - 1),
            )
