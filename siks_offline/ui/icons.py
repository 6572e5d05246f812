"""Icons of one weight, drawn from the Remix Icon font that the package qtawesome carries.

The font is read directly: importing qtawesome loads every one of its fonts and QtOpenGL, which
costs more than the whole sign-in page.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPixmap

from siks_offline.ui import theme

POINTS = {
    "home": ("home-4-line", 0xEE1D),
    "list": ("list-check-2", 0xEEB9),
    "form": ("file-list-3-line", 0xECEF),
    "send": ("send-plane-line", 0xF0DA),
    "settings": ("settings-3-line", 0xF0E6),
    "lock": ("lock-line", 0xEECE),
    "search": ("search-line", 0xF0D1),
    "add": ("add-line", 0xEA13),
    "done": ("checkbox-circle-line", 0xEB81),
    "fault": ("error-warning-line", 0xECA1),
    "confirm": ("alert-line", 0xEA21),
    "next": ("arrow-right-line", 0xEA6C),
    "back": ("arrow-left-line", 0xEA60),
    "import": ("file-excel-2-line", 0xECDD),
    "export": ("upload-2-line", 0xF24A),
    "accept": ("inbox-archive-line", 0xEE4D),
    "user": ("user-line", 0xF264),
    "folder": ("folder-open-line", 0xED70),
    "members": ("group-line", 0xEDE3),
    "skipped": ("subtract-line", 0xF1AF),
    "empty": ("checkbox-blank-circle-line", 0xEB7D),
    "check": ("shield-check-line", 0xF100),
    "backup": ("save-line", 0xF0B3),
    "remove": ("delete-bin-line", 0xEC2A),
    "comment": ("chat-3-line", 0xEB51),
    "note": ("information-line", 0xEE59),
    "again": ("refresh-line", 0xF064),
    "chart": ("bar-chart-horizontal-line", 0xEA9D),
    "match": ("arrow-left-right-line", 0xEA62),
}
"""Our name -> the font's name and code point (Remix Icon 2.5.0)."""

FONT = "remixicon-2.5.0.ttf"
CHARMAP = "remixicon-charmap-2.5.0.json"


def folder() -> Path:
    """Where qtawesome keeps its fonts; found without importing it."""
    spec = find_spec("qtawesome")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "fonts"


@cache
def _family() -> str:
    number = QFontDatabase.addApplicationFont(str(folder() / FONT))
    return QFontDatabase.applicationFontFamilies(number)[0]


@cache
def pixmap(name: str, colour: str, size: int = 18, scale: float = 2.0) -> QPixmap:
    """One icon in one colour; sharp up to a screen of twice the density."""
    picture = QPixmap(round(size * scale), round(size * scale))
    picture.fill(Qt.GlobalColor.transparent)
    face = QFont(_family())
    face.setPixelSize(round(size * scale))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(face)
    painter.setPen(QColor(colour))
    painter.drawText(
        QRect(0, 0, picture.width(), picture.height()),
        Qt.AlignmentFlag.AlignCenter,
        chr(POINTS[name][1]),
    )
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


@cache
def icon(name: str, colour: str | None = None) -> QIcon:
    """One icon for a button or a row, in the colour of text unless another is named.

    In a selected row or a disabled button it takes the colour of the words there.
    """
    made = QIcon(pixmap(name, colour or theme.colours.text))
    made.addPixmap(pixmap(name, theme.colours.on_accent), QIcon.Mode.Selected)
    made.addPixmap(pixmap(name, theme.colours.skipped), QIcon.Mode.Disabled)
    return made
