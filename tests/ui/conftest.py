"""What the tests of the window share: the theme, a village, a window on it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from siks_offline.ui import dialogs, theme
from siks_offline.ui.main_window import MainWindow
from tests.ui import worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication, QWidget
    from pytestqt.qtbot import QtBot

    from siks_offline.ui.form_view import FormView
    from siks_offline.ui.visit_page import VisitPage

HOUSEHOLD = "00000000-0000-4000-8000-{:012}"


@pytest.fixture(scope="session", autouse=True)
def face(qapp: QApplication) -> None:
    """Every test sees the program's own colours and type."""
    theme.apply(qapp)


@pytest.fixture(autouse=True)
def no_surprise(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog that no test expects would wait for ever: it fails instead, with its words."""

    def surprise(talk: dialogs.Talk) -> int:
        raise AssertionError(f"{talk.heading.text()} {talk.detail.text()}")

    def surprising_file(*_: object, **__: object) -> None:
        raise AssertionError("a file dialog opened that the test did not expect")

    monkeypatch.setattr(dialogs.Talk, "exec", surprise)
    for name in ("getOpenFileName", "getSaveFileName", "getExistingDirectory"):
        monkeypatch.setattr(QFileDialog, name, surprising_file)


@pytest.fixture(scope="session")
def made_village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with one practice village of sixty households; copied, never opened."""
    root = tmp_path_factory.mktemp("desa")
    worlds.make_village(root / "sukamaju").close()
    return root


@pytest.fixture
def root(made_village: Path, tmp_path: Path) -> Path:
    """A copy of the village for one test."""
    target = tmp_path / "data"
    shutil.copytree(made_village, target)
    return target


class Operator:
    """A person at the window who has a keyboard and no mouse."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self._qtbot = qtbot

    @property
    def visit(self) -> VisitPage:
        """The visit page."""
        return self.window.pages["kunjungan"]  # type: ignore[return-value]

    @property
    def form(self) -> FormView:
        """The form in front."""
        assert self.visit.form is not None
        return self.visit.form

    @property
    def here(self) -> str:
        """The path that the caret stands at."""
        return self.form.current.path if self.form.current else ""

    def focus(self) -> QWidget:
        """The widget that has the caret."""
        found = self.window.focusWidget()
        assert found is not None
        return found

    def type(self, words: str) -> None:
        """Type characters where the caret is; each goes where the caret is by then."""
        for character in words:
            QTest.keyClicks(self.focus(), character)

    def press(self, key: Any, modifier: Any = None) -> None:
        """Press one key."""
        if modifier is None:
            QTest.keyClick(self.focus(), key)
        else:
            QTest.keyClick(self.focus(), key, modifier)

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds; the event loop turns meanwhile."""
        self._qtbot.waitUntil(lambda: bool(holds()), timeout=60_000)

    def sign_in(self) -> None:
        """Type the passphrase and wait for the first page with its numbers."""
        with self._qtbot.waitSignal(self.window.ready, timeout=60_000):
            self.window.sign_in.passphrase.setFocus()
            self.type(worlds.PASSPHRASE)
            self.press(Key.Enter)
        home: Any = self.window.pages["beranda"]
        if home._survey is None:
            with self._qtbot.waitSignal(home.shown, timeout=60_000):
                pass

    def open_household(self, number: int) -> None:
        """Open a household's visit."""
        self.window.show_page("kunjungan", HOUSEHOLD.format(number))
        self.until(
            lambda: (
                self.visit.visit is not None
                and self.visit.visit.line.id == HOUSEHOLD.format(number)
                and self.form.current is not None
            )
        )


class Key:
    """The keys of the map, by the names people call them."""

    from PySide6.QtCore import Qt

    Enter = Qt.Key.Key_Return
    Space = Qt.Key.Key_Space
    Tab = Qt.Key.Key_Tab
    BackTab = Qt.Key.Key_Backtab
    Down = Qt.Key.Key_Down
    Up = Qt.Key.Key_Up
    Escape = Qt.Key.Key_Escape
    F2 = Qt.Key.Key_F2
    F4 = Qt.Key.Key_F4
    F5 = Qt.Key.Key_F5
    F6 = Qt.Key.Key_F6
    F7 = Qt.Key.Key_F7
    F8 = Qt.Key.Key_F8
    F9 = Qt.Key.Key_F9
    F12 = Qt.Key.Key_F12
    Shift = Qt.KeyboardModifier.ShiftModifier
    Control = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(root: Path, qtbot: QtBot) -> Iterator[MainWindow]:
    """A window on the village, signed out."""
    made = MainWindow(root, worlds.now)
    made.resize(1366, 728)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=20_000)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def operator(window: MainWindow, qtbot: QtBot) -> Operator:
    """A person at the window, signed out."""
    return Operator(window, qtbot)


@pytest.fixture
def desk(operator: Operator) -> Operator:
    """A person at the window, signed in."""
    operator.sign_in()
    return operator
