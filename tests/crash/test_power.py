"""When the power goes: what a person was told is there, nothing is half there, all opens.

Each state is a possible content of the disk after a cut at some call (tests/crash/disk.py). With
no fault in N states the true share of faults is below 3/N at 95 %. The long form is
`python -m tests.crash`, 10,000 states an action.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crash import acts, campaign, mending, world
from tests.crash.judge import is_whole, lay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Recorded = Callable[..., campaign.Run]

STATES = 200
pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", acts.NAMES)
def test_nothing_told_is_lost_and_nothing_is_half(
    name: str, recorded: Recorded, origin: Path, long_form: bool
) -> None:
    """After a cut at any call every commit told is there, whole, and the program goes on."""
    run = recorded(name)
    result = campaign.campaign(run, 10_000 if long_form else STATES, origin.parent)
    assert result.faults == [], result


def test_a_cut_while_a_damaged_file_is_recovered_loses_nothing_of_it(
    origin: Path, tmp_path: Path, long_form: bool
) -> None:
    """Whoever signs in next is refused as before or let in with all that could be saved."""
    result = mending.mended(origin, tmp_path, 10_000 if long_form else STATES)
    assert result.faults == [], result


@pytest.mark.parametrize("name", ["save", "export", "restore"])
def test_a_cut_during_recovery_loses_nothing_either(
    name: str, recorded: Recorded, origin: Path, long_form: bool
) -> None:
    """The power goes, the person signs in, and it goes again while the program recovers."""
    run = recorded(name)
    result = campaign.twice(run, 40 if long_form else 2, 50 if long_form else 20, origin.parent)
    assert result.faults == [], result
    assert result.states


@pytest.mark.parametrize(
    ("weakness", "name", "kinds"),
    [
        ("NORMAL", "save", ["lost"]),
        ("OFF", "save", ["lost", "broken"]),
        ("names", "export", ["lost"]),
        ("names", "first-run", ["lost"]),
        ("bytes", "passphrase", ["partial", "broken"]),
        ("bytes", "backup", ["partial"]),
    ],
)
def test_the_simulator_is_not_blind(
    weakness: str, name: str, kinds: list[str], recorded: Recorded, origin: Path
) -> None:
    """With one safety taken away losses are found, or finding none would mean nothing."""
    run = recorded(name, weakness)
    result = campaign.campaign(run, STATES, origin.parent, until=kinds)
    assert all(result.kinds[kind] for kind in kinds), result


@pytest.mark.parametrize("name", ["first-run", "restore"])
def test_what_was_cut_off_can_be_done_again(name: str, recorded: Recorded, origin: Path) -> None:
    """A folder that a cut left half made is told as such, and made by the same step again."""
    run = recorded(name)
    act = acts.ACTS[name]
    place = origin.parent / "ulang"
    again = 0
    with world.profile(place):
        for tree, _, where in campaign.states(run, 40, seed=3):
            lay(tree, place)
            left = place / act.village
            half = left.is_dir() and any(left.iterdir())
            if half and not is_whole(left) and again < 2:
                again += 1
                act.run(place, lambda **_facts: None)
                assert is_whole(left), where
                world.opened(left).close()
    assert again
