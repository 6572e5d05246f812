"""Practice households: valid, alike for the same seed, and never the same number twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.export import prelist_book
from siks_offline.instrument.engine import FormState
from siks_offline.instrument.load import load_shipped
from siks_offline.latihan import people
from siks_offline.nik import Nik, NoKk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = NOW.date()
DESA = "3509122003"


def homes(count: int, seed: int, today: date = TODAY) -> Iterator[dict[str, Any]]:
    """The answers of the first households of a seed."""
    return (people.household(index, seed, DESA, today).answers for index in range(count))


@pytest.mark.parametrize("seed", [1, 2026])
def test_every_household_is_ready_to_be_completed(seed: int) -> None:
    """No hard issue, no soft one, no answer that would be dropped, none written otherwise."""
    instrument = load_shipped("dtks")
    for answers in homes(100, seed):
        state = FormState(instrument, answers, now=NOW)
        assert state.issues() == ()
        assert state.cleared() == ()
        assert state.answers() == answers


def test_the_form_would_have_said_what_is_missing() -> None:
    """The check above is no empty one: a household without its housing has issues."""
    answers = people.household(0, 1, DESA, TODAY).answers
    del answers["lantai"]
    assert [issue.path for issue in FormState(load_shipped("dtks"), answers, now=NOW).issues()] == [
        "lantai"
    ]


def test_the_same_seed_gives_the_same_people() -> None:
    """Two practice worlds of one seed hold the same households; another seed holds others."""
    once = list(homes(20, 7))
    assert once == list(homes(20, 7))
    assert once[13] == people.household(13, 7, DESA, TODAY).answers
    assert once != list(homes(20, 8))


def test_numbers_are_never_given_twice(long_form: bool) -> None:
    """NIK, KK and ids are unique in the largest practice village, and well formed."""
    niks: set[str] = set()
    cards: set[str] = set()
    ids: set[str] = set()
    members = families = 0
    count = 60_000 if long_form else 3_000
    for index in range(0, count, 1 if long_form else 2):
        answers = people.household(index, 1, DESA, TODAY).answers
        families += len(answers["kk"])
        cards.update(one["kk_nokk"] for one in answers["kk"])
        for one in answers["anggota"]:
            members += 1
            niks.add(one["nik"])
            ids.add(one["idartbdt"])
    assert (len(niks), len(ids), len(cards)) == (members, members, families)
    assert all(map(Nik.fits, niks))
    assert all(map(NoKk.fits, cards))


def test_places_in_the_village_never_share_day_and_serial() -> None:
    """Uniqueness does not rest on luck: a serial comes back on another day or month."""
    step = people._SERIALS
    for place in (0, 1, 4_000, step - 1):
        seen = {people._day_and_month(place + turn * step, 3) for turn in range(28 * 12)}
        assert len(seen) == 28 * 12


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 1, 1), date(2026, 12, 31)])
def test_a_nik_tells_birth_and_sex_on_any_day_of_the_calendar(today: date) -> None:
    """Birth dates fit the NIK and lie before the visit whatever day practice begins."""
    for answers in homes(40, 1, today):
        for one in answers["anggota"]:
            number, born = Nik.parse(one["nik"]), date.fromisoformat(one["tgllahir"])
            assert number.agrees(born)
            assert number.sex == ("P" if one["jnskel"] == "2" else "L")
            assert born <= date.fromisoformat(answers["tanggal_verivali"]) < today


def test_its_prelist_comes_in_again(tmp_path: Path) -> None:
    """The workbook of a practice village is a prelist without faults that says what its people say."""
    instrument = load_shipped("dtks")
    path = tmp_path / "prelist.xlsx"
    wanted = [people.household(index, 1, DESA, TODAY, "3509120003") for index in range(30)]
    people.write_prelist(path, wanted)
    reading = prelist_book.read(path, instrument, DESA)
    assert (reading.jenis, reading.issues) == ("udrt", [])
    found = list(reading.take())
    assert [one.idbdt for one in found] == [one.idbdt for one in wanted]
    for one, answers in zip(found, [one.answers for one in wanted], strict=True):
        assert not one.refused
        assert one.answers["kk"] == answers["kk"]
        brought = {n: v for n, v in one.answers.items() if isinstance(v, str)}
        assert brought.items() <= answers.items()
        for listed, known in zip(one.answers["anggota"], answers["anggota"], strict=True):
            assert listed.items() <= known.items()
