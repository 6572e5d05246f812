"""What any page can do with the household in front: change what it is, print its papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence

from siks_offline.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siks_offline.desa.documents import Kind
    from siks_offline.model import Changes
    from siks_offline.ui.page import Page

CHANGE, PRINT = "Ctrl+T", "Ctrl+P"
RIGHT = "moves.move_members"


def key(page: Page, keys: str, slot: Callable[[], None]) -> None:
    """Let a key work wherever the caret is on a page."""
    action = QAction(page)
    action.setShortcut(QKeySequence(keys))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.triggered.connect(slot)
    page.addAction(action)


def change(page: Page, household_id: str, then: Callable[[str], None] | None = None) -> None:
    """Open the dialog in which a household's members move; `then` gets the one to show."""
    from siks_offline.ui.change_dialog import ChangeDialog

    if not household_id:
        return
    if not page.may(RIGHT):
        page.said.emit(text("ui.kunjungan.hanya_baca"))
        return

    def done(changes: Changes, home: str) -> None:
        page.changed.emit(changes)
        page.said.emit(text("ui.perubahan.sudah"))
        if then is not None:
            then(home)

    dialog = ChangeDialog(page.desk, household_id, page)
    dialog.done_.connect(done)
    dialog.open()


def print_papers(page: Page, kinds: Sequence[Kind], of: str) -> None:
    """Open the papers of one household or proposal."""
    from siks_offline.ui.papers_dialog import PapersDialog

    if of:
        PapersDialog(page.desk, page, kinds=kinds, of=of).open()
