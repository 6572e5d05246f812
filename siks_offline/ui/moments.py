"""Moments and dates as people here write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from siks_offline.texts import text


def moment(value: datetime | str) -> str:
    """Write a UTC moment in the time of this computer: 22 November 2026, 10.42."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    local = value.astimezone()
    return text("ui.umum.saat", tanggal=day(local.date()), jam=clock(local))


def short(value: str) -> str:
    """Write a UTC moment for a column: 22-11-2026 10.42."""
    local = datetime.fromisoformat(value).astimezone()
    return f"{local:%d-%m-%Y} {clock(local)}"


def clock(value: datetime) -> str:
    """Write the time of day: 10.42."""
    local = value.astimezone()
    return f"{local.hour:02}.{local.minute:02}"


def age(birth: str, today: date) -> int | None:
    """Return full years since an ISO date of birth; None for what is no date or lies ahead."""
    try:
        born = date.fromisoformat(birth)
    except ValueError:
        return None
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years if years >= 0 else None


def day(value: date) -> str:
    """Write a date: 22 November 2026."""
    month = text("ui.umum.bulan").split("|")[value.month - 1]
    return f"{value.day} {month} {value.year}"
