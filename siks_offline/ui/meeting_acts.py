"""What is done to the musyawarah as a whole: sittings, the rest, closing, its papers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMenu

from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.plain import button
from siks_offline.ui.sitting_dialog import SittingDialog

if TYPE_CHECKING:
    from siks_offline.desa.village import Village
    from siks_offline.meeting import Meeting
    from siks_offline.model import Changes
    from siks_offline.progress import Progress
    from siks_offline.ui.meeting_page import MeetingPage


class MeetingActs(QObject):
    """The buttons over the agenda and what they do; the page shows what came of it."""

    def __init__(self, page: MeetingPage) -> None:
        super().__init__(page)
        self._page = page
        self.sittings = button(text("ui.musyawarah.sidang"), icon="members")
        self.sittings.setMenu(QMenu(page))
        self.rest = button(text("ui.musyawarah.sisa"), icon="done")
        self.rest.clicked.connect(self.decide_rest)
        self.papers = button(text("ui.musyawarah.surat"), icon="form")
        self.papers.setMenu(QMenu(page))
        self.close_ = button(text("ui.musyawarah.tutup"), icon="lock", primary=True)
        self.close_.clicked.connect(self.begin_close)

    @property
    def meeting(self) -> Meeting | None:
        """The musyawarah as it was read last."""
        return self._page.meeting

    def show(self, meeting: Meeting) -> None:
        """Offer what can be done now."""
        self.rest.setEnabled(not meeting.closed)
        menu = self.sittings.menu()
        menu.clear()
        menu.addAction(text("ui.musyawarah.sidang_baru"), partial(self.edit_sitting, ""))
        for one in meeting.sittings:
            words = text(
                "ui.musyawarah.sidang_baris", nomor=one.number, tanggal=one.date, tempat=one.place
            )
            menu.addAction(words.replace("&", "&&"), partial(self.edit_sitting, one.id))
        papers = self.papers.menu()
        papers.clear()
        papers.addAction(text("ui.musyawarah.cetak"), self.print_)
        papers.addAction(text("ui.musyawarah.petugas"), self.assign)
        attach = papers.addAction(text("ui.musyawarah.lampirkan"), self._choose_scan)
        attach.setEnabled(meeting.closed)
        for paper in meeting.documents:
            name = text(f"musyawarah.surat.{paper.kind}")
            words = text("ui.musyawarah.terlampir", surat=name, hash=paper.sha256[:12])
            papers.addAction(words).setEnabled(False)

    def name_closing(self, *, narrow: bool) -> None:
        """Say what the large button does."""
        closed = bool(self.meeting and self.meeting.closed)
        name = "buka" if closed else "tutup"
        roomy = theme.scale > theme.ROOMY  # there the other buttons have a line of their own
        short = narrow and not roomy
        self.close_.setText(text(f"ui.musyawarah.{name}{'_pendek' * short}"))

    def decide_rest(self) -> None:
        """Say of the rest of the prelist: found, after asking."""
        count = self.meeting.tally.columns["belum"] if self.meeting else 0
        if not count or not dialogs.ask(
            self._page,
            text("ui.musyawarah.sisa_tanya", jumlah=grouped(count)),
            text("ui.musyawarah.sisa_akibat"),
            text("ui.musyawarah.sisa_ya"),
        ):
            return
        now = self._page.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import meeting

            return meeting.decide_rest(village, now)[1]

        self._page.start(work, self._page.acted)

    def edit_sitting(self, id_: str) -> None:
        """Open a sitting, or a new one."""
        known = self.meeting.sittings if self.meeting else ()
        found = next((one for one in known if one.id == id_), None)
        closed = bool(self.meeting and self.meeting.closed)
        dialog = SittingDialog(self._page.desk, found, self._page, fixed=closed)
        dialog.kept.connect(self._page.read)
        dialog.open()

    def begin_close(self) -> None:
        """Close the musyawarah, or open it again with a reason."""
        meeting = self.meeting
        if meeting is None:
            return
        if meeting.closed:
            self._reopen()
            return
        if meeting.tally.open:
            dialogs.tell(
                self._page,
                text("ui.musyawarah.masih_ada", jumlah=grouped(meeting.tally.open)),
                text("ui.musyawarah.masih_ada_tindakan"),
                icon="confirm",
            )
            self._page.filter.setCurrentIndex(1)
            return
        way = "musyawarah" if meeting.sittings else "sptjm"
        if not dialogs.ask(
            self._page,
            text(f"ui.musyawarah.tutup_tanya.{way}"),
            text("ui.musyawarah.tutup_akibat", akhir=grouped(meeting.tally.final)),
            text("ui.musyawarah.tutup_ya"),
        ):
            return
        now = self._page.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import closing

            return closing.close(village, now, way=way)[1]  # type: ignore[arg-type]

        self._page.start(work, self._page.acted)

    def _reopen(self) -> None:
        reason = dialogs.ask_reason(self._page, text("ui.musyawarah.buka_tanya"))
        if reason is None:
            return
        now = self._page.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import closing

            return closing.reopen(village, reason, now)[1]

        self._page.start(work, self._page.acted)

    def attach(self, path: Path) -> None:
        """Keep the scan of the signed paper."""
        now = self._page.desk.now()

        def work(village: Village, _progress: Progress) -> str:
            from siks_offline.desa import closing

            return closing.attach(village, path, now).kind

        self._page.start(work, self._attached)

    def _attached(self, kind: str) -> None:
        name = text(f"musyawarah.surat.{kind}")
        self._page.said.emit(text("ui.musyawarah.sudah_terlampir", surat=name))
        self._page.read()

    def assign(self) -> None:
        """Open who visits which RT."""
        from siks_offline.ui.officers_dialog import OfficersDialog

        OfficersDialog(self._page).open()

    def print_(self) -> None:
        """Open the papers that can be printed."""
        from siks_offline.ui.papers_dialog import PapersDialog

        PapersDialog(self._page.desk, self._page).open()

    def _choose_scan(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._page, text("ui.musyawarah.pilih_surat"), "", text("ui.musyawarah.jenis_surat")
        )
        if name:
            self.attach(Path(name))
