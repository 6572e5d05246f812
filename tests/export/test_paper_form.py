"""The printed form asks what the screen asks, under the same numbers, on A4 and F4."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from siks_offline.export import paper_answers, paper_form
from siks_offline.export.paper_answers import Space
from siks_offline.instrument import load
from siks_offline.instrument.schema import Question, Repeat
from siks_offline.ui import layout
from tests.instrument import forms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.instrument.schema import Instrument


def on_screen(instrument: Instrument) -> Iterator[layout.Row]:
    """Every row of every section, as the window lays them out."""
    for section in layout.sections(instrument):
        for item in (*section.items, *section.person):
            if isinstance(item, layout.Row):
                yield item
            elif isinstance(item, layout.Grid):
                yield from item.columns


@pytest.mark.parametrize("name", sorted(load.SHIPPED))
def test_numbers_and_questions_are_those_of_the_screen(name: str) -> None:
    """Nothing is asked on one and not on the other, and each has one number and wording."""
    instrument = load.load_shipped(name)
    paper = {one.name: (one.number, one.words) for one in paper_form.asked(instrument)}
    screen = {row.name: (row.number, row.label) for row in on_screen(instrument)}
    assert paper == screen
    assert len(paper) > 40


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cetak")
    for paper in ("a4", "f4"):
        paper_form.write(folder / f"{paper}.pdf", load.load_shipped("dtks"), paper)
    return folder


@pytest.mark.parametrize(("paper", "width", "height"), [("a4", 210, 297), ("f4", 215, 330)])
def test_pages_have_the_size_of_the_paper(
    printed: Path, paper: str, width: int, height: int
) -> None:
    content = (printed / f"{paper}.pdf").read_bytes()
    boxes = set(re.findall(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", content))
    assert [tuple(round(float(side) / 72 * 25.4) for side in box) for box in boxes] == [
        (width, height)
    ]
    assert b"Inter" in content
    assert b"Helvetica" not in content


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not here")
def test_every_question_and_code_is_printed(printed: Path) -> None:
    """Each question's words and each meaning of a code stand on the paper, none cut off."""
    done = subprocess.run(
        ["pdftotext", "-raw", str(printed / "a4.pdf"), "-"], capture_output=True, check=True
    )
    words = re.sub(r"\s+", "", done.stdout.decode())
    dtks = load.load_shipped("dtks")
    for one in paper_form.asked(dtks):
        assert re.sub(r"\s+", "", one.words) in words, one.name
        for choice in dtks.options(one.name):
            assert re.sub(r"\s+", "", choice.label) in words, (one.name, choice.code)
    pages = re.findall(r"Halaman(\d+)dari(\d+)", words)
    assert [int(number) for number, _ in pages] == list(range(1, int(pages[-1][1]) + 1))


def test_the_same_instrument_gives_the_same_bytes(tmp_path: Path, printed: Path) -> None:
    paper_form.write(tmp_path / "lagi.pdf", load.load_shipped("dtks"), "a4")
    assert (tmp_path / "lagi.pdf").read_bytes() == (printed / "a4.pdf").read_bytes()


@pytest.mark.parametrize(
    ("name", "space"),
    [
        ("nik", Space((16,))),
        ("kk_nokk", Space((16,))),
        ("lantai", Space((2,))),
        ("ada_kartu_identitas", Space(codes=("0", "1", "2", "4", "8"))),
        ("tgllahir", Space((2, 2, 4), "-")),
        ("luas_lantai", Space((3, 2), ",")),
        ("jumlah_art", Space((2,))),
        ("long", Space(lines=1)),
        ("kk_nuk", Space((2,))),
        ("ruta6", Space((6,))),
        ("alamat", Space(lines=2)),
        ("nama", Space(lines=1)),
    ],
)
def test_digits_have_a_box_each(name: str, space: Space) -> None:
    """A NIK has sixteen boxes, a code as many as its longest, a name a line."""
    dtks = load.load_shipped("dtks")
    assert paper_answers.space_for(dtks.questions[name], dtks) == space


@pytest.mark.parametrize(
    ("pattern", "width"),
    [("[0-9]{16}", 16), ("(1[1-9]|21)[0-9]{4}", 6), ("[+]?[0-9]{8,16}", 17), ("a*", 0), ("a{2,}", 0),
     (r"\d{2}\.(?:ab|c)", 5), ("[a", 0), ("(a", 0), ("", 0), ("^[]a]{3}$", 3)],
)  # fmt: skip
def test_a_pattern_tells_how_many_letters_fit(pattern: str, width: int) -> None:
    assert paper_answers.longest(pattern) == width


def test_a_form_of_hostile_words_and_nested_lists_is_printed(tmp_path: Path) -> None:
    """Markup in labels is only letters; lists in lists, and no choices, are no fault."""
    inner = Repeat(
        "dalam", "<b>dalam", 5, children=(Question("a", "text", "<img src='x'/> & </i>", 6),)
    )
    rows = (
        Question("lepas", "text", "lepas", 2),
        Repeat(
            "luar",
            "",
            3,
            children=(Question("b", "select_one", "x" * 900, 4, list_name="tak"), inner),
        ),
    )
    instrument = forms.make(tmp_path, forms.row("text", "q"))
    hostile = type(instrument)("<i", "1", "<para>" * 40, "0" * 64, rows, {})
    assert paper_form.write(tmp_path / "x.pdf", hostile, "f4") == 1
