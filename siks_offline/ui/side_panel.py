"""The panel on the right: help on the question, its codes, and every issue of the household."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from siks_offline.instrument.numbering import split_label
from siks_offline.texts import text
from siks_offline.ui import icons, theme
from siks_offline.ui.plain import PlainLabel, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize

    from siks_offline.db.notes import Remark
    from siks_offline.instrument.engine import FormState
    from siks_offline.instrument.schema import Choice
    from siks_offline.model import Issue

WIDTH = 290
NARROW = 232
"""Width where the window itself is narrow."""
FEW = 8
"""A list of more codes gets a line to filter it."""
MANY = 500
"""Sizes of issues that are remembered at most."""


class WholeWords(QStyledItemDelegate):
    """Gives an issue the height of all its words: Qt forgets the padding of the style sheet."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._known: dict[tuple[str, int], QSize] = {}

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the size that the words take beside the padding; the list asks again and again."""
        key = (index.data(), option.rect.width())
        found = self._known.get(key)
        if found is None:
            narrower = QStyleOptionViewItem(option)
            narrower.rect = option.rect.adjusted(0, 0, -2 * theme.STEP, 0)
            if len(self._known) > MANY:
                self._known.clear()
            found = self._known[key] = super().sizeHint(narrower, index)
        return found


class SidePanel(QFrame):
    """Follows the caret. F2 comes here for a code, F9 for the issues; Esc goes back."""

    picked = Signal(str)
    """A code was chosen."""
    asked = Signal(object)
    """An Issue was chosen."""
    noted = Signal(object)
    """A Remark was chosen."""
    settled = Signal(object)
    """A Remark is done with."""
    left = Signal()
    """The caret wants back into the form."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setFixedWidth(theme.px(WIDTH))
        self._choices: tuple[Choice, ...] = ()
        self._issues: list[Issue] = []
        self._places: dict[int, str] = {}
        self._remarks: Sequence[tuple[Remark, str, str]] = ()
        self.number = PlainLabel(tone="secondary", face="strong")
        self.words = PlainLabel(wrap=True, face="strong")
        self.hint = PlainLabel(tone="secondary", wrap=True)
        self.last = PlainLabel(wrap=True, tone="accent")
        self.last.hide()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(text("ui.kunjungan.saring_kode"))
        self.filter.setAccessibleName(text("ui.kunjungan.saring_kode"))
        self.filter.textEdited.connect(self._filter)
        self.filter.installEventFilter(self)
        self.codes = QListWidget()
        self.codes.setAccessibleName(text("ui.kunjungan.daftar_kode"))
        self.codes.setWordWrap(True)
        self.codes.setResizeMode(QListView.ResizeMode.Adjust)
        self.codes.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.codes.itemClicked.connect(self._pick)
        self.codes.installEventFilter(self)
        self.alike = PlainLabel(wrap=True, face="small")
        self.alike.setObjectName("confirmNote")
        self.alike.hide()
        self.issues_words = PlainLabel(face="strong")
        self.issues = QListWidget()
        self.issues.setObjectName("issues")
        self.issues.setAccessibleName(text("ui.kunjungan.daftar_masalah"))
        self.issues.setWordWrap(True)
        self.issues.setItemDelegate(WholeWords(self.issues))
        self.issues.setResizeMode(QListView.ResizeMode.Adjust)
        self.issues.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.issues.itemClicked.connect(self._ask)
        self.issues.installEventFilter(self)
        self.issues_help = PlainLabel(
            text("ui.kunjungan.masalah_bantuan"), tone="secondary", wrap=True, face="small"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.STEP + 4,) * 4)
        column.setSpacing(theme.STEP // 2)
        column.addWidget(self.number)
        column.addWidget(self.words)
        column.addWidget(self.hint)
        column.addWidget(self.last)
        column.addSpacing(theme.STEP // 2)
        column.addWidget(self.filter)
        column.addWidget(self.codes, 3)
        column.addStretch(1)
        column.addWidget(self.alike)
        column.addWidget(rule())
        column.addWidget(self.issues_words)
        column.addWidget(self.issues, 4)
        column.addWidget(self.issues_help)
        self.filter.hide()
        self.codes.hide()
        self.show_issues((), {})

    def show_question(self, state: FormState, path: str) -> None:
        """Show help and codes of the question that the caret is in."""
        number, words = split_label(state.label(path))
        self.number.setText(text("ui.kunjungan.nomor", nomor=number) if number else "")
        self.number.setVisible(bool(number))
        self.words.setText(words)
        hint = state.hint(path)
        wanted = text("ui.kunjungan.wajib" if state.required(path) else "ui.kunjungan.boleh_kosong")
        self.hint.setText(f"{hint} {wanted}".strip())
        choices = state.choices(path)
        if choices != self._choices:
            self._choices = choices
            self.filter.clear()
            self._fill(choices)
        chosen = state.value(path).split()
        for at in range(self.codes.count()):
            item = self.codes.item(at)
            item.setSelected(item.data(Qt.ItemDataRole.UserRole) in chosen)
        self.filter.setVisible(len(choices) > FEW)
        self.codes.setVisible(bool(choices))

    def show_last(self, words: str) -> None:
        """Show what the last period's visit answered here; nothing for no words."""
        self.last.setText(words)
        self.last.setVisible(bool(words))

    def show_issues(self, issues: Sequence[Issue], places: dict[int, str]) -> None:
        """List the issues, each with where it is in words; `places` by position."""
        self._issues, self._places = list(issues), places
        row = self.issues.currentRow()
        self.issues.clear()
        for at, issue in enumerate(issues):
            soft = issue.level == "konfirmasi"
            key = "ui.kunjungan.masalah_lunak" if soft else "ui.kunjungan.masalah_keras"
            item = QListWidgetItem(text(key, tempat=places.get(at, ""), pesan=issue.message))
            tone = theme.colours.confirm if soft else theme.colours.fault
            item.setIcon(icons.icon("confirm" if soft else "fault", tone))
            self.issues.addItem(item)
        for _, place, words in self._remarks:
            item = QListWidgetItem(text("ui.kunjungan.masalah_keras", tempat=place, pesan=words))
            item.setIcon(icons.icon("comment", theme.colours.confirm))
            self.issues.addItem(item)
        shown = self.issues.count()
        key = "ui.kunjungan.masalah" if issues else "ui.kunjungan.tanpa_masalah"
        self.issues_words.setText(text(key, jumlah=len(issues)))
        self.issues.setVisible(bool(shown))
        self.issues_help.setVisible(bool(shown))
        if shown:
            self.issues.setCurrentRow(min(max(row, 0), shown - 1))

    def show_remarks(self, remarks: Sequence[tuple[Remark, str, str]]) -> None:
        """List remarks behind the issues, each with where it is and its words."""
        if list(remarks) != list(self._remarks):
            self._remarks = remarks
            self.show_issues(self._issues, self._places)

    def show_alike(self, words: str) -> None:
        """Say who may be the same person; "" says nothing."""
        self.alike.setText(words)
        self.alike.setVisible(bool(words))

    def enter_codes(self) -> bool:
        """Take the caret for choosing a code; False when the question has none."""
        if not self._choices:
            return False
        if self.codes.currentRow() < 0:
            self.codes.setCurrentRow(0)
        (self.codes if self.filter.isHidden() else self.filter).setFocus()
        return True

    def enter_issues(self) -> bool:
        """Take the caret for going through the issues; False when there are none."""
        if not self.issues.count():
            return False
        self.issues.setFocus()
        self.issues.setCurrentRow(0)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter chooses, Esc goes back, Up and Down walk the list from its filter too."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.left.emit()
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if watched is self.issues:
                self._ask(self.issues.currentItem())
            else:
                self._pick(self.codes.currentItem())
            return True
        if watched is self.issues and key == Qt.Key.Key_Delete and self._remark_here():
            self.settled.emit(self._remark_here())
            return True
        if watched is self.filter and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._walk(1 if key == Qt.Key.Key_Down else -1)
            return True
        if watched is self.codes and event.text().strip() and not self.filter.isHidden():
            self.filter.setFocus()
            self.filter.setText(self.filter.text() + event.text())
            self._filter(self.filter.text())
            return True
        return super().eventFilter(watched, event)

    def _fill(self, choices: Sequence[Choice]) -> None:
        self.codes.clear()
        for choice in choices:
            item = QListWidgetItem(f"{choice.code:>2}   {choice.label}")
            item.setData(Qt.ItemDataRole.UserRole, choice.code)
            self.codes.addItem(item)

    def _filter(self, words: str) -> None:
        wanted = words.casefold().split()
        first = -1
        for at, choice in enumerate(self._choices):
            there = f"{choice.code} {choice.label}".casefold()
            match = all(word in there for word in wanted)
            self.codes.item(at).setHidden(not match)
            if match and first < 0:
                first = at
        self.codes.setCurrentRow(first)

    def _walk(self, by: int) -> None:
        at = self.codes.currentRow() + by
        while 0 <= at < self.codes.count():
            if not self.codes.item(at).isHidden():
                self.codes.setCurrentRow(at)
                return
            at += by

    def _pick(self, item: QListWidgetItem | None) -> None:
        if item is not None and not item.isHidden():
            self.picked.emit(item.data(Qt.ItemDataRole.UserRole))

    def _ask(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        remark = self._remark_here()
        if remark is not None:
            self.noted.emit(remark)
        else:
            self.asked.emit(self._issues[self.issues.row(item)])

    def _remark_here(self) -> Remark | None:
        row = self.issues.currentRow() - len(self._issues)
        return self._remarks[row][0] if 0 <= row < len(self._remarks) else None
