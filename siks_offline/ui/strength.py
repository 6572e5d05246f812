"""How strong a passphrase is, said in words beside the line it is typed into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.texts import text
from siks_offline.ui.plain import PlainLabel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLineEdit


class Strength(PlainLabel):
    """Judges while it is typed; `near` are names on the screen that make it weak."""

    def __init__(self, typed: QLineEdit, near: tuple[str, ...]) -> None:
        super().__init__(face="small", tone="secondary")
        self._near = near
        typed.textChanged.connect(self.judge)
        self.judge("")

    def judge(self, typed: str) -> None:
        """Say what is thought of it so far."""
        from siks_offline.crypto import passphrase

        kind = passphrase.strength(typed, self._near) if typed else "kosong"
        self.setText(text(f"ui.kata_sandi.{kind}", paling_sedikit=passphrase.SHORTEST))
