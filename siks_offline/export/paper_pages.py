"""Pages of an office's papers: a letterhead, paragraphs, lists of many rows, boxes to sign.

Everything is laid out before anything is drawn, so that each page knows how many there are. A row
of a list is drawn straight on the page: 10,000 households make 300 pages, and the tables of the
library would take a minute for them. Distances are millimetres, sizes of letters points.
"""

from __future__ import annotations

import html
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from siks_offline import texts
from siks_offline.export import paper_parts
from siks_offline.export.paper_form import SIZES
from siks_offline.export.paper_parts import FONT, MM
from siks_offline.export.paper_text import Ink, cut, width, wrapped
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from siks_offline.export.paper_form import Paper
    from siks_offline.progress import Progress

MARGIN, TOP, BOTTOM = 14.0, 14.0, 15.0
_SMALL = 7.2
_LEADING = 9.2
_PAD = 1.1
_MOST_LINES = 4
_THIN, _STRONG = 0.4, 1.0

Look = Literal["title", "head", "body", "small", "centre", "centre_title"]
_LOOKS: dict[Look, tuple[float, float, int]] = {
    "title": (14, 18, 0),
    "head": (10.5, 14, 0),
    "body": (10, 14.5, 0),
    "small": (8, 10.5, 0),
    "centre": (10, 14.5, 1),
    "centre_title": (12.5, 16.5, 1),
}
"""Size of letters, distance of lines, alignment (1 centred)."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands above an office's papers; unknown parts are empty."""

    kabupaten: str = ""
    kecamatan: str = ""
    desa: str = ""
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its heading, its share of the width, where its words stand."""

    title: str
    share: float
    align: Literal["left", "centre", "right"] = "left"


class Pages:
    """Papers laid out from the top; `pdf` draws them.

    `foot` names what the paper is, `mark` is printed across each page (empty: none).
    """

    def __init__(
        self,
        title: str,
        foot: str,
        *,
        paper: Paper = "a4",
        landscape: bool = False,
        mark: str = "",
        personal: bool = True,
    ) -> None:
        paper_parts.register_font()
        size = SIZES[paper]
        self.size = (size[1], size[0]) if landscape else size
        self.width = self.size[0] - 2 * MARGIN
        self._title = title
        self._foot = foot
        self._mark = mark
        self._personal = personal
        self._pages: list[list[Callable[[Any], None]]] = []
        self._low = 0.0
        self._ink: Ink | None = None
        self.turn()

    # --- where we are ---

    def turn(self) -> None:
        """Begin a page."""
        self._pages.append([])
        self._low = self.size[1] - TOP

    def need(self, height: float) -> None:
        """Begin a page when less than a height is left on this one."""
        if self._low - height < BOTTOM:
            self.turn()

    def gap(self, height: float) -> None:
        """Leave room, unless a page has just begun."""
        if self._pages[-1]:
            self._low -= height

    def _draw(self, drawing: Callable[[Any], None]) -> None:
        self._pages[-1].append(drawing)

    # --- pieces ---

    def say(self, words: str, look: Look = "body", *, indent: float = 0) -> None:
        """Add a paragraph; it is never cut between pages unless it is longer than one."""
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.platypus import Paragraph

        size, leading, align = _LOOKS[look]
        style = ParagraphStyle(
            look, fontName=FONT, fontSize=size, leading=leading, alignment=align, splitLongWords=1
        )
        made = Paragraph(html.escape(words, quote=False), style)
        _, high = made.wrap((self.width - indent) * MM, 10_000)
        self.need(high / MM)
        self._low -= high / MM
        left, low = MARGIN + indent, self._low
        self._draw(lambda canvas: made.drawOn(canvas, left * MM, low * MM))

    def letterhead(self, head: Letterhead) -> None:
        """Add the letterhead of an office, from the kabupaten down, above a double rule."""
        lines: list[tuple[str, Look]] = [
            (texts.text("dokumen.kop.pemerintah", nama=head.kabupaten), "centre"),
            (texts.text("dokumen.kop.kecamatan", nama=head.kecamatan), "centre"),
            (texts.text("dokumen.kop.desa", nama=head.desa), "centre_title"),
        ]
        for words, look in lines:
            self.say(words.upper(), look)
        phone = texts.text("dokumen.kop.telepon", nomor=head.phone) if head.phone else ""
        below = " · ".join(words for words in (head.address, phone) if words)
        if below:
            self.say(below, "centre")
        self.rule(strong=True)
        self.gap(4)

    def rule(self, *, strong: bool = False) -> None:
        """Add a line across the page."""
        self._low -= 1.6
        low, right = self._low, MARGIN + self.width

        def draw(canvas: Any) -> None:
            canvas.setLineWidth(_STRONG * 1.6 if strong else _THIN)
            canvas.line(MARGIN * MM, low * MM, right * MM, low * MM)

        self._draw(draw)

    def facts(self, rows: Iterable[tuple[str, str]], label: float = 48) -> None:
        """Add names with their values beside them; an empty value is a line to write on."""
        for name, value in rows:
            lines = wrapped(value, 10, (self.width - label) * MM, 20) or ("",)
            high = max(len(lines), 1) * 5.1
            self.need(high)
            low = self._low

            def draw(
                canvas: Any,
                low: float = low,
                name: str = name,
                value: str = value,
                lines: Sequence[str] = lines,
            ) -> None:
                canvas.setFont(FONT, 10)
                canvas.drawString(MARGIN * MM, (low - 4) * MM, name)
                canvas.drawString((MARGIN + label - 3) * MM, (low - 4) * MM, ":")
                for number, line in enumerate(lines):
                    canvas.drawString((MARGIN + label) * MM, (low - 4 - number * 5.1) * MM, line)
                if not value:
                    canvas.setLineWidth(_THIN)
                    right = (MARGIN + self.width) * MM
                    canvas.line((MARGIN + label) * MM, (low - 4.6) * MM, right, (low - 4.6) * MM)

            self._draw(draw)
            self._low -= high

    def roll(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        *,
        least: float = 6.0,
        numbered: bool = True,
        progress: Progress = silent,
    ) -> None:
        """Add a list whose head comes again on every page; a row is never cut.

        `least` is a row's least height; `numbered` puts the columns' numbers below their names, as
        the ministry's prelist has them.
        """
        whole = sum(column.share for column in columns)
        widths = [self.width * column.share / whole for column in columns]
        head = _Row(
            tuple(
                wrapped(column.title, _SMALL, (wide - 2 * _PAD) * MM, 9)
                for column, wide in zip(columns, widths, strict=True)
            ),
            ("centre",) * len(columns),
        )
        marks = _Row(
            tuple((str(n),) for n in range(1, len(columns) + 1)), ("centre",) * len(columns)
        )
        aligns = tuple(column.align for column in columns)
        rooms = [(wide - 2 * _PAD) * MM for wide in widths]

        top = 0.0

        def begin() -> None:
            nonlocal top
            top = self._low
            self._row(head, widths, head.height, strong=True)
            if numbered:
                self._row(marks, widths, marks.height)

        self.need(head.height + marks.height + 3 * least)
        begin()
        for done, cells in enumerate(rows):
            if done % 100 == 0:
                progress(done, len(rows))
            row = _Row(
                tuple(
                    wrapped(words, _SMALL, room, _MOST_LINES) if words else ()
                    for words, room in zip(cells, rooms, strict=True)
                ),
                aligns,
            )
            high = max(row.height, least)
            if self._low - high < BOTTOM:
                self._uprights(widths, top)
                self.turn()
                begin()
            self._row(row, widths, high)
        self._uprights(widths, top)
        progress(len(rows), len(rows))

    def _row(
        self, row: _Row, widths: Sequence[float], high: float, *, strong: bool = False
    ) -> None:
        top = self._low
        self._low -= high
        self._draw(
            lambda canvas: row.draw(canvas, self._ink_of(canvas), widths, top, high, strong=strong)
        )

    def _uprights(self, widths: Sequence[float], top: float) -> None:
        """Draw the lines between columns, once for all rows of a page."""
        low = self._low

        def draw(canvas: Any) -> None:
            canvas.setLineWidth(_THIN)
            edge = MARGIN
            for wide in (0.0, *widths):
                edge += wide
                canvas.line(edge * MM, top * MM, edge * MM, low * MM)

        self._draw(draw)

    def signatures(self, blocks: Sequence[tuple[str, str, str]]) -> None:
        """Add places to sign side by side: (above, post, name); an empty name is a dotted line."""
        high = 33.0
        self.need(high)
        self._low -= high
        low, each = self._low, self.width / len(blocks)

        def draw(canvas: Any) -> None:
            canvas.setFont(FONT, 10)
            for number, (above, post, name) in enumerate(blocks):
                middle = (MARGIN + each * (number + 0.5)) * MM
                canvas.drawCentredString(middle, (low + 28) * MM, above)
                for line, words in enumerate(wrapped(post, 10, (each - 4) * MM, 2)):
                    canvas.drawCentredString(middle, (low + 23.4 - 4.8 * line) * MM, words)
                canvas.drawCentredString(middle, (low + 2) * MM, name or "." * 40)
                if name.strip():
                    canvas.setLineWidth(_THIN)
                    half = min(each / 2 - 4, 34) * MM
                    canvas.line(middle - half, (low + 1) * MM, middle + half, (low + 1) * MM)

        self._draw(draw)

    def barcode(self, digits: str) -> None:
        """Add a Code 128 of digits in the page's upper right corner, digits below it."""
        from reportlab.graphics.barcode.code128 import Code128

        made = Code128(digits, barWidth=0.33 * MM, barHeight=9 * MM, quiet=0)
        left = (MARGIN + self.width) * MM - made.width
        top = self.size[1] - TOP + 3

        def draw(canvas: Any) -> None:
            made.drawOn(canvas, left, (top - 9) * MM)
            canvas.setFont(FONT, 8)
            canvas.drawRightString((MARGIN + self.width) * MM, (top - 12.4) * MM, digits)

        self._draw(draw)

    # --- drawing ---

    def pdf(self, progress: Progress = silent) -> bytes:
        """Draw all pages and return the file."""
        from reportlab import rl_config
        from reportlab.pdfgen.canvas import Canvas

        rl_config.useA85 = 0  # letters for the bytes of a page take longer than the page
        out, size = io.BytesIO(), tuple(side * MM for side in self.size)
        canvas = Canvas(out, pagesize=size, invariant=1, lang="id", pageCompression=1)
        self._ink = None
        canvas.setTitle(self._title)
        canvas.setAuthor("")
        canvas.setCreator(texts.text("umum.aplikasi"))
        for number, page in enumerate(self._pages, 1):
            progress(number - 1, len(self._pages))
            if self._mark:
                self._across(canvas)
            for drawing in page:
                drawing(canvas)
            self._edge(canvas, number)
            canvas.showPage()
        progress(len(self._pages), len(self._pages))
        canvas.save()
        return out.getvalue()

    def _ink_of(self, canvas: Any) -> Ink:
        """Return what writes the rows of the file that is being drawn."""
        if self._ink is None:
            self._ink = Ink(canvas, _SMALL)
        return self._ink

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def _edge(self, canvas: Any, number: int) -> None:
        left, right = MARGIN * MM, (MARGIN + self.width) * MM
        canvas.setFont(FONT, 7.5)
        canvas.setLineWidth(_THIN)
        canvas.line(left, 11.5 * MM, right, 11.5 * MM)
        foot = self._foot
        if self._personal:
            foot = f"{texts.text('dokumen.data_pribadi')} · {foot}"
        canvas.drawString(left, 8 * MM, cut(foot, right - left - 34 * MM))
        told = texts.text("dokumen.halaman", i=number, n=len(self._pages))
        canvas.drawRightString(right, 8 * MM, told)

    def _across(self, canvas: Any) -> None:
        width, height = (side * MM for side in self.size)
        canvas.saveState()
        canvas.translate(width / 2, height / 2)
        canvas.rotate(52 if height > width else 32)
        # Outlines only: a filled mark would hide what a black and white printer puts over it.
        canvas.setStrokeGray(0.72)
        canvas.setLineWidth(0.7)
        size = min(150.0, 760.0 / max(len(self._mark), 4))
        canvas.setFont(FONT, size)
        words = canvas.beginText(0, 0)
        words.setTextRenderMode(1)
        words.setTextOrigin(-canvas.stringWidth(self._mark, FONT, size) / 2, -size / 3)
        words.textOut(self._mark)
        canvas.drawText(words)
        canvas.restoreState()


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a list, its words wrapped."""

    cells: tuple[tuple[str, ...], ...]
    aligns: tuple[str, ...]

    @property
    def height(self) -> float:
        """Height in millimetres that the words need."""
        return max(map(len, self.cells), default=1) * _LEADING / MM + 2 * _PAD

    def draw(
        self,
        canvas: Any,
        ink: Ink,
        widths: Sequence[float],
        top: float,
        high: float,
        *,
        strong: bool,
    ) -> None:
        """Draw the words, a line below them, and one above when they are a head."""
        left, first = MARGIN, (top - _PAD) * MM - _SMALL
        lines: list[tuple[float, float, str]] = []
        for words, align, wide in zip(self.cells, self.aligns, widths, strict=True):
            start = (left + _PAD) * MM
            for number, line in enumerate(words):
                at = start
                if align != "left":
                    spare = (wide - 2 * _PAD) * MM - width(line, _SMALL)
                    at += spare / 2 if align == "centre" else spare
                lines.append((at, first - number * _LEADING, line))
            left += wide
        edges = (top, top - high) if strong else (top - high,)
        ruled = [
            f"{MARGIN * MM:.2f} {low * MM:.2f} m {left * MM:.2f} {low * MM:.2f} l" for low in edges
        ]
        thick = _STRONG if strong else _THIN
        # Operators as they are: for each row the library would work out a text object of its own.
        canvas.addLiteral("\n".join((ink.text(lines), f"{thick} w", *ruled, "S")))
