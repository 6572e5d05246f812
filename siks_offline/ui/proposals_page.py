"""The page of proposals: who registered, one more family, a list that came by another door."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import text
from siks_offline.ui import dialogs, household_acts, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.household_table import dress, fit, grouped_number, lay
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from siks_offline.desa.proposals_book import Preview
    from siks_offline.desa.village import Village
    from siks_offline.instrument.criteria import Region
    from siks_offline.meeting import ProposalLine
    from siks_offline.model import Changes
    from siks_offline.progress import Progress

COLUMNS = ("nomor", "nama", "no_kk", "rt_rw", "anggota", "pendaftar", "pintu", "keadaan")
WIDTHS = (68, 150, 174, 80, 70, 150, 100, 124)
NAME, SPARE = 1, (5, 6, 2)
"""The column that takes what is left; those that are left out where there is little, in order."""
_ID = Qt.ItemDataRole.UserRole
_LARGEST_CRITERIA = 1 << 20


class ProposalsPage(Page):
    """Proposals of the period, newest first; Enter opens one, Ctrl+B begins one."""

    NAME = "usulan"
    KEYS = "ui.usulan.tombol"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._lines: list[ProposalLine] = []
        self._stale = True
        self.back = button(text("ui.usulan.ke_musyawarah"), icon="back", flat=True)
        self.back.clicked.connect(self.leave)
        self.count = PlainLabel(tone="secondary")
        self.begin = button(text("ui.usulan.daftarkan"), icon="add", primary=True)
        self.begin.clicked.connect(self.begin_one)
        self.more = button(text("ui.usulan.lagi"), icon="members")
        self.more.clicked.connect(self.begin_like)
        self.bring = button(text("ui.usulan.muat"), icon="import")
        self.bring.clicked.connect(self._choose_file)
        self.criteria = button(text("ui.usulan.kriteria_daerah"), icon="list", flat=True)
        self.criteria.clicked.connect(self.show_criteria)
        self.throw = button(text("ui.usulan.buang"), icon="remove")
        self.throw.clicked.connect(self.throw_away)
        self.table = QTableWidget(0, len(COLUMNS))
        self._dress_table()
        self.empty = PlainLabel(text("ui.usulan.kosong"), wrap=True, tone="secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        top = QHBoxLayout()
        top.setSpacing(theme.STEP)
        top.addWidget(self.back)
        top.addWidget(PlainLabel(text("ui.halaman.usulan"), face="title"))
        top.addWidget(self.count)
        top.addStretch(1)
        top.addWidget(self.criteria)
        tools = QHBoxLayout()
        tools.setSpacing(theme.STEP)
        for made in (self.begin, self.more, self.bring):
            tools.addWidget(made)
        tools.addStretch(1)
        tools.addWidget(self.throw)
        below = QWidget()
        self._stack = QStackedLayout(below)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP + 2)
        column.addLayout(top)
        column.addLayout(tools)
        column.addWidget(below, 1)
        self.told = PlainLabel(wrap=True)
        self.told.setObjectName("officeNote")
        self.told.hide()
        column.addWidget(self.told)
        for keys, slot in (("Ctrl+B", self.begin_one), ("Ctrl+Shift+B", self.begin_like)):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(slot)
            self.addAction(action)
        household_acts.key(self, household_acts.PRINT, self.print_papers)

    # --- the page's contract ----------------------------------------------------------------------

    def open(self, argument: object = None) -> None:
        """Show the list; "baru" begins a proposal."""
        self.read()
        if argument == "baru":
            self.begin_one()
        (self.table if self._lines else self.begin).setFocus()

    def refresh(self, changes: Changes) -> None:
        """Read again when households were touched."""
        if (changes.prelist or changes.households) and self.isVisible():
            self.read()

    def read(self) -> None:
        """Read the list on the database thread."""

        def work(village: Village, _progress: Progress) -> list[ProposalLine]:
            from siks_offline.desa import proposals

            return proposals.lines(village)

        task = self.desk.task(work)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self.desk.start(task)

    # --- actions ----------------------------------------------------------------------------------

    def leave(self) -> None:
        """Go back to the musyawarah."""
        self.wanted.emit("musyawarah", None)

    def begin_one(self) -> None:
        """Begin a family's proposal."""
        self._begin("")

    def begin_like(self) -> None:
        """Begin another family of the registrar whose proposal is marked."""
        line = self.line()
        self._begin(line.id if line else "")

    def line(self) -> ProposalLine | None:
        """The proposal that is marked."""
        row = self.table.currentRow()
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def print_papers(self) -> None:
        """Print the receipt of the marked proposal for the citizen."""
        line = self.line()
        household_acts.print_papers(self, ("tanda-usulan",), line.id if line else "")

    def throw_away(self) -> None:
        """Throw a draft away after asking."""
        line = self.line()
        if line is None or not dialogs.ask(
            self,
            text("ui.usulan.buang_tanya", nomor=line.number),
            text("ui.usulan.buang_akibat"),
            text("ui.usulan.buang"),
        ):
            return
        id_, now = line.id, self.desk.now()

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import proposals

            return proposals.discard(village, id_, now)

        self._start(work, self._changed)

    def import_file(self, path: Path) -> None:
        """Show what a list would add; nothing is written before the person agrees."""
        now = self.desk.now()

        def work(village: Village, progress: Progress) -> Preview:
            from siks_offline.desa import proposals_book

            return proposals_book.preview(village, path, now, progress)

        self._start(work, self._previewed)

    def show_criteria(self) -> None:
        """Show the criteria of the region; who rules here may take the region's own file."""

        def work(village: Village, _progress: Progress) -> Region:
            from siks_offline.desa import proposals

            return proposals.criteria_here(village)

        self._start(work, self._tell_criteria)

    def _tell_criteria(self, region: Region) -> None:
        lines = [text("ui.usulan.kriteria_butir", kriteria=rule.words) for rule in region.rules]
        talk = dialogs.Talk(
            self, text("ui.usulan.kriteria_judul", daerah=region.name), "\n".join(lines)
        )
        note = PlainLabel(text("ui.usulan.kriteria_arti"), wrap=True, tone="secondary")
        talk.words.addWidget(note)
        if self.may("proposals.use_criteria"):
            talk.add_button(text("ui.usulan.kriteria_ambil"), 1)
        talk.add_button(text("ui.dialog.tutup"), 0, primary=True)
        talk.accepted.connect(self._choose_criteria)
        talk.open()

    def take_criteria(self, path: Path) -> None:
        """Let a region's own file of criteria hold from now on."""
        now = self.desk.now()

        def work(village: Village, _progress: Progress) -> Region:
            from siks_offline.desa import proposals
            from siks_offline.export import files

            with files.errors(path, reading=True):
                words = path.read_bytes()[:_LARGEST_CRITERIA].decode("utf-8", "replace")
            return proposals.use_criteria(village, words, now)

        self._start(work, self._tell_criteria)

    def _choose_criteria(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, text("ui.usulan.kriteria_ambil"), "", text("ui.usulan.kriteria_berkas")
        )
        if name:
            self.take_criteria(Path(name))

    def _begin(self, like: str) -> None:
        now = self.desk.now()

        def work(village: Village, _progress: Progress) -> tuple[str, Changes]:
            from siks_offline.desa import proposals

            return proposals.begin(village, now, like=like)

        self._start(work, self._begun)

    def _begun(self, answer: tuple[str, Changes]) -> None:
        id_, changes = answer
        self.changed.emit(changes)
        self.wanted.emit("usulan_isi", id_)

    def _previewed(self, found: Preview) -> None:
        whole, drafts = found.count("terdaftar"), found.count("draf")
        facts = {
            "terdaftar": whole,
            "draf": drafts,
            "dilewati": found.count("dilewati"),
            "ditolak": found.count("ditolak"),
            "masalah": len(found.issues),
        }
        if not whole + drafts:
            dialogs.tell(
                self,
                text("ui.usulan.muat_tidak_ada"),
                text("ui.usulan.muat_isi", **facts),
                icon="note",
            )
            return
        if not dialogs.ask(
            self,
            text("ui.usulan.muat_tanya", berkas=found.file_name),
            text("ui.usulan.muat_isi", **facts),
            text("ui.usulan.muat_ya"),
        ):
            return
        now = self.desk.now()

        def work(village: Village, progress: Progress) -> Changes:
            from siks_offline.desa import proposals_book

            return proposals_book.load(village, found, now, progress)[2]

        self._start(work, self._changed)

    def _changed(self, changes: Changes) -> None:
        self.changed.emit(changes)
        self.read()

    def _start(self, work: object, then: object) -> None:
        task = self.desk.task(work)  # type: ignore[arg-type]
        task.finished.connect(then)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, text("ui.usulan.pilih_berkas"), "", text("ui.usulan.jenis_berkas")
        )
        if name:
            self.import_file(Path(name))

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)

    # --- the table --------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter opens the proposal that is marked."""
        if (
            watched is self.table
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            self._open_line()
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave columns out where others would be cut."""
        super().resizeEvent(event)
        fit(self.table, WIDTHS, SPARE, self.width())

    def _open_line(self, *_: object) -> None:
        line = self.line()
        if line is not None:
            self.wanted.emit("usulan_isi", line.id)

    def _dress_table(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels([text(f"ui.usulan.kolom.{name}") for name in COLUMNS])
        dress(table, text("ui.usulan.daftar"))
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        lay(table, WIDTHS, (NAME,))
        table.doubleClicked.connect(self._open_line)
        table.currentCellChanged.connect(self._tell_line)
        table.installEventFilter(self)

    def _show(self, lines: list[ProposalLine]) -> None:
        keep = self.line()
        self._lines = lines
        back = sum(line.sent_back for line in lines)
        key = "ui.usulan.kembali.jumlah" if back else "ui.usulan.jumlah"
        self.count.setText(text(key, jumlah=grouped(len(lines)), kembali=grouped(back)))
        self.table.setRowCount(len(lines))
        for row, line in enumerate(lines):
            shown = (
                str(line.number),
                line.nama_krt or text("ui.umum.tanpa_nama"),
                grouped_number(line.no_kk),
                "/".join(filter(None, (line.rt, line.rw))),
                str(line.anggota),
                line.registrar,
                text(f"ui.usulan.pintu.{line.door}"),
                text(f"ui.usulan.keadaan.{_standing(line)}"),
            )
            for column, words in enumerate(shown):
                item = QTableWidgetItem(words)
                item.setData(_ID, line.id)
                self.table.setItem(row, column, item)
        rows = {line.id: row for row, line in enumerate(lines)}
        if lines:
            self.table.selectRow(rows.get(keep.id, 0) if keep else 0)
        self._stack.setCurrentWidget(self.table if lines else self.empty)
        self.more.setEnabled(bool(lines))
        self.throw.setEnabled(bool(lines))
        self._tell_line()

    def _tell_line(self, *_: object) -> None:
        """Say what the office said of the proposal that is marked, and what to do."""
        from siks_offline.desa.proposals import reason_of

        line = self.line()
        why = reason_of(line.answer, line.code, line.comment) if line is not None else ""
        self.told.setVisible(bool(why))
        if line is None or not why:
            return
        name = line.nama_krt or text("ui.umum.tanpa_nama")
        key = "alasan" if line.sent_back else "ditahan"
        words = text(f"ui.usulan.kembali.{key}", nomor=line.number, nama=name, isi=why)
        if line.sent_back:
            words = f"{words}\n{text('ui.usulan.kembali.perbaiki')}"
        self.told.setText(words)


def _standing(line: ProposalLine) -> str:
    """Where a proposal stands: what the office said of it, unless it was mended since."""
    if line.answer == "rejected":
        return "diperbaiki" if line.state == "draf" else "rejected"
    return line.answer if line.answer and line.state == "terdaftar" else line.state
