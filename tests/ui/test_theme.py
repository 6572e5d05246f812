"""The face of the program: contrast that is computed, a font that is really there."""

from __future__ import annotations

import json

import pytest
from PySide6.QtGui import QFontInfo, QFontMetrics, QFontMetricsF, QImage

from siks_offline.ui import icons, theme
from siks_offline.ui.section_rail import SEAM, seamed


@pytest.mark.parametrize(("front", "back", "least"), theme.PAIRS)
def test_every_pair_of_roles_keeps_its_contrast(front: str, back: str, least: float) -> None:
    """Text is at least 4.5:1 and control edges at least 3:1 on every ground they are drawn on."""
    tones = theme.colours
    assert theme.contrast(getattr(tones, front), getattr(tones, back)) >= least


def test_contrast_is_that_of_wcag() -> None:
    """Black on white is 21:1, a colour on itself 1:1, and the order does not matter."""
    assert round(theme.contrast("#000000", "#FFFFFF"), 2) == 21
    assert theme.contrast("#0B5CAD", "#0B5CAD") == 1
    assert theme.contrast("#777777", "#FFFFFF") == theme.contrast("#FFFFFF", "#777777")
    assert 4.47 < theme.contrast("#777777", "#FFFFFF") < 4.49


def test_the_style_sheet_leaves_no_role_unfilled() -> None:
    """Every @role@ of the template is a colour of the theme."""
    assert "@" not in theme.style_sheet()


def test_the_bundled_font_is_used() -> None:
    """Offscreen too the words are drawn in Inter; without a font each would be a box."""
    assert QFontInfo(theme.body()).family() == "Inter"
    metrics = QFontMetricsF(theme.body())
    assert all(metrics.inFontUcs4(ord(sign)) for sign in "Aé…–·“”")


def test_figures_have_one_width() -> None:
    """NIK stand under each other digit by digit."""
    metrics = QFontMetricsF(theme.entry())
    widths = {metrics.horizontalAdvance(digit * 8) for digit in "0123456789"}
    assert len(widths) == 1


def test_a_strong_word_is_drawn_heavier(qtbot: object) -> None:
    """The weight of the variable font reaches the pixels."""
    from siks_offline.ui.plain import PlainLabel

    def ink(face: str) -> int:
        label = PlainLabel("Rumah tangga", face=face)
        image = label.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        ground = image.pixelColor(0, 0).red()
        return sum(
            ground - image.pixelColor(x, y).red()
            for x in range(image.width())
            for y in range(image.height())
        )

    assert ink("strong") > 1.2 * ink("body")


def test_icons_are_those_of_the_font() -> None:
    """Each code point is the one that the font's own table gives to the name."""
    table = json.loads((icons.folder() / icons.CHARMAP).read_text(encoding="utf-8"))
    assert {name: int(table[name], 16) for name, _ in icons.POINTS.values()} == dict(
        icons.POINTS.values()
    )


def test_an_icon_draws_something() -> None:
    """No icon is an empty picture."""
    for name in icons.POINTS:
        image = icons.pixmap(name, "#000000").toImage()
        assert any(
            image.pixelColor(x, y).alpha()
            for x in range(0, image.width(), 2)
            for y in range(0, image.height(), 2)
        ), name


def test_a_word_broader_than_the_rail_goes_on_below() -> None:
    """No piece between two seams is broader than the room, nothing is lost, short words stay."""
    metrics = QFontMetrics(theme.body())
    name = "1  SITI HADIKUSUMANINGRAT-WIRYOATMODJO"
    broken = seamed(name, metrics, 90)
    assert broken.replace(SEAM, "") == name
    assert broken.startswith("1  SITI ")
    pieces = broken.replace(SEAM, " ").split(" ")
    assert max(metrics.horizontalAdvance(piece) for piece in pieces) <= 90
    assert seamed(name, metrics, 0) == name
