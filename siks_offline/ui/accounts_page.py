"""The page of the accounts: who may sign in, with which role, and what the own account may do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from siks_offline.desa import idle_time, rights
from siks_offline.model import Changes
from siks_offline.texts import text
from siks_offline.ui import ceremony_dialog, dialogs, theme
from siks_offline.ui.dialogs import Waiting
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button, card
from siks_offline.ui.table_looks import still

if TYPE_CHECKING:
    from siks_offline.desa.staff import Person
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress

COLUMNS = ("nama", "peran", "keadaan")
ACTIONS = (
    ("tambah", "add", "staff.add"),
    ("atur_ulang", "again", "staff.reset"),
    ("hapus", "remove", "staff.remove"),
    ("kata_sandi", "lock", "staff.change_passphrase"),
    ("pemulihan", "check", "staff.renew_recovery"),
)
"""Buttons of the page: name, icon, and the right that they need."""
OF_OTHERS = ("atur_ulang", "hapus")


def survey(village: Village, _progress: Progress) -> list[Person]:
    """Read who may sign in."""
    from siks_offline.desa import staff

    return staff.every(village)


class AccountsPage(Page):
    """A table of people, one row each, and what may be done; what may not says why."""

    NAME = "akun"
    KEYS = "ui.akun.tombol"
    BACK = "pengaturan"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._people: list[Person] = []
        role = desk.village.role
        self.me = PlainLabel(
            text("ui.akun.saya", akun=desk.village.account, peran=text(f"ui.peran.{role}")),
            wrap=True,
        )
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setAccessibleName(text("ui.akun.daftar"))
        self.table.setHorizontalHeaderLabels([text(f"ui.akun.kolom.{one}") for one in COLUMNS])
        still(self.table)
        self.table.verticalHeader().setDefaultSectionSize(theme.px(30))
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setMinimumHeight(theme.px(140))
        self.table.itemSelectionChanged.connect(self._allow)
        self.buttons: dict[str, QPushButton] = {}
        left, right = QHBoxLayout(), QHBoxLayout()
        for name, icon, right_needed in ACTIONS:
            made = button(text(f"ui.akun.{name}"), icon=icon, primary=name == "tambah")
            made.clicked.connect(partial(self._act, name))
            made.setEnabled(rights.may(role, right_needed))
            self.buttons[name] = made
            (
                left if right_needed in ("staff.add", "staff.reset", "staff.remove") else right
            ).addWidget(made)
        left.addStretch(1)
        right.addStretch(1)
        self.reason = PlainLabel(text("ui.akun.hanya_admin"), tone="secondary", wrap=True)
        self.reason.setVisible(not rights.may(role, "staff.add"))
        self.minutes = QSpinBox()
        self.minutes.setRange(idle_time.SHORTEST, idle_time.LONGEST)
        self.minutes.setValue(desk.village.idle_minutes)
        self.minutes.setSuffix(text("ui.akun.menit_satuan"))
        for one in (self.minutes, self.minutes.lineEdit()):
            one.setAccessibleName(text("ui.akun.menit"))
        self.minutes.setEnabled(rights.may(role, "idle_time.keep"))
        self.minutes.editingFinished.connect(self._keep_minutes)
        body = QWidget()
        body.setObjectName("ground")
        column = QVBoxLayout(body)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(2 * theme.STEP)
        head = QHBoxLayout()
        head.setSpacing(theme.STEP)
        head.addWidget(self.way_back())
        head.addWidget(PlainLabel(text("ui.halaman.akun"), face="title"))
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(self._sheet(self.table, left, self.reason), 1)
        column.addWidget(self._sheet(self.me, right))
        column.addWidget(self._minutes_sheet())
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def open(self, argument: object = None) -> None:
        """Read the accounts."""
        del argument
        self.table.setFocus()
        self._read()

    def refresh(self, changes: Changes) -> None:
        """Read again when an account changed."""
        if changes.accounts and self.isVisible():
            self._read()

    # --- actions ----------------------------------------------------------------------------------

    def chosen(self) -> Person | None:
        """Return the person of the chosen row."""
        row = self.table.currentRow()
        return self._people[row] if 0 <= row < len(self._people) else None

    def _act(self, name: str) -> None:
        from siks_offline.desa import account_ceremonies as ceremonies

        person = self.chosen()
        if name == "tambah":
            ceremony_dialog.hold(self, ceremonies.AddAccount)
        elif name == "kata_sandi":
            ceremony_dialog.hold(self, ceremonies.ChangePassphrase)
        elif name == "pemulihan":
            ceremony_dialog.hold(self, ceremonies.Recovery)
        elif name == "atur_ulang" and person is not None:
            ceremony_dialog.hold(
                self, lambda village: ceremonies.ResetAccount(village, person.name)
            )
        elif name == "hapus" and person is not None:
            self._remove(person)

    def _remove(self, person: Person) -> None:
        desk = self.desk
        if not dialogs.ask(
            self,
            text("ui.akun.hapus_tanya", akun=person.name),
            text("ui.akun.hapus_akibat"),
            text("ui.akun.hapus_ya"),
        ):
            return

        def work(village: Village, _progress: Progress) -> None:
            from siks_offline.desa import staff

            staff.remove(village, person.name, desk.now())

        task = desk.task(work)
        task.finished.connect(self._changed)
        task.failed.connect(self._failed)
        Waiting(self, text("ui.akun.menghapus"), task)
        desk.start(task)

    def _keep_minutes(self) -> None:
        desk, wanted = self.desk, self.minutes.value()
        if wanted == desk.village.idle_minutes or not self.minutes.isEnabled():
            return
        task = desk.task(lambda village, _progress: idle_time.keep(village, wanted, desk.now()))
        task.finished.connect(self._minutes_kept)
        task.failed.connect(self._failed)
        desk.start(task)

    # --- what it shows ----------------------------------------------------------------------------

    def _read(self) -> None:
        task = self.desk.task(survey)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _show(self, people: list[Person]) -> None:
        before = self.chosen()
        self._people = people
        self.table.setRowCount(len(people))
        for row, person in enumerate(people):
            mine = person.name == self.desk.village.account
            state = "baru" if person.first_code else "saya" if mine else "aktif"
            for column, words in enumerate(
                (person.name, text(f"ui.peran.{person.role}"), text(f"ui.akun.keadaan.{state}"))
            ):
                self.table.setItem(row, column, QTableWidgetItem(words))
        names = [person.name for person in people]
        at = names.index(before.name) if before is not None and before.name in names else 0
        self.table.setCurrentCell(at, 0)
        self._allow()

    def _allow(self) -> None:
        """Let be pressed what may be done with the chosen person; the own row says its reason."""
        person, village = self.chosen(), self.desk.village
        mine = person is not None and person.name == village.account
        for name, _, needed in ACTIONS:
            may = rights.may(village.role, needed)
            if name in OF_OTHERS:
                may = may and person is not None and not mine
            self.buttons[name].setEnabled(may)
        ruler = rights.may(village.role, "staff.add")
        self.reason.setText(text("ui.akun.diri_sendiri" if ruler else "ui.akun.hanya_admin"))
        self.reason.setVisible(mine or not ruler)

    def _changed(self, _: object) -> None:
        self.changed.emit(Changes(accounts=True))
        self.said.emit(text("ui.akun.dihapus"))
        self._read()

    def _minutes_kept(self, minutes: int) -> None:
        self.changed.emit(Changes(accounts=True))
        self.said.emit(text("ui.akun.menit_tersimpan", menit=minutes))

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
        self._read()

    @staticmethod
    def _sheet(*parts: QWidget | QHBoxLayout) -> QWidget:
        sheet = card()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        column.setSpacing(theme.STEP)
        for part in parts:
            if isinstance(part, QWidget):
                column.addWidget(part)
            else:
                column.addLayout(part)
        return sheet

    def _minutes_sheet(self) -> QWidget:
        words = PlainLabel(text("ui.akun.menit"), wrap=True)
        words.setBuddy(self.minutes)
        line = QHBoxLayout()
        line.addWidget(words, 1)
        line.addWidget(self.minutes)
        return self._sheet(line)
