"""What an account chooses for its comfort is kept with the village and worn at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt

from siks_offline.desa import accounts, preferences
from siks_offline.desa.preferences import Preferences
from siks_offline.ui import theme
from tests.ui import worlds
from tests.ui.conftest import Key, Operator
from tests.ui.screen_checks import cut, nameless
from tests.ui.test_access import settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def usual_face(qapp: QApplication) -> Iterator[None]:
    """Later tests see the usual face again."""
    yield
    theme.use(qapp, text_size=100, look="terang")


def settings(person: Operator) -> Any:
    """The settings page, open."""
    person.window.show_page("pengaturan")
    return person.window.pages["pengaturan"]


def test_moving_on_by_itself_is_turned_off_for_the_account(desk: Operator, root: Path) -> None:
    """Space on the box; a full code then waits for Enter, also after the next sign-in."""
    settings(desk).comfort.advance.setFocus()
    desk.press(Key.Space)
    desk.open_household(4)
    desk.form.go("apakah_mampu")
    desk.type("2")
    assert desk.here == "apakah_mampu"
    desk.press(Key.Enter)
    assert desk.form.state.value("apakah_mampu") == "2"
    assert desk.here != "apakah_mampu"
    desk.press(Qt.Key.Key_L, Key.Control)
    desk.until(lambda: desk.window.desk is None and desk.window._closing is None)
    with accounts.open_village(root / "sukamaju", worlds.ACCOUNT, worlds.PASSPHRASE) as village:
        assert village.preferences == Preferences(auto_advance=False)


@pytest.mark.parametrize("size", [(1366, 728), (1093, 550)])
def test_larger_text_is_worn_at_once_and_nothing_is_cut(
    desk: Operator, size: tuple[int, int]
) -> None:
    """Down in the list of sizes; the pages are built again at 125 % with whole words."""
    desk.window.resize(*size)
    before = theme.body().pointSizeF()
    page = settings(desk)
    box = page.comfort.size_of_text
    box.setFocus()
    while box.currentData() != 125:
        desk.press(Key.Down)
    desk.until(lambda: theme.body().pointSizeF() == pytest.approx(1.25 * before))
    desk.until(lambda: desk.window.pages["pengaturan"] is not page)
    assert desk.window.current is desk.window.pages["pengaturan"]
    for name in ("beranda", "prelist", "serah_terima", "pengaturan"):
        desk.window.show_page(name)
        settle(desk)
        assert nameless(desk.window) == [], name
        assert cut(desk.window) == [], name
    desk.open_household(4)
    settle(desk)
    assert cut(desk.form.front) == []
    assert desk.visit.rail is not None
    assert cut(desk.visit.rail) == []


def test_dark_colours_keep_their_contrast() -> None:
    """Every pair of roles that is painted keeps its contrast in the dark too."""
    for front, back, least in theme.PAIRS:
        found = theme.contrast(getattr(theme.DARK, front), getattr(theme.DARK, back))
        assert found >= least, (front, back, found)


def test_high_contrast_is_seven_to_one() -> None:
    """Every pair of roles that is painted as text reaches 7:1 for weak eyes, edges too."""
    for front, back, _ in theme.PAIRS:
        found = theme.contrast(getattr(theme.CONTRAST, front), getattr(theme.CONTRAST, back))
        assert found >= 7, (front, back, found)


@pytest.mark.parametrize(("presses", "look"), [(1, "gelap"), (2, "kontras")])
def test_other_colours_are_worn_at_once(desk: Operator, presses: int, look: str) -> None:
    """Down in the list of colours; the ground of the window is theirs to the pixel."""
    for _ in range(presses):
        before = settings(desk)
        before.comfort.look.setFocus()
        desk.press(Key.Down)
        desk.until(lambda page=before: desk.window.pages["pengaturan"] is not page)
    assert theme.colours is theme.LOOKS[look]
    settle(desk)
    page = desk.window.pages["pengaturan"]
    picture = page.grab().toImage()
    assert picture.pixelColor(3, picture.height() - 3).name().upper() == theme.LOOKS[look].ground


def test_dark_colours_of_earlier_days_stay() -> None:
    """What was kept while there were two looks means the same now."""
    assert preferences.parse('{"dark": true}').look == "gelap"
    assert preferences.parse('{"dark": false}').look == "terang"


@pytest.mark.parametrize("kept", ["", "[]", "{", '{"text_size": 7}', '{"auto_advance": 3}'])
def test_preferences_that_are_not_understood_are_as_usual(kept: str) -> None:
    """A damaged wish never keeps anybody out."""
    assert preferences.parse(kept) == Preferences()
