"""Whether answers that came from elsewhere are answers of an instrument at all."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from siks_offline.instrument.fields import FIELDS
from siks_offline.instrument.schema import SELECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from siks_offline.instrument.schema import Instrument, Question

_SHAPED = frozenset({"integer", "decimal", "date", "geopoint"})
"""Types whose canonical text has one shape; words may be any."""


def misfit(instrument: Instrument, answers: Mapping[str, Any]) -> str:
    """Return the path of the first answer that an instrument cannot have; "" where all fit.

    A name it lacks or has elsewhere, a text where a list of members belongs, a code that its list
    lacks, a number or day in another form. Whether answers fit each other is not asked.
    """
    return _misfit(_Shapes.of(instrument), answers, "", "")


class _Shapes:
    """What each name of an instrument may hold: (repeat around it, test of a text or None)."""

    def __init__(self, instrument: Instrument) -> None:
        self.repeats = frozenset(instrument.repeats)
        self.owner = instrument.owner
        self.tests: dict[str, Callable[[str], bool] | None] = {
            name: _test(instrument, question) for name, question in instrument.questions.items()
        }

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
