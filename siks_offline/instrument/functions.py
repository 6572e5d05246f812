"""The functions of truth, text and numbers: how many arguments, and how they compile."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from siks_offline.instrument import values
from siks_offline.instrument.code import (
    Code,
    Context,
    Kind,
    plain_number,
    text,
    truth,
)
from siks_offline.instrument.lexer import EvaluationError, PatternError
from siks_offline.instrument.patterns import UnsafePatternError, whole_match

if TYPE_CHECKING:
    from siks_offline.instrument.values import Value

Build: TypeAlias = Callable[[list[Code]], Code]


class Function(NamedTuple):
    """A function: fewest and most arguments (None: any number), and its compiler."""

    fewest: int
    most: int | None
    build: Build


class Table:
    """The functions of one module, entered one by one."""

    def __init__(self) -> None:
        self.by_name: dict[str, Function] = {}

    def define(self, name: str, fewest: int, most: int | None) -> Callable[[Build], Build]:
        """Enter a compiler under a function's name."""

        def enter(build: Build) -> Build:
            self.by_name[name] = Function(fewest, most, build)
            return build

        return enter

    def simple(
        self,
        name: str,
        kind: Kind,
        convert: Callable[[Code], Callable[[Context], object]],
        work: Callable[..., Value],
        fewest: int,
        most: int | None = None,
    ) -> None:
        """Enter a function of its arguments' values alone, all converted the same way."""

        def build(args: list[Code]) -> Code:
            if len(args) == 1:
                only = convert(args[0])
                return Code(kind, lambda context: work(only(context)))
            if len(args) == 2:
                one, two = convert(args[0]), convert(args[1])
                return Code(kind, lambda context: work(one(context), two(context)))
            runs = [convert(arg) for arg in args]
            return Code(kind, lambda context: work(*[run(context) for run in runs]))

        self.by_name[name] = Function(fewest, fewest if most is None else most, build)


PLAIN_FUNCTIONS = Table()
define, simple = PLAIN_FUNCTIONS.define, PLAIN_FUNCTIONS.simple


# --- truth ----------------------------------------------------------------------------------------

simple("true", "truth", truth, lambda: True, 0)
simple("false", "truth", truth, lambda: False, 0)
simple("boolean", "truth", truth, lambda value: value, 1)
simple("not", "truth", truth, lambda value: not value, 1)
simple("boolean-from-string", "truth", text, lambda value: value in ("1", "true"), 1)


@define("if", 3, 3)
def _if(args: list[Code]) -> Code:
    """Work out one branch only."""
    holds, one, two = truth(args[0]), args[1].run, args[2].run
    kind: Kind = args[1].kind if args[1].kind == args[2].kind else "any"
    return Code(kind, lambda context: one(context) if holds(context) else two(context))


@define("coalesce", 2, None)
def _coalesce(args: list[Code]) -> Code:
    """Return the first text that is not empty, working out no more than needed."""
    runs = [text(arg) for arg in args]

    def first(context: Context) -> str:
        for run in runs:
            found = run(context)
            if found:
                return found
        return ""

    return Code("text", first)


@define("regex", 2, 2)
def _regex(args: list[Code]) -> Code:
    """Whether the whole text matches; a fixed pattern is checked when the expression is read."""
    subject, pattern = text(args[0]), text(args[1])
    if isinstance(args[1].constant, str):
        try:
            matches = whole_match(args[1].constant)
        except UnsafePatternError as error:
            raise PatternError(str(error)) from error
        return Code("truth", lambda context: matches(subject(context)))

    def try_on(context: Context) -> bool:
        try:
            return whole_match(pattern(context))(subject(context))
        except UnsafePatternError as error:
            raise EvaluationError(str(error)) from error

    return Code("truth", try_on)


# --- text -----------------------------------------------------------------------------------------


def _tokens(value: str) -> list[str]:
    return value.split() or [""]


def _selected(value: str, wanted: str) -> bool:
    return wanted.strip() in _tokens(value)


def _translate(value: str, old: str, new: str) -> str:
    table: dict[int, str | None] = {}
    for place, character in enumerate(old):
        table.setdefault(ord(character), new[place] if place < len(new) else None)
    return value.translate(table)


simple("starts-with", "truth", text, lambda value, start: value.startswith(start), 2)
simple("ends-with", "truth", text, lambda value, end: value.endswith(end), 2)
simple("contains", "truth", text, lambda value, part: part in value, 2)
simple("selected", "truth", text, _selected, 2)
simple("count-selected", "number", text, lambda value: float(len(value.split())), 1)
simple("translate", "text", text, _translate, 3)
simple(
    "substring-before",
    "text",
    text,
    lambda value, part: value[: value.find(part)] if part and part in value else "",
    2,
)
simple(
    "substring-after",
    "text",
    text,
    lambda value, part: value[value.find(part) + len(part) :] if part in value else "",
    2,
)


