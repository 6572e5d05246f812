"""One Field for each question type: from what people type and cells hold to canonical text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from siks_offline.errors import AnswersError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from siks_offline.instrument.schema import Choice, Question

EARLIEST, LATEST = 1850, 2100
"""Years that a date of a person or a visit may have."""
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day of a calendar, in no zone
_EXACT = 10**15
"""Numbers of Excel keep fifteen digits; a longer one has lost its last."""

_MONTHS = {
    "januari": 1, "jan": 1, "februari": 2, "pebruari": 2, "feb": 2, "peb": 2, "maret": 3,
    "mar": 3, "april": 4, "apr": 4, "mei": 5, "juni": 6, "jun": 6, "juli": 7, "jul": 7,
    "agustus": 8, "agu": 8, "agt": 8, "ags": 8, "september": 9, "sep": 9, "sept": 9,
    "oktober": 10, "okt": 10, "november": 11, "nopember": 11, "nov": 11, "nop": 11,
    "desember": 12, "des": 12,
}  # fmt: skip
_READING_MARKS = re.compile(r"[\s.\-_/]+")
_DATE = re.compile(r"(\d{1,2})[\s./-]+(\d{1,2}|[a-z]{3,9})[\s./-]+(\d{4})")
_TWO_DIGITS = re.compile(r"\d{1,2}[\s./-]+(?:\d{1,2}|[a-z]{3,9})[\s./-]+\d{2}|\d{6}")
_MONTH = re.compile(r"(?:00?[\s./-]*)?(\d{2}|\d{1,2}(?=[\s./-])|[a-z]{3,9})[\s./-]*(\d{4})")
_YEAR = re.compile(r"(?:00?[\s./-]*){0,2}(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[t ]00:00(?::00(?:\.0+)?)?)?")
_EIGHT = re.compile(r"(\d{2})(\d{2})(\d{4})")
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{1,12})?|\.\d{1,12})", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+", re.ASCII)
_CANONICAL_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_CANONICAL_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{0,11}[1-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """How answers of one question type are read, shown and written."""

    type: str
    parse: Callable[[str], str]
    """From typed text to canonical text; "" stays "". Raises AnswersError."""
    format: Callable[[str], str]
    """From canonical text to what people read; text that is not canonical comes back as it is."""
    from_cell: Callable[[Any], str]
    """From a spreadsheet cell (None, str, int, float, bool, datetime). Raises AnswersError."""
    canonical: Callable[[str], bool]
    """Whether a text that is not empty is as `parse` would give it."""


def text_of_json(value: Any, path: str = "") -> str:
    """Return the answer text of a JSON value: text or a whole number; null is empty.

    Raises AnswersError E_ANSWER_SHAPE for everything else, a truth value or fraction included.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise AnswersError("E_ANSWER_SHAPE", jalur=path)


# --- text -----------------------------------------------------------------------------------------


def _printable(text: str) -> bool:
    return not any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in text)


def _parse_text(text: str) -> str:
    """Trim, join runs of blanks, compose (NFC): what is typed twice must be stored once."""
    text = " ".join(text.split())
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not (text.isprintable() if text.isascii() else _printable(text)):
        raise AnswersError("E_ANSWER_TEXT")
    return text


def _good_text(text: str) -> bool:
    return text.isprintable() or _printable(text)


def _text_of_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        if isinstance(value, float) and not value.is_integer():
            return repr(value)
        if abs(value) >= _EXACT:
            raise AnswersError("E_ANSWER_DIGITS", isi=str(value))
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    text = _parse_text(str(value).lstrip("'"))
    if re.fullmatch(r"\d[\d.,]*[eE]\+?\d+", text):
        raise AnswersError("E_ANSWER_DIGITS", isi=text)
    return text


# --- numbers --------------------------------------------------------------------------------------


def _parse_integer(text: str) -> str:
    short = text.strip().replace(" ", "")
    if _GROUPED.fullmatch(short):
        short = short.replace(".", "")
    if not short:
        return ""
    if not _INTEGER.fullmatch(short):
        raise AnswersError("E_ANSWER_INTEGER", isi=text.strip())
    return str(int(short))


