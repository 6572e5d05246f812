"""Work off the thread: one ending each, stoppable, and no reference lost."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThreadPool, Signal

from siks_offline.errors import SiksError
from siks_offline.ui import task as tasks
from siks_offline.ui.task import Task

if TYPE_CHECKING:
    import pytest
    from pytestqt.qtbot import QtBot

    from siks_offline.progress import Progress


class Listener(QObject):
    """Hears how a task ended."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.heard: list[tuple[str, object]] = []
        task.finished.connect(self.finished)
        task.failed.connect(self.failed)
        task.cancelled.connect(self.cancelled)

    def finished(self, result: object) -> None:
        self.heard.append(("finished", result))

    def failed(self, error: object) -> None:
        self.heard.append(("failed", error))

    def cancelled(self) -> None:
        self.heard.append(("cancelled", None))


def run(qtbot: QtBot, work: object, *, cancel: bool = False) -> list[tuple[str, object]]:
    task = Task(work)  # type: ignore[arg-type]
    listener = Listener(task)
    if cancel:
        task.cancel()
    task.start()
    qtbot.waitUntil(lambda: task not in tasks._running, timeout=5_000)
    return listener.heard


def test_a_result_comes_once(qtbot: QtBot) -> None:
    """What the work gives arrives on the UI thread, once."""
    assert run(qtbot, lambda _: 42) == [("finished", 42)]


def test_a_known_fault_comes_as_itself(qtbot: QtBot) -> None:
    """A SiksError arrives whole, with its code."""

    def work(_progress: Progress) -> None:
        raise SiksError("E_SECOND_COPY")

    [(how, error)] = run(qtbot, work)
    assert how == "failed"
    assert isinstance(error, SiksError)
    assert error.code == "E_SECOND_COPY"


def test_a_bug_is_logged_and_told(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    """Any other exception is a bug: it is in the log, and the window hears of it."""
    [(how, error)] = run(qtbot, lambda _: 1 / 0)
    assert how == "failed"
    assert isinstance(error, ZeroDivisionError)
    assert "A task failed" in caplog.text


def test_a_stopped_task_ends_as_stopped(qtbot: QtBot) -> None:
    """Stopping takes hold at the next report of progress."""

    def work(progress: Progress) -> int:
        progress(1, 2)
        return 1

    assert run(qtbot, work, cancel=True) == [("cancelled", None)]


def test_a_task_outlives_whoever_started_it(qtbot: QtBot) -> None:
    """Nobody need hold a task: it lives until its last signal is delivered."""
    done: list[int] = []

    class Page(QObject):
        def hear(self, result: int) -> None:
            done.append(result)

    page = Page()

    def begin() -> None:
        task = Task(lambda _: 7)
        task.finished.connect(page.hear)
        task.start(QThreadPool.globalInstance())

    begin()
    qtbot.waitUntil(lambda: bool(done), timeout=5_000)
    assert done == [7]


def test_signals_lose_no_reference_to_true(qtbot: QtBot) -> None:
    """PySide6 6.12.0 loses one reference to True an emit and aborts after some 570 of them."""

    class Sender(QObject):
        told = Signal(bool)

    heard = []
    sender = Sender()
    sender.told.connect(heard.append)
    before = sys.getrefcount(True)
    for _ in range(50):
        sender.told.emit(True)
    heard.clear()
    assert sys.getrefcount(True) >= before - 5
