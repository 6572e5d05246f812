"""A workbook written row by row, far faster than a library that keeps cells as objects.

Office Open XML (ECMA-376 part 1): cells are inline strings, numbers or days; never formulas. The
same rows give the same bytes.
"""

from __future__ import annotations

import html
import zipfile
from contextlib import ExitStack
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Self, TypeAlias

from siks_offline.export import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

TEXT, INTEGER, DECIMAL, DAY, NAME, LABEL = 1, 2, 3, 4, 5, 6
"""Shapes of cells, as places in the list of styles."""
Cell: TypeAlias = tuple[int, str] | None
"""Shape and content of a cell; a number is its digits, a day its number since 1899-12-30."""

_EPOCH = date(1899, 12, 30).toordinal()
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACK = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_IN_MEMORY = 1 << 22
_DATE = (1980, 1, 1, 0, 0, 0)
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="dd\\-mm\\-yyyy"/></numFmts>'
    '<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font>'
    '<font><i/><sz val="10"/><name val="Calibri"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid">'
    '<fgColor rgb="FFEEEEEE"/><bgColor indexed="64"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="7">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="2" fillId="2" borderId="0" xfId="0" applyNumberFormat="1"'
    ' applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def letters(number: int) -> str:
    """Return the letters of a column, from 1: A, Z, AA ..."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def day(value: date) -> str:
    """Return the number under which a cell holds a day."""
    return str(value.toordinal() - _EPOCH)


class Page:
    """One sheet while its rows come."""

    def __init__(
        self,
        title: str,
        out: IO[bytes],
        widths: Sequence[float],
        frozen: tuple[int, int],
        hidden: Iterable[int] = (),
    ) -> None:
        """`frozen` columns and rows stay in sight; `hidden` are columns from 1."""
        self.title = title
        self._out = out
        self._row = 0
        self._letters = [letters(number) for number in range(1, len(widths) + 1)]
        self._validations: list[str] = []
        columns, rows = frozen
        corner = f"{letters(columns + 1)}{rows + 1}"
        split = (f' xSplit="{columns}"' if columns else "") + f' ySplit="{rows}"'
        pane = "bottomRight" if columns else "bottomLeft"
        dark = dict.fromkeys(hidden, ' hidden="1"')
        shapes = "".join(
            f'<col min="{n}" max="{n}" width="{width}" style="{TEXT}" customWidth="1"'
            f"{dark.get(n, '')}/>"
            for n, width in enumerate(widths, start=1)
        )
        self._write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            f'<pane{split} topLeftCell="{corner}" activePane="{pane}" state="frozen"/>'
            f"</sheetView></sheetViews><cols>{shapes}</cols><sheetData>"
        )

    def append(self, cells: Iterable[Cell]) -> None:
        """Add a row; texts are as XML may hold them, but not yet escaped."""
        self._row += 1
        row = self._row
        found = []
        for letter, cell in zip(self._letters, cells, strict=True):
            if cell is None:
                continue
            shape, text = cell
            if INTEGER <= shape <= DAY:
                found.append(f'<c r="{letter}{row}" s="{shape}"><v>{text}</v></c>')
                continue
            if not text.isalnum():
                text = html.escape(text, quote=False)
            keep = ' xml:space="preserve"' if "\n" in text else ""
            found.append(
                f'<c r="{letter}{row}" s="{shape}" t="inlineStr"><is><t{keep}>{text}</t></is></c>'
            )
        self._write(f'<row r="{row}">{"".join(found)}</row>')

    def choose(self, cells: str, source: str, refusal: str) -> None:
        """Let these cells take only what a range holds."""
        self._validations.append(
            f'<dataValidation type="list" allowBlank="1" showErrorMessage="1" '
            f'error="{html.escape(refusal)}" sqref="{cells}">'
            f"<formula1>{html.escape(source, quote=False)}</formula1></dataValidation>"
        )

    def remark(self, cells: str, words: str) -> None:
        """Show words beside these cells when one is chosen."""
        self._validations.append(
            f'<dataValidation allowBlank="1" showInputMessage="1" '
            f'prompt="{html.escape(words)}" sqref="{cells}"/>'
        )

    def end(self) -> None:
        """Write what stands behind the rows."""
        rules = self._validations
        told = f'<dataValidations count="{len(rules)}">{"".join(rules)}</dataValidations>'
        self._write(f"</sheetData>{told if rules else ''}</worksheet>")

    def _write(self, text: str) -> None:
        self._out.write(text.encode())


class Pages:
    """A workbook in the making. Use it in a `with` block: its sheets lie in temporary files."""

    def __init__(self) -> None:
        self._pages: list[tuple[Page, IO[bytes]]] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(
        self,
        title: str,
        widths: Sequence[float],
        *,
        frozen: tuple[int, int] = (0, 1),
        hidden: Iterable[int] = (),
    ) -> Page:
        """Add a sheet behind the others; rows may come to any sheet at any time."""
        spool = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the stack closes it
        out = self._open.enter_context(spool)
        page = Page(title, out, widths, frozen, hidden)
        self._pages.append((page, out))
        return page

    def save(self, path: Path) -> None:
        """Write the workbook, whole or not at all. Raises FileError."""
        for page, _ in self._pages:
            page.end()

        def write_to(target: files.Hashing) -> None:
            # A zip wants a seekable file to write to.
            with SpooledTemporaryFile(max_size=_IN_MEMORY) as whole:
                self._zip(whole)
                whole.seek(0)
                while block := whole.read(files.BLOCK):
                    target.write(block)

        files.write_whole(path, write_to)

    def _zip(self, whole: IO[bytes]) -> None:
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
            for name, text in self._parts().items():
                archive.writestr(_entry(name), text)
            for number, (_, out) in enumerate(self._pages, start=1):
                out.seek(0)
                entry = _entry(f"xl/worksheets/sheet{number}.xml")
                with archive.open(entry, "w") as part:
                    while block := out.read(files.BLOCK):
                        part.write(block)

    def _parts(self) -> Mapping[str, str]:
        numbers = range(1, len(self._pages) + 1)
        kinds = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" '
            f'ContentType="{_KIND}.worksheet+xml"/>'
            for n in numbers
        )
        sheets = "".join(
            f'<sheet name="{html.escape(page.title)}" sheetId="{n}" r:id="rId{n}"/>'
            for n, (page, _) in enumerate(self._pages, start=1)
        )
        links = "".join(
            f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        last = len(self._pages) + 1
        return {
            "[Content_Types].xml": (
                f'{_HEAD}<Types xmlns="{_PACK}/content-types"><Default Extension="rels" '
                'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                '<Default Extension="xml" ContentType="application/xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
                f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
                f"{kinds}</Types>"
            ),
            "_rels/.rels": (
                f'{_HEAD}<Relationships xmlns="{_PACK}/relationships"><Relationship Id="rId1" '
                f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
            ),
            "xl/workbook.xml": (
                f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}">'
                f"<sheets>{sheets}</sheets></workbook>"
            ),
            "xl/_rels/workbook.xml.rels": (
                f'{_HEAD}<Relationships xmlns="{_PACK}/relationships">{links}<Relationship '
                f'Id="rId{last}" Type="{_REL}/styles" Target="styles.xml"/></Relationships>'
            ),
            "xl/styles.xml": _STYLES,
        }


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
