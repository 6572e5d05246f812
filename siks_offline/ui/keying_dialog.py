"""A household's chosen fields are typed once more from the paper, then held against the first time.

The first answers are not in this window until the second are kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from siks_offline.errors import AnswersError
from siks_offline.instrument import fields
from siks_offline.instrument.numbering import split_label
from siks_offline.model import Changes
from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.choices import Lines
from siks_offline.ui.dialogs import Talk
from siks_offline.ui.editors import EDITORS, Editor
from siks_offline.ui.line import Line
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.db.keyings import Difference
    from siks_offline.desa.second_keying import Due, Paper, Settled
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

LEAST_WIDTH, LEAST_HEIGHT = 640, 460
_ENTRY = re.compile(r"\[(\d+)\]")


def heading(paper: Paper, path: str) -> str:
    """Return what a path asks, with the number and name of the entry it belongs to."""
    place, _, name = path.rpartition(".")
    number, words = split_label(paper.instrument.questions[name].label)
    entry = _ENTRY.search(path)
    asked = f"{number} {words}".strip()
    if entry is None:
        return asked
    who = paper.names.get(place, "")
    return text("ui.ketik_ulang.orang" if who else "ui.ketik_ulang.baris",
                nomor=entry[1], nama=who, tanya=asked)  # fmt: skip


class KeyingDialog(QDialog):
    """Lines for the chosen fields; Enter walks, after the last one the two keyings are compared."""

    ended = Signal(object)
    """The Changes it made; it is closed."""

    def __init__(self, desk: Desk, due: Due, who: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self._due = desk, due
        self._paper: Paper | None = None
        self._open: list[Difference] = []
        self._lines: list[tuple[str, Editor]] = []
        self.setWindowTitle(text("umum.aplikasi"))
        self.setModal(True)
        self.setMinimumSize(theme.px(LEAST_WIDTH), theme.px(LEAST_HEIGHT))
        title = PlainLabel(text("ui.ketik_ulang.judul", nama=who), face="title", wrap=True)
        words = PlainLabel(text("ui.ketik_ulang.pengantar"), tone="secondary", wrap=True)
        self.said = PlainLabel(wrap=True)
        self.said.setObjectName("faultNote")
        self.said.hide()
        self._body = QWidget()
        self._body.setObjectName("surface")
        self._grid = QGridLayout(self._body)
        self._grid.setHorizontalSpacing(2 * theme.STEP)
        self._grid.setVerticalSpacing(theme.STEP // 2)
        self._grid.setColumnStretch(0, 1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._body)
        self.keep = button(text("ui.ketik_ulang.bandingkan"), primary=True)
        self.keep.setEnabled(False)
        self.keep.clicked.connect(self.compare)
        later = button(text("ui.dialog.batal"))
        later.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(later)
        buttons.addWidget(self.keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(3 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP)
        for one in (title, words, self.said):
            column.addWidget(one)
        column.addWidget(self._area, 1)
        column.addLayout(buttons)
        self._read()

    def compare(self) -> None:
        """Keep what was typed and learn where it differs."""
        typed = {path: editor.answer_words() for path, editor in self._lines}
        empty = next((editor for _, editor in self._lines if not editor.text().strip()), None)
        if empty is not None:
            self.said.setText(text("ui.ketik_ulang.kosong"))
            self.said.show()
            empty.setFocus()
            return
        assert self._paper is not None
        sha256, reason, now = self._paper.sha256, self._due.reason, self._desk.now()

        def work(village: Village, _progress: Progress) -> tuple[Difference, ...]:
            from siks_offline.desa import second_keying

            return second_keying.compare(village, sha256, reason, typed, now)

        self.keep.setEnabled(False)
        task = self._desk.task(work)
        task.finished.connect(self._compared)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def _read(self) -> None:
        id_ = self._due.household_id

        def work(village: Village, _progress: Progress) -> Paper:
            from siks_offline.desa import second_keying

            return second_keying.paper(village, id_)

        task = self._desk.task(work)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def _show(self, paper: Paper) -> None:
        self._paper = paper
        paths = paper.paths
        for row, path in enumerate(paths):
            question = paper.instrument.questions[path.rpartition(".")[2]]
            editor = EDITORS[question.type].make(question, self._body)
            asked = heading(paper, path)
            label = PlainLabel(asked, wrap=True)
            label.setBuddy(editor)
            editor.setAccessibleName(asked)
            editor.setFixedWidth(theme.px(200))
            editor.stepped.connect(self._step)
            editor.crossed.connect(self._step)
            editor.typed.connect(self._typed)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(editor, row, 1)
            self._lines.append((path, editor))
        self._grid.setRowStretch(len(paths), 1)
        self.keep.setEnabled(bool(paths))
        if self._lines:
            self._lines[0][1].setFocus()

    def _typed(self) -> None:
        editor = self.sender()
        if not isinstance(editor, Editor) or self._paper is None:
            return
        if editor.at_end() and editor.full(self._paper.instrument.options(editor.question.name)):
            self._step(1)

    def _step(self, by: int) -> None:
        editors = [editor for _, editor in self._lines]
        here = next((at for at, editor in enumerate(editors) if editor.hasFocus()), -1)
        at = here + by
        if 0 <= at < len(editors):
            editors[at].setFocus()
            self._area.ensureWidgetVisible(editors[at], 0, 2 * theme.ROW)
        elif at >= len(editors):
            self.keep.setFocus()

    def _compared(self, found: tuple[Difference, ...]) -> None:
        self._open = list(found)
        if not found:
            self._end(Changes(), text("ui.ketik_ulang.sama"))
            return
        self._next()

    def _next(self) -> None:
        assert self._paper is not None
        one = self._open[0]
        right = ask_right(self, self._paper, one)
        if right is None:
            self._end(Changes(), text("ui.ketik_ulang.nanti"))
            return
        settle(self._desk, self._paper.sha256, one.path, right, self._settled, self._failed)

    def _settled(self, done: Settled) -> None:
        self._open.pop(0)
        if self._open:
            self._next()
            return
        key = "dikembalikan" if done.returned else "diperbaiki" if done.corrected else "benar"
        self._end(done.changes, text(f"ui.ketik_ulang.{key}"))

    def _end(self, changes: Changes, words: str) -> None:
        self.ended.emit((changes, words))
        self.accept()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
        self.reject()


def settle(
    desk: Desk,
    sha256: str,
    path: str,
    right: str,
    then: Callable[[Settled], None],
    failed: Callable[[Exception], None],
) -> None:
    """Decide one difference on the database thread."""
    now = desk.now()

    def work(village: Village, _progress: Progress) -> Settled:
        from siks_offline.desa import second_keying

        return second_keying.settle(village, sha256, path, right, now)

    task = desk.task(work)
    task.finished.connect(then)
    task.failed.connect(failed)
    desk.start(task)


class RightTalk(Talk):
    """Which of two keyings the paper bears out: 1, 2, or what the paper really says."""

    def __init__(self, parent: QWidget | None, paper: Paper, one: Difference) -> None:
        question = paper.instrument.questions[one.path.rpartition(".")[2]]
        super().__init__(parent, heading(paper, one.path), text("ui.ketik_ulang.mana"))
        self.question = question
        self._both = (one.first, one.second)
        self._options = paper.instrument.options(question.name)
        self.choices = Lines()
        self.choices.setAccessibleName(text("ui.ketik_ulang.mana"))
        for number, answer in enumerate(self._both, 1):
            shown = fields.line(question, answer) or text("ui.kunjungan.kosong")
            self.choices.addItem(text("ui.ketik_ulang.pilihan", nomor=number, isi=shown))
        self.choices.setCurrentRow(0)
        self.choices.setFixedHeight(theme.px(32) * 2 + 6)
        self.choices.installEventFilter(self)
        self.own = Line()
        self.own.setFont(theme.entry())
        self.own.setPlaceholderText(text("ui.ketik_ulang.lain"))
        self.own.setAccessibleName(text("ui.ketik_ulang.lain"))
        self.words.addWidget(self.choices)
        self.words.addWidget(self.own)
        self.add_button(text("ui.ketik_ulang.tunda"), 0)
        self.add_button(text("ui.ketik_ulang.ini"), 1, primary=True)
        self.choices.setFocus()

    @property
    def right(self) -> str:
        """The answer that the paper has: what was typed, else the chosen keying."""
        own = self.own.text().strip()
        return own or self._both[max(0, self.choices.currentRow())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """1 and 2 choose, 3 goes to the line, Enter takes."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.text() in ("1", "2"):
                self.choices.setCurrentRow(int(event.text()) - 1)
                return True
            if event.text() == "3":
                self.own.setFocus()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._yes()
                return True
        return super().eventFilter(watched, event)

    def _yes(self) -> None:
        try:
            fields.read(self.question, self.right, self._options)
        except AnswersError as error:
            self.detail.setText(f"{error.message} {error.remedy}")
            self.own.setFocus()
            return
        self.accept()


def ask_right(parent: QWidget, paper: Paper, one: Difference) -> str | None:
    """Ask which keying is right; None when the paper is to be looked at later."""
    talk = RightTalk(parent, paper, one)
    return talk.right if talk.exec() == QDialog.DialogCode.Accepted else None
