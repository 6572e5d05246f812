"""Everything that takes the caret has a name, a size to hit, and words that are not cut."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QWidget

from siks_offline import ui
from siks_offline.desa.preferences import Preferences
from siks_offline.latihan import world
from siks_offline.ui import main_window, theme
from siks_offline.ui.form_view import Place
from tests.ui import doors, layar, scenes, worlds
from tests.ui.screen_checks import cut, faults, nameless

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Operator

SIZES = ((1366, 728), (1093, 550))
PAGES = tuple(name for name in main_window.PAGES if name not in main_window.FORMS)


def settle(person: Operator) -> None:
    """Let the answers of the database thread arrive and the layouts follow."""
    assert person.window.desk is not None
    for _ in range(3):
        person.window.desk.pool.waitForDone()
        QCoreApplication.processEvents()


@pytest.mark.parametrize("size", SIZES)
def test_pages_have_names_and_whole_words(desk: Operator, size: tuple[int, int]) -> None:
    """Each page at each size: named for a screen reader, nothing cut, covered, small or pale."""
    desk.window.resize(*size)
    for name in PAGES:
        desk.window.show_page(name)
        settle(desk)
        assert faults(desk.window) == [], name


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
        assert [one for one in faults(form.front) if not one.startswith("edge")] == [], place
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


def test_pages_stay_whole_in_large_text_and_high_contrast(desk: Operator) -> None:
    """The hardest look of the matrix: 150 % and high contrast (all of it is in tests.ui.layar)."""
    assert desk.window.desk is not None
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    try:
        desk.window.desk.village.preferences = Preferences(text_size=150, look="kontras")
        desk.window.restyle()
        for name in PAGES:
            desk.window.show_page(name)
            settle(desk)
            assert faults(desk.window) == [], name
    finally:
        theme.use(app, text_size=100, look="terang")


def concrete(kind: type[QDialog]) -> set[str]:
    """Names of the dialogs below a class that can be opened, wherever the window defines them."""
    found = {
        name
        for one in kind.__subclasses__()
        for name in {one.__name__} | concrete(one)
        if one.__module__.startswith("siks_offline")
    }
    return found - {"Wizard", "PreviewDialog", "ListDialog"}


def test_every_page_dialog_and_wizard_has_names_and_a_caret(tmp_path: Path, qtbot: QtBot) -> None:
    """The walk of a screen reader: all that takes the caret says what it is, on every screen.

    No page and no dialog of the window is missing from the walk, nor from the matrix of screens,
    which draws the same scenes.
    """
    seen: set[str] = set()
    wrong: list[str] = []

    def walk(name: str, widget: QWidget) -> None:
        seen.add(type(widget).__name__)
        wrong.extend(f"{name}: {one}" for one in nameless(widget))
        caret = widget.focusWidget()
        if isinstance(widget, QDialog) and (caret is None or not caret.isVisibleTo(widget)):
            wrong.append(f"{name}: no caret")

    practice = tmp_path / "latihan"
    world.build(practice, households=24, percent=50, seed=5, now=worlds.NOW)
    world.build(tmp_path / "lain", households=5, seed=6, now=worlds.NOW, load=False)
    (tmp_path / "lain" / "prelist.xlsx").rename(practice / "lain.xlsx")
    doors.play(
        doors.build(tmp_path / "pintu", practice),
        lambda window, name, scene: scenes.Stage(window, tmp_path, walk).run(name, scene),
    )
    window = main_window.MainWindow(practice / "desa", worlds.now)
    qtbot.addWidget(window)
    window.show()
    window.sign_in.passphrase.setText(world.PASSPHRASE)
    window.sign_in.sign_in()
    qtbot.waitUntil(lambda: window.desk is not None, timeout=60_000)
    assert window.guard is not None
    window.guard.end()  # nobody types here, and a lock in the middle would end the walk
    stage = scenes.Stage(window, practice, walk)
    stage.drafts = layar.prepare(window)
    scenes.furnish(stage, practice)
    for name in main_window.PAGES:
        if name not in main_window.FORMS:
            stage.page(name)
            walk(name, window)
    for name, scene in scenes.SCENES.items():
        stage.run(name, scene)
    window.close()
    assert wrong == []
    for module in pkgutil.iter_modules(ui.__path__):
        importlib.import_module(f"{ui.__name__}.{module.name}")
    assert concrete(QDialog) - seen == set()


def test_signed_out_the_first_page_has_names_and_whole_words(operator: Operator) -> None:
    """Before anybody signs in, at each size."""
    for size in SIZES:
        operator.window.resize(*size)
        QCoreApplication.processEvents()
        assert faults(operator.window) == []
