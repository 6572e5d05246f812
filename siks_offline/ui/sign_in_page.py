"""The first page: which village, which account, which passphrase.

Nothing heavy is imported here: this page is painted before SQLAlchemy, cryptography and the
instrument are loaded (they follow in the background, see app.py). That holds for the namespace
`Qt` as well: its first mention makes a hundred Python enums, a tenth of the whole start, so what is
built before the paint names such values as Qt's own property system does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QThreadPool, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from siks_offline.desa.village_folder import VillageFolder, list_villages
from siks_offline.errors import SecretError, SiksError
from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.plain import PlainLabel, button, card, set_style
from siks_offline.ui.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from PySide6.QtGui import QPaintEvent, QResizeEvent, QShowEvent

    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.first_code import FirstCode

CARD_WIDTH = 460
RECOVERABLE = frozenset(
    {"E_DB_DAMAGED", "E_DB_MISSING", "E_DB_FOREIGN", "E_DB_KEY", "E_KEYSTORE_DAMAGED"}
)
"""Refusals after which a copy is offered; the same as desa.recovery.CODES, not imported here."""
WAIT, FIRST = "E_SIGN_IN_WAIT", "E_FIRST_CODE"


class SignInPage(QWidget):
    """Opens a village. It stays as it is until the village is open or the fault is shown."""

    painted = Signal()
    """The page has been painted for the first time."""
    opened = Signal(object)
    """A Village is open."""
    refused = Signal(object)
    """The village stays closed; the error says why, and the page shows it."""

    def __init__(
        self, root: Path, now: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._root = root
        self._now = now
        self._seen = False
        self._worn = theme.scale
        self._villages: list[VillageFolder] = []
        self._task: Task | None = None
        self.first: FirstCode | None = None
        self._seconds = 0
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        self._build()
        self.show_villages(root)

    def _build(self) -> None:
        self.villages = QComboBox()
        self.villages.setFont(theme.entry())
        self.villages.setAccessibleName(text("ui.masuk.desa"))
        self.villages.currentIndexChanged.connect(self._choose)
        self.account = QComboBox()
        self.account.setFont(theme.entry())
        self.account.setAccessibleName(text("ui.masuk.akun"))
        self.account.currentIndexChanged.connect(self._other_account)
        self.passphrase = QLineEdit()
        self.passphrase.setFont(theme.entry())
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setAccessibleName(text("ui.masuk.kata_sandi"))
        self.passphrase.returnPressed.connect(self.sign_in)
        self.reveal = button(text("ui.masuk.lihat"), flat=True)
        self.reveal.setCheckable(True)
        self.reveal.toggled.connect(self._reveal)
        self.note = PlainLabel(wrap=True)
        self.note.setObjectName("faultNote")
        self.note.hide()
        self.enter = button(text("ui.masuk.masuk"), primary=True)
        self.enter.clicked.connect(self.sign_in)
        self.other = button(text("ui.masuk.folder_lain"), flat=True)
        self.other.clicked.connect(self._look_elsewhere)
        self.join = button(text("ui.masuk.pasangkan"), flat=True)
        self.join.clicked.connect(self._join)
        self.new = button(text("ui.masuk.desa_baru"), flat=True)
        self.new.clicked.connect(self.begin)
        self.forgotten = button(text("ui.masuk.lupa"), flat=True)
        self.forgotten.clicked.connect(self._rescue)
        self.restore = button(text("ui.masuk.pulihkan"), flat=True)
        self.restore.clicked.connect(self._restore)

        sheet = card()
        self._sheet = sheet
        column = QVBoxLayout(sheet)
        column.setContentsMargins(*(4 * theme.STEP, 3 * theme.STEP) * 2)
        column.setSpacing(theme.STEP // 2)
        self._title = PlainLabel(text("umum.aplikasi"), face="title")
        column.addWidget(self._title)
        self.lead = PlainLabel(text("ui.masuk.pengantar"), tone="secondary", wrap=True)
        column.addWidget(self.lead)
        column.addSpacing(theme.STEP)
        self._fields = QWidget()
        fields = QVBoxLayout(self._fields)
        fields.setContentsMargins(0, 0, 0, 0)
        self._fields_column = fields
        self._fields.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        fields.setSpacing(theme.STEP // 2)
        for words, widget in (
            (text("ui.masuk.desa"), self.villages),
            (text("ui.masuk.akun"), self.account),
        ):
            label = PlainLabel(words)
            label.setBuddy(widget)
            fields.addWidget(label)
            fields.addWidget(widget)
            fields.addSpacing(theme.STEP // 2)
        label = PlainLabel(text("ui.masuk.kata_sandi"))
        label.setBuddy(self.passphrase)
        fields.addWidget(label)
        line = QHBoxLayout()
        line.setSpacing(theme.STEP)
        line.addWidget(self.passphrase, 1)
        line.addWidget(self.reveal)
        fields.addLayout(line)
        column.addWidget(self._fields)
        column.addSpacing(theme.STEP // 2)
        column.addWidget(self.note)
        column.addSpacing(theme.STEP)
        last = QHBoxLayout()
        last.addWidget(self.other)
        last.addStretch(1)
        last.addWidget(self.enter)
        column.addLayout(last)
        for left, right in ((self.join, self.new), (self.restore, self.forgotten)):
            ways = QHBoxLayout()
            ways.addWidget(left)
            ways.addStretch(1)
            ways.addWidget(right)
            column.addLayout(ways)

        ground = QWidget()
        ground.setObjectName("ground")
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(sheet)
        across.addStretch(1)
        middle = QVBoxLayout(ground)
        middle.setContentsMargins(*(2 * theme.STEP,) * 4)
        middle.addStretch(1)
        middle.addLayout(across)
        middle.addStretch(2)
        self._ground = ground
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.addWidget(ground)
        for a, b in (
            (self.villages, self.account),
            (self.account, self.passphrase),
            (self.passphrase, self.reveal),
            (self.reveal, self.enter),
            (self.enter, self.other),
            (self.other, self.join),
            (self.join, self.new),
            (self.new, self.restore),
            (self.restore, self.forgotten),
        ):
            QWidget.setTabOrder(a, b)

    @property
    def root(self) -> Path:
        """Where the villages lie that are listed."""
        return self._root

    @property
    def empty(self) -> bool:
        """Whether no village is listed."""
        return not self._villages

    def show_villages(self, root: Path) -> None:
        """List the villages under a folder, or say what to do when there is none."""
        self._root = root
        self._villages = list_villages(root)
        self.villages.clear()
        for village in self._villages:
            words = text(
                "ui.masuk.baris_desa", nama=village.nama_desa, kode=_dotted(village.kode_desa)
            )
            if village.practice:
                words = text("ui.masuk.baris_latihan", desa=words)
            self.villages.addItem(words)
        some = bool(self._villages)
        self._fields.setVisible(some)
        self.enter.setVisible(some)
        self.forgotten.setVisible(some)
        for way in (self.join, self.new):  # with no village they are what the page is for
            set_style(way, "flat", some)
        key = "ui.masuk.pengantar" if some else "ui.masuk.kosong"
        self.lead.setText(text(key, folder=str(root)))
        if some:
            self.villages.setCurrentIndex(0)
            self.passphrase.setFocus()
        else:
            self.join.setFocus()

    def choose(self, folder: Path) -> None:
        """Choose the village of this folder, if it is listed."""
        for row, village in enumerate(self._villages):
            if village.path == folder:
                self.villages.setCurrentIndex(row)

    def wait_for(self, folder: Path, account: str) -> None:
        """Show who was here last; nobody signs in until reset() says that their village closed."""
        self.choose(folder)
        self.account.setCurrentText(account)
        self.passphrase.setText("")
        self._busy(working=True)
        self.enter.setText(text("ui.masuk.menutup"))

    def reset(self) -> None:
        """Forget the passphrase and wait for the next person."""
        self.passphrase.setText("")  # not clear(): that could be undone
        self.note.hide()
        self._busy(working=False)
        self.passphrase.setFocus()

    def sign_in(self) -> None:
        """Open the chosen village with the passphrase; the answer comes by a signal."""
        row = self.villages.currentIndex()
        if self._task is not None or row < 0 or self._clock.isActive():
            return
        folder = self._villages[row].path
        account = self.account.currentText()
        passphrase = self.passphrase.text()

        def work(_progress: Progress) -> Village:
            from siks_offline.desa import accounts

            return accounts.open_village(folder, account, passphrase)

        if self.first is not None:
            self._begin_first(folder, account, passphrase)
            return
        self._start(work)

    def _begin_first(self, folder: Path, account: str, code: str) -> None:
        """Let the passphrase that was typed beside the first code take its place."""
        first, now = self.first, self._now()
        assert first is not None
        try:
            chosen = first.chosen()
        except SiksError as error:
            self._say(error)
            first.again.setFocus()
            return

        def work(_progress: Progress) -> Village:
            from siks_offline.desa import accounts

            return accounts.first_sign_in(folder, account, code, chosen, now)

        self._start(work)

    def _start(self, work: Callable[[Progress], Village]) -> None:
        self.note.hide()
        self._busy(working=True)
        self._task = Task(work)
        self._task.finished.connect(self._opened)
        self._task.failed.connect(self._refused)
        self._task.start(QThreadPool.globalInstance())

    def showEvent(self, event: QShowEvent) -> None:
        """Wait at the passphrase: village and account are mostly chosen already."""
        super().showEvent(event)
        self._wear()
        (self.passphrase if self._villages else self.join).setFocus()

    def _wear(self) -> None:
        """Take the size of text that was worn before the lock; the page is built only once."""
        self._sheet.setFixedWidth(theme.px(CARD_WIDTH))
        if self._worn != theme.scale:
            self._worn = theme.scale
            for field in (self.villages, self.account, self.passphrase):
                field.setFont(theme.entry())
            self._title.setFont(theme.title())
            self.enter.setFont(theme.strong())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep every line reachable in a low window."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Let the page scroll from when it is higher than its room; mostly it never is."""
        if self._ground.parentWidget() is not self:
            return
        if self._ground.minimumSizeHint().height() <= self.height():
            return
        from PySide6.QtWidgets import QScrollArea

        focused = self.focusWidget()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setProperty("focusPolicy", "NoFocus")
        self._outer.replaceWidget(self._ground, area)
        area.show()  # at once: Tab passes by what its layout will only show with the next event
        area.setWidget(self._ground)
        if focused is not None:
            focused.setFocus()  # which a widget loses that is moved
            area.ensureWidgetVisible(focused)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and tell the first time."""
        super().paintEvent(event)
        if not self._seen:
            self._seen = True
            self.painted.emit()

    def _busy(self, *, working: bool) -> None:
        others = (self.other, self.join, self.restore, self.new, self.forgotten)
        for widget in (self.villages, self.account, self.enter, self.reveal, *others):
            widget.setEnabled(not working)
        self.passphrase.setReadOnly(working)
        self.enter.setText(text("ui.masuk.membuka" if working else "ui.masuk.masuk"))

    def _opened(self, village: Village) -> None:
        self._task = None
        self.passphrase.setText("")
        self._forget_first()
        self.opened.emit(village)

    def _refused(self, error: Exception) -> None:
        self._task = None
        self._busy(working=False)
        self._say(error)
        if self.first is not None and self.first.isVisible():
            self.first.fresh.setFocus()
        else:
            self.passphrase.selectAll()
            self.passphrase.setFocus()
        if isinstance(error, SiksError) and error.code == WAIT:
            self._count_down(int(error.facts["detik"]))
        elif isinstance(error, SiksError) and error.code == FIRST:
            self._ask_first()
        self.refused.emit(error)
        if isinstance(error, SiksError) and error.code in RECOVERABLE:
            folder = self._villages[self.villages.currentIndex()].path
            self.recover(folder, self.account.currentText())

    def _say(self, error: Exception) -> None:
        if isinstance(error, SiksError):
            words = text(
                "ui.umum.galat", pesan=error.message, tindakan=error.remedy, kode=error.code
            )
        else:
            words = text("ui.dialog.kesalahan")
        self.note.setText(words)
        self.note.show()
        QTimer.singleShot(0, self, self._fit)

    def _ask_first(self) -> None:
        """Show the lines for a passphrase of one's own below the code."""
        from siks_offline.ui.first_code import FirstCode

        self._forget_first()
        village = self._villages[self.villages.currentIndex()]
        self.first = FirstCode((village.nama_desa, self.account.currentText()))
        self.first.entered.connect(self.sign_in)
        self._fields_column.addWidget(self.first)
        self.first.show()
        self.note.hide()
        QTimer.singleShot(0, self, self._fit)  # when the layouts know the new lines
        self.first.fresh.setFocus()

    def _forget_first(self) -> None:
        if self.first is not None:
            self.first.hide()
            self.first.deleteLater()
            self.first = None

    def _count_down(self, seconds: int) -> None:
        """Say every second how long the next try has to wait, and let nobody try before."""
        self._seconds = seconds
        self.enter.setEnabled(False)
        self.passphrase.setReadOnly(True)
        self._clock.start()

    def _tick(self) -> None:
        self._seconds -= 1
        if self._seconds > 0:
            self._say(SecretError(WAIT, detik=self._seconds))
            return
        self._clock.stop()
        self.note.hide()
        self.enter.setEnabled(True)
        self.passphrase.setReadOnly(False)
        self.passphrase.setFocus()

    def _choose(self, row: int) -> None:
        self.account.clear()
        if row >= 0:
            self.account.addItems(list(self._villages[row].accounts))
        self._forget_first()
        self.note.hide()

    def _other_account(self) -> None:
        """Each account waits for itself alone."""
        self._forget_first()
        if self._clock.isActive():
            self._seconds = 0
            self._tick()

    def _reveal(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.passphrase.setEchoMode(mode)
        self.reveal.setText(text("ui.masuk.tutupi" if shown else "ui.masuk.lihat"))

    def _join(self) -> None:
        from siks_offline.ui.pairing_dialog import PairingDialog

        dialog = PairingDialog(self, self._root, self._now)
        dialog.joined.connect(self._joined)
        dialog.open()

    def join_by(self, invitation: Path) -> None:
        """Begin to join a village with an invitation that was dropped here."""
        self._join()
        from siks_offline.ui.pairing_dialog import PairingDialog

        self.findChildren(PairingDialog)[-1].take_file(invitation)

    def _restore(self) -> None:
        from siks_offline.ui.restore_dialog import RestoreDialog

        dialog = RestoreDialog(self, self._root, self._now)
        dialog.restored.connect(self._joined)
        dialog.open()

    def recover(self, folder: Path, account: str) -> None:
        """Offer what brings a damaged village back."""
        from siks_offline.ui.restore_dialog import RecoveryDialog

        dialog = RecoveryDialog(self, folder, account, self._now)
        dialog.recovered.connect(self._joined)
        dialog.open()

    def begin(self) -> None:
        """Begin a new village, or go on where a power cut ended it."""
        from siks_offline.ui.first_run_dialog import FirstRunDialog

        dialog = FirstRunDialog(self, self._root, self._now)
        dialog.made.connect(self._made)
        dialog.invited.connect(self._join)
        dialog.open()

    def _made(self, village: Village) -> None:
        self.show_villages(self._root)
        self.choose(village.folder)
        self.opened.emit(village)

    def _rescue(self) -> None:
        from siks_offline.ui.rescue_dialog import RescueDialog

        village = self._villages[self.villages.currentIndex()]
        dialog = RescueDialog(self, village, self.account.currentText(), self._now)
        dialog.made.connect(self.opened)
        dialog.open()

    def _joined(self, folder: Path) -> None:
        self.show_villages(self._root)
        self.choose(folder)

    def _look_elsewhere(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        folder = QFileDialog.getExistingDirectory(
            self, text("ui.masuk.folder_lain"), str(self._root)
        )
        if folder:
            self.show_villages(Path(folder))


def _dotted(code: str) -> str:
    """Ten digits as people write a region's code: 35.09.12.2003."""
    return ".".join(filter(None, (code[:2], code[2:4], code[4:6], code[6:])))
