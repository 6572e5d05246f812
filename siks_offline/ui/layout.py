"""How an instrument is laid out on screens: sections, rows, grids. Derived, never written by hand.

A repeat whose rows fit one line each becomes a grid. A repeat with groups inside (the members)
becomes a section of its own: a roster first, then one screen a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from siks_offline.instrument import promoted
from siks_offline.instrument.numbering import split_label, unit_of
from siks_offline.instrument.schema import Group, Question, Repeat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siks_offline.instrument.schema import Element, Instrument

_REFERENCE = re.compile(r"\$\{\s*([\w.-]+)\s*\}")
LEAST_ROSTER = 3
"""Columns of the roster of a repeat that is not the members: its first questions."""
ROSTER = (promoted.NAMA, promoted.NIK, promoted.SEX, promoted.BIRTH_DATE, promoted.RELATION)


@dataclass(frozen=True, slots=True)
class Row:
    """One question as a row: its number on the paper, its words, the unit after the field."""

    question: Question
    number: str
    label: str
    unit: str

    @property
    def name(self) -> str:
        """Name of the question."""
        return self.question.name

    @property
    def type(self) -> str:
        """Type of the question."""
        return self.question.type


@dataclass(frozen=True, slots=True)
class Heading:
    """Words over a few rows."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A repeat as a table: one line an entry."""

    repeat: str
    words: str
    columns: tuple[Row, ...]


Item: TypeAlias = Row | Heading | Grid


@dataclass(frozen=True, slots=True)
class Section:
    """One screen of questions; with `person` it is a roster, followed by a screen a person."""

    name: str
    number: str
    words: str
    items: tuple[Item, ...]
    repeat: str = ""
    person: tuple[Item, ...] = ()


def row_of(question: Question) -> Row:
    """Lay one question out."""
    words, unit = unit_of(question)
    return Row(question, split_label(question.label)[0], words, unit)


def shown(question: Question) -> bool:
    """Whether a question has a place on the screen; checks and sums have none."""
    return question.answerable


@lru_cache(maxsize=4)
def sections(instrument: Instrument) -> tuple[Section, ...]:
    """Lay an instrument out, in the order of the paper."""
    found: list[Section] = []
    loose: list[Item] = []
    for element in instrument.children:
        if isinstance(element, Question):
            if shown(element):
                loose.append(row_of(element))
            continue
        _close_loose(found, loose)
        found.extend(_sections_of(element, instrument))
    _close_loose(found, loose)
    return tuple(found)


@lru_cache(maxsize=4)
def ordered(instrument: Instrument, *, by_block: bool) -> tuple[Section, ...]:
    """Lay an instrument out for a person's habit: a whole member at once, or block by block.

    By block, each heading of a member becomes a section that all members go through in turn, after
    the roster.
    """
    found = sections(instrument)
    if not by_block:
        return found
    return tuple(part for section in found for part in _blocks(section))


def _blocks(section: Section) -> Iterator[Section]:
    if not section.person:
        yield section
        return
    if section.items:
        yield Section(section.name, section.number, section.words, section.items, section.repeat)
    name, words = section.name, section.words
    rows: list[Item] = []
    for item in (*section.person, None):
        if isinstance(item, Heading) or item is None:
            if rows:
                yield Section(f"{section.name}/{name}", "", words, (), section.repeat, tuple(rows))
            rows = []
            if item is not None:
                name, words = item.name, item.words
        else:
            rows.append(item)


def _close_loose(found: list[Section], loose: list[Item]) -> None:
    """Questions outside every group form a section named by the first of them."""
    if loose:
        first = loose[0]
        assert isinstance(first, Row)
        found.append(Section(first.name, first.number, first.label, tuple(loose)))
        loose.clear()


def _sections_of(element: Group | Repeat, instrument: Instrument) -> Iterator[Section]:
    number, words = split_label(element.label)
    if isinstance(element, Repeat):
        yield from _repeat_sections(element, instrument)
        return
    items: list[Item] = []
    first = True
    for child in element.children:
        if isinstance(child, Repeat) and _deep(child):
            if any(isinstance(item, Row | Grid) for item in items):
                yield Section(element.name, number if first else "", words, tuple(items))
                items = []
            for section in _repeat_sections(child, instrument):
                yield Section(
                    section.name,
                    number if first else "",
                    section.words,
                    section.items,
                    section.repeat,
                    section.person,
                )
            first = False
            continue
        items.extend(_items(child))
    if any(isinstance(item, Row | Grid) for item in items):
        if not first and isinstance(items[0], Grid):
            words = items[0].words
        yield Section(
            element.name if first else f"{element.name}+",
            number if first else "",
            words,
            tuple(items),
        )


def _repeat_sections(repeat: Repeat, instrument: Instrument) -> Iterator[Section]:
    number, words = split_label(repeat.label)
    rows = {row.name: row for row in _rows(repeat)}
    if not _deep(repeat):
        grid = Grid(repeat.name, words, tuple(rows.values()))
        yield Section(repeat.name, number, words, (grid,))
        return
    names = roster_columns(repeat, instrument) or tuple(rows)[:LEAST_ROSTER]
    grid = Grid(repeat.name, words, tuple(rows[name] for name in names))
    person = tuple(
        item
        for child in repeat.children
        for item in _items(child)
        if not (isinstance(item, Row) and item.name in names)
    )
    yield Section(repeat.name, number, words, (grid,), repeat.name, person)


def roster_columns(repeat: Repeat, instrument: Instrument) -> tuple[str, ...]:
    """Return the roster's questions: the promoted ones with those they cannot be asked without."""
    rows = [question.name for question in _questions(repeat)]
    gates = _gates(repeat, "")
    wanted = {name for name in ROSTER if name in rows}
    open_ = list(wanted)
    while open_:
        name = open_.pop()
        element = instrument.elements.get(name)
        sources = [gates.get(name, "")]
        if isinstance(element, Question):
            sources += [element.relevant, element.calculation]
        for source in sources:
            for other in _REFERENCE.findall(source):
                if other not in wanted and instrument.owner.get(other) == repeat.name:
                    wanted.add(other)
                    open_.append(other)
    return tuple(
        name
        for name in rows
        if name in wanted and name != promoted.PERSON_ID and instrument.questions[name].answerable
    )


def _gates(element: Group | Repeat, above: str) -> dict[str, str]:
    """Conditions of the groups around each question of a repeat."""
    found: dict[str, str] = {}
    for child in element.children:
        if isinstance(child, Group):
            found.update(_gates(child, f"{above} {child.relevant}"))
        else:
            found[child.name] = above
    return found


def _deep(repeat: Repeat) -> bool:
    """Whether an entry needs a screen of its own: it has groups, or entries within."""
    return any(isinstance(child, Group | Repeat) for child in repeat.children)


def _questions(element: Element) -> Iterator[Question]:
    if isinstance(element, Question):
        if shown(element):
            yield element
        return
    for child in element.children:
        if not isinstance(child, Repeat):  # entries within an entry have a grid of their own
            yield from _questions(child)


def _rows(element: Element) -> Iterator[Row]:
    return (row_of(question) for question in _questions(element))


def _items(element: Element) -> Iterator[Item]:
    if isinstance(element, Question):
        if shown(element):
            yield row_of(element)
        return
    if isinstance(element, Repeat):
        yield Grid(element.name, split_label(element.label)[1], tuple(_rows(element)))
        return
    inner = [item for child in element.children for item in _items(child)]
    if inner:
        yield Heading(element.name, element.label)
        yield from inner
