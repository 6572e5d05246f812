"""One form serves household after household: nothing of one is seen, kept or said of the next."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from siks_offline.instrument import load
from siks_offline.instrument.engine import FormState
from siks_offline.ui import form_shelf
from siks_offline.ui.form_view import FormView
from siks_offline.ui.layout import sections
from tests.ui import typist, worlds
from tests.ui.conftest import Key, Operator
from tests.ui.test_access import settle

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from siks_offline.instrument.schema import Instrument
    from siks_offline.ui.question_row import Answer

NARROW, HIGH = 1093, 550
LONG_NAME = "Wahyuni Anggraini"


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    """The questionnaire of visits."""
    return load.load_shipped("dtks")


def household(instrument: Instrument, members: int, seed: int) -> FormState:
    """Return the state of an invented household."""
    return FormState(instrument, typist.paper(members, 3, seed), now=worlds.NOW)


def seen(answer: Answer) -> tuple[object, ...]:
    """What a person sees and hears of one answer."""
    editor = answer.editor
    found = [answer.path, editor.text(), editor.placeholderText(), editor.accessibleDescription()]
    found += [str(editor.property("fault") or ""), str(editor.isEnabled()), str(answer.locked)]
    for part in ("words", "behind", "note", "remark"):
        label = getattr(answer, part, None)
        if label is not None:
            found += [label.text(), label.property("tone") or "", str(label.isHidden())]
    return (*found, editor.isHidden(), getattr(editor, "meaning", ""), editor.isUndoAvailable())


def screens(form: FormView) -> list[object]:
    """Everything that the form shows, screen after screen."""
    found: list[object] = []
    for place in form.places():
        form.show_place(place)
        front = form.front
        found += [place, front.title.text(), front.verticalScrollBar().value()]
        found += [seen(row) for row in front.rows.values()]
        for grid in front.grids.values():
            found += [grid.path, grid.isEnabled(), grid.add.isHidden(), grid.note.text()]
            found += [seen(cell) for cell in grid.cells()]
            count = len(grid.cells()) // len(grid.grid.columns)
            spare = [cell.editor.isHidden() for line in grid.lines[count:] for cell in line]
            found.append(all(spare))
    return found


@pytest.mark.parametrize("now_larger", [True, False])
def test_the_next_household_looks_as_in_a_form_of_its_own(
    qtbot: QtBot, instrument: Instrument, now_larger: bool
) -> None:
    """After a household was walked, answered, checked and half typed in, the next looks as new."""
    first, second = (2, 5) if now_larger else (5, 2)
    used = FormView(household(instrument, first, 1), sections(instrument), worlds.NOW.date())
    fresh = FormView(household(instrument, second, 2), sections(instrument), worlds.NOW.date())
    for form in (used, fresh):
        qtbot.addWidget(form)
        form.resize(900, 500)
    used.show()
    screens(used)
    used.set_strict(True)
    for path in ("alamat", f"anggota[{first}].nik", "tanggal_verivali"):
        used.go(path)
        QTest.keyClicks(used.focusWidget(), "77x")
    used.rest()
    locked = frozenset({"alamat"})
    used.fill(household(instrument, second, 2), worlds.NOW.date(), locked)
    fresh.fill(household(instrument, second, 2), worlds.NOW.date(), locked)
    assert used.current is None
    assert len(used.done) == 0
    assert screens(used) == screens(fresh)


def test_a_screen_behind_catches_up_with_what_moved(qtbot: QtBot, instrument: Instrument) -> None:
    """Answers given elsewhere show on the other screens as if these had looked at everything."""
    chance = random.Random(4)
    state = household(instrument, 3, 5)
    form = FormView(state, sections(instrument), worlds.NOW.date())
    qtbot.addWidget(form)
    form.show()
    screens(form)
    paths = [path for path in state.paths() if not path.endswith("]")]
    paths = [path for path in paths if path in state.instrument.questions or "." in path]
    typed = [path for path in paths if not state.read_only(path)]
    for path in chance.sample(typed, 40):
        form.apply(state.set(path, chance.choice(["", "1", "2", "5", "x"])))
        if chance.random() < 0.3:
            form.show_place(chance.choice(form.places()))
    caught_up = screens(form)
    form.look_again()
    assert caught_up == screens(form)


def test_screens_are_built_ahead_while_nobody_types(qtbot: QtBot, instrument: Instrument) -> None:
    """A moment after the first screen the others are there, and look as if built when wanted."""
    ahead, late = (
        FormView(household(instrument, 4, 6), sections(instrument), worlds.NOW.date())
        for _ in range(2)
    )
    for form in (ahead, late):
        qtbot.addWidget(form)
    ahead.show()
    qtbot.waitUntil(lambda: not ahead._ahead.isActive(), timeout=60_000)
    late._ahead.stop()
    kinds = {(place.section, place.person > 0) for place in ahead.places()}
    assert set(ahead._screens) == kinds
    assert all(screen.built for screen in ahead._screens.values())
    assert screens(ahead) == screens(late)


def test_the_first_form_waits_before_it_is_wanted(
    desk: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some time after the sign-in a form is there; the household that is opened is shown in it."""
    monkeypatch.setattr(form_shelf, "READY_MS", 0)
    shelf = desk.visit.shelf
    shelf.begin()
    desk.until(lambda: shelf._kept is not None)
    assert shelf._kept is not None
    waiting = shelf._kept[0]
    desk.open_household(4)
    assert desk.form is waiting
    assert desk.form.state is desk.visit.visit.state  # type: ignore[union-attr]
    assert desk.form.isVisible()


