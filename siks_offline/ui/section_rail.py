"""The sections of the form on the left, each with how it stands; below the roster its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from siks_offline.texts import text
from siks_offline.ui import icons, theme
from siks_offline.ui.plain import PlainLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFontMetrics, QResizeEvent

    from siks_offline.ui.layout import Section

WIDTH = 190
NARROW = 164
"""Width where the window itself is narrow: the roster beside it needs the room."""
SEAM = "\u200b"
"""Where a line may end, without a sign of its own."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a section stands: skipped as a whole, questions still empty, issues."""

    asked: bool
    empty: int
    issues: int


def seamed(words: str, metrics: QFontMetrics, room: int) -> str:
    """Let words that are broader than `room` pixels go on in the next line."""
    found = []
    for word in words.split(" "):
        rest = word
        while len(rest) > 1 and metrics.horizontalAdvance(rest) > room > 0:
            at = len(rest) - 1
            while at > 1 and metrics.horizontalAdvance(rest[:at]) > room:
                at -= 1
            found.append(rest[:at] + SEAM)
            rest = rest[at:]
        found.append(f"{rest} ")
    return "".join(found)[:-1]


class Entry(QPushButton):
    """One line of the rail: number with words, and below them how it stands."""

    def __init__(self, section: int, person: int, words: str, *, indent: int = 0) -> None:
        super().__init__()
        self.section = section
        self.person = person
        self._indent = indent
        self._shown: Standing | None = None
        self._all = words
        self.setProperty("rail", True)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.words = PlainLabel(wrap=True)
        self.icon_label = PlainLabel()
        self.icon_label.setFixedSize(14, 14)
        self.standing = PlainLabel(tone="secondary", face="small")
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.STEP + indent, 3, 4, 3)
        grid.setHorizontalSpacing(5)
        grid.setVerticalSpacing(0)
        grid.addWidget(self.words, 0, 0, 1, 2)
        grid.addWidget(self.icon_label, 1, 0)
        grid.addWidget(self.standing, 1, 1)
        grid.setColumnStretch(1, 1)
        self._low = indent > 0
        self.icon_label.setVisible(not self._low)
        self.standing.setVisible(not self._low)
        for child in (self.words, self.icon_label, self.standing):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.set_words(words)

    def set_words(self, words: str) -> None:
        """Show other words."""
        self._all = words
        self.words.setText(words)
        self.setAccessibleName(words)
        self._take_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the words need at this width."""
        super().resizeEvent(event)
        self._take_height()

    def _take_height(self) -> None:
        room = self.width() - self._indent - theme.STEP - 4
        self.words.setText(seamed(self._all, self.words.fontMetrics(), room))
        self.words.setMinimumHeight(0)  # what a label asks for is never less than its least
        words = self.words.heightForWidth(room)
        self.words.setMinimumHeight(words)
        height = words + 8
        if not self._low:
            height += self.standing.sizeHint().height()
        self.setFixedHeight(max(28, height))

    def show_standing(self, standing: Standing) -> None:
        """Show how the section stands, by an icon with words."""
        if standing == self._shown:
            return
        self._shown = standing
        if not standing.asked:
            icon, tone, words = "skipped", "skipped", text("ui.kunjungan.bagian.dilewati")
        elif standing.issues:
            icon, tone = "fault", "fault"
            words = text("ui.kunjungan.bagian.masalah", jumlah=standing.issues)
        elif standing.empty:
            icon, tone = "empty", "secondary"
            words = text("ui.kunjungan.bagian.kosong", jumlah=standing.empty)
        else:
            icon, tone, words = "done", "done", text("ui.kunjungan.bagian.lengkap")
        self.standing.setText(words)
        self.standing.set_tone(tone)
        self.words.set_tone("" if standing.asked else "skipped")
        self.icon_label.setPixmap(icons.pixmap(icon, getattr(theme.colours, tone), 14))
        self.setAccessibleDescription(words)


class SectionRail(QFrame):
    """Sections to choose from; the mouse is a guest here, F6 does the same."""

    chosen = Signal(int, int)

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self.setObjectName("sections")
        self.setFixedWidth(theme.px(WIDTH))
        self._sections = sections
        self._people: list[Entry] = []
        self._named: tuple[int | str, ...] = ()
        self._below = -1
        """The section below which the lines of people lie."""
        body = QWidget()
        body.setObjectName("surface")
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(theme.STEP // 2, theme.STEP, 2, theme.STEP)
        self._column.setSpacing(1)
        self.entries = []
        for number, section in enumerate(sections):
            words = f"{section.number}. {section.words}" if section.number else section.words
            entry = Entry(number, 0, words)
            entry.clicked.connect(self._clicked)
            self.entries.append(entry)
            self._column.addWidget(entry)
        self._column.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.area)

    def fit(self, *, narrow: bool) -> None:
        """Take the width for a narrow or a wide window."""
        self.setFixedWidth(theme.px(NARROW if narrow else WIDTH))

    def show_standings(self, standings: Sequence[Standing]) -> None:
        """Show how each section stands."""
        for entry, standing in zip(self.entries, standings, strict=True):
            entry.show_standing(standing)

    def show_people(self, section: int, names: Sequence[str]) -> None:
        """List the people below their roster; none when another section is in front.

        The lines stay for the next time: making twenty of them takes as long as all the rest.
        """
        if (section, *names) == self._named:
            return
        self._named = (section, *names)
        if names and section != self._below:
            self._below = section
            for entry in self._people:
                entry.section = section
                self._column.removeWidget(entry)
                self._place_person(entry)
        for number, name in enumerate(names, 1):
            words = f"{number}  {name}"
            if number > len(self._people):
                self._add_person(section, number, words)
                continue
            self._people[number - 1].set_words(words)
            self._people[number - 1].show()
        for entry in self._people[len(names) :]:
            entry.hide()

    def show_place(self, section: int, person: int) -> None:
        """Mark the screen that is in front."""
        for entry in (*self.entries, *self._people):
            here = (entry.section, entry.person) == (section, person)
            entry.setChecked(here)
            if here:
                self.area.ensureWidgetVisible(entry)

    def _add_person(self, section: int, number: int, words: str) -> None:
        entry = Entry(section, number, words, indent=12)
        entry.clicked.connect(self._clicked)
        self._place_person(entry)
        entry.show()
        self._people.append(entry)

    def _place_person(self, entry: Entry) -> None:
        at = self._column.indexOf(self.entries[entry.section]) + entry.person
        self._column.insertWidget(at, entry)

    def _clicked(self) -> None:
        entry = self.sender()
        assert isinstance(entry, Entry)
        self.chosen.emit(entry.section, entry.person)
