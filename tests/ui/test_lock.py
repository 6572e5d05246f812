"""The lock: by key, by an empty chair, by Windows; it leaves nothing personal on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QMimeData, QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from siks_offline.desa import accounts, idle_time, staff
from siks_offline.ui import clipboard, dialogs, idle
from siks_offline.ui.main_window import MainWindow
from tests.ui import worlds
from tests.ui.conftest import HOUSEHOLD, Key, Operator

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

NIK = "3301019999990001"
NAME = "ZZUJI<img src=x>"
OWN = "lesung bertalu sampai petang"


def columns_of(model: QAbstractItemModel) -> int:
    return 1 if isinstance(model, QAbstractListModel) else model.columnCount(QModelIndex())


def words_of(widget: QWidget) -> list[str]:
    """Everything that a widget can say: its texts by whatever name, and its model's."""
    found = []
    for name in (
        "text", "toPlainText", "currentText", "title", "placeholderText", "displayText",
        "windowTitle", "toolTip", "whatsThis", "statusTip", "accessibleName",
        "accessibleDescription",
    ):  # fmt: skip
        said = getattr(widget, name, None)
        if callable(said):
            found.append(str(said()))
    model = getattr(widget, "model", None)
    if callable(model) and isinstance(model := model(), QAbstractItemModel):
        found += [
            str(model.index(row, column).data(role))
            for row in range(min(model.rowCount(QModelIndex()), 50))
            for column in range(columns_of(model))
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        ]
    return found


def everything_said() -> str:
    return "\n".join(line for one in QApplication.allWidgets() for line in words_of(one))


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch's clock stands: how long a machine takes for a test says nothing of the chair."""
    now = idle._awake()
    monkeypatch.setattr(idle, "_awake", lambda: now)


@pytest.fixture
def personal(desk: Operator) -> Operator:
    """Somebody in the middle of a household whose name and NIK nobody may see after the lock."""
    desk.open_household(4)
    form = desk.form
    form.go("nama_krt")
    desk.type(NAME)
    desk.press(Key.Enter)
    form.go("nomor_nik")
    desk.type(NIK[:15])
    return desk


def leave_alone(desk: Operator, minutes: float) -> None:
    """Let the watch believe that the last key was so long ago."""
    assert desk.window.guard is not None
    desk.window.guard.idle._last -= minutes * 60
    desk.window.guard.idle.look()


def locked(desk: Operator) -> None:
    desk.until(lambda: desk.window.desk is None and desk.window.sign_in.enter.isEnabled())
    desk.until(lambda: not desk.window.findChildren(QWidget, "rail"))


def test_idle_lock_leaves_nothing_personal(personal: Operator, qtbot: QtBot) -> None:
    """S5: five minutes without a key, and no widget, model or pixel tells of anybody."""
    window = personal.window
    assert NAME in everything_said()
    leave_alone(personal, 4.5)
    assert window.desk is not None
    village = window.desk.village
    leave_alone(personal, 0.6)
    locked(personal)
    said = everything_said()
    for secret in (NAME, "ZZUJI", NIK[:15], worlds.name(4), worlds.name(1)):
        assert secret not in said
    assert village.store.key == b""
    assert not hasattr(village, "keys")
    fresh = MainWindow(window.sign_in._root, worlds.now)
    qtbot.addWidget(fresh)
    fresh.resize(window.size())
    fresh.show()

    def alike() -> bool:
        for one in (
            window,
            fresh,
        ):  # the caret blinks, and a new window takes its time to be active
            one.sign_in.passphrase.setFocus()
            one.sign_in.passphrase.clearFocus()
        return window.grab().toImage() == fresh.grab().toImage()

    personal.until(alike)


def test_idle_lock_kills_shortcuts_and_pages(personal: Operator) -> None:
    """Nothing behind the sign-in page answers a key any more."""
    window = personal.window
    leave_alone(personal, 6)
    locked(personal)
    for key, modifier in (
        (Qt.Key.Key_E, Key.Control), (Qt.Key.Key_N, Key.Control), (Qt.Key.Key_F3, None),
        (Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_Z, Key.Control),
    ):  # fmt: skip
        personal.press(key, modifier)
    assert window.desk is None
    assert window.pages == {}
    assert window.sign_in.passphrase.text() == ""
    window.show_page("beranda")
    assert window.pages == {}


def test_the_same_person_goes_on_where_they_were(personal: Operator) -> None:
    """After the lock the same account stands at the same household, question and half-typed NIK."""
    personal.press(Qt.Key.Key_L, Key.Control)
    locked(personal)
    personal.sign_in()
    personal.until(lambda: personal.window.current is personal.window.pages["kunjungan"])
    personal.until(lambda: personal.visit.visit is not None and personal.here == "nomor_nik")
    assert personal.visit.visit is not None
    assert personal.visit.visit.line.id == HOUSEHOLD.format(4)
    assert personal.form.current is not None
    assert personal.form.current.editor.text() == NIK[:15]


