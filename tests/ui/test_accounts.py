"""The page of the accounts, by keys alone: adding, removing, and what a role may not do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from siks_offline.desa import accounts, staff
from siks_offline.ui import dialogs
from siks_offline.ui.accounts_page import AccountsPage
from siks_offline.ui.ceremony_dialog import CeremonyDialog
from tests.ui import worlds
from tests.ui.conftest import Key, Operator

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OWN = "lesung bertalu sampai petang"


def page_of(desk: Operator) -> AccountsPage:
    desk.window.show_page("akun")
    page = desk.window.pages["akun"]
    assert isinstance(page, AccountsPage)
    desk.until(lambda: page.table.rowCount() > 0)
    return page


def dialogs_open() -> list[CeremonyDialog]:
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, CeremonyDialog)]
    return [one for one in found if one.isVisible()]


def dialog() -> CeremonyDialog:
    return dialogs_open()[0]


def keys(words: str) -> None:
    """Type into what has the caret of the dialog; a line feed is Enter, a tab Tab."""
    for character in words:
        widget: QWidget = dialog().focusWidget() or dialog()
        if character in "\n\t":
            QTest.keyClick(widget, Key.Enter if character == "\n" else Key.Tab)
        else:
            QTest.keyClicks(widget, character)


def locked(desk: Operator) -> None:
    desk.until(lambda: desk.window.desk is None and desk.window.sign_in.enter.isEnabled())


def step(desk: Operator, name: str) -> None:
    desk.until(lambda: any(one.ceremony.step.name == name for one in dialogs_open()))
    desk.until(dialog().next.isEnabled)


def test_an_account_is_added_and_used_by_keys(desk: Operator, root: Path) -> None:
    """The admin names it; its owner signs in by the code and chooses the passphrase there."""
    page = page_of(desk)
    page.buttons["tambah"].setFocus()
    desk.press(Key.Space)
    step(desk, "siapa")
    keys("budi\n")
    step(desk, "kode")
    code = str(dialog().ceremony.facts["kode"])
    keys("\n")
    step(desk, "selesai")
    keys("\n")
    desk.until(lambda: page.table.rowCount() == 2)
    assert page.table.item(0, 2).text() != page.table.item(1, 2).text()
    desk.window.lock()
    locked(desk)
    sign_in = desk.window.sign_in
    sign_in.show_villages(root)
    sign_in.account.setCurrentText("budi")
    sign_in.passphrase.setFocus()
    desk.type(code.lower())
    desk.press(Key.Enter)
    desk.until(lambda: sign_in.first is not None)
    assert sign_in.first is not None
    assert desk.window.focusWidget() is sign_in.first.fresh
    assert sign_in.first.again.isVisible(), "Tab would lead elsewhere"
    desk.type(OWN)
    desk.press(Key.Tab)
    desk.type("lain sekali")
    desk.press(Key.Enter)
    desk.until(sign_in.note.isVisible)
    sign_in.first.again.selectAll()
    desk.type(OWN)
    desk.press(Key.Enter)
    desk.until(lambda: desk.window.desk is not None)
    assert desk.window.desk is not None
    assert desk.window.desk.village.role == "operator"
    assert "budi" in desk.window.header.account.text()
    assert "Operator" in desk.window.header.account.text()


def test_an_operator_sees_why_a_button_is_dead(desk: Operator, root: Path) -> None:
    """What a role may not do is disabled beside a sentence; the own passphrase is always there."""
    assert desk.window.desk is not None
    with_code = staff.add(desk.window.desk.village, "budi", "operator", worlds.NOW)
    desk.window.lock()
    locked(desk)
    village = accounts.first_sign_in(root / "sukamaju", "budi", with_code.code, OWN, worlds.NOW)
    desk.window.enter(village)
    page = page_of(desk)
    for name in ("tambah", "atur_ulang", "hapus", "pemulihan"):
        assert not page.buttons[name].isEnabled()
    assert page.reason.isVisible()
    assert not page.minutes.isEnabled()
    assert page.buttons["kata_sandi"].isEnabled()


def test_somebody_is_removed_and_oneself_is_not(
    desk: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The own row offers neither; another goes after a yes, and the window goes on working."""
    assert desk.window.desk is not None
    staff.add(desk.window.desk.village, "zaenal", "operator", worlds.NOW)
    page = page_of(desk)
    desk.until(lambda: page.table.rowCount() == 2)
    assert page.chosen() is not None
    assert not page.buttons["hapus"].isEnabled()
    page.table.setFocus()
    desk.press(Key.Down)
    desk.until(page.buttons["hapus"].isEnabled)
    monkeypatch.setattr(dialogs, "ask", lambda *_: True)
    page.buttons["hapus"].setFocus()
    desk.press(Key.Space)
    desk.until(lambda: page.table.rowCount() == 1)
    desk.window.activateWindow()  # the talk that waited is gone
    desk.until(desk.window.isActiveWindow)
    desk.open_household(3)
    assert desk.window.desk.village.keys.version == 2


def test_the_own_passphrase_is_changed_by_keys(desk: Operator, root: Path) -> None:
    """The old one is asked for; a second typing that differs is said and nothing is lost."""
    page = page_of(desk)
    page.buttons["kata_sandi"].setFocus()
    desk.press(Qt.Key.Key_Space)
    step(desk, "ganti")
    keys(f"{worlds.PASSPHRASE}\t{OWN}\t{OWN}x\n")
    desk.until(dialog().note.isVisible)
    line = dialog()._lines["ulang"]
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_End)
    QTest.keyClick(line, Qt.Key.Key_Backspace)
    keys("\n")
    step(desk, "selesai")
    keys("\n")
    desk.window.lock()
    locked(desk)
    with accounts.open_village(root / "sukamaju", worlds.ACCOUNT, OWN) as village:
        assert village.account == worlds.ACCOUNT


def test_a_guesser_sees_the_seconds_go_by(operator: Operator) -> None:
    """The sixth try waits, with a count that goes down; another account is not held up."""
    page = operator.window.sign_in
    for _ in range(5):
        page.passphrase.setFocus()
        page.passphrase.selectAll()
        operator.type("salah")
        operator.press(Key.Enter)
        operator.until(lambda: page._task is None and page.note.isVisible())
    assert not page.enter.isEnabled()
    assert "Coba lagi dalam 1 detik" in page.note.text()
    operator.press(Key.Enter)
    assert page._task is None
    page._tick()
    assert page.enter.isEnabled()
    assert not page.note.isVisible()
