"""What stands beside the form: special keys, taking back, help, likeness, remarks, returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from siks_offline.db import households
from siks_offline.desa import notes
from siks_offline.model import Changes, Person
from siks_offline.ui import question_help, remark_talk
from tests.ui.conftest import HOUSEHOLD, Key, Operator

if TYPE_CHECKING:
    from siks_offline.db.notes import Remark

KEYPAD = Qt.KeyboardModifier.KeypadModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def visit(desk: Operator) -> Operator:
    """A person in the first section of a household that was found."""
    desk.open_household(4)
    form = desk.form
    for path, value in (
        ("hasil_verivali", "1"),
        ("tanggal_verivali", "2026-11-20"),
        ("anggota[1].sta_keberadaan_art", "1"),
    ):
        form.apply(form.state.set(path, value))
    return desk


def test_the_keys_for_what_nobody_knows(visit: Operator) -> None:
    """On the numpad, with Alt, and in a code field on the main row: the instrument's own code."""
    for modifier in (KEYPAD, ALT, Qt.KeyboardModifier.NoModifier):
        visit.form.apply(visit.form.state.set("hasil_verivali", "1"))
        assert visit.form.go("hasil_verivali")
        QTest.keyClick(visit.focus(), Qt.Key.Key_Minus, modifier)
        assert visit.form.state.value("hasil_verivali") == "5"
        assert visit.here != "hasil_verivali"
    visit.form.apply(visit.form.state.set("hasil_verivali", "1"))
    visit.form.go("tanggal_verivali")
    for modifier in (KEYPAD, Qt.KeyboardModifier.NoModifier):
        visit.form.current.editor.clear()  # type: ignore[union-attr]
        QTest.keyClick(visit.focus(), Qt.Key.Key_Minus, modifier)
        assert visit.form.current.editor.text() == "-"  # type: ignore[union-attr]


def test_ctrl_z_goes_back_answer_by_answer(visit: Operator) -> None:
    """First what is typed, then the answers before it, each with the caret in its question."""
    form = visit.form
    form.go("nama_sls")
    before = {name: form.state.value(name) for name in ("nama_sls", "alamat")}
    visit.type("BARU")
    visit.press(Key.Enter)
    form.go("alamat")
    visit.type("GANG 9")
    visit.press(Key.Enter)
    here = visit.here
    visit.press(Qt.Key.Key_Z, Key.Control)
    assert (visit.here, form.state.value("alamat")) == ("alamat", before["alamat"])
    visit.press(Qt.Key.Key_Z, Key.Control)
    assert (visit.here, form.state.value("nama_sls")) == ("nama_sls", before["nama_sls"])
    visit.type("12")
    visit.press(Qt.Key.Key_Z, Key.Control)
    assert form.state.value("nama_sls") == before["nama_sls"]
    assert here not in ("nama_sls", "alamat")


def test_esc_never_discards(visit: Operator) -> None:
    """Esc in a half-typed field leaves it, the answer and the page as they are."""
    visit.form.go("alamat")
    visit.type("GANG")
    visit.press(Key.Escape)
    assert visit.form.current.editor.text() == "GANG"  # type: ignore[union-attr]
    assert visit.window.current is visit.visit


