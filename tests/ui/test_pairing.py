"""A village is joined to its Dinsos in the window, with keys alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from siks_offline.dinsos import office as offices
from siks_offline.dinsos import pairing as dinsos_pairing
from siks_offline.ui.pairing_dialog import PairingDialog
from siks_offline.ui.sign_in_page import SignInPage
from tests.ui import worlds
from tests.ui.conftest import Key
from tests.ui.screen_checks import cut, nameless

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from siks_offline.dinsos.pairing import Invited

VILLAGE = "3509122003"
PASSPHRASE = "kopi sawah payung hujan sepeda"


@pytest.fixture
def invited(tmp_path: Path) -> tuple[Path, Invited]:
    """An invitation of an office, with its letter's code."""
    file = tmp_path / "desa.siksundang"
    office, _ = offices.create(tmp_path / "dinsos", VILLAGE[:4], PASSPHRASE, worlds.NOW)
    with office:
        return file, dinsos_pairing.invite(office, VILLAGE, file, worlds.NOW)


def focus(dialog: PairingDialog) -> QWidget:
    found = dialog.focusWidget()
    assert found is not None
    return found


def test_from_the_invitation_to_the_enrolment_by_keys(
    tmp_path: Path,
    invited: tuple[Path, Invited],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Enter and typing alone lead from an empty root to a village in the list."""
    file, letter = invited
    page = SignInPage(tmp_path / "data", worlds.now)
    qtbot.addWidget(page)
    page.show()
    assert page.join.isVisible()
    QTest.keyClick(page.join, Key.Space)
    [dialog] = page.findChildren(PairingDialog)
    qtbot.waitExposed(dialog)

    def press() -> None:
        QCoreApplication.processEvents()
        assert nameless(dialog) == [], dialog.step
        assert cut(dialog) == [], dialog.step
        QTest.keyClick(focus(dialog), Key.Enter)

    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    press()
    assert VILLAGE in dialog.invited.text()
    press()
    assert dialog.step == "kode"
    QTest.keyClicks(focus(dialog), "0" * 16)
    press()
    assert "E_INVITE_CODE" in dialog.note.text()
    QTest.keyClicks(focus(dialog), letter.code)
    press()
    assert dialog.step == "akun"
    press()
    for _ in range(2):
        QTest.keyClicks(focus(dialog), PASSPHRASE)
        press()
    assert dialog.step == "pemulihan"
    written = dialog.recovery.text().split("-")
    press()
    for number in dialog.joining.groups:
        QTest.keyClicks(focus(dialog), written[number - 1])
        press()
    assert dialog.step == "simpan"
    target = tmp_path / "daftar.siks"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    with qtbot.waitSignal(dialog.joined, timeout=60_000):
        press()
    assert dialog.step == "selesai"
    assert str(target) in dialog.done_words.text()
    assert target.exists()
    press()
    assert not dialog.isVisible()
    assert page.villages.count() == 1
    assert page.enter.isVisible()


def test_escape_asks_before_what_was_typed_is_lost(
    tmp_path: Path,
    invited: tuple[Path, Invited],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Esc on the first page closes; later it asks, and nothing has been made by then."""
    from siks_offline.ui import dialogs

    file, letter = invited
    dialog = PairingDialog(None, tmp_path / "data", worlds.now)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.take_file(file)
    dialog.go_on()
    dialog.code.setText(letter.code)
    dialog.go_on()
    asked: list[str] = []

    def no(_parent: object, words: str, *_: str) -> bool:
        asked.append(words)
        return False

    monkeypatch.setattr(dialogs, "ask", no)
    QTest.keyClick(dialog, Key.Escape)
    assert dialog.isVisible()
    assert len(asked) == 1
    monkeypatch.setattr(dialogs, "ask", lambda *_: True)
    QTest.keyClick(dialog, Key.Escape)
    assert not dialog.isVisible()
    assert not (tmp_path / "data").exists()
