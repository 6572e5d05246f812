"""Compiled pieces of expressions: closures, with the kind of value they are known to give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from siks_offline.instrument import values
from siks_offline.instrument.lexer import EvaluationError
from siks_offline.instrument.values import node_text, number_of_text, to_boolean, to_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from siks_offline.instrument.nodes import Node
    from siks_offline.instrument.values import Value

Kind = Literal["truth", "number", "text", "nodes", "any"]


MOST_VISITS = 200_000
"""Answers that an expression may walk over; a household has some two thousand."""


class Meter:
    """Counts the answers that one working out of an expression walks over.

    Paths with predicates in predicates would else take for ever: each level takes all answers
    once for each answer.
    """

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MOST_VISITS

    def spend(self, visits: int) -> None:
        """Take visits off. Raises EvaluationError when there are none left."""
        self.left -= visits
        if self.left < 0:
            raise EvaluationError(f"the expression walks over more than {MOST_VISITS} answers")


@dataclass(slots=True)
class Context:
    """Where and when an expression is worked out.

    ``now`` is aware and in the local zone; ``resolve(name, node)`` gives the nodes that ``${name}``
    means as seen from a node; ``current`` is what current() gives, the node itself when None;
    ``label_of(name, code)`` gives what a code means for a question; ``lone(name, node)`` is a short
    cut to the one node that ``resolve`` would give, None where it may be another number of them.
    """

    node: Node
    now: datetime
    resolve: Callable[[str, Node], list[Node]]
    position: int = 1
    size: int = 1
    current: Node | None = None
    label_of: Callable[[str, str], str] = lambda _name, code: code
    lone: Callable[[str, Node], Node | None] = lambda _name, _node: None
    meter: Meter = field(default_factory=Meter)

    def at(self, node: Node) -> Context:
        """Return a context for predicates: another node, the same current()."""
        current = self.node if self.current is None else self.current
        return Context(
            node, self.now, self.resolve, 1, 1, current, self.label_of, self.lone, self.meter
        )


Run: TypeAlias = "Callable[[Context], Value]"


Lone: TypeAlias = "Callable[[Context], Node | None]"


class Code:
    """A closure that works out a piece, its kind, and its value when that is constant.

    `lone` gives the same as `run` where that is exactly one node, without the list around it.
    """

    __slots__ = ("constant", "kind", "lone", "reference", "run")

    def __init__(
        self,
        kind: Kind,
        run: Run,
        constant: Value | None = None,
        reference: str | None = None,
        lone: Lone | None = None,
    ) -> None:
        self.kind = kind
        self.run = run
        self.constant = constant
        self.reference = reference
        self.lone = lone


def reference(name: str) -> Code:
    """Return the code of ${name}."""

    def all_of(context: Context) -> list[Node]:
        found = context.resolve(name, context.node)
        if len(found) > 1:
            context.meter.spend(len(found))
        return found

    return Code(
        "nodes",
        all_of,
        reference=name,
        lone=lambda context: context.lone(name, context.node),
    )


def here(run: Run) -> Code:
    """Return the code of a single dot, given the closure that makes a list of its node."""
    return Code("nodes", run, lone=lambda context: context.node)


def constant(value: float | str | bool) -> Code:
    """Return the code of a literal."""
    kind: Kind = (
        "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    )
    return Code(kind, lambda _context: value, value)


def truth(code: Code) -> Callable[[Context], bool]:
    """Return a closure that gives the piece as truth."""
    run = code.run
    if code.kind in ("truth", "text", "nodes"):
        return run if code.kind == "truth" else lambda context: bool(run(context))  # type: ignore[return-value]
    return lambda context: to_boolean(run(context))


def text(code: Code) -> Callable[[Context], str]:
    """Return a closure that gives the piece as text."""
    run = code.run
    if code.kind == "text":
        return run  # type: ignore[return-value]
    if code.kind == "nodes":
        lone = code.lone

        def first(context: Context) -> str:
            nodes: list[Node] = run(context)  # type: ignore[assignment]
            return node_text(nodes[0]) if nodes else ""

        def only(context: Context) -> str:
            node = lone(context)  # type: ignore[misc]
            if node is None:
                return first(context)
            return node.string_value() if node.children else node.text

        return first if lone is None else only
    return lambda context: to_text(run(context))


def number(code: Code) -> Callable[[Context], float]:
    """Return a closure that gives the piece as a number, a Moment for dates."""
    run = code.run
    if code.kind == "number":
        return run  # type: ignore[return-value]
    to_number = values.to_number
    return lambda context: to_number(run(context), context.now.tzinfo)


def plain_number(code: Code) -> Callable[[Context], float]:
    """Return a closure that gives the piece as a number, whole days for dates."""
    run = code.run
    day_number = values.day_number

    def plain(context: Context) -> float:
        value = run(context)
        return value if type(value) is float else day_number(value, context.now.tzinfo)

    return plain


def compare(sign: str, left: Code, right: Code) -> Code:
    """Return the code of a comparison, short for nodes against a constant."""
    if right.kind == "nodes" and isinstance(left.constant, str | float):
        sign, left, right = values.TURNED[sign], right, left
    run, other = left.run, right.run
    fixed = right.constant
    if left.kind == "nodes" and isinstance(fixed, str) and sign in ("=", "!="):
        return Code("truth", _node_is(left, fixed, sign == "="))
    if left.kind == "nodes" and type(fixed) is float:
        return Code("truth", _node_against(left, values.ORDER[sign], fixed))
    if left.kind == right.kind == "number":
        compare_numbers, order = values.compare_numbers, values.ORDER[sign]
        return Code("truth", lambda context: compare_numbers(order, run(context), other(context)))  # type: ignore[arg-type]
    if sign not in ("=", "!=") or {left.kind, right.kind} <= {"nodes", "text", "number"}:
        # One node compares as its text does, but for equality with a truth value.
        run, other = _atom(left), _atom(right)
    both = values.compare
    return Code(
        "truth", lambda context: both(sign, run(context), other(context), context.now.tzinfo)
    )


def _atom(code: Code) -> Run:
    """Return a closure that gives the text of one node, the piece itself where it is another."""
    run, lone = code.run, code.lone
    if lone is None:
        return run

    def atom(context: Context) -> Value:
        node = lone(context)
        if node is None:
            return run(context)
        return node.string_value() if node.children else node.text

    return atom


def _node_is(code: Code, fixed: str, wanted: bool) -> Callable[[Context], bool]:
    """Return a closure that asks whether any node's text is, or is not, a fixed one."""
    run = code.run
    lone = code.lone or _no_lone

    def agrees(context: Context) -> bool:
        node = lone(context)
        if node is not None:
            return ((node.string_value() if node.children else node.text) == fixed) is wanted
        return any((node_text(node) == fixed) is wanted for node in run(context))  # type: ignore[union-attr, arg-type]

    return agrees


