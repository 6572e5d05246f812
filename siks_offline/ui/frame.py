"""The frame around the pages: rail of pages, header of the village, status line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from siks_offline.texts import text
from siks_offline.ui import icons, masking, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.plain import PlainLabel, button, set_style

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent

    from siks_offline.desa.village import Village

RAIL_WIDTH = 176
OFFERED_MS = 10_000
BETWEEN_KEYS = "   "
PAGES = (
    ("beranda", "home"),
    ("prelist", "list"),
    ("musyawarah", "members"),
    ("serah_terima", "send"),
    ("cek_status", "search"),
    ("laporan", "chart"),
    ("pengaturan", "settings"),
)
"""Pages of the rail and their icons, in order; the visit is reached through a household."""


OPENED_FROM = {"pengawasan": "beranda", "usulan": "musyawarah", "pemadanan": "prelist"}
"""Pages without a button that are opened from elsewhere than the settings."""


class Rail(QFrame):
    """The pages on the left: icon, word and, where it means something, a count."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setFixedWidth(theme.px(RAIL_WIDTH))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.STEP, 2 * theme.STEP, theme.STEP, theme.STEP)
        column.setSpacing(theme.STEP // 2)
        self._group = QButtonGroup(self)
        self.buttons = {}
        self._counts: dict[str, PlainLabel] = {}
        for number, (name, icon) in enumerate(PAGES, 1):
            word = text(f"ui.halaman.{name}")
            made = button(word)
            made.setProperty("rail", True)
            made.setCheckable(True)
            made.setIcon(icons.icon(icon))
            made.setIconSize(QSize(18, 18))
            made.setFixedSize(theme.px(RAIL_WIDTH) - 2 * theme.STEP, theme.px(36))
            made.setAccessibleName(word)
            made.setShortcut(f"Alt+{number}")
            made.setObjectName(name)
            made.clicked.connect(self._clicked)
            count = PlainLabel(tone="secondary", face="small")
            inside = QHBoxLayout(made)
            inside.setContentsMargins(0, 0, theme.STEP, 0)
            inside.addStretch(1)
            inside.addWidget(count)
            self._group.addButton(made)
            self.buttons[name] = made
            self._counts[name] = count
            column.addWidget(made)
        column.addStretch(1)

    def show_page(self, name: str) -> None:
        """Mark the page that is open; one without a button marks the page it is opened from."""
        known = name if name in self.buttons else OPENED_FROM.get(name, "pengaturan")
        self.buttons[known].setChecked(True)

    def show_count(self, name: str, count: int, words: str) -> None:
        """Show how many wait on a page; the words tell what is counted to a screen reader."""
        self._counts[name].setText(grouped(count) if count else "")
        self.buttons[name].setAccessibleDescription(words)

    def _clicked(self) -> None:
        self.chosen.emit(self.sender().objectName())


class Header(QFrame):
    """Village, period and account at the top, with the key that locks."""

    locked = Signal()
    masked = Signal()
    """Numbers of people are to be shown whole, or masked again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setFixedHeight(theme.px(44))
        self.village = PlainLabel(face="strong")
        self.region = PlainLabel(tone="secondary")
        self.practice = PlainLabel(text("ui.bingkai.latihan"), face="strong")
        self.practice.setObjectName("practiceChip")
        self.practice.setFixedHeight(theme.px(26))
        self.account = PlainLabel(tone="secondary")
        self.lock = button(text("ui.bingkai.kunci"), icon="lock", flat=True)
        self.lock.clicked.connect(self.locked)
        self.numbers = button(text("ui.samar.buka"), flat=True)
        self.numbers.setShortcut("Ctrl+M")
        self.numbers.clicked.connect(self.masked)
        line = QHBoxLayout(self)
        line.setContentsMargins(2 * theme.STEP, 0, theme.STEP, 0)
        line.setSpacing(2 * theme.STEP)
        line.addWidget(self.village)
        line.addWidget(self.region)
        line.addWidget(self.practice)
        line.addStretch(1)
        line.addWidget(self.account)
        line.addWidget(self.numbers)
        line.addWidget(self.lock)

    def show_village(self, village: Village) -> None:
        """Show whose data these are."""
        self.village.setText(village.nama_desa)
        self.region.setText(text("ui.bingkai.periode", periode=village.period))
        self.account.setText(
            text("ui.bingkai.akun", akun=village.account, peran=text(f"ui.peran.{village.role}"))
        )
        self.practice.setVisible(village.practice)
        self.numbers.setText(text("ui.samar.tutup" if masking.revealed() else "ui.samar.buka"))


class StatusLine(QFrame):
    """The last thing kept, the age of the backup, the keys that matter on this page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        self.setFixedHeight(theme.px(26))
        self.practice = PlainLabel(text("ui.bingkai.pita_latihan"), face="small")
        self.said = PlainLabel(face="small")
        self._keys: list[str] = []
        self.undo = button(text("ui.batalkan.tombol"), flat=True)
        self.undo.setShortcut("Alt+Z")
        self.undo.setFont(theme.small())
        self.undo.setStyleSheet("min-height: 0; padding: 0 8px;")
        self.undo.setFixedHeight(theme.px(24))
        self.undo.clicked.connect(self._take_back)
        self.undo.hide()
        self._offer: Callable[[], object] | None = None
        self._offered = QTimer(self)
        self._offered.setSingleShot(True)
        self._offered.setInterval(OFFERED_MS)
        self._offered.timeout.connect(self._withdraw)
        self.keys = PlainLabel(face="small")
        self.keys.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = QHBoxLayout(self)
        line.setContentsMargins(2 * theme.STEP, 0, 2 * theme.STEP, 0)
        line.setSpacing(3 * theme.STEP)
        line.addWidget(self.practice)
        line.addWidget(self.said)
        line.addWidget(self.undo)
        line.addStretch(1)
        line.addWidget(self.keys)

    def show_practice(self, practice: bool) -> None:
        """Mark invented data, on every page."""
        self.practice.setVisible(practice)
        self._fit()
        set_style(self, "practice", practice)
        for label in self.findChildren(PlainLabel):  # the style asked its parent before this
            label.style().unpolish(label)
            label.style().polish(label)

    def say(self, sentence: str) -> None:
        """Show what was done last."""
        self.said.setText(sentence)
        self.said.setAccessibleName(sentence)
        self._fit()

    def offer(self, sentence: str, take_back: Callable[[], object]) -> None:
        """Say what was thrown away, and for ten seconds let it be taken back."""
        self.say(sentence)
        self._offer = take_back
        self.undo.show()
        self._offered.start()
        self._fit()

    def _take_back(self) -> None:
        offer = self._offer
        self._withdraw()
        if offer is not None:
            offer()

    def _withdraw(self) -> None:
        self._offered.stop()
        self._offer = None
        self.undo.hide()
        self._fit()

    def show_keys(self, words: str) -> None:
        """Show the keys of a page, the most wanted first; those without room are left out."""
        self._keys = words.split(BETWEEN_KEYS)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many keys as there is room for now."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        words = (self.practice, self.said, self.undo)
        shown = [one for one in words if not one.isHidden() and one.text()]
        room = self.width() - sum(one.sizeHint().width() for one in shown) - 13 * theme.STEP
        keys = list(self._keys)
        metrics = self.keys.fontMetrics()
        while keys and metrics.horizontalAdvance(BETWEEN_KEYS.join(keys)) > room:
            keys.pop()
        self.keys.setText(BETWEEN_KEYS.join(keys))