@define("selected-at", 2, 2)
def _selected_at(args: list[Code]) -> Code:
    """Return a chosen code by its place, from 0; none there is the empty text."""
    value, place = text(args[0]), plain_number(args[1])

    def pick(context: Context) -> str:
        chosen = value(context).split()
        index = place(context)
        if not 0 <= index < len(chosen):  # NaN too
            return ""
        return chosen[int(index)]

    return Code("text", pick)


@define("substr", 2, 3)
def _substr(args: list[Code]) -> Code:
    """Return the characters from start (0 is the first) up to, not including, end."""
    value, start = text(args[0]), plain_number(args[1])
    end = plain_number(args[2]) if len(args) > 2 else None

    def cut(context: Context) -> str:
        whole = value(context)
        first = _place(start(context), len(whole), 0)
        last = len(whole) if end is None else _place(end(context), len(whole), 0)
        return whole[first:last]

    return Code("text", cut)


def _place(index: float, length: int, otherwise: int) -> int:
    if index != index:  # noqa: PLR0124
        return otherwise
    if math.isinf(index):
        return length if index > 0 else 0
    place = int(index)
    return min(max(place + length if place < 0 else place, 0), length)


def _xpath_round(value: float) -> float:
    return math.floor(value + 0.5) if math.isfinite(value) else value


@define("substring", 2, 3)
def _substring(args: list[Code]) -> Code:
    """Return the characters from start (1 is the first), as many as length says (XPath 1.0)."""
    value, start = text(args[0]), plain_number(args[1])
    length = plain_number(args[2]) if len(args) > 2 else None

    def cut(context: Context) -> str:
        whole = value(context)
        first = _xpath_round(start(context))
        last = math.inf if length is None else first + _xpath_round(length(context))
        if not first < last:  # NaN too
            return ""
        low = 0 if first < 1 else int(min(first, len(whole) + 1)) - 1
        high = len(whole) if last > len(whole) else max(int(last) - 1, 0)
        return whole[low:high]

    return Code("text", cut)


@define("concat", 0, None)
def _concat(args: list[Code]) -> Code:
    """Join all texts; of nodes, the text of every one."""
    if all(arg.kind in ("text", "truth", "number") for arg in args):
        plain = [text(arg) for arg in args]
        return Code("text", lambda context: "".join([run(context) for run in plain]))
    runs = [arg.run for arg in args]
    texts = values.texts
    return Code("text", lambda context: "".join([t for run in runs for t in texts(run(context))]))


@define("join", 1, None)
def _join(args: list[Code]) -> Code:
    """Join all texts with the first argument between them."""
    glue, runs = text(args[0]), [arg.run for arg in args[1:]]
    texts = values.texts
    return Code(
        "text", lambda context: glue(context).join([t for run in runs for t in texts(run(context))])
    )


# --- numbers --------------------------------------------------------------------------------------


def _whole(value: float, towards: Callable[[float], int]) -> float:
    return float(towards(value)) if math.isfinite(value) else value


def rounded(value: float, places: float = 0.0) -> float:
    """Round half away from zero at a number of decimals, negative for tens (PEERS 3.4)."""
    if not math.isfinite(value) or places != places:  # noqa: PLR0124
        return math.nan if math.isfinite(value) else value
    if abs(places) > 300:
        return value if places > 0 else 0.0
    digits = int(places)
    exact = Decimal(repr(float(value)))
    exponent = exact.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= digits:
        return float(value)
    unit = Decimal(1).scaleb(-digits)
    if exact.adjusted() < -digits - 1:
        return math.copysign(0.0, value)
    scaled = (exact / unit).to_integral_value(ROUND_HALF_UP)
    return float(scaled * unit)


def _power(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        return math.inf
    try:
        result = base**exponent
    except OverflowError:
        return math.inf
    return result if isinstance(result, float) else math.nan


def _guarded(function: Callable[..., float]) -> Callable[..., float]:
    """Give NaN outside a function's domain, Infinity where its value is too large."""

    def guarded(*args: float) -> float:
        try:
            return function(*args)
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return guarded


def _logarithm(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: -math.inf if value == 0 else function(value)


simple("int", "number", plain_number, lambda value: _whole(value, math.trunc), 1)
simple("floor", "number", plain_number, lambda value: _whole(value, math.floor), 1)
simple("ceiling", "number", plain_number, lambda value: _whole(value, math.ceil), 1)
simple("round", "number", plain_number, rounded, 1, 2)
simple("abs", "number", plain_number, abs, 1)
simple("pow", "number", plain_number, _power, 2)
simple("pi", "number", plain_number, lambda: math.pi, 0)
simple("sqrt", "number", plain_number, _guarded(math.sqrt), 1)
simple("exp", "number", plain_number, _guarded(math.exp), 1)
simple("exp10", "number", plain_number, lambda value: _power(10.0, value), 1)
simple("log", "number", plain_number, _guarded(_logarithm(math.log)), 1)
simple("log10", "number", plain_number, _guarded(_logarithm(math.log10)), 1)
for _name in ("sin", "cos", "tan", "asin", "acos", "atan"):
    simple(_name, "number", plain_number, _guarded(getattr(math, _name)), 1)
simple("atan2", "number", plain_number, math.atan2, 2)
