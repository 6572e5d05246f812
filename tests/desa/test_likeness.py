"""Who may be the same person: old spellings, near birth dates, numbers, and what changes do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siks_offline.db.likeness import Home
from siks_offline.desa import likeness
from siks_offline.desa.likeness import Asked, Likeness, normal
from siks_offline.model import Person

if TYPE_CHECKING:
    from pathlib import Path


def person(nama: str, born: str = "", nik: str = "", no_kk: str = "") -> Person:
    return Person(nama, nik, no_kk, nama, born, "")


def index(*persons: Person) -> Likeness:
    return likeness.of_homes(
        Home(f"rumah-{at}", one.nama, "01", "02", (one,)) for at, one in enumerate(persons)
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Soekarno", "SUKARNO"),
        ("Tjipto", "Cipto"),
        ("Djoko", "Joko"),
        ("Njoman", "Nyoman"),
        ("Sjarifoeddin", "Syarifudin"),
        ("Achmad Chalid", "Akhmad Khalid"),
        ("Moh. Ali", "Muhammad Ali"),
        ("Muh Ali", "M. Ali"),
        ("Mochamad Ali", "Mohamad Ali"),
        ("Hj. Siti Aminah binti Djoko", "SITI AMINAH JOKO"),
        ("Abd. Rachman", "Abdul Rahman"),
    ],
)
def test_old_spellings_have_one_form(old: str, new: str) -> None:
    """A name of an old paper and the same name of a new one are compared as one."""
    assert normal(old) == normal(new)


@given(st.text(max_size=40))
def test_a_form_is_a_form_of_itself(name: str) -> None:
    """Whatever is typed has a form of small letters and single blanks."""
    form = normal(name)
    assert form == " ".join(form.split())
    assert not set(form) - set("abcdefghijklmnopqrstuvwxyz ")


def test_the_same_number_is_found_whatever_the_name() -> None:
    """NIK before family card before name; the household itself is never its own duplicate."""
    known = index(
        person("SITI", nik="3509125207850003"),
        person("BUDI", no_kk="3509120101010001"),
        person("AGUS SALIM", "1985-07-12"),
    )
    asked = Asked("3509125207850003", "3509120101010001", "Agoes Salim", "1985-07-12")
    assert [one.why for one in known.find(asked, "")] == ["nik", "no_kk", "nama"]
    assert [one.why for one in known.find(asked, "rumah-0")] == ["no_kk", "nama"]


@pytest.mark.parametrize(
    ("born", "found"),
    [
        ("1958-03-12", True),
        ("1958-12-03", True),
        ("1958-03-21", True),
        ("1985-03-12", True),
        ("1958-08-12", True),
        ("1985-08-21", False),
        ("", False),
    ],
)
def test_birth_dates_may_differ_in_one_part(born: str, found: bool) -> None:
    """The same name is found on the day, turned about, or one part away; not beyond."""
    known = index(person("SOEKARNO HADI", "1958-03-12"))
    assert bool(known.find(Asked(nama="Sukarno Hadi", tanggal_lahir=born), "")) == found


def test_a_farther_day_asks_for_a_nearer_name() -> None:
    """A name that is only near is told on the very same day, not on another."""
    known = index(person("SITI ROHMAH", "1990-05-05"))
    assert known.find(Asked(nama="Siti Rohimah", tanggal_lahir="1990-05-05"), "")
    assert not known.find(Asked(nama="Siti Rukmah", tanggal_lahir="1990-05-06"), "")
    assert not known.find(Asked(nama="Bambang Eko", tanggal_lahir="1990-05-05"), "")


def test_a_household_that_changed_is_known_as_it_is_now() -> None:
    """What a household no longer says is not found; what it says now is."""
    known = index(person("SITI", "1990-05-05", "3509125207850003"))
    known.put("rumah-0", (person("BUDI", "1980-01-01", "3509120101800001"),))
    assert len(known) == 1
    assert known.find(Asked("3509125207850003"), "") == []
    [alike] = known.find(Asked("3509120101800001"), "")
    assert alike.seat.nama == "BUDI"
    known.put("rumah-0", ())
    assert known.find(Asked("3509120101800001"), "") == []


@given(st.lists(st.integers(0, 3), max_size=12))
def test_updating_equals_building(steps: list[int]) -> None:
    """After any row of changes the index answers as one freshly made of the last state."""
    people = [person("SITI", "1990-05-05", f"350912520785000{n}") for n in range(4)]
    updated = Likeness()
    last: dict[str, tuple[Person, ...]] = {}
    for at, step in enumerate(steps):
        home = f"rumah-{at % 3}"
        last[home] = tuple(people[:step])
        updated.put(home, last[home])
    fresh = Likeness()
    for home, persons in last.items():
        fresh.put(home, persons)
    for one in people:
        asked = Asked(nik=one.nik)
        assert {a.seat for a in updated.find(asked, "")} == {a.seat for a in fresh.find(asked, "")}


def test_a_village_is_read_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts together are the whole, in whatever size, and only the last is short."""
    from siks_offline.db import households
    from tests.ui import worlds

    with worlds.make_village(tmp_path / "desa", households=7, members=0) as village:
        with village.store.write() as session:
            for number in range(7):
                id_ = f"00000000-0000-4000-8000-{number:012}"
                facts = households.Facts(nama_krt=f"KRT {number}", rt="01")
                households.refresh(session, id_, facts, [person(f"ORANG {number}")])
        whole = likeness.homes(village)
        assert [home.nama_krt for home in whole] == [f"KRT {number}" for number in range(7)]
        monkeypatch.setattr(likeness, "PART", 3)
        parts, after = [], ""
        while True:
            part = likeness.next_homes(village, after)
            parts.append(part)
            if len(part) < likeness.PART:
                break
            after = part[-1].household_id
    assert [len(part) for part in parts] == [3, 3, 1]
    assert [home for part in parts for home in part] == whole
