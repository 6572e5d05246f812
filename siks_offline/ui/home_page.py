"""The first page after sign-in: what is left to do, with one large way to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from siks_offline.desa import rights
from siks_offline.texts import text
from siks_offline.ui import dialogs, icons, theme
from siks_offline.ui.bars import Bar, Bars
from siks_offline.ui.dialogs import grouped
from siks_offline.ui.moments import moment
from siks_offline.ui.page import Desk, Page
from siks_offline.ui.plain import PlainLabel, button, card, rule
from siks_offline.ui.resume_card import ResumeCard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from siks_offline.desa.copies import Standing
    from siks_offline.desa.handover import ExportLine
    from siks_offline.desa.pace import Today
    from siks_offline.desa.resume import LeftOpen
    from siks_offline.desa.surroundings import Surroundings
    from siks_offline.desa.village import Village
    from siks_offline.model import Changes, Counts, HouseholdLine

FIGURES = (
    ("belum", "empty", "secondary"),
    ("draf", "form", "accent"),
    ("dikembalikan", "comment", "confirm"),
    ("selesai", "done", "done"),
    ("siap_kirim", "export", "accent"),
    ("dikirim", "send", "secondary"),
    ("diterima", "done", "done"),
    ("ditahan", "confirm", "confirm"),
)
"""Counts of the first page: name of text and filter, icon, tone."""
MOST_RT = 30


@dataclass(frozen=True, slots=True)
class Survey:
    """All that the first page shows, read in one go."""

    counts: Counts
    next_id: str
    next_line: HouseholdLine | None
    due: int
    last_export: ExportLine | None
    last_backup: str
    """UTC moment of the last backup as text; empty when there was none."""
    copies: Standing
    left_open: LeftOpen | None
    """What was being typed when the program ended without leave."""


@dataclass(frozen=True, slots=True)
class Aside:
    """What the first page shows a moment later: nobody waits for it to begin."""

    today: Today
    around: Surroundings
    to_key: int
    """Households that wait for a second keying by this account, or for a decision about one."""


def survey(village: Village, *, cut_off: bool) -> Survey:
    """Read the first page's numbers, and if asked what was being typed when the program ended."""
    from siks_offline.desa import backup, copies, handover, households, resume

    next_id = households.next_open(village) or ""
    exports = handover.exports(village)
    return Survey(
        counts=households.counts(village),
        next_id=next_id,
        next_line=households.lines(village, [next_id]).get(next_id) if next_id else None,
        due=handover.due(village),
        last_export=exports[0] if exports else None,
        last_backup=backup.last(village),
        copies=copies.standing(village),
        left_open=resume.left_open(village) if cut_off else None,
    )


def aside(village: Village, now: datetime) -> Aside:
    """Read what is told beside the numbers."""
    from siks_offline.desa import pace, second_keying, surroundings

    return Aside(
        today=pace.today(village, now),
        around=surroundings.look(village, now),
        to_key=len(second_keying.due(village)) + len(second_keying.waiting(village)),
    )


