"""Less to type: proposals from the NIK, the household before, the paper's numbers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from siks_offline.ui import key_card, numbers
from siks_offline.ui.form_view import Place
from siks_offline.ui.layout import Grid, Row, sections
from siks_offline.ui.suggestions import suggestion
from tests.ui.conftest import Key, Operator
from tests.ui.screen_checks import cut

if TYPE_CHECKING:
    from siks_offline.instrument.engine import FormState

WOMAN = "3509125207850003"
MAN = "3509121203580001"
KEYPAD = Qt.KeyboardModifier.KeypadModifier


@pytest.fixture
def roster(desk: Operator) -> Operator:
    """A person with the caret in the first member's NIK, which says a woman of 12-07-1985."""
    desk.open_household(4)
    form = desk.form
    for path, value in (
        ("hasil_verivali", "1"),
        ("tanggal_verivali", "2026-11-20"),
        ("anggota[1].sta_keberadaan_art", "1"),
        ("anggota[2].sta_keberadaan_art", "1"),
        ("anggota[1].nik", ""),
    ):
        form.apply(form.state.set(path, value))
    desk.press(Key.F8)
    form.go("anggota[1].nik")
    desk.type(WOMAN)
    return desk


def state(person: Operator) -> FormState:
    return person.form.state


def test_birth_date_and_sex_are_proposed_and_taken_by_enter(roster: Operator) -> None:
    """The proposal is seen, is no answer by itself, and Enter takes it and goes on."""
    for name, shown, answer in (("jnskel", "2", "2"), ("tgllahir", "12-07-1985", "1985-07-12")):
        path = f"anggota[1].{name}"
        roster.form.go(path)
        assert roster.form.current is not None
        assert shown in roster.form.current.editor.placeholderText()
        assert state(roster).value(path) == ""
        roster.press(Key.Tab)
        assert state(roster).value(path) == ""
        roster.form.go(path)
        roster.press(Key.Enter)
        assert state(roster).value(path) == answer
        assert roster.here != path


def test_a_proposal_never_replaces_what_was_typed(roster: Operator) -> None:
    """Typed answers stay, also when the NIK is changed afterwards."""
    roster.form.go("anggota[1].tgllahir")
    roster.type("01021990")
    roster.form.go("anggota[1].nik")
    roster.type(MAN)
    roster.form.go("anggota[1].tgllahir")
    roster.press(Key.Enter)
    assert state(roster).value("anggota[1].tgllahir") == "1990-02-01"


def test_another_nik_makes_another_proposal(roster: Operator) -> None:
    """The proposals follow the NIK of their own line and go with it."""
    today = date(2026, 11, 22)
    assert suggestion(state(roster), "anggota[1].jnskel", today) == "2"
    roster.form.go("anggota[1].nik")
    roster.type(MAN)
    cells = {cell.path: cell for cell in roster.form.front.grids["anggota"].cells()}
    assert cells["anggota[1].jnskel"].editor.suggestion == "1"
    assert cells["anggota[1].tgllahir"].editor.suggestion == "12-03-1958"
    roster.form.apply(state(roster).set("anggota[1].nik", "123"))
    assert cells["anggota[1].jnskel"].editor.suggestion == ""


def test_the_numpad_repeats_the_household_before(desk: Operator) -> None:
    """Numpad + takes RT, RW, hamlet and address of the household before, and goes on."""
    desk.open_household(4)
    for name, value in (("rt", "007"), ("nama_sls", "Dusun Baru")):
        desk.form.apply(desk.form.state.set(name, value))
    desk.window.show_page("prelist")
    desk.open_household(5)
    for name, value in (("rt", "007"), ("nama_sls", "Dusun Baru")):
        desk.form.go(name)
        QTest.keyClick(desk.focus(), Qt.Key.Key_Plus, KEYPAD)
        assert desk.form.state.value(name) == value
        assert desk.here != name


def test_a_plus_is_typed_where_nothing_is_repeated(desk: Operator) -> None:
    """Elsewhere and on the main row the plus is a character."""
    desk.open_household(4)
    desk.form.go("nopesertapkh")
    QTest.keyClick(desk.focus(), Qt.Key.Key_Plus, KEYPAD)
    assert desk.form.current is not None
    assert desk.form.current.editor.text() == "+"
    desk.form.go("alamat")
    desk.type("+")
    assert desk.form.current.editor.text() == "+"


def test_ctrl_z_takes_back_what_was_typed(desk: Operator) -> None:
    """Ctrl+Z inside a field is the field's own."""
    desk.open_household(4)
    desk.form.go("nopesertapkh")
    desk.type("12")
    desk.press(Qt.Key.Key_Z, Key.Control)
    assert desk.form.current is not None
    assert desk.form.current.editor.text() == ""


def test_every_number_of_the_paper_is_found(desk: Operator) -> None:
    """Each numbered question is the first that its number gives, seen from its own screen."""
    desk.open_household(4)
    found = sections(desk.form.state.instrument)
    asked = 0
    for at, section in enumerate(found):
        seen = set()
        for item in section.items:
            rows = item.columns if isinstance(item, Grid) else (item,)
            for row in rows:
                if isinstance(row, Row) and row.number and row.number not in seen:
                    seen.add(row.number)
                    paths = numbers.find(found, row.number.lower(), Place(at, 0))
                    assert paths[0].rpartition(".")[2] == row.name
                    asked += 1
    assert asked > 20
    assert numbers.find(found, "", Place(0, 0)) == []
    assert numbers.find(found, "999x", Place(0, 0)) == []


def test_ctrl_g_goes_to_a_number(desk: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of the paper brings the caret there; with its block in front also from afar."""
    desk.open_household(4)
    desk.form.apply(desk.form.state.set("hasil_verivali", "1"))
    for at, section in enumerate(desk.form.sections):
        for item in section.items:
            if not (section.number and isinstance(item, Row) and item.number):
                continue
            row = desk.form.state
            if not row.relevant(item.name) or row.read_only(item.name):
                continue
            words = f"{section.number}.{item.number}"
            monkeypatch.setattr(key_card, "ask_number", lambda _parent, words=words: words)
            desk.form.go_to_place(Place(0, 0))
            desk.press(Qt.Key.Key_G, Key.Control)
            assert desk.form.place.section == at
            assert desk.here == item.name
            break


def test_the_key_card_names_every_key(desk: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+/ shows each key that has an action; no line is cut."""
    shown: list[key_card.KeyCard] = []

    def look(card: key_card.KeyCard) -> int:
        shown.append(card)
        return 0

    monkeypatch.setattr(key_card.KeyCard, "exec", look)
    desk.open_household(4)
    desk.press(Qt.Key.Key_Slash, Key.Control)
    [card] = shown
    from PySide6.QtWidgets import QLabel

    card.show()
    assert cut(card) == []
    labels = [label for label in card.findChildren(QLabel) if label.text()]
    assert max(label.geometry().right() for label in labels) < card.width()
    assert card.width() <= 1_093
    words = " ".join(label.text() for label in card.findChildren(QLabel))
    for action in (*desk.visit.actions(), *desk.window._desk_side.actions()):  # type: ignore[union-attr]
        key = action.shortcut().toString().replace("Return", "Enter")  # what the key says here
        assert key in words, key
