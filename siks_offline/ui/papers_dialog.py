"""Papers to print: which one, on what paper, masked or whole, and where the PDF goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from siks_offline.texts import text
from siks_offline.ui import dialogs, theme
from siks_offline.ui.choices import Lines
from siks_offline.ui.dialogs import Waiting
from siks_offline.ui.line import Line
from siks_offline.ui.plain import PlainLabel, button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siks_offline.desa.documents import Kind, Printed, Stationery
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

OF_THE_VILLAGE: Final[tuple[Kind, ...]] = (
    "prelist-awal",
    "undangan",
    "daftar-hadir",
    "berita-acara",
    "sptjm",
    "prelist-akhir",
    "lampiran-usulan",
    "lampiran-tidak-ditemukan",
    "lampiran-mampu",
    "bnba",
)
"""Papers of a whole village, in the order in which they are needed."""
_WHOLE_ANYWAY: Final = ("prelist-awal", "prelist-akhir")
_PARTS: Final = ("address", "phone", "leader", "officer")


class PapersDialog(QDialog):
    """Chooses a paper and writes it off the UI thread; the letterhead is kept on the way.

    `of` is the household or proposal where the papers are of one.
    """

    def __init__(
        self,
        desk: Desk,
        parent: QWidget | None = None,
        *,
        kinds: Sequence[Kind] = OF_THE_VILLAGE,
        of: str = "",
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._of = of
        self._kept: Stationery | None = None
        self.setWindowTitle(text("ui.cetak.judul"))
        self.setModal(True)
        self.resize(*theme.sheet(760, 460))
        self.list = Lines()
        self.list.setAccessibleName(text("ui.cetak.dokumen"))
        for kind in kinds:
            item = QListWidgetItem(text(f"ui.cetak.jenis.{kind}"))
            item.setData(Qt.ItemDataRole.UserRole, kind)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.currentRowChanged.connect(self._explain)
        self.list.itemActivated.connect(self._write)
        self.about = PlainLabel(tone="secondary", wrap=True)
        self.paper = QComboBox()
        for size in ("a4", "f4"):
            self.paper.addItem(text(f"ui.cetak.kertas.{size}"), size)
        self.reason = Line()
        self.reason.setPlaceholderText(text("ui.cetak.alasan_ajakan"))
        self.lines = {part: Line() for part in _PARTS}
        self._lay_out()
        self._explain()
        self._read()

    @property
    def kind(self) -> Kind:
        """The paper that is chosen."""
        return self.list.currentItem().data(Qt.ItemDataRole.UserRole)  # type: ignore[no-any-return]

    def _lay_out(self) -> None:
        self.cancel = button(text("ui.dialog.batal"))
        self.cancel.clicked.connect(self.reject)
        self.save = button(text("ui.cetak.simpan"), icon="export", primary=True)
        self.save.setAutoDefault(True)
        self.save.setDefault(True)
        self.save.clicked.connect(self._write)
        form = QFormLayout()
        form.setSpacing(theme.STEP)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        self._row(form, "ui.cetak.kertas_label", self.paper)
        self._row(form, "ui.cetak.alasan", self.reason)
        form.addRow(PlainLabel(text("ui.cetak.kop"), face="strong"))
        for part, line in self.lines.items():
            line.setMaxLength(120)
            self._row(form, f"ui.cetak.bagian.{part}", line)
        right = QVBoxLayout()
        right.addWidget(self.about)
        right.addLayout(form)
        right.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(2 * theme.STEP)
        top.addWidget(self.list, 1)
        top.addLayout(right, 1)
        last = QHBoxLayout()
        last.setSpacing(theme.STEP)
        last.addStretch(1)
        last.addWidget(self.cancel)
        last.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.STEP,) * 4)
        column.setSpacing(2 * theme.STEP)
        column.addLayout(top, 1)
        column.addLayout(last)

    @staticmethod
    def _row(form: QFormLayout, key: str, widget: QWidget) -> None:
        label: QLabel = PlainLabel(text(key))
        label.setBuddy(widget)
        widget.setAccessibleName(text(key))
        form.addRow(label, widget)

    def _explain(self, *_: object) -> None:
        whole = self.kind in _WHOLE_ANYWAY
        self.about.setText(text("ui.cetak.utuh" if whole else "ui.cetak.tersamar"))
        self.reason.setEnabled(not whole)

    def _read(self) -> None:
        def work(village: Village, _progress: Progress) -> tuple[Stationery, bool]:
            from siks_offline.desa import documents
            from siks_offline.desa.rights import RIGHTS

            may = village.role in RIGHTS["documents.put_stationery"]
            return documents.stationery(village), may

        task = self._desk.task(work)
        task.finished.connect(self._show_kept)
        self._desk.start(task)

    def _show_kept(self, found: tuple[Stationery, bool]) -> None:
        self._kept, may = found
        for part, line in self.lines.items():
            line.setText(getattr(self._kept, part))
            line.setReadOnly(not may)

    def _write(self, *_: object) -> None:
        name = f"{self.kind}.pdf"
        chosen, _filter = QFileDialog.getSaveFileName(
            self, text("ui.cetak.ke"), name, text("ui.cetak.jenis_berkas")
        )
        if not chosen:
            return
        kind, of, now = self.kind, self._of, self._desk.now()
        size, reason = self.paper.currentData(), self.reason.text().strip()
        kept, typed = self._kept, {part: line.text() for part, line in self.lines.items()}
        path = Path(chosen)

        def work(village: Village, progress: Progress) -> Printed:
            from siks_offline.desa import documents

            wanted = documents.Stationery(**typed)
            if kept is not None and wanted != kept:
                documents.put_stationery(village, wanted, now)
            return documents.write(
                village, kind, path, now, of=of, paper=size, reason=reason, progress=progress
            )

        task = self._desk.task(work)
        task.finished.connect(self._written)
        task.failed.connect(self._failed)
        Waiting(self, text("ui.cetak.menulis", berkas=path.name), task)
        self._desk.start(task)

    def _written(self, made: Printed) -> None:
        told = text("ui.cetak.selesai", halaman=made.pages, berkas=made.path.name)
        dialogs.tell(self, told, text("ui.cetak.draf") if made.draft else "")
        self.accept()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self, error)
