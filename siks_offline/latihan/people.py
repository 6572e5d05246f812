"""Synthetic households whose answers fit together, the same ones for the same seed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

from siks_offline import paths, wilayah
from siks_offline.export import workbook
from siks_offline.instrument import promoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SLOTS = 8
"""Most members of a household; every person has a place of its own in the row of numbers."""
_SERIALS = 9_999
_WOMAN, _MAN = "2", "1"
_SINGLE, _MARRIED, _WIDOWED = "1", "2", "4"
_NAME_LISTS = {
    _WOMAN: ("perempuan", "belakang_perempuan"),
    _MAN: ("laki", "belakang_laki"),
}
_HEAD, _SPOUSE, _CHILD, _IN_LAW, _GRANDCHILD, _PARENT = "1", "2", "3", "4", "5", "6"

_ENDED = (
    ("0", "", "", ""),
    ("2", "1", "8", "1"),
    ("2", "4", "8", "2"),
    ("2", "7", "8", "3"),
    ("2", "10", "8", "5"),
)
"""Schooling of grown people: participation, level, class 8 for finished, certificate."""


@cache
def _book() -> dict[str, Any]:
    with (paths.resources() / "latihan.toml").open("rb") as file:
        return tomllib.load(file)


@dataclass(slots=True)
class _Person:
    """A person while a household is made up."""

    sex: str
    age: int
    role: str
    marital: str
    family: int = 1
    role_in_family: str = ""
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def woman(self) -> bool:
        return self.sex == _WOMAN


@dataclass(frozen=True, slots=True)
class Household:
    """A made-up household: its IDBDT, and its full answers as a completed visit has them."""

    idbdt: str
    answers: dict[str, Any]


def household(index: int, seed: int, kode_desa: str, today: date, bps: str = "") -> Household:
    """Return one household, its answers in the shape of DATA.md without calculated values.

    Index and seed alone decide who lives there; `today` moves birth years and the day of the
    visit, which lies one to ten days before it. Numbers are unique within a village of up to
    400,000 households. Without a BPS code the village gets an invented one.
    """
    bps = bps or f"{kode_desa[:4]}990{kode_desa[-3:]}"
    random = Random(f"{seed}/{kode_desa}/{index}")  # noqa: S311 - practice, not secrecy
    book = _book()
    visited = today - timedelta(days=1 + index % 10)
    members = _members(random)
    idbdt = f"{bps}{index + 1:013d}"
    facts = {
        name: "ya" if random.randrange(100) < percent else "tidak"
        for name, percent in book["program"].items()
    }
    for order, person in enumerate(members):
        person.facts = _facts_of(person, order, index, seed, kode_desa, visited, random)
        person.facts["idartbdt"] = f"{idbdt}{order + 1:02d}"
    _name(members, random, book["kata"])
    owner = members[0].facts["bekerja"] == "ya" and random.randrange(100) < 15
    facts["usaha"] = "ya" if owner else "tidak"
    if owner:
        members[0].facts["status"] = "1"
    people = [_fill(book["anggota"], {**facts, **one.facts}, random) for one in members]
    facts |= _facts_of_home(index, seed, kode_desa, bps, idbdt, visited, random)
    facts |= _facts_of_members(members, people)
    answers: dict[str, Any] = _fill(book["rumah_tangga"], facts, random)
    for name, value in book["rumah_tangga_cadangan"].items():
        answers.setdefault(name, value)
    answers[promoted.FAMILIES] = [
        {promoted.FAMILY_NUMBER: str(one.family), promoted.FAMILY_NO_KK: one.facts["no_kk"]}
        for one in members
        if one.role_in_family == _HEAD
    ]
    answers[promoted.MEMBERS] = people
    if owner:
        facts |= {
            "nama": members[0].facts["nama"],
            "jenis_usaha": random.choice(book["kata"]["usaha"]),
        }
        answers["usaha"] = [_fill(book["usaha"], facts, random)]
    return Household(idbdt, answers)


def write_prelist(path: Path, found: Sequence[Household]) -> None:
    """Write what a prelist of the ministry would say of these households, as UDRT and UDART.

    Raises FileError.
    """
    book = _book()["prelist"]
    homes, people = book["rumah_tangga"], book["anggota"]
    sums = set(book["jumlah_bit"])

    def cell(answers: Mapping[str, Any], column: str) -> str:
        value = str(answers.get(column.lower(), ""))
        # The ministry writes a choice of several as the sum of its codes.
        return str(sum(map(int, value.split()))) if value and column in sums else value

    workbook.write(
        path,
        [
            ("UDRT", homes, ([cell(one.answers, name) for name in homes] for one in found)),
            (
                "UDART",
                people,
                (
                    [cell({**member, promoted.IDBDT: one.idbdt}, name) for name in people]
                    for one in found
                    for member in promoted.members(one.answers)
                ),
            ),
        ],
    )


# --- who lives there ------------------------------------------------------------------------------


def _members(random: Random) -> list[_Person]:
    """Draw a household: one head, one to eight members, one or two families."""
    kind = random.choices(("couple", "widow", "alone", "three"), (72, 12, 6, 10))[0]
    if kind == "alone":
        sex = random.choice((_WOMAN, _MAN))
        return [_Person(sex, random.randint(55, 82), _HEAD, _WIDOWED, 1, _HEAD)]
    if kind == "three":
        return _three_generations(random)
    if kind == "widow":
        head = _Person(_WOMAN, random.randint(32, 68), _HEAD, _WIDOWED, 1, _HEAD)
        return [head, *_children(random, head.age, 3)]
    head = _Person(_MAN, random.randint(24, 66), _HEAD, _MARRIED, 1, _HEAD)
    wife_age = max(20, head.age - random.randint(0, 7))
    wife = _Person(_WOMAN, wife_age, _SPOUSE, _MARRIED, 1, _SPOUSE)
    found = [head, wife, *_children(random, wife.age, 4)]
    if len(found) < SLOTS and random.randrange(100) < 8:
        age = min(90, head.age + random.randint(20, 28))
        found.append(_Person(_WOMAN, age, _PARENT, _WIDOWED, 1, _PARENT))
    return found


def _three_generations(random: Random) -> list[_Person]:
    """Two families under one roof: grandparents, and a married child with its own family card."""
    head = _Person(_MAN, random.randint(50, 72), _HEAD, _MARRIED, 1, _HEAD)
    wife = _Person(_WOMAN, max(44, head.age - random.randint(0, 6)), _SPOUSE, _MARRIED, 1, _SPOUSE)
    son = _Person(_MAN, random.randint(23, wife.age - 20), _CHILD, _MARRIED, 2, _HEAD)
    daughter_in_law = _Person(_WOMAN, max(20, son.age - 3), _IN_LAW, _MARRIED, 2, _SPOUSE)
    found = [head, wife, son, daughter_in_law]
    for _ in range(random.choices((0, 1, 2, 3), (15, 45, 30, 10))[0]):
        age = random.randint(0, daughter_in_law.age - 20)
        sex = random.choice((_WOMAN, _MAN))
        found.append(_Person(sex, age, _GRANDCHILD, _SINGLE, 2, _CHILD))
    return found


def _children(random: Random, mother_age: int, most: int) -> list[_Person]:
    """Draw unmarried children, the eldest first; a mother was 20 to 42 at their birth."""
    oldest, youngest = min(mother_age - 20, 29), max(0, mother_age - 42)
    if oldest < youngest:
        return []
    count = random.choices(range(most + 1), (15, 30, 32, 15, 8)[: most + 1])[0]
    ages = sorted((random.randint(youngest, oldest) for _ in range(count)), reverse=True)
    return [_Person(random.choice((_WOMAN, _MAN)), age, _CHILD, _SINGLE, 1, _CHILD) for age in ages]


# --- what is known of them ------------------------------------------------------------------------


def _day_and_month(number: int, seed: int) -> tuple[int, int, int]:
    """Return day, month and serial of the person or card of this place in the village.

    The same serial comes back every 9,999 places, each time on another day or month: so numbers
    never meet, whatever the year.
    """
    turn, place = divmod(number, _SERIALS)
    day = (place * 7919 + seed * 31 + turn) % 28 + 1
    month = (place * 104_729 // 28 + seed * 17 + turn // 28) % 12 + 1
    return day, month, place + 1


def _facts_of(
    person: _Person,
    order: int,
    index: int,
    seed: int,
    kode_desa: str,
    visited: date,
    random: Random,
) -> dict[str, str]:
    day, month, serial = _day_and_month(index * SLOTS + order, seed)
    passed = (month, day) <= (visited.month, visited.day)
    born = date(visited.year - person.age - (not passed), month, day)
    day_of_nik = day + 40 if person.woman else day
    card_day, card_month, card = _day_and_month(index * 2 + person.family - 1, seed + 1)
    age = person.age
    works = _works(person, random)
    group = "balita" if age < 5 else "kecil" if age < 7 else "sekolah" if age < 17 else "dewasa"
    return {
        "nik": f"{kode_desa[:6]}{day_of_nik:02d}{month:02d}{born.year % 100:02d}{serial:04d}",
        "no_kk": f"{kode_desa[:6]}{card_day:02d}{card_month:02d}{12 + index % 12}{card:04d}",
        "lahir": born.isoformat(),
        "jk": person.sex,
        "hub_krt": person.role,
        "hubkel": person.role_in_family,
        "nuk": str(person.family),
        "kawin": person.marital,
        "kelompok": group,
        "lima": "ya" if age >= 5 else "tidak",
        "subur": "ya" if person.woman and person.marital != _SINGLE and age <= 49 else "tidak",
        "bekerja": "ya" if works else "tidak",
        "status": random.choices(("1", "2", "4", "6", "7"), (25, 10, 20, 25, 20))[0],
        "nomor10": f"{seed % 100:02d}{index:06d}{order:02d}",
        **_schooling(age, random),
    }


def _works(person: _Person, random: Random) -> bool:
    if person.age < 19 or person.age > 75:
        return False
    return random.randrange(100) < (45 if person.woman else 88)


def _schooling(age: int, random: Random) -> dict[str, str]:
    """Return participation, level, class and certificate that agree with an age."""
    if age < 7:
        words = ("0", "", "", "")
    elif age < 13:
        words = ("1", random.choice("13"), str(age - 6), "0")
    elif age < 16:
        words = ("1", random.choice("46"), str(age - 12), "1")
    elif age < 19:
        words = ("1", random.choice("79"), str(age - 15), "2")
    else:
        weights = (30, 30, 5, 2, 0) if age > 60 else (4, 35, 25, 30, 6)
        words = random.choices(_ENDED, weights)[0]
    return dict(zip(("partisipasi", "jenjang", "kelas", "ijazah"), words, strict=True))


def _name(members: list[_Person], random: Random, words: Mapping[str, list[str]]) -> None:
    """Name everybody; no two of a household alike, mothers named where they live here."""
    taken: set[str] = set()
    for person in members:
        first, last = _NAME_LISTS[person.sex]
        name = f"{random.choice(words[first])} {random.choice(words[last])}"
        while name in taken:
            name = f"{random.choice(words[first])} {random.choice(words[last])}"
        taken.add(name)
        person.facts["nama"] = name
        person.facts["tempat"] = random.choice(words["tempat"])
    for person in members:
        mother = next(
            (
                one.facts["nama"]
                for one in members
                if one.woman and one.family == person.family and one.marital != _SINGLE
                and person.role_in_family == _CHILD and one.role_in_family in (_HEAD, _SPOUSE)
            ),
            "",
        )  # fmt: skip
        drawn = f"{random.choice(words['perempuan'])} {random.choice(words['belakang_perempuan'])}"
        person.facts["nama_ibu"] = mother or drawn


def _facts_of_home(
    index: int, seed: int, kode_desa: str, bps: str, idbdt: str, visited: date, random: Random
) -> dict[str, str]:
    words = _book()["kata"]
    quarter = index // 25  # about 25 households an RT, four RT an RW
    code = bps
    parts = {}
    for name, width in promoted.BPS_PARTS:
        parts[name], code = code[:width], code[width:]
    letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    number = index + seed % 1000 * 40_000
    return {
        **parts,
        "idbdt": idbdt,
        "ruta6": "".join(letters[number // len(letters) ** at % len(letters)] for at in range(6)),
        "kode_bertitik": wilayah.dotted(kode_desa),
        "persentil": str(random.randint(1, 40)),
        "dusun": words["dusun"][quarter // 8 % len(words["dusun"])],
        "jalan": random.choice(words["jalan"]),
        "rt": f"{quarter % 4 + 1:03d}",
        "rw": f"{quarter // 4 + 1:03d}",
        "nomor": f"{index + 1:06d}",
        "nomor10": f"{seed % 100:02d}{index:08d}",
        "nomor_rumah": str(random.randint(1, 180)),
        "urut": str(index + 1),
        "tanggal": visited.isoformat(),
        "petugas": random.choice(words["petugas"]),
        "lintang": f"-8.{random.randint(100_001, 399_998) | 1}",
        "bujur": f"113.{random.randint(500_001, 899_998) | 1}",
    }


def _facts_of_members(members: list[_Person], people: list[dict[str, Any]]) -> dict[str, str]:
    head = members[0].facts
    spouse = next((one.facts["nama"] for one in members if one.role == _SPOUSE), "")
    working = [one.facts["status"] for one in members if one.facts["bekerja"] == "ya"]
    disabled = any(one.get("jenis_cacat", "0") != "0" for one in people)
    return {
        "nama_krt": head["nama"],
        "nik_krt": head["nik"],
        "jk_krt": head["jk"],
        "nama_pasangan": spouse,
        "punya_pasangan": "ya" if spouse else "tidak",
        "ada_bekerja": "ya" if working else "tidak",
        "status_kerja": working[0] if working else "",
        "ada_cacat": "ya" if disabled else "tidak",
        "jumlah_art": str(len(members)),
        "jumlah_keluarga": str(max(one.family for one in members)),
        "luas": str(18 + 6 * len(members)),
    }


# --- facts become answers -------------------------------------------------------------------------


def _fill(rules: Mapping[str, Any], facts: Mapping[str, str], random: Random) -> dict[str, Any]:
    """Work out the answers of one record by the rules of latihan.toml, in their order."""
    answers: dict[str, Any] = {}
    for name, rule in rules.items():
        needed = rule.get("bila")
        if needed and any(
            answers.get(other, facts.get(other)) not in values for other, values in needed.items()
        ):
            continue
        if "pilih" in rule:
            weights = rule["pilih"]
            value = random.choices(list(weights), list(weights.values()))[0]
        elif "dari" in rule:
            source = rule["dari"]
            value = rule["peta"][answers.get(source, facts.get(source))]
        else:
            value = rule["isi"].format_map(facts)
        if value:
            answers[name] = value
    return answers
