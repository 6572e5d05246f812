"""NIK and No. KK as values: what their sixteen digits say, and how they are shown.

Both begin with the Kemendagri code of the kecamatan of first registration. Then a NIK has the birth
date as DDMMYY, women with 40 added to the day, and a KK the date of issue; four digits of serial
number follow, from 0001. A NIK is never rewritten (PP 40/2019 article 30): only its form can be
wrong, while a differing birth date, sex or region is no fault of the number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, Self

from siks_offline.errors import AnswersError

LENGTH = 16
_PROVINCES = frozenset(
    str(code)
    for span in ((11, 20), (21, 22), (31, 37), (51, 54), (61, 66), (71, 77), (81, 83), (91, 97))
    for code in range(*span)
)
_WOMAN = 40
_ROUNDED = re.compile(r"[0-9]+([.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_GROUPED = re.compile(r"(?<![0-9])[0-9](?:[ .\-]?[0-9]){15}(?![0-9])")
_LONG = re.compile(r"[0-9]{9,}")
_SHOWN = 4


def clean(text: str) -> str:
    """Return a number as typed or pasted without its spaces, dots, dashes and apostrophes.

    What else stands in it stays: `check` judges that.
    """
    return "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if not (
            character.isspace()
            or character in ".'\u2019\u200b\ufeff"
            or unicodedata.category(character) == "Pd"
        )
    )


def mask(text: str) -> str:
    """Hide all but the last four digits of every long number in a text.

    Long are sixteen digits however they are grouped, and any nine or more in a row.
    """
    hidden = _GROUPED.sub(lambda number: _hidden(number[0]), text)
    return _LONG.sub(lambda number: _hidden(number[0]), hidden)


def _hidden(number: str) -> str:
    return re.sub("[0-9]", "*", number[:-_SHOWN]) + number[-_SHOWN:]


def mask_name(name: str) -> str:
    """Hide all but the first letter of each word of a person's name."""
    return re.sub(r"(\w)([\w'’`]*)", lambda word: word[1] + "*" * len(word[2]), name)


@dataclass(frozen=True, slots=True, order=True)
class _Number:
    """Sixteen digits known to have the form of their kind."""

    digits: str

    NAME: ClassVar[str] = ""
    LAST_DAY: ClassVar[int] = 31

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number as people and workbooks write it.

        Raises AnswersError, the fact `nomor` naming the kind: E_NIK_ROUNDED (a workbook kept it as
        a number and lost digits), E_NIK_DIGITS, E_NIK_TEMPORARY (0, or a leading 0), E_NIK_LENGTH,
        E_NIK_REGION, E_NIK_DATE, E_NIK_SERIAL.
        """
        digits = clean(text)
        code = cls._fault(text.strip(), digits)
        if code is not None:
            raise AnswersError(code, nomor=cls.NAME, jumlah=len(digits))
        return cls(digits)

    @classmethod
    def fits(cls, text: str) -> bool:
        """Whether `parse` would read it."""
        return cls._fault(text.strip(), clean(text)) is None

    @classmethod
    def _fault(cls, text: str, digits: str) -> str | None:
        if _ROUNDED.fullmatch(text):
            return "E_NIK_ROUNDED"
        if not (digits.isascii() and digits.isdigit()):
            return "E_NIK_DIGITS"
        if not digits.strip("0") or (len(digits) == LENGTH and digits[0] == "0"):
            return "E_NIK_TEMPORARY"
        if len(digits) != LENGTH:
            return "E_NIK_LENGTH"
        if digits[:2] not in _PROVINCES:
            return "E_NIK_REGION"
        day, month = int(digits[6:8]), int(digits[8:10])
        if not (1 <= month <= 12 and (1 <= day <= 31 or _WOMAN < day <= cls.LAST_DAY)):
            return "E_NIK_DATE"
        return "E_NIK_SERIAL" if digits.endswith("0000") else None

    def __str__(self) -> str:
        return self.digits

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked})"

    @property
    def masked(self) -> str:
        """The number with all but its last four digits hidden."""
        return _hidden(self.digits)

    @property
    def wilayah(self) -> str:
        """Kemendagri code, six digits, of the kecamatan of first registration."""
        return self.digits[:6]


class NoKk(_Number):
    """The number of a family card."""

    __slots__ = ()
    NAME = "No. KK"


class Nik(_Number):
    """The number of a person."""

    __slots__ = ()
    NAME = "NIK"
    LAST_DAY = 31 + _WOMAN

    @property
    def sex(self) -> Literal["L", "P"]:
        """Sex as first registered: L (man) or P (woman)."""
        return "P" if int(self.digits[6:8]) > _WOMAN else "L"

    @property
    def _day_month_year(self) -> tuple[int, int, int]:
        return int(self.digits[6:8]) % _WOMAN, int(self.digits[8:10]), int(self.digits[10:12])

    def birth_date(self, today: date, known: date | None = None) -> date | None:
        """Return the birth date as first registered, None when there is no such day.

        Two digits do not tell the century: the one in which the day lies nearest to a birth date
        `known` from elsewhere, else the latest in which it is not after `today`.
        """
        day, month, year = self._day_month_year
        possible = [
            born
            for century in range(today.year // 100, 17, -1)
            if (born := _date(century * 100 + year, month, day)) is not None and born <= today
        ]
        if known is not None:
            return min(possible, key=lambda born: abs(born - known), default=None)
        return possible[0] if possible else None

    def agrees(self, born: date) -> bool:
        """Whether day, month and the last two digits of the year are those of a birth date."""
        return self._day_month_year == (born.day, born.month, born.year % 100)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
