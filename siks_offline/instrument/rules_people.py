"""Rules about the members of a household and about who is who; see `rules.TABLE`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from siks_offline.instrument import promoted
from siks_offline.instrument.case import Hit
from siks_offline.nik import Nik

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siks_offline.instrument.case import Case, Member

_CHILD, _PARENT = "3", "6"
_LEAST_YEARS = 10
"""Years between parent and child below which the answers are looked at again (CR17: 10 to 12)."""
_OWNS = ("1", "2", "3")
"""Positions at work of people with a business of their own."""
_WOMAN = "2"


def one_head_per_family(case: Case) -> Iterator[Hit]:
    """CR02: each NUK has exactly one head; said once every member of it is placed."""
    families: dict[str, list[Member]] = {}
    for one in case.living:
        families.setdefault(one[promoted.FAMILY_OF_MEMBER], []).append(one)
    families.pop("", None)
    for nuk, people in families.items():
        roles = [one[promoted.RELATION_IN_FAMILY] for one in people]
        heads = [one for one, role in zip(people, roles, strict=True) if role == promoted.HEAD]
        if len(heads) > 1:
            yield Hit(heads[1].path, {"nuk": nuk, "jumlah": len(heads)})
        elif not heads and all(roles):
            yield Hit(people[0].path, {"nuk": nuk, "jumlah": 0})


def family_listed_twice(case: Case) -> Iterator[Hit]:
    """CR04: the list of family cards has one row a NUK."""
    seen: dict[str, int] = {}
    for row in case.members(promoted.FAMILIES):
        nuk = row[promoted.FAMILY_NUMBER]
        if nuk and nuk in seen:
            yield Hit(row.path, {"nuk": nuk, "baris": seen[nuk]})
        seen.setdefault(nuk, row.number)


def other_card(case: Case) -> Iterator[Hit]:
    """CR04: a member's card is that of the member's NUK."""
    cards = {
        row[promoted.FAMILY_NUMBER]: row[promoted.FAMILY_NO_KK]
        for row in reversed(case.members(promoted.FAMILIES))
    }
    for one in case.living:
        card = cards.get(one[promoted.FAMILY_OF_MEMBER], "")
        if card and one[promoted.NO_KK] and one[promoted.NO_KK] != card:
            yield Hit(one.path, {"nuk": one[promoted.FAMILY_OF_MEMBER]})


def nik_twice(case: Case) -> Iterator[Hit]:
    """CR05: no NIK twice in a household, whoever still lives there."""
    seen: dict[str, int] = {}
    for one in case.people:
        nik = one[promoted.NIK]
        if nik and nik in seen:
            yield Hit(one.path, {"nomor": seen[nik]})
        seen.setdefault(nik, one.number)


def nik_elsewhere(case: Case) -> Iterator[Hit]:
    """CR05: a NIK that another household of the village has; who moved out may have one."""
    for one in case.living:
        other = case.elsewhere.get(one[promoted.NIK])
        if other:
            yield Hit(one.path, {"lain": other})


def nik_says_otherwise(case: Case) -> Iterator[Hit]:
    """A NIK that tells another birth date or sex: never a block (PP 40/2019 article 30)."""
    for one in case.people:
        digits, born = one[promoted.NIK], one[promoted.BIRTH_DATE]
        if not born or not Nik.fits(digits):
            continue
        number, sex = Nik.parse(digits), one[promoted.SEX]
        other_sex = sex and (number.sex == "P") != (sex == _WOMAN)
        if other_sex or not number.agrees(date.fromisoformat(born)):
            yield Hit(one.path)


def head_is_not_first(case: Case) -> Iterator[Hit]:
    """CR06: the head is the first of those who live here."""
    head = case.head
    if head is not None and case.living[0].number != head.number:
        yield Hit(head.path, {"nomor": case.living[0].number})


def other_name_of_head(case: Case) -> Iterator[Hit]:
    """CR06: the head's name in block I is that of the member who is head."""
    head = case.head
    if head is None or not case[promoted.NAMA_KRT] or not head[promoted.NAMA]:
        return
    if _letters(case[promoted.NAMA_KRT]) != _letters(head[promoted.NAMA]):
        yield Hit("", {"nama": head[promoted.NAMA]})


def other_sex_of_head(case: Case) -> Iterator[Hit]:
    """CR06: the head's sex in block I is that of the member who is head."""
    head = case.head
    given = case[promoted.SEX_OF_HEAD]
    if head is not None and given and head[promoted.SEX] and given != head[promoted.SEX]:
        yield Hit("", {"nama": head[promoted.NAMA]})


def too_close_in_age(case: Case) -> Iterator[Hit]:
    """CR17: a child is younger, a parent older than the head by ten years or more.

    The head of the household, and the head of the member's own family.
    """
    households = {"": case.head} if case.head is not None else {}
    heads = {
        one[promoted.FAMILY_OF_MEMBER]: one
        for one in reversed(case.living)
        if one[promoted.RELATION_IN_FAMILY] == promoted.HEAD
    }
    for one in case.living:
        for relation, head in (
            (case.relation, households.get("")),
            (promoted.RELATION_IN_FAMILY, heads.get(one[promoted.FAMILY_OF_MEMBER])),
        ):
            if head is None or one.age is None or head.age is None:
                continue
            older = {_CHILD: head.age - one.age, _PARENT: one.age - head.age}.get(one[relation])
            if older is not None and older < _LEAST_YEARS:
                yield Hit(one.path, {"umur": one.age, "umur_kepala": head.age})
                break


def owner_does_not_work(case: Case) -> Iterator[Hit]:
    """CR20: the owner of a business is a member who lives here and works."""
    for row, owner in _owners(case):
        lives = any(one.number == owner.number for one in case.living)
        works = owner["sta_bekerja"]
        if not lives or (works and not case.yes("sta_bekerja", works)):
            yield Hit(row.path, {"nomor": owner.number})


def owner_works_for_others(case: Case) -> Iterator[Hit]:
    """CR20: the owner's position at work is that of somebody with a business.

    Soft: the position is that of the main job, and the business may be the other one.
    """
    for row, owner in _owners(case):
        position = owner["status_pekerjaan"]
        if position and position not in _OWNS:
            yield Hit(row.path, {"nomor": owner.number})


def trustee_lives_elsewhere(case: Case) -> Iterator[Hit]:
    """CR23: the trustee of the aid is a member who lives here, by NIK."""
    nik = case["nik_pengurus"]
    if nik and nik not in {one[promoted.NIK] for one in case.living}:
        yield Hit()


def proposed_without_nik(case: Case) -> Iterator[Hit]:
    """A new proposal is matched by its NIKs, so each one is wanted."""
    if case[promoted.STATUS] == promoted.NEW_PROPOSAL:
        for one in case.living:
            if not one[promoted.NIK]:
                yield Hit(one.path)


def _owners(case: Case) -> Iterator[tuple[Member, Member]]:
    """Yield the businesses with their owners; a number nobody has is the workbook's to refuse."""
    people = {str(one.number): one for one in case.people}
    for row in case.members("usaha"):
        owner = people.get(row["usaha_no_urut_art"])
        if owner is not None:
            yield row, owner


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