class HomePage(Page):
    """Counts with words and icons; each opens the list it counts."""

    NAME = "beranda"
    KEYS = "ui.beranda.tombol"

    counted = Signal(str, int, str)
    """A page of the rail, how many wait there, in words."""
    shown = Signal()
    """The numbers are on the screen."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._survey: Survey | None = None
        self._reading = False
        self._again = False
        self.go_on = button(text("ui.beranda.lanjutkan"), icon="next", primary=True, large=True)
        self.go_on.clicked.connect(self._go_on)
        self.next_words = PlainLabel(wrap=True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(text("ui.beranda.kemajuan"))
        self.progress_words = PlainLabel(tone="secondary")
        self.export_words = PlainLabel(wrap=True)
        self.backup_words = PlainLabel(wrap=True)
        self.own_words = PlainLabel(wrap=True, tone="secondary")
        self.receipt_words = PlainLabel(wrap=True)
        self._figures: dict[str, PlainLabel] = {}
        self._rts = Bars()
        self._no_rts = PlainLabel(text("ui.beranda.per_rt_kosong"), tone="secondary", wrap=True)
        self._no_rts.hide()
        self.pace_words = PlainLabel(tone="secondary", wrap=True)
        self.warning = PlainLabel(wrap=True)
        self.warning.setObjectName("officeNote")
        self.warning.hide()
        self.checking = button(text("ui.beranda.pengawasan"), icon="check")
        self.checking.setObjectName("pengawasan")
        self.checking.clicked.connect(self._open_page)
        self.kept = ResumeCard(desk)
        self.kept.wanted.connect(self.wanted)
        self.kept.changed.connect(self.changed)
        self._build()
        self.only_for("visit.save_draft", self.go_on)

    def open(self, argument: object = None) -> None:
        """Read the numbers and put Enter on the large button."""
        del argument
        self.go_on.setFocus()
        self.read()

    def refresh(self, changes: Changes) -> None:
        """Read again when anything counted here was touched."""
        self.kept.refresh(changes)
        if changes != type(changes)():
            self.read()

    def read(self) -> None:
        """Read the numbers on the database thread; several wishes become one."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        # Later than the first time an open household is no sign that the program was cut off.
        cut_off = self._survey is None
        task = self.desk.task(lambda village, _progress: survey(village, cut_off=cut_off))
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _build(self) -> None:
        start = card()
        line = QHBoxLayout(start)
        line.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        line.setSpacing(3 * theme.STEP)
        words = QVBoxLayout()
        words.setSpacing(theme.STEP // 2)
        words.addWidget(self.progress_words)
        words.addWidget(self.progress)
        words.addSpacing(theme.STEP // 2)
        words.addWidget(self.next_words)
        words.addWidget(self.pace_words)
        line.addLayout(words, 1)
        line.addWidget(self.go_on, 0, Qt.AlignmentFlag.AlignVCenter)

        body = QWidget()
        body.setObjectName("ground")
        column = QVBoxLayout(body)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP + 4)
        column.addWidget(self.warning)
        column.addWidget(self.kept)
        column.addWidget(start)
        column.addWidget(self._figures_card())
        below = QHBoxLayout()
        below.setSpacing(2 * theme.STEP)
        below.addWidget(self._handover_card(), 1)
        below.addWidget(self._rt_card(), 1)
        column.addLayout(below)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def _figures_card(self) -> QWidget:
        sheet = card()
        grid = QGridLayout(sheet)
        grid.setContentsMargins(*(2 * theme.STEP, theme.STEP) * 2)
        grid.setHorizontalSpacing(theme.STEP)
        grid.setVerticalSpacing(theme.STEP // 2)
        for at, (name, icon, tone) in enumerate(FIGURES):
            cell = QVBoxLayout()
            cell.setSpacing(0)
            number = PlainLabel("–", face="figure")
            top = QHBoxLayout()
            top.setSpacing(theme.STEP // 2)
            top.setContentsMargins(theme.STEP + 1, 0, 0, 0)
            picture = PlainLabel()
            picture.setPixmap(icons.pixmap(icon, getattr(theme.colours, tone), 20))
            top.addWidget(picture)
            top.addWidget(number)
            top.addStretch(1)
            cell.addLayout(top)
            label = button(text(f"ui.beranda.hitung.{name}"), flat=True)
            label.setObjectName(name)
            label.clicked.connect(self._show_counted)
            cell.addWidget(label)
            self._figures[name] = number
            grid.addLayout(cell, at // 4, at % 4)
            grid.setColumnStretch(at % 4, 1)
        return sheet

    def _handover_card(self) -> QWidget:
        sheet = card()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP)
        column.addWidget(PlainLabel(text("ui.beranda.serah_terima"), face="strong"))
        column.addWidget(self.export_words)
        column.addWidget(self.receipt_words)
        column.addWidget(rule())
        column.addWidget(PlainLabel(text("ui.beranda.cadangan"), face="strong"))
        column.addWidget(self.backup_words)
        column.addWidget(self.own_words)
        column.addStretch(1)
        line = QHBoxLayout()
        line.setSpacing(theme.STEP)
        for name, icon in (("serah_terima", "send"), ("pengaturan", "backup")):
            made = button(text(f"ui.beranda.buka.{name}"), icon=icon)
            made.setObjectName(name)
            made.clicked.connect(self._open_page)
            line.addWidget(made)
        line.addStretch(1)
        column.addLayout(line)
        return sheet

    def _rt_card(self) -> QWidget:
        sheet = card()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(theme.STEP)
        column.addWidget(PlainLabel(text("ui.beranda.per_rt"), face="strong"))
        column.addWidget(self._rts)
        column.addWidget(self._no_rts)
        column.addSpacing(theme.STEP)
        column.addWidget(self.checking)
        column.addStretch(1)
        return sheet

    def _show(self, found: Survey) -> None:
        self._reading = False
        if self._survey is None:
            self.kept.show_left(found.left_open)
        self._survey = found
        counts = found.counts
        done = counts.kerja.get("selesai", 0)
        numbers = {**counts.kerja, **{k: v for k, v in counts.kirim.items() if k != "belum"}}
        numbers["siap_kirim"] = found.due
        numbers["diterima"] = counts.kirim.get("diterima", 0) + counts.kirim.get(
            "diterima_lisan", 0
        )
        for name, label in self._figures.items():
            label.setText(grouped(numbers.get(name, 0)))
        self.progress.setRange(0, max(1, counts.total))
        self.progress.setValue(done)
        self.progress_words.setText(
            text("ui.beranda.selesai_dari", selesai=grouped(done), jumlah=grouped(counts.total))
        )
        self._show_next(found)
        self._show_handover(found)
        self._show_rts(counts.per_rt)
        left = counts.total - done
        self.counted.emit("prelist", left, text("ui.beranda.sisa", jumlah=grouped(left)))
        self.counted.emit(
            "serah_terima", found.due, text("ui.beranda.siap", jumlah=grouped(found.due))
        )
        if self._again:
            self._again = False
            self.read()
        else:
            QTimer.singleShot(0, self, self._read_aside)
        QTimer.singleShot(0, self, self.shown.emit)

    def _read_aside(self) -> None:
        if not self.isVisible():
            return  # coming back reads again, and a locked window has no village to ask
        now = self.desk.now()
        task = self.desk.task(lambda village, _progress: aside(village, now))
        task.finished.connect(self._show_aside)
        task.failed.connect(self._failed)
        self.desk.start(task)

    def _show_next(self, found: Survey) -> None:
        line = found.next_line
        if line is not None:
            key = "berikutnya_draf" if line.kerja == "draf" else "berikutnya"
            self.next_words.setText(
                text(
                    f"ui.beranda.{key}",
                    nama=line.nama_krt or text("ui.umum.tanpa_nama"),
                    alamat=line.alamat or "–",
                    rt=line.rt or "–",
                )
            )
            words = "ui.beranda.lanjutkan"
        elif found.counts.total == 0:
            self.next_words.setText(text("ui.beranda.belum_ada"))
            words = "ui.beranda.ambil_prelist"
        else:
            self.next_words.setText(text("ui.beranda.semua_selesai"))
            words = "ui.beranda.serahkan" if found.due else "ui.beranda.lihat_prelist"
        self.go_on.setText(text(words))

    def _show_handover(self, found: Survey) -> None:
        last = found.last_export
        if last is None:
            self.export_words.setText(text("ui.beranda.belum_ekspor"))
        else:
            self.export_words.setText(
                text("ui.beranda.ekspor_terakhir", seq=last.seq, saat=moment(last.at))
            )
        ever = found.counts.kerja.get("selesai", 0) or last is not None
        key = "siap" if found.due else "tidak_ada_siap" if ever else "belum_siap"
        self.receipt_words.setText(text(f"ui.beranda.{key}", jumlah=grouped(found.due)))
        if found.last_backup:
            self.backup_words.setText(
                text("ui.beranda.cadangan_terakhir", saat=moment(found.last_backup))
            )
        else:
            self.backup_words.setText(text("ui.beranda.belum_cadangan"))
        standing = found.copies
        if standing.nudge:
            self.backup_words.setText(
                text("ui.beranda.simpan_ke_usb", hari=grouped(standing.days_alone))
            )
        self.backup_words.set_tone("confirm" if standing.nudge else "")
        self.own_words.setText(
            text("ui.beranda.cadangan_sendiri", saat=moment(standing.own_at))
            if standing.own_at
            else ""
        )
        self.own_words.setVisible(bool(standing.own_at))

    def _show_rts(self, rts: Sequence[tuple[str, int, int]]) -> None:
        self._rts.show_bars(
            [
                Bar(
                    text("ui.beranda.rt", rt=rt) if rt else text("ui.beranda.tanpa_rt"),
                    (("accent", done), ("line", all_ - done)),
                    text("ui.beranda.rt_selesai", selesai=grouped(done), jumlah=grouped(all_)),
                )
                for rt, all_, done in rts[:MOST_RT]
            ]
        )
        self._rts.setVisible(bool(rts))
        self._no_rts.setVisible(not rts)

    def _show_aside(self, found: Aside) -> None:
        """Say what was done today, what is left, and what around the program needs a hand."""
        today = found.today
        words = [
            text(
                "ui.beranda.hari_ini",
                selesai=grouped(today.done),
                sisa=grouped(today.left),
            )
        ]
        if today.hours_left:
            pace = f"{today.per_hour:.1f}".replace(".", ",")
            hours = grouped(max(1, round(today.hours_left)))
            words.append(text("ui.beranda.laju", laju=pace, jam=hours))
        self.pace_words.setText(" ".join(words))
        around = found.around
        wrong = []
        if around.clock:
            wrong.append(
                text(
                    f"ui.beranda.jam.{around.clock}",
                    kini=moment(self.desk.now()),
                    terakhir=moment(around.noted_at),
                )
            )
        if around.disk_low:
            wrong.append(text("ui.beranda.disk", sisa=grouped(around.free >> 20)))
        self.warning.setText("\n".join(wrong))
        self.warning.setVisible(bool(wrong))
        self.checking.setText(text("ui.beranda.pengawasan_isi", jumlah=grouped(found.to_key)))
        checks = rights.may(self.desk.village.role, "second_keying.rate")
        self.checking.setVisible(checks or found.to_key > 0)

    def _go_on(self) -> None:
        found = self._survey
        if found is None:
            return
        if found.next_id:
            self.wanted.emit("kunjungan", found.next_id)
        elif found.counts.total and found.due:
            self.wanted.emit("serah_terima", None)
        else:
            self.wanted.emit("prelist", None)

    def _show_counted(self) -> None:
        self.wanted.emit("prelist", self.sender().objectName())

    def _open_page(self) -> None:
        self.wanted.emit(self.sender().objectName(), None)

    def _failed(self, error: Exception) -> None:
        self._reading = False
        dialogs.say(self, error)
