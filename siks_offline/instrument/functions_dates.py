"""The functions of dates and times."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from siks_offline.instrument import dates, values
from siks_offline.instrument.code import Code, Context, text
from siks_offline.instrument.dates import ImpossibleDateError, Moment
from siks_offline.instrument.functions import Table
from siks_offline.instrument.lexer import EvaluationError

if TYPE_CHECKING:
    from siks_offline.instrument.values import Value

DATE_FUNCTIONS = Table()
define = DATE_FUNCTIONS.define


def _moment(value: Value, context: Context) -> Value:
    """Return the date of a value: '' of '' and of truth, NaN where there is none."""
    zone = context.now.tzinfo
    if isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return dates.of_number(value, zone)
    written = values.to_text(value)
    if not written:
        return ""
    try:
        found = dates.read_text(written, zone)
    except ImpossibleDateError as error:
        raise EvaluationError(f"{written} is no day of the calendar") from error
    return math.nan if found is None else found


@define("date", 1, 1)
def _date(args: list[Code]) -> Code:
    """Return the date of ISO text or of a number of days since 1970-01-01."""
    run = args[0].run
    return Code("any", lambda context: _moment(run(context), context))


define("date-time", 1, 1)(_date)


@define("today", 0, 0)
def _today(args: list[Code]) -> Code:
    """Return the local day."""
    del args
    day = dates.today
    return Code("number", lambda context: day(context.now))


@define("now", 0, 0)
def _now(args: list[Code]) -> Code:
    """Return the moment."""
    del args
    clock = dates.of_clock
    return Code("number", lambda context: clock(context.now))


@define("decimal-date-time", 1, 1)
def _decimal_date_time(args: list[Code]) -> Code:
    """Return a moment as days since 1970-01-01 UTC, with a fraction."""
    run = args[0].run

    def decimal(context: Context) -> float:
        found = _moment(run(context), context)
        if isinstance(found, Moment):
            return found.shown_plain()
        return found if isinstance(found, float) else math.nan

    return Code("number", decimal)


@define("decimal-time", 1, 1)
def _decimal_time(args: list[Code]) -> Code:
    """Return a local time as a fraction of a day."""
    written = text(args[0])
    return Code("number", lambda context: dates.time_of_day(written(context), context.now.tzinfo))


@define("format-date", 2, 2)
def _format_date(args: list[Code]) -> Code:
    """Write a date or moment by the codes of dates.formatted; '' for what is neither.

    JavaRosa and ODK Web Forms fill in the codes of time in format-date too, so both are one.
    """
    run, pattern = args[0].run, text(args[1])

    def form(context: Context) -> str:
        value = run(context)
        try:
            found = _moment(value, context)
        except EvaluationError:
            return ""
        if not isinstance(found, Moment):
            return ""
        return dates.formatted(found, pattern(context))

    return Code("text", form)


define("format-date-time", 2, 2)(_format_date)
