"""What a list of another office would do, row by row, before anything is written."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from siks_offline.texts import has, text
from siks_offline.ui import theme
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.plain import PlainLabel
from siks_offline.ui.preview_dialog import PreviewDialog
from siks_offline.ui.rows_table import RowsTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.model import CellIssue, Changes
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

MOST_ROWS: Final = 2_000
SIGNS: Final = {
    "ditolak": ("fault", "fault"),
    "beda": ("confirm", "confirm"),
    "cocok": ("done", "done"),
    "ditambah": ("add", "done"),
    "dilewati": ("skipped", "secondary"),
}
"""Results in the order in which they are shown, with icon and tone."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a preview shows: a sentence, counts by result, rows of (place, name, result, words)."""

    told: str
    counts: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str, str, str, str], ...]
    new: int
    """How many rows agreeing would write; with none there is nothing to agree to."""
    found: Any


def ask_file(parent: QWidget) -> str:
    """Ask for a workbook or CSV; empty when the person thinks again."""
    name, _ = QFileDialog.getOpenFileName(
        parent, text("ui.daftar.pilih"), "", text("ui.daftar.jenis")
    )
    return name


class ListDialog(PreviewDialog):
    """A preview of rows by result. The two kinds say how they are read and written."""

    def __init__(self, desk: Desk, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(desk, path, text("ui.daftar.judul"), text("ui.daftar.masukkan"), parent)
        self.shown: Shown | None = None
        self.told = PlainLabel(tone="secondary", wrap=True)
        self.counts = PlainLabel(face="strong", wrap=True)
        self.above = QHBoxLayout()
        self.table = RowsTable(text("ui.impor.daftar_baris"))
        self.table.turned.connect(self._turned)
        self.detail = PlainLabel(wrap=True, tone="secondary")
        self.agree.clicked.connect(self._load)
        self.middle.addWidget(self.told)
        self.middle.addLayout(self.above)
        self.middle.addWidget(self.counts)
        self.middle.addWidget(self.table, 1)
        self.middle.addWidget(self.detail)

    def read(self, *_: object) -> None:
        """Read the file; nothing is written."""
        self.look(text("ui.impor.membaca", berkas=self.path.name), self.reading, self._show)

    @abstractmethod
    def reading(self, village: Village, progress: Progress) -> Shown:
        """Read the file and say what it would do."""

    @abstractmethod
    def writing(self, village: Village, progress: Progress) -> Changes:
        """Write what was shown."""

    def _show(self, shown: Shown) -> None:
        self.shown = shown
        self.heading.setText(text("ui.impor.akan", berkas=self.path.name))
        self.told.setText(shown.told)
        self.counts.setText(
            "   ".join(
                text(f"ui.daftar.hitung.{name}", jumlah=grouped(many))
                for name, many in shown.counts
                if many
            )
        )
        order = list(SIGNS)
        rows = sorted(shown.rows, key=lambda row: order.index(row[2]))[:MOST_ROWS]
        placed = any(row[0] for row in rows)  # people of a list that is taken need no line of it
        names = ("tempat", "nama", "hasil", "keterangan")
        cells = [(*row[:2], text(f"ui.daftar.hasil.{row[2]}"), row[3]) for row in rows]
        self.table.show_rows(
            [text(f"ui.daftar.kolom.{name}") for name in names[not placed :]],
            [row[not placed :] for row in cells],
            stretch=2 + placed,
            signs=[SIGNS[row[2]] for row in rows],
            sign_column=1 + placed,
        )
        self.agree.setEnabled(bool(shown.new))
        words = text("ui.daftar.masukkan_n", jumlah=grouped(shown.new))
        self.agree.setText(words if shown.new else text("ui.daftar.masukkan"))
        (self.agree if shown.new else self.cancel).setFocus()

    def _turned(self, row: int) -> None:
        """Say the current row whole; a column may cut it."""
        rows = self.table.rows.rows
        name, result, words = rows[row][-3:] if 0 <= row < len(rows) else ("", "", "")
        whole = text("ui.daftar.rincian", nama=name, hasil=result, keterangan=words)
        self.detail.setText(whole if name and words else words)

    def _load(self) -> None:
        self.write(text("ui.impor.menulis"), self.writing)


class MatchingDialog(ListDialog):
    """Results of Dukcapil and Bapenda."""

    def __init__(self, desk: Desk, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(desk, path, parent)
        self.read()

    def reading(self, village: Village, progress: Progress) -> Shown:
        """Say of each row whether it differs from what the village knows."""
        from siks_offline.desa import matching

        found = matching.preview(village, self.path, progress)
        told = {(issue.sheet, issue.row) for issue in found.issues}
        rows = _faults(found.issues)
        for line in found.lines:
            if (line.sheet, line.row) in told and line.result == "ditolak":
                continue
            words = ", ".join(text(f"padan.hal.{name}") for name in line.fields)
            rows.append(
                (_place(line.sheet, line.row), line.nama, line.result, words or _why(line.reason))
            )
        counts = tuple(
            (name, found.counts[name]) for name in ("beda", "cocok", "dilewati", "ditolak")
        )
        new = found.counts["beda"] + found.counts["cocok"]
        source = text("ui.daftar.dari", sumber=text(f"padan.sumber.{found.kind}"))
        return Shown(source, counts, tuple(rows), new, found)

    def writing(self, village: Village, progress: Progress) -> Changes:
        """Keep what was found."""
        from siks_offline.desa import matching

        assert self.shown is not None
        progress(0, 1)
        return matching.load(village, self.shown.found, self.desk.now())[1]


class DeterminationDialog(ListDialog):
    """A list of who was determined to receive what, with its period."""

    def __init__(self, desk: Desk, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(desk, path, parent)
        self.period = QLineEdit(desk.village.period)
        self.period.setFont(theme.entry())
        self.period.setMaximumWidth(theme.px(160))
        self.period.setAccessibleName(text("ui.cek.periode"))
        self.period.editingFinished.connect(self._again)
        label = PlainLabel(text("ui.cek.periode"), tone="secondary")
        self.above.addWidget(label)
        self.above.addWidget(self.period)
        self.above.addStretch(1)
        self._read_for = self.period.text()
        self.read()

    def reading(self, village: Village, progress: Progress) -> Shown:
        """Say how many people it names."""
        from siks_offline.desa import entitlements

        found = entitlements.preview(village, self.path, self._read_for, progress)
        rows = _faults(found.issues)
        state = "dilewati" if found.known else "ditambah"
        words = text("ui.impor.alasan.I_SAMA") if found.known else ""
        rows += [
            ("", one.nama, state, words or ", ".join(one.programs.split()))
            for one in found.entries[:MOST_ROWS]
        ]
        many = len(found.entries)
        counts = ((state, many), ("ditolak", found.refused))
        key = "ui.cek.sudah_ada" if found.known else f"ui.cek.jenis_daftar.{found.kind}"
        return Shown(text(key), counts, tuple(rows), 0 if found.known else many, found)

    def writing(self, village: Village, progress: Progress) -> Changes:
        """Keep the list."""
        from siks_offline.desa import entitlements

        assert self.shown is not None
        progress(0, 1)
        return entitlements.load(village, self.shown.found, self.desk.now())[1]

    def _again(self) -> None:
        if self.period.text().strip() != self._read_for:
            self._read_for = self.period.text().strip()
            self.read()


def _faults(issues: Sequence[CellIssue]) -> list[tuple[str, str, str, str]]:
    return [
        (
            _place(one.sheet, one.row, one.column),
            "",
            "ditolak",
            f"{one.message} {one.remedy}".strip(),
        )
        for one in issues[:MOST_ROWS]
    ]


def _place(sheet: str, row: int, column: str = "") -> str:
    key = "ui.impor.tempat_kolom" if column else "ui.impor.tempat"
    return text(key, lembar=sheet, baris=row, kolom=column)


def _why(code: str) -> str:
    if not code:
        return ""
    key = f"ui.impor.alasan.{code}"
    return text(key) if has(key) else text(f"galat.{code}.pesan")
