"""What a program can see of a screen: words cut off, widgets over each other, contrast too low."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from siks_offline.ui import theme

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = 24
"""Pixels of anything that can be pressed (WCAG 2.5.8)."""
TEXT_CONTRAST, EDGE_CONTRAST = 4.5, 3.0
SLACK = 0.95
"""A thin stroke is drawn blended: its darkest pixel may miss the colour by this much."""
EDGED = (QLineEdit, QComboBox, QPlainTextEdit, QAbstractSpinBox)
PARTS = (QLabel, QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit)


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
    found.extend(
        f"button: {made.text()}"
        for made in top.findChildren(QAbstractButton)
        if made.isVisible() and made.text() and made.sizeHint().width() > made.width() + 1
    )
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


def faults(top: QWidget, *, pixels: bool = True) -> list[str]:
    """Return everything wrong that a program can see of a screen."""
    found = [*cut(top), *overlapping(top), *outside(top), *small(top), *nameless(top)]
    return [*found, *pale(top)] if pixels else found


def named(widget: QWidget) -> str:
    """Return what a person would call a widget."""
    words = widget.text() if isinstance(widget, (QLabel, QAbstractButton, QLineEdit)) else ""
    name = widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} {words[:40] or name}".strip()


def _seen(widget: QWidget, top: QWidget) -> QRect:
    region = widget.visibleRegion().boundingRect()
    return QRect(widget.mapTo(top, QPoint(0, 0)) + region.topLeft(), region.size())


def _contrast(image: QImage) -> float:
    """Return the most that any pixel stands out from the colour that is there most."""
    counts: dict[int, int] = {}
    for pixel in memoryview(image.constBits()).cast("I"):
        counts[pixel] = counts.get(pixel, 0) + 1
    ground = _name(QColor(max(counts, key=counts.__getitem__)))
    return max(theme.contrast(_name(QColor(pixel)), ground) for pixel in counts)


def _name(colour: QColor) -> str:
    return colour.name().upper()
