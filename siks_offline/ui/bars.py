"""A small chart: one bar a line, parts of it in the colours of their states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from siks_offline.ui import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

LINE = 26
THICK = 14
GAP = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of the chart: its name, (tone of the theme, how many) for each part, words at the end.

    The words say the same as the picture; a screen reader gets nothing else.
    """

    name: str
    parts: tuple[tuple[str, int], ...]
    words: str

    @property
    def total(self) -> int:
        """All parts together."""
        return sum(count for _, count in self.parts)


class Bars(QWidget):
    """Bars on one scale, drawn by hand: no chart library is worth its megabytes here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Draw these from now on."""
        self.bars = tuple(bars)
        self.setFixedHeight(max(1, len(self.bars)) * theme.px(LINE))
        self.setAccessibleName("\n".join(f"{bar.name}: {bar.words}" for bar in self.bars))
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for one line a bar."""
        return QSize(theme.px(240), max(1, len(self.bars)) * theme.px(LINE))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw names on the left, words on the right, the bars between them."""
        del event
        if not self.bars:
            return
        painter = QPainter(self)
        painter.setFont(theme.body())
        metrics = painter.fontMetrics()
        left = max(metrics.horizontalAdvance(bar.name) for bar in self.bars) + GAP
        widest = self.width() * 2 // 5
        left = min(left, widest)
        right = max(metrics.horizontalAdvance(bar.words) for bar in self.bars) + GAP
        room = max(0, self.width() - left - right - 1)
        most = max(bar.total for bar in self.bars) or 1
        height, thick = theme.px(LINE), theme.px(THICK)
        for row, bar in enumerate(self.bars):
            top = row * height
            painter.setPen(QColor(theme.colours.text))
            name = bar.name
            if left == widest:
                name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left - GAP)
            painter.drawText(QRectF(0, top, left, height), Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(QColor(theme.colours.secondary))
            end = QRectF(self.width() - right, top, right, height)
            facing = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(end, facing, bar.words)
            at, y = float(left), top + (height - thick) / 2
            for tone, count in bar.parts:
                width = room * count / most
                colour = QColor(getattr(theme.colours, tone))
                painter.fillRect(QRectF(at, y, width, thick), colour)
                at += width
            painter.setPen(QColor(theme.colours.edge))
            painter.drawRect(QRectF(left, y, room * bar.total / most, thick))
        painter.end()
