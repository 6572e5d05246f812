"""What a rule sees of a visit: the answers as they would be completed, easy to ask."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from siks_offline.instrument import promoted

if TYPE_CHECKING:
    from siks_offline.instrument.schema import Instrument
    from siks_offline.model import Answers

Lookup: TypeAlias = Callable[[Collection[str]], Mapping[str, str]]
"""Given NIKs, those that other households of the village have, with words for that household."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a rule does not hold: a member's path or "", and facts for its sentence."""

    path: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a repeat; `number` counts from 1 as on the form."""

    path: str
    number: int
    answers: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.answers.get(name, "")

    @property
    def age(self) -> int | None:
        """Whole years on the day of the visit; None when it is not known."""
        years = self[promoted.AGE]
        return int(years) if years.isdecimal() else None


class Case:
    """The answers of one household, worked through once for all rules."""

    __slots__ = ("answers", "elsewhere", "instrument", "living", "people", "relation")

    def __init__(
        self, instrument: Instrument, answers: Answers, elsewhere: Mapping[str, str]
    ) -> None:
        self.instrument = instrument
        self.answers = answers
        self.elsewhere = elsewhere
        self.people = self.members(promoted.MEMBERS)
        known = instrument.elements
        self.relation = (
            promoted.RELATION if promoted.RELATION in known else promoted.RELATION_IN_FAMILY
        )
        """The question that says who is head of what was visited."""
        self.living = self.people
        """The members who live here; everybody where an instrument does not ask."""
        if promoted.LIVES_HERE in known:
            self.living = [one for one in self.people if one[promoted.LIVES_HERE] == "1"]

    def __getitem__(self, name: str) -> str:
        value = self.answers.get(name, "")
        return value if isinstance(value, str) else ""

    def members(self, repeat: str) -> list[Member]:
        """Return the members of a repeat."""
        found = self.answers.get(repeat, ())
        return [
            Member(f"{repeat}[{number}]", number, one)
            for number, one in enumerate(found, start=1)
            if isinstance(one, Mapping)
        ]

    @property
    def head(self) -> Member | None:
        """The one head of what was visited; None without exactly one."""
        heads = [one for one in self.living if one[self.relation] == promoted.HEAD]
        return heads[0] if len(heads) == 1 else None

    def yes(self, name: str, code: str) -> bool:
        """Whether a code means yes, whatever pair of codes the question's line has."""
        return bool(code) and self.instrument.label_of(name, code).casefold() == "ya"

    def label(self, name: str) -> str:
        """Return the words of a question."""
        element = self.instrument.elements.get(name)
        return element.label if element is not None else name
