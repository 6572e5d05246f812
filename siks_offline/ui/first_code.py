"""What the sign-in page asks after a first code: a passphrase of one's own, typed twice."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from siks_offline.crypto import passphrase
from siks_offline.errors import SecretError
from siks_offline.texts import text
from siks_offline.ui import theme
from siks_offline.ui.plain import PlainLabel
from siks_offline.ui.strength import Strength
from siks_offline.ui.wizard import entry_line


class FirstCode(QWidget):
    """Two hidden lines with a proposal above; Enter in the second goes on."""

    entered = Signal()

    def __init__(self, near: tuple[str, ...]) -> None:
        super().__init__()
        self.words = PlainLabel(text("ui.masuk.kode_pertama", usul=passphrase.draw()), wrap=True)
        self.fresh = entry_line(text("ui.masuk.sandi_baru"), hidden=True)
        self.again = entry_line(text("ui.masuk.sandi_ulang"), hidden=True)
        self.fresh.returnPressed.connect(self.again.setFocus)
        self.again.returnPressed.connect(self.entered)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.STEP, 0, 0)
        column.setSpacing(theme.STEP // 2)
        column.addWidget(self.words)
        for key, line in (("sandi_baru", self.fresh), ("sandi_ulang", self.again)):
            label = PlainLabel(text(f"ui.masuk.{key}"))
            label.setBuddy(line)
            column.addWidget(label)
            column.addWidget(line)
            if line is self.fresh:
                column.addWidget(Strength(line, near))

    def chosen(self) -> str:
        """Return the new passphrase. Raises SecretError E_PASSPHRASE_TWICE."""
        if self.fresh.text() != self.again.text():
            raise SecretError("E_PASSPHRASE_TWICE")
        return self.fresh.text()
