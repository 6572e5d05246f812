"""What the lock needs: who watches for an empty chair, and the way back after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QDialog

from siks_offline.ui.clipboard import ClipboardGuard
from siks_offline.ui.idle import IdleWatch

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.village import Village

AGAIN_MS: Final = 100
"""Until the lock is tried again, while something is being completed or a dialog closes."""

SHORT_MS: Final = 150
"""A draft is on the disk by then; only longer work lets the sign-in page wait."""


@dataclass(frozen=True, slots=True)
class Left:
    """Where somebody was when the window locked: ids and question names, nothing personal."""

    whose: tuple[Path, str]
    page: str
    place: object


class Guard(QObject):
    """Watches the chair and the clipboard while a village is open."""

    wanted = Signal()
    """The window is to lock."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.idle = IdleWatch(self)
        self.idle.left.connect(self.wanted)
        self.clipboard = ClipboardGuard(self)

    def begin(self, village: Village) -> None:
        """Watch an open village with the minutes that it wants."""
        self.idle.begin(village.idle_minutes)

    def end(self) -> None:
        """Watch no more, and leave nothing in the clipboard."""
        self.idle.end()
        self.clipboard.clear()


def dismissed_talks() -> bool:
    """Close every dialog without an answer; return whether there was one.

    done() is called past what a dialog makes of Esc: the lock asks nobody.
    """
    found = [
        one
        for one in QApplication.topLevelWidgets()
        if isinstance(one, QDialog) and one.isVisible()
    ]
    for one in found:
        QDialog.done(one, QDialog.DialogCode.Rejected)
    return bool(found)


def mask_numbers() -> None:
    """Show numbers of people by their ends again."""
    from siks_offline.ui import masking

    masking.hide()
