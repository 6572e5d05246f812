"""Days and moments: how ISO text, numbers and dates of expressions turn into each other."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})"
    r"(?:T(\d{2})(?::(\d{2})(?::(\d{2})(\.\d+)?)?)?(Z|[-+]\d{2}:\d{2})?)?",
    re.ASCII,
)
_UNPADDED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(T.*)?", re.ASCII)
_EPOCH = date(1970, 1, 1)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_EPOCH_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date.min.toordinal() - _EPOCH_ORDINAL
_LAST_DAY = date.max.toordinal() - _EPOCH_ORDINAL
_NOT_A_MOMENT = math.nan


class ImpossibleDateError(ValueError):
    """Text that looks like a date but names a day or time that does not exist."""


class Moment(float):
    """A date or date-time, as a number: days since 1970-01-01 UTC, with a fraction.

    ``day`` is the whole local day when the moment is one (a date without a time); two such are
    compared and subtracted as whole days, whatever the zone. ``local`` is the wall clock of a
    moment within a day. ``plain`` marks the outcome of arithmetic, which prints as a number.
    """

    __slots__ = ("day", "local", "plain")
    day: int | None
    local: datetime | None
    plain: bool

    @classmethod
    def make(
        cls, value: float, day: int | None, local: datetime | None = None, plain: bool = False
    ) -> Moment:
        """Make a moment of its number, its whole day or None, and its wall clock or None."""
        moment = cls(value)
        moment.day = day
        moment.local = local
        moment.plain = plain
        return moment

    def printed(self) -> str | None:
        """Return ISO text, or None where the moment prints as a number."""
        if self.plain:
            return None
        if self.day is not None:
            return iso_day(self.day)
        if self.local is None:
            return None
        return self.local.isoformat(timespec="milliseconds")

    def shown_plain(self) -> Moment:
        """Return the same moment as the outcome of arithmetic."""
        return Moment.make(float(self), self.day, self.local, plain=True)


def iso_day(day: int) -> str | None:
    """Return YYYY-MM-DD of a day counted from 1970-01-01, None beyond the years 1 to 9999."""
    if not _FIRST_DAY <= day <= _LAST_DAY:
        return None
    return date.fromordinal(day + _EPOCH_ORDINAL).isoformat()


@lru_cache(maxsize=4096)
def of_day(day: int, zone: tzinfo | None) -> Moment:
    """Return a local day; its number is that of its midnight in the zone."""
    value = float(day)
    if zone is not None and _FIRST_DAY + 1 < day < _LAST_DAY - 1:
        midnight = datetime.combine(date.fromordinal(day + _EPOCH_ORDINAL), time.min, tzinfo=zone)
        offset = midnight.utcoffset() or timedelta()
        value = (day * 86400 - offset.total_seconds()) / 86400
    return Moment.make(value, day)


def of_clock(clock: datetime) -> Moment:
    """Return the moment of an aware local time; at midnight it is the whole day."""
    value = round((clock - _EPOCH_MOMENT) / timedelta(milliseconds=1)) / 86_400_000
    midnight = not (clock.hour or clock.minute or clock.second or clock.microsecond)
    day = clock.toordinal() - _EPOCH_ORDINAL if midnight else None
    return Moment.make(value, day, clock)


def of_number(days: float, zone: tzinfo | None) -> float:
    """Return the date of a number of days: a whole one is that local day, others a moment.

    NaN when there is no such day.
    """
    if isinstance(days, Moment) and (days.day is not None or days.local is not None):
        return Moment.make(float(days), days.day, days.local)
    if not math.isfinite(days) or not _FIRST_DAY + 1 < days < _LAST_DAY - 1:
        return _NOT_A_MOMENT
    if days == int(days):
        return Moment.make(float(days), int(days))
    clock = _EPOCH_MOMENT + timedelta(milliseconds=round(days * 86_400_000))
    found = of_clock(clock.astimezone(zone) if zone is not None else clock)
    return Moment.make(float(days), found.day, found.local)


@lru_cache(maxsize=4096)
def of_text(text: str, zone: tzinfo | None) -> Moment | None:
    """Return the moment of ISO text, None when it is not in that form.

    Raises ImpossibleDateError when it is, but no such day or time exists (2026-02-30).
    """
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        whole = date(int(year), int(month), int(day))
        if hour is None:
            return of_day(whole.toordinal() - _EPOCH_ORDINAL, zone)
        micro = int(float(fraction or 0) * 1_000_000)
        clock = datetime.combine(
            whole, time(int(hour), int(minute or 0), int(second or 0), micro), tzinfo=zone or UTC
        )
        if offset is None:
            return of_clock(clock)
        at = datetime.fromisoformat("2000-01-01T00:00:00" + offset.replace("Z", "+00:00"))
        return of_clock(clock.replace(tzinfo=at.tzinfo).astimezone(zone or UTC))
    except (ValueError, OverflowError) as error:
        raise ImpossibleDateError(text) from error


@lru_cache(maxsize=4096)
def plain_of_text(text: str, zone: tzinfo | None) -> float:
    """Return the moment of ISO text as the outcome of arithmetic, NaN when it is not in that form.

    Raises ImpossibleDateError as of_text does.
    """
    moment = of_text(text, zone)
    return math.nan if moment is None else moment.shown_plain()


@lru_cache(maxsize=4096)
def read_text(text: str, zone: tzinfo | None) -> Moment | None:
    """Like of_text, but months and days may lack their leading zero, as date() allows."""
    match = _UNPADDED.fullmatch(text)
    if match is None:
        return of_text(text, zone)
    year, month, day, rest = match.groups()
    return of_text(f"{year}-{month:0>2}-{day:0>2}{rest or ''}", zone)


def today(now: datetime) -> Moment:
    """Return the local day of an aware local time."""
    return of_day(now.toordinal() - _EPOCH_ORDINAL, now.tzinfo)


def time_of_day(text: str, zone: tzinfo | None) -> float:
    """Return the local time, such as 06:30:00, as a fraction of a day; NaN when it is none."""
    try:
        moment = of_text(f"1970-01-01T{text}", zone) if ":" in text else None
    except ImpossibleDateError:
        return math.nan
    if moment is None or moment.local is None:
        return math.nan
    clock = moment.local
    since_midnight = timedelta(
        hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond
    )
    return since_midnight / timedelta(days=1)


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CODES = re.compile(r"%[YymnbBdeaAHhMS3]")


def formatted(moment: Moment, pattern: str) -> str:
    """Write a moment by the codes of format-date; the time of a whole day is its midnight.

    Codes: %Y %y %m %n %b %B %d %e %a %A, and %H %h %M %S %3. Others stay as they are.
    """
    if moment.day is not None:
        return _formatted_day(moment.day, pattern)
    return "" if moment.local is None else _formatted_clock(moment.local, pattern)


@lru_cache(maxsize=4096)
def _formatted_day(day: int, pattern: str) -> str:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        return ""
    whole = date.fromordinal(day + _EPOCH_ORDINAL)
    return _formatted_clock(datetime.combine(whole, time.min), pattern)


def _formatted_clock(clock: datetime, pattern: str) -> str:
    return _CODES.sub(lambda code: _coded(clock, code.group()[1]), pattern)


def _coded(clock: datetime, code: str) -> str:
    match code:
        case "Y":
            return f"{clock.year:04d}"
        case "y":
            return f"{clock.year % 100:02d}"
        case "m":
            return f"{clock.month:02d}"
        case "n":
            return str(clock.month)
        case "b":
            return _MONTHS[clock.month - 1][:3]
        case "B":
            return _MONTHS[clock.month - 1]
        case "d":
            return f"{clock.day:02d}"
        case "e":
            return str(clock.day)
        case "a":
            return _DAYS[clock.weekday()][:3]
        case "A":
            return _DAYS[clock.weekday()]
        case "H":
            return f"{clock.hour:02d}"
        case "h":
            return str(clock.hour)
        case "M":
            return f"{clock.minute:02d}"
        case "S":
            return f"{clock.second:02d}"
        case _:
            return f"{clock.microsecond // 1000:03d}"
