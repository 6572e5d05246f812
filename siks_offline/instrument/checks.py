"""Everything that is wrong with a visit: what its workbook says, and what the rules say.

The one place that judges a visit: completing, checking a village, filling from a file, the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.instrument import rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siks_offline.instrument.case import Lookup
    from siks_offline.instrument.engine import FormState
    from siks_offline.model import Confirmation, Issue


def issues(state: FormState, lookup: Lookup | None = None) -> tuple[Issue, ...]:
    """Return all issues, the workbook's first; what a person confirmed is none.

    `lookup` tells which NIKs other households have; the state's own where it is not given.
    """
    own = (one for one in _found(state, lookup) if not state.reason(one.path, one.rule))
    return (*state.issues(), *own)


def confirmations(state: FormState, lookup: Lookup | None = None) -> tuple[Confirmation, ...]:
    """Return the confirmations that a completed visit carries: of checks that show now."""
    showing = {(one.path, one.rule) for one in _found(state, lookup)}
    return tuple(
        one
        for one in state.confirmations
        if one.rule not in rules.TABLE
        or one.rule in state.instrument.elements
        or (one.path, one.rule) in showing
    )


def _found(state: FormState, lookup: Lookup | None) -> Iterator[Issue]:
    answers = state.answers(final=True)
    asked = lookup or state.lookup
    elsewhere = asked(rules.niks(answers)) if asked is not None else {}
    return rules.found(state.instrument, answers, elsewhere)
