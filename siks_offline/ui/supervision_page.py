"""The page of those who check: second keying, its error rate, and how the work goes by account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from siks_offline.desa import rights
from siks_offline.texts import text
from siks_offline.ui import dialogs, keying_dialog, theme
from siks_offline.ui.choices import Lines
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, card
from siks_offline.ui.side_panel import WholeWords
from siks_offline.ui.table_looks import Empty, still

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QFrame, QWidget

    from siks_offline.db.effort import Worked
    from siks_offline.db.keyings import Difference
    from siks_offline.desa.second_keying import Due, Paper, Rate, Settled
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes, HouseholdLine
    from siks_offline.progress import Progress

HOUR = 3600
LEAST_SECONDS = 600
"""Work before which nobody's pace is told: a number from a minute misleads."""
FIGURES = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
COLUMNS = ("akun", "rumah_tangga", "per_jam", "tombol", "salah")


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page shows, read in one go; rate and work are empty for who may not see them."""

    due: list[Due]
    waiting: list[tuple[str, str, tuple[Difference, ...]]]
    lines: Mapping[str, HouseholdLine]
    rate: Rate | None
    work: list[Worked]
    review: list[str]
    """Households that wait for this account's eyes, where the village asks for a second person."""
    wanted: bool


def overview(village: Village, _progress: Progress) -> Overview:
    """Read the page."""
    from siks_offline.desa import households, pace, reviews, second_keying

    due = second_keying.due(village)
    waiting = second_keying.waiting(village)
    review = reviews.waiting(village)
    ids = [*(one.household_id for one in due), *(id_ for _, id_, _ in waiting), *review]
    checking = rights.may(village.role, "second_keying.rate")
    return Overview(
        due,
        waiting,
        households.lines(village, ids),
        second_keying.rate(village) if checking else None,
        pace.by_account(village) if checking else [],
        review,
        reviews.wanted(village),
    )


