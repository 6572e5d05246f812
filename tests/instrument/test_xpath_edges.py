"""Edges of expressions on which ODK Web Forms and this program agree, and those where we decide."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from siks_offline.instrument.expr import ExprError
from tests.adapters import xpath_evaluate

TABLE = Path(__file__).with_name("xpath_edges.tsv")
FORMS = {
    "f": (
        "<data><desa>3509122003</desa><tgl_kunjungan>2026-03-15</tgl_kunjungan>"
        "<jml_art>3</jml_art><luas_lantai>42.25</luas_lantai>"
        "<kosong/><spasi>  </spasi><aset>1 4 9</aset>"
        "<anggota><nama>RATNA</nama><nik>3509124107850001</nik><hub>1</hub>"
        "<tgl_lahir>1985-07-01</tgl_lahir><umur>40</umur><sekolah/></anggota>"
        "<anggota><nama>BAGUS</nama><nik>3509121602100002</nik><hub>3</hub>"
        "<tgl_lahir>2010-02-16</tgl_lahir><umur>16</umur><sekolah>2</sekolah></anggota>"
        "<anggota><nama>MBAH KARSO</nama><nik/><hub>6</hub>"
        "<tgl_lahir/><umur>80</umur><sekolah>0</sekolah></anggota></data>"
    ),
    "n": (
        "<data><dusun><v>1</v>"
        "<kk><v>1.1</v><art><v>1.1.1</v></art><art><v>1.1.2</v></art></kk>"
        "<kk><v>1.2</v><art><v>1.2.1</v></art></kk></dusun><dusun><v>2</v><kk><v>2.1</v></kk>"
        "<kk><v>2.2</v><art><v>2.2.1</v></art><art><v>2.2.2</v></art></kk></dusun>"
        "<i>2</i><e/></data>"
    ),
}


def rows() -> list[list[str]]:
    lines = TABLE.read_text("utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines]


def test_every_recorded_edge_gives_the_recorded_value() -> None:
    """The table was recorded with @getodk/xpath 0.11.0 over two small forms, in western Indonesia.

    It has blanks and the lack of them, names such as ``div``, empty answers, sets of nodes against
    values, numbers as text, places beyond a text, nested repeats, dates with and without a zone.
    """
    wrong = []
    for kind, form, node, source, expected in rows():
        try:
            got = xpath_evaluate(source, FORMS[form], node, kind, "Asia/Jakarta", None)
        except ExprError:
            got = "error"
        if kind == "error":
            right = got == "error"
        elif kind == "number" and got != "error":
            wanted = float(expected)
            right = got == wanted or (math.isnan(got) and math.isnan(wanted))
        else:
            right = str(got).lower() == expected if kind == "boolean" else got == expected
        if not right:
            wrong.append((kind, node, source, expected, got))
    assert wrong == []
    assert len(rows()) > 1500


@pytest.mark.parametrize(
    ("source", "expected", "why"),
    [
        ("number('1e3')", "", "text with an exponent is no number, as in XPath and JavaRosa"),
        ("number('+5')", "", "nor is text with a plus"),
        ("number('  ')", "", "nor are blanks"),
        ("number('Infinity')", "", "nor is a word"),
        ("//anggota/nama[1]", "RATNA", "a predicate counts in each member"),
        ("count(/data/anggota/nama[1])", "3", "a predicate counts in each member"),
        ("/data/anggota[3]/preceding-sibling::anggota[1]/nama", "BAGUS", "the nearest is first"),
        ("(/data/anggota)[2]/nama", "BAGUS", "brackets gather all before a place is asked for"),
        ("date('2026-03-15') - date('1900-01-01')", "46094", "whole local days, whatever the zone"),
        ("regex('12345', '[0-9]{2}')", "false", "the whole answer, as JavaRosa"),
        ("substr('hello', 0, 1 div 0)", "hello", "an endless end is the end"),
        ("substring('12345', 2, -1)", "", "no length, no text"),
        ("substring-after('true', 'true')", "", "what is behind the end is empty"),
        ("format-date(date('2026-03-15') + 7, '%d')", "22", "a day counted on is a day, as JavaRosa"),
        ("format-date('2026-02-30', '%d')", "", "no such day is an empty answer, never a crash"),
        ("max(date('2026-03-15'), date('2026-03-16')) > 20000", "true", "the greatest is a number"),
        ("sum(/data/tidakada)", "0", "nothing adds up to nothing"),
        ("--1", "1", "two signs are XPath"),
        ("string-length('😀')", "1", "a character is one"),
        ("once('x')", "x", "the document holds no answer"),
    ],
)  # fmt: skip
def test_where_engines_differ_this_page_decides(source: str, expected: str, why: str) -> None:
    """docs/ekspresi.md decides where the engines differ; each line says which way and why."""
    assert xpath_evaluate(source, FORMS["f"], "/", "string", "Asia/Jakarta", None) == expected, why
