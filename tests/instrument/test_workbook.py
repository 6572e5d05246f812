"""The shipped DTKS workbook is the whole instrument of its version, and valid XLSForm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from siks_offline import paths
from siks_offline.instrument import load

if TYPE_CHECKING:
    from pathlib import Path

WORKBOOK = paths.resources() / "instrumen" / "dtks-2020.xlsx"
OTHER_VERSION = re.compile(
    r"^\$\{versi_instrumen\} = '[13]'$|(?:^| and )\$\{versi_instrumen\} = '[13]'"
)


def _rows(path: Path) -> list[dict[str, str]]:
    """Rows of a table, read without quoting rules; the last ones may be short."""
    head, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    names = head.split("\t")
    return [
        dict.fromkeys(names, "") | dict(zip(names, line.split("\t"), strict=False))
        for line in lines
    ]


def _of_version_two(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    kept, shut = [], []
    for row in rows:
        kind = row["type"]
        gone = bool(OTHER_VERSION.search(row["relevant"])) or row["name"] == "pengaturan"
        if kind.startswith("begin"):
            shut.append(gone or any(shut))
            gone = shut[-1]
        elif kind.startswith("end"):
            gone = shut.pop()
        else:
            gone = gone or any(shut)
        if not gone:
            kept.append(row)
    return kept


@pytest.fixture(scope="module")
def instrument():
    return load.load(WORKBOOK)


@pytest.fixture(scope="module")
def source(shared):
    return _of_version_two(_rows(shared / "domain" / "instrument_survey.tsv"))


def test_pyxform_converts_it_without_a_word():
    from pyxform.xls2xform import convert

    result = convert(str(WORKBOOK), validate=False)
    assert result.warnings == []
    assert "<h:title>Verifikasi DTKS 2017-2020</h:title>" in result.xform


def test_its_identity_is_the_one_records_name(instrument):
    assert (instrument.id, instrument.version) == ("dtks", "2020.1")


def test_every_row_of_the_version_is_there_in_order(instrument, source):
    wanted = [row["name"] for row in source if row["name"]]
    assert list(instrument.elements) == wanted
    for row in source:
        if not row["name"] or row["type"].startswith("begin"):
            continue
        question = instrument.elements[row["name"]]
        kind, _, listing = row["type"].partition(" ")
        assert question.list_name == listing
        assert question.type == ("image" if row["name"].startswith("foto_") else kind), row["name"]


def test_rules_that_name_no_version_are_word_for_word_those_of_the_source(instrument, source):
    known = set(instrument.elements)
    compared = 0
    for row in source:
        if not row["name"]:
            continue
        element = instrument.elements[row["name"]]
        for column in (
            "label",
            "required",
            "relevant",
            "constraint",
            "constraint_message",
            "calculation",
        ):
            text = row[column]
            names = set(re.findall(r"\$\{(\w+)\}", text))
            if not text or names - known or "Regsosek" in text:
                continue
            assert getattr(element, column) == text, (row["name"], column)
            compared += 1
    assert compared > 500


def test_no_rule_speaks_of_another_version(instrument):
    for element in instrument.elements.values():
        words = " ".join(
            str(getattr(element, name, ""))
            for name in ("relevant", "constraint", "calculation", "label")
        )
        assert "versi_instrumen" not in words
        assert "Regsosek" not in words
        assert "kd_" not in words


def test_every_code_list_is_the_source_list_with_its_own_pair_of_codes(instrument, shared):
    wanted: dict[str, list[tuple[str, str]]] = {}
    for row in _rows(shared / "domain" / "instrument_choices.tsv"):
        wanted.setdefault(row["list_name"], []).append((row["name"], row["label"]))
    for name, choices in instrument.choices.items():
        assert [(c.code, c.label) for c in choices] == wanted[name]
    assert [c.code for c in instrument.options("ada_tabung_gas")] == ["1", "2"]
    assert [c.code for c in instrument.options("ada_lemari_es")] == ["3", "4"]


def test_nine_kinds_of_photo(instrument):
    kinds = [q.kind for q in instrument.questions.values() if q.type == "image"]
    assert kinds == [
        "F-RUMAH",
        "F-KRT",
        "F-KTP",
        "F-KK",
        "F-LANTAI",
        "F-DINDING",
        "F-ATAP",
        "F-DAPUR",
        "F-JAMBAN",
    ]


def test_patterns_are_whole_matches(instrument):
    for question in instrument.questions.values():
        for pattern in re.findall(
            r"""regex\([^,]+,\s*(?:'([^']*)'|"([^"]*)")\)""", question.constraint
        ):
            text = pattern[0] or pattern[1]
            assert text.startswith("^"), question.name
            assert text.endswith("$"), question.name


def test_every_question_people_see_has_words_and_the_paper_number_where_it_has_one(instrument):
    assert all(e.label for e in instrument.elements.values())
    assert instrument.elements["lantai"].label.startswith("3. ")
    assert instrument.elements["umur"].label.startswith("7. ")
