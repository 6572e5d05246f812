"""Looks for the same person elsewhere in the village while somebody types, off the UI thread."""

from __future__ import annotations

from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from siks_offline.errors import AnswersError
from siks_offline.instrument import fields, promoted
from siks_offline.nik import Nik

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.db.likeness import Home
    from siks_offline.desa.likeness import Alike, Asked
    from siks_offline.desa.village import Village
    from siks_offline.instrument.engine import FormState
    from siks_offline.model import Changes
    from siks_offline.progress import Progress
    from siks_offline.ui.page import Desk

LOOK_MS = 15
"""How often an outstanding answer is looked for."""
MANY = 500
MEMBER = (promoted.NAMA, promoted.NIK, promoted.NO_KK, promoted.BIRTH_DATE)


def asked(state: FormState, path: str, words: str | None = None) -> Asked | None:
    """Return what is known of the person a path speaks of, with words half typed there.

    None where the path tells nothing of who somebody is. Without a birth date that of the NIK
    serves.
    """
    from siks_offline.desa.likeness import Asked

    place, _, name = path.rpartition(".")
    if name == promoted.FAMILY_NO_KK:
        return Asked(no_kk=_answer(state, path, words))
    if name not in MEMBER or state.instrument.owner.get(name) != promoted.MEMBERS:
        return None
    known = {
        one: _answer(state, f"{place}.{one}", words if one == name else None)
        for one in MEMBER
        if one in state.instrument.questions
    }
    born = known.get(promoted.BIRTH_DATE, "")
    if not born and known.get(promoted.NIK):
        try:
            day = Nik.parse(known[promoted.NIK]).birth_date(state.today)
        except AnswersError:
            day = None
        born = day.isoformat() if day is not None else ""
    return Asked(
        nik=known.get(promoted.NIK, ""),
        no_kk=known.get(promoted.NO_KK, ""),
        nama=known.get(promoted.NAMA, ""),
        tanggal_lahir=born,
    )


def _answer(state: FormState, path: str, words: str | None) -> str:
    if words is None:
        return state.value(path) if state.relevant(path) else ""
    question = state.instrument.questions[path.rpartition(".")[2]]
    try:
        return fields.read(question, words)
    except AnswersError:
        return ""


class _Searcher:
    """Holds the index on a thread of its own; questions and answers go through queues.

    No QObject is touched there: one that a thread drops last would be torn down in it.
    """

    def __init__(self) -> None:
        self.questions: SimpleQueue[_Question | None] = SimpleQueue()
        self.answers: SimpleQueue[tuple[int, list[Alike]]] = SimpleQueue()
        Thread(target=self._run, daemon=True, name="kembar").start()

    def end(self, *_: object) -> None:
        """Let the thread end; harmless when repeated."""
        self.questions.put(None)

    def _run(self) -> None:
        from siks_offline.desa import likeness

        index = likeness.Likeness()
        while (question := self.questions.get()) is not None:
            if question.homes is not None:
                index = likeness.Likeness() if question.whole else index
                likeness.learn(index, question.homes)
            elif question.wanted is not None:
                found = index.find(question.wanted, question.but)
                self.answers.put((question.number, found))


class _Question(NamedTuple):
    """Either households to learn, or a person to look for."""

    number: int = 0
    wanted: Asked | None = None
    but: str = ""
    homes: list[Home] | None = None
    whole: bool = False
    more: str = ""
    """The household behind which the next part begins; empty with the last."""


class LikenessWatch(QObject):
    """Asks for the person being typed; only the answer to the newest question is told."""

    found = Signal(object)
    """A list of Alike for what was asked last."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._searcher: _Searcher | None = None
        self._number = 0
        self._last: tuple[Asked | None, str] = (None, "")
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._answered)

    def begin(self) -> None:
        """Make the index, once; nothing is found before it is there."""
        if self._searcher is None:
            self._searcher = _Searcher()
            self.destroyed.connect(self._searcher.end)
            self._read(None)

    def refresh(self, changes: Changes) -> None:
        """Follow what changed; a new prelist is read whole, and so is a change of very many."""
        if self._searcher is not None and (changes.prelist or changes.households):
            whole = changes.prelist or len(changes.households) > MANY
            self._read(None if whole else sorted(changes.households))

    def ask(self, wanted: Asked | None, but: str) -> None:
        """Look for a person, the household `but` left out; None takes the answer back."""
        self._number += 1
        self._last = (wanted, but)
        if wanted is None or self._searcher is None:
            self._look.stop()
            self.found.emit([])
            return
        self._searcher.questions.put(_Question(self._number, wanted, but))
        self._look.start()

    def _read(self, ids: list[str] | None) -> None:
        if ids is None:
            self._read_on("")
            return

        def work(village: Village, _progress: Progress) -> _Question:
            from siks_offline.desa import likeness

            return _Question(homes=likeness.homes(village, ids))

        self._start(work)

    def _read_on(self, after: str) -> None:
        """Read the whole village part by part: a draft in between waits for one part only."""

        def work(village: Village, _progress: Progress) -> _Question:
            from siks_offline.desa import likeness

            homes = likeness.next_homes(village, after)
            more = homes[-1].household_id if len(homes) == likeness.PART else ""
            return _Question(homes=homes, whole=not after, more=more)

        self._start(work)

    def _start(self, work: Callable[[Village, Progress], _Question]) -> None:
        task = self._desk.task(work)
        task.finished.connect(self._learn)
        self._desk.start(task)

    def _learn(self, homes: _Question) -> None:
        if self._searcher is None:
            return
        self._searcher.questions.put(homes)
        if homes.more:
            self._read_on(homes.more)
        else:
            self.ask(*self._last)  # what was asked before is answered by what is known now

    def _answered(self) -> None:
        assert self._searcher is not None
        while not self._searcher.answers.empty():
            number, found = self._searcher.answers.get()
            if number == self._number:
                self._look.stop()
                self.found.emit(found)
