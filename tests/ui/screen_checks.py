"""What a program can see of a screen: words cut off, widgets over each other, contrast too low."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QTableView,
    QWidget,
)

from siks_offline.ui import theme
from siks_offline.ui.screen import Screen
from siks_offline.ui.table_looks import LONG_WORDS, Whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtCore import QModelIndex

TARGET = 24
"""Pixels of anything that can be pressed (WCAG 2.5.8)."""
TEXT_CONTRAST, EDGE_CONTRAST = 4.5, 3.0
SLACK = 0.95
"""A thin stroke is drawn blended: its darkest pixel may miss the colour by this much."""
EDGED = (QLineEdit, QComboBox, QPlainTextEdit, QAbstractSpinBox)
PARTS = (QLabel, QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit)
CELL_PADDING = 14
"""What the style keeps free left and right of the words of a cell."""
MOST_COLUMNS = 7
"""Columns that a table may have without being moved sideways; fewer in larger text."""
LOOKED_AT = 4
"""Rows of a list whose pixels are looked at."""


def shown(top: QWidget, kind: type[QWidget] = QWidget) -> Iterator[QWidget]:
    """Yield the widgets of a kind that can be seen below a widget."""
    for widget in top.findChildren(kind):
        if widget.isVisible() and not widget.visibleRegion().isEmpty():
            yield widget


def nameless(top: QWidget) -> list[str]:
    """Return widgets that take the caret and have no name for a screen reader."""
    found = []
    for widget in top.findChildren(QWidget):
        if not widget.isVisible() or widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        reader = QAccessible.queryAccessibleInterface(widget)
        if not reader.text(QAccessible.Text.Name):
            found.append(f"{type(widget).__name__} {widget.objectName()}")
    return found


def cut(top: QWidget) -> list[str]:
    """Return labels and buttons whose words do not fit."""
    found = []
    for label in top.findChildren(QLabel):
        if not label.isVisible() or not label.text():
            continue
        width, height = label.width(), label.height()
        if label.wordWrap():
            if label.heightForWidth(width) > height + 1:
                found.append(f"tall: {label.text()}")
        elif label.sizeHint().width() > width + 1:
            found.append(f"wide: {label.text()}")
        elif label.fontMetrics().height() > height + 1:
            found.append(f"low: {label.text()}")
    for made in top.findChildren(QAbstractButton):
        if made.isVisible() and made.text():
            if made.sizeHint().width() > made.width() + 1:
                found.append(f"button: {made.text()}")
            elif made.fontMetrics().height() > made.height() + 1:
                found.append(f"low: {made.text()}")
    return found


def cut_fields(top: QWidget) -> list[str]:
    """Return fields and choices in which less can be read than stands in them.

    A field that words are typed into moves with the caret: more than LONG_WORDS may stand in it.
    """
    found = []
    for line in shown(top, QLineEdit):
        assert isinstance(line, QLineEdit)
        option = QStyleOptionFrame()
        line.initStyleOption(option)
        inside = line.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, line)
        margins = line.textMargins()
        room = inside.width() - margins.left() - margins.right() - 2
        words = line.displayText() or line.placeholderText()
        long = bool(line.displayText()) and len(words) > LONG_WORDS and not line.isReadOnly()
        if line.fontMetrics().horizontalAdvance(words) > room and not long:
            found.append(f"field: {named(line)}: {words}")
    for combo in shown(top, QComboBox):
        assert isinstance(combo, QComboBox)
        if combo.isEditable():
            continue
        choice = QStyleOptionComboBox()
        combo.initStyleOption(choice)
        inside = combo.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            choice,
            QStyle.SubControl.SC_ComboBoxEditField,
            combo,
        )
        if combo.fontMetrics().horizontalAdvance(combo.currentText()) > inside.width() + 1:
            found.append(f"choice: {combo.currentText()}")
    return found


def cut_cells(top: QWidget) -> list[str]:
    """Return headings and cells of lists whose words do not fit, and rows that lie on each other.

    What is longer than LONG_WORDS may be cut, but only where the list tells it whole (`Whole`).
    """
    found = []
    for view in shown(top, QAbstractItemView):
        assert isinstance(view, QAbstractItemView)
        if isinstance(view, QHeaderView):
            found.extend(_cut_headings(view))
            continue
        wraps = isinstance(view, (QTableView, QListView)) and view.wordWrap()
        below = 0
        for index in _seen_cells(view):
            words, given = str(index.data() or ""), view.visualRect(index)
            wanted = view.sizeHintForIndex(index)
            name = f"{view.accessibleName()}[{index.column()}]: {words}"
            if index.column() == 0:
                if given.top() < below - 1:
                    found.append(f"rows {name}")
                below = given.bottom()
            if wraps:
                lines = view.fontMetrics().boundingRect(
                    QRect(0, 0, given.width() - CELL_PADDING, 9999),
                    Qt.TextFlag.TextWordWrap.value,
                    words,
                )
                fits = lines.height() <= given.height() + 1 and lines.width() <= given.width()
            else:
                fits = wanted.width() <= given.width() + 1
            told = isinstance(view.itemDelegate(), Whole) and len(words) > LONG_WORDS
            if words and not fits and not told:
                found.append(f"cell {name}")
    return found


def _cut_headings(header: QHeaderView) -> Iterator[str]:
    if header.orientation() != Qt.Orientation.Horizontal or header.model() is None:
        return
    for at in range(header.count()):
        words = str(header.model().headerData(at, header.orientation()) or "")
        hidden = header.isSectionHidden(at)
        if words and not hidden and header.sectionSizeHint(at) > header.sectionSize(at) + 1:
            found = header.parentWidget()
            name = found.accessibleName() if found is not None else ""
            yield f"heading {name}[{at}]: {words}"


def _seen_cells(view: QAbstractItemView) -> Iterator[QModelIndex]:
    """Yield the cells of a list that can be seen, except those scrolled half away below."""
    model, root, ground = view.model(), view.rootIndex(), view.viewport().rect()
    if model is None:
        return
    for row in range(model.rowCount(root)):
        for column in range(model.columnCount(root) if isinstance(view, QTableView) else 1):
            index = model.index(row, column, root)
            place = view.visualRect(index)
            if place.top() > ground.bottom():
                return
            if place.isValid() and ground.top() <= place.top() and ground.intersects(place):
                yield index


def sideways(top: QWidget) -> list[str]:
    """Return parts of a page that have to be moved sideways.

    Only the broadest tables may be, and in large text the roster of members.
    """
    found = []
    for one in (*shown(top, QScrollArea), *shown(top, QTableView)):
        assert isinstance(one, QAbstractScrollArea)
        most = MOST_COLUMNS / theme.scale
        broad = isinstance(one, QTableView) and one.model().columnCount() > most
        broad = broad or (isinstance(one, Screen) and theme.scale > 1)
        if one.horizontalScrollBar().maximum() > 0 and not broad:
            found.append(f"sideways: {named(one)} {one.horizontalScrollBar().maximum()}")
    return found


def overlapping(top: QWidget) -> list[str]:
    """Return pairs of parts of one parent that lie over each other."""
    found: list[str] = []
    for parent in [top, *shown(top)]:
        if isinstance(
            parent, (QComboBox, QAbstractSpinBox, QLineEdit, QAbstractScrollArea, QLabel)
        ):
            continue
        parts = [one for one in parent.children() if isinstance(one, PARTS) and one.isVisible()]
        for at, one in enumerate(parts):
            found.extend(
                f"over: {named(one)} and {named(other)}"
                for other in parts[at + 1 :]
                if one.geometry().adjusted(1, 1, -1, -1).intersects(other.geometry())
            )
    return found


def outside(top: QWidget) -> list[str]:
    """Return parts that reach out of their parent, where nothing scrolls."""
    found = []
    for one in shown(top):
        parent = one.parentWidget()
        if parent is None or one.isWindow() or not isinstance(one, PARTS):
            continue
        if isinstance(parent.parentWidget(), QAbstractScrollArea):
            continue
        if not parent.rect().adjusted(-1, -1, 1, 1).contains(one.geometry()):
            found.append(f"outside: {named(one)}")
    return found


def small(top: QWidget) -> list[str]:
    """Return buttons that are too small to hit."""
    return [
        f"small: {named(one)} {one.width()}x{one.height()}"
        for one in shown(top, QAbstractButton)
        if one.focusPolicy() != Qt.FocusPolicy.NoFocus and min(one.width(), one.height()) < TARGET
    ]


def pale(top: QWidget, picture: QImage | None = None) -> list[str]:
    """Return words and control edges whose pixels do not stand out from their ground."""
    image = (picture or top.grab().toImage()).convertToFormat(QImage.Format.Format_RGB32)
    found = []
    for one in shown(top):
        if not isinstance(one, (QLabel, QPushButton)) or not one.text().strip():
            continue
        seen = _seen(one, top)
        if seen.size() != one.size():
            continue  # scrolled half away: perhaps no word of it is to be seen
        ratio = _contrast(image.copy(seen))
        if ratio < TEXT_CONTRAST * SLACK:
            found.append(f"pale {ratio:.2f}: {named(one)}")
    found.extend(_pale_cells(top, image))
    for one in shown(top):
        if not isinstance(one, EDGED) or not one.isEnabled():
            continue
        if isinstance(one.parentWidget(), (QComboBox, QAbstractSpinBox)):
            continue
        seen = _seen(one, top)
        if seen.size() != one.size() or seen.left() < 4:
            continue
        middle = seen.center().y()
        edge = [image.pixelColor(seen.left() + at, middle) for at in range(3)]
        ground = image.pixelColor(seen.left() - 3, middle)
        ratio = max(theme.contrast(_name(one_edge), _name(ground)) for one_edge in edge)
        if ratio < EDGE_CONTRAST * SLACK:
            found.append(f"edge {ratio:.2f}: {named(one)}")
    return found


def faults(top: QWidget, picture: QImage | None = None) -> list[str]:
    """Return everything wrong that a program can see of a screen; `picture` is how it looks."""
    found = [*cut(top), *cut_fields(top), *cut_cells(top), *sideways(top)]
    found += [*overlapping(top), *outside(top), *small(top), *nameless(top)]
    return [*found, *pale(top, picture)]


def named(widget: QWidget) -> str:
    """Return what a person would call a widget."""
    words = widget.text() if isinstance(widget, (QLabel, QAbstractButton, QLineEdit)) else ""
    name = widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} {words[:40] or name}".strip()


def _pale_cells(top: QWidget, image: QImage) -> Iterator[str]:
    """Look at the words of the first rows of each list."""
    for view in shown(top, QAbstractItemView):
        assert isinstance(view, QAbstractItemView)
        ground = view.viewport()
        rows: set[int] = set()
        for index in () if isinstance(view, QHeaderView) else _seen_cells(view):
            rows.add(index.row())
            if len(rows) > LOOKED_AT:
                break
            seen = view.visualRect(index)
            if not str(index.data() or "").strip() or not ground.rect().contains(seen):
                continue
            seen.translate(ground.mapTo(top, QPoint(0, 0)))
            ratio = _contrast(image.copy(seen))
            if ratio < TEXT_CONTRAST * SLACK:
                yield f"pale {ratio:.2f}: cell {index.data()}"


def _seen(widget: QWidget, top: QWidget) -> QRect:
    region = widget.visibleRegion().boundingRect()
    return QRect(widget.mapTo(top, QPoint(0, 0)) + region.topLeft(), region.size())


def _contrast(image: QImage) -> float:
    """Return the most that any pixel stands out from the colour that is there most."""
    counts = Counter(memoryview(image.constBits()).cast("I"))
    ground = counts.most_common(1)[0][0]
    return max(_stands_out(pixel, ground) for pixel in counts)


@lru_cache(maxsize=1 << 18)
def _stands_out(pixel: int, ground: int) -> float:
    return theme.contrast(_name(QColor(pixel)), _name(QColor(ground)))


def _name(colour: QColor) -> str:
    return colour.name().upper()
