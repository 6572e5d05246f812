"""Tokens of an expression to compiled code."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from siks_offline.instrument import code as codes
from siks_offline.instrument import nodes as tree
from siks_offline.instrument.code import Code, truth
from siks_offline.instrument.functions import PLAIN_FUNCTIONS, Function
from siks_offline.instrument.functions_dates import DATE_FUNCTIONS
from siks_offline.instrument.functions_nodes import NODE_FUNCTIONS
from siks_offline.instrument.lexer import REFERENCE, ExprError, Token, UnknownFunctionError, tokens
from siks_offline.instrument.steps import Step, filtering, joined, path

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.instrument.code import Context

MAX_DEPTH = 80
"""How deep parentheses, functions and predicates may be nested."""

FUNCTIONS: dict[str, Function] = {
    **PLAIN_FUNCTIONS.by_name,
    **DATE_FUNCTIONS.by_name,
    **NODE_FUNCTIONS.by_name,
}
"""Every function an expression may call."""

_LEVELS = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6,
}  # fmt: skip
_NODE_TYPES = ("node", "text", "comment", "processing-instruction")


class Parser:
    """Reads one expression and remembers what it refers to."""

    def __init__(self, source: str) -> None:
        self.tokens = tokens(source)
        self.index = 0
        self.depth = 0
        self.references: dict[str, None] = {}
        self.functions: set[str] = set()
        self.patterns: list[str] = []
        self.uses_paths = False

    # --- moving --------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        """The token that is read next."""
        return self.tokens[self.index]

    def _is(self, *symbols: str) -> bool:
        token = self.tokens[self.index]
        return token.kind == "symbol" and token.text in symbols

    def _ahead(self, symbol: str) -> bool:
        token = self.tokens[min(self.index + 1, len(self.tokens) - 1)]
        return token.kind == "symbol" and token.text == symbol

    def _take(self, symbol: str) -> bool:
        if self._is(symbol):
            self.index += 1
            return True
        return False

    def _expect(self, symbol: str) -> None:
        if not self._take(symbol):
            raise self._unexpected(f"'{symbol}'")

    def _unexpected(self, wanted: str) -> ExprError:
        token = self.token
        found = "the expression ends" if token.kind == "end" else f"{token.text!r} stands here"
        return ExprError(f"{found} where {wanted} is needed", token.position)

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExprError(
                f"parentheses and functions are nested deeper than {MAX_DEPTH}", self.token.position
            )

    # --- operators -----------------------------------------------------------------------------

    def whole(self) -> Code:
        """Read the whole expression."""
        if self.token.kind == "end":
            raise ExprError("the expression is empty", 0)
        found = self.expression(1)
        if self.token.kind != "end":
            raise self._unexpected("an operator or the end")
        return found

    def _operator(self) -> str | None:
        token = self.tokens[self.index]
        if token.kind in ("symbol", "name") and token.text in _LEVELS:
            return token.text
        return None

    def expression(self, lowest: int) -> Code:
        """Read operands joined by operators that bind at least as strongly as a level."""
        left = self._unary()
        while True:
            sign = self._operator()
            if sign is None or _LEVELS[sign] < lowest:
                return left
            level = _LEVELS[sign]
            first = left
            rest: list[tuple[str, Code]] = []
            while sign is not None and _LEVELS[sign] == level:
                self.index += 1
                rest.append((sign, self.expression(level + 1)))
                sign = self._operator()
            left = _chain(level, first, rest)

    def _unary(self) -> Code:
        minuses = 0
        while self._take("-"):
            minuses += 1
        operand = self._union()
        if not minuses:
            return operand
        value = operand.constant
        if type(value) is float:
            return codes.constant(-value if minuses % 2 else value)
        run = codes.number(operand)
        if minuses % 2:
            return Code("number", lambda context: -float(run(context)))
        return Code("number", lambda context: float(run(context)))

    def _union(self) -> Code:
        first = self._path()
        if not self._is("|"):
            return first
        parts = [first]
        start = self.token.position
        while self._take("|"):
            parts.append(self._path())
        if any(part.kind not in ("nodes", "any") for part in parts):
            raise ExprError("'|' joins questions or groups, not values; write 'or'", start)
        return joined(parts)

    # --- paths ---------------------------------------------------------------------------------

    def _path(self) -> Code:
        token = self.token
        if token.kind == "name" and not self._ahead("::"):
            if not self._ahead("(") or token.text in _NODE_TYPES:
                return self._steps(lambda context: [context.node], [])
        elif token.kind == "name" or self._is(".", "..", "@", "*"):
            return self._steps(lambda context: [context.node], [])
        elif self._is("/", "//"):
            return self._absolute()
        base = self._primary()
        while self._is("["):
            self._nodes_only(base, "'['")
            base = filtering(base, self._predicate())
        if self._is("/", "//"):
            self._nodes_only(base, "'/'")
            self.uses_paths = True
            steps: list[Step] = []
            self._slashes(steps)
            return path(base.run, steps)
        return base

    def _nodes_only(self, base: Code, what: str) -> None:
        if base.kind not in ("nodes", "any"):
            raise ExprError(f"{what} cannot follow a value", self.token.position)

    def _absolute(self) -> Code:
        self.uses_paths = True
        start: Callable[[Context], list[tree.Node]] = lambda context: [  # noqa: E731
            tree.document(context.node)
        ]
        if self._is("//"):
            steps: list[Step] = []
            self._slashes(steps)
            return path(start, steps)
        self.index += 1
        if self.token.kind == "name" or self._is(".", "..", "@", "*"):
            return self._steps(start, [])
        return Code("nodes", start)

    def _steps(self, start: Callable[[Context], list[tree.Node]], steps: list[Step]) -> Code:
        alone = self._is(".")
        steps.append(self._step())
        if alone and not steps[0].predicates and not self._is("/", "//"):
            return codes.here(start)
        self.uses_paths = True
        self._slashes(steps)
        return path(start, steps)

    def _slashes(self, steps: list[Step]) -> None:
        while True:
            if self._take("//"):
                steps.append(Step("descendant-or-self", "node()", [], slashes=True))
            elif not self._take("/"):
                return
            steps.append(self._step())

    def _step(self) -> Step:
        if self._take("."):
            return Step("self", "node()", self._predicates())
        if self._take(".."):
            return Step("parent", "node()", self._predicates())
        axis = "child"
        if self._take("@"):
            axis = "attribute"
        elif self.token.kind == "name" and self._ahead("::"):
            axis = self.token.text
            if axis not in tree.AXES:
                raise ExprError(f"there is no axis {axis!r}", self.token.position)
            self.index += 2
        return Step(axis, self._node_test(), self._predicates())

    def _node_test(self) -> str:
        if self._take("*"):
            return "*"
        token = self.token
        if token.kind != "name":
            raise self._unexpected("the name of a question or group")
        self.index += 1
        if not self._is("("):
            return token.text
        if token.text not in _NODE_TYPES:
            raise ExprError(f"{token.text}() cannot stand in a path", token.position)
        self.index += 1
        if token.text == "processing-instruction" and self.token.kind == "string":
            self.index += 1
        self._expect(")")
        return token.text + "()"

    def _predicates(self) -> list[Code]:
        found = []
        while self._is("["):
            found.append(self._predicate())
        return found

    def _predicate(self) -> Code:
        self._deeper()
        self._expect("[")
        inner = self.expression(1)
        self._expect("]")
        self.depth -= 1
        return inner

    # --- operands ------------------------------------------------------------------------------

    def _primary(self) -> Code:
        token = self.token
        if token.kind == "number":
            self.index += 1
            return codes.constant(float(token.text))
        if token.kind == "string":
            self.index += 1
            return codes.constant(token.text)
        if token.kind == "ref":
            self.index += 1
            self.references[token.text] = None
            return codes.reference(token.text)
        if token.kind == "name":
            return self._call()
        if self._is("("):
            self._deeper()
            self.index += 1
            inner = self.expression(1)
            self._expect(")")
            self.depth -= 1
            return inner
        raise self._unexpected("a value")

    def _call(self) -> Code:
        token = self.token
        name = token.text
        function = FUNCTIONS.get(name)
        if function is None:
            near = difflib.get_close_matches(name, FUNCTIONS, 1)
            raise UnknownFunctionError(name, near[0] if near else "", token.position)
        self._deeper()
        self.index += 1
        self._expect("(")
        args: list[Code] = []
        if not self._take(")"):
            args.append(self.expression(1))
            while self._take(","):
                args.append(self.expression(1))
            self._expect(")")
        self.depth -= 1
        most = function.most
        if len(args) < function.fewest or (most is not None and len(args) > most):
            raise ExprError(
                f"{name}() takes {_how_many(function.fewest, most)}, not {len(args)}",
                token.position,
            )
        self.functions.add(name)
        if name == "jr:choice-name":  # its second value names the question in a text
            for found in REFERENCE.findall(str(args[1].constant or "")):
                self.references[found] = None
        if name == "regex" and isinstance(args[1].constant, str):
            self.patterns.append(args[1].constant)
        if name == "position" and not args:
            self.functions.add("position()")
        try:
            return function.build(args)
        except ExprError as error:
            raise type(error)(error.message, token.position) from error


def _how_many(fewest: int, most: int | None) -> str:
    if most is None:
        return f"at least {fewest} values"
    if fewest == most:
        return f"{fewest} value" + ("" if fewest == 1 else "s")
    return f"{fewest} to {most} values"


def _chain(level: int, first: Code, rest: list[tuple[str, Code]]) -> Code:
    """Return the code of operands joined, from the left, by operators of one level.

    Long chains become loops, so that their length never deepens the calls.
    """
    if level <= 2:
        parts = [truth(first), *(truth(part) for _sign, part in rest)]
        if len(parts) == 2:
            one, two = parts
            if level == 1:
                return Code("truth", lambda context: one(context) or two(context))
            return Code("truth", lambda context: one(context) and two(context))
        stop = level == 1

        def decide(context: Context) -> bool:
            for part in parts:
                if part(context) is stop:
                    return stop
            return not stop

        return Code("truth", decide)
    join = codes.compare if level <= 4 else codes.arithmetic
    if len(rest) == 1:
        return join(rest[0][0], first, rest[0][1])
    return codes.folded(first, rest, level <= 4)
