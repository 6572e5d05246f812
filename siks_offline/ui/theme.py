"""Colours, type, spacing of the window, from one place, with contrast that can be computed.

The palette is a calm desk: white paper on a pale ground, one accent, colour only where it means
something. Source of the limits: WCAG 2.2, 1.4.3 (text 4.5:1), 1.4.11 (edges 3:1), 2.4.13 (focus).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette

from siks_offline import paths

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

STEP = 8
"""The grid, in pixels; every distance is a multiple or half of it."""
ROW = 34
TABLE_ROW = 30
NUMBER_WIDTH = 48


class Colours(NamedTuple):
    """One colour for each role a thing on the screen can play."""

    ground: str
    surface: str
    text: str
    secondary: str
    skipped: str
    edge: str
    line: str
    accent: str
    accent_dark: str
    on_accent: str
    focused_row: str
    done: str
    confirm: str
    confirm_ground: str
    fault: str
    fault_ground: str
    practice_ground: str
    practice: str


LIGHT = Colours(
    ground="#F4F6F8",
    surface="#FFFFFF",
    text="#1B2430",
    secondary="#4A5568",
    skipped="#667085",
    edge="#7A869A",
    line="#DCE1E8",
    accent="#0B5CAD",
    accent_dark="#084784",
    on_accent="#FFFFFF",
    focused_row="#EAF2FB",
    done="#1B7F3B",
    confirm="#7A4D00",
    confirm_ground="#FFF4D6",
    fault="#B3261E",
    fault_ground="#FDECEA",
    practice_ground="#FFD9A0",
    practice="#5C3400",
)

DARK = Colours(
    ground="#14181F",
    surface="#1C222B",
    text="#E8ECF2",
    secondary="#AEB8C6",
    skipped="#AEB8C6",
    edge="#76839A",
    line="#2E3743",
    accent="#7AB8FF",
    accent_dark="#A6D0FF",
    on_accent="#0B1A2B",
    focused_row="#16283C",
    done="#6FCF97",
    confirm="#F2C94C",
    confirm_ground="#332A10",
    fault="#FF8A80",
    fault_ground="#3A1B1A",
    practice_ground="#5C3400",
    practice="#FFD9A0",
)

CONTRAST = Colours(
    ground="#000000",
    surface="#000000",
    text="#FFFFFF",
    secondary="#F0F0F0",
    skipped="#C8C8C8",
    edge="#FFFFFF",
    line="#9A9A9A",
    accent="#FFE45C",
    accent_dark="#FFF3B0",
    on_accent="#000000",
    focused_row="#1E1C00",
    done="#86F0A8",
    confirm="#FFD27A",
    confirm_ground="#241A00",
    fault="#FFB3AB",
    fault_ground="#2B0300",
    practice_ground="#FFD9A0",
    practice="#2B1800",
)

LOOKS = {"terang": LIGHT, "gelap": DARK, "kontras": CONTRAST}
"""Colours by the names of desa/preferences.py."""

PAIRS: tuple[tuple[str, str, float], ...] = (
    ("text", "ground", 4.5),
    ("text", "surface", 4.5),
    ("text", "focused_row", 4.5),
    ("secondary", "ground", 4.5),
    ("secondary", "surface", 4.5),
    ("secondary", "focused_row", 4.5),
    ("skipped", "surface", 4.5),
    ("skipped", "ground", 4.5),
    ("edge", "surface", 3.0),
    ("edge", "ground", 3.0),
    ("edge", "focused_row", 3.0),
    ("accent", "surface", 4.5),
    ("accent", "ground", 4.5),
    ("accent", "focused_row", 4.5),
    ("on_accent", "accent", 4.5),
    ("on_accent", "accent_dark", 4.5),
    ("done", "surface", 4.5),
    ("done", "ground", 4.5),
    ("confirm", "confirm_ground", 4.5),
    ("confirm", "surface", 4.5),
    ("confirm", "ground", 4.5),
    ("fault", "fault_ground", 4.5),
    ("fault", "surface", 4.5),
    ("fault", "ground", 4.5),
    ("fault", "focused_row", 4.5),
    ("confirm", "focused_row", 4.5),
    ("practice", "practice_ground", 4.5),
)
"""Which role is painted on which, and the least contrast that the pair must keep."""

colours = LIGHT
"""The colours in use."""
scale = 1.0
"""How much larger than usual the text is."""
ROOMY = 1.2
"""From this scale on a line of buttons needs a line of its own."""


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two #RRGGBB colours by WCAG 2.2, from 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def font_file() -> Path:
    """The Inter typeface that ships with the program (package fontpkg-inter, OFL 1.1)."""
    from fontpkg_inter import ROOT

    path: Path = ROOT / "files" / "Inter[opsz,wght].ttf"
    return path


def font(size: float = 10.5, weight: int = 400) -> QFont:
    """Inter with figures of one width. The weight goes to the axis of the variable font."""
    face = QFont("Inter")
    face.setPointSizeF(size * scale)
    face.setFeature(QFont.Tag("tnum"), 1)
    face.setVariableAxis(QFont.Tag("wght"), weight)
    # Qt picks a variable font's axis by itself only where the platform's font database does.
    face.setWeight(QFont.Weight.Normal)
    return face


def body() -> QFont:
    """Return the face of labels and lists."""
    return font()


def strong() -> QFont:
    """Return the face of a household's name and of what matters most on a page."""
    return font(10.5, 600)


