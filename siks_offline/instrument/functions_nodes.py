"""The functions that look at nodes, at the context, or at their arguments unevaluated."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from siks_offline.instrument import values
from siks_offline.instrument.code import Code, Context, number, plain_number, text
from siks_offline.instrument.functions import Table
from siks_offline.instrument.lexer import REFERENCE, EvaluationError, ExprError
from siks_offline.instrument.nodes import DOCUMENT, Node, position_among_siblings
from siks_offline.instrument.values import node_text, number_of_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.instrument.code import Run
    from siks_offline.instrument.values import Value

NODE_FUNCTIONS = Table()
define = NODE_FUNCTIONS.define
_BLANKS = re.compile(r"[ \t\r\n]+")


def nodes_of(code: Code, function: str) -> Callable[[Context], list[Node]]:
    """Return a closure for an argument that must be nodes.

    Raises ExprError at once when it can never be, EvaluationError when it turns out not to be.
    """
    if code.kind == "nodes":
        return code.run  # type: ignore[return-value]
    if code.kind != "any":
        raise ExprError(f"{function}() needs questions or groups, not a single value")
    run = code.run

    def checked(context: Context) -> list[Node]:
        found = run(context)
        if not isinstance(found, list):
            raise EvaluationError(f"{function}() needs questions or groups, not a single value")
        return found

    return checked


# --- conversions whose argument may be left out -------------------------------------------------


def _own(args: list[Code]) -> Code:
    """Return the only argument, or the context node when there is none."""
    return args[0] if args else Code("nodes", lambda context: [context.node])


@define("string", 0, 1)
def _string(args: list[Code]) -> Code:
    """Return a value as text."""
    return Code("text", text(_own(args)))


@define("number", 0, 1)
def _number(args: list[Code]) -> Code:
    """Return a value as a number; a date is its whole local days since 1970-01-01."""
    return Code("number", plain_number(_own(args)))


@define("string-length", 0, 1)
def _string_length(args: list[Code]) -> Code:
    """Return how many characters a text has."""
    run = text(_own(args))
    return Code("number", lambda context: float(len(run(context))))


@define("normalize-space", 0, 1)
def _normalize_space(args: list[Code]) -> Code:
    """Trim a text and make every run of the blanks of XML (not a no-break space) one space."""
    run = text(_own(args))
    return Code("text", lambda context: _BLANKS.sub(" ", run(context)).strip(" "))


# --- sets of nodes ------------------------------------------------------------------------------


@define("count", 1, 1)
def _count(args: list[Code]) -> Code:
    """Return how many nodes there are."""
    run = nodes_of(args[0], "count")
    return Code("number", lambda context: float(len(run(context))))


@define("count-non-empty", 1, 1)
def _count_non_empty(args: list[Code]) -> Code:
    """Return how many nodes hold text."""
    run = nodes_of(args[0], "count-non-empty")
    return Code("number", lambda context: float(sum(1 for n in run(context) if node_text(n))))


@define("sum", 1, 1)
def _sum(args: list[Code]) -> Code:
    """Add the numbers of all nodes; one that is empty makes it NaN."""
    run = nodes_of(args[0], "sum")

    def total(context: Context) -> float:
        zone = context.now.tzinfo
        result = 0.0
        for node in run(context):
            result += float(number_of_text(node_text(node), zone))
        return result

    return Code("number", total)


def _numbers(args: list[Code]) -> Callable[[Context], list[float]]:
    runs = [arg.run for arg in args]
    to_number = values.to_number

    def gather(context: Context) -> list[float]:
        zone = context.now.tzinfo
        found: list[float] = []
        for run in runs:
            value = run(context)
            if isinstance(value, list):
                found.extend(float(number_of_text(node_text(node), zone)) for node in value)
            else:
                found.append(float(to_number(value, zone)))
        return found

    return gather


def _extreme(pick: Callable[[list[float]], float]) -> Callable[[list[Code]], Code]:
    def build(args: list[Code]) -> Code:
        gather = _numbers(args)

        def extreme(context: Context) -> float:
            found = gather(context)
            if not found or any(math.isnan(one) for one in found):
                return math.nan
            return pick(found)

        return Code("number", extreme)

    return build


define("max", 1, None)(_extreme(max))
define("min", 1, None)(_extreme(min))


@define("name", 0, 1)
def _name(args: list[Code]) -> Code:
    """Return the name of the first node."""
    run = nodes_of(_own(args), "name")

    def first(context: Context) -> str:
        found = run(context)
        name = found[0].name if found else ""
        return "" if name.startswith("#") else name.removeprefix("@").rpartition("}")[2]

    return Code("text", first)


@define("local-name", 0, 1)
def _local_name(args: list[Code]) -> Code:
    """Return the name of the first node without its prefix."""
    run = _name(args).run
    return Code("text", lambda context: str(run(context)).rpartition(":")[2])


@define("current", 0, 0)
def _current(args: list[Code]) -> Code:
    """Return the node that the whole expression belongs to, also inside a predicate."""
    del args
    return Code("nodes", lambda context: [context.current or context.node])


@define("position", 0, 1)
def _position(args: list[Code]) -> Code:
    """Return the place in a predicate; of a given node, its place among siblings of its name."""
    if not args:
        return Code("number", lambda context: float(context.position))
    run = nodes_of(args[0], "position")

    def place(context: Context) -> float:
        found = run(context)
        return float(position_among_siblings(found[0])) if found else math.nan

    return Code("number", place)


@define("last", 0, 0)
def _last(args: list[Code]) -> Code:
    """Return how many nodes a predicate is tried on."""
    del args
    return Code("number", lambda context: float(context.size))


@define("once", 1, 1)
def _once(args: list[Code]) -> Code:
    """Return the answer the question has already, else the argument's text."""
    otherwise = text(args[0])

    def first(context: Context) -> str:
        kept = "" if context.node.name == DOCUMENT else node_text(context.node)
        return kept or otherwise(context)

    return Code("text", first)


