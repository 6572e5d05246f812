"""Names of periods: a quarter as ``2026-Q4``, a month as ``2026-10``; and hours, as a count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def quarter(now: datetime) -> str:
    """Return the quarter that a moment lies in."""
    return f"{now.year}-Q{(now.month - 1) // 3 + 1}"


def hours(now: datetime) -> int:
    """Return the hours since 2020.

    Whoever was restored from a copy counts on from there: above every number that was given since
    the copy was made, unless more than one was given in each hour of all these years.
    """
    return (now - datetime(2020, 1, 1, tzinfo=UTC)) // timedelta(hours=1)


def begins(period: str) -> tuple[str, str]:
    """Return what periods are ordered by: the month in which one begins, then its name.

    As texts they are not in order: a district may go over from quarters to months, and every
    quarter of a year stands behind its December. 2026-Q4 and 2026-10 begin together.
    """
    year, _, part = period.partition("-")
    if part.startswith("Q"):
        return f"{year}-{3 * int(part[1:]) - 2:02}", period
    return period, period


def month(period: str) -> str:
    """Return the month in which a period begins."""
    return begins(period)[0]
