"""Signing in by keys: the right village, one clear sentence for each refusal."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QScrollArea

from siks_offline.desa import accounts
from siks_offline.ui.main_window import MainWindow
from siks_offline.ui.sign_in_page import SignInPage
from tests.ui import worlds
from tests.ui.conftest import Key, Operator

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from pytestqt.qtbot import QtBot


def test_a_passphrase_and_enter_open_the_village(desk: Operator) -> None:
    """The caret waits in the passphrase; Enter opens the village's first page."""
    assert desk.window.desk is not None
    assert desk.window.desk.village.nama_desa == "Desa Sukamaju"
    assert desk.window.current is desk.window.pages["beranda"]


def test_a_wrong_passphrase_is_said_in_place(operator: Operator, qtbot: QtBot) -> None:
    """The page stays, says what is wrong with its code, and the next try needs no mouse."""
    page = operator.window.sign_in
    page.passphrase.setFocus()
    operator.type("salah sekali")
    with qtbot.waitSignal(page.refused, timeout=20_000):
        operator.press(Key.Enter)
    assert "E_PASSPHRASE" in page.note.text()
    assert page.note.isVisible()
    operator.sign_in()
    assert operator.window.desk is not None


def test_a_second_copy_is_refused(operator: Operator, root: Path, qtbot: QtBot) -> None:
    """While another program has the village open, this one says so and changes nothing."""
    with accounts.open_village(root / "sukamaju", worlds.ACCOUNT, worlds.PASSPHRASE):
        page = operator.window.sign_in
        page.passphrase.setText(worlds.PASSPHRASE)
        with qtbot.waitSignal(page.refused, timeout=20_000):
            page.sign_in()
        assert "E_SECOND_COPY" in page.note.text()


def test_an_empty_root_says_what_to_do(tmp_path: Path, qtbot: QtBot) -> None:
    """Without any village the page offers the one thing that helps."""
    page = SignInPage(tmp_path, worlds.now)
    qtbot.addWidget(page)
    page.show()
    assert not page.enter.isVisible()
    assert page.other.isVisible()
    assert page.join.isVisible()
    assert str(tmp_path) in page.lead.text()


def test_a_village_folder_itself_may_be_named(root: Path, qtbot: QtBot) -> None:
    """`--data` takes a village's own folder as well as a folder of villages."""
    page = SignInPage(root / "sukamaju", worlds.now)
    qtbot.addWidget(page)
    assert page.villages.count() == 1


def test_the_caret_waits_at_the_passphrase(root: Path, qtbot: QtBot) -> None:
    """Who has one village types the passphrase and Enter, nothing before."""
    from siks_offline.ui.main_window import MainWindow

    window = MainWindow(root, worlds.now)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    assert window.focusWidget() is window.sign_in.passphrase


def test_in_a_low_window_the_page_scrolls_and_keeps_the_caret(root: Path, qtbot: QtBot) -> None:
    """Where the page has no room every line stays whole, and what was typed into goes on."""
    page = SignInPage(root, worlds.now)
    qtbot.addWidget(page)
    page.setMinimumHeight(200)  # as the window does, which is as low as its screen wants
    page.resize(1000, 600)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    assert page.findChild(QScrollArea) is None
    page.resize(1000, 260)
    area = page.findChild(QScrollArea)
    assert area is not None
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert page.focusWidget() is page.passphrase
    qtbot.keyClicks(page.focusWidget(), "abc")
    assert page.passphrase.text() == "abc"


def test_several_villages_are_chosen_by_keys(root: Path, qtbot: QtBot) -> None:
    """A kecamatan operator chooses the desa with the arrow keys; the accounts follow."""
    shutil.copytree(root / "sukamaju", root / "mekarsari")
    page = SignInPage(root, worlds.now)
    qtbot.addWidget(page)
    page.show()
    page.villages.setFocus()
    qtbot.keyClick(page.villages, Key.Down)
    assert page.villages.currentIndex() == 1
    assert page.account.currentText() == worlds.ACCOUNT


def test_locking_asks_for_the_passphrase_again(desk: Operator, root: Path) -> None:
    """Ctrl+L closes the village: its folder is free for another program at once."""
    from PySide6.QtCore import Qt

    desk.press(Qt.Key.Key_L, Key.Control)
    assert desk.window.desk is None
    assert desk.window.sign_in.passphrase.text() == ""
    accounts.open_village(root / "sukamaju", worlds.ACCOUNT, worlds.PASSPHRASE).close()
    desk.sign_in()


def test_a_name_with_markup_stays_a_name(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No label on any page reads markup, so a name can load or hide nothing."""
    monkeypatch.setattr(worlds, "name", lambda number: worlds.HOSTILE)
    village = worlds.make_village(tmp_path / "jahat", households=3)
    village.close()
    made = MainWindow(tmp_path, worlds.now)
    made.show()
    person = Operator(made, qtbot)
    person.sign_in()
    person.open_household(1)
    person.form.show_roster()
    for name in ("beranda", "prelist", "serah_terima", "pengaturan"):
        made.show_page(name)
    assert made.desk is not None
    made.desk.pool.waitForDone()
    from PySide6.QtCore import Qt

    labels = made.findChildren(QLabel)
    assert any(worlds.HOSTILE in label.text() for label in labels)
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    made.close()
    made.deleteLater()