def test_f1_tells_of_the_question(visit: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words, how it is typed, the special code and every code of the list."""
    shown: list[question_help.QuestionHelp] = []

    def look(talk: question_help.QuestionHelp) -> int:
        shown.append(talk)
        return 0

    monkeypatch.setattr(question_help.QuestionHelp, "exec", look)
    visit.form.go("hasil_verivali")
    visit.press(Qt.Key.Key_F1)
    [talk] = shown
    from PySide6.QtWidgets import QLabel, QListWidget

    words = " ".join(label.text() for label in talk.findChildren(QLabel))
    assert "Numpad -" in words
    assert "hasil_verivali" in words
    [codes] = talk.findChildren(QListWidget)
    assert codes.count() == len(visit.form.state.choices("hasil_verivali"))
    assert visit.here == "hasil_verivali"


def test_the_age_is_seen_at_once(visit: Operator) -> None:
    """Behind a birth date in the roster stands the age."""
    visit.form.go("anggota[1].tgllahir")
    visit.type("12071985")
    cells = {cell.path: cell for cell in visit.form.front.grids["anggota"].cells()}
    editor = cells["anggota[1].tgllahir"].editor
    assert "41" in editor.meaning  # type: ignore[attr-defined]
    assert "41" in editor.accessibleDescription()


def test_a_person_of_another_household_is_shown_while_typing(visit: Operator) -> None:
    """The panel says who has the NIK, without a talk; F11 opens them and comes back."""
    village = visit.window.desk.village  # type: ignore[union-attr]
    other = Person("p", "3509125207850003", "", "WAGIMAN", "1985-07-12", "2")
    with village.store.write() as session:
        households.refresh(
            session, HOUSEHOLD.format(7), households.Facts(nama_krt="WAGIMAN"), [other]
        )
    changes = Changes(households=frozenset({HOUSEHOLD.format(7)}))
    visit.visit.refresh(changes)
    visit.form.go("anggota[1].nik")
    visit.type(other.nik)
    visit.form.go("anggota[1].nik")
    visit.until(visit.visit.panel.alike.text)
    assert other.nama in visit.visit.panel.alike.text()
    visit.press(Qt.Key.Key_F11)
    visit.until(lambda: visit.visit.visit and visit.visit.visit.line.id == HOUSEHOLD.format(7))
    visit.until(lambda: visit.form.current is not None)
    visit.press(Qt.Key.Key_F11)
    visit.until(lambda: visit.visit.visit and visit.visit.visit.line.id == HOUSEHOLD.format(4))
    assert visit.form.state.value("anggota[1].nik") == other.nik


def remarks(person: Operator) -> tuple[Remark, ...]:
    """What the village keeps of the household in front."""
    person.window.desk.pool.waitForDone()  # type: ignore[union-attr]
    return notes.of_household(person.window.desk.village, HOUSEHOLD.format(4))  # type: ignore[union-attr]


def test_a_note_is_seen_in_the_row_and_in_the_panel(
    visit: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+K keeps words, Ctrl+B a flag; both are listed; Enter goes there, Del settles."""
    monkeypatch.setattr(remark_talk, "ask", lambda *_: "cek di kartu")
    visit.form.go("alamat")
    visit.press(Qt.Key.Key_K, Key.Control)
    visit.until(lambda: visit.visit.aids._kept)
    visit.press(Qt.Key.Key_B, Key.Control)
    visit.until(lambda: len(visit.visit.aids._kept) == 2)
    assert [one.kind for one in remarks(visit)] == ["catatan", "bendera"]
    row = visit.form.front.rows["alamat"]
    assert "cek di kartu" in row.remark.text()
    panel = visit.visit.panel
    last = panel.issues.count() - 1
    visit.form.go("nama_sls")
    panel.issues.setFocus()
    panel.issues.setCurrentRow(last)
    visit.press(Key.Enter)
    assert visit.here == "alamat"
    panel.issues.setFocus()
    panel.issues.setCurrentRow(last)
    visit.press(Qt.Key.Key_Delete)
    visit.until(lambda: len(visit.visit.aids._kept) == 1)
    assert [one.kind for one in remarks(visit)] == ["catatan"]


def test_who_may_not_enter_only_looks(visit: Operator) -> None:
    """A pemeriksa walks the form by keys; nothing they press becomes an answer."""
    village = visit.window.desk.village  # type: ignore[union-attr]
    visit.window.show_page("prelist")
    village.role = "pemeriksa"
    visit.open_household(5)
    form = visit.form
    form.go("alamat")
    before = form.state.value("alamat")
    visit.type("X")
    visit.press(Key.Enter)
    assert form.state.value("alamat") == before
    assert visit.here != "alamat"
    visit.press(Qt.Key.Key_R, Key.Control)  # not completed yet: only said
    visit.press(Key.Enter, Key.Control)
    assert visit.visit.visit is not None
    village.role = "admin"


def test_members_can_be_asked_block_by_block(visit: Operator) -> None:
    """Shift+F8 turns the order, stays at the question, and the account keeps it."""
    form = visit.form
    for number in (1, 2):
        for name, value in (
            ("sta_keberadaan_art", "1"), ("jnskel", "1"), ("tgllahir", "1980-01-01"),
            ("hub_krt", str(number)),
        ):  # fmt: skip
            form.apply(form.state.set(f"anggota[{number}].{name}", value))
    assert form.go("anggota[1].jenis_cacat")
    visit.press(Qt.Key.Key_F8, Key.Shift)
    visit.until(lambda: visit.form is not form and visit.here == "anggota[1].jenis_cacat")
    by_block = visit.form
    named = [by_block.sections[place.section].name for place in by_block.places()]
    assert named == sorted(named, key=named.index)  # a block is whole before the next begins
    person = [place for place in by_block.places() if place.person]
    assert [place.person for place in person[:4]] == [1, 2, 3, 4]
    visit.press(Qt.Key.Key_PageDown)
    assert by_block.place.person == 2
    here = by_block.place.section
    visit.press(Key.F6)
    assert by_block.place == (here + 1, 1)
    visit.press(Key.F8)
    assert visit.here.startswith("anggota[1].")
    assert not by_block.place.person
    from siks_offline.db import meta
    from siks_offline.desa import preferences

    village = visit.window.desk.village  # type: ignore[union-attr]
    visit.window.desk.pool.waitForDone()  # type: ignore[union-attr]
    with village.store.read() as session:
        kept = meta.get(session, preferences.key(village.account))
    assert preferences.parse(kept or "").by_block


def test_leaving_a_section_lists_what_does_not_agree(visit: Operator) -> None:
    """Checks across questions come into the panel; the caret goes on, nothing is asked."""
    form = visit.form
    for number in (1, 2):
        for name, value in (
            ("sta_keberadaan_art", "1"),
            ("jnskel", "1"),
            ("tgllahir", "1980-01-01"),
            ("hub_krt", "1"),
            ("nik", "3509120101800001"),
        ):
            form.apply(form.state.set(f"anggota[{number}].{name}", value))
    visit.press(Key.F8)
    visit.press(Key.F6)
    assert not visit.here.startswith("anggota")
    assert form.isAncestorOf(visit.focus())
    issues = visit.visit.panel.issues
    told = [issues.item(row).text() for row in range(issues.count())]
    assert any("NIK" in words for words in told)
    assert len(told) == len(set(told))
