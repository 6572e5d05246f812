"""What a role may not do is not offered; a key that asks for it gets a sentence, never a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from siks_offline.desa import accounts, staff
from siks_offline.texts import text
from tests.ui import worlds
from tests.ui.conftest import HOUSEHOLD, Key, Operator

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.ui.main_window import MainWindow

OWN = "lesung bertalu sampai petang"


@pytest.fixture
def checker(window: MainWindow, operator: Operator, root: Path) -> Operator:
    """A pemeriksa at the window, signed in; the operator left a draft in household 7."""
    folder = root / "sukamaju"
    with accounts.open_village(folder, worlds.ACCOUNT, worlds.PASSPHRASE) as village:
        worlds.begin(village, HOUSEHOLD.format(7))
        code = staff.add(village, "citra", "pemeriksa", worlds.NOW).code
    window.enter(accounts.first_sign_in(folder, "citra", code, OWN, worlds.NOW))
    operator.until(lambda: window.current is not None)
    return operator


def test_a_checker_is_offered_what_a_checker_does(checker: Operator) -> None:
    """No import, no entry, no export stands on the pages, and the header names the role."""
    window = checker.window
    assert "Pemeriksa" in window.header.account.text()
    assert window.pages["beranda"].go_on.isHidden()
    for page, names in (
        ("prelist", ("bring", "add")),
        ("serah_terima", ("export", "accept", "voice", "keys")),
    ):
        window.show_page(page)
        for name in names:
            assert getattr(window.pages[page], name).isHidden(), (page, name)


@pytest.mark.parametrize("key", [Qt.Key.Key_E, Qt.Key.Key_N])
def test_a_key_of_another_role_says_so(checker: Operator, key: Qt.Key) -> None:
    """Ctrl+E and Ctrl+N leave the page where it is and say whose task it is."""
    window = checker.window
    before = window.current
    checker.press(key, Key.Control)
    assert window.current is before
    said = text("ui.umum.bukan_peran", peran=text("ui.peran.pemeriksa"))
    assert window.status.said.text() == said


def test_a_checker_reads_a_visit_and_changes_nothing(checker: Operator) -> None:
    """The form opens, its fields take no key, and neither F12 nor F7 does or refuses anything."""
    checker.window.show_page("kunjungan", HOUSEHOLD.format(4))
    checker.until(lambda: checker.visit.visit is not None and checker.visit.form is not None)
    assert checker.visit.visit is not None
    before = checker.visit.visit.state.answers()
    checker.form.go("nama_krt")
    checker.type("ZZZ")
    for key in (Key.Enter, Key.F7, Key.F12):
        checker.press(key)
    assert checker.visit.visit.state.answers() == before
    assert checker.visit.header.complete.isHidden()
    assert checker.window.status.said.text() == text("ui.kunjungan.hanya_baca")
    assert checker.visit.saver is not None
    assert not checker.visit.saver.unsaved


def test_a_draft_is_its_authors(checker: Operator) -> None:
    """A checker is told whose draft it is, and sees none of it."""
    checker.window.show_page("kunjungan", HOUSEHOLD.format(7))
    prelist = checker.window.pages["prelist"]
    checker.until(lambda: checker.window.current is prelist)
    assert worlds.ACCOUNT in checker.window.status.said.text()
    assert checker.visit.form is None
