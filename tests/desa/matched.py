"""A small village whose people other offices speak of, for the tests of matching and reports."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import openpyxl

from siks_offline.db import engine, households
from siks_offline.desa import prelist
from siks_offline.desa.village import FolderLock, Village
from siks_offline.desa.village_folder import VillageFolder
from siks_offline.export import identity
from siks_offline.instrument import promoted
from siks_offline.latihan import people

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DESA = "3509122003"
BPS = "3509120003"
PERIOD = "2026-Q4"
TODAY = date(2026, 10, 1)


def make(folder: Path, count: int = 6, *, role: str = "admin") -> Village:
    """A village with these many invented households in its list, none visited."""
    folder.mkdir()
    about = VillageFolder(folder, DESA, "Sumberejo", True, ("operator",))
    store = engine.create_village(folder / "app.db", os.urandom(32))
    keys: Any = None  # nothing here opens or changes an account
    facts = {"bps": BPS, "period": PERIOD}
    village = Village(about, "operator", role, store, keys, FolderLock(folder), facts)
    listed = []
    for number in range(count):
        one = people.household(number, 1, DESA, TODAY, BPS)
        ids = [
            identity.person_id(DESA, member[promoted.PERSON_ID])
            for member in promoted.members(one.answers)
        ]
        id_ = identity.household_id(DESA, one.idbdt)
        listed.append(prelist.listed(id_, one.idbdt, one.answers, ids))
    with village.store.write() as session:
        households.upsert_many(session, listed)
    return village


def answers(number: int) -> dict[str, Any]:
    """What is known of a household of `make`."""
    return people.household(number, 1, DESA, TODAY, BPS).answers


def household_id(number: int) -> str:
    """Its id."""
    return identity.household_id(DESA, people.household(number, 1, DESA, TODAY, BPS).idbdt)


def member(number: int, place: int = 1) -> dict[str, str]:
    """A member of it."""
    return dict(answers(number)[promoted.MEMBERS][place - 1])


def sheet(path: Path, header: Sequence[str], *rows: Sequence[object]) -> Path:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    book.active.append(list(header))
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path
