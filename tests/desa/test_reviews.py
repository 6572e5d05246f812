"""Where a village asks for it, nothing leaves before a second person looked through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from siks_offline.db import reviews as stored
from siks_offline.db import visits
from siks_offline.desa import handover, periods, reviews, visit
from siks_offline.errors import SecretError, StoreError
from siks_offline.instrument import checks
from siks_offline.latihan import people
from tests.ui import worlds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village

IDS = [f"00000000-0000-4000-8000-{number:012}" for number in (1, 2)]
NOW = worlds.NOW


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    with worlds.make_village(tmp_path / "desa", households=4, members=0) as made:
        yield made


def complete(village: Village, id_: str, number: int) -> None:
    opened = visit.open_visit(village, id_, NOW)
    answers = people.household(number, 3, village.kode_desa, NOW.date()).answers
    answers["idbdt"] = opened.state.value("idbdt")
    state = type(opened.state)(village.instrument, answers, now=NOW)
    for issue in checks.issues(state):
        state.confirm(issue.path, issue.rule, "sesuai kertas")
    assert visit.complete(village, id_, state, NOW).done


def test_without_the_setting_nothing_waits(village: Village) -> None:
    """A village that asks for no review sends what is completed."""
    complete(village, IDS[0], 0)
    assert not reviews.wanted(village)
    assert handover.due(village) == 1
    assert reviews.waiting(village) == []


def test_with_the_setting_a_revision_waits_for_other_eyes(village: Village) -> None:
    """Not due, not in "send all again"; one's own work nobody approves; a new revision waits anew."""
    reviews.want(village, NOW, review=True)
    for number, id_ in enumerate(IDS):
        complete(village, id_, number)
    assert handover.due(village) == 0
    with village.store.read() as session:
        assert list(visits.sendable(session)) == []
        assert visits.weight(session, everything=True) == (0, 0)
    assert reviews.waiting(village) == []  # both are one's own
    with pytest.raises(SecretError, match="E_FOUR_EYES"):
        reviews.approve(village, IDS[0], NOW)
    with pytest.raises(StoreError, match="E_RETURN_OPEN"):
        reviews.approve(village, "00000000-0000-4000-8000-000000000003", NOW)
    village.account, village.role = "cici", "pemeriksa"
    assert reviews.waiting(village) == IDS
    reviews.approve(village, IDS[0], NOW)
    assert reviews.waiting(village) == IDS[1:]
    assert handover.due(village) == 1
    village.account, village.role = "operator", "admin"
    complete(village, IDS[0], 0)
    assert handover.due(village) == 1  # the first revision; the second waits again
    with village.store.read() as session:
        assert [one.revision for one in visits.unreceived(session)] == [1]
    reviews.want(village, NOW, review=False)
    assert handover.due(village) == 3


def test_a_revision_of_an_earlier_period_waits_on(village: Village) -> None:
    """A new period is opened over it; it is counted as unsettled, and may still be let go."""
    reviews.want(village, NOW, review=True)
    complete(village, IDS[0], 0)
    assert periods.outlook(village).unsettled == 1
    periods.open_period(village, periods.following(village.period)[0], NOW)
    with pytest.raises(SecretError, match="E_FOUR_EYES"):
        reviews.approve(village, IDS[0], NOW)
    village.account, village.role = "cici", "pemeriksa"
    assert reviews.waiting(village) == IDS[:1]
    assert handover.due(village) == 0
    reviews.approve(village, IDS[0], NOW)
    assert reviews.waiting(village) == []
    with village.store.read() as session:
        assert [one.household_id for one in visits.unreceived(session)] == IDS[:1]
        assert len(list(visits.sendable(session))) == 1


def test_this_periods_revision_is_let_go_before_an_earlier_one(village: Village) -> None:
    """Each approval lets one go: what the form shows first, then what was left from before."""
    reviews.want(village, NOW, review=True)
    complete(village, IDS[0], 0)
    periods.open_period(village, periods.following(village.period)[0], NOW)
    complete(village, IDS[0], 0)
    village.account, village.role = "cici", "pemeriksa"
    assert reviews.waiting(village) == IDS[:1]
    for period in ("2027-Q1", "2026-Q4"):
        assert reviews.waiting(village) == IDS[:1]
        reviews.approve(village, IDS[0], NOW)
        with village.store.read() as session:
            current = visits.current(session, IDS[0], period)
            assert current is not None
            assert stored.by(session, current.sha256) == "cici"
    assert reviews.waiting(village) == []
    assert handover.due(village) == 2
