"""What becomes of a household between visits: members move, it splits, merges, is fit no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from siks_offline.errors import SiksError
from siks_offline.instrument import fields
from siks_offline.meeting import MOVES, UNFIT
from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.choices import Choices
from siks_offline.ui.household_choice import HouseholdChoice
from siks_offline.ui.line import Line
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.db.moves import Move
    from siks_offline.desa.moves import Home, Preview
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes, Person
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

UNFIT_KIND = "tidak_layak"
WHOLE = "gabung"
SPLIT = "pecah"
SIZE = (900, 500)
_CARD = Qt.ItemDataRole.UserRole + 1


class ChangeDialog(QDialog):
    """A digit chooses what happens, Space who goes; what it does is told before it is done."""

    done_ = Signal(object, str)
    """The Changes, and the household to show now."""

    def __init__(self, desk: Desk, household_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._id = household_id
        self._home: Home | None = None
        self._target = ("", "")
        self._asked = 0
        self.setWindowTitle(text("ui.perubahan.judul"))
        self.setModal(True)
        self.resize(*theme.sheet(*SIZE))
        self.who = PlainLabel(text("ui.perubahan.judul"), face="title", wrap=True)
        self.kinds = Choices(text("ui.perubahan.apa"))
        for kind in MOVES:
            self.kinds.add(text(f"ui.perubahan.{kind}"), kind)
        self.kinds.setCurrentRow(0)
        self.kinds.fit()
        self.members = Choices(text("ui.perubahan.anggota"))
        self.members.installEventFilter(self)
        self.target = button(text("ui.perubahan.tujuan"), icon="search")
        self.target.clicked.connect(self.choose_target)
        self.chosen = PlainLabel(wrap=True)
        self.reasons = Choices(text("ui.perubahan.alasan"))
        for number, reason in enumerate(UNFIT, 1):
            words = text(f"perubahan.alasan.{reason}")
            shown = text("ui.perubahan.alasan_baris", nomor=number, alasan=words)
            self.reasons.add(shown, reason)
        self.note = Line()
        self.note.setMaxLength(300)
        self.note.setAccessibleName(text("ui.perubahan.catatan"))
        self.foretold = PlainLabel(wrap=True)
        self.told = PlainLabel(wrap=True, tone="secondary")
        self.cancel = button(text("ui.dialog.batal"))
        self.cancel.clicked.connect(self.reject)
        self.do = button(text("ui.perubahan.lakukan"), icon="done", primary=True)
        self.do.clicked.connect(self.carry_out)
        self._lay_out()
        self.kinds.currentRowChanged.connect(self._kind_chosen)
        self.members.itemChanged.connect(self.foretell)
        self.reasons.currentRowChanged.connect(self.foretell)
        self.note.textChanged.connect(self.foretell)
        for choices in (self.kinds, self.members, self.reasons):
            choices.itemActivated.connect(self._go_on)
        self._kind_chosen()
        self._run(self._reading(), self._show)
        self.kinds.setFocus()

    # --- what is chosen ---------------------------------------------------------------------------

    def going(self) -> list[str]:
        """Return the ids of the members that go."""
        names = self.members.names()
        if self.kinds.chosen == WHOLE:
            return names
        on = Qt.CheckState.Checked
        return [one for row, one in enumerate(names) if self.members.item(row).checkState() is on]

    def choose_target(self) -> None:
        """Ask which household the members go to."""
        name = self._home.line.nama_krt if self._home else ""
        words = text("ui.perubahan.pilih_tujuan", nama=name or text("ui.perubahan.tanpa_nama"))
        choice = HouseholdChoice(self._desk, words, self._id, self)
        choice.chosen.connect(self._take_target)
        choice.open()

    def carry_out(self) -> None:
        """Do what was foretold."""
        if not self.do.isEnabled():
            return
        self.do.setEnabled(False)
        kind, home, now = self.kinds.chosen, self._id, self._desk.now()
        going, target = self.going(), self._target[0]
        reason, words = self.reasons.chosen, self.note.text()

        def work(village: Village, _progress: Progress) -> tuple[Changes, str]:
            from siks_offline.desa import moves

            if kind == UNFIT_KIND:
                return moves.mark_unfit(village, home, reason, words, now), home
            if kind == SPLIT:
                return moves.split(village, home, going, now)[1], home
            if kind == WHOLE:
                return moves.merge(village, home, target, now), target
            return moves.move_members(village, home, going, target, now), home

        self._run(work, self._finished)

    # --- what it would do -------------------------------------------------------------------------

    def foretell(self, *_: object) -> None:
        """Tell what would happen; only then can it be done."""
        self._asked += 1
        number = self._asked
        self.do.setEnabled(False)
        if self.kinds.chosen == UNFIT_KIND:
            self._foretell_unfit()
            return
        going = self.going()
        split = self.kinds.chosen == SPLIT
        target = "" if split else self._target[0]
        if not going or not (split or target):
            self.foretold.setText(text("ui.perubahan.pilih_dahulu"))
            return
        home = self._id

        def work(village: Village, _progress: Progress) -> tuple[int, Preview | SiksError]:
            from siks_offline.desa import moves

            try:
                return number, moves.preview(village, home, going, target)
            except SiksError as error:  # told in its place, unless something else was asked since
                return number, error

        task = self._desk.task(work)
        task.finished.connect(self._foretold)
        task.failed.connect(self._say)
        self._desk.start(task)

    def _foretell_unfit(self) -> None:
        reason = self.reasons.chosen
        whole = bool(reason) and (reason != UNFIT[-1] or bool(self.note.text().strip()))
        self.do.setEnabled(whole and self._home is not None)
        if not whole:
            self.foretold.setText(text("ui.perubahan.pilih_alasan"))
            return
        words = text(f"perubahan.alasan.{reason}")
        self.foretold.setText(text("ui.perubahan.kira_tidak_layak", alasan=words))

    def _foretold(self, answer: tuple[int, Preview | SiksError]) -> None:
        number, found = answer
        if number != self._asked:
            return
        if isinstance(found, SiksError):
            self.foretold.setText(f"{found.message}\n{found.remedy}")
            return
        nobody = text("ui.perubahan.tanpa_nama")
        name, before, after = found.source
        lines = [
            text("ui.perubahan.kira"),
            text("ui.perubahan.kira_pindah", nama=", ".join(one or nobody for one in found.names)),
            text("ui.perubahan.kira_asal", nama=name or nobody, sebelum=before, sesudah=after),
        ]
        name, before, after = found.target
        key = "kira_baru" if self.kinds.chosen == SPLIT else "kira_tujuan"
        lines.append(
            text(f"ui.perubahan.{key}", nama=name or nobody, sebelum=before, sesudah=after)
        )
        if found.families:
            lines.append(text("ui.perubahan.kira_keluarga", jumlah=found.families))
        if not found.source[2]:
            lines.append(text("ui.perubahan.kira_kosong"))
        lines.append(text("ui.perubahan.kira_bdt"))
        self.foretold.setText("\n".join(lines))
        self.do.setEnabled(True)

    # --- looks and keys ---------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """K marks a whole family in the list of members: all with the same card."""
        if (
            watched is self.members
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_K
            and self.members.currentItem() is not None
        ):
            self._mark_family(self.members.currentItem())
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F12 does what was foretold."""
        if event.key() == Qt.Key.Key_F12:
            self.carry_out()
        else:
            super().keyPressEvent(event)

    def _go_on(self, *_: object) -> None:
        self.focusNextChild()

    def _mark_family(self, of: QListWidgetItem) -> None:
        on = of.checkState() is Qt.CheckState.Checked
        wanted = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
        for row in range(self.members.count()):
            item = self.members.item(row)
            if item is of or (of.data(_CARD) and item.data(_CARD) == of.data(_CARD)):
                item.setCheckState(wanted)

    def _lay_out(self) -> None:
        moving, column = _column()
        column.addWidget(self._label("ui.perubahan.anggota", self.members))
        column.addWidget(self.members, 1)
        self._to = QWidget()
        line = QHBoxLayout(self._to)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.target)
        line.addWidget(self.chosen, 1)
        column.addWidget(self._to)
        unfit, column = _column()
        column.addWidget(self._label("ui.perubahan.alasan", self.reasons))
        column.addWidget(self.reasons, 1)
        column.addWidget(self._label("ui.perubahan.catatan", self.note))
        column.addWidget(self.note)
        middle = QWidget()
        self._stack = QStackedLayout(middle)
        self._stack.addWidget(moving)
        self._stack.addWidget(unfit)
        left = QVBoxLayout()
        left.setSpacing(theme.STEP)
        left.addWidget(self._label("ui.perubahan.apa", self.kinds))
        left.addWidget(self.kinds)
        left.addWidget(self.told)
        left.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(2 * theme.STEP)
        top.addLayout(left, 1)
        top.addWidget(middle, 1)
        last = QHBoxLayout()
        last.setSpacing(theme.STEP)
        last.addStretch(1)
        last.addWidget(self.cancel)
        last.addWidget(self.do)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(2 * theme.STEP)
        column.addWidget(self.who)
        column.addLayout(top, 1)
        column.addWidget(self.foretold)
        column.addLayout(last)

    @staticmethod
    def _label(key: str, widget: QWidget) -> QLabel:
        label: QLabel = PlainLabel(text(key), face="strong")
        label.setBuddy(widget)
        return label

    def _kind_chosen(self, *_: object) -> None:
        kind = self.kinds.chosen
        self._stack.setCurrentIndex(1 if kind == UNFIT_KIND else 0)
        self._to.setVisible(kind != SPLIT)
        self.members.setEnabled(kind != WHOLE)
        self.chosen.setText(
            text("ui.perubahan.tujuan_ini", nama=self._target[1])
            if self._target[0]
            else text("ui.perubahan.tanpa_tujuan")
        )
        self.foretell()

    def _take_target(self, id_: str, name: str) -> None:
        self._target = (id_, name or text("ui.perubahan.tanpa_nama"))
        self._kind_chosen()
        self.target.setFocus()

    def _show(self, home: Home) -> None:
        self._home = home
        name = home.line.nama_krt or text("ui.perubahan.tanpa_nama")
        self.who.setText(text("ui.perubahan.rumah", nama=name, alamat=home.line.alamat or "-"))
        for person in home.persons:
            item = self.members.add(self._words(person), person.id)
            item.setData(_CARD, person.no_kk)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
        if home.persons:
            self.members.setCurrentRow(0)
        told = [self._past(one) for one in home.told[-4:]]
        self.told.setText("\n".join([text("ui.perubahan.riwayat"), *told]) if told else "")
        self.foretell()

    @staticmethod
    def _words(person: Person) -> str:
        name = person.nama or text("ui.umum.tanpa_nama")
        # As the visit names a card: all its digits would push one another out of the line.
        card = f"…{person.no_kk[-4:]}" if person.no_kk else "-"
        if not person.tanggal_lahir:
            return text("ui.perubahan.baris_pindah", nama=name, kk=card)
        born = fields.FIELDS["date"].format(person.tanggal_lahir)
        return text("ui.perubahan.baris", nama=name, lahir=born, kk=card)

    @staticmethod
    def _past(one: Move) -> str:
        reason = f" ({text(f'perubahan.alasan.{one.reason}')})" if one.reason else ""
        kind = text(f"perubahan.jenis.{one.kind}")
        return text("ui.perubahan.riwayat_baris", periode=one.period, jenis=kind, alasan=reason)

    # --- work -------------------------------------------------------------------------------------

    def _reading(self) -> Callable[[Village, Progress], Home]:
        home = self._id

        def work(village: Village, _progress: Progress) -> Home:
            from siks_offline.desa import moves

            return moves.read(village, home)

        return work

    def _run(self, work: Callable[[Village, Progress], Any], then: Callable[[Any], None]) -> None:
        task = self._desk.task(work)
        task.finished.connect(then)
        task.failed.connect(self._failed)
        self._desk.start(task)

    def _finished(self, answer: tuple[Changes, str]) -> None:
        changes, home = answer
        self.accept()
        self.done_.emit(changes, home)

    def _say(self, error: Exception) -> None:
        dialogs.say(self, error)

    def _failed(self, error: Exception) -> None:
        self._say(error)
        self.foretell()


def _column() -> tuple[QWidget, QVBoxLayout]:
    """Return an empty part of the dialog and what its widgets are put into."""
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.STEP)
    return part, column
