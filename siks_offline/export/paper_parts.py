"""The pieces of which a printed form is laid out: boxes, lines, headings, rows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siks_offline.export.paper_answers import Space

MM = 72 / 25.4
FONT = "Inter"
BOX, TALL = 4.6, 5.6
"""A box for one digit, in millimetres."""
_THIN, _STRONG = 0.35, 1.0
_BETWEEN = 2.6
_LINE = 7.0
_SIZES = {
    "title": (15, 19, 2), "label": (8.6, 10.6, 0), "code": (7.6, 10, 0), "hang": (7.6, 9.6, 0),
    "place": (8.6, 10.6, 0), "small": (7, 8.8, 0),
    "number": (8.6, 10.6, 0), "head": (10, 12.6, 0), "group": (8.8, 11, 0),
}  # fmt: skip
"""Size of letters, distance of lines, space behind, in points."""


@cache
def register_font() -> None:
    """Make the typeface known; every form carries the letters it uses."""
    from fontpkg_inter import ROOT
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont(FONT, str(ROOT / "files" / "Inter[opsz,wght].ttf")))


class Style:
    """The looks of text on a form."""

    def __init__(self) -> None:
        from reportlab.lib.styles import ParagraphStyle

        register_font()
        self._styles = {
            name: ParagraphStyle(
                name, fontName=FONT, fontSize=size, leading=leading, spaceAfter=after,
                leftIndent=11 if name == "hang" else 0,
                firstLineIndent=-11 if name == "hang" else 0,
                splitLongWords=1, alignment=1 if name == "place" else 0,
            )
            for name, (size, leading, after) in _SIZES.items()
        }  # fmt: skip

    def paragraph(self, markup: str, look: str) -> Any:
        """Return a paragraph; the markup is escaped text."""
        from reportlab.platypus import Paragraph

        return Paragraph(markup, self._styles[look])

    @staticmethod
    def cut(text: str, width: float, size: float = 7.5) -> str:
        """Return a text that is no wider than so many points."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        while text and stringWidth(text, FONT, size) > width:
            text = text[:-2].rstrip() + "…"
        return text


def _drawn(width: float, height: float, draw: Any) -> Any:
    """Return a piece of fixed size in millimetres that draws itself from its lower left corner."""
    from reportlab.platypus import Flowable

    class Piece(Flowable):  # type: ignore[misc]  # the library has no types
        def wrap(self, *_: float) -> tuple[float, float]:
            return width * MM, height * MM

        def draw(self) -> None:
            draw(self.canv)

    return Piece()


def width_of(space: Space, unit: str) -> float:
    """Return the width of an answer's boxes in millimetres."""
    runs = max(len(space.boxes) - 1, 0)
    return space.count * BOX + runs * _BETWEEN + (len(unit) * 1.7 + 2 if unit else 0)


def answer(style: Style, space: Space, unit: str, width: float) -> Any:
    """Return the boxes of an answer; codes wrap at a width."""
    del style
    if space.codes:
        return _code_boxes(space.codes, width)

    def draw(canvas: Any) -> None:
        canvas.setLineWidth(_THIN * 1.4)
        at = 0.0
        for number, run in enumerate(space.boxes):
            if number:
                canvas.setFont(FONT, 9)
                canvas.drawCentredString((at + _BETWEEN / 2) * MM, 1.8 * MM, space.between)
                at += _BETWEEN
            for _ in range(run):
                canvas.rect(at * MM, 0.3 * MM, BOX * MM, TALL * MM)
                at += BOX
        if unit:
            canvas.setFont(FONT, 8)
            canvas.drawString((at + 1.2) * MM, 1.8 * MM, unit)

    return _drawn(width_of(space, unit), TALL + 0.6, draw)


