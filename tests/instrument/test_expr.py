"""Expressions mean what docs/ekspresi.md says."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone

import pytest

from siks_offline.instrument.expr import Context, EvaluationError, ExprError, answer_text, parse
from siks_offline.instrument.nodes import Node
from tests.adapters import xpath_evaluate

WIB = timezone(timedelta(hours=7))
NOW = datetime(2026, 3, 15, 0, 30, tzinfo=WIB)

DATA = {
    "kosong": "",
    "umur": "40",
    "sta_bangunan": "1",
    "aset": "1 3 7",
    "nama": "SITI AMINAH",
    "tgl": "2026-03-15",
    "besok": "2026-03-16",
    "anggota": [
        {"nama": "SITI", "hub": "1", "umur": "40", "lahir": "1985-07-05", "upah": "1500000"},
        {"nama": "BUDI", "hub": "3", "umur": "16", "lahir": "2010-03-16", "upah": "0"},
        {"nama": "AGUS", "hub": "3", "umur": "6", "lahir": "2019-12-31", "upah": ""},
    ],
}


def tree() -> Node:
    root = Node("data")
    for name, value in DATA.items():
        if isinstance(value, str):
            root.append(Node(name, value))
            continue
        for member in value:
            instance = root.append(Node(name))
            for question, answer in member.items():
                instance.append(Node(question, answer))
    return root


def resolve(name: str, node: Node) -> list[Node]:
    """The nearest scope that has the name, else every repeat's answer."""
    scope: Node | None = node
    while scope is not None:
        found = [child for child in scope.children if child.name == name]
        if found:
            return found
        scope = scope.parent
    return [
        child
        for instance in node.root().children
        for child in instance.children
        if child.name == name
    ]


def context(path: str = "/data") -> Context:
    root = tree()
    (node,) = parse(path).evaluate(Context(root, NOW, resolve))
    return Context(node, NOW, resolve)


