"""A person who types a household from its paper by keys alone, and what that ought to cost.

The typist knows the key map: past questions that the paper leaves empty F4 and F6 lead on.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from siks_offline.instrument import checks, fields, promoted
from siks_offline.latihan import people
from siks_offline.ui.editors import fixed_length
from siks_offline.ui.grid_view import AddButton
from siks_offline.ui.layout import Grid, Row
from siks_offline.ui.question_row import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siks_offline.instrument.engine import FormState
    from siks_offline.instrument.schema import Question
    from siks_offline.ui.form_view import FormView
    from siks_offline.ui.main_window import MainWindow
    from siks_offline.ui.visit_page import VisitPage

MOST_STOPS = 4_000
PATIENCE = 120
"""Seconds until something that is waited for has gone wrong."""
OF_THE_REGISTER = ("idbdt", "ruta6", "nopesertapbdt", "nopesertapkh", "percentile", "idartbdt")
"""What only a prelist knows: no paper of a new household has it."""
CHILD = "3"


def until(holds: Callable[[], object]) -> None:
    """Turn the event loop until something holds. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError
        QCoreApplication.processEvents()
        time.sleep(0.001)


# --- papers ---------------------------------------------------------------------------------------


def paper(members: int, seed: int, number: int = 0) -> dict[str, Any]:
    """Return the answers of an invented household of so many members, as paper has them.

    A household of latihan/people.py with as few or as many members is taken, the largest ones get
    children of other households.
    """
    from siks_offline.latihan import world

    def made(index: int) -> dict[str, Any]:
        answers = people.household(index, seed, world.KODE_DESA, world.TODAY).answers
        return {name: value for name, value in answers.items() if name not in OF_THE_REGISTER}

    wanted = min(members, 6)
    index = next(
        at
        for at in range(number * 500, (number + 1) * 500)
        if len(made(at)[promoted.MEMBERS]) == wanted
    )
    answers = made(index)
    grown = list(answers[promoted.MEMBERS])
    while len(grown) < members:
        index += 1
        of_others = [one for one in made(index)[promoted.MEMBERS] if one["hub_krt"] == CHILD]
        alike = {"nokk": grown[0].get("nokk", ""), "nuk": grown[0]["nuk"], "hubkel": CHILD}
        grown += [{**one, **alike} for one in of_others if one["sta_kawin"] == "1"]
    answers[promoted.MEMBERS] = [
        {name: value for name, value in one.items() if name not in OF_THE_REGISTER}
        for one in grown[:members]
    ]
    answers["jumlah_art"] = str(members)
    return answers


# --- what it ought to cost ------------------------------------------------------------------------


@dataclass(slots=True)
class Cost:
    """Fields of a household and the fewest keys that could answer them."""

    fields: int = 0
    keys: int = 0
    empty: int = 0
    """Of the fields those that the paper leaves empty; each costs its Enter."""


def typed_words(question: Question, value: str) -> str:
    """Return an answer as the keys that people type for it."""
    words = fields.FIELDS[question.type].format(value)
    return words.replace("-", "") if question.type == "date" else words


def is_fixed(state: FormState, path: str, value: str) -> bool:
    """Whether a field's answer has one length, so that no key need end it."""
    question = state.instrument.questions[path.rpartition(".")[2]]
    if question.type == "date":
        return True
    if question.type == "select_one":
        codes = [choice.code for choice in state.choices(path)]
        return not any(one != value and one.startswith(value) for one in codes)
    return bool(fixed_length(question.constraint)) and len(value) == fixed_length(
        question.constraint
    )


def asked_paths(form: FormView) -> Iterator[str]:
    """Yield every path that a caret may come to, in the order of the form."""
    state = form.state
    for section in form.sections:
        for items, people_of in ((section.items, ""), (section.person, section.repeat)):
            entries = range(1, state.count(people_of) + 1) if people_of else (0,)
            for number in entries:
                prefix = f"{people_of}[{number}]." if people_of else ""
                for item in items:
                    if isinstance(item, Grid):
                        for line in range(1, state.count(prefix + item.repeat) + 1):
                            for column in item.columns:
                                yield f"{prefix}{item.repeat}[{line}].{column.name}"
                    elif isinstance(item, Row):
                        yield prefix + item.name


