"""Steps back through what was answered in one form, each as one stroke of Ctrl+Z.

A step is the difference of two states of answers, so any change counts: an answer, what it set
with it, a member added or taken out, a whole person copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from siks_offline.instrument.effects import Effects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siks_offline.instrument.engine import FormState
    from siks_offline.model import Confirmation

MOST_STEPS: Final = 200


@dataclass(frozen=True, slots=True)
class _Moment:
    answers: Mapping[str, Any]
    confirmations: tuple[Confirmation, ...]


class Steps:
    """The way back through one FormState. Call `mark` after each change that a person made."""

    def __init__(self, state: FormState) -> None:
        self._state = state
        self._now = self._moment()
        self._before: list[_Moment] = []

    def __len__(self) -> int:
        """Count the steps that can be taken back."""
        return len(self._before)

    def mark(self) -> bool:
        """Remember the state before the last change; whether anything had changed."""
        here = self._moment()
        if here == self._now:
            return False
        self._before = [*self._before, self._now][-MOST_STEPS:]
        self._now = here
        return True

    def back(self) -> tuple[Effects, str] | None:
        """Take the last change back; return what that moved and a path where it shows.

        None when nothing is left to take back.
        """
        self.mark()
        if not self._before:
            return None
        wanted = self._before.pop()
        effects, place = _lead(self._state, wanted.answers)
        effects |= _confirm(self._state, wanted.confirmations)
        self._now = self._moment()
        return effects, place

    def _moment(self) -> _Moment:
        return _Moment(self._state.answers(), self._state.confirmations)


def _lead(state: FormState, wanted: Mapping[str, Any]) -> tuple[Effects, str]:
    """Make the answers of a state equal to `wanted`; return the effects and the first path."""
    effects, place = Effects(), ""
    have = state.answers()
    for name in dict.fromkeys((*have, *wanted)):
        before, after = have.get(name), wanted.get(name)
        if before == after:
            continue
        if isinstance(before, list) or isinstance(after, list):
            moved, where = _lead_members(state, name, before or [], after or [])
        else:
            moved, where = state.set(name, after), name
        effects |= moved
        place = place or where
    return effects, place


def _lead_members(
    state: FormState, repeat: str, have: list[Mapping[str, Any]], wanted: list[Mapping[str, Any]]
) -> tuple[Effects, str]:
    effects, place = Effects(), ""
    if not state.counted(repeat):
        while len(have) > len(wanted):
            at = next((n for n, one in enumerate(wanted) if have[n] != one), len(wanted))
            effects |= state.remove(f"{repeat}[{at + 1}]")
            have = [*have[:at], *have[at + 1 :]]
            place = place or repeat
        while len(have) < len(wanted):
            effects |= state.add(repeat)
            have = [*have, {}]
    now = state.answers().get(repeat, [])
    for number, (before, after) in enumerate(zip(now, wanted, strict=False), start=1):
        for name in dict.fromkeys((*before, *after)):
            if before.get(name) == after.get(name):
                continue
            path = f"{repeat}[{number}].{name}"
            effects |= state.set(path, after.get(name))
            place = place or path
    return effects, place or repeat


def _confirm(state: FormState, wanted: tuple[Confirmation, ...]) -> Effects:
    effects = Effects()
    have = {(one.path, one.rule): one.reason for one in state.confirmations}
    then = {(one.path, one.rule): one.reason for one in wanted}
    for path, rule in have.keys() - then.keys():
        effects |= state.unconfirm(path, rule)
    for (path, rule), reason in then.items():
        if have.get((path, rule)) != reason:
            effects |= state.confirm(path, rule, reason)
    return effects
