"""The codebook names everything of an instrument: numbers, codes, ranges, rules in words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from siks_offline.instrument import codebook, load
from siks_offline.instrument.rule_words import in_words, limits
from siks_offline.instrument.schema import Question
from tests.instrument import forms

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def dtks():
    return load.load_shipped("dtks")


@pytest.mark.parametrize("name", sorted(load.SHIPPED))
def test_every_element_code_and_rule_is_told(name: str) -> None:
    """Nothing of the workbook is missing, in either form."""
    instrument = load.load_shipped(name)
    plain, page = codebook.markdown(instrument), codebook.html_page(instrument)
    told = {entry.name: entry for entry in codebook.entries(instrument)}
    assert list(told) == list(instrument.elements)
    for element in instrument.elements.values():
        assert f"`{element.name}`" in plain
        assert f'id="{element.name}"' in page
        entry = told[element.name]
        assert [c.code for c in entry.codes] == [c.code for c in instrument.options(element.name)]
        sources = {rule.source for rule in entry.rules}
        for column in ("relevant", "constraint", "calculation", "required"):
            source = getattr(element, column, "")
            assert not source or source in sources


def test_most_rules_have_words(dtks) -> None:
    """A reader who knows no XPath understands what is asked when; the rest shows its source."""
    rules = [rule for entry in codebook.entries(dtks) for rule in entry.rules]
    assert sum(bool(rule.words) for rule in rules) / len(rules) > 0.95
    assert not any("${" in rule.words for rule in rules)


@pytest.mark.parametrize(
    ("name", "column", "words"),
    [
        ("sta_lahan", "relevant",
         "“1a. Status penguasaan bangunan tempat tinggal yang ditempati” berkode 1 (Milik sendiri)"),
        ("flag_dokumen", "relevant", "“NIK” terisi"),
        ("nomor_pln", "constraint", "jawaban 11 sampai 12 angka"),
        ("blok3", "relevant", "“5. Hasil verivali rumah tangga” berkode 1 (Selesai dicacah/diverivali)"),
        ("idartbdt", "constraint", "banyaknya huruf jawaban paling banyak 25"),
        ("tgllahir", "constraint",
         "jawaban paling lambat “1. Tanggal verivali/pendataan” dan jawaban paling awal 01-01-1900"),
    ],
)  # fmt: skip
def test_rules_in_words(dtks, name: str, column: str, words: str) -> None:
    element = dtks.elements[name]
    question = element if isinstance(element, Question) else None
    assert in_words(dtks, getattr(element, column), question) == words


@pytest.mark.parametrize(
    ("source", "short"),
    [
        ("${hasil_verivali} = '4' or ${hasil_verivali} = '6'", "R.5 berkode 4 atau 6"),
        ("${sta_kawin} = '2'", "kol. 8 berkode 2"),
        ("${umur} >= 5", "kol. 7 paling sedikit 5"),
        ("pulldata('a', 'b')", ""),
        ("", ""),
        ("${tidak_ada} = 1", ""),
    ],
)
def test_short_words_call_questions_by_their_number(dtks, source: str, short: str) -> None:
    assert in_words(dtks, source, short=True) == short


@pytest.mark.parametrize(
    ("constraint", "told"),
    [
        (". >= 1 and . <= 999", "1 sampai 999"),
        (". > 0 and . <= 9999999", "di atas 0 sampai 9999999"),
        (". <= today() and . >= date('2015-01-01')", "01-01-2015 sampai hari ini"),
        (". >= 2.5", "mulai 2,5"),
        (". < 5 or . > 9", ""),
        ("regex(., '^[0-9]+$')", ""),
    ],
)
def test_ranges(constraint: str, told: str) -> None:
    assert limits(constraint) == told


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    """Markup in a label, a code or a rule never becomes markup of the codebook."""
    evil = "<script>x</script> | `a` *b* [c](d)"
    instrument = forms.make(
        tmp_path,
        forms.row("select_one yn", "q", label=evil, hint=evil, constraint=". != '<b>`|'"),
        choices=[("yn", "1", evil), ("yn", "2", "Tidak")],
    )
    page = codebook.html_page(instrument)

    class Tags(HTMLParser):
        seen: set[str] = set()  # noqa: RUF012

        def handle_starttag(self, tag, attrs):
            self.seen.add(tag)

    Tags().feed(page)
    assert not Tags.seen & {"script", "b", "a"}
    plain = codebook.markdown(instrument)
    assert "<script>" not in plain
    for line in plain.splitlines():
        if line.startswith("| 1"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 3
