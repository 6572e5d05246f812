"""The list of households as a Qt table: ids now, lines when they are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QHeaderView, QTableView

from siks_offline.texts import text
from siks_offline.ui import icons, masking, theme
from siks_offline.ui.table_looks import still

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from siks_offline.model import Changes, HouseholdLine

Index = QModelIndex | QPersistentModelIndex
PAGE = 100

WORK_ICONS = {"belum": "empty", "draf": "form", "selesai": "done", "dikembalikan": "comment"}
SENT_ICONS = {
    "belum": "empty",
    "dikirim": "send",
    "diterima": "done",
    "diterima_lisan": "done",
    "ditahan": "confirm",
    "ditolak": "fault",
}
TONES = {"done": "done", "comment": "confirm", "confirm": "confirm", "fault": "fault"}


def grouped_number(number: str) -> str:
    """Sixteen digits as eyes compare them: six, six, four; masked unless a reason was given."""
    return masking.shown(number)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its name in the query, its width, what it shows of a line."""

    title: str
    order: str
    width: int
    show: Callable[[HouseholdLine], str]
    icon: Callable[[HouseholdLine], str] | None = None
    right: bool = False


def _name(line: HouseholdLine) -> str:
    return line.nama_krt or text("ui.umum.tanpa_nama")


def columns() -> tuple[Column, ...]:
    """Make the columns of the prelist; a function, because texts are read when the page is built.

    Their widths together, the address left out, are what a window of 1093 pixels has beside the
    rail.
    """
    return (
        Column(text("ui.prelist.kolom.nama"), "nama_krt", 138, _name),
        Column(
            text("ui.prelist.kolom.no_kk"), "no_kk", 174, lambda line: grouped_number(line.no_kk)
        ),
        Column(
            text("ui.prelist.kolom.nik"), "nik_krt", 174, lambda line: grouped_number(line.nik_krt)
        ),
        Column(text("ui.prelist.kolom.alamat"), "alamat", 200, lambda line: line.alamat),
        Column(
            text("ui.prelist.kolom.rt_rw"),
            "rt",
            90,
            lambda line: "/".join(filter(None, (line.rt, line.rw))),
        ),
        Column(
            text("ui.prelist.kolom.kerja"),
            "kerja",
            144,
            lambda line: text(f"ui.kerja.{line.kerja}"),
            lambda line: WORK_ICONS[line.kerja],
        ),
        Column(
            text("ui.prelist.kolom.kirim"),
            "kirim",
            146,
            lambda line: text(f"ui.kirim.{line.kirim}"),
            lambda line: SENT_ICONS[line.kirim],
        ),
    )


def dress(table: QTableView, name: str) -> None:
    """Give a list of lines the looks and keys of all lists; `name` is for screen readers."""
    table.setAccessibleName(name)
    still(table)
    table.setAlternatingRowColors(True)
    table.setWordWrap(False)
    table.setCornerButtonEnabled(False)
    table.verticalHeader().setDefaultSectionSize(theme.px(theme.TABLE_ROW))
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)


BESIDE_TABLE = 4 * theme.STEP + 16
"""Margins of a page left and right of its table, its edge and its bar to scroll."""


def lay(table: QTableView, widths: Sequence[int], stretch: Sequence[int]) -> None:
    """Give the columns their widths, of usual text; those of `stretch` share what is left."""
    header = table.horizontalHeader()
    for at, width in enumerate(widths):
        if at in stretch:
            header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
        else:
            table.setColumnWidth(at, theme.px(width))


def fit(table: QTableView, widths: Sequence[int], spare: Sequence[int], room: int) -> None:
    """Leave columns out, the first of `spare` first, until the others have room on the page.

    What is left out is still searched, and shown where the row is opened.
    """
    wanted = theme.px(sum(widths)) + BESIDE_TABLE
    for at in spare:
        out = wanted > room
        table.setColumnHidden(at, out)
        wanted -= theme.px(widths[at]) if out else 0


class HouseholdTable(QAbstractTableModel):
    """Households matching a search. Knows columns and pages, and no SQL.

    `needed` asks for the lines of ids that are about to be painted; `take` brings them.
    """

    needed = QtSignal(list)

    def __init__(self, parent: QObject | None = None, of: tuple[Column, ...] | None = None) -> None:
        super().__init__(parent)
        self.columns = of or columns()
        self._ids: list[str] = []
        self._row: dict[str, int] = {}
        self._seen: dict[str, HouseholdLine] = {}
        self._asked: set[int] = set()

    def show(self, ids: Sequence[str]) -> None:
        """Show these households, in this order."""
        self.beginResetModel()
        self._ids = list(ids)
        self._row = {id_: row for row, id_ in enumerate(self._ids)}
        self._seen.clear()
        self._asked.clear()
        self.endResetModel()

    def take(self, lines: Mapping[str, HouseholdLine]) -> None:
        """Show the lines that were asked for."""
        self._seen.update((id_, line) for id_, line in lines.items() if id_ in self._row)
        rows = [self._row[id_] for id_ in lines if id_ in self._row]
        if rows:
            last = len(self.columns) - 1
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), last))

    def forget(self, ids: Iterable[str]) -> None:
        """Read these lines again when they are next painted."""
        rows = [self._row[id_] for id_ in ids if id_ in self._row]
        for row in rows:
            self._asked.discard(row // PAGE)
            self._seen.pop(self._ids[row], None)
        if rows:  # told once: an export touches every row of a village
            last = len(self.columns) - 1
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), last))

    def refresh(self, changes: Changes) -> None:
        """Forget the lines that changed."""
        self.forget(changes.households)

    def id_at(self, row: int) -> str:
        """Return the household of a row; empty when there is none."""
        return self._ids[row] if 0 <= row < len(self._ids) else ""

    def row_of(self, id_: str) -> int:
        """Return the row of a household; -1 when it is not shown."""
        return self._row.get(id_, -1)

    def line_at(self, row: int) -> HouseholdLine | None:
        """Return the line of a row if it is here already, else ask for its page."""
        id_ = self._ids[row]
        page = row // PAGE
        if id_ not in self._seen and page not in self._asked:
            self._asked.add(page)
            wanted = self._ids[page * PAGE : (page + 1) * PAGE]
            self.needed.emit([i for i in wanted if i not in self._seen])
        return self._seen.get(id_)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Count the households."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the heading of a column."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give what one cell shows; nothing until its page has come."""
        if not index.isValid():
            return None
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.DecorationRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        line = self.line_at(index.row())
        if line is None:
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.DecorationRole:
            if column.icon is None:
                return None
            name = column.icon(line)
            tone = getattr(theme.colours, TONES.get(name, "secondary"))
            return icons.icon(name, tone)
        return column.show(line)