def _parse_decimal(text: str) -> str:
    """A comma is the decimal mark; without one a single dot is, several dots group thousands."""
    short = text.strip().replace(" ", "")
    if "," in short:
        short = short.replace(".", "").replace(",", ".")
    elif short.count(".") > 1 and _GROUPED.fullmatch(short):
        short = short.replace(".", "")
    if not short:
        return ""
    if not _DECIMAL.fullmatch(short):
        raise AnswersError("E_ANSWER_DECIMAL", isi=text.strip())
    sign = "-" if short.startswith("-") else ""
    whole, _, part = short.lstrip("+-").partition(".")
    whole, part = whole.lstrip("0") or "0", part.rstrip("0")
    number = f"{whole}.{part}" if part else whole
    return number if number == "0" else sign + number


def _decimal_of_cell(value: Any) -> str:
    if isinstance(value, float) and not isinstance(value, bool):
        return _parse_decimal(format(value, ".12f").rstrip("0").rstrip("."))
    return _parse_decimal(_text_of_cell(value))


def _format_decimal(text: str) -> str:
    return text.replace(".", ",") if _CANONICAL_DECIMAL.fullmatch(text) else text


# --- dates ----------------------------------------------------------------------------------------


def _parse_date(text: str) -> str:
    """Day, month, year: eight digits, with marks between them, with the month's name; or ISO."""
    short = " ".join(text.strip().lower().split())
    if not short:
        return ""
    found = _ISO.fullmatch(short)
    if found:
        year, month, day = found.groups()
    else:
        found = _EIGHT.fullmatch(short) or _DATE.fullmatch(short)
        if not found:
            code = "E_ANSWER_YEAR" if _TWO_DIGITS.fullmatch(short) else "E_ANSWER_DATE"
            raise AnswersError(code, isi=text.strip())
        day, month, year = found.groups()
    number = int(month) if month.isdigit() else _MONTHS.get(month, 0)
    try:
        when = date(int(year), number, int(day))
    except ValueError:
        raise AnswersError("E_ANSWER_DATE", isi=text.strip()) from None
    if not EARLIEST <= when.year <= LATEST:
        raise AnswersError("E_ANSWER_DATE", isi=text.strip())
    return when.isoformat()


def _parse_part(text: str, appearance: str) -> str:
    """Read a date whose day, or day and month, nobody knows, where the question allows that.

    As XLSForm has it: `appearance` month-year keeps the first of the month, year the first of the
    year. Typed as `mmyyyy`, `00mmyyyy`, `agustus 1945`; as `yyyy`, `0000yyyy`. Raises AnswersError.
    """
    short = " ".join(text.strip().lower().split())
    looks = appearance.split()
    found = _YEAR.fullmatch(short) if "year" in looks else None
    if found:
        return _parse_date(f"01-01-{found[1]}")
    found = _MONTH.fullmatch(short) if "month-year" in looks or "year" in looks else None
    if found and EARLIEST <= int(found[2]) <= LATEST:  # else these six digits are ddmmyy
        return _parse_date(f"01-{found[1]}-{found[2]}")
    return _parse_date(text)


def line(question: Question, answer: str) -> str:
    """Return the words that stand in the line of a question for its canonical answer."""
    words = FIELDS[question.type].format(answer)
    if question.type == "date" and question.appearance and words != answer:
        looks = question.appearance.split()
        if "year" in looks and answer.endswith("-01-01"):
            return answer[:4]
        if "month-year" in looks and answer.endswith("-01"):
            return words[3:]
    return words


def _good_date(text: str) -> bool:
    try:
        return len(text) == 10 and EARLIEST <= date.fromisoformat(text).year <= LATEST
    except ValueError:
        return False


def _date_of_cell(value: Any) -> str:
    if isinstance(value, datetime | date):
        return _parse_date(value.isoformat()[:10])
    if isinstance(value, int | float) and not isinstance(value, bool):
        if 1 <= value < 100_000 and float(value).is_integer():
            return (_EXCEL_EPOCH + timedelta(days=int(value))).date().isoformat()
        return _parse_date(str(int(value)).zfill(8))
    return _parse_date(_text_of_cell(value))


def _format_date(text: str) -> str:
    return f"{text[8:]}-{text[5:7]}-{text[:4]}" if _good_date(text) else text


# --- codes and the rest ---------------------------------------------------------------------------


def _parse_codes(text: str) -> str:
    return " ".join(dict.fromkeys(re.split(r"[\s,;+]+", _parse_text(text)))).strip()


def _parse_point(text: str) -> str:
    """Latitude and longitude in degrees, then altitude and accuracy in metres if given."""
    parts = text.replace(";", " ").split()
    if not parts:
        return ""
    try:
        numbers = [float(part.replace(",", ".")) for part in parts]
    except ValueError:
        numbers = []
    if not 2 <= len(numbers) <= 4 or abs(numbers[0]) > 90 or abs(numbers[1]) > 180:
        raise AnswersError("E_ANSWER_POINT", isi=text.strip())
    return " ".join(_parse_decimal(part.replace(",", ".")) for part in parts)


