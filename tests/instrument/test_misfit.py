"""What was met before is passed over quickly, and only what would pass anyway."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from siks_offline.instrument import misfit
from siks_offline.instrument.load import load_shipped
from siks_offline.latihan import people, world

DTKS = load_shipped("dtks")
SHAPES = misfit._Shapes.of(DTKS)
HOMES = [
    people.household(at, 5, world.KODE_DESA, world.TODAY, world.practice_bps(world.KODE_DESA))
    for at in range(6)
]
NAMES = [*DTKS.questions, *DTKS.repeats, "tidak_ada"]
VALUES: Any = st.one_of(
    st.sampled_from(["", "1", "2", "9", "99", "1 2", "2026-11-22", "22-11-2026", "-1", "1,5"]),
    st.sampled_from([[], [{}], [{"nama": "A"}], [1], None, 3]),
)


@given(
    at=st.integers(0, len(HOMES) - 1),
    name=st.sampled_from(NAMES),
    value=VALUES,
    inside=st.booleans(),
)
def test_the_quick_judgement_is_the_slow_one(at: int, name: str, value: Any, inside: bool) -> None:
    """Any answer put anywhere gets the verdict of the rule, whatever was judged before it."""
    answers = copy.deepcopy(dict(HOMES[at].answers))
    assert misfit.misfit(DTKS, answers) == ""
    place = answers["anggota"][0] if inside else answers
    place[name] = value
    assert misfit.misfit(DTKS, answers) == misfit._misfit(SHAPES, answers, "", "")
