"""NIK and No. KK: what is refused, what is read out of them, what of them is shown."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siks_offline import nik
from siks_offline.errors import AnswersError
from siks_offline.nik import Nik, NoKk

TODAY = date(2026, 11, 22)
# The constraints of the ministry's instrument, kept apart from the code on purpose.
REGION = r"(1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-6])[0-9]{4}"
NIK_RULE = REGION + r"(0[1-9]|[12][0-9]|3[01]|4[1-9]|[56][0-9]|7[01])(0[1-9]|1[0-2])[0-9]{6}"
KK_RULE = REGION + r"(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2])[0-9]{6}"

near_numbers = st.builds(
    lambda province, middle, day, month, year, serial: (
        f"{province:02}{middle:04}{day:02}{month:02}{year:02}{serial:04}"
    ),
    st.integers(0, 99),
    st.integers(0, 9999),
    st.integers(0, 99),
    st.integers(0, 15),
    st.integers(0, 99),
    st.sampled_from([0, 1, 17, 9999]),
)


@given(near_numbers)
def test_the_form_is_that_of_the_instrument(digits: str) -> None:
    """What the form accepts and what the program accepts is the same, for NIK and KK."""
    serial = not digits.endswith("0000")
    assert Nik.fits(digits) == (serial and bool(re.fullmatch(NIK_RULE, digits)))
    assert NoKk.fits(digits) == (serial and bool(re.fullmatch(KK_RULE, digits)))


@pytest.mark.parametrize(
    "text",
    ["3509124107850003", " 3509 1241 0785 0003\n", "350912.410785.0003", "3509-1241-0785–0003",
     "'3509124107850003", "３５０９１２４１０７８５０００３", "3509\u00a01241\u200b07850003"],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(text: str) -> None:
    """Groups, the apostrophe of a workbook and pasted spaces do not matter."""
    assert Nik.parse(text).digits == "3509124107850003"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("35.2018E+14", "E_NIK_ROUNDED"),
        ("3,50912E+15", "E_NIK_ROUNDED"),
        ("350912410785000O", "E_NIK_DIGITS"),
        ("", "E_NIK_DIGITS"),
        ("٣٥٠٩١٢٤١٠٧٨٥٠٠٠٣", "E_NIK_DIGITS"),
        ("0", "E_NIK_TEMPORARY"),
        ("0000000000000000", "E_NIK_TEMPORARY"),
        ("0509124107850003", "E_NIK_TEMPORARY"),
        ("350912410785000", "E_NIK_LENGTH"),
        ("35091241078500033", "E_NIK_LENGTH"),
        ("2009124107850003", "E_NIK_REGION"),
        ("3509123207850003", "E_NIK_DATE"),
        ("3509124007850003", "E_NIK_DATE"),
        ("3509127207850003", "E_NIK_DATE"),
        ("3509124113850003", "E_NIK_DATE"),
        ("3509120107850000", "E_NIK_SERIAL"),
    ],
)
def test_each_fault_has_its_own_words(text: str, code: str) -> None:
    """The operator reads which digits are wrong and what to do, for either kind of number."""
    for kind in (Nik, NoKk):
        with pytest.raises(AnswersError) as refused:
            kind.parse(text)
        assert refused.value.code == code
        assert kind.NAME in refused.value.message
        assert "{" not in str(refused.value)
        assert refused.value.remedy


def test_a_woman_s_day_is_no_date_of_a_family_card() -> None:
    """A KK has no rule of 40: a NIK typed into its field is noticed for half of all people."""
    assert Nik.fits("3509124107850003")
    assert not NoKk.fits("3509124107850003")


def test_a_nik_tells_region_sex_and_birth_date() -> None:
    """Birth date and sex are proposed from the NIK."""
    her = Nik.parse("3509124107850003")
    him = Nik.parse("3509121502100001")
    assert (her.wilayah, her.sex, her.birth_date(TODAY)) == ("350912", "P", date(1985, 7, 1))
    assert (him.wilayah, him.sex, him.birth_date(TODAY)) == ("350912", "L", date(2010, 2, 15))


def test_the_century_comes_from_the_known_birth_date_else_from_today() -> None:
    """A woman of 101 years is not taken for an infant once her birth date is known."""
    old = Nik.parse("3509124203250001")
    assert old.birth_date(TODAY) == date(2025, 3, 2)
    assert old.birth_date(TODAY, known=date(1925, 3, 2)) == date(1925, 3, 2)
    assert old.birth_date(TODAY, known=date(1931, 1, 1)) == date(1925, 3, 2)
    not_yet = Nik.parse("3509122311260001")
    assert not_yet.birth_date(TODAY) == date(1926, 11, 23)


def test_a_day_that_no_year_has_gives_no_birth_date() -> None:
    """31 February passes as a form (the number stands on the card) but proposes nothing."""
    assert Nik.parse("3509123102850003").birth_date(TODAY) is None
    assert Nik.parse("3509122902850003").birth_date(TODAY) is None
    assert Nik.parse("3509122902000003").birth_date(TODAY) == date(2000, 2, 29)


@given(st.dates(date(1927, 1, 1), TODAY), st.booleans())
def test_birth_dates_of_the_last_hundred_years_come_back(born: date, woman: bool) -> None:
    """The date written into a NIK is the one read out of it."""
    day = born.day + (40 if woman else 0)
    number = Nik.parse(f"350912{day:02}{born.month:02}{born.year % 100:02}0001")
    assert number.birth_date(TODAY) == born
    assert number.agrees(born)
    assert not number.agrees(date(born.year, born.month, born.day % 28 + 1))
    assert number.sex == ("P" if woman else "L")


def test_only_the_last_four_digits_are_shown() -> None:
    """Screens, prints and tracebacks of values show a NIK masked."""
    number = Nik.parse("3509124107850003")
    assert number.masked == "************0003"
    assert repr(number) == "Nik(************0003)"
    assert str(number) == "3509124107850003"


def test_long_numbers_in_a_text_are_masked() -> None:
    """A log keeps what helps to find a fault: times, line numbers and region codes stay."""
    text = "2026-11-22 03:04:36 line 1234 of 350912: 3509124107850003, 3509 1241 0785 0003; 0812345678901"
    shown = "2026-11-22 03:04:36 line 1234 of 350912: ************0003, **** **** **** 0003; *********8901"
    assert nik.mask(text) == shown
    assert nik.mask("{'nik': '3509-1241-0785-0003'}") == "{'nik': '****-****-****-0003'}"


def test_names_are_masked_to_their_first_letters() -> None:
    """A slip at the counter lets a person know themselves and nobody else."""
    assert nik.mask_name("SITI NUR'AINI, S.Pd") == "S*** N*******, S.P*"
    assert nik.mask_name("") == ""
