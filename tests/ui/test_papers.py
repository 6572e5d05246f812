"""The papers of a village are printed from the window by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from siks_offline.desa import documents
from siks_offline.ui import dialogs
from siks_offline.ui.papers_dialog import OF_THE_VILLAGE, PapersDialog
from tests.ui.conftest import Key, Operator

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def chosen(desk: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that a person names when asked; what dialogs say is passed over."""
    file = tmp_path / "keluar.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(dialogs, "tell", lambda *_: None)
    return file


def shown(person: Operator) -> PapersDialog:
    """Open the dialog from the musyawarah by its key."""
    person.window.show_page("musyawarah")
    page = person.window.pages["musyawarah"]
    page.setFocus()
    person.press(Qt.Key.Key_P, Key.Control)
    person.until(lambda: page.findChildren(PapersDialog))
    [dialog] = page.findChildren(PapersDialog)
    person.until(lambda: dialog._kept is not None)
    return dialog


def test_a_paper_is_chosen_and_written_by_keys(desk: Operator, chosen: Path) -> None:
    """Arrows choose, Enter writes; the letterhead typed on the way is kept."""
    dialog = shown(desk)
    dialog.list.setFocus()
    for _ in range(OF_THE_VILLAGE.index("bnba")):
        desk._qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.kind == "bnba"
    desk._qtbot.keyClicks(dialog.lines["leader"], "KEPALA DESA")
    ended: list[bool] = []
    dialog.accepted.connect(lambda: ended.append(True))
    desk._qtbot.keyClick(dialog.list, Key.Enter)
    desk.until(lambda: ended)
    assert chosen.read_bytes().startswith(b"%PDF-")
    assert desk.window.desk is not None
    assert documents.stationery(desk.window.desk.village).leader == "KEPALA DESA"


def test_a_list_for_the_field_asks_for_no_reason(desk: Operator) -> None:
    """Its numbers are whole by purpose; every other paper says how they are shown."""
    dialog = shown(desk)
    assert dialog.kind == "prelist-awal"
    assert not dialog.reason.isEnabled()
    before = dialog.about.text()
    dialog.list.setCurrentRow(3)
    assert dialog.reason.isEnabled()
    assert dialog.about.text() != before
    dialog.reject()
