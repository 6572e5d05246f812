"""Whether answers that came from elsewhere are answers of an instrument at all."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from siks_offline.instrument.fields import FIELDS
from siks_offline.instrument.schema import SELECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from siks_offline.instrument.schema import Instrument, Question

_MOST_MET = 20_000
_SHAPED = frozenset({"integer", "decimal", "date", "geopoint"})
"""Types whose canonical text has one shape; words may be any."""


def misfit(instrument: Instrument, answers: Mapping[str, Any]) -> str:
    """Return the path of the first answer that an instrument cannot have; "" where all fit.

    A name it lacks or has elsewhere, a text where a list of members belongs, a code that its list
    lacks, a number or day in another form. Whether answers fit each other is not asked.
    """
    shapes = _Shapes.of(instrument)
    return "" if _fits(shapes, answers, "") else _misfit(shapes, answers, "", "")


class _Shapes:
    """What each name of an instrument may hold: (repeat around it, test of a text or None)."""

    def __init__(self, instrument: Instrument) -> None:
        self.repeats = frozenset(instrument.repeats)
        self.owner = instrument.owner
        self.tests: dict[str, Callable[[str], bool] | None] = {
            name: _test(instrument, question) for name, question in instrument.questions.items()
        }
        self.coded = frozenset(
            name for name, question in instrument.questions.items() if question.type in SELECTS
        )
        self.met: dict[str, set[tuple[str, str]]] = {name: set() for name in ("", *self.repeats)}
        """By repeat, codes that were found sound before: nearly all of the next answers."""

    @staticmethod
    @lru_cache(maxsize=16)
    def of(instrument: Instrument) -> _Shapes:
        """Return the shapes of an instrument, made once."""
        return _Shapes(instrument)


def _test(instrument: Instrument, question: Question) -> Callable[[str], bool] | None:
    if question.type in SELECTS:
        codes = frozenset(choice.code for choice in instrument.options(question.name))
        if question.type == "select_one":
            return codes.__contains__
        return lambda text: codes.issuperset(text.split())
    return FIELDS[question.type].canonical if question.type in _SHAPED else None


def _fits(shapes: _Shapes, answers: Mapping[str, Any], repeat: str) -> bool:
    """Whether all answers fit, quickly: what was met before is not looked at again."""
    met = shapes.met[repeat]
    try:
        fresh = answers.items() - met
    except TypeError:  # lists of members cannot be looked up
        lists = {name: given for name, given in answers.items() if type(given) is list}
        if not lists or any(type(one) is not dict for given in lists.values() for one in given):
            return False
        if not all(name in shapes.repeats and shapes.owner[name] == repeat for name in lists):
            return False
        if not all(_fits(shapes, one, name) for name, given in lists.items() for one in given):
            return False
        texts = {name: given for name, given in answers.items() if name not in lists}
        return _fits(shapes, texts, repeat)
    for name, given in fresh:
        if type(given) is not str or name not in shapes.tests or shapes.owner[name] != repeat:
            return False
        test = shapes.tests[name]
        if test is None:
            continue
        if not test(given):
            return False
        if name in shapes.coded and len(met) < _MOST_MET:
            met.add((name, given))
    return True


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
