"""What an expression may cost is bounded by names and counts, whatever it says."""

from __future__ import annotations

import sys

import pytest

from siks_offline.instrument.code import MOST_VISITS
from siks_offline.instrument.expr import Context, EvaluationError, ExprError, parse
from siks_offline.instrument.lexer import MAX_LENGTH, TooLongError
from siks_offline.instrument.nodes import Node
from siks_offline.instrument.parser import MAX_DEPTH
from siks_offline.instrument.patterns import LONGEST, STEPS, checked
from tests.instrument.test_expr import NOW, context, resolve, tree


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a*)*",
        "([a-zA-Z]+)*x",
        "(a|aa)+$",
        r"(\w+\s?)+",
        "((ab?)+c?)+",
        "(a+ba*)+$",
        "(.*a){12}",
        "(x+x+)+y",
        "a*a*a*a*a*a*b",
        "(?:a?){30}b*",
    ],
)
def test_a_pattern_that_may_take_for_ever_is_refused(pattern: str) -> None:
    """A hostile workbook cannot hang the office."""
    with pytest.raises(ExprError, match=r"for ever|endless"):
        parse(f"regex(., '{pattern}')")
    with pytest.raises(EvaluationError):
        parse(f"regex(., concat('{pattern}', ${{kosong}}))").evaluate(context())


@pytest.mark.parametrize(
    ("pattern", "answer", "expected"),
    [
        ("^[0-9]{16}$", "3201014507850001", True),
        (r"^(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2])\d{2}$", "150326", True),
        (r"([A-Za-z0-9-]+\.)+[A-Za-z]{2,}", "a.desa.id", True),
        (r"[\w.%+-]+@([\w-]+\.)+[a-z]{2,}", "siti@desa.id", True),
        ("^[a-z]+(-[a-z]+)*$", "a-b-c", True),
        (r"(\s?\d)+", "1 2 3", True),
        ("^[A-Za-z .,'`/()-]{2,100}$".replace("'", ""), "M. Yusuf", True),
        (r".*@.*\..*", "a@b.c", True),
        ("a{2,3}", "aaaa", False),
        (r"\d+", "\u0661", False),
    ],
)
def test_patterns_of_real_forms_work(pattern: str, answer: str, expected: bool) -> None:
    """Separated repeats are harmless and common."""
    where = context()
    where.node.children[0].text = answer
    assert parse(f"regex(${{kosong}}, '{pattern}')").evaluate(where) is expected


@pytest.mark.parametrize("pattern", [".*a.*b.*", r"\d+\d+\d+x", "(a{0,2}b){3}c*", "(-?a*)b{0,2}c"])
def test_what_is_accepted_ends_soon(pattern: str) -> None:
    """The longest text a pattern is tried on is bounded by how its repeats compete."""
    found = checked(pattern)
    assert found.longest**found.degree <= max(STEPS, LONGEST)
    where = context()
    test = parse(f"regex(${{kosong}}, '{pattern}')")
    for size in (50, 300, found.longest, 20_000):
        for unit in ("a", "1", "ab", "a-"):
            written = where.node.children[0].text = (unit * size)[: size - 1] + "c"
            tried = size <= found.longest
            assert test.boolean(where) is (tried and found.pattern.fullmatch(written) is not None)


UNITS = [
    ("1", " + 1", "number"), ("1", " = 1", "truth"), ("a", " or a", "truth"),
    ("a", "/a", "nodes"), ("a", "|a", "nodes"), ("a", "[1]", "nodes"), ("1", " - -1", "number"),
    ("concat(1", ", a", None), ("a", "/..", "nodes"), ("a", "//a", "nodes"),
]  # fmt: skip


def long(head: str, unit: str, length: int) -> str:
    """An expression of at most so many characters, flat."""
    source = head + unit * ((length - len(head) - 1) // len(unit))
    return source + ")" * head.count("(")


@pytest.mark.parametrize(("head", "unit", "kind"), UNITS)
def test_twice_the_length_is_twice_the_work(head: str, unit: str, kind: str | None) -> None:
    """A flat expression costs calls in proportion to its length, read and worked out."""

    def calls(length: int) -> int:
        source, where, found = long(head, unit, length), context(), 0

        def count(_frame: object, event: str, _arg: object) -> None:
            nonlocal found
            found += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            parse.__wrapped__(source).evaluate(where)
        finally:
            sys.setprofile(None)
        return found

    calls(100)
    short, twice = calls(MAX_LENGTH // 8), calls(MAX_LENGTH // 4)
    assert twice < 2.2 * short


@pytest.mark.parametrize(
    "source",
    [
        "(" * 3900 + "1" + ")" * 3900,
        "not(" * 1500 + "1" + ")" * 1500,
        "a[" * 2600 + "1" + "]" * 2600,
        "if(" * 700 + "1" + ", 1, 1)" * 700,
    ],
)
def test_deep_expressions_are_refused(source: str) -> None:
    """Nesting has a named limit, far below that of the machine."""
    with pytest.raises(ExprError, match=f"nested deeper than {MAX_DEPTH}"):
        parse(source)


@pytest.mark.parametrize("size", [MAX_LENGTH + 1, 1_000_000])
def test_long_expressions_are_refused_unread(size: int) -> None:
    """Length has one too: where it is passed is named, and not one character is read."""
    with pytest.raises(TooLongError, match="longer than 8000 characters") as caught:
        parse("\0" * size)
    assert caught.value.position == MAX_LENGTH


@pytest.mark.parametrize(
    "source",
    [
        "count(//*[count(//*[count(//*[count(//*) > 0]) > 0]) > 0])",
        "sum(//anggota[sum(//anggota[sum(//anggota[sum(${umur}) > 0]/umur) > 0]/umur) > 0]/umur)",
        "//*[preceding::*[preceding::*[preceding::*[preceding::*]]]]",
    ],
)
def test_paths_in_paths_end(source: str) -> None:
    """Predicates in predicates walk over so many answers; then there is no value."""
    root = tree()
    for number in range(40):
        member = root.append(Node("anggota"))
        for question in ("nama", "umur", "hub"):
            member.append(Node(question, str(number)))
    where = Context(root, NOW, resolve)
    rule = parse(source)
    with pytest.raises(EvaluationError, match=f"more than {MOST_VISITS} answers"):
        rule.evaluate(where)
    assert parse("count(//anggota[count(//anggota) = 43])").number(where) == 43
