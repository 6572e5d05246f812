"""Members that come and go with the answer that counts them; what a new member begins with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from siks_offline.errors import AnswersError
from siks_offline.instrument import fields
from siks_offline.instrument.expr import EvaluationError, parse
from siks_offline.instrument.schema import SELECTS, is_rule
from siks_offline.instrument.state import Fault

if TYPE_CHECKING:
    from siks_offline.instrument.evaluation import Evaluation
    from siks_offline.instrument.state import Cell, Scope

MOST = 200
"""Members a count may ask for; a household has twenty."""
TOO_MANY = "banyak"
"""The rule of the issue that a larger count gives."""


def canonical(cell: Cell, text: str) -> str:
    """Return typed text as it is kept; what cannot be read stays as typed."""
    question = cell.spec.question
    assert question is not None
    if text in cell.spec.codes:  # one code of the list, as most answers are
        return text
    field = fields.FIELDS[question.type]
    if not text or (
        field.type != "text" and question.type not in SELECTS and field.canonical(text)
    ):
        return text
    try:
        return fields.read(question, text, cell.spec.choices)
    except AnswersError:
        return text


def begin(work: Evaluation, scope: Scope) -> None:
    """Give the household, or a new member, the defaults of its questions."""
    for spec, cell in scope.cells.items():
        if spec.question is not None and spec.question.default and spec.calculation is None:
            cell.answer = _default(work, cell, spec.question.default)


def _default(work: Evaluation, cell: Cell, source: str) -> str:
    """Work a default out: an expression such as today() where it calls something."""
    return work.text(parse(source), cell) if is_rule(source) else canonical(cell, source)


def match(work: Evaluation, holder: Cell) -> list[Scope]:
    """Let a repeat have the members its count asks for; return those that are new.

    Nobody's answers are thrown away: members too many stay, skipped, until completion; only
    those at the end that nobody touched go. Where the count is above MOST the repeat has a fault.
    """
    if not holder.gate.asked:
        return []
    wanted = _wanted(work, holder)
    holder.fault = Fault(TOO_MANY) if wanted > MOST else None
    wanted = min(wanted, MOST)
    holder.text = str(wanted)
    members = holder.scope.members[holder.spec]
    while len(members) > wanted and _untouched(work, members[-1]):
        gone = work.tree.remove(holder, len(members))
        work.forget(gone)
    new = []
    while len(members) < wanted:
        scope = work.tree.add(holder)
        begin(work, scope)
        new.append(scope)
    return new


def _wanted(work: Evaluation, holder: Cell) -> int:
    rule = holder.spec.count
    assert rule is not None
    work.context.node = holder
    try:
        number = float(rule.number(work.context))
    except EvaluationError:
        return 0
    return max(int(number), 0) if math.isfinite(number) else 0


def _untouched(work: Evaluation, scope: Scope) -> bool:
    for spec, cell in scope.cells.items():
        if scope.members.get(spec) and spec.count is None:
            return False
        if any(not _untouched(work, member) for member in scope.members.get(spec, ())):
            return False
        if cell.answer and not spec.keeps and spec.question is not None:
            default = spec.question.default
            if not default or cell.answer != _default(work, cell, default):
                return False
    return True
