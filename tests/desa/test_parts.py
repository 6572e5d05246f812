"""Cutting an export: no file too large, nothing twice, nothing left out, no room wasted."""

from __future__ import annotations

import hashlib
import itertools
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siks_offline.db.attachments import Stored
from siks_offline.desa import parts
from siks_offline.errors import FileError
from siks_offline.export import archive
from siks_offline.export.cutting import Cutter
from siks_offline.export.packing import RecordFile, pack_records
from siks_offline.export.staging import Staging

if TYPE_CHECKING:
    from collections.abc import Iterable

TARGET = 400_000


def photo(number: int, size: int) -> Stored:
    return Stored(f"{number:064x}", "jpg", "F-RUMAH", "x", size, received=False)


def noise(number: int, size: int) -> bytes:
    """A line that shrinks to a half and no further."""
    out = ""
    while len(out) < size:
        out += hashlib.sha256(f"{number}/{len(out)}".encode()).hexdigest()
    return b'"' + out[:size].encode() + b'"'


def household(number: int) -> bytes:
    """A line that shrinks as those of households do."""
    unlike = hashlib.sha256(str(number).encode()).hexdigest()
    answers = {f"pertanyaan_{at}": unlike[at % 60 : at % 60 + 4] for at in range(60)}
    return json.dumps({"answers": answers, "sha256": unlike}).encode()


def planned(
    spool: Staging,
    lines: Iterable[bytes],
    photos: list[Stored],
    heads: Iterable[bytes],
    target: int,
) -> tuple[parts.Part, ...]:
    inventory = pack_records(RecordFile("inventory", heads), spool, lambda _: None)
    return parts.plan(Cutter("visits", lines, spool), [inventory], photos, target)


def unpacked(found: Iterable[parts.Part]) -> list[bytes]:
    lines: list[bytes] = []
    for one in itertools.chain.from_iterable(part.records for part in found):
        if one.header.name == "records/visits.ndjson":
            lines += b"".join(archive.inflate(one.blocks(), one.header.size)).splitlines()
    return lines


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(10, 60_000), max_size=30),
    st.lists(st.integers(1, 290_000), max_size=20),
    st.integers(0, 2_000),
)
def test_every_part_fits_and_all_is_there(lines: list[int], photos: list[int], heads: int) -> None:
    """Visits come in order and once, photos once, and no part is planned above the target."""
    texts = [noise(number, size) for number, size in enumerate(lines)]
    pictures = [photo(number, size) for number, size in enumerate(photos)]
    with Staging() as spool:
        inventory = (noise(number, 60) for number in range(heads))
        found = planned(spool, texts, pictures, inventory, TARGET)
        assert unpacked(found) == texts
    assert sum(one.visits for one in found) == len(texts)
    assert [one for part in found for one in part.attachments] == pictures
    assert all(part.size <= TARGET for part in found)
    assert [one.header.name for one in found[-1].records][-1] == "records/inventory.ndjson"


@pytest.mark.parametrize(("target", "count"), [(3_000_000, 9_000), (18_000_000, 9_000)])
def test_parts_come_close_to_the_target(target: int, count: int) -> None:
    """All files but the last use 85 hundredths of what the medium takes, and never more than it."""
    photos = [photo(number, 180_000) for number in range(400)]
    with Staging() as spool:
        found = planned(spool, map(household, range(count)), photos, [], target)
    assert len(found) > 3
    assert sum(one.visits for one in found) == count
    assert all(0.85 * target <= one.size <= target for one in found[:-1])


def test_a_photo_no_part_takes() -> None:
    """What can never fit is told, with its size, before a line is packed."""
    with Staging() as spool, pytest.raises(FileError) as refused:
        planned(spool, iter([b"1"]), [photo(1, TARGET)], [], TARGET)
    assert refused.value.code == "E_PHOTO_PART"
    assert refused.value.facts["ukuran"] == TARGET