def _code_boxes(codes: Sequence[str], width: float) -> Any:
    """Boxes that hold their code small, to be crossed."""
    wide = max(BOX, 2.0 * max(map(len, codes)) + 1.6)
    each = max(int(width // wide), 1)
    rows = -(-len(codes) // each)

    def draw(canvas: Any) -> None:
        canvas.setLineWidth(_THIN * 1.4)
        canvas.setFont(FONT, 6.5)
        for number, code in enumerate(codes):
            row, column = divmod(number, each)
            left, low = column * wide, (rows - 1 - row) * (TALL + 0.5)
            canvas.rect(left * MM, (low + 0.3) * MM, wide * MM, TALL * MM)
            canvas.drawCentredString((left + wide / 2) * MM, (low + 2.2) * MM, code)

    return _drawn(min(each, len(codes)) * wide, rows * (TALL + 0.5) + 0.3, draw)


def lines(width: float, count: int) -> Any:
    """Return lines to write on."""

    def draw(canvas: Any) -> None:
        # Dots tell a line to write on from the rules between questions.
        canvas.setLineWidth(0.7)
        canvas.setLineCap(1)
        canvas.setDash(0, 2.4)
        for number in range(count):
            low = (number * _LINE + 1.2) * MM
            canvas.line(0, low, width * MM, low)

    return _drawn(width, count * _LINE, draw)


def slot(style: Style, name: str, space: Space, width: float) -> Any:
    """Return a member's number and the room for its answer beside it."""
    room = width - 8
    inside = lines(room - 3, 1) if space.lines else answer(style, space, "", room)
    return _table([[style.paragraph(name, "code"), inside]], [5, width - 5], ["VALIGN-BOTTOM"])


def tick(text: Any, width: float) -> Any:
    """Return a box to cross with its words."""

    def draw(canvas: Any) -> None:
        canvas.setLineWidth(_THIN * 1.4)
        canvas.rect(0, 0, 3.4 * MM, 3.4 * MM)

    return _table([[_drawn(3.4, 3.6, draw), text]], [5, width - 5], [])


def gap(height: float) -> Any:
    """Return an empty space."""
    from reportlab.platypus import Spacer

    return Spacer(1, height * MM)


def keep_room(height: float) -> Any:
    """Return a break to the next page where less than a height is left."""
    from reportlab.platypus import CondPageBreak

    return CondPageBreak(height * MM)


def heading(style: Style, title: str, note: str, depth: int, listed: bool) -> Any:
    """Return a heading; the outermost in capitals between strong rules.

    It stays with what follows, unless that is a list: a list may begin here and go on.
    """
    cells: list[Any] = [style.paragraph(title.upper() if not depth else title, "head")]
    if note:
        cells.append(style.paragraph(note, "small"))
    from reportlab.platypus import Table

    table = Table([[cells]], colWidths=["100%"], spaceBefore=3.2 * MM, spaceAfter=0)
    rule = _STRONG * 1.6 if not depth else _STRONG
    table.setStyle([
        ("FONTNAME", (0, 0), (-1, -1), FONT),
        ("LINEABOVE", (0, 0), (-1, 0), rule, "black"),
        ("LINEBELOW", (0, 0), (-1, 0), _THIN, "black"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ])  # fmt: skip
    table.keepWithNext = not listed
    return table


def question(cells: Sequence[Any], widths: Sequence[float]) -> Any:
    """Return one question as a row that never breaks."""
    from reportlab.platypus import Table

    table = Table([list(cells)], colWidths=[width * MM for width in widths], splitByRow=0)
    table.setStyle([
        ("FONTNAME", (0, 0), (-1, -1), FONT),
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("ALIGN", (2, 0), (2, 0), "RIGHT"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 1.5 * MM),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LINEBELOW", (0, 0), (-1, -1), _THIN, "black"),
    ])  # fmt: skip
    return table


def columns(cells: Sequence[Any], count: int, width: float, *, across: bool = False) -> Any:
    """Return cells in columns, read downwards, or `across`."""
    rows = -(-len(cells) // count)
    grid: list[list[Any]] = [["" for _ in range(count)] for _ in range(rows)]
    for number, cell in enumerate(cells):
        row, column = divmod(number, count) if across else divmod(number, rows)[::-1]
        grid[row][column] = cell
    return _table(grid, [width / count] * count, [])


def _table(grid: Sequence[Sequence[Any]], widths: Sequence[float], looks: Sequence[str]) -> Any:
    from reportlab.platypus import Table

    table = Table([list(row) for row in grid], colWidths=[w * MM for w in widths], hAlign="LEFT")
    align = "BOTTOM" if "VALIGN-BOTTOM" in looks else "TOP"
    table.setStyle([
        ("FONTNAME", (0, 0), (-1, -1), FONT),
        ("VALIGN", (0, 0), (-1, -1), align),
        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 0.8), ("BOTTOMPADDING", (0, 0), (-1, -1), 0.8),
    ])  # fmt: skip
    return table


def signatures(names: Sequence[Any], width: float) -> Any:
    """Return boxes for signatures."""
    from reportlab.platypus import Table

    each = width / len(names) * MM
    table = Table([list(names)], colWidths=[each] * len(names), rowHeights=[28 * MM])
    table.setStyle([
        ("FONTNAME", (0, 0), (-1, -1), FONT),
        ("BOX", (0, 0), (-1, -1), _THIN * 2, "black"), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("INNERGRID", (0, 0), (-1, -1), _THIN, "black"),
    ])  # fmt: skip
    return table


class Matrix:
    """Questions as rows, members as columns; its head comes again on every page."""

    def __init__(self, style: Style, widths: Sequence[float]) -> None:
        self._style = style
        self._widths = widths
        self._rows: list[list[Any]] = []
        self._looks: list[tuple[Any, ...]] = []

    def head(self, words: Sequence[Any], places: int) -> None:
        """Add the row of the members' numbers."""
        numbers = [self._style.paragraph(str(place), "place") for place in range(1, places + 1)]
        self._rows.append(["", list(words), *numbers])
        self._looks.append(("LINEBELOW", (0, 0), (-1, 0), _STRONG, "black"))

    def title(self, words: Sequence[Any]) -> None:
        """Add a heading across all columns; it stays with the row below it."""
        row = len(self._rows)
        self._across(list(words))
        self._looks += [
            ("LINEABOVE", (0, row), (-1, row), _STRONG, "black"),
            ("NOSPLIT", (0, row), (0, row + 1)),
        ]

    def narrow(self, number: Any, words: Sequence[Any], cells: Sequence[Any]) -> None:
        """Add a question with an answer in each column."""
        row = len(self._rows)
        self._rows.append([number, list(words), *cells])
        self._looks.append(("INNERGRID", (1, row), (-1, row), _THIN, "black"))

    def wide(self, number: Any, words: Sequence[Any]) -> None:
        """Add a question whose answers stand below its words."""
        row = len(self._rows)
        self._rows.append([number, list(words), *[""] * (len(self._widths) - 2)])
        self._looks.append(("SPAN", (1, row), (-1, row)))

    def _across(self, words: Sequence[Any]) -> None:
        row = len(self._rows)
        self._rows.append([list(words), *[""] * (len(self._widths) - 1)])
        self._looks.append(("SPAN", (0, row), (-1, row)))

    def flowable(self) -> Any:
        """Return the table."""
        from reportlab.platypus import Table

        table = Table(self._rows, colWidths=[width * MM for width in self._widths], repeatRows=1)
        table.setStyle([
        ("FONTNAME", (0, 0), (-1, -1), FONT),
            ("VALIGN", (0, 0), (-1, -1), "TOP"), ("ALIGN", (2, 0), (-1, -1), "CENTER"),
            ("LEFTPADDING", (0, 0), (0, -1), 0), ("LEFTPADDING", (1, 0), (1, -1), 0),
            ("LEFTPADDING", (2, 0), (-1, -1), 1.2 * MM),
            ("RIGHTPADDING", (0, 0), (-1, -1), 1.2 * MM),
            ("TOPPADDING", (0, 0), (-1, -1), 2.2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
            ("LINEBELOW", (0, 0), (-1, -1), _THIN, "black"), *self._looks,
        ])  # fmt: skip
        return table
