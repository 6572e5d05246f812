"""A file that somebody dropped, chose or double-clicked: each sort to its own preview."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from siks_offline.texts import text
from siks_offline.ui import dialogs
from siks_offline.ui.dialogs import Waiting

if TYPE_CHECKING:
    from PySide6.QtGui import QDropEvent

    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Page

SUFFIXES: Final = frozenset({".siks", ".siksbalas", ".siksundang", ".xlsx"})


def dropped(event: QDropEvent) -> Path | None:
    """Return the file that is let go over the window, if it is one of ours by its name."""
    for url in event.mimeData().urls():
        path = Path(url.toLocalFile())
        if path.suffix.lower() in SUFFIXES:
            return path
    return None


class Offer(QObject):
    """Finds out what a file is, then shows what it would do; nothing is taken without asking."""

    def __init__(self, page: Page, path: Path) -> None:
        super().__init__(page)
        self._page, self._path = page, path
        desk = page.desk

        def work(village: Village, _progress: Progress) -> str:
            from siks_offline.desa import incoming

            return incoming.sort(village, path, desk.now())

        task = desk.task(work)
        task.finished.connect(self._show)
        task.failed.connect(self._failed)
        task.cancelled.connect(self.deleteLater)
        Waiting(page, text("ui.serah.memeriksa", berkas=path.name), task)
        desk.start(task)

    def _show(self, sort: str) -> None:
        from siks_offline.ui import ceremony_dialog

        page, path = self._page, self._path
        if sort in ("buku", "prelist"):
            from siks_offline.ui.import_dialog import ImportDialog

            preview = ImportDialog(page.desk, path, page)
            preview.loaded.connect(page.changed)
            preview.open()
        elif sort == "undangan":
            from siks_offline.desa.key_ceremonies import PairingAgain

            ceremony_dialog.hold(page, lambda one: PairingAgain(one, path))
        else:
            from siks_offline.desa.file_ceremonies import Taking

            ceremony_dialog.hold(page, lambda one: Taking(one, path))
        self.deleteLater()

    def _failed(self, error: Exception) -> None:
        dialogs.say(self._page, error)
        self.deleteLater()