def _from_root(code: Code) -> Run:
    """Let a reference mean the nodes of all repeats, as pyxform writes it in indexed-repeat."""
    name = code.reference
    if name is None:
        return code.run
    return lambda context: context.resolve(name, context.node.root())


def _below(node: Node, above: Node) -> bool:
    parent = node.parent
    while parent is not None:
        if parent is above:
            return True
        parent = parent.parent
    return False


@define("indexed-repeat", 3, None)
def _indexed_repeat(args: list[Code]) -> Code:
    """Return the nodes of the first argument in the instances that repeats and places name.

    Places count from 1; pairs of repeat and place may stand in any order.
    """
    if len(args) % 2 == 0:
        raise ExprError("indexed-repeat() needs a place behind every repeat")
    for arg in args[:1] + args[1::2]:
        nodes_of(arg, "indexed-repeat")
    target = _from_root(args[0])
    pairs = [
        (_from_root(repeat), number(place))
        for repeat, place in zip(args[1::2], args[2::2], strict=True)
    ]

    def pick(context: Context) -> Value:
        chosen: list[tuple[list[Node], float]] = []
        for repeat, place in pairs:
            instances = repeat(context)
            wanted = place(context)
            if not instances or not isinstance(instances, list) or wanted != int_or_nan(wanted):
                return []
            chosen.append((instances, wanted))
        chosen.sort(key=lambda pair: _depth(pair[0][0]))
        inside: Node | None = None
        for instances, wanted in chosen:
            here = [n for n in instances if inside is None or _below(n, inside)]
            if not 1 <= wanted <= len(here):
                return []
            inside = here[int(wanted) - 1]
        found = target(context)
        if inside is None or not isinstance(found, list):
            return []
        return [node for node in found if _below(node, inside)]

    return Code("nodes", pick)


def int_or_nan(value: float) -> float:
    """Return a number without its fraction, NaN for NaN and Infinity."""
    return float(int(value)) if math.isfinite(value) else math.nan


def _depth(node: Node) -> int:
    depth = 0
    while node.parent is not None:
        depth += 1
        node = node.parent
    return depth


@define("jr:choice-name", 2, 2)
def _choice_name(args: list[Code]) -> Code:
    """Return what a code means; the second argument is a text that holds the question's ${name}."""
    code = text(args[0])
    found = REFERENCE.fullmatch(str(args[1].constant or "").strip())
    if found is None:
        raise ExprError("jr:choice-name() needs the question as '${name}', in quotation marks")
    name = found[1]
    return Code("text", lambda context: context.label_of(name, code(context)))


# --- lists of conditions ------------------------------------------------------------------------


def _truths(value: Value) -> list[bool]:
    if isinstance(value, list):
        return [bool(node_text(node)) for node in value]
    return [values.to_boolean(value)]


def _bounds(args: list[Code]) -> Callable[[Context], tuple[float, float]]:
    low, high = number(args[0]), number(args[1])

    def bounds(context: Context) -> tuple[float, float]:
        most = high(context)
        return low(context), math.inf if most == -1 else most

    return bounds


@define("checklist", 2, None)
def _checklist(args: list[Code]) -> Code:
    """Whether at least so many and at most so many (-1: no limit) of the rest hold."""
    bounds, runs = _bounds(args), [arg.run for arg in args[2:]]

    def holds(context: Context) -> bool:
        fewest, most = bounds(context)
        held = sum(sum(_truths(run(context))) for run in runs)
        return fewest <= held <= most

    return Code("truth", holds)


@define("weighted-checklist", 2, None)
def _weighted_checklist(args: list[Code]) -> Code:
    """Like checklist, each condition followed by its weight."""
    if len(args) % 2:
        raise ExprError("weighted-checklist() needs a weight behind every condition")
    bounds, gather = _bounds(args), _numbers
    pairs = [(c.run, gather([w])) for c, w in zip(args[2::2], args[3::2], strict=True)]

    def holds(context: Context) -> bool:
        fewest, most = bounds(context)
        held = 0.0
        for condition, weights in pairs:
            held += sum(
                weight
                for met, weight in zip(_truths(condition(context)), weights(context), strict=False)
                if met
            )
        return fewest <= held <= most

    return Code("truth", holds)
