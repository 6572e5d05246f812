"""The window: builds the pages, holds the actions, passes Changes on; nothing else."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from siks_offline.texts import text
from siks_offline.ui import collector
from siks_offline.ui.sign_in_page import SignInPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent

    from siks_offline.desa.village import Village
    from siks_offline.model import Changes
    from siks_offline.ui.frame import Header, Rail, StatusLine
    from siks_offline.ui.keeper import Keeper
    from siks_offline.ui.locking import Guard, Left
    from siks_offline.ui.page import Desk, Page

SMALLEST = (1000, 520)
USUAL = (1366, 728)
VISIT = "kunjungan"
FORMS = frozenset({VISIT, "usulan_isi"})
"""Pages that have the whole window to themselves."""
HOME = "beranda"
PAGES = {
    HOME: ("home_page", "HomePage"),
    "prelist": ("prelist_page", "PrelistPage"),
    "musyawarah": ("meeting_page", "MeetingPage"),
    "usulan": ("proposals_page", "ProposalsPage"),
    "usulan_isi": ("proposal_page", "ProposalPage"),
    VISIT: ("visit_page", "VisitPage"),
    "serah_terima": ("handover_page", "HandoverPage"),
    "cek_status": ("status_page", "StatusPage"),
    "laporan": ("report_page", "ReportPage"),
    "pemadanan": ("matching_page", "MatchingPage"),
    "pengaturan": ("settings_page", "SettingsPage"),
    "pengawasan": ("supervision_page", "SupervisionPage"),
    "akun": ("accounts_page", "AccountsPage"),
    "instrumen": ("instrument_page", "InstrumentPage"),
    "riwayat": ("history_page", "HistoryPage"),
    "sampah": ("bin_page", "BinPage"),
    "periksa_data": ("check_page", "CheckPage"),
    "log": ("log_page", "LogPage"),
    "pribadi": ("privacy_page", "PrivacyPage"),
}
"""Pages by name: their module and class, imported when they are built."""


class Pages(dict[str, "Page"]):
    """Pages by name, each built when it is first asked for."""

    def __init__(self, build: Callable[[str], Page]) -> None:
        super().__init__()
        self._build = build

    def __missing__(self, name: str) -> Page:
        page = self[name] = self._build(name)
        return page


class MainWindow(QMainWindow):
    """One village at a time: signed out it shows the first page, signed in the others."""

    ready = Signal()
    """A village is open and its first page is in front."""

    def __init__(self, root: Path, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now
        self._file: Path | None = None
        self.desk: Desk | None = None
        self._closing: Desk | None = None
        self._left: Left | None = None
        self.guard: Guard | None = None
        self._keeper: Keeper | None = None
        self.pages = Pages(self._build_page)
        self.current: Page | None = None
        self.setWindowTitle(text("umum.aplikasi"))
        self.resize(*USUAL)
        self.setMinimumSize(*SMALLEST)
        self.setAcceptDrops(True)
        self._outer = QStackedWidget(self)
        self.sign_in = SignInPage(root, now, self._outer)
        self.sign_in.opened.connect(self.enter)
        self._outer.addWidget(self.sign_in)
        self.setCentralWidget(self._outer)
        self._desk_side: QWidget | None = None
        self.rail: Rail
        self.header: Header
        self.status: StatusLine

    def open_file(self, path: Path) -> None:
        """Remember a file the program was started with; it is shown, never taken, after sign-in."""
        self._file = path

    def enter(self, village: Village) -> None:
        """Build the pages for an open village and show the first."""
        from siks_offline.ui.page import Desk

        self.desk = Desk(village, self._now)
        self._watch(village)
        self._keep(self.desk)
        self.setWindowTitle(text("ui.bingkai.judul", desa=village.nama_desa))
        self._dress(village)
        self.show_page(HOME)
        left, self._left = self._left, None
        if left is not None and left.whose == (village.folder, village.account):
            self.show_page(left.page, left.place)
        self.ready.emit()
        if village.first_run and self.current is not None:
            from siks_offline.ui import first_run_dialog

            first_run_dialog.settle(self.current, self._practise)
        if self._file is not None:
            file, self._file = self._file, None
            self.show_page("serah_terima", file)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let files of ours be dropped anywhere."""
        from siks_offline.ui import incoming

        if incoming.dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Show what a dropped file would do; signed out, an invitation begins a pairing."""
        from siks_offline.desa.incoming import is_invitation
        from siks_offline.ui import incoming

        path = incoming.dropped(event)
        if path is None:
            return
        event.acceptProposedAction()
        if self.current is not None:
            incoming.Offer(self.current, path)
        elif is_invitation(path):
            self.sign_in.join_by(path)
        else:
            self.open_file(path)

    def restyle(self) -> None:
        """Build all pages anew in the face that the account wants now."""
        if self.desk is None or (self.current is not None and not self.current.may_leave()):
            return
        name = self.current.NAME if self.current is not None else HOME
        self._take_down()
        self._dress(self.desk.village)
        self.show_page(name)

    def _dress(self, village: Village) -> None:
        from PySide6.QtWidgets import QApplication

        from siks_offline.ui import theme

        wanted = village.preferences
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.use(app, text_size=wanted.text_size, look=wanted.look)
        self._build_desk()
        self.header.show_village(village)
        self.status.show_practice(village.practice)
        assert self._desk_side is not None
        self._outer.setCurrentWidget(self._desk_side)

    def show_page(self, name: str, argument: object = None) -> None:
        """Bring a page to the front, if the present one may be left."""
        if self.desk is None:
            return  # locked meanwhile
        page = self.pages[name]
        if self.current is not None and self.current is not page and not self.current.may_leave():
            if self.current.NAME in self.rail.buttons:
                self.rail.show_page(self.current.NAME)
            return
        self.current = page
        self.rail.setVisible(name not in FORMS)
        self.header.setVisible(name not in FORMS)
        self.rail.show_page(name)
        self.status.show_keys(text(page.KEYS))
        self._stack.setCurrentWidget(page)
        page.open(argument)

    def spread(self, changes: Changes) -> None:
        """Tell every page what was touched."""
        for page in self.pages.values():
            page.refresh(changes)
        if self._keeper is not None:
            self._keeper.refresh(changes)

    def lock(self) -> None:
        """Keep what is typed, close the village, leave nothing of it on the screen.

        What stands open above the window goes first; work on the disk ends before the village is
        closed, and nobody signs in until then.
        """
        from siks_offline.ui import locking

        desk, page = self.desk, self.current
        if desk is None:
            return
        if locking.dismissed_talks() or (page is not None and not page.part()):
            QTimer.singleShot(locking.AGAIN_MS, self, self.lock)
            return
        village = desk.village
        if page is not None:
            self._left = locking.Left((village.folder, village.account), page.NAME, page.place())
        self.desk, self._closing = None, desk
        self._keeper = None
        locking.mask_numbers()
        if self.guard is not None:
            self.guard.end()
        self.setWindowTitle(text("umum.aplikasi"))
        self._outer.setCurrentWidget(self.sign_in)
        self.sign_in.wait_for(village.folder, village.account)
        self._take_down()
        if desk.idle(locking.SHORT_MS):
            self._closed(None)
            return
        task = desk.task(lambda _village, _progress: desk.end())
        task.finished.connect(self._closed)
        task.failed.connect(self._closed)
        desk.start(task)

    def _closed(self, _: object) -> None:
        if self._closing is not None:
            self._closing.close()
            self._closing = None
        self.sign_in.reset()

    def _keep(self, desk: Desk) -> None:
        from siks_offline.ui.keeper import Keeper

        self._keeper = Keeper(desk)
        self._keeper.changed.connect(self.spread)
        self._keeper.damaged.connect(self._recover)

    def _recover(self) -> None:
        """Close a village whose file turned out damaged, and offer what brings it back."""
        if self.desk is not None:
            folder, account = self.desk.village.folder, self.desk.village.account
            self.lock()
            self.sign_in.recover(folder, account)

    def _practise(self) -> None:
        """Make a practice world beside the villages, then sign in there."""
        from siks_offline.ui import dialogs, practice

        root = self.sign_in.root
        assert self.desk is not None
        task = self.desk.task(lambda _village, progress: practice.make(root, progress))
        task.finished.connect(self._to_practice)
        task.failed.connect(self._no_practice)
        dialogs.Waiting(self, text("ui.latihan.menyiapkan"), task)
        self.desk.start(task)

    def _to_practice(self, folder: Path) -> None:
        self.lock()
        self._left = None
        self.sign_in.show_villages(folder)

    def _no_practice(self, error: Exception) -> None:
        from siks_offline.ui import dialogs

        dialogs.say(self, error)

    def _watch(self, village: Village) -> None:
        if self.guard is None:
            from siks_offline.ui.locking import Guard

            self.guard = Guard(self)
            self.guard.wanted.connect(self.lock)
        self.guard.begin(village)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what is typed, then close the village."""
        if self.current is not None and not self.current.may_leave():
            event.ignore()
            return
        if self.desk is not None:
            self.desk.drain()  # a disk that refuses the last answers is told while somebody is here
        self._leave()
        event.accept()

    def _leave(self) -> None:
        if self.guard is not None:
            self.guard.end()
        if self._closing is not None:
            self._closing.close()
            self._closing = None
        self._keeper = None
        if self.desk is not None:
            self.desk.close()
            self.desk = None
        self._take_down()

    def _take_down(self) -> None:
        self.current = None
        self.pages = Pages(self._build_page)
        if self._desk_side is not None:
            self._outer.removeWidget(self._desk_side)
            self._desk_side.deleteLater()
            self._desk_side = None
            collector.sweep()

    def _build_desk(self) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtGui import QAction, QKeySequence

        from siks_offline.ui.frame import Header, Rail, StatusLine
        from siks_offline.ui.home_page import HomePage
        from siks_offline.ui.masking import Masking

        assert self.desk is not None
        side = QWidget()
        side.setObjectName("ground")
        self.rail = Rail()
        self.rail.chosen.connect(self.show_page)
        self.header = Header()
        self.header.locked.connect(self.lock)
        self.header.masked.connect(Masking(self).turn)
        self.status = StatusLine()
        self._stack = QStackedWidget()
        home = self.pages[HOME]
        assert isinstance(home, HomePage)
        home.counted.connect(self.rail.show_count)
        home.shown.connect(self._build_next)
        if self._keeper is not None:
            home.shown.connect(self._keeper.begin)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(self._stack, 1)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(middle, 1)
        column.addWidget(self.status)
        for keys, slot in (
            ("Ctrl+L", self.lock),
            ("F3", self._find),
            ("Ctrl+F", self._find),
            ("Ctrl+E", self._export),
            ("Ctrl+N", self._add_household),
            ("Ctrl+/", self._show_keys),
        ):
            action = QAction(side)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.triggered.connect(slot)
            side.addAction(action)
        self._outer.addWidget(side)
        self._desk_side = side

    def _build_page(self, name: str) -> Page:
        assert self.desk is not None
        module, kind = PAGES[name]
        page: Page = getattr(import_module(f"siks_offline.ui.{module}"), kind)(self.desk)
        page.wanted.connect(self.show_page)
        page.changed.connect(self.spread)
        page.said.connect(self.status.say)
        page.restyled.connect(self._restyle_next)
        page.offered.connect(self.status.offer)
        self._stack.addWidget(page)
        return page

    def _build_next(self) -> None:
        """Build one page that is not there yet, and come back for the next."""
        missing = [name for name in PAGES if name not in self.pages]
        if self.desk is not None and missing:
            self.pages[missing[0]]
            QTimer.singleShot(0, self, self._build_next)
        elif self.desk is not None:
            collector.settle()

    def _restyle_next(self) -> None:
        QTimer.singleShot(0, self, self.restyle)

    def _find(self) -> None:
        self.show_page("prelist", "cari")

    def _export(self) -> None:
        if self._may("handover.export"):
            self.show_page("serah_terima", "ekspor")

    def _show_keys(self) -> None:
        from siks_offline.ui import key_card

        key_card.show_keys(self, self.desk)

    def _add_household(self) -> None:
        if self._may("visit.add_household"):
            self.show_page("prelist", "tambah")

    def _may(self, right: str) -> bool:
        """Whether the role may do what a key asks for; it is told when not."""
        from siks_offline.desa import rights

        assert self.desk is not None
        village = self.desk.village
        if not rights.may(village.role, right):
            self.status.say(text("ui.umum.bukan_peran", peran=text(f"ui.peran.{village.role}")))
            return False
        return True
