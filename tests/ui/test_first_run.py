"""A new village in the window, by keys alone, and the way back with the recovery code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton

from siks_offline.desa import accounts
from siks_offline.ui import practice
from siks_offline.ui.main_window import MainWindow
from tests.ui import worlds
from tests.ui.conftest import Key, Operator
from tests.ui.test_accounts import dialog, dialogs_open, keys, step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

WORDS = "gunung teduh sambil menanam cabai"
OTHER = "pelita kapal bersama jembatan rumput"


@pytest.fixture
def newcomer(tmp_path: Path, qtbot: QtBot) -> Iterator[Operator]:
    """A person at a window that knows no village."""
    window = MainWindow(tmp_path / "data", worlds.now)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    yield Operator(window, qtbot)
    window.close()
    window.deleteLater()


def locked(person: Operator) -> None:
    person.until(lambda: person.window.desk is None and person.window.sign_in.enter.isEnabled())


def groups() -> tuple[str, str]:
    facts = dialog().ceremony.facts
    code = str(facts["kode"]).split("-")
    return code[int(facts["satu"]) - 1], code[int(facts["dua"]) - 1]


def make_village(person: Operator) -> None:
    """Go from the notice to the open village."""
    step(person, "tujuan")
    keys("\n")
    step(person, "asal")
    keys("\n")
    step(person, "cari")
    keys("sumberejo ambulu\n")
    step(person, "pilih")
    keys("1\n")
    step(person, "admin")
    keys(f"ani\t{WORDS}\t{WORDS}\n")
    step(person, "pemulihan")
    keys("\n")
    step(person, "ulang")
    first, second = groups()
    keys(f"{first.lower()}\t{second}\n")
    step(person, "selesai")
    keys("\n")


def test_a_new_village_takes_keys_alone(newcomer: Operator) -> None:
    """From an empty laptop to Beranda, then colleagues, copy and start, each passed by Enter."""
    newcomer.window.sign_in.begin()
    make_village(newcomer)
    newcomer.until(lambda: newcomer.window.desk is not None)
    step(newcomer, "operator")
    keys("\n")
    step(newcomer, "cadangan")
    keys("\n")
    step(newcomer, "latihan")
    keys("\n")
    step(newcomer, "selesai")
    keys("\n")
    assert newcomer.window.desk is not None
    village = newcomer.window.desk.village
    assert (village.account, village.role, village.first_run) == ("ani", "admin", "")
    newcomer.window.lock()
    locked(newcomer)
    assert newcomer.window.sign_in.villages.count() == 1


def test_enter_on_an_empty_line_says_which(newcomer: Operator) -> None:
    """Where Enter cannot lead on, the note names the line; from a filled line it just leads on."""
    newcomer.window.sign_in.begin()
    step(newcomer, "tujuan")
    keys("\n")
    step(newcomer, "asal")
    keys("\n")
    step(newcomer, "cari")
    keys("\n")
    assert dialog().note.isVisible()
    assert "Nama atau kode desa" in dialog().note.text()
    keys("sumberejo ambulu\n")
    step(newcomer, "pilih")
    keys("1\n")
    step(newcomer, "admin")
    keys("ani\n")
    assert not dialog().note.isVisible()
    assert dialog().focusWidget() is dialog()._lines["baru"]


def test_the_recovery_code_leads_back_in(
    newcomer: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forgotten passphrase: code, new passphrase, new code typed back, and the village is open."""
    from siks_offline.crypto import codes

    code = codes.recovery_code()
    monkeypatch.setattr(codes, "recovery_code", lambda: code)
    newcomer.window.sign_in.begin()
    make_village(newcomer)
    newcomer.until(lambda: newcomer.window.desk is not None)
    monkeypatch.undo()
    newcomer.window.lock()
    page = newcomer.window.sign_in
    locked(newcomer)
    page.forgotten.setFocus()
    newcomer.press(Key.Space)
    step(newcomer, "kode")
    keys(f"{code}\n")
    step(newcomer, "sandi")
    keys(f"{OTHER}\t{OTHER}\n")
    step(newcomer, "tunjuk")
    keys("\n")
    step(newcomer, "ulang")
    keys("\t".join(groups()) + "\n")
    step(newcomer, "selesai")
    keys("\n")
    newcomer.until(lambda: newcomer.window.desk is not None)
    assert newcomer.window.desk is not None
    folder = newcomer.window.desk.village.folder
    newcomer.window.lock()
    locked(newcomer)
    accounts.open_village(folder, "ani", OTHER).close()


def test_five_minutes_of_practice_lie_apart(tmp_path: Path) -> None:
    """The window starts the command that makes invented people; a second time it finds them."""
    folder = practice.make(tmp_path, lambda *_: None)
    assert folder.parent == tmp_path
    village = accounts.open_village(folder / "desa", "operator", "latihan")
    with village:
        assert village.practice
    before = (folder / "desa" / "app.db").stat().st_mtime_ns
    assert practice.make(tmp_path, lambda *_: None) == folder
    assert (folder / "desa" / "app.db").stat().st_mtime_ns == before


def test_a_cut_before_the_end_asks_the_rest_again(newcomer: Operator, qtbot: QtBot) -> None:
    """Closed at the second ceremony, the next sign-in goes on with it."""
    newcomer.window.sign_in.begin()
    make_village(newcomer)
    step(newcomer, "operator")
    keys("\n")
    step(newcomer, "cadangan")
    newcomer.window.lock()
    page = newcomer.window.sign_in
    locked(newcomer)
    page.passphrase.setFocus()
    QTest.keyClicks(page.passphrase, WORDS)
    with qtbot.waitSignal(newcomer.window.ready, timeout=30_000):
        newcomer.press(Key.Enter)
    step(newcomer, "cadangan")
    dialog().reject()


def test_an_invitation_leads_to_the_pairing(newcomer: Operator) -> None:
    """Who has the Dinsos' invitation goes on with it; nothing was made on the way."""
    from siks_offline.ui.pairing_dialog import PairingDialog

    newcomer.window.sign_in.begin()
    step(newcomer, "tujuan")
    keys("\n")
    step(newcomer, "asal")
    choices = dialog()._lines["asal"].findChildren(QRadioButton)
    QTest.keyClick(choices[0], Key.Down)
    assert choices[1].isChecked()
    keys("\n")
    newcomer.until(lambda: bool(newcomer.window.sign_in.findChildren(PairingDialog)))
    assert dialogs_open() == []
    assert newcomer.window.sign_in.empty
