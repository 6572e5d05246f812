"""Cutting an export: no file too large, nothing twice, nothing left out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siks_offline.db.attachments import Stored
from siks_offline.desa import parts
from siks_offline.errors import FileError

TARGET = 400_000


def photo(number: int, size: int) -> Stored:
    return Stored(f"{number:064x}", "jpg", "F-RUMAH", "x", size, received=False)


def noise(number: int, size: int) -> str:
    """A line that hardly shrinks."""
    import hashlib

    out = ""
    while len(out) < size:
        out += hashlib.sha256(f"{number}/{len(out)}".encode()).hexdigest()
    return out[:size]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(10, 60_000), max_size=30),
    st.lists(st.integers(1, 290_000), max_size=20),
    st.integers(0, 2_000),
)
def test_every_part_fits_and_all_is_there(lines: list[int], photos: list[int], heads: int) -> None:
    """Visits come in order and once, photos once, and no part is planned above the target."""
    texts = [noise(number, size) for number, size in enumerate(lines)]
    pictures = [photo(number, size) for number, size in enumerate(photos)]
    found = parts.plan(
        texts,
        sum(len(one) + 1 for one in texts),
        pictures,
        lambda: (noise(number, 60).encode() for number in range(heads)),
        TARGET,
    )
    assert found
    if found[0].visits < 0:
        assert len(found) == 1
    else:
        assert sum(one.visits for one in found) == len(texts)
    assert [one for part in found for one in part.attachments] == pictures
    assert all(part.size <= TARGET for part in found)


def test_a_photo_no_part_takes() -> None:
    """What can never fit is told, with its size."""
    with pytest.raises(FileError) as refused:
        parts.plan([], 0, [photo(1, TARGET)], lambda: (), TARGET)
    assert refused.value.code == "E_PHOTO_PART"
    assert refused.value.facts["ukuran"] == TARGET
