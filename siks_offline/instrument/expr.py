"""Expressions of an instrument: relevant, constraint, calculation; read once, worked out purely.

XPath 1.0 with the functions of ODK that a household form needs. What they mean where engines
disagree is written in docs/ekspresi.md.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from siks_offline.instrument import code as codes
from siks_offline.instrument.code import MOST_VISITS, Context
from siks_offline.instrument.lexer import EvaluationError, ExprError
from siks_offline.instrument.parser import Parser
from siks_offline.instrument.values import Value, answer_text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Context",
    "EvaluationError",
    "ExprError",
    "Expression",
    "Value",
    "answer_text",
    "parse",
]

_CLOCK = frozenset({"today", "now"})
_PLACE = frozenset({"position", "last", "indexed-repeat"})


class Expression:
    """A compiled expression and what it depends on.

    ``references`` are the names of ``${name}`` in the order they first stand; ``uses_paths`` says
    that it also walks the tree by itself (``..``, ``/data/x``), beyond ``.`` and references.
    ``patterns`` are the fixed patterns of its ``regex()`` calls.
    Working it out raises nothing but EvaluationError; ``run`` and ``truth`` alone are the bare
    closures, which may also raise RecursionError and ArithmeticError and reset no meter.
    """

    __slots__ = (
        "_number",
        "_text",
        "constant",
        "functions",
        "patterns",
        "references",
        "run",
        "source",
        "truth",
        "uses_paths",
        "uses_position",
        "uses_today",
    )

    def __init__(self, source: str) -> None:
        parser = Parser(source)
        compiled = parser.whole()
        self.source = source
        self.references = tuple(parser.references)
        self.patterns = tuple(parser.patterns)
        self.functions = frozenset(parser.functions - {"position()"})
        self.uses_today = bool(self.functions & _CLOCK)
        self.uses_position = bool(self.functions & _PLACE)
        self.uses_paths = parser.uses_paths
        self.constant = compiled.constant
        self.run = compiled.run
        self.truth = codes.truth(compiled)
        self._text = codes.text(compiled)
        self._number = codes.number(compiled)

    def __repr__(self) -> str:
        return f"<Expression {self.source!r}>"

    def evaluate(self, context: Context) -> Value:
        """Return the value: truth, number (dates are Moments), text or nodes."""
        return _guard(self.run, context)

    def boolean(self, context: Context) -> bool:
        """Return the value as truth."""
        return _guard(self.truth, context)

    def string(self, context: Context) -> str:
        """Return the value as text."""
        return _guard(self._text, context)

    def number(self, context: Context) -> float:
        """Return the value as a number."""
        return _guard(self._number, context)

    def answer(self, context: Context) -> str:
        """Return the value as the answer of a calculation."""
        return answer_text(_guard(self.run, context))


T = TypeVar("T")
_WHY = "the expression cannot be worked out with these answers"


def _guard(run: Callable[[Context], T], context: Context) -> T:
    """Work something out; a limit of the machine becomes an EvaluationError."""
    context.meter.left = MOST_VISITS
    try:
        return run(context)
    except (RecursionError, ArithmeticError) as error:
        raise EvaluationError(_WHY) from error


@lru_cache(maxsize=4096)
def parse(source: str) -> Expression:
    """Read an expression.

    Raises ExprError with the position, from 0, of what is not understood.
    """
    try:
        return Expression(source)
    except RecursionError:
        raise ExprError("the expression is nested too deep") from None
