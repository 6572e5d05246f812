"""The line over the form: whose household this is, how far it is, what is kept, the two keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from siks_offline.instrument import promoted
from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from siks_offline.desa.visit import OpenVisit

HEIGHT = 44
LONGEST = 30
"""Letters of a name at the usual size of text; larger ones have room for fewer."""
SHOWN = frozenset(
    {
        *(promoted.NAMA_KRT, promoted.NAMA, promoted.RELATION, promoted.RELATION_IN_FAMILY),
        *(promoted.NO_KK, promoted.FAMILY_NO_KK, promoted.RT),
    }
)
"""Questions whose answers the line tells."""


class VisitHeader(QFrame):
    """Facts on the left, the two actions of the page on the right."""

    left = Signal()
    checked = Signal()
    completed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("visitHeader")
        self.setFixedHeight(theme.px(HEIGHT))
        self.back = button(text("ui.kunjungan.ke_prelist"), icon="back", flat=True)
        self.back.clicked.connect(self.left)
        self.name = PlainLabel(face="strong")
        self.facts = PlainLabel(tone="secondary")
        self.progress = PlainLabel()
        self.kept = PlainLabel(tone="done")
        self.check = button(text("ui.kunjungan.periksa"), icon="check")
        self.check.clicked.connect(self.checked)
        self.complete = button(text("ui.kunjungan.selesai"), primary=True)
        self.complete.clicked.connect(self.completed)
        for made in (self.back, self.check, self.complete):
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.STEP // 2, 0, theme.STEP + 4, 0)
        line.setSpacing(theme.STEP + 4)
        line.addWidget(self.back)
        line.addWidget(self.name)
        line.addWidget(self.facts)
        line.addStretch(1)
        line.addWidget(self.progress)
        line.addWidget(self.kept)
        line.addWidget(self.check)
        line.addWidget(self.complete)

    def show_visit(self, visit: OpenVisit) -> None:
        """Show whose household this is, as the answers have it, else as the list had it."""
        said = promoted.columns(visit.state.answers())
        known = visit.line
        no_kk, rt = said["no_kk"] or known.no_kk, said["rt"] or known.rt
        name = said["nama_krt"] or known.nama_krt or text("ui.umum.tanpa_nama")
        most = round(LONGEST / theme.scale)
        self.name.setText(name if len(name) <= most else f"{name[: most - 1]}…")
        self.name.setAccessibleName(name)
        parts = []
        if no_kk:
            parts.append(text("ui.kunjungan.kk", akhir=no_kk[-4:]))
        if rt:
            parts.append(text("ui.kunjungan.rt", rt=rt))
        if visit.revision:
            parts.append(text("ui.kunjungan.revisi", revisi=visit.revision))
        self.facts.setText("  ".join(parts))

    def show_progress(self, percent: int) -> None:
        """Show how much of what is asked is answered."""
        self.progress.setText(text("ui.kunjungan.terisi", persen=percent))

    def show_kept(self, words: str, *, kept: bool) -> None:
        """Show whether what is typed is on the disk."""
        self.kept.set_tone("done" if kept else "secondary")
        self.kept.setText(words)
