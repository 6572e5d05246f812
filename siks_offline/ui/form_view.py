"""A FormState on the screen: shows the place the caret is in, applies what answers move.

It holds no condition of the questionnaire: what is asked, wanted, wrong or skipped is the state's
to say. It knows the order of the eye, and takes the caret along it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from siks_offline.errors import AnswersError
from siks_offline.instrument import checks, special
from siks_offline.ui import people
from siks_offline.ui.compass import Compass, Spot
from siks_offline.ui.editors import SHARED
from siks_offline.ui.grid_view import AddButton
from siks_offline.ui.question_row import REQUIRED, Answer, GridCell
from siks_offline.ui.screen import Screen
from siks_offline.ui.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from siks_offline.instrument.engine import Effects, FormState
    from siks_offline.model import Issue
    from siks_offline.ui.layout import Section
    from siks_offline.ui.screen import Stop

AHEAD_MS = 400
"""After an opening, until the screens behind the first are built: first it is painted, and read."""
DOMAIN = frozenset({"bentuk", "kode", "batas"})
"""Rules that a single answer breaks by itself: with one of these the caret does not run on."""


class Place(NamedTuple):
    """Which screen: a section, or a person of it (from 1; 0 is the section itself)."""

    section: int
    person: int


class FormView(QWidget):
    """Takes the caret through the form by keys, and answers into the state."""

    arrived = Signal(str)
    """The caret stands at this path."""
    placed = Signal(int, int)
    """Another screen is in front: section, person."""
    answered = Signal(object)
    """An answer moved these Effects; it is not saved yet."""
    typing = Signal(str, str)
    """A path and the text half typed into it."""
    ended = Signal()
    """Behind the last question."""
    made = Signal(object)
    """An Answer was made, not yet shown."""
    cleaned = Signal()
    """Characters that nobody sees were left out of what was typed or pasted."""
    exhausted = Signal()
    """Every answer given here was taken back."""

    def __init__(
        self,
        state: FormState,
        sections: Sequence[Section],
        today: date,
        locked: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__()
        self.state = state
        self.sections = sections
        self.place = Place(0, 0)
        self.current: Answer | None = None
        self.compass = Compass(sections)
        self._today = today
        self._locked = locked
        self._strict = False
        self.auto_advance = True
        self.read_only = False
        """Whether this person only looks: the caret walks, and nothing is answered."""
        self.before: Mapping[str, str] = {}
        """What the household before answered to the questions that neighbours share."""
        self.done = Undo()
        self._by_editor: dict[QWidget, Answer] = {}
        self._screens: dict[tuple[int, bool], Screen] = {}
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._ahead = QTimer(self)
        self._ahead.timeout.connect(self._build_ahead)
        self._ahead.start(AHEAD_MS)

    def fill(self, state: FormState, today: date, locked: frozenset[str]) -> None:
        """Show another household of the same sections in the screens that are there."""
        self.state, self._today, self._locked = state, today, locked
        self.place, self.current = Place(0, 0), None
        self.done = Undo()
        self._strict = False
        for screen in self._screens.values():
            screen.fill(state, locked)
        self._ahead.start(AHEAD_MS)

    def rest(self) -> None:
        """Let go of the household that was shown; the screens stay for the next."""
        self._ahead.stop()
        if self.current is not None:
            self.front.mark(self.current, here=False)
            self.current = None

    # --- where ------------------------------------------------------------------------------------

    @property
    def front(self) -> Screen:
        """The screen in front."""
        return self._screen(self.place)

    def places(self) -> list[Place]:
        """Return all screens in order; those of persons follow their roster."""
        found = []
        for number, section in enumerate(self.sections):
            if section.items:
                found.append(Place(number, 0))
            if section.person:
                people = range(1, self.state.count(section.repeat) + 1)
                found.extend(Place(number, person) for person in people)
        return found

    def show_place(self, place: Place) -> None:
        """Bring a screen to the front without moving the caret into it."""
        self.commit()
        place = self._real(place)
        screen = self._screen(place)
        section = self.sections[place.section]
        if place.person:
            screen.bind(f"{section.repeat}[{place.person}].")
            who = people.title(self.state, section.repeat, place.person, self._today)
            screen.title.setText(who if section.items else f"{who}  ·  {section.words}")
        else:
            screen.bind("")
        changed = place != self.place or self._stack.currentWidget() is not screen
        self.place = place
        self._stack.setCurrentWidget(screen)
        if changed:
            screen.verticalScrollBar().setValue(0)
        self.placed.emit(place.section, place.person)

    def go_to_place(self, place: Place, *, last: bool = False) -> bool:
        """Show a screen with the caret in its first (or last) question; False when none is."""
        self.show_place(place)
        stops = self.front.stops()
        answers = [stop for stop in stops if isinstance(stop, Answer)] or stops
        if not answers:
            return False
        self._focus(answers[-1 if last else 0])
        return True

    def go(self, path: str) -> bool:
        """Put the caret into the question of a path; False where it cannot stand."""
        spot = self.compass.spot(path)
        if spot is None:
            return False
        self.show_place(Place(spot.section, spot.person))
        answer = self.front.answer_at(path)
        if answer is None:
            return False
        if not answer.may_be_typed(self.state):
            self.front.ensureWidgetVisible(answer.editor)
            return False
        self._focus(answer)
        return True

    def show_caret(self) -> None:
        """Bring the question of the caret into sight again, now that the screen has its size."""
        if self.current is not None:
            self.front.mark(self.current, here=True)

    # --- steps ------------------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Go to the next (1) or the one before (-1), over screens if need be."""
        self.commit()
        stops = self.front.stops()
        here = self._stop_with_caret(stops)
        at = stops.index(here) + by if here is not None else (0 if by > 0 else len(stops) - 1)
        if 0 <= at < len(stops):
            self._focus(stops[at])
        else:
            self._step_screen(by)

    def cross(self, by: int) -> None:
        """Go a line down or up: in a grid along its column, else like a step."""
        cell = self.current
        grid = self.front.grid_of(cell) if cell is not None else None
        if grid is not None and isinstance(cell, GridCell):
            self.commit()
            other = grid.below(cell, by)
            if other is not None and other.may_be_typed(self.state):
                self._focus(other)
                return
            if other is None and by > 0 and not grid.add.isHidden():
                self._focus(grid.add)
                return
        self.step(by)

    def step_section(self, by: int) -> None:
        """Go to the next or previous section that is asked."""
        at = self.place.section + by
        while 0 <= at < len(self.sections):
            if self.go_to_place(Place(at, 0)):
                return
            at += by

    def step_person(self, by: int) -> None:
        """Go to the same screen of the next or previous person."""
        place = Place(self.place.section, self.place.person + by)
        if self.sections[place.section].person and place in self.places():
            self.go_to_place(place)

    def show_roster(self) -> None:
        """Go to the members as a grid."""
        for number, section in enumerate(self.sections):
            if section.repeat and section.items:
                self.go_to_place(Place(number, 0))
                return

    def next_empty(self) -> bool:
        """Go to the next question that wants an answer; False when there is none."""
        return self._next_of(i for i in checks.issues(self.state) if i.rule == REQUIRED)

    def next_issue(self) -> bool:
        """Go to the next question with something wrong; False when there is none."""
        found = [i for i in checks.issues(self.state) if self._strict or i.rule != REQUIRED]
        return self._next_of(found)

    def go_to_issue(self, issue: Issue) -> bool:
        """Go to what an issue is about."""
        return any(self.go(path) for path in self.compass.paths_of(issue, self.state))

    # --- changing ---------------------------------------------------------------------------------

    def commit(self) -> None:
        """Answer what stands in the line of the caret, if it is not the answer already."""
        from siks_offline.export.canonical import normalise_text

        answer = self.current
        if answer is None or self.read_only:
            return
        path, words = answer.path, answer.editor.answer_words()
        if words == answer.shown(self.state):
            return
        before = self.state.value(path)
        words, cleaned = normalise_text(words)
        if cleaned:
            self.cleaned.emit()
        try:
            effects = self.state.set(path, words)
        except AnswersError:
            answer.refresh(self.state)  # a member that is gone, or an answer that is fixed
            return
        if path in effects.values:
            self.done.note(path, before)
        self.apply(effects, typing=answer)
        answer.refresh(self.state)

    def take_back(self) -> bool:
        """Take back the newest answer and go to its question; False when there is none."""
        self.commit()
        while (step := self.done.take()) is not None:
            try:
                effects = self.state.set(step.path, step.before)
            except AnswersError:
                continue  # of an entry that is gone
            break
        else:
            return False
        self.apply(effects)
        if self.current is not None and self.current.path == step.path:
            self.current.editor.mark_all()
        else:
            self.go(step.path)
        return True

    def apply(self, effects: Effects, typing: Answer | None = None) -> None:
        """Show what a change moved; screens that are not in front look again when they are."""
        front = self.front
        for screen in self._screens.values():
            if screen is not front:
                screen.put_off(effects)
        front.apply(effects, typing)
        self.answered.emit(effects)

    def look_again(self) -> None:
        """Show everything anew: what is said beside the answers is another now."""
        for screen in self._screens.values():
            screen.stale = True
        if self.current is not None:
            self.front.refresh()

    def add_entry(self, repeat: str) -> None:
        """Add an entry to the repeat of a path and put the caret into it."""
        self.commit()
        if self.read_only or not self.state.relevant(repeat) or self.state.counted(repeat):
            return
        self.apply(self.state.add(repeat))
        around, _, name = repeat.rpartition("].")
        spot = self.compass.grids.get(name)
        if spot is not None:
            person = int(around.rpartition("[")[2]) if around else 0
            self.show_place(Place(spot, person))
            grid = self.front.grids[name]
            cells = grid.lines[self.state.count(repeat) - 1]
            first = next((c for c in cells if c.may_be_typed(self.state)), None)
            if first is not None:
                self._focus(first)

    def repeat_here(self) -> str:
        """Return the repeat that a new entry would go to: this screen's, else the members'."""
        cell = self.current
        grid = self.front.grid_of(cell) if cell is not None else None
        if grid is not None:
            return grid.path
        if len(self.front.grids) == 1:
            return next(iter(self.front.grids.values())).path
        return next((s.repeat for s in self.sections if s.repeat), "")

    def entry_here(self) -> str:
        """Return the entry ("anggota[2]") that the caret or the screen is in; "" for none."""
        if self.current is not None and "]." in self.current.path:
            return self.current.path.rpartition("].")[0] + "]"
        return ""

    def remove_entry(self, entry: str) -> None:
        """Take an entry out with its answers."""
        self.current = None
        repeat = entry.rpartition("[")[0]
        self.apply(self.state.remove(entry))
        if self.place.person and "]." not in repeat:
            self.show_place(Place(self.place.section, 0))
        grid = self.front.grids.get(repeat.rpartition("].")[2])
        if grid is not None and not grid.add.isHidden():
            self._focus(grid.add)

    def set_strict(self, strict: bool) -> None:
        """Say from now on also of empty answers that they are wanted."""
        self._strict = strict
        for screen in self._screens.values():
            screen.set_strict(strict)
        self.front.refresh()

    def put_typing(self, path: str, words: str) -> None:
        """Put back the text that was half typed when the program last ended."""
        if self.go(path) and self.current is not None:
            self.current.editor.setText(words)
            self.current.editor.setCursorPosition(len(words))
        elif self.current is None:
            self.go_to_place(self.place)

    # --- inside -----------------------------------------------------------------------------------

    def _real(self, place: Place) -> Place:
        """Return a place that has a screen: a block begins with its first person."""
        section = self.sections[place.section]
        if place.person or section.items:
            return place
        if self.state.count(section.repeat):
            return Place(place.section, 1)
        at = next(n for n, s in enumerate(self.sections) if s.repeat == section.repeat and s.items)
        return Place(at, 0)

    def _screen(self, place: Place) -> Screen:
        screen = self._begun(place)
        screen.build()
        return screen

    def _begun(self, place: Place) -> Screen:
        """Return the screen of a place, which may not have all its rows yet."""
        section = self.sections[place.section]
        screen = self._screens.get((place.section, place.person > 0))
        if screen is None:
            screen = self._begin_screen(place, section)
        if not screen.built:  # for somebody who is there: another household may have fewer
            screen.point(f"{section.repeat}[{place.person}]." if place.person else "")
        return screen

    def _begin_screen(self, place: Place, section: Section) -> Screen:
        items = section.person if place.person else section.items
        title = f"{section.number}. {section.words}" if section.number else section.words
        screen = Screen(title, items, self.state, self._locked, self)
        self._stack.addWidget(screen)
        screen.made.connect(self._made)
        screen.wanted_entry.connect(self.add_entry)
        screen.wanted_step.connect(self.step)
        screen.set_strict(self._strict)
        self._screens[place.section, place.person > 0] = screen
        return screen

    def _build_ahead(self) -> None:
        """Build a line of a screen that will be wanted, and come back for the next when idle."""
        self._ahead.setInterval(0)
        for place in self.places():
            if self._begun(place).build_more():
                return
        self._ahead.stop()

    def _made(self, answer: Answer) -> None:
        self._by_editor[editor := answer.editor] = answer
        editor.setReadOnly(self.read_only)
        self.made.emit(answer)
        editor.typed.connect(self._typed)
        editor.arrived.connect(self._arrived)
        editor.departed.connect(self._departed)
        editor.stepped.connect(self.step)
        editor.crossed.connect(self.cross)
        editor.repeated.connect(self._repeat)
        editor.given.connect(self._give)
        editor.undone.connect(self._undo)
        editor.specials = special.answers(self.state.instrument, answer.row.name)

    def _typed(self) -> None:
        answer = self.current
        if answer is None or (editor := answer.editor) is not self.sender():
            return
        self.typing.emit(answer.path, editor.text())
        if editor.at_end() and editor.full(self.state.choices(answer.path)):
            self.commit()
            issue = self.state.issue(answer.path)
            if self.auto_advance and (issue is None or issue.rule not in DOMAIN):
                self.step(1)

    def _repeat(self) -> None:
        answer = self.current
        if (
            answer is not None
            and not self.read_only
            and (words := self.before.get(answer.row.name, ""))
        ):
            answer.editor.setText(words)
            self.step(1)

    def _give(self, code: str) -> None:
        """Answer with a code of the instrument's own, if it may be chosen here now."""
        answer = self.current
        if answer is None or self.read_only:
            return
        codes = [choice.code for choice in self.state.choices(answer.path)]
        if not codes or code in codes:
            answer.editor.setText(code)
            self.step(1)

    def _undo(self) -> None:
        if not self.take_back():
            self.exhausted.emit()

    def shared(self) -> dict[str, str]:
        """Return the answers that the next household may repeat."""
        asked = SHARED.intersection(self.state.instrument.questions)
        return {name: self.state.value(name) for name in asked}

    def _arrived(self) -> None:
        sender = self.sender()
        answer = self._by_editor.get(sender) if isinstance(sender, QWidget) else None
        if answer is None:
            return
        if self.current is not None and self.current is not answer:
            self.commit()
            self.front.mark(self.current, here=False)
        self.current = answer
        self.front.mark(answer, here=True)
        self.arrived.emit(answer.path)

    def _departed(self) -> None:
        if self.current is not None and self.current.editor is self.sender():
            self.commit()

    def _stop_with_caret(self, stops: Sequence[Stop]) -> Stop | None:
        focused = self.focusWidget()
        for stop in stops:
            if isinstance(stop, AddButton):
                if stop is focused:
                    return stop
            elif stop.editor is focused:
                return stop
        return None

    def _focus(self, stop: Stop) -> None:
        if isinstance(stop, AddButton):
            if self.current is not None:
                self.front.mark(self.current, here=False)
                self.current = None
            stop.setFocus()
            self.front.ensureWidgetVisible(stop)
        else:
            stop.editor.setFocus()

    def _step_screen(self, by: int) -> None:
        places = self.places()
        at = places.index(self.place) + by if self.place in places else 0
        before = self.place
        while 0 <= at < len(places):
            if self.go_to_place(places[at], last=by < 0):
                return
            at += by
        self.show_place(before)
        if by > 0:
            self.ended.emit()

    def _next_of(self, issues: object) -> bool:
        self.commit()
        spots: list[tuple[Spot, str]] = []
        for issue in issues:  # type: ignore[attr-defined]
            for path in self.compass.paths_of(issue, self.state):
                spot = self.compass.spot(path)
                if spot is not None:
                    spots.append((spot, path))
                    break
        spots.sort()
        here = self.compass.spot(self.current.path) if self.current else None
        behind = [path for spot, path in spots if here is None or spot > here]
        return any(self.go(path) for path in [*behind, *(path for _, path in spots)])
