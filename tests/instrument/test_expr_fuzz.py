"""Whatever stands in a cell is an expression or an ExprError, never anything else."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from siks_offline.instrument.expr import (
    Context,
    EvaluationError,
    ExprError,
    Expression,
    answer_text,
    parse,
)
from siks_offline.instrument.nodes import Node
from siks_offline.instrument.parser import FUNCTIONS

NOW = datetime(2026, 3, 15, 10, 20, tzinfo=timezone(timedelta(hours=7)))


def context(answers: list[str]) -> Context:
    root = Node("data")
    for place, answer in enumerate(answers):
        member = root.append(Node("anggota" if place % 2 else "a", "" if place % 2 else answer))
        if place % 2:
            member.append(Node("a", answer))

    def resolve(name: str, node: Node) -> list[Node]:
        return [child for child in node.root().children if child.name == name]

    return Context(root.children[0] if root.children else root, NOW, resolve)


ANSWERS = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.integers(-(10**20), 10**20).map(str),
        st.dates().map(date.isoformat),
        st.sampled_from(["", "0", "2026-02-30", "0000-00-00", "9999-12-31", "0001-01-01", "1 2"]),
    ),
    max_size=6,
)
ATOMS = st.sampled_from(
    ["1", "0", "-1", "2.5", "1e3", "''", "'x'", "'2026-02-30'", "'2026-03-15T25:00:00'",
     "'9999-12-31T23:59:59.9999999+07:00'", "'0001-01-01'", "${a}", "${anggota}", "${zz}", ".",
     "..", "a", "//a", "/data/anggota/a", "@x", "*", "/", "//text()", "node()", "today()", "now()",
     "1 div 0", "0 div 0", "999999999999999999999999", "current()", "a[1]", "a[. = 1]",
     "a[position() = last()]", "ancestor::*[1]", "following::a", "preceding::node()"],
)  # fmt: skip


def combine(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    names = st.sampled_from(sorted(FUNCTIONS))
    signs = st.sampled_from(
        ["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "|"]
    )
    return st.one_of(
        st.tuples(names, st.lists(inner, max_size=5)).map(lambda c: f"{c[0]}({', '.join(c[1])})"),
        st.tuples(inner, signs, inner).map(" ".join),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"-{one}"),
        st.tuples(inner, inner).map(lambda two: f"{two[0]}[{two[1]}]"),
        st.tuples(inner, inner).map(lambda two: f"{two[0]}/{two[1]}"),
    )


EXPRESSIONS = st.recursive(ATOMS, combine, max_leaves=12)
SOUP = st.lists(
    st.sampled_from(
        [*"()[]/.,'\"|@*+-=<>!:$%{} \n", "..", "//", "::", "${a}", "div", "or", "if(", "child", "1"]
    ),
    max_size=30,
).map("".join)


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=60), SOUP))
def test_any_text_is_read_or_refused(source: str) -> None:
    """parse raises nothing but ExprError, and names a place inside the text."""
    try:
        parse(source)
    except ExprError as error:
        assert 0 <= error.position <= len(source)  # noqa: PT017
        assert error.message  # noqa: PT017


@settings(max_examples=500)
@given(EXPRESSIONS, ANSWERS)
def test_any_expression_is_worked_out(source: str, answers: list[str]) -> None:
    """Evaluation raises nothing but EvaluationError and gives text that can be stored."""
    where = context(answers)
    try:
        expression = parse(source)
    except ExprError as error:
        assert not isinstance(error, EvaluationError)  # noqa: PT017
        return
    try:
        value = expression.evaluate(where)
        assert isinstance(value, bool | float | str | list)
        assert isinstance(answer_text(value), str)
        assert isinstance(expression.boolean(where), bool)
        assert isinstance(expression.number(where), float)
        assert isinstance(expression.string(where), str)
    except EvaluationError as error:
        assert error.message  # noqa: PT017


def asked(rule: Expression, where: Context) -> list[str]:
    """Everything an expression says, as text."""
    found = []
    for ask in (rule.evaluate, rule.boolean, rule.string, rule.number):
        try:
            found.append(repr(ask(where)))
        except EvaluationError as error:
            found.append(error.message)
    return found


def shortened(where: Context) -> Context:
    """The same context with the short cut that the engine offers."""

    def lone(name: str, node: Node) -> Node | None:
        found = where.resolve(name, node)
        return found[0] if len(found) == 1 else None

    return replace(where, lone=lone)


@given(EXPRESSIONS, ANSWERS)
def test_the_short_cut_to_a_single_answer_changes_nothing(source: str, answers: list[str]) -> None:
    """Where ${name} is one answer, taking it without the list around it gives the same."""
    where = context(answers)
    try:
        rule = parse(source)
    except ExprError:
        return
    assert asked(rule, shortened(where)) == asked(rule, where)


def test_nor_does_it_in_any_comparison() -> None:
    """One answer, several and none, on either side, against every kind of value."""
    sides = ["${a}", ".", "${anggota}", "${zz}"]
    others = ["'1'", "'x'", "''", "1", "20527", "date('2026-03-15')", "today()", "true()", "not(.)",
              "string(.)", "//a"]  # fmt: skip
    sets = [["1"], ["x"], [""], ["2026-03-15"], ["2026-02-30"], ["7", "1"], ["x", "1", "1"], []]
    for sign in ("=", "!=", "<", "<=", ">", ">=", "+"):
        for one, two in itertools.product(sides, sides + others):
            for source in (f"{one} {sign} {two}", f"{two} {sign} {one}"):
                rule = parse(source)
                for where in map(context, sets):
                    assert asked(rule, shortened(where)) == asked(rule, where), source


@given(EXPRESSIONS, ANSWERS)
def test_working_out_changes_nothing(source: str, answers: list[str]) -> None:
    """The same expression over the same answers gives the same text again."""
    where = context(answers)
    before = [(node.name, node.string_value()) for node in where.node.root().children]
    try:
        expression = parse(source)
        first = expression.string(where)
    except ExprError:
        return
    assert expression.string(where) == first
    assert [(n.name, n.string_value()) for n in where.node.root().children] == before


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_days_between_dates_are_whole_in_every_zone(one: date, two: date) -> None:
    """PEERS 3.5: no fraction of a day in WIB, WITA or WIT, whatever the dates."""
    for hours in (-7, 0, 7, 8, 9):
        where = Context(Node("x"), NOW.astimezone(timezone(timedelta(hours=hours))), lambda *_: [])
        days = parse(f"date('{one}') - '{two}'").number(where)
        assert days == (one - two).days
        assert parse(f"date('{two}' + {int(days)})").string(where) == one.isoformat()
        assert parse(f"'{one}' < date('{two}')").boolean(where) == (one < two)
        assert parse(f"date({(one - date(1970, 1, 1)).days})").string(where) == one.isoformat()


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_rounding_goes_half_away_from_zero(value: float, places: int) -> None:
    """round(x, n) is within half a unit, and symmetric about zero."""
    where = Context(Node("x", f"{value:f}"), NOW.astimezone(UTC), lambda *_: [])
    got = parse(f"round(., {places})").number(where)
    assert abs(got - float(f"{value:f}")) <= 0.5 * 10**-places * (1 + 1e-9) + 1e-6
    where.node.text = f"{-value:f}"
    assert parse(f"round(., {places})").number(where) == -got


@settings(max_examples=200)
@given(st.text("ab(|)*+?{},12[]^-.\\d$", max_size=14), st.text("ab1", max_size=40))
def test_an_accepted_pattern_means_a_whole_match(pattern: str, answer: str) -> None:
    """regex() agrees with a whole match of the same pattern, and ends."""
    where = Context(Node("x", answer), NOW, lambda *_: [])
    try:
        got = parse(f"regex(., '{pattern}')").boolean(where)
    except ExprError:
        return
    assert got == (re.fullmatch(pattern, answer, re.ASCII) is not None)