def text(source: str, path: str = "/data") -> str:
    return parse(source).string(context(path))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # empty answers
        ("'' = 0", "false"),
        ("'' != 0", "true"),
        ("'' < 5", "false"),
        ("'' > 5", "false"),
        ("${kosong} = ''", "true"),
        ("${kosong} = 0", "false"),
        ("${kosong} >= 0", "false"),
        ("not(/data/kosong)", "false"),
        ("not(/data/tidakada)", "true"),
        ("/data/tidakada = ''", "false"),
        ("string(number(${kosong}))", ""),
        ("sum(/data/anggota/upah)", ""),
        ("sum(/data/anggota[upah != '']/upah)", "1500000"),
        ("max(/data/tidakada)", ""),
        ("count-non-empty(/data/anggota/upah)", "2"),
        # codes keep their zeros as text and lose them as numbers
        ("'01' = '1'", "false"),
        ("'01' = 1", "true"),
        # numbers
        ("round(-1.5)", "-2"),
        ("round(2.5)", "3"),
        ("round(-12345.15, 1)", "-12345.2"),
        ("round(1.005, 2)", "1.01"),
        ("round(12350.12345, -2)", "12400"),
        ("int(-2.7)", "-2"),
        ("7 mod 2", "1"),
        ("-7 mod 2", "-1"),
        ("1 div 0", "Infinity"),
        ("0.1 + 0.2 = 0.3", "false"),
        ("pow(2, 10)", "1024"),
        ("10 div 4", "2.5"),
        ("2 * 3", "6"),
        # dates: whole local days, also just after local midnight
        ("today()", "2026-03-15"),
        ("${tgl} <= today()", "true"),
        ("${tgl} >= today()", "true"),
        ("${tgl} = today()", "true"),
        ("${besok} <= today()", "false"),
        ("${kosong} <= today()", "false"),
        ("${besok} > ${tgl}", "true"),
        ("date('2026-03-15') - date('2010-02-01')", "5886"),
        ("today() - ${tgl}", "0"),
        ("${besok} - today()", "1"),
        ("date(today() + 7)", "2026-03-22"),
        ("date(20527)", "2026-03-15"),
        ("date(20527) = today()", "true"),
        ("number(today())", "20527"),
        ("date(today() - 15) < date('2026-03-01')", "true"),
        ("date('')", ""),
        ("date('bukan tanggal')", ""),
        ("'2026-02-30' < today()", "false"),
        ("format-date(${tgl}, '%d%m%y')", "150326"),
        ("format-date(today(), '%Y%m%d')", "20260315"),
        ("format-date('2026-03-05', '%e/%n/%Y %b %a')", "5/3/2026 Mar Thu"),
        ("format-date('2026-03-15', '%a')", "Sun"),
        ("format-date(${kosong}, '%Y')", ""),
        ("format-date-time(now(), '%Y-%m-%d %H:%M')", "2026-03-15 00:30"),
        # text
        ("substr('hello', 1, 4)", "ell"),
        ("substr('hello', -2)", "lo"),
        ("substr(${nama}, 0, 4)", "SITI"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("join(', ', /data/anggota/nama)", "SITI, BUDI, AGUS"),
        ("concat(${umur}, ' tahun')", "40 tahun"),
        ("coalesce(${kosong}, ${nama})", "SITI AMINAH"),
        ("normalize-space('  a   b ')", "a b"),
        ("translate('0812-34 5', '- ', '')", "0812345"),
        # choices
        ("selected(${aset}, '3')", "true"),
        ("selected(${aset}, '37')", "false"),
        ("selected-at(${aset}, 2)", "7"),
        ("selected-at(${aset}, 9)", ""),
        ("count-selected(${kosong})", "0"),
        # regex takes the whole answer
        ("regex('3201010102100002', '[0-9]{16}')", "true"),
        ("regex('32010101021000029', '[0-9]{16}')", "false"),
        ("regex('abc', 'b')", "false"),
        # lazy branches
        ("if(true(), 1, date('2026-02-30'))", "1"),
        ("true() or date('2026-02-30')", "true"),
        ("if(${sta_bangunan} = '1', 'milik', 3)", "milik"),
        # repeats
        ("count(${anggota})", "3"),
        ("count(${anggota}[hub = '1'])", "1"),
        ("count(/data/anggota[umur < 18])", "2"),
        ("indexed-repeat(${nama}, ${anggota}, 2)", ""),
        ("indexed-repeat(${lahir}, ${anggota}, 2)", "2010-03-16"),
        ("indexed-repeat(${lahir}, ${anggota}, 9)", ""),
        # other
        ("checklist(1, 2, true(), false(), true())", "true"),
        ("checklist(1, 1, true(), true())", "false"),
        ("boolean-from-string('1')", "true"),
        ("boolean-from-string('ya')", "false"),
    ],
)
def test_the_written_semantics(source: str, expected: str) -> None:
    """docs/ekspresi.md: each rule there has a line here."""
    assert text(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("position(..)", "2"),
        (". = ${nama}", "true"),
        ("${umur}", "16"),
        ("count(../../anggota[nama = current()/../nama])", "1"),
        ("count(/data/anggota[position() < position(current()/..)])", "1"),
        ("once('lain')", "BUDI"),
        ("../../umur", "40"),
        ("../preceding-sibling::anggota[1]/nama", "SITI"),
        ("count(../following-sibling::anggota)", "1"),
        ("join(' ', ../preceding-sibling::*/umur)", "40"),
        ("name(../preceding-sibling::*)", "kosong"),
        ("indexed-repeat(${lahir}, ${anggota}, 1)", "1985-07-05"),
        ("indexed-repeat(${nama}, ${anggota}, position(..) + 1)", ""),
        ("indexed-repeat(${lahir}, ${anggota}, position(..) + 1)", "2019-12-31"),
    ],
)
def test_inside_a_repeat(source: str, expected: str) -> None:
    """A member's question sees its own member first."""
    assert text(source, "/data/anggota[2]/nama") == expected


def test_age_by_calendar() -> None:
    """A birthday tomorrow is not yet a year: 2010-03-16 is 15 years on 2026-03-15."""
    source = (
        "int(format-date(today(), '%Y')) - int(format-date(${lahir}, '%Y'))"
        " - if(format-date(today(), '%m%d') < format-date(${lahir}, '%m%d'), 1, 0)"
    )
    assert text(source, "/data/anggota[2]/nama") == "15"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3.0, "3"),
        (-0.0, "0"),
        (2.5, "2.5"),
        (math.nan, ""),
        (math.inf, ""),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (True, "true"),
        ("1", "1"),
        ([], ""),
    ],
)
def test_a_calculated_answer_is_plain_text(value, expected: str) -> None:
    """No '.0', no exponent, no NaN ever becomes an answer."""
    assert answer_text(value) == expected


