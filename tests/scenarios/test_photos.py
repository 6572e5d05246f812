"""A photo is kept with its household, travels with it and comes to no one else."""

from __future__ import annotations

import struct
import zlib
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from siks_offline.desa import photos, visit
from siks_offline.errors import SiksError
from siks_offline.export import picture
from siks_offline.instrument import checks
from siks_offline.latihan import people, world
from tests.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from pathlib import Path

KODE = "3509122003"


def png(comment: bytes) -> bytes:
    """A picture of one white dot, with a text beside it as cameras write them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"tEXt", b"Comment\0" + comment),
            chunk(b"IDAT", zlib.compress(b"\0\xff")),
            chunk(b"IEND", b""),
        ]
    )


def jpeg(place: bytes) -> bytes:
    """The segments of a JPEG: JFIF, EXIF with a place, a table, the scan."""

    def segment(marker: int, data: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data

    return b"".join(
        [
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0" + bytes(9)),
            segment(0xE1, b"Exif\0\0" + place),
            segment(0xDB, bytes(65)),
            segment(0xDA, bytes(10)),
            b"\x12\x34\xff\xd9",
        ]
    )


def test_a_photo_travels_with_its_visit(tmp_path: Path) -> None:
    """Attached, completed, exported, received: the Dinsos holds the bytes, without the place."""
    road = Scenario(tmp_path / "jalan", KODE)
    road.pair()
    family = people.household(0, 3, KODE, world.TODAY, world.practice_bps(KODE))
    book = tmp_path / "prelist.xlsx"
    people.write_prelist(book, [family])
    road.load(book, bind=True)
    (household_id,) = road.lines()
    file = tmp_path / "rumah.jpg"
    file.write_bytes(jpeg(b"-8.1689,113.7020"))
    with road.village() as village:
        name = photos.attach(village, household_id, "foto_rumah", file, road.now)
        kept = photos.content(village, name)
        assert kept is not None
        assert b"113.7020" not in kept
        assert kept.endswith(b"\x12\x34\xff\xd9")
        opened = visit.open_visit(village, household_id, road.now)
        state = type(opened.state)(village.instrument, family.answers, now=road.now)
        state.set("foto_rumah", name)
        for issue in checks.issues(state):
            state.confirm(issue.path, issue.rule, "sudah diperiksa")
        assert visit.complete(village, household_id, state, road.now).done
    (bundle,) = road.pack()
    arrival, receipt = road.receive(bundle)
    assert (arrival.hasil, arrival.accepted, arrival.warnings) == ("diterima", 1, ())
    road.accept(receipt)
    assert road.lines()[household_id].kirim == "diterima"
    (again,) = road.pack(everything=True)
    assert again.stat().st_size > 0


def test_what_cameras_write_beside_a_png_is_dropped(tmp_path: Path) -> None:
    """A screenshot's comment does not leave the village."""
    assert b"rahasia" not in picture.bare(png(b"rahasia"))
    assert picture.bare(png(b"rahasia")).endswith(png(b"")[-12:])


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"%PDF-1.7", b"<svg/>"])
def test_what_is_no_photo_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file of another kind is told by name, and nothing is kept."""
    road = Scenario(tmp_path / "jalan", KODE)
    file = tmp_path / "berkas.jpg"
    file.write_bytes(content)

    question = SimpleNamespace(type="image", kind="F-RUMAH")
    closed = SimpleNamespace(
        role="admin", instrument=SimpleNamespace(questions={"foto_rumah": question})
    )
    with pytest.raises(SiksError) as told:
        photos.attach(closed, "x", "foto_rumah", file, road.now)  # type: ignore[arg-type]
    assert told.value.code == "E_PHOTO_KIND"
    assert "berkas.jpg" in told.value.message
