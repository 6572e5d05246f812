"""Everything that takes the caret has a name, a size to hit, and words that are not cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication

from siks_offline.desa.preferences import Preferences
from siks_offline.errors import StoreError
from siks_offline.ui import dialogs, key_card, main_window, theme
from siks_offline.ui.form_view import Place
from tests.ui.screen_checks import cut, faults, nameless

if TYPE_CHECKING:
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


def test_dialogs_have_names_and_whole_words(desk: Operator) -> None:
    """The talks over a page: a question, a reason, a fault, the card of keys."""
    fault = dialogs.faults_talk(desk.window, StoreError("E_SECOND_COPY", folder="desa"))
    made = (
        fault,
        dialogs.ReasonTalk(desk.window, "Status kawin di bawah 19 tahun: periksa ulang."),
        key_card.KeyCard(desk.window),
    )
    for talk in made:
        talk.show()
        settle(desk)
        assert faults(talk) == [], type(talk).__name__
        talk.close()


def test_signed_out_the_first_page_has_names_and_whole_words(operator: Operator) -> None:
    """Before anybody signs in, at each size."""
    for size in SIZES:
        operator.window.resize(*size)
        QCoreApplication.processEvents()
        assert faults(operator.window) == []
