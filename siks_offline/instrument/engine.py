"""A visit being filled: set an answer, learn what it moved."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from siks_offline.errors import AnswersError
from siks_offline.instrument import fields, members, reasons, rules, words
from siks_offline.instrument.effects import Effects, Moved
from siks_offline.instrument.evaluation import Evaluation
from siks_offline.instrument.graph import FACETS, ISSUE, VALUE, program
from siks_offline.model import Confirmation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from siks_offline.instrument.case import Lookup
    from siks_offline.instrument.expr import Expression
    from siks_offline.instrument.schema import Choice, Instrument
    from siks_offline.instrument.state import Cell, Scope
    from siks_offline.model import Issue

__all__ = ["Effects", "FormState"]


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
        self.lookup: Lookup | None = None
        """What tells of other households, for `checks`; no answer here depends on it."""
        local = now.astimezone() if now.tzinfo is UTC else now
        self._work = Evaluation(program(instrument), local)
        self._tree = self._work.tree
        self._confirmed = self._work.confirmed
        self._confirmed.update({(c.path, c.rule): c.reason for c in confirmations})
        if answers is None:
            members.begin(self._work, self._tree.root)
        else:
            self._load(self._tree.root, answers)
        self._work.evaluate()

    # --- what views ask ---------------------------------------------------------------------------

    def value(self, path: str) -> str:
        """Return the answer as kept, skipped or not; for a calculation its value."""
        cell = self._tree.cell(path)
        return cell.text if cell.spec.calculation is not None else cell.answer

    @property
    def today(self) -> date:
        """The day on which the visit is worked on, in the local zone."""
        return self._work.context.now.date()

    def relevant(self, path: str) -> bool:
        """Whether the element is asked now."""
        return self._tree.cell(path).gate.asked

    def why_not(self, path: str) -> str:
        """Return why an element is skipped, in short Indonesian words; "" where it is asked."""
        cell = self._tree.cell(path)
        return "" if cell.gate.asked else reasons.why_not(cell, self._tree, self._work.truth)

    def holds(self, rule: Expression, member: str = "") -> bool:
        """Whether a condition of somebody else's holds for the household, or one of its members."""
        scope = self._tree.root
        if member:
            holder, number = self._tree.member(member)
            scope = holder.scope.members[holder.spec][number - 1]
        return self._work.truth(rule, next(iter(scope.cells.values())))

    def required(self, path: str) -> bool:
        """Whether an answer is wanted here now."""
        return self._work.required(self._tree.cell(path))

    def read_only(self, path: str) -> bool:
        """Whether nobody types here: marked so, calculated or a note."""
        spec = (cell := self._tree.cell(path)).spec
        question = spec.question
        if question is None or not question.answerable or question.read_only == "yes":
            return True
        if spec.calculation is not None:
            return True
        return spec.read_only is not None and self._work.truth(spec.read_only, cell)

    def label(self, path: str) -> str:
        """Return the label, answers put in place of its ${names}."""
        cell = self._tree.cell(path)
        return words.filled(self._tree, cell.spec.element.label, cell) if cell.spec.element else ""

    def hint(self, path: str) -> str:
        """Return the hint, answers put in place of its ${names}."""
        cell = self._tree.cell(path)
        return words.filled(self._tree, cell.spec.element.hint, cell) if cell.spec.element else ""

    def choices(self, path: str) -> tuple[Choice, ...]:
        """Return the codes that may be chosen here now; empty where there is no list."""
        return self._work.choices(self._tree.cell(path))

    def issue(self, path: str) -> Issue | None:
        """Return what is wrong with a question: never more than one thing."""
        cell = self._tree.cell(path)
        return words.issue(self._work, cell)

    def issues(self) -> tuple[Issue, ...]:
        """Return all issues in form order; confirmed soft checks are none."""
        if not self._tree.faulty():
            return ()
        found = (
            words.issue(self._work, cell) for cell in self._walk(self._tree.root) if cell.fault
        )
        return tuple(issue for issue in found if issue is not None)

    def counted(self, repeat: str) -> bool:
        """Whether another answer says how many members a repeat has; then nobody adds any."""
        return self._tree.holder(repeat).spec.count is not None

    def count(self, repeat: str) -> int:
        """Return how many members a repeat has, those that are too many for its count too."""
        cell = self._tree.holder(repeat)
        return len(cell.scope.members[cell.spec])

    @property
    def confirmations(self) -> tuple[Confirmation, ...]:
        """Confirmations of soft checks that show now, in form order, then those of rules.

        Whether a rule shows now is for `checks` to say; here it is enough that its member is there.
        """
        of_rules = (
            Confirmation(path, rule, reason)
            for (path, rule), reason in sorted(self._confirmed.items())
            if rules.soft(self.instrument, rule) and (not path or path in self._tree.scopes)
        )
        own = (
            Confirmation(cell.scope.path, cell.name, reason)
            for cell in self._walk(self._tree.root)
            if cell.spec.question is not None and cell.spec.question.soft and cell.gate.asked
            and (reason := self._confirmed.get((cell.scope.path, cell.name)))
        )  # fmt: skip
        return (*own, *of_rules)

    def reason(self, path: str, rule: str) -> str:
        """Return why a soft check was let stand; "" where nobody did."""
        return self._confirmed.get((path, rule), "")

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

    def paths(self, member: str = "") -> Iterator[str]:
        """Yield the paths of all elements below the household, or one member, in form order."""
        scope = self._tree.root
        if member:
            holder, number = self._tree.member(member)
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
        answer = members.canonical(cell, text or "")
        moved = Moved()
        if answer != cell.answer:
            cell.answer = answer
            moved.values.add(path)
            self._work.mark(cell.spec.index * FACETS + VALUE, cell)
            self._work.run(moved)
        return moved.done()

    def add(self, repeat: str) -> Effects:
        """Add a member at the end of a repeat; its path is f"{repeat}[{count}]".

        Raises AnswersError E_REPEAT_COUNTED where another answer says how many there are.
        """
        holder = self._tree.holder(repeat)
        if holder.spec.count is not None:
            raise AnswersError("E_REPEAT_COUNTED", jalur=repeat)
        scope = self._tree.add(holder)
        members.begin(self._work, scope)
        moved = Moved()
        moved.structure.add(repeat)
        self._work.mark_scope(scope)
        self._work.mark(holder.spec.index * FACETS + VALUE, holder)
        self._work.run(moved)
        return moved.done()

    def remove(self, member: str) -> Effects:
        """Take a member out with its answers; the numbers of those behind it fall by one."""
        holder, number = self._tree.member(member)
        self._tree.remove(holder, number)
        self._move_confirmations(holder.path, number)
        moved = Moved()
        moved.structure.add(holder.path)
        self._work.mark(holder.spec.index * FACETS + VALUE, holder)
        for scope in holder.scope.members[holder.spec][number - 1 :]:
            self._work.mark_scope(scope)
        self._work.run(moved)
        return moved.done()

    def confirm(self, path: str, rule: str, reason: str) -> Effects:
        """Let a soft check stand for a reason. `path` is the member's, "" for the household.

        Raises AnswersError E_CONFIRM_UNKNOWN for what is no soft check, E_CONFIRM_REASON.
        """
        cell = self._soft(path, rule)
        reason = " ".join(reason.split())
        if not reason:
            raise AnswersError("E_CONFIRM_REASON", aturan=self.label(cell.path) if cell else rule)
        self._confirmed[path, rule] = reason
        return self._confirmation_moved(path, cell)

    def unconfirm(self, path: str, rule: str) -> Effects:
        """Take a confirmation back."""
        cell = self._soft(path, rule)
        self._confirmed.pop((path, rule), None)
        return self._confirmation_moved(path, cell)

    def _soft(self, path: str, rule: str) -> Cell | None:
        """Return the note of a soft check; None for a rule of the program's own table."""
        if rules.soft(self.instrument, rule) and (not path or path in self._tree.scopes):
            return None
        cell = self._tree.find(f"{path}.{rule}" if path else rule)
        if cell is None or cell.spec.question is None or not cell.spec.question.soft:
            raise AnswersError("E_CONFIRM_UNKNOWN", jalur=path, aturan=rule)
        return cell

    def _confirmation_moved(self, path: str, cell: Cell | None) -> Effects:
        if cell is None:
            return Effects(issues=frozenset({path}))
        self._work.mark(cell.spec.index * FACETS + ISSUE, cell)
        moved = Moved()
        self._work.run(moved)
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
        self._confirmed.clear()
        self._confirmed.update(kept)

    # --- loading and leaving ----------------------------------------------------------------------

    def _load(self, scope: Scope, answers: Mapping[str, Any]) -> None:
        for name, given in answers.items():
            spec = self._work.program.by_name.get(name)
            cell = scope.cells.get(spec) if spec is not None else None
            if cell is None or spec is None or (spec.question is None and not spec.repeat):
                path = scope.prefix + name
                raise AnswersError("E_ANSWER_NAME", jalur=path, instrumen=self.instrument.id)
            if spec.repeat:
                if not isinstance(given, list | tuple):
                    raise AnswersError("E_ANSWER_SHAPE", jalur=cell.path)
                for one in given:
                    if not hasattr(one, "items"):
                        raise AnswersError("E_ANSWER_SHAPE", jalur=cell.path)
                    self._load(self._tree.add(cell), one)
            elif spec.calculation is None or spec.keeps:
                text = given if type(given) is str else fields.text_of_json(given, cell.path)
                cell.answer = text if text in spec.codes else members.canonical(cell, text)

    def _answers(self, scope: Scope, final: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for spec, cell in scope.cells.items():
            if spec.repeat:
                kept = [
                    m for m in scope.members[spec] if not final or (m.node and m.node.gate.asked)
                ]
                if kept:
                    found[spec.name] = [self._answers(one, final) for one in kept]
            else:
                text = cell.text if final else cell.answer
                if text and spec.question is not None and not spec.note:
                    found[spec.name] = text
        return found

    def _walk(self, scope: Scope) -> Iterator[Cell]:
        for spec, cell in scope.cells.items():
            if spec.element is None:
                continue
            yield cell
            for member in scope.members.get(spec, ()):
                yield from self._walk(member)