def test_a_calculated_date_is_iso_text() -> None:
    """A calculation of a date is stored as a date question stores it."""
    assert parse("date(${tgl} + 1)").answer(context()) == "2026-03-16"


@pytest.mark.parametrize(
    ("source", "position", "words"),
    [
        ("", 0, "empty"),
        ("1 +", 3, "a value is needed"),
        ("selcted(${a}, '1')", 0, "did you mean selected()"),
        ("if(1, 2)", 0, "takes 3 values, not 2"),
        ("${a} = 'x", 7, "never closed"),
        ("${a} ! ${b}", 5, "not(...)"),
        ("$a = 1", 0, "${name}"),
        ("“x” = 1", 0, "curly"),
        ("a[1", 3, "']' is needed"),
        ("count('a')", 0, "needs questions or groups"),
        ("instance('x')/root/item", 0, "no function instance()"),
        ("1 = 1 and regex(., '(a+)+$')", 10, "for ever"),
        ("x | 1", 2, "'|' joins"),
        ("sideways::x", 0, "no axis"),
        ("(" * 90 + "1" + ")" * 90, 80, "nested deeper than 80"),
    ],
)
def test_a_refusal_names_the_place(source: str, position: int, words: str) -> None:
    """The loader can point into the cell."""
    with pytest.raises(ExprError) as caught:
        parse(source)
    assert caught.value.position == position
    assert words in caught.value.message


def test_references_in_order_and_once() -> None:
    """What the dependency graph is built from."""
    found = parse("${b} = '1' or selected(${a}, '2') and ${b} > ${last-saved#c}")
    assert found.references == ("b", "a", "last-saved#c")


@pytest.mark.parametrize(
    ("source", "today", "position", "paths"),
    [
        ("${a} = 1", False, False, False),
        (". <= today()", True, False, False),
        ("now()", True, False, False),
        ("position(..) = 1", False, True, True),
        ("count(/data/x)", False, False, True),
        ("'today()'", False, False, False),
    ],
)
def test_what_an_expression_depends_on(source, today, position, paths) -> None:
    """The engine asks for these to know when to work out again."""
    found = parse(source)
    assert (found.uses_today, found.uses_position, found.uses_paths) == (today, position, paths)


def test_an_impossible_date_is_no_crash() -> None:
    """PEERS 3.7: date() of 30 February raises what the engine catches."""
    with pytest.raises(EvaluationError, match="no day of the calendar"):
        parse("date('2026-02-30')").evaluate(context())


def test_many_nested_ifs_are_read() -> None:
    """Look-up tables written as nested if() are common; eighty levels work."""
    levels = 79
    source = "".join(f"if(${{umur}} = {n}, 'n{n}', " for n in range(levels)) + "''" + ")" * levels
    assert text(source) == "n40"


def test_recorded_cases_of_other_engines(shared) -> None:
    """The recorded meaning of 400 expressions is ours (conformance/xpath_cases.jsonl)."""
    special = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf, "-0": 0.0}
    wrong = []
    for line in (shared / "conformance" / "xpath_cases.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        where = case.get("context", {})
        try:
            got = xpath_evaluate(
                case["expr"],
                where.get("xml"),
                where.get("node", "/"),
                case["type"],
                where.get("tz"),
                where.get("now"),
            )
        except ExprError as error:
            got = error
        want = case["expect"]
        if case["type"] == "error":
            agrees = isinstance(got, ExprError)
        elif case["type"] == "number":
            want = special.get(want, want) if isinstance(want, str) else want
            agrees = isinstance(got, float) and (
                (math.isnan(want) and math.isnan(got))
                or math.isclose(got, want, rel_tol=1e-12, abs_tol=case.get("tol", 0))
            )
        else:
            agrees = got == want
        if not agrees:
            wrong.append((case["id"], case["expr"], want, got))
    assert wrong == []