def entry() -> QFont:
    """Return the face of what people type."""
    return font(11)


def small() -> QFont:
    """Return the face of notes: still 10 pt, the least that old eyes read with ease."""
    return font(10)


def title() -> QFont:
    """Return the face of a page's title."""
    return font(14, 600)


def figure() -> QFont:
    """Return the face of the large counts of the first page."""
    return font(20, 600)


def px(length: int) -> int:
    """Return a length in pixels that grows with the text, such as the height of a row."""
    return round(length * scale)


LARGEST = (1300, 680)
"""What a dialog has of a screen of 1366x768."""


def sheet(width: int, height: int) -> tuple[int, int]:
    """Return the size of a dialog, grown with the text as far as the screen has room."""
    return min(px(width), LARGEST[0]), min(px(height), LARGEST[1])


def palette(tones: Colours = LIGHT) -> QPalette:
    """Return the Qt palette of the colours, also for what the style sheet does not reach."""
    qt = QPalette()
    role = QPalette.ColorRole
    group = QPalette.ColorGroup
    for where, colour in (
        (role.Window, tones.ground),
        (role.WindowText, tones.text),
        (role.Base, tones.surface),
        (role.AlternateBase, tones.ground),
        (role.Text, tones.text),
        (role.Button, tones.surface),
        (role.ButtonText, tones.text),
        (role.Highlight, tones.accent),
        (role.HighlightedText, tones.on_accent),
        (role.ToolTipBase, tones.surface),
        (role.ToolTipText, tones.text),
        (role.PlaceholderText, tones.skipped),
        (role.Link, tones.accent),
        (role.Mid, tones.edge),
        (role.Dark, tones.edge),
    ):
        qt.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        qt.setColor(group.Disabled, where, QColor(tones.skipped))
    return qt


def style_sheet(tones: Colours = LIGHT) -> str:
    """Return the Qt style sheet made from the template of the resources."""
    template = (paths.resources() / "tema.qss").read_text(encoding="utf-8")
    template = template.partition("*/")[2]
    for name, colour in tones._asdict().items():
        template = template.replace(f"@{name}@", colour)
    folder = paths.resources() / "ikon" / ("" if tones is LIGHT else "gelap")
    return template.replace("@ikon@", folder.as_posix())


STYLE = ("-style", "Fusion")
"""Arguments of the QApplication. app.setStyle() does the same, but returns a QStyle, whose hundreds
of enum members cost a twentieth of the start."""


def use(app: QApplication, *, text_size: int, look: str) -> None:
    """Wear other colours or another size of text; what is built from now on has them."""
    global colours, scale
    wanted = LOOKS[look]
    if wanted is colours and scale == text_size / 100:
        return
    from siks_offline.ui import icons

    colours, scale = wanted, text_size / 100
    icons.icon.cache_clear()  # an icon is drawn in the colours of its time
    _dress(app)


def apply(app: QApplication) -> None:
    """Give the whole program its face."""
    prepare(app)
    finish(app)


def prepare(app: QApplication) -> None:
    """Set font and colours alone; `finish` follows when the first window is built.

    Every widget that is moved into another is dressed anew while there is a style sheet. Without
    the bundled font every glyph may be a box.
    """
    QFontDatabase.addApplicationFont(str(font_file()))
    app.setFont(body())
    app.setPalette(palette(colours))


def finish(app: QApplication) -> None:
    """Dress what has been built since `prepare`, and all that comes."""
    app.setStyleSheet(style_sheet(colours))


def _dress(app: QApplication) -> None:
    app.setFont(body())
    app.setPalette(palette(colours))
    app.setStyleSheet(style_sheet(colours))
