"""Who in the village may be the same person: found while a name or number is being typed.

Names are compared in a normal form that knows the spellings of old papers; birth dates may differ
in one of day, month and year, or have day and month changed about. The index lives in memory, is
built once from the list of persons and follows it household by household.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from siks_offline import texts
from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from siks_offline.db.likeness import Home
    from siks_offline.desa.village import Village
    from siks_offline.model import Person

_TITLES: Final = frozenset(
    """
    h hj haji hajjah k kh ki nyi ny nyonya tn tuan bpk bapak ibu sdr sdri alm almh dr drs dra
    ir prof st sh se spd sag si mm mpd
    """.split()  # noqa: SIM905 - a list of words reads better so
)
_OF: Final = frozenset(["bin", "binti", "bt", "bti", "b", "al"])
"""Between a name and the father's; people leave it out as they like."""
_MUHAMMAD: Final = frozenset(
    """
    moh muh mohd muhd md mohamad mohammad muhamad muhammad mochamad mochammad moch mokhamad
    mokhammad much muchamad muchammad mochamat mohamed muhamat
    """.split()  # noqa: SIM905 - a list of words reads better so
)
_ABDUL: Final = frozenset(["abd", "abdul", "abdoel"])
_SPELLINGS: Final = (
    ("oe", "u"), ("tj", "c"), ("dj", "j"), ("nj", "ny"), ("sj", "sy"), ("ch", "kh"),
)  # fmt: skip
"""Spelling before 1972 -> after it."""
_SOUNDS: Final = (
    ("kh", "h"), ("sy", "s"), ("sh", "s"), ("dh", "d"), ("th", "t"), ("ph", "f"), ("v", "f"),
    ("z", "j"), ("q", "k"), ("ie", "i"), ("y", "i"),
)  # fmt: skip
"""What is written either way for one sound."""
_DOUBLED: Final = re.compile(r"(.)\1+")
_NO_LETTERS: Final = re.compile(r"[^a-z ]+")

SAME_DAY: Final = 80.0
NEAR_DAY: Final = 92.0
"""Least likeness of names, of 100: with the very same birth date, with one that is near."""
NEVER: Final = 101.0
MOST: Final = 5
LEAST_LETTERS: Final = 3
PART: Final = 500
"""Households read in one go; SQLite takes as many names in one question."""


def normal(name: str) -> str:
    """Return a name as it is compared: old spelling made new, titles and `bin` left out.

    `H. Moechamad Djoenaedi bin Soekarno` and `MUHAMMAD JUNAIDI SUKARNO` have nearly one form.
    """
    plain = unicodedata.normalize("NFKD", name.casefold().replace("'", "").replace("`", ""))
    plain = plain if plain.isascii() else "".join(c for c in plain if not unicodedata.combining(c))
    words = []
    spoken = _NO_LETTERS.sub(" ", plain).split()
    own = [word for word in spoken if word not in _TITLES and word not in _OF] or spoken
    for at, word in enumerate(own):
        if word == "m" and not at and len(own) > 1:
            words.append("muhamad")
            continue
        for old, new in _SPELLINGS:
            word = word.replace(old, new)  # noqa: PLW2901 - one word on its way to its form
        if word.replace("kh", "ch") in _MUHAMMAD or word in _MUHAMMAD:
            words.append("muhamad")
            continue
        if word in _ABDUL:
            words.append("abdul")
            continue
        for either, one in _SOUNDS:
            word = word.replace(either, one)  # noqa: PLW2901
        words.append(_DOUBLED.sub(r"\1", word))
    return " ".join(words)


class Seat(NamedTuple):
    """Where a person of the village stands: household, place in it, and what they are called."""

    household_id: str
    position: int
    nama: str
    tanggal_lahir: str
    home: str
    """What neighbours call the household: its head, RT and RW."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known so far of the person being typed; what is not known is empty."""

    nik: str = ""
    no_kk: str = ""
    nama: str = ""
    tanggal_lahir: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """A person who may be the one being typed. `why` is nik, no_kk or nama."""

    why: str
    seat: Seat
    score: float = 100.0


