"""What the screen says a question's number is, the paper form and the lists say too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from siks_offline.export import paper_form
from siks_offline.instrument import codebook, load
from siks_offline.instrument.engine import FormState
from siks_offline.ui import layout
from siks_offline.ui.form_view import FormView
from tests.instrument.forms import NOW, write
from tests.ui.test_repeats import SURVEY

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from siks_offline.instrument.schema import Instrument


def shown(instrument: Instrument, qtbot: QtBot) -> dict[str, str]:
    """The number in front of every question, as the widgets of all screens have it."""
    repeats = {name: [{}] for name in instrument.repeats if instrument.owner[name] == ""}
    state = FormState(instrument, repeats, now=NOW)
    form = FormView(state, layout.sections(instrument), NOW.date())
    qtbot.addWidget(form)
    found: dict[str, str] = {}
    for place in form.places():
        form.show_place(place)
        found.update({name: row.number.text() for name, row in form.front.rows.items()})
        for grid in form.front.grids.values():
            found.update({column.name: column.number for column in grid.grid.columns})
            heads = [grid._cells.itemAtPosition(0, at + 1) for at in range(len(grid.grid.columns))]
            for head, column in zip(heads, grid.grid.columns, strict=True):
                words = head.widget().text()  # type: ignore[union-attr, attr-defined]
                assert words.startswith(f"{column.number} {column.label}".strip())
    return found


@pytest.mark.parametrize("name", sorted(load.SHIPPED))
def test_every_screen_numbers_as_the_paper_does(name: str, qtbot: QtBot) -> None:
    """Rows, rosters and persons' screens: each question once, under the number of the paper."""
    instrument = load.load_shipped(name)
    paper = {one.name: one.number for one in paper_form.asked(instrument)}
    assert shown(instrument, qtbot) == paper
    assert sum(bool(number) for number in paper.values()) > 30


def test_so_does_a_questionnaire_of_somebody_else(tmp_path: Path, qtbot: QtBot) -> None:
    """Entries within entries are on the paper as on the screen, and in the codebook."""
    numbered = [
        {**one, "label": f"{number}. {one['label']}"} if "name" in one else one
        for number, one in enumerate(SURVEY, 1)
    ]
    instrument = load.load(write(tmp_path / "tani.xlsx", numbered))
    paper = {one.name: one.number for one in paper_form.asked(instrument)}
    assert shown(instrument, qtbot) == paper
    assert paper["omzet"] == "7"
    listed = codebook.markdown(instrument)
    for name in paper:
        assert f"`{name}`" in listed
