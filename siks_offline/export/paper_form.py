"""The questionnaire as a form to print and to fill by pen, in black and white."""

from __future__ import annotations

import html
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from siks_offline import texts
from siks_offline.export import files, paper_parts
from siks_offline.export.paper_answers import Space, space_for
from siks_offline.export.paper_parts import MM, Style
from siks_offline.instrument.lexer import REFERENCE
from siks_offline.instrument.numbering import split_label, unit_of
from siks_offline.instrument.rule_words import in_words
from siks_offline.instrument.schema import Question, Repeat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from siks_offline.instrument.schema import Choice, Element, Group, Instrument

Paper = Literal["a4", "f4"]
SIZES: dict[Paper, tuple[float, float]] = {"a4": (210, 297), "f4": (215, 330)}
"""Width and height in millimetres; F4 is the folio of Indonesian offices."""
MARGIN, TOP, BOTTOM = 12, 17, 13
NUMBER = 11.0
PEOPLE, ENTRIES = 6, 4
"""Places for members that have groups of questions, and for other lists."""
_PLACE = 19.0
_LONGEST_GATE = 180
"""Letters of a condition that a form prints; a longer one is looked up in the codebook."""
_ROOM_OF_LIST = 75
"""Millimetres that the beginning of a list wants below its heading."""
_NARROW = 3
"""Boxes that fit into a member's column."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the form prints it."""

    name: str
    number: str
    words: str


def asked(instrument: Instrument) -> tuple[Asked, ...]:
    """Return what is printed, in order: the questions that a screen shows, numbered as there."""
    return tuple(
        Asked(one.name, split_label(one.label)[0], unit_of(one)[0])
        for one in instrument.questions.values()
        if one.answerable
    )


def write(path: Path, instrument: Instrument, paper: Paper = "a4") -> int:
    """Write the form as PDF, whole or not at all, and return how many pages it has.

    Raises FileError.
    """
    form = _Form(instrument, paper)
    pages = form.build(BytesIO(), 0)
    out = BytesIO()
    form.build(out, pages)
    files.write_whole(path, out.getvalue())
    return pages


