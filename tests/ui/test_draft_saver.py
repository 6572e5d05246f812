"""A disk that takes nothing: what is typed is kept in memory, told of, and tried again."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QDialog

from siks_offline.desa import accounts, resume, visit
from siks_offline.errors import StoreError
from siks_offline.model import Changes
from siks_offline.ui import dialogs
from siks_offline.ui.draft_saver import DraftSaver
from tests.ui import worlds
from tests.ui.conftest import HOUSEHOLD, Key, Operator

if TYPE_CHECKING:
    from collections.abc import Callable

Talks = list[tuple[str, str]]


class Disk:
    """Takes drafts, or has no room."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        self.refused = 0
        self._keep: Callable[..., Any] = resume.keep
        monkeypatch.setattr(resume, "keep", self.keep)

    def keep(self, *given: Any) -> Any:
        if self.full:
            self.refused += 1
            raise StoreError("E_DISK_FULL")
        return self._keep(*given)

    def make_room(self, _talk: dialogs.Talk) -> bool:
        """Answer a dialog: there is room now, and nothing is let go."""
        self.full = False
        return False


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def answers(monkeypatch: pytest.MonkeyPatch, *decide: Callable[[dialogs.Talk], bool]) -> Talks:
    """Answer the dialogs that come, in this order; return their words."""
    said: Talks = []
    left = list(decide)

    def exec_(talk: dialogs.Talk) -> int:
        said.append((talk.heading.text(), talk.detail.text()))
        yes = left.pop(0)(talk)
        QTimer.singleShot(0, talk, talk.accept if yes else talk.reject)
        return QDialog.exec(talk)

    monkeypatch.setattr(dialogs.Talk, "exec", exec_)
    return said


def note_of(desk: Operator, number: int) -> str:
    assert desk.window.desk is not None
    opened = visit.open_visit(desk.window.desk.village, HOUSEHOLD.format(number), worlds.NOW)
    return str(opened.state.answers().get("catatan") or "")


def type_note(desk: Operator, number: int, words: str) -> None:
    desk.open_household(number)
    desk.form.go("catatan")
    desk.type(words)
    desk.press(Key.Tab)


def test_leaving_a_household_on_a_full_disk_keeps_its_answers_until_they_fit(
    desk: Operator, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_note(desk, 4, "jalan di belakang masjid")
    disk.full = True
    talks = answers(monkeypatch, lambda _: False, disk.make_room)
    desk.window.show_page("prelist")
    desk.until(lambda: len(talks) == 2)
    desk.until(lambda: note_of(desk, 4) == "jalan di belakang masjid")
    assert disk.refused == 2
    assert all("belum tersimpan" in heading and "E_DISK_FULL" in words for heading, words in talks)


def test_only_the_named_button_lets_the_last_answers_go(
    desk: Operator, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_note(desk, 4, "pagar biru")
    disk.full = True
    talks = answers(monkeypatch, lambda _: True)
    desk.window.show_page("prelist")
    desk.until(lambda: len(talks) == 1)
    disk.full = False
    desk.window.activateWindow()  # as every desktop does when a dialog goes
    desk.open_household(5)
    assert note_of(desk, 4) == ""


def test_who_was_told_of_a_full_disk_is_asked_before_the_household_is_left(
    desk: Operator, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.full = True
    talks = answers(monkeypatch, lambda _: True, lambda _: False, lambda _: True)
    type_note(desk, 4, "pagar biru")
    desk.until(lambda: len(talks) == 1)  # told once that nothing is kept
    desk.window.show_page("prelist")
    assert len(talks) == 2, talks
    assert desk.window.current is desk.visit  # the question is answered with no
    disk.full = False
    desk.form.go("catatan")
    desk.type("s")
    desk.press(Key.Tab)
    desk.until(lambda: desk.visit.saver and desk.visit.saver.trouble is None)
    assert note_of(desk, 4) == "pagar birus"
    desk.window.show_page("prelist")
    assert len(talks) == 2


def test_closing_the_window_on_a_full_disk_asks_until_the_answers_fit(
    desk: Operator, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_note(desk, 4, "pagar biru")
    assert desk.window.desk is not None
    folder = desk.window.desk.village.folder
    disk.full = True
    talks = answers(monkeypatch, lambda _: False, disk.make_room)
    desk.window.close()
    assert desk.window.desk is None
    assert len(talks) == 2
    with accounts.open_village(folder, worlds.ACCOUNT, worlds.PASSPHRASE) as village:
        kept = visit.open_visit(village, HOUSEHOLD.format(4), worlds.NOW).state.answers()
    assert kept["catatan"] == "pagar biru"


def test_the_lock_asks_nobody(desk: Operator, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.full = True
    talks = answers(monkeypatch, lambda _: True)
    type_note(desk, 4, "pagar biru")
    desk.until(lambda: len(talks) == 1)
    desk.window.lock()
    desk.until(lambda: desk.window.desk is None and desk.window.sign_in.enter.isEnabled())
    assert len(talks) == 1


def test_a_household_that_was_left_is_held_in_memory_no_longer(desk: Operator) -> None:
    for number in (4, 5, 6, 7):
        type_note(desk, number, "pagar")
    desk.until(lambda: note_of(desk, 6) == "pagar")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    held = [
        one for one in gc.get_objects() if isinstance(one, DraftSaver) and one._visit is not None
    ]
    assert {one.household_id for one in held} <= {HOUSEHOLD.format(7)}


class Held(QObject):
    """A task of the database that ends when a test says so."""

    finished = Signal(object)
    failed = Signal(object)


def test_saved_is_said_when_all_that_was_typed_is(qtbot: Any) -> None:
    """A second answer was handed over while the first was still being written."""
    tasks: list[Held] = []
    now = datetime(2026, 11, 22, tzinfo=UTC)
    desk: Any = SimpleNamespace(
        now=lambda: now, task=lambda _work: Held(), start=tasks.append, closed=False
    )
    opened: Any = SimpleNamespace(line=SimpleNamespace(id="x"), snapshot=lambda: None)
    parent = QObject()
    saver = DraftSaver(desk, opened, parent)
    said: list[str] = []
    saver.saved.connect(said.append)
    for _ in range(2):
        saver.answer()
        saver.save()
    tasks[0].finished.emit(Changes())
    assert said == []
    tasks[1].finished.emit(Changes())
    assert len(said) == 1
