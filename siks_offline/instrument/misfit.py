"""Whether answers that came from elsewhere are answers of an instrument at all."""

from __future__ import annotations

from functools import lru_cache, partial
from operator import call
from typing import TYPE_CHECKING, Any, Final

from siks_offline.instrument.fields import FIELDS
from siks_offline.instrument.schema import SELECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from siks_offline.instrument.schema import Instrument, Question

_MOST_MET, _LONGEST_MET = 1000, 40
_SHAPED = frozenset({"integer", "decimal", "date", "geopoint"})
"""Types whose canonical text has one shape; words may be any."""
_TAKEN: Final[Callable[[Any], object]] = str.__sizeof__
"""A test that every text passes, and nothing else: never 0, and a TypeError for another type."""


def misfit(instrument: Instrument, answers: Mapping[str, Any]) -> str:
    """Return the path of the first answer that an instrument cannot have; "" where all fit.

    A name it lacks or has elsewhere, a text where a list of members belongs, a code that its list
    lacks, a number or day in another form. Whether answers fit each other is not asked.
    """
    shapes = _Shapes.of(instrument)
    return "" if shapes.fit(answers, "") else _misfit(shapes, answers, "", "")


class _Shapes:
    """What each name of an instrument may hold: (repeat around it, test of a text or None)."""

    def __init__(self, instrument: Instrument) -> None:
        self.repeats = frozenset(instrument.repeats)
        self.owner = instrument.owner
        self.tests: dict[str, Callable[[str], bool] | None] = {
            name: _test(instrument, question) for name, question in instrument.questions.items()
        }
        self._quick: dict[str, Callable[[Any], object]] = {
            name: _TAKEN if test is None else _Met(test).__getitem__
            for name, test in self.tests.items()
        }
        for name in self.repeats:
            self._quick[name] = partial(self._members, name)
        self._met: dict[str, dict[tuple[str, ...], tuple[Callable[[Any], object], ...]]] = {
            repeat: {} for repeat in ("", *self.repeats)
        }
        """By repeat, sets of names that were found sound before: their tests, in their order."""

    @staticmethod
    @lru_cache(maxsize=16)
    def of(instrument: Instrument) -> _Shapes:
        """Return the shapes of an instrument, made once."""
        return _Shapes(instrument)

    def fit(self, answers: Mapping[str, Any], repeat: str) -> bool:
        """Whether all answers fit, quickly: without a look at each name and at codes met before."""
        names, met = tuple(answers), self._met[repeat]
        tests = met.get(names)
        if tests is None:
            if any(self.owner.get(name) != repeat or name not in self._quick for name in names):
                return False
            tests = tuple(self._quick[name] for name in names)
            if len(met) < _MOST_MET:
                met[names] = tests
        try:
            return all(map(call, tests, answers.values()))
        except (TypeError, AttributeError):  # not a text where one belongs
            return False

    def _members(self, name: str, given: Any) -> bool:
        """Whether a list of members fits; nothing else may stand under the name of a repeat."""
        if type(given) is not list:
            return False
        return all(type(one) is dict and self.fit(one, name) for one in given)


class _Met(dict[str, bool]):
    """Verdicts of a test; of a sound text that was met before it is not asked again."""

    def __init__(self, test: Callable[[str], bool]) -> None:
        super().__init__()
        self._test = test

    def __missing__(self, text: str) -> bool:
        sound = self._test(text)
        if sound and len(text) <= _LONGEST_MET and len(self) < _MOST_MET:
            self[text] = True
        return sound


def _test(instrument: Instrument, question: Question) -> Callable[[str], bool] | None:
    if question.type in SELECTS:
        codes = frozenset(choice.code for choice in instrument.options(question.name))
        if question.type == "select_one":
            return codes.__contains__
        return lambda text: codes.issuperset(text.split())
    return FIELDS[question.type].canonical if question.type in _SHAPED else None


def _misfit(shapes: _Shapes, answers: Mapping[str, Any], repeat: str, prefix: str) -> str:
    for name, given in answers.items():
        if shapes.owner.get(name) != repeat:
            return prefix + name
        if isinstance(given, str):
            if name not in shapes.tests:
                return prefix + name
            test = shapes.tests[name]
            if test is not None and not test(given):
                return prefix + name
        elif name not in shapes.repeats or not isinstance(given, list | tuple):
            return prefix + name
        else:
            for number, member in enumerate(given, 1):
                here = f"{prefix}{name}[{number}]"
                if not hasattr(member, "items"):
                    return here
                found = _misfit(shapes, member, name, f"{here}.")
                if found:
                    return found
    return ""
