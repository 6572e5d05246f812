"""Everything that takes the caret has a name, a size to hit, and words that are not cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from siks_offline.ui.form_view import Place

if TYPE_CHECKING:
    from tests.ui.conftest import Operator

SIZES = ((1366, 728), (1093, 550))
PAGES = ("beranda", "prelist", "serah_terima", "pengaturan", "akun")


def settle(person: Operator) -> None:
    """Let the answers of the database thread arrive and the layouts follow."""
    assert person.window.desk is not None
    for _ in range(3):
        person.window.desk.pool.waitForDone()
        QCoreApplication.processEvents()


def nameless(top: QWidget) -> list[str]:
    """Widgets that take the caret and have no name for a screen reader."""
    found = []
    for widget in top.findChildren(QWidget):
        if not widget.isVisible() or widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        reader = QAccessible.queryAccessibleInterface(widget)
        if reader is None or not reader.text(QAccessible.Text.Name):
            found.append(f"{type(widget).__name__} {widget.objectName()}")
    return found


def cut(top: QWidget) -> list[str]:
    """Labels and buttons whose words do not fit, or that lie outside their parent."""
    found = []
    for label in top.findChildren(QLabel):
        if not label.isVisible() or not label.text():
            continue
        width, height = label.width(), label.height()
        if label.wordWrap():
            if label.heightForWidth(width) > height + 1:
                found.append(f"tall: {label.text()}")
        elif label.sizeHint().width() > width + 1:
            found.append(f"wide: {label.text()}")
    found.extend(
        f"button: {made.text()}"
        for made in top.findChildren(QAbstractButton)
        if made.isVisible() and made.text() and made.sizeHint().width() > made.width() + 1
    )
    return found


@pytest.mark.parametrize("size", SIZES)
def test_pages_have_names_and_whole_words(desk: Operator, size: tuple[int, int]) -> None:
    """Each page at each size: named for a screen reader, nothing cut off."""
    desk.window.resize(*size)
    for name in PAGES:
        desk.window.show_page(name)
        settle(desk)
        assert nameless(desk.window) == [], name
        assert cut(desk.window) == [], name


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_of_the_form_has_names_and_whole_words(
    desk: Operator, size: tuple[int, int]
) -> None:
    """Sections, the roster and a person's screen, with everything asked that can be asked."""
    desk.window.resize(*size)
    desk.open_household(4)
    form = desk.form
    form.apply(form.state.set("hasil_verivali", "1"))
    for place in form.places():
        form.go_to_place(Place(*place))
        settle(desk)
        assert nameless(desk.window) == [], place
        assert cut(form.front) == [], place
    assert cut(desk.visit.header) == []


def test_targets_are_large_enough(desk: Operator) -> None:
    """Whatever can be pressed is at least 24 pixels high and wide (WCAG 2.5.8)."""
    desk.open_household(4)
    for page in (*PAGES, "kunjungan"):
        desk.window.show_page(page)
        for made in desk.window.findChildren(QAbstractButton):
            if made.isVisible() and made.focusPolicy() != Qt.FocusPolicy.NoFocus:
                assert made.height() >= 24, made.text()
                assert made.width() >= 24, made.text()
