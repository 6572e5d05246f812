"""Regular expressions of constraints: whole matches only, and none that can run away."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

LONGEST = 10_000
"""Characters of an answer that a harmless pattern is tried on."""
STEPS = 10_000_000
"""Steps that trying one pattern may take."""
_ALL = (1 << 257) - 1  # one bit for each of the first 256 characters, one for all others
_MANY = 25  # a repeat that may go on longer than this counts as endless


class UnsafePatternError(ValueError):
    """A pattern that is no regular expression, or one whose matching may take for ever."""


_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


class Checked(NamedTuple):
    """A pattern that may be tried: on texts of at most `longest` characters.

    `degree` repeats may compete for a character, so that trying takes at most some
    longest ** degree steps.
    """

    pattern: re.Pattern[str]
    degree: int
    longest: int


def checked(pattern: str) -> Checked:
    """Return a pattern with how long a text it may be tried on.

    Raises UnsafePatternError with an English sentence.
    """
    if len(pattern) > LONGEST:
        raise UnsafePatternError("the pattern is too long")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern, re.ASCII)
            parsed = _parser.parse(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise UnsafePatternError(f"the pattern is no regular expression: {error}") from error
    repeats: list[int] = []
    try:
        _walk(parsed, repeats)
    except RecursionError as error:
        raise UnsafePatternError("the pattern is nested too deep") from error
    degree = _degree(repeats)
    if degree > 4:
        raise UnsafePatternError(
            "the pattern has more than four endless repeats that may take the same characters"
        )
    return Checked(compiled, degree, LONGEST if degree < 2 else int(STEPS ** (1 / degree)))


@lru_cache(maxsize=1024)
def whole_match(pattern: str) -> Callable[[str], bool]:
    """Return a test whether a whole text matches a pattern.

    Text longer than the pattern can be tried on in short time never matches. Raises
    UnsafePatternError with an English sentence.
    """
    found = checked(pattern)
    longest, matches = found.longest, found.pattern.fullmatch

    def whole(text: str) -> bool:
        return len(text) <= longest and matches(text) is not None

    return whole


def _degree(repeats: Sequence[int]) -> int:
    """Return how many endless repeats at most can compete for one character."""
    return max((sum(1 for other in repeats if other & one) for one in repeats), default=0)


def _walk(items: Iterable[Any], repeats: list[int]) -> None:
    """Collect the endless repeats of a parsed pattern; refuse ambiguous repeats of repeats."""
    for operation, argument in items:
        name = str(operation)
        if name in _REPEATS:
            _low, high, body = argument
            if int(high) > 2 and name != "POSSESSIVE_REPEAT":
                _check_body(list(body))
            before = len(repeats)
            _walk(body, repeats)
            if int(high) > _MANY and len(repeats) == before:
                repeats.append(_characters(body))
        elif name == "SUBPATTERN":
            _walk(argument[3], repeats)
        elif name == "ATOMIC_GROUP":
            _walk(argument, repeats)
        elif name == "BRANCH":
            for branch in argument[1]:
                _walk(branch, repeats)
        elif name in ("ASSERT", "ASSERT_NOT"):
            _walk(argument[1], repeats)
        elif name == "GROUPREF_EXISTS":
            for branch in argument[1:]:
                if branch is not None:
                    _walk(branch, repeats)


def _check_body(body: list[Any]) -> None:
    """Refuse a repeated body that can take the same text in more than one way.

    Going round the body, a piece of variable length must meet something that it cannot take
    itself before it meets another such piece (or itself again) that takes the same characters.
    """
    while len(body) == 1 and str(body[0][0]) == "SUBPATTERN":
        body = list(body[0][1][3])
    if len(body) == 1 and str(body[0][0]) == "BRANCH":
        branches = [list(branch) for branch in body[0][1][1]]
        taken = 0
        for branch in branches:
            first = _first(branch)
            if taken & first:
                raise UnsafePatternError(
                    "a repeated choice has branches that begin alike, which may take for ever"
                )
            taken |= first
            _check_body(branch)
        return
    pieces = [
        (_characters([piece]), _varies([piece]))
        for piece in body
        if str(piece[0]) != "AT" and not str(piece[0]).startswith("ASSERT")
    ]
    for place, (characters, varies) in enumerate(pieces):
        if not varies:
            continue
        for other, other_varies in pieces[place + 1 :] + pieces[: place + 1]:
            if not other & characters:
                if other_varies:
                    continue
                break
            if other_varies:
                raise UnsafePatternError(
                    "a repeat inside a repeat, such as (a+)+, may take for ever; separate them"
                    " by a character that the inner repeat does not take"
                )


def _varies(items: Iterable[Any]) -> bool:
    """Whether a piece can match texts of different lengths."""
    for operation, argument in items:
        name = str(operation)
        if name in _REPEATS:
            if argument[0] != argument[1] or _varies(argument[2]):
                return True
        elif name == "SUBPATTERN":
            if _varies(argument[3]):
                return True
        elif name == "BRANCH":
            widths = {branch.getwidth() for branch in argument[1]}
            if len(widths) > 1 or any(_varies(branch) for branch in argument[1]):
                return True
        elif name in ("GROUPREF", "GROUPREF_EXISTS", "ATOMIC_GROUP"):
            return True
    return False


def _first(items: Iterable[Any]) -> int:
    """Return the characters a piece may begin with."""
    found = 0
    for operation, argument in items:
        name = str(operation)
        if name == "AT" or name.startswith("ASSERT"):
            continue
        if name in _REPEATS:
            found |= _first(argument[2])
            if argument[0] == 0:
                continue
            return found
        if name == "SUBPATTERN":
            return found | _first(argument[3])
        if name == "BRANCH":
            for branch in argument[1]:
                found |= _first(branch)
            return found
        return found | _characters([(operation, argument)])
    return found


def _characters(items: Iterable[Any]) -> int:
    """Return the characters that may occur in what a piece matches, as bits."""
    found = 0
    for operation, argument in items:
        name = str(operation)
        if name == "LITERAL":
            found |= _bit(argument)
        elif name == "NOT_LITERAL":
            found |= _ALL & ~(_bit(argument) if argument < 256 else 0)
        elif name == "IN":
            found |= _class(argument)
        elif name in _REPEATS:
            found |= _characters(argument[2])
        elif name == "SUBPATTERN":
            found |= _characters(argument[3])
        elif name == "BRANCH":
            for branch in argument[1]:
                found |= _characters(branch)
        elif name == "AT" or name.startswith("ASSERT"):
            continue
        else:
            return _ALL
    return found


def _bit(code: int) -> int:
    return 1 << min(code, 256)


def _class(items: Sequence[Any]) -> int:
    found = 0
    negated = False
    for operation, argument in items:
        match str(operation):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found |= _bit(argument)
            case "RANGE":
                low, high = argument
                for code in range(low, min(high, 255) + 1):
                    found |= _bit(code)
                if high > 255:
                    found |= 1 << 256
            case _:
                found |= _category(str(argument))
    if negated:
        # what lies beyond the first 256 characters is never excluded as a whole
        return (_ALL & ~found) | (1 << 256)
    return found


@lru_cache(maxsize=8)
def _category(name: str) -> int:
    test = {
        "CATEGORY_DIGIT": r"\d",
        "CATEGORY_NOT_DIGIT": r"\D",
        "CATEGORY_SPACE": r"\s",
        "CATEGORY_NOT_SPACE": r"\S",
        "CATEGORY_WORD": r"\w",
        "CATEGORY_NOT_WORD": r"\W",
    }.get(name)
    if test is None:
        return _ALL
    matches = re.compile(test, re.ASCII).match
    found = sum(1 << code for code in range(256) if matches(chr(code)))
    return found | (1 << 256) if "NOT" in name else found