def test_a_draft_never_goes_to_the_next_household(desk: Operator) -> None:
    """What was half typed in one household is kept there, and the next knows nothing of it."""
    desk.open_household(4)
    form = desk.form
    form.go("alamat")
    desk.type("Gang Mawar 7")
    desk.window.show_page("prelist")
    desk.open_household(5)
    assert desk.form is form
    assert form.state.value("alamat") != "Gang Mawar 7"
    form.go("alamat")
    desk.press(Qt.Key.Key_Z, Key.Control)
    assert "Mawar" not in form.state.value("alamat")
    desk.window.show_page("prelist")
    desk.open_household(4)
    assert form.state.value("alamat") == "Gang Mawar 7"


def test_the_header_follows_the_name_of_the_head(desk: Operator) -> None:
    """A new household has its name in the line above as soon as it is answered."""
    from siks_offline.desa import visit

    village = desk.window.desk.village  # type: ignore[union-attr]
    id_, _ = visit.add_household(village, worlds.NOW)
    desk.window.show_page("kunjungan", id_)
    desk.until(lambda: desk.visit.visit is not None and desk.visit.visit.line.id == id_)
    header = desk.visit.header
    assert "belum bernama" in header.name.text()
    desk.form.apply(desk.form.state.set("hasil_verivali", "1"))
    desk.form.show_roster()
    desk.form.add_entry("anggota")
    desk.type("Sri Wahyuni")
    desk.press(Key.Enter)
    desk.form.go("anggota[1].sta_keberadaan_art")
    desk.type("1")
    assert desk.form.go("anggota[1].hub_krt")
    desk.type("1")
    assert header.name.text() == "Sri Wahyuni"


def test_a_low_window_leaves_room_for_names_and_words(desk: Operator) -> None:
    """At 1093x550 a usual name is whole in the roster, and the musyawarah's search has room."""
    desk.window.resize(NARROW, HIGH)
    desk.open_household(4)
    form = desk.form
    form.show_roster()
    form.add_entry("anggota")
    settle(desk)
    cell = form.current
    assert cell is not None
    line = cell.editor
    assert line.fontMetrics().horizontalAdvance(LONG_NAME) + 12 <= line.width()
    desk.window.show_page("musyawarah")
    settle(desk)
    assert desk.window.pages["musyawarah"].words.width() >= 180  # type: ignore[attr-defined]
