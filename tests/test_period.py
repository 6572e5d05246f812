"""Quarters and months stand in the order in which they begin, not in that of their letters."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from siks_offline.period import begins, month, quarter


def test_a_district_may_go_over_from_quarters_to_months() -> None:
    """Q1 of a year is before its November, which as texts it is not."""
    named = ["2026-11", "2026-Q1", "2025-12", "2026-Q4", "2026-02", "2026-10"]
    found = sorted(named, key=begins)
    assert found == ["2025-12", "2026-Q1", "2026-02", "2026-10", "2026-Q4", "2026-11"]
    assert sorted(named) != found
    assert month("2026-Q4") == month("2026-10") == "2026-10"


@pytest.mark.parametrize(("at", "name"), [(1, "Q1"), (3, "Q1"), (4, "Q2"), (9, "Q3"), (12, "Q4")])
def test_the_quarter_of_a_moment(at: int, name: str) -> None:
    assert quarter(datetime(2026, at, 1, tzinfo=UTC)) == f"2026-{name}"
