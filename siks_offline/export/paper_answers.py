"""What a question leaves on paper for its answer: boxes for digits, boxes for codes, or a line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline.instrument.numbering import unit_of

if TYPE_CHECKING:
    from siks_offline.instrument.schema import Instrument, Question

_MOST_BOXES = 25
_SHORT_TEXT = 6
_UPPER = re.compile(r"\.\s*<=?\s*(\d+)")
_BELOW_ZERO = re.compile(r"\.\s*>=?\s*-\s*[1-9]")
_COUNTED = re.compile(r"\.\s*<=?\s*count\(")
_OTHER = re.compile(r"\.\s*<=?\s*\$\{\s*([\w.-]+)\s*\}")
_LENGTH = re.compile(r"string-length\(\.\)\s*<=\s*(\d+)")
_PATTERN = re.compile(r"""regex\(\.,\s*(?:'\^?([^']*?)\$?'|"\^?([^"]*?)\$?")\)""")
_REPEATED = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_LONG_TEXT = 200


@dataclass(frozen=True, slots=True)
class Space:
    """Room for one answer.

    `boxes`: how many in each run, with `between` the runs; `codes`: a box for each code, of which
    several may be ticked; neither: `lines` to write on.
    """

    boxes: tuple[int, ...] = ()
    between: str = ""
    codes: tuple[str, ...] = ()
    lines: int = 0

    @property
    def count(self) -> int:
        """Boxes in all."""
        return sum(self.boxes)


def space_for(question: Question, instrument: Instrument) -> Space:
    """Return the room that a question's answers need."""
    codes = [choice.code for choice in instrument.options(question.name)]
    if question.type == "select_one" and codes:
        longest = max(map(len, codes))
        return Space((longest,)) if longest <= _SHORT_TEXT else Space(lines=1)
    if question.type == "select_multiple" and codes:
        return Space(codes=tuple(codes))
    if question.type == "date":
        return Space((2, 2, 4), "-")
    if question.type in ("integer", "decimal"):
        digits = _digits(question, instrument)
        # A decimal without a unit may have many places behind the comma, as coordinates have.
        if not digits or (question.type == "decimal" and not unit_of(question)[1]):
            return Space(lines=1)
        return Space((digits, 2), ",") if question.type == "decimal" else Space((digits,))
    if question.type in ("image", "file"):
        return Space((1,))
    return _text(question)


def _digits(question: Question, instrument: Instrument) -> int:
    """Digits of the largest number that may be given; 0 where no limit or a minus is possible."""
    if _BELOW_ZERO.search(question.constraint):
        return 0
    upper = [int(found) for found in _UPPER.findall(question.constraint)]
    if upper:
        return len(str(max(upper)))
    if _COUNTED.search(question.constraint):
        return 2
    for name in _OTHER.findall(question.constraint):
        other = instrument.questions.get(name)
        if other is not None and (found := _UPPER.findall(other.constraint)):
            return len(str(max(map(int, found))))
    return 0


def _text(question: Question) -> Space:
    widths = [longest(one or other) for one, other in _PATTERN.findall(question.constraint)]
    known = [width for width in widths if width]
    width = min(known) if known else 0
    if width and width <= (_MOST_BOXES if question.digits else _SHORT_TEXT):
        return Space((width,))
    told = _LENGTH.search(question.constraint)
    return Space(lines=2 if told and int(told[1]) > _LONG_TEXT else 1)


def longest(pattern: str) -> int:
    """Return how many letters a pattern lets through at most; 0 where there is no end."""
    try:
        width, at = _branches(pattern, 0)
    except (IndexError, ValueError, OverflowError, RecursionError):
        return 0
    return width if at == len(pattern) else 0


def _branches(pattern: str, at: int) -> tuple[int, int]:
    """Widest of the branches from here to a bracket that closes, or the end."""
    widest = width = 0
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            widest, width, at = max(widest, width), 0, at + 1
            continue
        one, at = _atom(pattern, at)
        times, at = _times(pattern, at)
        width += one * times
    return max(widest, width), at


def _atom(pattern: str, at: int) -> tuple[int, int]:
    letter = pattern[at]
    if letter == "(":
        start = at + 3 if pattern.startswith("(?:", at) else at + 1
        width, at = _branches(pattern, start)
        if pattern[at] != ")":
            raise ValueError(pattern)
        return width, at + 1
    if letter == "[":
        end = at + 2 if pattern[at + 1] != "^" else at + 3
        while pattern[end] != "]":
            end += 2 if pattern[end] == "\\" else 1
        return 1, end + 1
    if letter == "\\":
        return 1, at + 2
    return (0 if letter in "^$" else 1), at + 1


def _times(pattern: str, at: int) -> tuple[int, int]:
    if at >= len(pattern):
        return 1, at
    if pattern[at] in "*+":
        raise OverflowError
    if pattern[at] == "?":
        return 1, at + 1
    found = _REPEATED.match(pattern, at)
    if not found:
        return 1, at
    if found[2] == "":
        raise OverflowError
    return int(found[2] or found[1]), found.end()
