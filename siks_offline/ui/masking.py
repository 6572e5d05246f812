"""Numbers of people on lists: their last four digits, whole only after a reason was noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from siks_offline import nik
from siks_offline.texts import text
from siks_offline.ui import dialogs

if TYPE_CHECKING:
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.main_window import MainWindow

_whole = False


def shown(number: str) -> str:
    """Return a number as lists show it now: grouped six, six, four, masked unless revealed."""
    if len(number) != 16:
        return number
    words = number if _whole else nik.mask(number)
    return f"{words[:6]} {words[6:12]} {words[12:]}"


def revealed() -> bool:
    """Whether numbers are whole now."""
    return _whole


def hide() -> None:
    """Mask numbers from now on, as at every lock."""
    global _whole  # noqa: PLW0603 - one window, one state of it
    _whole = False


class WhyTalk(dialogs.ReasonTalk):
    """Asks why numbers are needed whole: one of the usual reasons by its digit, or own words."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, text("ui.samar.tanya"))
        self.usual = text("ui.samar.lazim").split("|")
        self.detail.setText(text("ui.samar.akibat"))
        self.choices.clear()
        self.choices.addItems([f"{n}  {reason}" for n, reason in enumerate(self.usual, 1)])


class Masking(QObject):
    """Turns whole numbers on, with a reason in the trail, and off again."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def turn(self) -> None:
        """Show numbers whole after a reason, or mask them again at once."""
        desk = self._window.desk
        if desk is None:
            return
        if _whole:
            hide()
            self._window.restyle()
            return
        talk = WhyTalk(self._window)
        if talk.exec() != dialogs.Talk.DialogCode.Accepted:
            return
        reason, now = talk.reason, desk.now()

        def work(village: Village, _progress: Progress) -> None:
            from siks_offline.desa import privacy

            privacy.reveal(village, reason, now)

        task = desk.task(work)
        task.finished.connect(self._noted)
        task.failed.connect(self._failed)
        desk.start(task)

    def _noted(self, _: object) -> None:
        global _whole  # noqa: PLW0603 - as above
        _whole = True
        self._window.restyle()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self._window, error)
