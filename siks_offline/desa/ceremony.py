"""A ceremony: steps that a person takes one after another, each checked before the next.

It knows no window. What the steps say stands in `resources/texts.toml` under
``ui.upacara.<ceremony>.<step>``, with `facts` put into the sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from siks_offline.model import Changes
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from siks_offline.progress import Progress

Kind = Literal["line", "secret", "new_secret", "open", "save", "folder", "choice", "tick"]
Tone = Literal["done", "confirm", "fault", "note"]
OPTIONAL: Final = frozenset({"tick"})


@dataclass(frozen=True, slots=True)
class Field:
    """Something a step asks for: a typed line, a file to open or to save to, a folder, a choice.

    Every value is a text; a tick is "1" or empty. A new secret is told how strong it is. An
    optional field may stay empty.
    """

    name: str
    kind: Kind = "line"
    choices: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it asks for, and the fact that it shows large."""

    name: str
    fields: tuple[Field, ...] = ()
    shows: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list that a step shows."""

    tone: Tone
    words: str


class Ceremony:
    """The state of one ceremony. Leaving step `x` by going on calls ``take_x(typed, now)``."""

    NAME: ClassVar[str] = ""
    STEPS: ClassVar[tuple[Step, ...]] = ()

    def __init__(self) -> None:
        self._at = 0
        self.facts: dict[str, Any] = {}
        self.rows: tuple[Row, ...] = ()
        self.changes = Changes()
        self.near: tuple[str, ...] = ()
        """Names on the screen that a new passphrase may not be made of."""
        self.progress: Progress = silent

    @property
    def step(self) -> Step:
        """The step that is asked now."""
        return self.STEPS[self._at]

    @property
    def number(self) -> int:
        """Which step this is, from 1."""
        return self._at + 1

    @property
    def ended(self) -> bool:
        """Whether all is done: the last step only tells."""
        return self._at == len(self.STEPS) - 1

    def begin(self, now: datetime) -> None:
        """Read what the first step tells. Raises SiksError."""

    def missing(self, typed: Mapping[str, str]) -> Field | None:
        """Return the first field of this step that has no value yet."""
        for field in self.step.fields:
            optional = field.optional or field.kind in OPTIONAL
            if not optional and not typed.get(field.name, "").strip():
                return field
        return None

    def go_on(self, typed: Mapping[str, str], now: datetime, progress: Progress = silent) -> None:
        """Do what this step is for and stand at the next.

        Raises the SiksError of what is wrong; then it stands where it stood.
        """
        if self.ended or self.missing(typed):
            return
        self.progress = progress
        take = getattr(self, f"take_{self.step.name}", None)
        if take is not None:
            take(typed, now)
        self._at += 1

    def go_back(self) -> None:
        """Stand at the step before; what was done stays done, so there is none from the last."""
        if self.may_go_back:
            self._at -= 1

    @property
    def may_go_back(self) -> bool:
        """Whether there is a step to go back to."""
        return 0 < self._at < len(self.STEPS) - 1
