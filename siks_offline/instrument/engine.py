"""A visit being filled: set an answer, learn what it moved."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.errors import AnswersError
from siks_offline.instrument import fields, reasons
from siks_offline.instrument.expr import Context, EvaluationError, answer_text
from siks_offline.instrument.graph import FACETS, ISSUE, LOOK, REFERENCE, RELEVANT, VALUE, program
from siks_offline.instrument.nodes import Node
from siks_offline.instrument.state import Cell, Fault, Scope, Tree
from siks_offline.model import Confirmation, Issue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from siks_offline.instrument.expr import Expression
    from siks_offline.instrument.graph import Edge, Spec
    from siks_offline.instrument.schema import Choice, Instrument

_CHOSEN = frozenset({"select_one", "select_multiple"})


@dataclass(frozen=True, slots=True)
class Effects:
    """Paths that one change touched; a view repaints these and nothing else.

    `values`: answers and calculations; `relevance`: asked or skipped now; `issues`: an issue came,
    went or changed; `structure`: repeats that won or lost a member; `looks`: words, required mark,
    read-only mark or code list may differ.
    """

    values: frozenset[str] = frozenset()
    relevance: frozenset[str] = frozenset()
    issues: frozenset[str] = frozenset()
    structure: frozenset[str] = frozenset()
    looks: frozenset[str] = frozenset()


class _Moved:
    """Effects while they gather."""

    __slots__ = ("issues", "looks", "relevance", "structure", "values")

    def __init__(self) -> None:
        self.values: set[str] = set()
        self.relevance: set[str] = set()
        self.issues: set[str] = set()
        self.structure: set[str] = set()
        self.looks: set[str] = set()

    def done(self) -> Effects:
        return Effects(
            frozenset(self.values), frozenset(self.relevance), frozenset(self.issues),
            frozenset(self.structure), frozenset(self.looks),
        )  # fmt: skip


class FormState:
    """The answers of one visit and everything the instrument says about them.

    Paths: "alamat", "anggota[2].nama" (from 1), a member "anggota[2]", a repeat "anggota". The
    state is a function of answers, confirmations and `now` alone: in which order they came makes
    no difference. Answers of skipped questions stay until completion, but no rule sees them.
    """

    def __init__(
        self,
        instrument: Instrument,
        answers: Mapping[str, Any] | None = None,
        *,
        now: datetime,
        confirmations: Sequence[Confirmation] = (),
    ) -> None:
        """`answers` as in DATA.md (None: a new visit, which takes the defaults); `now` aware.

        Calculated values among the answers are passed over: they are worked out again.
        Raises AnswersError E_ANSWER_NAME or E_ANSWER_SHAPE for what the instrument does not know.
        """
        self.instrument = instrument
        self._program = program(instrument)
        self._tree = Tree(self._program)
        local = now.astimezone() if now.tzinfo is UTC else now
        self._context = Context(self._tree.top, local, self._tree.resolve)
        self._confirmed = {(c.path, c.rule): c.reason for c in confirmations}
        self._heap: list[int] = []
        self._waiting: dict[int, dict[Cell, None]] = {}
        if answers is None:
            self._defaults(self._tree.root)
        else:
            self._load(self._tree.root, answers)
        self.evaluate()

    # --- what views ask ---------------------------------------------------------------------------

    def value(self, path: str) -> str:
        """Return the answer as kept, skipped or not; for a calculation its value."""
        cell = self._tree.cell(path)
        return cell.text if cell.spec.calculation is not None else cell.answer

    def relevant(self, path: str) -> bool:
        """Whether the element is asked now."""
        return self._tree.cell(path).gate.asked

    def why_not(self, path: str) -> str:
        """Return why an element is skipped, in short Indonesian words; "" where it is asked."""
        cell = self._tree.cell(path)
        return "" if cell.gate.asked else reasons.why_not(cell, self._tree, self._truth)

    def required(self, path: str) -> bool:
        """Whether an answer is wanted here now."""
        spec = (cell := self._tree.cell(path)).spec
        return spec.required_always or (
            spec.required is not None and self._truth(spec.required, cell)
        )

    def read_only(self, path: str) -> bool:
        """Whether nobody types here: marked so, calculated or a note."""
        spec = (cell := self._tree.cell(path)).spec
        question = spec.question
        if question is None or not question.answerable or question.read_only == "yes":
            return True
        if spec.calculation is not None:
            return True
        return spec.read_only is not None and self._truth(spec.read_only, cell)

    def label(self, path: str) -> str:
        """Return the label, answers put in place of its ${names}."""
        cell = self._tree.cell(path)
        return self._words(cell.spec.element.label, cell) if cell.spec.element else ""

    def hint(self, path: str) -> str:
        """Return the hint, answers put in place of its ${names}."""
        cell = self._tree.cell(path)
        return self._words(cell.spec.element.hint, cell) if cell.spec.element else ""

    def choices(self, path: str) -> tuple[Choice, ...]:
        """Return the codes that may be chosen here now; empty where there is no list."""
        return self._choices(self._tree.cell(path))

    def issue(self, path: str) -> Issue | None:
        """Return what is wrong with a question: never more than one thing."""
        cell = self._tree.cell(path)
        return self._issue(cell) if cell.fault is not None else None

    def issues(self) -> tuple[Issue, ...]:
        """Return all issues in form order; confirmed soft checks are none."""
        found = (self._issue(cell) for cell in self._walk(self._tree.root) if cell.fault)
        return tuple(issue for issue in found if issue is not None)

    def count(self, repeat: str) -> int:
        """Return how many members a repeat has."""
        cell = self._tree.holder(repeat)
        return len(cell.scope.members[cell.spec])

    @property
    def confirmations(self) -> tuple[Confirmation, ...]:
        """Confirmations of soft checks that show now, by path and rule; others do not count."""
        return tuple(
            Confirmation(cell.scope.path, cell.name, reason)
            for cell in self._walk(self._tree.root)
            if cell.spec.question is not None and cell.spec.question.soft and cell.gate.asked
            and (reason := self._confirmed.get((cell.scope.path, cell.name)))
        )  # fmt: skip

    def answers(self, final: bool = False) -> dict[str, Any]:
        """Return the answers as DATA.md shapes them; what is empty is absent.

        As kept (for drafts): skipped ones too, calculations not, members even when empty.
        Final: skipped ones not, calculations too.
        """
        return self._answers(self._tree.root, final)

    def cleared(self) -> tuple[str, ...]:
        """Return the paths of answers that are skipped now and go at completion, in form order."""
        return tuple(
            cell.path for cell in self._walk(self._tree.root) if cell.answer and not cell.gate.asked
        )

    def paths(self, *, members: str = "") -> Iterator[str]:
        """Yield the paths of all groups and questions in form order, or those of one member."""
        scope = self._tree.root
        if members:
            holder, number = self._tree.member(members)
            scope = holder.scope.members[holder.spec][number - 1]
        return (cell.path for cell in self._walk(scope))

    # --- what changes it --------------------------------------------------------------------------

    def set(self, path: str, text: str | None) -> Effects:
        """Set an answer and return what it moved. None or "" clears it.

        Readable text becomes canonical; what cannot be read is kept as typed and has an issue.
        Raises AnswersError E_ANSWER_NAME for an unknown path, E_ANSWER_FIXED for a calculation.
        """
        cell = self._tree.cell(path)
        question = cell.spec.question
        if question is None or not question.answerable or cell.spec.calculation is not None:
            raise AnswersError("E_ANSWER_FIXED", jalur=path)
        answer = self._canonical(cell, text or "")
        moved = _Moved()
        if answer != cell.answer:
            cell.answer = answer
            moved.values.add(path)
            self._mark(cell.spec.index * FACETS + VALUE, cell)
            self._run(moved)
        return moved.done()

    def add(self, repeat: str) -> Effects:
        """Add a member at the end of a repeat; its path is f"{repeat}[{count}]"."""
        holder = self._tree.holder(repeat)
        scope = self._tree.add(holder)
        self._defaults(scope)
        moved = _Moved()
        moved.structure.add(repeat)
        self._mark_scope(scope)
        self._mark(holder.spec.index * FACETS + VALUE, holder)
        self._run(moved)
        return moved.done()

    def remove(self, member: str) -> Effects:
        """Take a member out with its answers; the numbers of those behind it fall by one."""
        holder, number = self._tree.member(member)
        self._tree.remove(holder, number)
        self._move_confirmations(holder.path, number)
        moved = _Moved()
        moved.structure.add(holder.path)
        self._mark(holder.spec.index * FACETS + VALUE, holder)
        for scope in holder.scope.members[holder.spec][number - 1 :]:
            self._mark_scope(scope)
        self._run(moved)
        return moved.done()

    def confirm(self, path: str, rule: str, reason: str) -> Effects:
        """Let a soft check stand for a reason. `path` is the member's, "" for the household.

        Raises AnswersError E_CONFIRM_UNKNOWN for what is no soft check, E_CONFIRM_REASON.
        """
        cell = self._soft(path, rule)
        reason = " ".join(reason.split())
        if not reason:
            raise AnswersError("E_CONFIRM_REASON", aturan=self.label(cell.path))
        self._confirmed[cell.scope.path, rule] = reason
        return self._confirmation_moved(cell)

    def unconfirm(self, path: str, rule: str) -> Effects:
        """Take a confirmation back."""
        cell = self._soft(path, rule)
        self._confirmed.pop((cell.scope.path, rule), None)
        return self._confirmation_moved(cell)

    def _soft(self, path: str, rule: str) -> Cell:
        cell = self._tree.by_path.get(f"{path}.{rule}" if path else rule)
        if cell is None or cell.spec.question is None or not cell.spec.question.soft:
            raise AnswersError("E_CONFIRM_UNKNOWN", jalur=path, aturan=rule)
        return cell

    def _confirmation_moved(self, cell: Cell) -> Effects:
        self._mark(cell.spec.index * FACETS + ISSUE, cell)
        moved = _Moved()
        self._run(moved)
        return moved.done()

    def _move_confirmations(self, repeat: str, gone: int) -> None:
        kept: dict[tuple[str, str], str] = {}
        for (path, rule), reason in self._confirmed.items():
            here = path
            if path.startswith(f"{repeat}["):
                number, _, rest = path[len(repeat) + 1 :].partition("]")
                if int(number) == gone:
                    continue
                if int(number) > gone:
                    here = f"{repeat}[{int(number) - 1}]{rest}"
            kept[here, rule] = reason
        self._confirmed = kept

    # --- loading and leaving ----------------------------------------------------------------------

    def _canonical(self, cell: Cell, text: str) -> str:
        question = cell.spec.question
        assert question is not None
        field = fields.FIELDS[question.type]
        if not text or (
            question.type not in _CHOSEN and field.canonical(text) and field.type != "text"
        ):
            return text
        try:
            return fields.read(question, text, cell.spec.choices)
        except AnswersError:
            return text

    def _load(self, scope: Scope, answers: Mapping[str, Any]) -> None:
        for name, given in answers.items():
            path = scope.prefix + name
            spec = self._program.by_name.get(name)
            cell = scope.cells.get(spec) if spec is not None else None
            if cell is None or spec is None:
                raise AnswersError("E_ANSWER_NAME", jalur=path, instrumen=self.instrument.id)
            if spec.repeat:
                if not isinstance(given, list | tuple):
                    raise AnswersError("E_ANSWER_SHAPE", jalur=path)
                for one in given:
                    if not hasattr(one, "items"):
                        raise AnswersError("E_ANSWER_SHAPE", jalur=path)
                    self._load(self._tree.add(cell), one)
            elif spec.question is None:
                raise AnswersError("E_ANSWER_NAME", jalur=path, instrumen=self.instrument.id)
            elif spec.calculation is None:
                cell.answer = self._canonical(cell, fields.text_of_json(given, path))

    def _defaults(self, scope: Scope) -> None:
        for spec, cell in scope.cells.items():
            if spec.question is not None and spec.question.default:
                cell.answer = self._default(cell, spec.question.default)

    def _default(self, cell: Cell, source: str) -> str:
        """Work a default out: an expression such as today() where it calls something."""
        if "(" in source or "${" in source:
            from siks_offline.instrument.expr import parse

            return self._text(parse(source), cell)
        return self._canonical(cell, source)

    def _answers(self, scope: Scope, final: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for spec, cell in scope.cells.items():
            if spec.repeat:
                members = scope.members[spec]
                if members and (cell.gate.asked or not final):
                    found[spec.name] = [self._answers(one, final) for one in members]
            elif spec.question is not None and spec.question.type != "note":
                text = cell.text if final else cell.answer
                if text:
                    found[spec.name] = text
        return found

    def _walk(self, scope: Scope) -> Iterator[Cell]:
        for spec, cell in scope.cells.items():
            if spec.parent is None:
                continue
            yield cell
            for member in scope.members.get(spec, ()):
                yield from self._walk(member)

    # --- evaluation -------------------------------------------------------------------------------

    def evaluate(self) -> None:
        """Work everything out from the answers alone, as a new state does."""
        tree, specs = self._tree, self._program.specs
        for place in self._program.order:
            index, facet = divmod(place, FACETS)
            spec = specs[index]
            if facet == LOOK or index == 0:
                continue
            for cell in tree.all_of(spec):
                if facet == VALUE:
                    cell.seen = cell.gate.asked
                    if spec.question is not None:
                        cell.text = self._value(cell)
                elif facet == ISSUE:
                    cell.fault = self._fault(cell)
                else:
                    cell.asked = self._asked(cell)

    def _mark(self, facet: int, cell: Cell) -> None:
        rank = self._program.rank[facet]
        waiting = self._waiting.get(rank)
        if waiting is None:
            self._waiting[rank] = {cell: None}
            heapq.heappush(self._heap, rank)
        else:
            waiting[cell] = None

    def _mark_scope(self, scope: Scope) -> None:
        """Mark everything of a new or moved member, below it too."""
        for spec, cell in scope.cells.items():
            base = spec.index * FACETS
            if spec.gate is spec:
                self._mark(base + RELEVANT, cell)
            if spec.question is not None:
                self._mark(base + VALUE, cell)
                self._mark(base + ISSUE, cell)
            for member in scope.members.get(spec, ()):
                self._mark_scope(member)

    def _spread(self, facet: int, cell: Cell) -> None:
        edges: list[Edge] = self._program.dependents[facet]
        scope = cell.scope
        for after, spec, up, down in edges:
            if not up and not down:
                self._mark(after, scope.cells[spec])
            else:
                for waiting in self._tree.reach(scope, up, down, spec):
                    self._mark(after, waiting)

    def _run(self, moved: _Moved) -> None:
        """Work marked facets out in the order of the graph; what changed marks what waits for it."""
        order = self._program.order
        while self._heap:
            rank = heapq.heappop(self._heap)
            place = order[rank]
            facet = place % FACETS
            for cell in self._waiting.pop(rank):
                if facet == VALUE:
                    if self._value_moved(cell, moved):
                        self._spread(place, cell)
                elif facet == ISSUE:
                    fault = self._fault(cell)
                    if fault != cell.fault or (
                        fault is not None
                        and cell.spec.question is not None
                        and "${" in cell.spec.question.label
                    ):
                        cell.fault = fault
                        moved.issues.add(cell.path)
                elif facet == LOOK:
                    moved.looks.add(cell.path)
                else:
                    asked = self._asked(cell)
                    if asked != cell.asked:
                        cell.asked = asked
                        self._spread(place, cell)

    def _value_moved(self, cell: Cell, moved: _Moved) -> bool:
        asked = cell.gate.asked
        if asked != cell.seen:
            moved.relevance.add(cell.path)
        if cell.spec.question is None:
            cell.seen = asked
            return cell.spec.repeat
        text = self._value(cell)
        if text == cell.text and asked == cell.seen:
            return False
        if text != cell.text and cell.spec.calculation is not None:
            moved.values.add(cell.path)
        cell.text, cell.seen = text, asked
        return True

    def _asked(self, cell: Cell) -> bool:
        parent = cell.spec.parent
        assert parent is not None
        if not self._tree.gate(cell.scope, parent.gate).asked:
            return False
        rule = cell.spec.relevant
        return rule is None or self._truth(rule, cell)

    def _value(self, cell: Cell) -> str:
        if not cell.gate.asked:
            return ""
        rule = cell.spec.calculation
        return cell.answer if rule is None else self._text(rule, cell)

    def _fault(self, cell: Cell) -> Fault | None:
        spec = cell.spec
        question = spec.question
        if question is None or not cell.gate.asked:
            return None
        if question.type == "note":
            if question.hard:
                return Fault(spec.name)
            if question.soft and (cell.scope.path, spec.name) not in self._confirmed:
                return Fault(spec.name, hard=False)
            return None
        text = cell.text
        if spec.calculation is not None:
            return None
        if not text:
            if spec.required_always or (
                spec.required is not None and self._truth(spec.required, cell)
            ):
                return Fault("wajib")
            return None
        if not fields.FIELDS[question.type].canonical(text):
            return Fault("bentuk", text)
        if question.type in _CHOSEN:
            codes = spec.codes
            if spec.choice_filter is not None:
                codes = frozenset(choice.code for choice in self._choices(cell))
            chosen = (text,) if question.type == "select_one" else text.split()
            for code in chosen:
                if code not in codes:
                    return Fault("kode", code)
        if spec.constraint is not None and not self._truth(spec.constraint, cell):
            return Fault("batas")
        return None

    def _choices(self, cell: Cell) -> tuple[Choice, ...]:
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
                self._context.now,
                lambda name, _: self._tree.resolve(name, cell),
                current=cell,
            )
            try:
                if spec.choice_filter.boolean(context):
                    kept.append(choice)
            except EvaluationError:
                continue
        return tuple(kept)

    def _truth(self, rule: Expression, cell: Cell) -> bool:
        """Whether a rule holds at a cell; a rule that cannot be worked out does not."""
        context = self._context
        context.node = cell
        try:
            return rule.boolean(context)
        except EvaluationError:
            return False

    def _text(self, rule: Expression, cell: Cell) -> str:
        context = self._context
        context.node = cell
        try:
            return answer_text(rule.evaluate(context))
        except EvaluationError:
            return ""

    # --- words ------------------------------------------------------------------------------------

    def _words(self, source: str, cell: Cell) -> str:
        if "${" not in source:
            return source
        return REFERENCE.sub(lambda found: self._shown(found[1], cell), source)

    def _shown(self, name: str, cell: Cell) -> str:
        shown = []
        for node in self._tree.resolve(name, cell):
            question = node.spec.question if isinstance(node, Cell) else None
            text = node.text
            if question is not None and isinstance(node, Cell):
                shape = fields.FIELDS["decimal" if question.type == "calculate" else question.type]
                text = shape.format(text)
            shown.append(text)
        return ", ".join(text for text in shown if text)

    def _issue(self, cell: Cell) -> Issue | None:
        fault, question = cell.fault, cell.spec.question
        if fault is None or question is None:
            return None
        if question.type == "note":
            level = "keras" if fault.hard else "konfirmasi"
            return Issue(cell.scope.path, fault.rule, level, self._words(question.label, cell))
        return Issue(cell.path, fault.rule, "keras", self._complaint(fault, cell))

    def _complaint(self, fault: Fault, cell: Cell) -> str:
        question = cell.spec.question
        assert question is not None
        if fault.rule == "batas":
            message = self._words(question.constraint_message, cell)
            return message or texts.text("isian.batas")
        if fault.rule == "kode":
            codes = ", ".join(choice.code for choice in self._choices(cell))
            return texts.text("isian.kode", isi=fault.text, daftar=codes)
        if fault.rule == "bentuk":
            try:
                fields.FIELDS[question.type].parse(fault.text)
            except AnswersError as error:
                return f"{error.message} {error.remedy}"
        return texts.text("isian.wajib")


def changed(before: Iterable[Issue], after: Iterable[Issue]) -> frozenset[str]:
    """Return the paths whose issue differs between two lists of issues."""
    old = {(i.path, i.rule): i for i in before}
    new = {(i.path, i.rule): i for i in after}
    return frozenset(k[0] for k in old.keys() | new.keys() if old.get(k) != new.get(k))
