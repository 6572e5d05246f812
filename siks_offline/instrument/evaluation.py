"""Rules worked out over the cells of a visit: all of them, or those that a change reaches."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from siks_offline.instrument import members
from siks_offline.instrument.code import MOST_VISITS
from siks_offline.instrument.expr import Context, EvaluationError, answer_text
from siks_offline.instrument.fields import FIELDS
from siks_offline.instrument.graph import FACETS, ISSUE, LOOK, RELEVANT, VALUE
from siks_offline.instrument.nodes import Node
from siks_offline.instrument.schema import SELECTS
from siks_offline.instrument.state import Cell, Fault, Scope, Tree
from siks_offline.instrument.words import CODE, LIMIT, REQUIRED, SHAPE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from siks_offline.instrument.effects import Moved
    from siks_offline.instrument.expr import Expression
    from siks_offline.instrument.graph import Program
    from siks_offline.instrument.schema import Choice


_MISSING = Fault(REQUIRED)
LONGEST = 32_767
"""Characters that the value of a calculation may have, as many as a cell of a spreadsheet."""


class Evaluation:
    """The rules at work on one visit's tree; knows nothing of paths and words.

    `confirmed` maps (path of member, rule) of a soft check to the reason it was let stand for.
    """

    def __init__(self, program: Program, now: datetime) -> None:
        self.program = program
        self.tree = Tree(program)
        label_of = program.instrument.label_of
        tree = self.tree
        self.context = Context(tree.top, now, tree.resolve, label_of=label_of, lone=tree.lone)
        self.confirmed: dict[tuple[str, str], str] = {}
        self._heap: list[int] = []
        self._waiting: dict[int, dict[Cell, None]] = {}

    def evaluate(self) -> None:
        """Work everything out from the answers alone, as a new state does."""
        root, all_of = self.tree.root, self.tree.all_of
        for facet, spec in self.program.steps:
            cells = all_of(spec) if spec.homes else (root.cells[spec],)
            if facet == ISSUE:
                for cell in cells:
                    cell.fault = self._fault(cell) if cell.gate.asked else None
            elif facet == RELEVANT:
                rule = spec.relevant
                for cell in cells:
                    if rule is None:
                        cell.asked = self._asked(cell)
                    elif cell.outer.asked:
                        cell.asked = self.truth(rule, cell)
                    else:
                        cell.asked = False
            elif spec.question is None:
                for cell in cells:
                    cell.seen = cell.gate.asked
                    if spec.count is not None:
                        members.match(self, cell)
            elif spec.calculation is None:
                for cell in cells:
                    cell.seen = asked = cell.gate.asked
                    cell.text = cell.answer if asked else ""
            else:
                for cell in cells:
                    cell.seen = cell.gate.asked
                    cell.text = self._value(cell)

    def mark(self, facet: int, cell: Cell) -> None:
        """Put a facet of a cell on the list of what `run` works out."""
        rank = self.program.rank[facet]
        waiting = self._waiting.get(rank)
        if waiting is None:
            self._waiting[rank] = {cell: None}
            heapq.heappush(self._heap, rank)
        else:
            waiting[cell] = None

    def mark_scope(self, scope: Scope) -> None:
        """Mark everything of a new or moved member, below it too."""
        for spec, cell in scope.cells.items():
            base = spec.index * FACETS
            if spec.gate is spec:
                self.mark(base + RELEVANT, cell)
            if spec.element is not None:
                self.mark(base + VALUE, cell)
            if spec.judged:
                self.mark(base + ISSUE, cell)
            for member in scope.members.get(spec, ()):
                self.mark_scope(member)

    def forget(self, scope: Scope) -> None:
        """Take a member that is gone off the list of what `run` works out."""
        for waiting in self._waiting.values():
            for cell in scope.cells.values():
                waiting.pop(cell, None)
        for path, rule in [key for key in self.confirmed if key[0] == scope.path]:
            del self.confirmed[path, rule]

    def _spread(self, facet: int, cells: list[Cell], *, empty: bool = False) -> None:
        """Mark all that waits for a facet of some cells; they are taken together, an edge a time.

        Cells of twenty members lead to the same cells of the household: these are found once.
        """
        rank_of, waiting_of = self.program.rank, self._waiting
        index = facet // FACETS
        for after, spec, up, down in self.program.dependents[facet]:
            if empty and not up and not down and spec.index != index:
                continue
            rank = rank_of[after]
            waiting = waiting_of.get(rank)
            if waiting is None:
                waiting = waiting_of[rank] = {}
                heapq.heappush(self._heap, rank)
            if not up and not down:
                for cell in cells:
                    waiting[cell.scope.cells[spec]] = None
                continue
            starts: dict[Scope, None] = {}
            for cell in cells:
                start = cell.scope
                for _ in range(up):
                    start = start.parent  # type: ignore[assignment]
                starts[start] = None
            for start in starts:
                for cell in self.tree.reach(start, 0, down, spec):
                    waiting[cell] = None

    def run(self, moved: Moved) -> None:
        """Work marked facets out in the order of the graph; what changed marks what waits."""
        order, specs = self.program.order, self.program.specs
        while self._heap:
            rank = heapq.heappop(self._heap)
            place = order[rank]
            index, facet = divmod(place, FACETS)
            cells = self._waiting.pop(rank)
            if facet == LOOK:
                moved.looks.update([cell.path for cell in cells])
            elif facet == ISSUE:
                talks = specs[index].talks
                for cell in cells:
                    fault = self._fault(cell) if cell.gate.asked else None
                    if fault is cell.fault and (fault is None or not talks):
                        continue
                    if fault != cell.fault or (talks and fault is not None):
                        cell.fault = fault
                        moved.issues.add(cell.path)
            elif facet == VALUE:
                if specs[index].question is None:
                    self._stood(place, cells, moved)
                else:
                    self._valued(place, cells, moved)
            else:
                changed = []
                for cell in cells:
                    asked = self._asked(cell)
                    if asked != cell.asked:
                        cell.asked = asked
                        changed.append(cell)
                if changed:
                    self._spread(place, changed)

    def _stood(self, place: int, cells: Iterable[Cell], moved: Moved) -> None:
        """Work out whether groups and repeats stand, and the members that a count asks for."""
        for cell in cells:
            if cell.gate.asked != cell.seen:
                moved.relevance.add(cell.path)
                cell.seen = cell.gate.asked
            if cell.spec.count is not None and cell.inside is None:
                self._matched(cell, moved)
        if self.program.specs[place // FACETS].repeat:
            self._spread(place, list(cells))

    def _valued(self, place: int, cells: Iterable[Cell], moved: Moved) -> None:
        """Work the values of questions out.

        One that is asked now and was not, or the other way round, but is empty as before, tells
        only its own issue and the rules that look at all members: those find a node more or less.
        """
        calculates = self.program.specs[place // FACETS].calculation is not None
        changed: list[Cell] = []
        turned: list[Cell] = []
        for cell in cells:
            asked = cell.gate.asked
            text = self._value(cell) if calculates else cell.answer if asked else ""
            if asked != cell.seen:
                cell.seen = asked
                moved.relevance.add(cell.path)
                (turned if text == cell.text else changed).append(cell)
            elif text != cell.text:
                changed.append(cell)
            else:
                continue
            if calculates and text != cell.text:
                moved.values.add(cell.path)
            cell.text = text
        if changed:
            self._spread(place, changed)
        if turned:
            self._spread(place, turned, empty=True)

    def _matched(self, holder: Cell, moved: Moved) -> None:
        before = len(holder.scope.members[holder.spec])
        fault = holder.fault
        new = members.match(self, holder)
        if new or len(holder.scope.members[holder.spec]) != before:
            moved.structure.add(holder.path)
        if fault != holder.fault:
            moved.issues.add(holder.path)
        for scope in new:
            self.mark_scope(scope)

    def _asked(self, cell: Cell) -> bool:
        spec = cell.spec
        if not cell.outer.asked:
            return False
        if spec.element is None:
            holder = self.tree.holder_of(cell)
            place = holder.scope.members[holder.spec].index(cell.scope)
            return place < int(holder.text or 0)
        rule = spec.relevant
        return rule is None or self.truth(rule, cell)

    def _value(self, cell: Cell) -> str:
        if not cell.gate.asked:
            return ""
        rule = cell.spec.calculation
        if rule is None:
            return cell.answer
        if cell.spec.keeps:
            cell.text = cell.answer
            cell.answer = self.text(rule, cell)
            return cell.answer
        return self.text(rule, cell)

    def _fault(self, cell: Cell) -> Fault | None:
        spec = cell.spec
        question = spec.question
        if question is None or not cell.gate.asked:
            return None
        if spec.note:
            if question.hard:
                return Fault(spec.name)
            if question.soft and (cell.scope.path, spec.name) not in self.confirmed:
                return Fault(spec.name, hard=False)
            return None
        text = cell.text
        if not text:
            if spec.required_always:
                return _MISSING
            rule = spec.required
            return _MISSING if rule is not None and self.truth(rule, cell) else None
        codes = spec.codes
        if spec.choice_filter is not None:
            codes = frozenset(choice.code for choice in self.choices(cell))
        if text in codes:
            pass  # one code of the list, as most answers are
        elif not FIELDS[question.type].canonical(text):
            return Fault(SHAPE, text)
        elif question.type in SELECTS:
            chosen = (text,) if question.type == "select_one" else text.split()
            for code in chosen:
                if code not in codes:
                    return Fault(CODE, code)
        if spec.constraint is not None and not self.truth(spec.constraint, cell):
            return Fault(LIMIT)
        return None

    def required(self, cell: Cell) -> bool:
        """Whether an answer is wanted at a cell."""
        spec = cell.spec
        return spec.required_always or (
            spec.required is not None and self.truth(spec.required, cell)
        )

    def choices(self, cell: Cell) -> tuple[Choice, ...]:
        """Return the codes that may be chosen at a cell."""
        spec = cell.spec
        if spec.choice_filter is None:
            return spec.choices
        kept = []
        for choice in spec.choices:
            item = Node("item")
            for name, text in (*choice.columns, ("name", choice.code), ("label", choice.label)):
                item.append(Node(name, text))
            context = Context(
                item,
                self.context.now,
                lambda name, _: self.tree.resolve(name, cell),
                current=cell,
                label_of=self.context.label_of,
                lone=lambda name, _: self.tree.lone(name, cell),
            )
            try:
                if spec.choice_filter.boolean(context):
                    kept.append(choice)
            except EvaluationError:
                continue
        return tuple(kept)

    def truth(self, rule: Expression, cell: Cell) -> bool:
        """Whether a rule holds at a cell; a rule that cannot be worked out does not."""
        context = self.context
        context.node = cell
        context.meter.left = MOST_VISITS
        try:
            return rule.truth(context)
        except (EvaluationError, RecursionError, ArithmeticError):
            return False

    def text(self, rule: Expression, cell: Cell) -> str:
        """Return what a calculation gives at a cell; "" where it cannot be worked out.

        Nor can what no cell of a spreadsheet holds: calculations that join one another twice over
        would soon fill the memory.
        """
        context = self.context
        context.node = cell
        context.meter.left = MOST_VISITS
        try:
            text = answer_text(rule.run(context))
            return text if len(text) <= LONGEST else ""
        except (EvaluationError, RecursionError, ArithmeticError):
            return ""
