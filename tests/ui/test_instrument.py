"""A newer questionnaire by keys alone: looked at, installed, worked off, taken back, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from siks_offline.desa import visit
from siks_offline.ui import dialogs
from tests.desa.test_versions import newer
from tests.instrument.forms import row, write
from tests.ui import worlds
from tests.ui.conftest import HOUSEHOLD, Key, Operator
from tests.ui.screen_checks import cut, nameless
from tests.ui.test_access import settle

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtCore import Qt


@pytest.fixture
def page(desk: Operator) -> Any:
    """The page of the questionnaire, reached from Pengaturan by keys."""
    assert desk.window.desk is not None
    village = desk.window.desk.village
    for number in (1, 2):
        opened = visit.open_visit(village, HOUSEHOLD.format(number), worlds.NOW)
        opened.state.set("hasil_verivali", "1")
        visit.save_draft(village, HOUSEHOLD.format(number), opened.snapshot(), None, worlds.NOW)
    desk.window.show_page("pengaturan")
    settings: Any = desk.window.pages["pengaturan"]
    settings.doors["instrumen"].setFocus()
    desk.press(Key.Space)
    found: Any = desk.window.pages["instrumen"]
    desk.until(lambda: found.isVisible() and found._survey is not None)
    return found


def chosen(desk: Operator, page: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Press the button, pick the file, wait until the dialog has read it."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    page.install.setFocus()
    desk.press(Key.Space)
    dialog = next(d for d in page.findChildren(QDialog) if hasattr(d, "agree") and d.isVisible())
    desk.until(lambda: dialog.table.isVisible() or not dialog.agree.isVisible())
    settle(desk)
    return dialog


def press(dialog: QDialog, key: Qt.Key) -> None:
    """Press a key where the caret is in a dialog."""
    caret = dialog.focusWidget()
    assert caret is not None
    QTest.keyClick(caret, key)
    QApplication.processEvents()


def words(table: Any) -> list[str]:
    """The rows of a table, as a person reads them."""
    return [
        " | ".join(table.item(at, column).text() for column in range(table.columnCount()))
        for at in range(table.rowCount())
    ]


def test_from_the_file_to_the_last_household(
    desk: Operator, page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The difference in words, who needs how many answers, Enter installs and opens; then back."""
    dialog = chosen(desk, page, newer(tmp_path / "baru.xlsx"), monkeypatch)
    assert "2020.2" in dialog.heading.text()
    assert 'Baru: "p. Internet wifi" (ada_wifi).' in words(dialog.table)
    assert dialog.summary.text().startswith("2 draf dibawa serta")
    assert "rumah tangga perlu 1 jawaban lagi" in dialog.needs.text()
    assert page.desk.village.instrument.version == "2020.1"
    press(dialog, Key.Enter)
    desk.until(lambda: page._survey.version == "2020.2")
    assert "rumah tangga perlu 1 jawaban lagi" in page.needs_words.text()
    assert len(words(page.table)) == 2
    desk.window.activateWindow()  # without a window manager nobody else does after a dialog
    desk.until(desk.window.isActiveWindow)
    page.table.setFocus()
    desk.press(Key.Enter)
    desk.until(lambda: desk.visit.isVisible() and desk.visit.form and desk.form.current)
    assert desk.form.state.instrument.version == "2020.2"
    desk.form.go("ada_wifi")
    assert desk.here == "ada_wifi"
    desk.type("2")
    assert desk.form.state.value("ada_wifi") == "2"
    desk.window.show_page("instrumen")
    desk.until(lambda: len(words(page.table)) == 1)
    monkeypatch.setattr(dialogs, "ask", lambda *_: True)
    page.back.setFocus()
    desk.press(Key.Space)
    desk.until(lambda: page._survey.version == "2020.1")
    assert page.before.text().startswith("Sebelumnya dipakai: ")
    assert "2020.2" in page.before.text()


def test_a_workbook_that_is_none_says_where_and_what_to_do(
    desk: Operator, page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fault with sheet, row, column and remedy; Esc leaves, and nothing has changed."""
    path = write(tmp_path / "salah.xlsx", [row("range", "a"), row("text", "d e")])
    dialog = chosen(desk, page, path, monkeypatch)
    told = words(dialog.table)
    assert len(told) == 2
    assert told[0].startswith("survey, baris 2, kolom A | ")
    assert told[1].startswith("survey, baris 3, kolom B | ")
    assert all(len(line.split(" | ")[2]) > 10 for line in told)
    assert not dialog.agree.isVisible()
    press(dialog, Key.Escape)
    assert not dialog.isVisible()
    assert page.desk.village.instrument.version == "2020.1"


def test_the_workbook_in_use_is_no_news(
    desk: Operator, page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Choosing it again says so and offers nothing."""
    from siks_offline import paths

    shipped = paths.resources() / "instrumen" / "dtks-2020.xlsx"
    dialog = chosen(desk, page, shipped, monkeypatch)
    assert "sudah dipakai" in dialog.heading.text()
    assert not dialog.agree.isVisible()
    press(dialog, Key.Enter)
    assert not dialog.isVisible()
    assert not page.back.isVisible()


@pytest.mark.parametrize("size", [(1366, 728), (1093, 550)])
def test_nothing_is_cut_or_nameless(
    desk: Operator,
    page: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
) -> None:
    """Page and dialog at both sizes."""
    desk.window.resize(*size)
    dialog = chosen(desk, page, newer(tmp_path / "baru.xlsx"), monkeypatch)
    for top in (page, dialog):
        assert nameless(top) == []
        assert cut(top) == []
    press(dialog, Key.Enter)
    desk.until(lambda: page._survey.version == "2020.2")
    settle(desk)
    assert cut(page) == []