class SupervisionPage(Page):
    """Two lists on the left, figures on the right; everything by keys."""

    NAME = "pengawasan"
    KEYS = "ui.pengawasan.tombol"
    BACK = "beranda"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._found: Overview | None = None
        self._deciding: tuple[str, str, list[Difference]] | None = None
        self.back = self.way_back()
        self.due_words = PlainLabel(wrap=True, tone="secondary")
        self.due = self._list("ui.pengawasan.daftar")
        self.due.itemActivated.connect(self._key)
        self.waiting_words = PlainLabel(wrap=True, tone="secondary")
        self.waiting = self._list("ui.pengawasan.beda")
        self.waiting.itemActivated.connect(self._decide)
        self.review_words = PlainLabel(wrap=True, tone="secondary")
        self.review = self._list("ui.pengawasan.periksa")
        self.review.itemActivated.connect(self._open_review)
        self.second = QCheckBox(text("ui.pengawasan.diperiksa_oleh"))
        if not rights.may(desk.village.role, "reviews.want"):
            self.second.hide()  # to show it here would make it a window of its own
        self.second.toggled.connect(self._want_review)
        self.rate = PlainLabel(wrap=True)
        self.rate_help = PlainLabel(
            text("ui.pengawasan.laju_bantuan"), wrap=True, tone="secondary", face="small"
        )
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels([text(f"ui.pengawasan.kolom.{c}") for c in COLUMNS])
        self.table.setAccessibleName(text("ui.pengawasan.kerja"))
        still(self.table)
        Empty(self.table, text("ui.pengawasan.kerja_kosong"))
        self.table.verticalHeader().setDefaultSectionSize(theme.px(theme.TABLE_ROW))
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        account = QTableWidgetItem(text(f"ui.pengawasan.kolom.{COLUMNS[0]}"))
        account.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setHorizontalHeaderItem(0, account)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        if theme.scale <= theme.ROOMY:  # larger, the five columns are moved sideways
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._build()

    def open(self, argument: object = None) -> None:
        """Read the page; the caret goes into the list of what waits."""
        del argument
        self.due.setFocus()
        self._read()

    def refresh(self, changes: Changes) -> None:
        """Read again when households were touched."""
        if changes.households and self.isVisible():
            self._read()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter takes the line of a list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                assert isinstance(watched, QListWidget)
                item = watched.currentItem()
                if item is not None:
                    watched.itemActivated.emit(item)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._leave()
                return True
        return super().eventFilter(watched, event)

    def _list(self, name: str) -> QListWidget:
        made = Lines()
        made.setObjectName("issues")  # a rule below each, for some take two lines
        made.setAccessibleName(text(name))
        made.setWordWrap(True)
        made.setItemDelegate(WholeWords(made))
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.installEventFilter(self)
        return made

    def _build(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.back)
        top.addWidget(PlainLabel(text("ui.pengawasan.judul"), face="title"))
        top.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(2 * theme.STEP)
        self._review_card = self._card("ui.pengawasan.periksa", self.review_words, self.review)
        left.addWidget(self._review_card, 3)
        left.addWidget(self._card("ui.pengawasan.daftar", self.due_words, self.due), 3)
        left.addWidget(self._card("ui.pengawasan.beda", self.waiting_words, self.waiting), 2)
        right = QVBoxLayout()
        right.setSpacing(2 * theme.STEP)
        self._rate_card = self._card("ui.pengawasan.laju", self.rate, self.rate_help)
        help_ = PlainLabel(
            text("ui.pengawasan.kerja_bantuan"), wrap=True, tone="secondary", face="small"
        )
        self._work_card = self._card("ui.pengawasan.kerja", help_, self.table)
        right.addWidget(self._rate_card)
        right.addWidget(self._work_card, 1)
        right.addWidget(self.second)
        middle = QHBoxLayout()
        middle.setSpacing(2 * theme.STEP)
        large = theme.scale > theme.ROOMY
        middle.addLayout(left, 2 if large else 4)
        middle.addLayout(right, 4 if large else 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP + 4)
        column.addLayout(top)
        column.addLayout(middle, 1)

    @staticmethod
    def _card(title: str, *inside: QWidget) -> QFrame:
        sheet = card()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP)
        column.addWidget(PlainLabel(text(title), face="strong", wrap=True))
        for one in inside:
            column.addWidget(one)
        column.addStretch(0)  # what is left goes below the words, where a list is hidden
        return sheet

    def _read(self, _done: object = None) -> None:
        task = self.desk.task(overview)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _show(self, found: Overview) -> None:
        self._found = found
        self.due.clear()
        for one in found.due:
            item = QListWidgetItem(
                text(
                    "ui.pengawasan.baris",
                    rumah=self._name(one.household_id),
                    sebab=text(f"ui.pengawasan.sebab.{one.reason}"),
                )
            )
            self.due.addItem(item)
        self.waiting.clear()
        for _, id_, differences in found.waiting:
            count = sum(one.right is None for one in differences)
            words = text("ui.pengawasan.beda_baris", rumah=self._name(id_), jumlah=count)
            self.waiting.addItem(QListWidgetItem(words))
        self.review.clear()
        for id_ in found.review:
            self.review.addItem(QListWidgetItem(self._name(id_)))
        self._review_card.setVisible(found.wanted)
        self.second.blockSignals(True)
        self.second.setChecked(found.wanted)
        self.second.blockSignals(False)
        for view, label, kind in (
            (self.review, self.review_words, "periksa"),
            (self.due, self.due_words, "daftar"),
            (self.waiting, self.waiting_words, "beda"),
        ):
            view.setVisible(view.count() > 0)
            key = "isi" if view.count() else "kosong"
            label.setText(text(f"ui.pengawasan.{kind}_{key}", jumlah=grouped(view.count())))
            if view.count():
                view.setCurrentRow(0)
        self._rate_card.setVisible(found.rate is not None)
        self._work_card.setVisible(found.rate is not None)
        if found.rate is not None:
            self._show_rate(found.rate)
        self._show_work(found.work)

    def _show_rate(self, rate: Rate) -> None:
        if not rate.fields:
            self.rate.setText(text("ui.pengawasan.laju_belum"))
            return
        low, high = rate.bounds
        self.rate.setText(
            text(
                "ui.pengawasan.laju_isi",
                salah=grouped(rate.wrong),
                isian=grouped(rate.fields),
                rumah=grouped(rate.households),
                laju=grouped(round(rate.per_10000)),
                bawah=grouped(round(low)),
                atas=grouped(round(high)),
                tunggu=grouped(rate.waiting),
            )
        )

    def _show_work(self, work: list[Worked]) -> None:
        self.table.setRowCount(len(work))
        for row, one in enumerate(work):
            told = one.seconds >= LEAST_SECONDS
            hours = one.seconds / HOUR
            none = text("ui.pengawasan.belum")
            cells = (
                one.account,
                grouped(one.households),
                f"{one.households / hours:.1f}".replace(".", ",") if told else none,
                grouped(round(one.keys / hours)) if told else none,
                grouped(round(10_000 * one.wrong / one.fields)) if one.fields else none,
            )
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                if column:
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.table.setItem(row, column, item)

    def _open_review(self, _item: object = None) -> None:
        row = self.review.currentRow()
        if self._found is not None and 0 <= row < len(self._found.review):
            self.wanted.emit("kunjungan", self._found.review[row])

    def _want_review(self, wanted: bool) -> None:
        now = self.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import reviews

            return reviews.want(village, now, review=wanted)

        task = self.desk.task(work)
        task.finished.connect(self.changed)
        task.finished.connect(self._read)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _name(self, household_id: str) -> str:
        line = self._found.lines.get(household_id) if self._found is not None else None
        if line is None:
            return household_id
        name = line.nama_krt or text("ui.umum.tanpa_nama")
        return text("ui.pengawasan.rumah", nama=name, rt=line.rt or "-", rw=line.rw or "-")

    def _key(self, _item: object = None) -> None:
        row = self.due.currentRow()
        if self._found is None or not 0 <= row < len(self._found.due):
            return
        due = self._found.due[row]
        talk = keying_dialog.KeyingDialog(self.desk, due, self._name(due.household_id), self)
        talk.ended.connect(self._keyed)
        talk.finished.connect(self._read)
        talk.open()

    def _keyed(self, answer: tuple[Changes, str]) -> None:
        changes, words = answer
        self.changed.emit(changes)
        self.said.emit(words)

    def _decide(self, _item: object = None) -> None:
        row = self.waiting.currentRow()
        if self._found is None or not 0 <= row < len(self._found.waiting):
            return
        sha256, id_, differences = self._found.waiting[row]
        self._deciding = (sha256, id_, [one for one in differences if one.right is None])

        def work(village: Village, _progress: Progress) -> Paper:
            from siks_offline.desa import second_keying

            return second_keying.paper(village, id_)

        task = self.desk.task(work)
        task.finished.connect(self._ask_next)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _ask_next(self, paper: Paper) -> None:
        if self._deciding is None or not self._deciding[2]:
            return
        sha256, _, left = self._deciding
        right = keying_dialog.ask_right(self, paper, left[0])
        if right is None:
            self._read()
            return
        one = left.pop(0)
        keying_dialog.settle(self.desk, sha256, one.path, right, self._settled, self._failed)
        if left:
            self._ask_next(paper)

    def _settled(self, done: Settled) -> None:
        if not done.left:
            key = "dikembalikan" if done.returned else "diperbaiki" if done.corrected else "benar"
            self.changed.emit(done.changes)
            self.said.emit(text(f"ui.ketik_ulang.{key}"))
            self._read()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
        self._read()