def _node_against(
    code: Code, order: Callable[[float, float], bool], fixed: float
) -> Callable[[Context], bool]:
    """Return a closure that asks whether any node's number stands so to a fixed one."""
    run, common = code.run, values.COMMON
    lone = code.lone or _no_lone

    def agrees(context: Context) -> bool:
        node = lone(context)
        nodes = run(context) if node is None else (node,)
        for node in nodes:  # type: ignore[union-attr, assignment]
            text = node.string_value() if node.children else node.text  # type: ignore[union-attr]
            value = common.get(text)
            if value is None:
                value = number_of_text(text, context.now.tzinfo)
            if order(value, fixed):
                return True
        return False

    return agrees


def _no_lone(_context: Context) -> None:
    return None


def arithmetic(sign: str, left: Code, right: Code) -> Code:
    """Return the code of one of + - * div mod."""
    one, two = number(left), number(right)
    op = _ARITHMETIC[sign]
    return Code("number", lambda context: op(one(context), two(context)))


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": values.add,
    "-": values.subtract,
    "*": lambda left, right: float(left) * float(right),
    "div": values.divide,
    "mod": values.remainder,
}


def folded(first: Code, rest: list[tuple[str, Code]], compares: bool) -> Code:
    """Return the code of a longer chain of comparisons or of arithmetic, worked out in a loop."""
    if compares:
        begin = first.run
        runs = [(sign, part.run) for sign, part in rest]
        both = values.compare

        def chain(context: Context) -> bool:
            value = begin(context)
            for sign, run in runs:
                value = both(sign, value, run(context), context.now.tzinfo)
            return bool(value)

        return Code("truth", chain)
    start = number(first)
    numbers = [(_ARITHMETIC[sign], number(part)) for sign, part in rest]

    def total(context: Context) -> float:
        result = start(context)
        for op, part in numbers:
            result = op(result, part(context))
        return result

    return Code("number", total)