def test_another_person_takes_a_draft_over_openly(
    personal: Operator, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another account begins at the first page, and somebody's draft opens only after a yes."""
    personal.press(Qt.Key.Key_L, Key.Control)
    locked(personal)
    folder = root / "sukamaju"
    with accounts.open_village(folder, worlds.ACCOUNT, worlds.PASSPHRASE) as village:
        code = staff.add(village, "budi", "operator", worlds.NOW).code
    accounts.first_sign_in(folder, "budi", code, OWN, worlds.NOW).close()
    page = personal.window.sign_in
    page.show_villages(root)
    page.account.setCurrentText("budi")
    page.passphrase.setFocus()
    monkeypatch.setattr(worlds, "PASSPHRASE", OWN)
    personal.sign_in()
    assert personal.window.current is personal.window.pages["beranda"]
    asked: list[str] = []

    def refused(*words: Any) -> bool:
        asked.append(" ".join(map(str, words[1:])))
        return False

    monkeypatch.setattr(dialogs, "ask", refused)
    personal.window.show_page("kunjungan", HOUSEHOLD.format(4))
    personal.until(lambda: bool(asked))
    assert "operator" in asked[0]
    assert personal.visit.visit is None


def test_a_dialog_does_not_hold_the_lock_open(personal: Operator) -> None:
    """What stands open above the window goes without an answer, and the lock goes on."""
    talk = dialogs.Talk(personal.window, NAME, NIK)
    talk.open()
    leave_alone(personal, 6)
    locked(personal)
    assert not talk.isVisible()


def test_the_minutes_are_the_villages_own(desk: Operator) -> None:
    """One to thirty minutes, for everybody of the village, from the next sign-in at the latest."""
    assert desk.window.desk is not None
    village = desk.window.desk.village
    assert village.idle_minutes == idle_time.USUAL
    assert [idle_time.keep(village, wanted, worlds.NOW) for wanted in (0, 12, 99)] == [1, 12, 30]
    desk.window.lock()
    locked(desk)
    desk.sign_in()
    assert desk.window.guard is not None
    assert desk.window.guard.idle.minutes == 30
    leave_alone(desk, 29)
    assert desk.window.desk is not None


def test_a_key_begins_the_minutes_anew(desk: Operator) -> None:
    """Whoever works is never locked out."""
    guard = desk.window.guard
    assert guard is not None
    guard.idle._last -= 299
    handle = desk.window.windowHandle()
    assert handle is not None
    guard.idle._listen(handle)
    QTest.keyClick(handle, Qt.Key.Key_Shift)
    leave_alone(desk, 1)
    assert desk.window.desk is not None


def test_a_machine_that_slept_wakes_up_locked(desk: Operator) -> None:
    """The lid was closed: the clock that goes on in sleep has jumped."""
    assert desk.window.guard is not None
    desk.window.guard.idle._tick -= idle.ASLEEP_S + 1
    desk.window.guard.idle.look()
    locked(desk)


@pytest.mark.parametrize(
    ("message", "parameter", "locks"),
    [
        (idle.WM_WTSSESSION_CHANGE, idle.WTS_SESSION_LOCK, True),
        (idle.WM_POWERBROADCAST, idle.PBT_APMSUSPEND, True),
        (idle.WM_POWERBROADCAST, 0x000A, False),
    ],
)
def test_windows_says_lock_and_the_window_locks(
    desk: Operator, message: int, parameter: int, locks: bool
) -> None:
    """A locked session or a closing lid locks at once; other news of the power does not."""
    import ctypes.wintypes

    told = ctypes.wintypes.MSG(message=message, wParam=parameter)
    assert desk.window.guard is not None
    hears = desk.window.guard.idle._session
    assert hears.nativeEventFilter(b"windows_generic_MSG", ctypes.addressof(told)) == (False, 0)
    QTest.qWait(50)
    assert (desk.window.desk is None) == locks


@pytest.mark.parametrize("number", [NIK, "330101 999999 0001", "3301.0199.9999.0001"])
def test_a_copied_nik_leaves_the_clipboard(desk: Operator, number: str) -> None:
    """Half a minute after it was copied, and at the lock whatever was copied."""
    board = QGuiApplication.clipboard()
    assert desk.window.guard is not None
    guard = desk.window.guard.clipboard
    board.setText(f"NIK {number}")
    assert guard._timer.isActive()
    assert guard._timer.interval() == clipboard.CLEAR_AFTER_MS == 30_000
    board.setText("bukan nomor")
    assert not guard._timer.isActive()
    board.setText(number)
    guard._timer.timeout.emit()
    assert board.text() == ""
    mime = QMimeData()
    mime.setText("SITI AMINAH")
    board.setMimeData(mime)
    desk.window.lock()
    locked(desk)
    assert board.text() == ""
