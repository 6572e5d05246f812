"""What a value is as text, number or truth, and how two values compare."""

from __future__ import annotations

import math
import operator
import re
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from siks_offline.instrument import dates
from siks_offline.instrument.dates import ImpossibleDateError, Moment
from siks_offline.instrument.nodes import Node

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

Value: TypeAlias = bool | float | str | list[Node]
"""What an expression gives: truth, number (a Moment for dates), text, or nodes."""

_NUMBER = re.compile(r"[ \t\r\n]*(-?(?:\d+(?:\.\d*)?|\.\d+))[ \t\r\n]*", re.ASCII)


COMMON = {"": math.nan} | {str(number): float(number) for number in range(1000)}
"""What most answers are: nothing, codes and counts."""


_WRITTEN = {float(number): str(number) for number in range(1000)}


def node_text(node: Node) -> str:
    """Return the text of a node, most of which are leaves."""
    return node.string_value() if node.children else node.text


def number_of_text(text: str, zone: tzinfo | None) -> float:
    """Return the number that text spells, a Moment for an ISO date, else NaN ('' too)."""
    found = COMMON.get(text)
    if found is not None:
        return found
    if len(text) >= 10 and text[4] == "-" and text[0] not in " \t\r\n":  # no number has it there
        try:
            return dates.plain_of_text(text, zone)
        except ImpossibleDateError:
            return math.nan
    match = _NUMBER.fullmatch(text)
    return math.nan if match is None else float(match.group(1))


def to_number(value: Value, zone: tzinfo | None) -> float:
    """Return a value as a number; nodes count by the first of them."""
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        return number_of_text(value, zone)
    if isinstance(value, list):
        return number_of_text(node_text(value[0]), zone) if value else math.nan
    return 1.0 if value else 0.0


def day_number(value: Value, zone: tzinfo | None) -> float:
    """Return a value as a number where a date is its whole local day."""
    number = to_number(value, zone)
    if isinstance(number, Moment):
        if number.day is not None and not (isinstance(value, Moment) and value.plain):
            return float(number.day)
        return float(number)
    return number


def to_boolean(value: Value) -> bool:
    """Return a value as truth: text that is not empty, a number not 0 or NaN, any node."""
    if isinstance(value, float):
        return not (value == 0 or value != value)  # noqa: PLR0124 - NaN differs from itself
    return bool(value)


def to_text(value: Value) -> str:
    """Return a value as text; NaN is the empty text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return node_text(value[0]) if value else ""
    if isinstance(value, float):
        return number_text(value)
    return "true" if value else "false"


def number_text(number: float) -> str:
    """Return a number as text: no '.0', no '-0', NaN empty, dates in ISO form."""
    if type(number) is float:
        short = _WRITTEN.get(number)
        if short is not None:
            return short
    if isinstance(number, Moment):
        printed = number.printed()
        if printed is not None:
            return printed
        number = float(number)
    if number != number:  # noqa: PLR0124
        return ""
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    text = repr(number)
    if abs(number) < 1e21 and number == int(number):  # the fewest digits that mean this number
        return format(Decimal(text.removesuffix(".0")), "f")
    if "e" not in text:
        return text
    if abs(number) >= 1e21 or abs(number) < 1e-6:
        mantissa, exponent = text.split("e")
        return f"{mantissa}e{int(exponent):+d}"
    return format(Decimal(text), "f")


def answer_text(value: Value) -> str:
    """Return a value as the answer of a calculation: like text, but never with an exponent.

    Infinity, which no question can hold, is the empty answer.
    """
    if type(value) is str:
        return value
    if isinstance(value, float) and not (isinstance(value, Moment) and not value.plain):
        if not math.isfinite(value):
            return ""
        text = number_text(value)
        return format(Decimal(text), "f") if "e" in text else text
    return to_text(value)


def texts(value: Value) -> list[str]:
    """Return the texts of all nodes, or the text of a single value."""
    if isinstance(value, list):
        return [node_text(node) for node in value]
    return [to_text(value)]


# --- comparison ---------------------------------------------------------------------------------

ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


def compare_numbers(op: Callable[[float, float], bool], left: float, right: float) -> bool:
    """Compare two numbers; two whole local days compare as days."""
    if (
        isinstance(left, Moment)
        and isinstance(right, Moment)
        and left.day is not None
        and right.day is not None
    ):
        return op(left.day, right.day)
    return op(left, right)


def _pair(sign: str, left: float | str, right: float | str, zone: tzinfo | None) -> bool:
    op = ORDER[sign]
    if sign in ("=", "!="):
        if isinstance(left, bool) or isinstance(right, bool):
            return op(to_boolean(left), to_boolean(right))
        if isinstance(left, str) and isinstance(right, str):
            return bool(op(left, right))  # type: ignore[arg-type]
    return compare_numbers(op, to_number(left, zone), to_number(right, zone))


def compare(sign: str, left: Value, right: Value, zone: tzinfo | None) -> bool:
    """Compare two values as XPath 1.0 does: for nodes it is enough that one of them agrees.

    Against a truth value '=' and '!=' ask whether there are nodes at all.
    """
    if sign in ("=", "!=") and (isinstance(left, bool) or isinstance(right, bool)):
        return ORDER[sign](to_boolean(left), to_boolean(right))
    if isinstance(left, list):
        if isinstance(right, list):
            others = [node_text(node) for node in right]
            return any(_pair(sign, node_text(n), other, zone) for n in left for other in others)
        return any(_pair(sign, node_text(node), right, zone) for node in left)
    if isinstance(right, list):
        return any(_pair(sign, left, node_text(node), zone) for node in right)
    return _pair(sign, left, right, zone)


# --- arithmetic ---------------------------------------------------------------------------------


def add(left: float, right: float) -> float:
    """Add; a whole day and a whole number give a day that prints as a number."""
    if isinstance(right, Moment) and not isinstance(left, Moment):
        left, right = right, left
    total = float(left) + float(right)
    if isinstance(left, Moment) and not isinstance(right, Moment):
        return _shifted(left, right, total)
    return total


def subtract(left: float, right: float) -> float:
    """Subtract; two whole days give whole days."""
    if isinstance(left, Moment):
        if not isinstance(right, Moment):
            return _shifted(left, -right, float(left) - right)
        if left.day is not None and right.day is not None:
            return float(left.day - right.day)
    return float(left) - float(right)


def _shifted(moment: Moment, by: float, total: float) -> float:
    if moment.day is not None and math.isfinite(by) and by == int(by):
        return Moment.make(total, moment.day + int(by), plain=True)
    return total


def divide(left: float, right: float) -> float:
    """Divide as IEEE 754 does: by zero it is Infinity of either sign, or NaN."""
    if right == 0:
        if left == 0 or left != left:  # noqa: PLR0124
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1.0, right)
    return float(left) / float(right)


def remainder(left: float, right: float) -> float:
    """Return what is left of a division that rounds towards zero; its sign is the left one's."""
    if right == 0 or math.isinf(left):
        return math.nan
    return math.fmod(left, right)