class Likeness:
    """The index: numbers by equality, names among those with nearly the same birth date.

    Belongs to one thread at a time. For 100,000 persons it holds some 60 MB.
    """

    def __init__(self) -> None:
        self._seats: list[Seat | None] = []
        self._forms: list[str] = []
        self._of_household: dict[str, tuple[int, ...]] = {}
        self._by_nik: dict[str, list[int]] = {}
        self._by_no_kk: dict[str, list[int]] = {}
        self._by_day: dict[int, array[int]] = {}

    def __len__(self) -> int:
        return sum(len(numbers) for numbers in self._of_household.values())

    def put(self, household_id: str, persons: Iterable[Person], home: str = "") -> None:
        """Let these be the members of a household from now on."""
        for number in self._of_household.pop(household_id, ()):
            self._seats[number] = None
        numbers = []
        for position, person in enumerate(persons, 1):
            number = len(self._seats)
            numbers.append(number)
            seat = Seat(household_id, position, person.nama, person.tanggal_lahir, home)
            self._seats.append(seat)
            self._forms.append(normal(person.nama))
            if person.nik:
                self._by_nik.setdefault(person.nik, []).append(number)
            if person.no_kk:
                self._by_no_kk.setdefault(person.no_kk, []).append(number)
            for part in _parts(person.tanggal_lahir):
                self._by_day.setdefault(part, array("I")).append(number)
        if numbers:
            self._of_household[household_id] = tuple(numbers)

    def find(self, asked: Asked, but: str) -> list[Alike]:
        """Return who of other households than `but` this may be, the surest first, at most five.

        One line a person: the same NIK says more than the same card, that more than a name.
        """
        found: dict[Seat, Alike] = {}
        for why, numbers in (
            ("nik", self._by_nik.get(asked.nik, ()) if asked.nik else ()),
            ("no_kk", self._by_no_kk.get(asked.no_kk, ()) if asked.no_kk else ()),
        ):
            homes: set[str] = set()
            for number in numbers:
                seat = self._seats[number]
                if seat is None or seat.household_id == but or seat.household_id in homes:
                    continue
                homes.add(seat.household_id)
                found.setdefault(seat, Alike(why, seat))
        for alike in self._named(asked, but):
            found.setdefault(alike.seat, alike)
        return list(found.values())[:MOST]

    def _named(self, asked: Asked, but: str) -> list[Alike]:
        from rapidfuzz import fuzz, process

        form = normal(asked.nama)
        if len(form) < LEAST_LETTERS or not asked.tanggal_lahir:
            return []
        near = {
            number: self._forms[number]
            for number in self._near(asked.tanggal_lahir)
            if (seat := self._seats[number]) is not None and seat.household_id != but
        }
        best = process.extract(
            form, near, scorer=fuzz.token_sort_ratio, score_cutoff=SAME_DAY, limit=4 * MOST
        )
        found = []
        for _, score, number in best:
            seat = self._seats[number]
            assert seat is not None
            if score >= _least(asked.tanggal_lahir, seat.tanggal_lahir):
                found.append(Alike("nama", seat, score))
        return found

    def _near(self, birth: str) -> Iterator[int]:
        """Yield persons born on the day, on one that differs in one part, or turned about."""
        year, month, day = birth[:4], birth[5:7], birth[8:]
        for part in dict.fromkeys((*_parts(birth), *_parts(f"{year}-{day}-{month}")[:1])):
            yield from self._by_day.get(part, ())


def _least(one: str, other: str) -> float:
    """Return how alike the names of two people must be, by how near their birth dates are."""
    if one == other:
        return SAME_DAY
    turned = f"{one[:4]}-{one[8:]}-{one[5:7]}"
    near = other == turned or not set(_parts(one)).isdisjoint(_parts(other))
    return NEAR_DAY if near else NEVER


def _parts(birth: str) -> tuple[int, ...]:
    """Return three marks of an ISO date, each without one of year, month and day; () for none.

    Whoever shares one of them was born on the same day but for that part.
    """
    if len(birth) != 10 or not (birth[:4] + birth[5:7] + birth[8:]).isdigit():
        return ()
    year, month, day = int(birth[:4]), int(birth[5:7]), int(birth[8:])
    whole = year * 10_000 + month * 100
    return (whole, year * 10_000 + day + 1_000_000_000, month * 100 + day + 2_000_000_000)


def of_homes(homes: Iterable[Home]) -> Likeness:
    """Return the index of these households."""
    index = Likeness()
    learn(index, homes)
    return index


def learn(index: Likeness, homes: Iterable[Home]) -> None:
    """Let the index know these households as they are now."""
    for home in homes:
        words = texts.text(
            "rumah_tangga.sebutan", nama=home.nama_krt or "-", rt=home.rt or "-", rw=home.rw or "-"
        )
        index.put(home.household_id, home.persons, words)


@action
def next_homes(village: Village, after: str) -> list[Home]:
    """Return the next households behind an id, few enough that a draft waits for no more of them.

    Fewer than PART are the last.
    """
    from siks_offline.db import likeness

    with village.store.read() as session:
        return likeness.some(session, after, PART)


@action
def homes(village: Village, household_ids: Sequence[str] | None = None) -> list[Home]:
    """Return the members of these households, or of all, for the index to be made of."""
    from siks_offline.db import likeness

    with village.store.read() as session:
        return likeness.homes(session, household_ids)
