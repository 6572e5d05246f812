"""The text of an expression, cut into tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_LENGTH = 8_000
"""Characters an expression may have; the longest of real forms have some three thousand."""


class ExprError(ValueError):
    """An expression that is refused: where (characters from its start), and why, in English."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(f"{message} (at character {position + 1})")
        self.message = message
        self.position = position


class UnknownFunctionError(ExprError):
    """A function that is not offered; `name`, and the nearest one that is, "" where none is."""

    def __init__(self, name: str, near: str, position: int) -> None:
        hint = f"; did you mean {near}()?" if near else ""
        super().__init__(f"there is no function {name}(){hint}", position)
        self.name = name
        self.near = near


class TooLongError(ExprError):
    """An expression of more than MAX_LENGTH characters, refused before any of it is read."""


class PatternError(ExprError):
    """A regular expression that is none, or that may run for ever."""


class EvaluationError(ExprError):
    """An expression that is well formed but cannot be worked out with these answers."""


class Token(NamedTuple):
    """A piece of an expression: number, string, name, ref, symbol or end."""

    kind: str
    text: str
    position: int


REFERENCE = re.compile(r"\$\{\s*([A-Za-z_][\w.-]*)\s*\}", re.ASCII)
"""A ${name} in words or in a rule."""
_NCNAME = r"[^\W\d][\w.\-]*"
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<number>\d+(?:\.\d*)?|\.\d+)"
    r"|(?P<string>\"[^\"]*\"|'[^']*')"
    rf"|(?P<ref>\$\{{\s*(?:last-saved\#)?{_NCNAME}\s*\}})"
    rf"|(?P<name>{_NCNAME}(?::(?!:)(?:{_NCNAME}|\*))?)"
    r"|(?P<symbol>//|::|\.\.|!=|<=|>=|[/.@()\[\],|+\-=<>*])"
)


def tokens(source: str) -> list[Token]:
    """Cut an expression into tokens, the last of which is an end token.

    Raises ExprError at the first character that belongs to none.
    """
    if len(source) > MAX_LENGTH:
        raise TooLongError(f"the expression is longer than {MAX_LENGTH} characters", MAX_LENGTH)
    found: list[Token] = []
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise ExprError(_complaint(source, position), position)
        kind = match.lastgroup or ""
        text = match.group()
        if kind == "string":
            text = text[1:-1]
        elif kind == "ref":
            text = text[2:-1].strip()
        if kind != "space":
            found.append(Token(kind, text, position))
        position = match.end()
    found.append(Token("end", "", len(source)))
    return found


def _complaint(source: str, position: int) -> str:
    character = source[position]
    if character in "'\"":
        return f"a text opened with {character} is never closed"
    if character in "‘’“”":
        return f"the curly quotation mark {character} is not understood; type ' or \" instead"
    if character == "$":
        return "a reference must be written ${name}"
    if character == "!":
        return "'!' stands only before '='; write not(...)"
    return f"the character {character!r} is not understood here"
