"""The page of pemadanan: differences to decide on, and the fifteen lists of trouble with NIK."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from siks_offline.instrument import fields
from siks_offline.texts import text
from siks_offline.ui import dialogs, masking, theme
from siks_offline.ui.dialogs import Waiting, grouped
from siks_offline.ui.list_dialog import MatchingDialog, ask_file
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button
from siks_offline.ui.rows_table import RowsTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from siks_offline.db.matching import Difference
    from siks_offline.desa.nik_problems import Problem
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes
    from siks_offline.progress import Progress

DECISIONS = ("belum", "kunjungan", "ditolak", "diterima")
OPEN = ("belum", "kunjungan")
COLUMNS = ("nama", "rt", "hal", "desa", "sumber", "mirip", "rinci")
PROBLEM_COLUMNS = ("nama", "nik", "rt", "rinci")
SIGNS = {
    "belum": ("empty", "secondary"),
    "kunjungan": ("form", "accent"),
    "ditolak": ("fault", "fault"),
    "diterima": ("done", "done"),
}


class MatchingPage(Page):
    """One list at a time; letters decide, Enter opens the household at the question."""

    NAME = "pemadanan"
    KEYS = "ui.padan.tombol"
    BACK = "prelist"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.differences: list[Difference] = []
        self.shown: list[Difference] = []
        self.problems: Mapping[str, tuple[Problem, ...]] = {}
        self.back = self.way_back()
        self.count = PlainLabel(tone="secondary")
        self.bring = button(text("ui.padan.muat"), icon="import")
        self.bring.clicked.connect(self._choose_file)
        self.view = QComboBox()
        self.view.setAccessibleName(text("ui.padan.tampilkan"))
        self.view.setMinimumContentsLength(34)
        self.view.currentIndexChanged.connect(self._show_view)
        self.field = QComboBox()
        self.field.setAccessibleName(text("ui.padan.saring"))
        self.field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.field.currentIndexChanged.connect(self._show_rows)
        self.table = RowsTable(text("ui.padan.daftar"), several=True)
        self.table.opened.connect(self.open_row)
        self.table.turned.connect(self._turned)
        self.empty = PlainLabel(tone="secondary", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.told = PlainLabel(wrap=True)
        self.accept_ = button(text("ui.padan.terima"), icon="done", primary=True)
        self.accept_.clicked.connect(self.accept)
        self.refuse_ = button(text("ui.padan.tolak"), icon="fault")
        self.refuse_.clicked.connect(self.refuse)
        self.leave_ = button(text("ui.padan.kunjungi"), icon="form")
        self.leave_.clicked.connect(self.leave)
        self.again_ = button(text("ui.padan.kembalikan"), icon="again")
        self.again_.clicked.connect(self.take_back)
        top = QHBoxLayout()
        top.setSpacing(theme.STEP)
        top.addWidget(self.back)
        top.addWidget(PlainLabel(text("ui.halaman.pemadanan"), face="title"))
        top.addWidget(self.count)
        top.addStretch(1)
        top.addWidget(self.bring)
        tools = QHBoxLayout()
        tools.setSpacing(theme.STEP)
        tools.addWidget(self.view)
        tools.addWidget(self.field)
        tools.addStretch(1)
        below = QWidget()
        self._stack = QStackedLayout(below)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        last = QHBoxLayout()
        last.setSpacing(theme.STEP)
        last.addStretch(1)
        for made in (self.again_, self.refuse_, self.leave_, self.accept_):
            last.addWidget(made)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP + 4)
        column.addLayout(top)
        column.addLayout(tools)
        column.addWidget(below, 1)
        column.addWidget(self.told)
        column.addLayout(last)
        self.table.lettered.connect(self._lettered)
        self.only_for("matching.load", self.bring)
        self._may_decide = self.may("differences.accept")

    # --- the page's contract ----------------------------------------------------------------------

    def open(self, argument: object = None) -> None:
        """Show the list; a path shows what a file would bring."""
        self.read()
        self.table.setFocus()
        if isinstance(argument, Path):
            self.load(argument)

    def refresh(self, changes: Changes) -> None:
        """Read again when households were touched."""
        if (changes.households or changes.prelist) and self.isVisible():
            self.read()

    def read(self) -> None:
        """Read differences and troubles on the database thread."""

        def work(
            village: Village, _progress: Progress
        ) -> tuple[list[Difference], Mapping[str, tuple[Problem, ...]]]:
            from siks_offline.desa import differences, nik_problems

            return differences.listed(village), nik_problems.found(village)

        task = self.desk.task(work)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        Waiting(self, text("ui.padan.membaca"), task)
        self.desk.start(task)

    def load(self, path: Path) -> None:
        """Show what a file of results says, and keep it when agreed."""
        dialog = MatchingDialog(self.desk, path, self)
        dialog.loaded.connect(self._changed)
        dialog.open()

    # --- decisions --------------------------------------------------------------------------------

    def accept(self) -> None:
        """Write what the source says into the drafts."""
        numbers = self._chosen(OPEN)
        now = self.desk.now()
        self._decide(numbers, lambda village, d: d.accept(village, numbers, now))

    def refuse(self) -> None:
        """Keep what the village says; ask why."""
        numbers = self._chosen(OPEN)
        if not numbers:
            return
        reason = dialogs.ask_reason(self, text("ui.padan.tolak_tanya", jumlah=len(numbers)))
        if reason is not None:
            now = self.desk.now()
            self._decide(numbers, lambda village, d: d.refuse(village, numbers, reason, now))

    def leave(self) -> None:
        """Leave them for a visit."""
        numbers = self._chosen(("belum",))
        now = self.desk.now()
        self._decide(numbers, lambda village, d: d.leave(village, numbers, now))

    def take_back(self) -> None:
        """Open refused ones, or those left for a visit, once more."""
        numbers = self._chosen(("ditolak", "kunjungan"))
        now = self.desk.now()
        self._decide(numbers, lambda village, d: d.take_back(village, numbers, now))

    def open_row(self, row: int) -> None:
        """Open the household of a row at the question it is about."""
        kind = self._problem_kind()
        if kind:
            one = self.problems[kind][row]
            if one.household_id:
                self.wanted.emit("kunjungan", (one.household_id, one.path))
            return
        if row < len(self.shown):
            self.wanted.emit("kunjungan", self.shown[row].household_id)

    def _lettered(self, letter: str) -> None:
        if letter in LETTERS and self._may_decide:
            LETTERS[letter](self)

    def _chosen(self, decisions: tuple[str, ...]) -> list[int]:
        if self._problem_kind():
            return []
        rows = [self.shown[row] for row in self.table.chosen() if row < len(self.shown)]
        return [one.number for one in rows if one.decision in decisions]

    def _decide(self, numbers: list[int], what: Callable[[Village, Any], Changes]) -> None:
        if not numbers:
            return

        def work(village: Village, _progress: Progress) -> Changes:
            from siks_offline.desa import differences

            return what(village, differences)

        task = self.desk.task(work)
        task.finished.connect(self._changed)
        task.failed.connect(self._failed)
        self.desk.start(task)

    # --- what is shown ----------------------------------------------------------------------------

    def _show(self, answer: tuple[list[Difference], Mapping[str, tuple[Problem, ...]]]) -> None:
        self.differences, self.problems = answer
        kept = self.view.currentData() or DECISIONS[0]
        self.view.blockSignals(True)
        self.view.clear()
        for name in DECISIONS:
            many = sum(one.decision == name for one in self.differences)
            words = text("ui.padan.jumlah_jenis", jenis=text(f"padan.putusan.{name}"), jumlah=many)
            self.view.addItem(words, name)
        self.view.insertSeparator(self.view.count())
        for kind, rows in self.problems.items():
            words = text(
                "ui.padan.jumlah_jenis", jenis=text(f"masalah_nik.jenis.{kind}"), jumlah=len(rows)
            )
            self.view.addItem(words, kind)
        self.view.setCurrentIndex(max(self.view.findData(kept), 0))
        self.view.blockSignals(False)
        waiting = sum(one.decision == "belum" for one in self.differences)
        self.count.setText(text("ui.padan.menunggu", jumlah=grouped(waiting)))
        self._show_view()

    def _problem_kind(self) -> str:
        name = str(self.view.currentData() or "")
        return "" if name in DECISIONS else name

    def _show_view(self, *_: object) -> None:
        kind = self._problem_kind()
        self.field.setVisible(not kind)
        kept = self.field.currentData()
        here = [one for one in self.differences if one.decision == self.view.currentData()]
        self.field.blockSignals(True)
        self.field.clear()
        self.field.addItem(text("ui.padan.semua_hal"), "")
        for name in dict.fromkeys(one.field for one in here):
            self.field.addItem(text(f"padan.hal.{name}"), name)
        self.field.setCurrentIndex(max(self.field.findData(kept), 0))
        self.field.blockSignals(False)
        decision = self.view.currentData() if self._may_decide else ""
        self.accept_.setVisible(decision in OPEN)
        self.refuse_.setVisible(decision in OPEN)
        self.leave_.setVisible(decision == "belum")
        self.again_.setVisible(decision in ("ditolak", "kunjungan"))
        self._show_rows()

    def _show_rows(self, *_: object) -> None:
        kind = self._problem_kind()
        if kind:
            rows: list[tuple[str, ...]] = [
                (one.nama, masking.shown(one.nik), _area(one.rt, one.rw), one.words)
                for one in self.problems.get(kind, ())
            ]
            self.table.show_rows(_titles(PROBLEM_COLUMNS), rows, stretch=3)
        else:
            decision, field = self.view.currentData(), self.field.currentData()
            self.shown = [
                one
                for one in self.differences
                if one.decision == decision and field in ("", None, one.field)
            ]
            rows = [
                (
                    one.nama, _area(one.rt, one.rw), text(f"padan.hal.{one.field}"),
                    _value(one.field, one.ours), _value(one.field, one.theirs),
                    f"{one.likeness} %" if one.likeness else "",
                    one.reason or one.detail,
                )
                for one in self.shown
            ]  # fmt: skip
            signs = [SIGNS[one.decision] for one in self.shown]
            self.table.show_rows(_titles(COLUMNS), rows, stretch=6, signs=signs, sign_column=2)
        self._stack.setCurrentWidget(self.table if rows else self.empty)
        for made in (self.again_, self.refuse_, self.leave_, self.accept_):
            made.setEnabled(bool(rows))
        key = "ui.padan.tanpa_masalah" if kind else "ui.padan.kosong"
        self.empty.setText(text(key if self.differences or kind else "ui.padan.belum_ada"))

    def _turned(self, row: int) -> None:
        if self._problem_kind() or not 0 <= row < len(self.shown):
            self.told.setText("")
            return
        one = self.shown[row]
        self.told.setText(
            text(
                "ui.padan.baris",
                nama=one.nama,
                nik=masking.shown(one.nik).replace(" ", "\u00a0"),
                hal=text(f"padan.hal.{one.field}"),
                desa=_value(one.field, one.ours) or text("ui.padan.tanpa"),
                sumber=text(f"padan.sumber.{one.kind}"),
                lain=_value(one.field, one.theirs) or text("ui.padan.tanpa"),
            )
        )

    def _changed(self, changes: Changes) -> None:
        self.changed.emit(changes)
        self.read()

    def _choose_file(self) -> None:
        if name := ask_file(self):
            self.load(Path(name))

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)


def _titles(names: tuple[str, ...]) -> list[str]:
    return [text(f"ui.padan.kolom.{name}") for name in names]


def _area(rt: str, rw: str) -> str:
    return "/".join(part for part in (rt, rw) if part)


def _value(field: str, value: str) -> str:
    """Write a value as people do: digits in groups, days, yes or no, sex."""
    if field in ("nik", "no_kk", "dukcapil"):
        return masking.shown(value)
    if field == "tanggal_lahir":
        return fields.FIELDS["date"].format(value)
    if field == "jenis_kelamin":
        key = {"1": "ui.padan.laki", "2": "ui.padan.perempuan"}.get(value)
        return text(key) if key else value
    return {"ya": text("ui.padan.ya"), "tidak": text("ui.padan.tidak")}.get(value, value)


LETTERS = {
    "T": MatchingPage.accept,
    "K": MatchingPage.refuse,
    "U": MatchingPage.leave,
    "B": MatchingPage.take_back,
}
"""What a letter does in the list; the buttons carry the same letters."""
