"""The page of the musyawarah: the agenda on the left, the verdict of one on the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from siks_offline.meeting import COLUMNS, OF_PRELIST, OF_PROPOSALS, OPEN, is_barcode
from siks_offline.meeting import Column as Verdicts
from siks_offline.texts import text
from siks_offline.ui import dialogs, household_acts, theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.household_choice import HouseholdChoice
from siks_offline.ui.household_table import (
    Column,
    HouseholdTable,
    dress,
    fit,
    grouped_number,
    lay,
)
from siks_offline.ui.meeting_acts import MeetingActs
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button
from siks_offline.ui.table_looks import hollow
from siks_offline.ui.verdict_panel import VerdictPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from siks_offline.desa.village import Village
    from siks_offline.meeting import AgendaLine, Meeting, Proposal, Verdict
    from siks_offline.model import Changes
    from siks_offline.progress import Progress

FILTERS: tuple[tuple[str, frozenset[Verdicts] | None], ...] = (
    ("semua", None),
    ("belum_diputuskan", OPEN),
    ("prelist", frozenset(OF_PRELIST)),
    ("usulan_semua", frozenset(OF_PROPOSALS)),
    *((name, frozenset({name})) for name in COLUMNS if name not in OPEN),
)
"""Name of a filter's text, and the columns of the count it shows."""
SHORT = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
FILTER_LETTERS = 14
"""What the filter shows of its longest name while it is closed; the room goes to the search."""
PAUSE_MS = 120
SPARE = ("seq", "alamat", "nik_krt")
"""Columns that are left out where there is little room, in this order."""
ROOMY = 1_100
"""Width of the page from which address, origin and long words have room."""
ICONS = {
    "ditemukan": "done",
    "usulan": "done",
    "mampu": "skipped",
    "usulan_mampu": "skipped",
    "belum": "empty",
    "usulan_belum": "empty",
    "ganda": "confirm",
    "pindah": "skipped",
    "tidak_ditemukan": "skipped",
    "usulan_gugur": "skipped",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What keeping a verdict gave."""

    line: AgendaLine
    changes: Changes


def columns() -> tuple[Column, ...]:
    """Make the columns of the agenda."""
    show: list[tuple[str, str, int, Callable[[Any], str]]] = [
        ("nama", "nama_krt", 148, lambda line: line.nama_krt or text("ui.umum.tanpa_nama")),
        ("nik", "nik_krt", 174, lambda line: grouped_number(line.nik_krt)),
        ("alamat", "alamat", 200, lambda line: line.alamat),
        ("rt_rw", "rw", 90, lambda line: "/".join(filter(None, (line.rt, line.rw)))),
    ]
    return (
        *(Column(text(f"ui.prelist.kolom.{n}"), order, width, f) for n, order, width, f in show),
        Column(
            text("ui.musyawarah.asal.judul"),
            "seq",
            84,
            lambda line: text(f"ui.musyawarah.asal.{line.source}"),  # type: ignore[attr-defined]
        ),
        Column(
            text("ui.musyawarah.putusan"),
            "kerja",
            166,
            lambda line: text(f"musyawarah.kolom.{line.column}"),  # type: ignore[attr-defined]
            lambda line: ICONS[line.column],  # type: ignore[attr-defined]
        ),
    )


def _sent_back(village: Village, _progress: Progress) -> int:
    from siks_offline.desa import proposals

    return proposals.sent_back(village)


class MeetingPage(Page):
    """Digits decide where the list stands; the next household comes by itself."""

    NAME = "musyawarah"
    KEYS = "ui.musyawarah.tombol"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._searches = 0
        self._stale = True
        self._keep = ""
        self._back = 0
        self.meeting: Meeting | None = None
        self.standing = PlainLabel(tone="secondary", wrap=True)
        self.words = QLineEdit()
        self.words.setFont(theme.entry())
        self.words.setPlaceholderText(text("ui.prelist.cari"))
        self.words.setAccessibleName(text("ui.prelist.cari"))
        self.words.setClearButtonEnabled(True)
        self.words.installEventFilter(self)
        self.filter = QComboBox()
        self.filter.setAccessibleName(text("ui.prelist.saring"))
        for name, _ in FILTERS:
            key = f"musyawarah.kolom.{name}" if name in COLUMNS else f"ui.musyawarah.saring.{name}"
            self.filter.addItem(text(key))
        self.filter.setSizeAdjustPolicy(SHORT)
        self.filter.setMinimumContentsLength(FILTER_LETTERS)
        self.filter.currentIndexChanged.connect(self.search)
        self.count = PlainLabel(tone="secondary")
        self.proposals = button(text("ui.musyawarah.usulan"), icon="add")
        self.proposals.clicked.connect(self._open_proposals)
        self.acts = MeetingActs(self)
        self.table = QTableView()
        self.model = HouseholdTable(self.table, columns())
        self.model.needed.connect(self._read_lines)
        self.empty = hollow(self.table)
        self.panel = VerdictPanel()
        self.panel.said.connect(self.decide)
        self.panel.left.connect(self.table.setFocus)
        self.panel.twin_wanted.connect(self._choose_twin)
        self._dress_table()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.search)
        self.words.textChanged.connect(self._typed)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.STEP)
        self.title = PlainLabel(text("ui.halaman.musyawarah"), face="title")
        top.addWidget(self.title)
        top.addStretch(1)
        acts = self.acts
        large = theme.scale > theme.ROOMY
        buttons = QHBoxLayout() if large else top
        for made in (self.proposals, acts.sittings, acts.papers):
            buttons.addWidget(made)
        tools = QHBoxLayout()
        tools.setSpacing(theme.STEP)
        tools.addWidget(self.words, 1)
        tools.addWidget(self.filter)
        under = QHBoxLayout() if large else tools
        if large:
            under.addStretch(1)
        under.addWidget(acts.rest)
        top.addWidget(acts.close_)
        left = QVBoxLayout()
        left.setContentsMargins(*(2 * theme.STEP,) * 4)
        left.setSpacing(theme.STEP + 2)
        left.addLayout(top)
        if large:
            buttons.setSpacing(theme.STEP)
            buttons.addStretch(1)
            left.addLayout(buttons)
        state = QHBoxLayout()
        state.addWidget(self.standing, 1)
        state.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        left.addLayout(state)
        left.addLayout(tools)
        if large:
            left.addLayout(under)
        left.addWidget(self.table, 1)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addLayout(left, 1)
        line.addWidget(self.panel)
        for keys, slot in (
            ("Ctrl+B", self._open_proposals),
            ("F4", self.next_open),
            ("F12", self.acts.begin_close),
            ("Ctrl+P", self.acts.print_),
            (household_acts.CHANGE, self.change_household),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(slot)
            self.addAction(action)
        for before, after in (
            (self.words, self.filter),
            (self.filter, self.table),
            (self.table, self.panel),
        ):
            QWidget.setTabOrder(before, after)

    # --- the page's contract ----------------------------------------------------------------------

    def open(self, argument: object = None) -> None:
        """Show the agenda; a name of a filter shows only its columns."""
        names = [name for name, _ in FILTERS]
        if argument in names:
            self.filter.setCurrentIndex(names.index(str(argument)))
        if self._stale:
            self.search()
        self.read()
        self.table.setFocus()

    def refresh(self, changes: Changes) -> None:
        """Read changed lines again; after a new prelist or proposal the whole search."""
        if changes.prelist:
            self._stale = True
            self._keep = self.model.id_at(self.table.currentIndex().row())
            if self.isVisible():
                self.search()
                self.read()
        self.model.refresh(changes)

    # --- reading ----------------------------------------------------------------------------------

    def search(self, *_: object) -> None:
        """Look for the words under the filter, in the order of the heading."""
        self._pause.stop()
        self._stale = False
        self._searches += 1
        number, words = self._searches, self.words.text().strip()
        wanted = FILTERS[self.filter.currentIndex()][1]
        header = self.table.horizontalHeader()
        at = header.sortIndicatorSection()
        order = self.model.columns[at].order if 0 <= at < len(self.model.columns) else "rw"
        down = header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder

        def work(village: Village, _progress: Progress) -> tuple[int, list[str]]:
            from siks_offline.desa import meeting

            ids = meeting.agenda(village, words, wanted=wanted, order=order, descending=down)
            return number, ids

        self.start(work, self._found)

    def read(self) -> None:
        """Read where the musyawarah stands."""

        def work(village: Village, _progress: Progress) -> Meeting:
            from siks_offline.desa import meeting

            return meeting.read(village)

        self.start(work, self._show_meeting)
        self.start(_sent_back, self._show_back)

    def _show_back(self, count: int) -> None:
        """Say on the way to the proposals that some came back."""
        self._back = count
        self._name_proposals()

    def _name_proposals(self) -> None:
        narrow = self.width() < theme.px(ROOMY)
        key = "usulan_kembali" if self._back else "usulan_pendek" if narrow else "usulan"
        self.proposals.setText(text(f"ui.musyawarah.{key}", jumlah=grouped(self._back)))

    def _found(self, answer: tuple[int, list[str]]) -> None:
        number, ids = answer
        if number != self._searches:
            return
        keep = self._keep or self.model.id_at(self.table.currentIndex().row())
        self._keep = ""
        self.model.show(ids)
        self.count.setText(text("ui.prelist.jumlah", jumlah=grouped(len(ids))))
        if ids:
            self.table.selectRow(max(self.model.row_of(keep), 0))
        else:
            self.panel.show_line(None)
            filtered = self.filter.currentIndex() > 0 or self.words.text().strip()
            key = "ui.prelist.tidak_ada" if filtered else "ui.prelist.kosong_di_sini"
            self.empty.setText(text(key))
        self.empty.setVisible(not ids)

    def _read_lines(self, ids: list[str]) -> None:
        def work(village: Village, _progress: Progress) -> Mapping[str, AgendaLine]:
            from siks_offline.desa import meeting

            return meeting.lines(village, ids)

        self.start(work, self._take_lines)

    def _take_lines(self, lines: Mapping[str, Any]) -> None:
        self.model.take(lines)
        if self.model.id_at(self.table.currentIndex().row()) in lines:
            self._show_line()

    def _show_meeting(self, meeting: Meeting) -> None:
        self.meeting = meeting
        tally, closed = meeting.tally, meeting.closed
        facts = {
            "periode": meeting.period,
            "prelist": grouped(tally.prelist),
            "usulan": grouped(tally.proposals),
            "belum": grouped(tally.open),
            "akhir": grouped(tally.final),
        }
        state = "terbuka" if not closed else "ditutup" if meeting.signed else "belum_surat"
        self.standing.setText(text(f"ui.musyawarah.keadaan.{state}", **facts))
        self.acts.name_closing(narrow=self.width() < theme.px(ROOMY))
        self.acts.show(meeting)
        self.panel.setEnabled(not closed and self.line() is not None)

    # --- the list and the panel -------------------------------------------------------------------

    def line(self) -> AgendaLine | None:
        """The household that is marked, if its line is here."""
        row = self.table.currentIndex().row()
        if not 0 <= row < self.model.rowCount():
            return None
        return cast("AgendaLine | None", self.model.line_at(row))

    def _show_line(self, *_: object) -> None:
        line = self.line()
        self.panel.show_line(line)
        if self.meeting is not None and self.meeting.closed:
            self.panel.setEnabled(False)
        if line is not None and line.source == "usulan":
            id_ = line.id

            def work(village: Village, _progress: Progress) -> Proposal | None:
                from siks_offline.desa import proposals

                found = proposals.of_household(village, id_)
                return proposals.read(village, found) if found else None

            self.start(work, self._show_criteria)

    def _show_criteria(self, found: Proposal | None) -> None:
        line = self.line()
        if found is None or line is None or found.line.household_id != line.id:
            return
        rows = [
            text(
                "ui.usulan.kriteria_baris",
                kriteria=one.words,
                karena="; ".join(f"{a}: {b}" for a, b in one.because),
            )
            for one in found.criteria
        ]
        self.panel.show_criteria("\n".join(rows))

    def decide(self, said: Verdict) -> None:
        """Keep what was said of the household that is marked, and go on to the next."""
        line = self.line()
        if line is None:
            return
        id_, now = line.id, self.desk.now()

        def work(village: Village, _progress: Progress) -> Said:
            from siks_offline.desa import meeting

            return Said(*meeting.decide(village, id_, said, now))

        self.start(work, self._said, self._not_said)

    def _said(self, done: Said) -> None:
        at = self.model.row_of(done.line.id)
        self.model.take({done.line.id: done.line})  # type: ignore[dict-item]
        self.changed.emit(done.changes)
        self.read()
        self.said.emit(
            text(
                "ui.musyawarah.diputuskan",
                nama=done.line.nama_krt,
                putusan=text(f"musyawarah.kolom.{done.line.column}"),
            )
        )
        if at + 1 < self.model.rowCount():
            self.table.selectRow(at + 1)
        self.table.setFocus()

    def _not_said(self, error: Exception) -> None:
        dialogs.say(self, error)
        self.panel.begin()

    def take_back(self) -> None:
        """Take back what was said of the household that is marked."""
        line = self.line()
        if line is None or line.verdict is None:
            return
        id_, now = line.id, self.desk.now()

        def work(village: Village, _progress: Progress) -> Said:
            from siks_offline.desa import meeting

            return Said(*meeting.take_back(village, id_, now))

        self.start(work, self._taken_back)

    def _taken_back(self, done: Said) -> None:
        self.model.take({done.line.id: done.line})  # type: ignore[dict-item]
        self.changed.emit(done.changes)
        self._show_line()
        self.read()

    def next_open(self) -> None:
        """Go to the next household of which nothing was said yet."""
        at = self.table.currentIndex().row()
        ids = [self.model.id_at(row) for row in range(at + 1, self.model.rowCount())]

        def work(village: Village, _progress: Progress) -> str:
            from siks_offline.desa import meeting

            waiting = set(meeting.agenda(village, wanted=OPEN))
            return next((id_ for id_ in ids if id_ in waiting), "")

        self.start(work, self._go_to)

    def _find_scanned(self, number: str) -> None:
        def work(village: Village, _progress: Progress) -> str:
            from siks_offline.desa import final_list

            return final_list.find_barcode(village, number) or ""

        self.words.clear()
        self.start(work, self._go_to_scanned)

    def _go_to_scanned(self, id_: str) -> None:
        """Show the scanned household, whatever the list was narrowed to."""
        if not id_:
            self.said.emit(text("ui.prelist.nomor_tidak_dikenal"))
            return
        self._keep = id_
        self.filter.setCurrentIndex(0)
        self.search()

    def _go_to(self, id_: str) -> None:
        if id_:
            self.table.selectRow(self.model.row_of(id_))
        else:
            self.said.emit(text("ui.musyawarah.tidak_ada_lagi"))

    def _choose_twin(self) -> None:
        line = self.line()
        if line is None:
            return
        words = text("ui.musyawarah.pilih_kembar", nama=line.nama_krt)
        dialog = HouseholdChoice(self.desk, words, line.id, self)
        dialog.chosen.connect(self.panel.choose_twin)
        dialog.open()

    def acted(self, changes: Changes) -> None:
        """Show what was done to the whole."""
        self.changed.emit(changes)
        self.search()
        self.read()

    def change_household(self) -> None:
        """Let members of the marked household move, or it split, merge, be fit no longer."""
        line = self.line()
        household_acts.change(self, line.id if line is not None else "")

    def _open_proposals(self) -> None:
        self.wanted.emit("usulan", None)

    # --- keys and looks ---------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the list a digit begins a verdict, Enter opens it, Backspace takes it back."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if watched is self.words and event.key() in (
            Qt.Key.Key_Down,
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
        ):
            if is_barcode(self.words.text()):
                self._find_scanned(self.words.text())
            self.table.setFocus()
            return True
        if watched is self.table and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            closed = bool(self.meeting and self.meeting.closed)
            if event.text() and event.text() in "1234" and not closed:
                self.panel.begin(event.text())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not closed:
                self.panel.begin()
                return True
            if event.key() == Qt.Key.Key_Backspace and not closed:
                self.take_back()
                return True
        return super().eventFilter(watched, event)

    def _dress_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        dress(table, text("ui.musyawarah.agenda"))
        header = table.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(3, Qt.SortOrder.AscendingOrder)
        lay(table, [column.width for column in self.model.columns], (0, 2))
        header.sortIndicatorChanged.connect(self.search)
        table.selectionModel().currentRowChanged.connect(self._row_changed)
        table.installEventFilter(self)

    def _row_changed(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._show_line()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the address out, and the panel narrower, where names would be cut."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(ROOMY)
        columns = self.model.columns
        orders = [column.order for column in columns]
        self.panel.narrow(narrow=narrow)
        room = self.width() - self.panel.maximumWidth()
        spare = [orders.index(name) for name in SPARE]
        fit(self.table, [column.width for column in columns], spare, room)
        self.title.setHidden(
            narrow and theme.scale <= theme.ROOMY
        )  # the rail says it too; its room goes to the buttons
        self.words.setPlaceholderText(text(f"ui.prelist.cari{'_pendek' * narrow}"))
        self._name_proposals()
        self.acts.name_closing(narrow=narrow)

    def _typed(self, _words: str) -> None:
        self._pause.start()

    def start(
        self,
        work: Callable[[Village, Progress], Any],
        then: Callable[[Any], None],
        wrong: Callable[[Exception], None] | None = None,
    ) -> None:
        """Give work to the database thread; what is wrong is said in a dialog."""
        task = self.desk.task(work)
        task.finished.connect(then)
        task.failed.connect(wrong or self._failed)
        self.desk.start(task)

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
