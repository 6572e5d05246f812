"""One sitting of the musyawarah: place, day, leader, who was there, what an auditor asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from siks_offline.errors import AnswersError
from siks_offline.instrument import fields
from siks_offline.meeting import AUDIT, GROUPS, Attendee, Sitting
from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.plain import PlainLabel, button
from siks_offline.ui.table_looks import Empty

if TYPE_CHECKING:
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

DATE = "date"
FACTS = ("place", DATE, "hour", "leader", "leader_post")


class SittingDialog(QDialog):
    """Three leaves: the facts, those present, the auditor's questions."""

    kept = Signal()

    def __init__(
        self, desk: Desk, known: Sitting | None, parent: QWidget | None, *, fixed: bool = False
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._known = known
        title = text(
            "ui.sidang.judul" if known else "ui.sidang.judul_baru",
            nomor=known.number if known else 0,
        )
        self.setWindowTitle(title)
        self.setModal(True)
        self.resize(*theme.sheet(720, 500))
        self.facts: dict[str, QLineEdit] = {}
        self.answers: dict[str, QLineEdit] = {}
        self.people = QTableWidget(0, 4)
        tabs = QTabWidget()
        tabs.addTab(self._fact_leaf(), text("ui.sidang.lembar.acara"))
        tabs.addTab(self._people_leaf(), text("ui.sidang.lembar.hadir"))
        tabs.addTab(self._audit_leaf(), text("ui.sidang.lembar.pertanyaan"))
        tabs.setAccessibleName(title)
        self.tabs = tabs
        keep = button(text("ui.sidang.simpan"), primary=True)
        keep.setAutoDefault(False)
        keep.clicked.connect(self.keep)
        keep.setEnabled(not fixed)
        self.keep_button = keep
        leave = button(text("ui.dialog.batal"))
        leave.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(leave)
        below.addWidget(keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP)
        column.addWidget(PlainLabel(title, face="title"))
        column.addWidget(tabs, 1)
        column.addLayout(below)
        self.facts["place"].setFocus()

    def sitting(self) -> Sitting:
        """Return the sitting as it is typed."""
        known = self._known
        return Sitting(
            id=known.id if known else "",
            period="",
            number=0,
            audit={name: field.text() for name, field in self.answers.items() if field.text()},
            attendees=tuple(self._people()),
            **{name: field.text() for name, field in self.facts.items() if name != DATE},
            date=_iso(self.facts[DATE].text()),
        )

    def keep(self) -> None:
        """Keep the sitting; the dialog stays open when something is wrong with it."""
        one, now = self.sitting(), self._desk.now()

        def work(village: Village, _progress: Progress) -> Sitting:
            from siks_offline.desa import meeting

            return meeting.put_sitting(village, one, now)

        task = self._desk.task(work)
        task.finished.connect(self._done)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def _done(self, _one: Sitting) -> None:
        self.accept()
        self.kept.emit()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)

    def add_person(self, one: Attendee | None = None) -> None:
        """Add a line to those present, the caret in it."""
        row = self.people.rowCount()
        self.people.insertRow(row)
        for column, words in ((0, one.name if one else ""), (3, one.post if one else "")):
            self.people.setItem(row, column, QTableWidgetItem(words))
        sex = QComboBox()
        sex.setAccessibleName(text("ui.sidang.kolom.jk"))
        sex.addItems(["L", "P"])
        group = QComboBox()
        group.setAccessibleName(text("ui.sidang.kolom.unsur"))
        for name in GROUPS:
            group.addItem(text(f"musyawarah.unsur.{name}"), name)
        if one is not None:
            sex.setCurrentText(one.sex)
            group.setCurrentIndex(GROUPS.index(one.group))
        self.people.setCellWidget(row, 1, sex)
        self.people.setCellWidget(row, 2, group)
        self.people.setCurrentCell(row, 0)
        if one is None:
            self.people.setFocus()

    def _people(self) -> list[Attendee]:
        found = []
        for row in range(self.people.rowCount()):
            name, post = (self.people.item(row, column) for column in (0, 3))
            sex, group = (self.people.cellWidget(row, column) for column in (1, 2))
            assert isinstance(sex, QComboBox)
            assert isinstance(group, QComboBox)
            words = name.text().strip() if name else ""
            if words:
                place = post.text().strip() if post else ""
                found.append(Attendee(words, sex.currentText(), group.currentData(), place))
        return found

    def _remove_person(self) -> None:
        if self.people.currentRow() >= 0:
            self.people.removeRow(self.people.currentRow())

    def _fact_leaf(self) -> QWidget:
        leaf = QWidget()
        grid = QGridLayout(leaf)
        grid.setHorizontalSpacing(2 * theme.STEP)
        for row, name in enumerate(FACTS):
            words = text(f"ui.sidang.isian.{name}")
            kept = getattr(self._known, name) if self._known else ""
            field = QLineEdit(fields.FIELDS["date"].format(kept) if name == DATE else kept)
            field.setFont(theme.entry())
            field.setAccessibleName(words)
            field.setPlaceholderText(text(f"ui.sidang.contoh.{name}"))
            grid.addWidget(PlainLabel(words), row, 0)
            grid.addWidget(field, row, 1)
            self.facts[name] = field
        grid.setRowStretch(len(FACTS), 1)
        return leaf

    def _people_leaf(self) -> QWidget:
        leaf = QWidget()
        table = self.people
        table.setAccessibleName(text("ui.sidang.lembar.hadir"))
        heads = ("nama", "jk", "unsur", "jabatan")
        table.setHorizontalHeaderLabels([text(f"ui.sidang.kolom.{name}") for name in heads])
        table.verticalHeader().setDefaultSectionSize(theme.px(theme.TABLE_ROW) + 4)
        table.verticalHeader().hide()
        table.setTabKeyNavigation(True)
        Empty(table, text("ui.sidang.kosong"))
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        table.setColumnWidth(1, theme.px(84))
        table.setColumnWidth(2, theme.px(260))
        add = button(text("ui.sidang.tambah"), icon="add")
        add.clicked.connect(self._add_empty)
        remove = button(text("ui.sidang.hapus"), icon="remove")
        remove.clicked.connect(self._remove_person)
        line = QHBoxLayout()
        line.addWidget(add)
        line.addWidget(remove)
        line.addStretch(1)
        column = QVBoxLayout(leaf)
        column.addWidget(table, 1)
        column.addLayout(line)
        for one in self._known.attendees if self._known else ():
            self.add_person(one)
        return leaf

    def _add_empty(self) -> None:
        self.add_person()

    def _audit_leaf(self) -> QWidget:
        body = QWidget()
        body.setObjectName("surface")
        grid = QGridLayout(body)
        grid.setHorizontalSpacing(2 * theme.STEP)
        known = self._known.audit if self._known else {}
        for row, name in enumerate(AUDIT):
            words = text(f"musyawarah.pertanyaan.{name}")
            field = QLineEdit(known.get(name, ""))
            field.setFont(theme.entry())
            field.setAccessibleName(words)
            label = PlainLabel(words, wrap=True)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
            self.answers[name] = field
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        return area


def _iso(words: str) -> str:
    """Read a date as people write it; what is none stays, to be named where it is refused."""
    try:
        return fields.FIELDS["date"].parse(words)
    except AnswersError:
        return words