class _Form:
    def __init__(self, instrument: Instrument, paper: Paper) -> None:
        self.instrument = instrument
        self.size = SIZES[paper]
        self.width = self.size[0] - 2 * MARGIN
        self.style = Style()

    def build(self, out: BytesIO, pages: int) -> int:
        """Write all pages; `pages` is how many the foot of each tells of."""
        from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

        width, height = self.size
        document = BaseDocTemplate(
            out, pagesize=(width * MM, height * MM), invariant=1,
            title=self.instrument.title, author="", creator=texts.text("umum.aplikasi"), lang="id",
            initialFontName=paper_parts.FONT,
        )  # fmt: skip
        frame = Frame(
            MARGIN * MM, BOTTOM * MM, self.width * MM, (height - TOP - BOTTOM) * MM,
            leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
        )  # fmt: skip

        def edge(canvas: Any, _: Any) -> None:
            self._edge(canvas, pages)

        document.addPageTemplates(PageTemplate(frames=[frame], onPage=edge))
        document.build([*self._head(), *self._all(), *self._signatures()])
        return int(document.page)

    def _edge(self, canvas: Any, pages: int) -> None:
        width, height = (side * MM for side in self.size)
        left, right = MARGIN * MM, width - MARGIN * MM
        canvas.setFont(paper_parts.FONT, 7.5)
        top = height - 11 * MM
        canvas.drawString(left, top, self.style.cut(self.instrument.title, right - left - 62 * MM))
        canvas.drawRightString(right, top, texts.text("formulir.id_prelist"))
        canvas.setLineWidth(0.8)
        canvas.line(left, top - 2.2 * MM, right, top - 2.2 * MM)
        name = f"{self.instrument.id} {self.instrument.version}"
        canvas.drawString(left, 7.5 * MM, name)
        told = texts.text("formulir.halaman", halaman=canvas.getPageNumber(), semua=pages)
        canvas.drawRightString(right, 7.5 * MM, told)

    def _head(self) -> Iterator[Any]:
        yield self.style.paragraph(self._plain(self.instrument.title), "title")
        yield self.style.paragraph(html.escape(texts.text("formulir.petunjuk")), "small")
        yield paper_parts.gap(2)

    def _signatures(self) -> Iterator[Any]:
        names = [texts.text(f"formulir.ttd_{who}") for who in ("responden", "petugas", "pemeriksa")]
        yield paper_parts.gap(4)
        yield paper_parts.signatures(
            [self.style.paragraph(html.escape(name), "code") for name in names], self.width
        )

    # --- the tree ---------------------------------------------------------------------------------

    def _all(self) -> Iterator[Any]:
        loose = True
        for element in self.instrument.children:
            if isinstance(element, Question):
                if element.answerable:
                    if loose:
                        yield paper_parts.gap(1)
                    yield self._row(element)
                    loose = False
            else:
                yield from self._part(element, 0)

    def _part(self, element: Group | Repeat, depth: int) -> Iterator[Any]:
        if not any(_answerable(element)):
            return
        note = self._gate(element)
        listed = isinstance(element, Repeat)
        heading = paper_parts.heading(self.style, self._plain(element.label), note, depth, listed)
        if isinstance(element, Repeat):
            yield paper_parts.keep_room(_ROOM_OF_LIST)
            yield heading
            yield from self._repeat(element, depth)
            return
        first = next((one for one in element.children if any(_answerable(one))), None)
        yield paper_parts.keep_room(_ROOM_OF_LIST + 12 if isinstance(first, Repeat) else 32)
        yield heading
        for child in element.children:
            if not isinstance(child, Question):
                yield from self._part(child, depth + 1)
            elif child.answerable:
                yield self._row(child)

    def _gate(self, element: Element) -> str:
        """When an element is asked, in words; "" where always, or where its label says so."""
        said = in_words(self.instrument, element.relevant, short=True)
        if len(said) > _LONGEST_GATE:
            return html.escape(texts.text("formulir.bila_panjang"))
        return html.escape(texts.text("formulir.bila", syarat=said)) if said else ""

    @staticmethod
    def _plain(text: str) -> str:
        return html.escape(REFERENCE.sub("…", text), quote=False)

    # --- one question -----------------------------------------------------------------------------

    def _row(self, question: Question) -> Any:
        """One question across the page: number, words with codes, room for the answer."""
        space = space_for(question, self.instrument)
        words, unit = unit_of(question)
        choices = self.instrument.options(question.name)
        text: list[Any] = [self.style.paragraph(self._plain(words), "label")]
        if note := self._notes(question):
            text.append(self.style.paragraph(note, "small"))
        answer = paper_parts.answer(self.style, space, unit, 80)
        rest = self.width - NUMBER
        room = max(22.0, paper_parts.width_of(space, unit) + 3)
        below = bool(space.lines) or room > rest * 0.55
        if space.lines:
            answer = paper_parts.lines(rest - 4, space.lines)
        if choices and not space.codes:
            text.append(self._codes(choices, rest - 2 if below else rest - room - 2))
        elif choices:
            text.append(self._ticks(choices, rest - 2))
            below, answer = True, None
        number = self.style.paragraph(html.escape(split_label(question.label)[0]), "number")
        if below:
            return paper_parts.question(
                [number, [*text, *([answer] if answer is not None else [])]], [NUMBER, rest]
            )
        return paper_parts.question([number, text, answer], [NUMBER, rest - room, room])

    def _notes(self, question: Question) -> str:
        told = self._gate(question) if not question.label.lower().count("jika ") else ""
        parts = [part for part in (told, self._plain(question.hint)) if part]
        return " ".join(parts)

    def _codes(self, choices: Sequence[Choice], width: float) -> Any:
        longest = max(len(choice.label) for choice in choices)
        if len(choices) <= 2 or (len(choices) <= 4 and longest <= 22):
            return self.style.paragraph(self._inline(choices), "code")
        columns = 3 if longest <= 24 and width > 140 else 2 if longest <= 56 and width > 90 else 1
        cells = [self.style.paragraph(self._choice(one), "hang") for one in choices]
        return paper_parts.columns(cells, columns, width)

    def _ticks(self, choices: Sequence[Choice], width: float) -> Any:
        cells = [
            paper_parts.tick(
                self.style.paragraph(self._choice(one), "hang"),
                width / 2,
            )
            for one in choices
        ]
        return paper_parts.columns(cells, 2, width)

    def _inline(self, choices: Sequence[Choice]) -> str:
        return "&nbsp;&nbsp; ".join(self._choice(one, "&nbsp;") for one in choices)

    def _choice(self, choice: Choice, gap: str = "&nbsp; ") -> str:
        code = html.escape(choice.code)
        return code if choice.label == choice.code else f"{code}{gap}{self._plain(choice.label)}"

    # --- lists ------------------------------------------------------------------------------------

    def _repeat(self, repeat: Repeat, depth: int) -> Iterator[Any]:
        """Questions as rows, members as columns; what is too wide for a column goes below it."""
        deep = any(not isinstance(child, Question) for child in repeat.children)
        places = PEOPLE if deep else ENTRIES
        label = self.width - NUMBER - places * _PLACE
        widths = [NUMBER, label, *[_PLACE] * places]
        rows = paper_parts.Matrix(self.style, widths)
        head = texts.text("formulir.nomor_anggota", jumlah=places)
        rows.head([self.style.paragraph(html.escape(head), "small")], places)
        yield from self._matrix(repeat, rows, places)
        yield rows.flowable()
        for child in _inner_repeats(repeat):
            yield from self._part(child, depth + 1)

    def _matrix(
        self, element: Group | Repeat, rows: paper_parts.Matrix, places: int
    ) -> Iterator[Any]:
        for child in element.children:
            if isinstance(child, Question):
                if child.answerable:
                    self._line(child, rows, places)
            elif not isinstance(child, Repeat) and any(_answerable(child)):
                note = self._gate(child)
                title = self.style.paragraph(self._plain(child.label), "group")
                rows.title([title, *([self.style.paragraph(note, "small")] if note else [])])
                yield from self._matrix(child, rows, places)

    def _line(self, question: Question, rows: paper_parts.Matrix, places: int) -> None:
        space = space_for(question, self.instrument)
        words, unit = unit_of(question)
        if unit:
            words = f"{words} ({unit})"
        text: list[Any] = [self.style.paragraph(self._plain(words), "label")]
        if note := self._notes(question):
            text.append(self.style.paragraph(note, "small"))
        choices = self.instrument.options(question.name)
        if choices:
            text.append(self.style.paragraph(self._inline(choices), "code"))
        number = self.style.paragraph(html.escape(split_label(question.label)[0]), "number")
        if space.codes or (space.count and space.count <= _NARROW):
            cells = [paper_parts.answer(self.style, space, "", _PLACE - 3) for _ in range(places)]
            rows.narrow(number, text, cells)
            return
        half = (self.width - NUMBER) / 2
        slots = [
            paper_parts.slot(self.style, str(place), _slot(space), half)
            for place in range(1, places + 1)
        ]
        rows.wide(number, [*text, paper_parts.columns(slots, 2, half * 2, across=True)])


def _slot(space: Space) -> Space:
    return Space(lines=1) if space.lines else space


def _answerable(element: Element) -> Iterator[bool]:
    if isinstance(element, Question):
        yield element.answerable
        return
    for child in element.children:
        yield from _answerable(child)


def _inner_repeats(element: Group | Repeat) -> Iterator[Repeat]:
    for child in element.children:
        if isinstance(child, Repeat):
            yield child
        elif not isinstance(child, Question):
            yield from _inner_repeats(child)
