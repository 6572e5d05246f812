"""Repeats of other people's questionnaires on the screen: counted ones, and ones within a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from siks_offline.instrument import load
from siks_offline.instrument.engine import FormState
from siks_offline.ui.form_view import FormView, Place
from siks_offline.ui.layout import sections
from siks_offline.ui.plain import PlainLabel
from tests.instrument.forms import NOW, row, write

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

SURVEY = [
    row("text", "nama_krt"),
    row("begin repeat", "warga"),
    row("text", "sebutan"),
    row("integer", "umur"),
    row("begin repeat", "usaha"),
    row("text", "jenis"),
    row("integer", "omzet"),
    row("end repeat"),
    row("end repeat"),
    row("integer", "petak"),
    row("begin repeat", "lahan", repeat_count="${petak}"),
    row("decimal", "luas"),
    row("end repeat"),
]
ANSWERS = {
    "warga": [
        {"sebutan": "SITI", "usaha": [{"jenis": "padi"}, {"jenis": "jagung"}]},
        {"sebutan": "BUDI"},
    ],
    "petak": "2",
}


@pytest.fixture
def form(qtbot: QtBot, tmp_path: Path) -> FormView:
    """The form of a household with two members, one of whom has two kinds of work."""
    instrument = load.load(write(tmp_path / "tani.xlsx", SURVEY))
    state = FormState(instrument, ANSWERS, now=NOW)
    view = FormView(state, sections(instrument), NOW.date())
    qtbot.addWidget(view)
    view.resize(900, 500)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow, timeout=5_000)
    return view


def section(form: FormView, name: str) -> int:
    """The number of the section that shows a repeat."""
    return next(n for n, one in enumerate(form.sections) if name in (one.repeat, one.name))


def test_each_member_has_entries_of_its_own(form: FormView) -> None:
    """The same screen shows one member's entries, then the other's; a new one goes where it is."""
    at = section(form, "warga")
    form.show_place(Place(at, 1))
    grid = form.front.grids["usaha"]
    assert [cell.path for cell in grid.cells() if cell.row.name == "jenis"] == [
        "warga[1].usaha[1].jenis",
        "warga[1].usaha[2].jenis",
    ]
    form.show_place(Place(at, 2))
    assert grid.cells() == []
    form.add_entry(form.repeat_here())
    assert form.current is not None
    assert form.current.path == "warga[2].usaha[1].jenis"
    form.current.editor.setText("ikan")
    form.commit()
    assert form.state.answers()["warga"][1]["usaha"] == [{"jenis": "ikan"}]
    assert form.entry_here() == "warga[2].usaha[1]"
    form.remove_entry(form.entry_here())
    assert form.place == Place(at, 2)
    assert "usaha" not in form.state.answers()["warga"][1]


def test_the_caret_finds_an_entry_within_an_entry(form: FormView) -> None:
    """A path three names long leads to its member's screen, its line and its column."""
    assert form.go("warga[1].usaha[2].omzet")
    assert form.place == Place(section(form, "warga"), 1)
    assert form.current is not None
    assert form.current.path == "warga[1].usaha[2].omzet"
    spots = [
        form.compass.spot(path) for path in ("warga[1].usaha[1].omzet", "warga[1].usaha[2].jenis")
    ]
    assert None not in spots
    assert spots[0] < spots[1]  # type: ignore[operator]


def test_a_roster_that_is_not_the_members_shows_its_first_questions(form: FormView) -> None:
    """A repeat with entries within is a roster of its own questions, never of its entries'."""
    form.show_place(Place(section(form, "warga"), 0))
    grid = form.front.grids["warga"]
    assert [column.name for column in grid.grid.columns] == ["sebutan", "umur"]
    assert form.front.title.text()
    assert all(label.text() for label in grid.findChildren(PlainLabel) if label.isVisible())


def test_nobody_adds_to_a_repeat_that_an_answer_counts(form: FormView) -> None:
    """No key to add is shown, F7 does nothing; entries follow the answer."""
    form.show_place(Place(section(form, "lahan"), 0))
    grid = form.front.grids["lahan"]
    assert not grid.add.isVisible()
    assert grid.add not in form.front.stops()
    form.add_entry("lahan")
    assert form.state.count("lahan") == 2
    assert len(grid.cells()) == 2
    form.go("petak")
    assert form.current is not None
    form.current.editor.setText("3")
    form.commit()
    form.show_place(Place(section(form, "lahan"), 0))
    assert len(grid.cells()) == 3


def test_a_count_that_cannot_be_is_said_at_the_repeat(form: FormView) -> None:
    """The repeat's own issue stands beside it, whichever of its lines the caret is in."""
    form.go("petak")
    assert form.current is not None
    form.current.editor.setText("999")
    form.commit()
    form.show_place(Place(section(form, "lahan"), 0))
    grid = form.front.grids["lahan"]
    issue = form.state.issue("lahan")
    assert issue is not None
    assert issue.rule == "banyak"
    assert grid.note.isVisible()
    assert grid.note.text() == issue.message
    assert form.go("lahan[1].luas")
    assert grid.note.text() == issue.message
    assert form.go_to_issue(issue)
    assert form.current is not None
    assert form.current.path == "petak"
