"""What an account may choose for its comfort: moving on by itself, size of text, colours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QHBoxLayout, QVBoxLayout

from siks_offline.desa import preferences
from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.plain import PlainLabel

if TYPE_CHECKING:
    from siks_offline.ui.page import Desk


class Comfort(QFrame):
    """A sheet with three choices; each is told as soon as it is made."""

    chosen = Signal(object)
    """The Preferences wanted now."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("card")
        self._desk = desk
        now = desk.village.preferences
        self.advance = QCheckBox(text("ui.pengaturan.nyaman.maju"))
        self.advance.setChecked(now.auto_advance)
        self.advance.toggled.connect(self._choose)
        self.by_block = QCheckBox(text("ui.pengaturan.nyaman.per_blok"))
        self.by_block.setChecked(now.by_block)
        self.by_block.toggled.connect(self._choose)
        self.size_of_text = QComboBox()
        self.size_of_text.setAccessibleName(text("ui.pengaturan.nyaman.huruf"))
        for size in preferences.SIZES:
            self.size_of_text.addItem(text("ui.pengaturan.nyaman.persen", persen=size), size)
        self.size_of_text.setCurrentIndex(preferences.SIZES.index(now.text_size))
        self.size_of_text.currentIndexChanged.connect(self._choose)
        self.look = QComboBox()
        self.look.setAccessibleName(text("ui.pengaturan.nyaman.warna"))
        for look in preferences.LOOKS:
            self.look.addItem(text(f"ui.pengaturan.nyaman.{look}"), look)
        self.look.setCurrentIndex(preferences.LOOKS.index(now.look))
        self.look.currentIndexChanged.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(3 * theme.STEP, 2 * theme.STEP) * 2)
        column.setSpacing(theme.STEP)
        column.addWidget(PlainLabel(text("ui.pengaturan.nyaman.judul"), face="strong"))
        column.addWidget(self.advance)
        column.addWidget(self.by_block)
        line = QHBoxLayout()
        line.setSpacing(theme.STEP)
        label = PlainLabel(text("ui.pengaturan.nyaman.huruf"))
        label.setBuddy(self.size_of_text)
        line.addWidget(label)
        line.addWidget(self.size_of_text)
        line.addSpacing(3 * theme.STEP)
        colours = PlainLabel(text("ui.pengaturan.nyaman.warna"))
        colours.setBuddy(self.look)
        line.addWidget(colours)
        line.addWidget(self.look)
        line.addStretch(1)
        column.addLayout(line)

    def _choose(self, *_: object) -> None:
        self.chosen.emit(
            replace(
                self._desk.village.preferences,
                auto_advance=self.advance.isChecked(),
                by_block=self.by_block.isChecked(),
                text_size=self.size_of_text.currentData(),
                look=self.look.currentData(),
            )
        )
