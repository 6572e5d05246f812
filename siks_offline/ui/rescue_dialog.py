"""The wizard behind "Lupa kata sandi" on the sign-in page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit

from siks_offline.desa.rescue import Rescue
from siks_offline.ui.ceremony_dialog import CeremonyDialog
from siks_offline.ui.floor import Floor

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from PySide6.QtWidgets import QWidget

    from siks_offline.desa.village_folder import VillageFolder


class RescueDialog(CeremonyDialog):
    """Hands the village on, open, when its last step was seen."""

    made = Signal(object)
    """The Village, open."""

    def __init__(
        self, parent: QWidget, folder: VillageFolder, account: str, now: Callable[[], datetime]
    ) -> None:
        self.floor = Floor(now)
        self._rescue = Rescue(folder)
        self._account = account
        super().__init__(parent, self.floor, lambda _village: self._rescue)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.finished.connect(self._ended)

    def _begun(self, answer: object) -> None:
        super()._begun(answer)
        name = self._lines["akun"]
        assert isinstance(name, QLineEdit)
        name.setText(self._account)
        self._lines["pemulihan"].setFocus()

    def _ended(self, _: int) -> None:
        village, self._rescue.village = self._rescue.village, None
        self.floor.close()
        if village is not None:
            self.made.emit(village)