def least(form: FormView, before: dict[str, str]) -> Cost:
    """Return what a filled form costs at least: field lengths, and 1 for each of varying length.

    `before` is what stood in it already: nobody types that again.
    """
    cost = Cost()
    for path in asked_paths(form):
        state = form.state
        if not state.relevant(path) or state.read_only(path):
            continue
        value = state.value(path)
        if value and before.get(path, "") == value:
            continue
        cost.fields += 1
        if not value:
            cost.empty += 1
            continue
        question = state.instrument.questions[path.rpartition(".")[2]]
        cost.keys += len(typed_words(question, value)) + (not is_fixed(state, path, value))
    return cost


# --- typing ---------------------------------------------------------------------------------------


class Watch(QObject):
    """Notes what a person with a keyboard never sends, and how the caret walks."""

    def __init__(self) -> None:
        super().__init__()
        self.mouse = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count presses of the mouse; let everything through."""
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel):
            self.mouse += 1
        return super().eventFilter(watched, event)


@dataclass
class Typist:
    """Types one household that is open in the window."""

    window: MainWindow
    paper: dict[str, Any]
    keys: int = 0
    out_of_order: list[str] = field(default_factory=list)
    """Steps of the caret that go against the eye."""
    spent: dict[str, int] = field(default_factory=dict)
    """Keys that were no part of an answer, by what they were."""
    rest: Callable[[], None] = QCoreApplication.processEvents
    """What happens between two keys."""

    @property
    def form(self) -> FormView:
        """The form in front."""
        page: VisitPage = self.window.pages["kunjungan"]  # type: ignore[assignment]
        assert page.form is not None
        return page.form

    @property
    def here(self) -> str:
        """The path that the caret stands at."""
        return self.form.current.path if self.form.current else ""

    def wanted(self, path: str) -> str:
        """Return what the paper says for a path."""
        found: Any = self.paper
        for part in path.split("."):
            name, _, number = part.partition("[")
            found = found.get(name, "")
            if number:
                at = int(number.rstrip("]")) - 1
                found = found[at] if at < len(found) else {}
        return str(found)

    def entries(self, repeat: str) -> int:
        """Return how many lines the paper has in a repeat."""
        place, _, name = repeat.rpartition(".")
        found: Any = self.paper
        if place:
            outer, _, number = place.partition("[")
            found = self.paper[outer][int(number.rstrip("]")) - 1]
        return len(found.get(name, []))

    def press(self, key: Qt.Key, what: str) -> None:
        """Press a key that answers nothing by itself."""
        self.spent[what] = self.spent.get(what, 0) + 1
        self.keys += 1
        widget = self._focus()
        before = self._spot()
        QTest.keyClick(widget, key)
        self.rest()
        self._look(before)

    def strike(self, character: str) -> None:
        """Press a key of an answer."""
        self.keys += 1
        widget = self._focus()
        before = self._spot()
        QTest.keyClicks(widget, character)
        self.rest()
        self._look(before)

    def fill(self) -> None:
        """Go through the form until the paper has nothing more. Raises AssertionError."""
        for _ in range(MOST_STOPS):
            focused = self.window.focusWidget()
            if isinstance(focused, AddButton):
                self._at_the_end_of_a_grid(focused)
                continue
            path = self.here
            if self.needs(path):
                self._answer(path)
            elif (nearest := self._nearest()) is None:
                return
            else:
                self._go_on(nearest)
        raise AssertionError(f"no way on from {self.here}")

    def needs(self, path: str) -> bool:
        """Whether the paper says something for a path that the form does not have yet."""
        state = self.form.state
        wanted = self.wanted(path)
        return bool(wanted) and state.relevant(path) and state.value(path) != wanted

    def _at_the_end_of_a_grid(self, button: AddButton) -> None:
        grid = next(one for one in self.form.front.grids.values() if one.add is button)
        if self.form.state.count(grid.path) >= self.entries(grid.path):
            self.press(Qt.Key.Key_Tab, "grid left")
            return
        first = f"{grid.path}[{self.form.state.count(grid.path) + 1}].{grid.grid.columns[0].name}"
        words = self.wanted(first)
        if words[:1].isalnum():
            self.strike(words[0])  # the first key of a new line makes the line
            self._answer(first, begun=True)
        else:
            self.press(Qt.Key.Key_Return, "line added")

    def _answer(self, path: str, *, begun: bool = False) -> None:
        state, current = self.form.state, self.form.current
        assert current is not None
        question = state.instrument.questions[path.rpartition(".")[2]]
        words = typed_words(question, self.wanted(path))
        proposed = current.editor.suggestion.replace("-", "")
        if proposed == words and not current.editor.text():
            self.press(Qt.Key.Key_Return, "proposal taken")
            return
        for character in words[1:] if begun else words:
            self.strike(character)
        focused = self.window.focusWidget()
        if self.here == path and not isinstance(focused, AddButton):
            self.press(Qt.Key.Key_Return, "answer ended")

    def _nearest(self) -> str | None:
        """Return the next path that needs typing; None at the end of the paper."""
        form = self.form
        here = form.compass.spot(self.here)
        ahead = [
            path
            for path in asked_paths(form)
            if self.needs(path) and (here is None or form.compass.spot(path) > here)  # type: ignore[operator]
        ]
        if ahead:
            return ahead[0]
        lacking = [
            grid.path
            for screen in [form.front]
            for grid in screen.grids.values()
            if form.state.relevant(grid.path)
            and not form.state.counted(grid.path)
            and form.state.count(grid.path) < self.entries(grid.path)
        ]
        return lacking[0] if lacking else None

    def _go_on(self, nearest: str) -> None:
        """Pass what the paper leaves empty, by the key that leads furthest without leaping over."""
        form = self.form
        target = form.compass.spot(nearest)
        here = form.compass.spot(self.here)
        if target is None or here is None:
            self.press(Qt.Key.Key_Return, "empty passed")
            return
        step = [path for path in asked_paths(form) if self._stands(path)]
        spots = [form.compass.spot(path) for path in step]
        between = sum(1 for spot in spots if spot is not None and here < spot < target)
        empties = sorted(
            spot
            for issue in checks.issues(form.state)
            if issue.rule == REQUIRED
            for path in islice(form.compass.paths_of(issue, form.state), 1)
            if (spot := form.compass.spot(path)) is not None and spot > here
        )
        if between and empties and empties[0] <= target:
            self.press(Qt.Key.Key_F4, "F4")
        elif between > 1 and target.section == here.section + 1:
            self.press(Qt.Key.Key_F6, "F6")
        else:
            self.press(Qt.Key.Key_Return, "empty passed")

    def _stands(self, path: str) -> bool:
        state = self.form.state
        return state.relevant(path) and not state.read_only(path)

    def _focus(self) -> QWidget:
        widget = self.window.focusWidget()
        assert widget is not None
        return widget

    # --- the eye ----------------------------------------------------------------------------------

    def _spot(self) -> tuple[object, QPoint] | None:
        widget = self._focus()
        front = self.form.front
        if not front.isAncestorOf(widget):
            return None
        return (front, front.prefix), widget.mapTo(front.body, QPoint(0, widget.height() // 2))

    def _look(self, before: tuple[object, QPoint] | None) -> None:
        """Note a step on one screen that goes up, or left on one line."""
        after = self._spot()
        if before is None or after is None or before[0] != after[0]:
            return
        was, now = before[1], after[1]
        lower, level = now.y() - was.y(), abs(now.y() - was.y()) <= 8
        wrong = now.x() < was.x() if level else lower < 0
        if wrong and was != now:
            self.out_of_order.append(f"{self.here} {was.toTuple()} {now.toTuple()}")


def watched() -> Watch:
    """Return a watch on everything that the program receives."""
    watch = Watch()
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(watch)
    return watch
