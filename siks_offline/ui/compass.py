"""Where each question stands on the screens, so that the caret finds it and order can be told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from siks_offline.instrument import promoted, rules
from siks_offline.instrument.schema import Question, Repeat
from siks_offline.ui.layout import Grid, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from siks_offline.instrument.engine import FormState
    from siks_offline.instrument.schema import Element, Instrument
    from siks_offline.model import Issue
    from siks_offline.ui.layout import Section

_REFERENCE = re.compile(r"\$\{\s*([\w.-]+)\s*\}")
_NUMBER = re.compile(r"\[(\d+)\]")


class Spot(NamedTuple):
    """A question's place in the order of the eye."""

    section: int
    person: int
    item: int
    line: int
    column: int


class Compass:
    """Finds the screen, the person and the line of any path."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self.grids: dict[str, int] = {}
        """Repeat -> the section that shows it as a grid."""
        self._spots: dict[str, tuple[int, bool, int, int, bool]] = {}
        for number, section in enumerate(sections):
            for own, items in ((False, section.items), (True, section.person)):
                for at, item in enumerate(items):
                    if isinstance(item, Row):
                        self._spots[item.name] = (number, own, at, 0, False)
                    elif isinstance(item, Grid):
                        self.grids[item.repeat] = number
                        for column, row in enumerate(item.columns):
                            self._spots[row.name] = (number, own, at, column, True)

    def spot(self, path: str) -> Spot | None:
        """Return where a path stands; None for what has no place on a screen."""
        entries = [int(number) for number in _NUMBER.findall(path)]
        known = self._spots.get(path.rpartition("].")[2])
        if known is None:
            return None
        section, own, item, column, in_grid = known
        first, last = (entries[0], entries[-1]) if entries else (0, 0)
        return Spot(section, first if own else 0, item, last if in_grid else 0, column)

    def section_of(self, issue: Issue, state: FormState) -> int | None:
        """Return the section that an issue belongs to."""
        for path in self.paths_of(issue, state):
            spot = self.spot(path)
            if spot is not None:
                return spot.section
        return None

    def paths_of(self, issue: Issue, state: FormState) -> Iterator[str]:
        """Yield the questions an issue is about: its own, else those its rule asks, near first."""
        if self.spot(issue.path) is not None:
            yield issue.path
            return
        elements = state.instrument.elements
        element = elements.get(issue.rule)
        prefix = f"{issue.path}." if issue.path else ""
        seen = {issue.rule}
        around, inside, name = issue.path.rpartition("].")
        repeat = elements.get(name)
        if isinstance(repeat, Repeat):  # what is wrong is its count: an answer elsewhere
            prefix = around + inside
            waiting = _REFERENCE.findall(repeat.count)
        elif isinstance(element, Question):
            waiting = _REFERENCE.findall(element.relevant)
        else:
            waiting = [*rules.pointed(state.instrument, issue.rule)]
        while waiting:
            name = waiting.pop(0)
            if name in seen:
                continue
            seen.add(name)
            owner = state.instrument.owner.get(name)
            question = elements.get(name)
            if owner is None or not isinstance(question, Question):
                continue
            if name in self._spots:
                if not owner:
                    yield name
                elif prefix.startswith(f"{owner}["):
                    yield prefix + name
                elif state.count(owner):
                    yield f"{owner}[1].{name}"
            waiting += _REFERENCE.findall(f"{question.calculation} {question.relevant}")


def decided_names(instrument: Instrument) -> frozenset[str]:
    """Return the status of a household with its companions: what a musyawarah decides.

    Companions are the questions that are asked because of the status, or because of one of them,
    in the same group.
    """
    if promoted.STATUS not in instrument.elements:
        return frozenset()
    found = {promoted.STATUS}
    group = next(
        (
            child
            for child in instrument.children
            if any(question.name == promoted.STATUS for question in _under(child))
        ),
        None,
    )
    for question in _under(group) if group is not None else ():
        if found & set(_REFERENCE.findall(question.relevant)):
            found.add(question.name)
    return frozenset(found)


def _under(element: Element) -> Iterator[Question]:
    if isinstance(element, Question):
        yield element
        return
    for child in element.children:
        yield from _under(child)
