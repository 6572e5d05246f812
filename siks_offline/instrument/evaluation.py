"""Rules worked out over the cells of a visit: all of them, or those that a change reaches."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from siks_offline.instrument import members
from siks_offline.instrument.expr import Context, EvaluationError, answer_text
from siks_offline.instrument.fields import FIELDS
from siks_offline.instrument.graph import FACETS, ISSUE, LOOK, RELEVANT, VALUE
from siks_offline.instrument.nodes import Node
from siks_offline.instrument.schema import SELECTS
from siks_offline.instrument.state import Cell, Fault, Scope, Tree
from siks_offline.instrument.words import CODE, LIMIT, REQUIRED, SHAPE

if TYPE_CHECKING:
    from datetime import datetime

    from siks_offline.instrument.effects import Moved
    from siks_offline.instrument.expr import Expression
    from siks_offline.instrument.graph import Program
    from siks_offline.instrument.schema import Choice


class Evaluation:
    """The rules at work on one visit's tree; knows nothing of paths and words.

    `confirmed` maps (path of member, rule) of a soft check to the reason it was let stand for.
    """

    def __init__(self, program: Program, now: datetime) -> None:
        self.program = program
        self.tree = Tree(program)
        label_of = program.instrument.label_of
        self.context = Context(self.tree.top, now, self.tree.resolve, label_of=label_of)
        self.confirmed: dict[tuple[str, str], str] = {}
        self._heap: list[int] = []
        self._waiting: dict[int, dict[Cell, None]] = {}

    def evaluate(self) -> None:
        """Work everything out from the answers alone, as a new state does."""
        tree, specs = self.tree, self.program.specs
        for place in self.program.order:
            index, facet = divmod(place, FACETS)
            spec = specs[index]
            if facet == LOOK or index == 0:
                continue
            for cell in tree.all_of(spec):
                if facet == VALUE:
                    cell.seen = cell.gate.asked
                    if spec.question is not None:
                        cell.text = self._value(cell)
                    elif spec.count is not None and not cell.path.endswith("]"):
                        members.match(self, cell)
                elif facet == ISSUE:
                    cell.fault = self._fault(cell)
                else:
                    cell.asked = self._asked(cell)

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

    def _spread(self, facet: int, cells: list[Cell]) -> None:
        """Mark all that waits for a facet of some cells; they are taken together, an edge a time.

        Cells of twenty members lead to the same cells of the household: these are found once.
        """
        rank_of, waiting_of = self.program.rank, self._waiting
        for after, spec, up, down in self.program.dependents[facet]:
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
                    fault = self._fault(cell)
                    if fault != cell.fault or (talks and fault is not None):
                        cell.fault = fault
                        moved.issues.add(cell.path)
            else:
                turn = self._value_moved if facet == VALUE else self._asked_moved
                changed = [cell for cell in cells if turn(cell, moved)]
                if changed:
                    self._spread(place, changed)

    def _asked_moved(self, cell: Cell, _moved: Moved) -> bool:
        asked = self._asked(cell)
        if asked == cell.asked:
            return False
        cell.asked = asked
        return True

    def _value_moved(self, cell: Cell, moved: Moved) -> bool:
        asked, spec = cell.gate.asked, cell.spec
        if asked != cell.seen:
            moved.relevance.add(cell.path)
        if spec.question is None:
            cell.seen = asked
            if spec.count is not None and not cell.path.endswith("]"):
                self._matched(cell, moved)
            return spec.repeat
        text = self._value(cell)
        if text == cell.text:
            if asked == cell.seen:
                return False
        elif spec.calculation is not None:
            moved.values.add(cell.path)
        cell.text, cell.seen = text, asked
        return True

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
        if question.type == "note":
            if question.hard:
                return Fault(spec.name)
            if question.soft and (cell.scope.path, spec.name) not in self.confirmed:
                return Fault(spec.name, hard=False)
            return None
        text = cell.text
        if not text:
            return Fault(REQUIRED) if self.required(cell) else None
        if not FIELDS[question.type].canonical(text):
            return Fault(SHAPE, text)
        if question.type in SELECTS:
            codes = spec.codes
            if spec.choice_filter is not None:
                codes = frozenset(choice.code for choice in self.choices(cell))
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
        try:
            return rule.boolean(context)
        except EvaluationError:
            return False

    def text(self, rule: Expression, cell: Cell) -> str:
        """Return what a calculation gives at a cell; "" where it cannot be worked out."""
        context = self.context
        context.node = cell
        try:
            return answer_text(rule.evaluate(context))
        except EvaluationError:
            return ""
