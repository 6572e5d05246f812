"""Village files of the tests, with a household maker that has valid defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.db import engine, households
from siks_offline.model import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY = bytes(range(32))


@pytest.fixture
def village_path(tmp_path: Path) -> Path:
    return tmp_path / "app.db"


@pytest.fixture
def village(village_path: Path) -> Iterator[engine.Store]:
    """A new, empty village file."""
    with engine.create_village(village_path, KEY) as store:
        yield store


@pytest.fixture
def listed() -> Callable[..., households.Listed]:
    """Make a household of two as a prelist lists it; keywords change its facts."""

    def make(number: int, **facts: Any) -> households.Listed:
        nama = facts.pop("nama_krt", f"KEPALA-{number}")
        persons = tuple(
            Person(
                id=f"orang-{number}-{place}",
                nik=f"35091200000{number:04}{place}",
                no_kk=f"350912111111{number:04}",
                nama=nama if place == 1 else f"ANGGOTA-{number}",
                tanggal_lahir="1980-01-01",
                jenis_kelamin="1",
            )
            for place in (1, 2)
        )
        known = {
            "no_kk": persons[0].no_kk,
            "nik_krt": persons[0].nik,
            "alamat": f"JALAN {number}",
            "rt": "001",
            "rw": "002",
            "anggota": 2,
        }
        return households.Listed(
            id=f"rumah-{number}",
            idbdt=f"IDBDT{number}",
            facts=households.Facts(nama_krt=nama, **{**known, **facts}),
            answers={"alamat": f"JALAN {number}", "anggota": [{"nama": nama}]},
            persons=persons,
        )

    return make
