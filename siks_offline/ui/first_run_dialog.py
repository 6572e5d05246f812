"""The wizard of a new village, before and after it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal

from siks_offline.desa.first_run import FirstRun, Settling
from siks_offline.ui.ceremony_dialog import CeremonyDialog, hold
from siks_offline.ui.floor import Floor

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from siks_offline.ui.page import Page


class FirstRunDialog(CeremonyDialog):
    """Makes a village and hands it on open; an invitation is handed to the pairing instead."""

    made = Signal(object)
    """A Village that was just made, open."""
    invited = Signal()
    """The person has an invitation of the Dinsos."""

    def __init__(self, parent: QWidget, root: Path, now: Callable[[], datetime]) -> None:
        self.floor = Floor(now)
        self._run_of = FirstRun(root)
        super().__init__(parent, self.floor, lambda _village: self._run_of)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.finished.connect(self._ended)

    def _arrived(self, answer: object) -> None:
        super()._arrived(answer)
        if self._run_of.by_invitation and not self._run_of.ended:
            self.done(0)
            self.invited.emit()

    def _ended(self, _: int) -> None:
        village, self._run_of.village = self._run_of.village, None
        self.floor.close()
        if village is not None:
            self.made.emit(village)


def settle(page: Page, practise: Callable[[], None]) -> CeremonyDialog:
    """Go on making a new village ready; `practise` is called when the person wants to."""
    dialog = hold(page, Settling)

    def ended() -> None:
        ceremony = dialog.ceremony
        if isinstance(ceremony, Settling) and ceremony.ended and ceremony.wants_practice:
            practise()

    dialog.accepted.connect(ended)
    return dialog