def _same(text: str) -> str:
    return text


def _good_point(text: str) -> bool:
    try:
        return _parse_point(text) == text
    except AnswersError:
        return False


_TEXT = Field("text", _parse_text, _same, _text_of_cell, _good_text)
FIELDS: Mapping[str, Field] = {
    field.type: field
    for field in (
        _TEXT,
        Field(
            "integer", _parse_integer, _same, lambda v: _parse_integer(_text_of_cell(v)),
            lambda t: _CANONICAL_INTEGER.fullmatch(t) is not None,
        ),
        Field(
            "decimal", _parse_decimal, _format_decimal, _decimal_of_cell,
            lambda t: _CANONICAL_DECIMAL.fullmatch(t) is not None,
        ),
        Field("date", _parse_date, _format_date, _date_of_cell, _good_date),
        Field("select_one", _parse_text, _same, _text_of_cell, _good_text),
        Field(
            "select_multiple", _parse_codes, _same, lambda v: _parse_codes(_text_of_cell(v)),
            _good_text,
        ),
        Field(
            "geopoint", _parse_point, _same, lambda v: _parse_point(_text_of_cell(v)), _good_point
        ),
        *(Field(t, _parse_text, _same, _text_of_cell, _good_text)
          for t in ("image", "file", "calculate", "note")),
    )
}  # fmt: skip


def read(question: Question, text: str, choices: Sequence[Choice] = ()) -> str:
    """Return the canonical answer of what was typed for a question.

    Beyond its Field: blanks and dots go from a text that may hold digits alone (NIK, KK); a
    code's label stands for the code; several codes take the order of their list.
    Raises AnswersError. A code that the list lacks is kept: the engine points at it.
    """
    field = FIELDS[question.type]
    if question.type == "date" and question.appearance:
        return _parse_part(text, question.appearance)
    answer = field.parse(text)
    if question.digits:
        if answer.isdecimal() and answer.isascii():
            return answer
        short = _READING_MARKS.sub("", answer)
        return short if short.isdigit() and short.isascii() else answer
    if question.type == "select_one" and choices:
        return _code(answer, choices)
    if question.type == "select_multiple" and choices and answer:
        place = {choice.code: index for index, choice in enumerate(choices)}
        codes = sorted(answer.split(), key=lambda code: place.get(code, len(place)))
        return " ".join(codes)
    return answer


def _code(answer: str, choices: Sequence[Choice]) -> str:
    if not answer or any(choice.code == answer for choice in choices):
        return answer
    named = [c.code for c in choices if c.label.casefold() == answer.casefold()]
    if len(named) == 1:
        return named[0]
    short = answer.rstrip(".").lstrip("0") or "0"
    return short if any(choice.code == short for choice in choices) else answer


def from_cell(question: Question, value: Any, choices: Sequence[Choice] = ()) -> str:
    """Return the canonical answer that a spreadsheet cell holds for a question.

    Raises AnswersError, above all E_ANSWER_DIGITS for a NIK that Excel turned into a number.
    """
    return read(question, FIELDS[question.type].from_cell(value), choices)


def show(question: Question, answer: str, choices: Sequence[Choice] = ()) -> str:
    """Return an answer as people read it; codes become their labels."""
    if question.type in ("select_one", "select_multiple"):
        labels = {choice.code: choice.label for choice in choices}
        codes = answer.split() if question.type == "select_multiple" else [answer]
        return ", ".join(labels.get(code, code) for code in codes)
    return line(question, answer)


def codes_of_sum(total: str, choices: Sequence[Choice]) -> str:
    """Return the codes whose sum is given, for lists of 1, 2, 4, 8 ... and perhaps 0.

    Spreadsheets of the ministry write such a question as the sum of its codes. "" where the list
    is of another kind or the number is no such sum.
    """
    bits = [int(c.code) for c in choices if c.code.isdigit()]
    weights = [bit for bit in bits if bit]
    if len(bits) != len(choices) or any(bit & (bit - 1) for bit in weights):
        return ""
    if not total.isdigit() or int(total) > sum(weights):
        return ""
    if int(total) == 0:
        return "0" if 0 in bits else ""
    return " ".join(str(bit) for bit in bits if bit & int(total))
