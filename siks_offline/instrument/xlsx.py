"""The little of the .xlsx format that an instrument needs, read in one pass without surprises.

A general reader builds a value, a style and a formula for every cell; here a cell is its text.
Entities are refused by the caller; nothing outside the zip is ever asked for.
"""

from __future__ import annotations

import posixpath
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zipfile import ZipFile

Attributes = dict[str, str]
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day of a calendar, in no zone
_DATE_IDS = frozenset({*range(14, 23), *range(45, 48)})
"""Number formats of Excel itself that show days or hours."""
_CELL = re.compile(r"([A-Z]{1,4})([0-9]{1,8})")
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


def elements(part: bytes) -> Iterator[tuple[str, Attributes]]:
    """Yield the elements of a small part: local name and attributes with local names."""
    found: list[tuple[str, Attributes]] = []

    def start(name: str, attributes: Attributes) -> None:
        local = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        found.append((name.rpartition(":")[2], local))

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(part, True)
    yield from found


def sheets(archive: ZipFile) -> dict[str, str]:
    """Return the names of the sheets with the zip member of each, in order."""
    book = _target(archive, "", "officeDocument") or "xl/workbook.xml"
    of_id = {r["Id"]: r["Target"] for _, r in _relations(archive, book)}
    found = {}
    for name, attributes in elements(archive.read(book)):
        if name == "sheet" and attributes["id"] in of_id:
            found[attributes["name"]] = _beside(book, of_id[attributes["id"]])
    return found


def _relations(archive: ZipFile, part: str) -> Iterator[tuple[str, Attributes]]:
    folder, name = posixpath.split(part)
    content = archive.read(posixpath.join(folder, "_rels", f"{name}.rels"))
    return ((n, a) for n, a in elements(content) if n == "Relationship")


def _target(archive: ZipFile, part: str, kind: str) -> str:
    for _, relation in _relations(archive, part):
        if relation.get("Type", "").endswith(f"/{kind}"):
            return _beside(part, relation["Target"])
    return ""


def _beside(part: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def shared_texts(archive: ZipFile) -> list[str]:
    """Return the texts that cells refer to by number; what helps reading aloud is left out."""
    book = _target(archive, "", "officeDocument") or "xl/workbook.xml"
    part = _target(archive, book, "sharedStrings")
    if not part:
        return []
    found: list[str] = []
    pieces: list[str] = []
    state = {"t": False, "aside": False}

    def start(name: str, _attributes: Attributes) -> None:
        local = name.rpartition(":")[2]
        if local == "rPh":
            state["aside"] = True
        elif local == "t":
            state["t"] = not state["aside"]

    def end(name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "si":
            found.append("".join(pieces))
            pieces.clear()
        elif local == "rPh":
            state["aside"] = False
        elif local == "t":
            state["t"] = False

    def text(words: str) -> None:
        if state["t"]:
            pieces.append(words)

    _read(archive.read(part), start, end, text)
    return found


def date_styles(archive: ZipFile) -> frozenset[int]:
    """Return the cell styles that show a number as a day."""
    book = _target(archive, "", "officeDocument") or "xl/workbook.xml"
    part = _target(archive, book, "styles")
    if not part:
        return frozenset()
    dates = set(_DATE_IDS)
    styles: list[int] = []
    inside = False
    for name, attributes in elements(archive.read(part)):
        if name == "numFmt":
            code = _QUOTED.sub("", attributes.get("formatCode", "")).lower()
            if any(letter in code for letter in "ymdhs"):
                dates.add(int(attributes["numFmtId"]))
        elif name == "cellXfs":
            inside = True
        elif name in ("cellStyles", "dxfs"):
            inside = False
        elif name == "xf" and inside:
            styles.append(int(attributes.get("numFmtId", "0")))
    return frozenset(place for place, style in enumerate(styles) if style in dates)


def _read(
    part: bytes,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.Parse(part, True)


class _Cells:
    """Gathers the rows of a sheet while the parser goes through it."""

    def __init__(
        self,
        texts: list[str],
        dates: frozenset[int],
        take: Callable[[int, int, str], None],
    ) -> None:
        self.texts, self.dates, self.take = texts, dates, take
        self.row = 0
        self.column = -1
        self.kind = ""
        self.style = 0
        self.pieces: list[str] = []
        self.open = self.aside = False

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the start of an element."""
        local = name.rpartition(":")[2]
        if local == "c":
            found = _CELL.fullmatch(attributes.get("r", ""))
            self.column = number(found[1]) - 1 if found else self.column + 1
            self.kind = attributes.get("t", "n")
            self.style = int(attributes.get("s", "0"))
            self.pieces.clear()
        elif local == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = -1
        elif local == "rPh":
            self.aside = True
        elif local in ("v", "t"):
            self.open = not self.aside

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        local = name.rpartition(":")[2]
        if local in ("v", "t"):
            self.open = False
        elif local == "rPh":
            self.aside = False
        elif local == "c" and self.pieces:
            self.take(self.row, self.column, self._text("".join(self.pieces)))

    def text(self, words: str) -> None:
        """Meet characters."""
        if self.open:
            self.pieces.append(words)

    def _text(self, raw: str) -> str:
        """Return a cell as text; whole numbers lose the .0 that Excel keeps."""
        if self.kind == "s":
            return self.texts[int(raw)].strip()
        if self.kind == "b":
            return "yes" if raw.strip() == "1" else "no"
        if self.kind != "n":
            return raw.strip()
        value = float(raw)
        if self.style in self.dates and 0 < value < 2_958_466:
            moment = _EPOCH + timedelta(days=value)
            return (
                moment.date().isoformat()
                if value.is_integer()
                else moment.isoformat(" ", "seconds")
            )
        return str(int(value)) if value.is_integer() else repr(value)


def read(
    part: bytes, texts: list[str], dates: frozenset[int], take: Callable[[int, int, str], None]
) -> None:
    """Give every filled cell of a sheet to `take`: row from 1, column from 0, text.

    Raises expat.ExpatError, ValueError and IndexError for a part that is damaged, and what
    `take` raises.
    """
    cells = _Cells(texts, dates, take)
    _read(part, cells.start, cells.end, cells.text)


def number(letters: str) -> int:
    """Return the number of a column, from 1."""
    found = 0
    for character in letters:
        found = found * 26 + ord(character) - 64
    return found
