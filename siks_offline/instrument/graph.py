"""Which rule of an instrument waits for which answer, worked out once and used for every visit."""

from __future__ import annotations

import re
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from siks_offline.instrument import expr
from siks_offline.instrument.lexer import REFERENCE, tokens
from siks_offline.instrument.schema import Group, Instrument, Question, Repeat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from siks_offline.instrument.schema import Choice, Element

Facet: TypeAlias = int
RELEVANT, VALUE, ISSUE, LOOK = 0, 1, 2, 3
"""What of an element can change: whether it is asked, its value, its issue, its words."""
FACETS = 4

_BEFORE = re.compile(
    r"indexed-repeat\(\s*\$\{\s*([\w.-]+)\s*\}\s*,\s*\$\{\s*[\w.-]+\s*\}\s*,"
    r"\s*position\(\s*\.\.\s*\)\s*-\s*[1-9]\d*\s*\)",
    re.ASCII,
)
MAX_EDGES = 50_000
"""Dependencies of an instrument; DTKS has some 800."""


class TangledError(ValueError):
    """Rules that read so many answers that no form could be that; the argument is a name."""


class CycleFoundError(ValueError):
    """Rules that wait for each other, by the names of their questions in turn."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(" > ".join(names))
        self.names = names


class Edge(NamedTuple):
    """One facet that waits for another: climb so many repeats up, then down these."""

    facet: int
    spec: Spec
    up: int
    down: tuple[Spec, ...]


class Spec:
    """An element with its rules parsed and its place among the repeats."""

    __slots__ = (
        "calculation", "choice_filter", "choices", "codes", "constraint", "count", "element",
        "gate", "homes", "index", "inner", "judged", "keeps", "name", "note", "outer", "parent",
        "question", "read_only", "relevant", "repeat", "required", "required_always", "talks",
        "targets", "turn",
    )  # fmt: skip

    def __init__(self, index: int, element: Element | None, parent: Spec | None) -> None:
        self.index = index
        self.element = element
        self.name = element.name if element is not None else ""
        self.parent = parent
        self.repeat = isinstance(element, Repeat)
        self.question = element if isinstance(element, Question) else None
        self.inner: list[Spec] = []
        """Children of the tree, in form order."""
        self.homes: tuple[Spec, ...] = ()
        """Repeats around it, outermost first; its values lie in the last of them."""
        if parent is not None:
            self.homes = (*parent.homes, parent) if parent.repeat else parent.homes
            parent.inner.append(self)
        self.count = _rule(element.count) if isinstance(element, Repeat) else None
        self.turn: Spec | None = None
        """For a repeat with a count: the gate of each member, open while it is not one too many."""
        self.relevant = _rule(element.relevant) if element is not None else None
        self.outer: Spec = parent.turn or parent.gate if parent is not None else self
        """The gate around it."""
        self.gate: Spec = self if self.relevant else self.outer
        """The element, itself or above, whose `relevant` is the last word on this one."""
        question = self.question
        self.calculation = _rule(question.calculation) if question else None
        self.note = question is not None and question.type == "note"
        """Whether it only says something: it has no value, and its issue is its being there."""
        self.keeps = self.calculation is not None and "once" in self.calculation.functions
        """Whether its value is kept with the answers, for once() asks for it again."""
        self.judged = bool(
            question
            and self.calculation is None
            and (question.type != "note" or question.hard or question.soft)
        )
        """Whether it can have an issue of its own."""
        self.constraint = _rule(question.constraint) if question else None
        self.choice_filter = _rule(question.choice_filter) if question else None
        self.required_always = bool(question and question.required == "yes")
        self.required = _rule(question.required) if question and not self.required_always else None
        self.read_only = (
            _rule(question.read_only) if question and question.read_only != "yes" else None
        )
        said = question.label if question and question.type == "note" else ""
        self.talks = "${" in (said or (question.constraint_message if question else ""))
        """Whether the words of its issue hold answers, so that they change with these."""
        self.choices: tuple[Choice, ...] = ()
        self.codes: frozenset[str] = frozenset()
        self.targets: dict[str, tuple[Spec, int, tuple[Spec, ...]]] = {}
        """Where ${name} leads from here: the element, repeats to climb, repeats to go down."""

    def take_turns(self, index: int) -> Spec:
        """Make the gate of the members of a repeat with a count, and return it."""
        turn = self.turn = Spec(index, None, self)
        turn.name = "#"
        turn.gate = turn
        return turn

    def __repr__(self) -> str:
        return f"<Spec {self.name}>"


def _rule(source: str) -> expr.Expression | None:
    return expr.parse(source) if source else None


def road(here: Spec, there: Spec) -> tuple[int, tuple[Spec, ...]]:
    """Return how many repeats to climb from one element and which to go down to the other.

    Inside a repeat that both lie in, ${name} means the same member's answer; from anywhere else
    it means all of them (pyxform writes a relative path and an absolute one).
    """
    common = 0
    for ours, theirs in zip(here.homes, there.homes, strict=False):
        if ours is not theirs:
            break
        common += 1
    return len(here.homes) - common, there.homes[common:]


class Program:
    """An instrument made ready to run: specs in form order and facets in order of evaluation."""

    def __init__(self, instrument: Instrument) -> None:
        """Wire an instrument whose rules parse and name what is there (the loader sees to that).

        Raises CycleFoundError and TangledError.
        """
        self.instrument = instrument
        self.root = Spec(0, None, None)
        self.specs: list[Spec] = [self.root]
        self._plant(self.root, instrument.children)
        self.by_name = {spec.name: spec for spec in self.specs[1:] if spec.element is not None}
        for spec in self.specs:
            if spec.question is not None:
                spec.choices = instrument.choices.get(spec.question.list_name, ())
                spec.codes = frozenset(choice.code for choice in spec.choices)
        self.dependents: list[list[Edge]] = [[] for _ in range(len(self.specs) * FACETS)]
        self.edges = 0
        self._waits: dict[int, dict[int, None]] = {}
        for spec in self.specs[1:]:
            self._wire(spec)
        self.order = self._sort()
        self.steps = [
            (facet % FACETS, self.specs[facet // FACETS])
            for facet in self.order
            if facet % FACETS != LOOK and facet >= FACETS
        ]
        """Facets of a new state in order, with their specs: all but words, and but the root."""
        self.rank = [0] * len(self.dependents)
        for place, facet in enumerate(self.order):
            self.rank[facet] = place

    def _plant(self, parent: Spec, children: Iterable[Element]) -> None:
        for element in children:
            spec = Spec(len(self.specs), element, parent)
            self.specs.append(spec)
            if spec.count is not None:
                self.specs.append(spec.take_turns(len(self.specs)))
            if isinstance(element, Group | Repeat):
                self._plant(spec, element.children)

    def target(self, here: Spec, name: str) -> tuple[Spec, int, tuple[Spec, ...]]:
        """Return where ${name} leads from an element, remembered."""
        found = here.targets.get(name)
        if found is None:
            there = self.by_name[name]
            found = here.targets[name] = (there, *road(here, there))
        return found

    def _edge(
        self, source: Spec, facet: Facet, spec: Spec, waiting: Facet, wide: bool = False
    ) -> None:
        before, after = source.index * FACETS + facet, spec.index * FACETS + waiting
        waits = self._waits.setdefault(after, {})
        if not wide and before in waits:
            return
        way = (len(source.homes), spec.homes) if wide else road(source, spec)
        if before != after or not _runs_on(spec):
            waits[before] = None
        self.edges += 1
        if self.edges > MAX_EDGES:
            raise TangledError(spec.name)
        self.dependents[before].append(Edge(after, spec, *way))

    def _wire(self, spec: Spec) -> None:
        question, element, parent = spec.question, spec.element, spec.parent
        assert parent is not None
        if element is None:
            self._edge(spec.outer, RELEVANT, spec, RELEVANT)
            self._edge(parent, VALUE, spec, RELEVANT)
            return
        if spec.gate is spec:
            self._edge(spec.outer, RELEVANT, spec, RELEVANT)
            self._sources(spec, RELEVANT, element.relevant)
        if question is None:
            self._edge(spec.gate, RELEVANT, spec, VALUE)
            self._sources(spec, LOOK, element.label, words=True)
            if isinstance(element, Repeat):
                self._sources(spec, VALUE, element.count)
            return
        self._edge(spec.gate, RELEVANT, spec, VALUE)
        self._sources(spec, VALUE, question.calculation)
        if not spec.required_always:
            self._sources(spec, LOOK, question.required)
        self._sources(spec, LOOK, question.choice_filter)
        if question.read_only != "yes":
            self._sources(spec, LOOK, question.read_only)
        self._sources(spec, LOOK, f"{question.label} {question.hint}", words=True)
        if not spec.judged:
            return
        self._edge(spec, VALUE, spec, ISSUE)
        self._sources(spec, ISSUE, question.constraint)
        if not spec.required_always:
            self._sources(spec, ISSUE, question.required)
        self._sources(spec, ISSUE, question.choice_filter)
        message = question.label if question.type == "note" else question.constraint_message
        self._sources(spec, ISSUE, message, words=True)

    def _sources(self, spec: Spec, facet: Facet, source: str, words: bool = False) -> None:
        """Wire a facet to everything its rule, or the ${names} of its words, reads.

        A rule that walks the tree by itself, or picks a member by number, may read any member's
        answer: it waits for all of them.
        """
        if not source:
            return
        rule = None if words else expr.parse(source)
        wide = rule is not None and (rule.uses_paths or "indexed-repeat" in rule.functions)
        for name in REFERENCE.findall(source) if rule is None else read_names(source):
            if name not in self.by_name:
                continue
            for one in self._below(self.by_name[name]):
                self._edge(one, VALUE, spec, facet, wide)
                for repeat in one.homes if wide else road(spec, one)[1]:
                    self._edge(repeat, VALUE, spec, facet, wide)
                    self._turns(repeat, spec, facet, wide)
                self._turns(one, spec, facet, wide)

    def _turns(self, repeat: Spec, spec: Spec, facet: Facet, wide: bool) -> None:
        """Wire a facet to the gates of a repeat's members: they come and go with its count."""
        if repeat.turn is not None:
            self._edge(repeat.turn, RELEVANT, spec, facet, wide)

    def _below(self, spec: Spec) -> Iterator[Spec]:
        if spec.question is not None or spec.repeat:
            yield spec
        else:
            for child in spec.inner:
                yield from self._below(child)

    def _sort(self) -> list[int]:
        sorter: TopologicalSorter[int] = TopologicalSorter()
        for index, spec in enumerate(self.specs):
            if spec.gate is spec:
                sorter.add(index * FACETS + RELEVANT)
            if spec.element is not None:
                sorter.add(index * FACETS + VALUE)
        for after, waits in self._waits.items():
            sorter.add(after, *waits)
        try:
            return list(sorter.static_order())
        except CycleError as error:
            found = (self.specs[facet // FACETS] for facet in error.args[1])
            names = (spec.name for spec in found if spec.element is not None)
            raise CycleFoundError(tuple(dict.fromkeys(names))) from None


def _runs_on(spec: Spec) -> bool:
    """Whether a calculation asks for itself only at members before its own, as a running total.

    The one shape that is certain: indexed-repeat(${itself}, ${repeat}, position(..) - 1).
    """
    source = spec.question.calculation if spec.question is not None else ""
    own = [name for name in REFERENCE.findall(source) if name == spec.name]
    before = [name for name in _BEFORE.findall(source) if name == spec.name]
    return bool(own) and len(own) == len(before)


def read_names(source: str) -> list[str]:
    """Return the names a rule reads: its ${references}, steps of its paths, its functions.

    Steps and functions are taken by their last word alone: to wait for too much is slow, to wait
    for too little is wrong. Strings do not count.
    """
    found: dict[str, None] = {}
    for token in tokens(source):
        if token.kind in ("ref", "name"):
            found[token.text] = None
    return list(found)


@lru_cache(maxsize=8)
def program(instrument: Instrument) -> Program:
    """Return the program of an instrument, made once (instruments are told apart by identity)."""
    return Program(instrument)
