"""What a camera writes beside a picture stays behind; where it was taken can be read before."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siks_offline.export import picture
from siks_offline.export.picture import Place


def exif(latitude: float, longitude: float, order: str = "<", turned: int = 1) -> bytes:
    """The TIFF block of a telephone: orientation, place, and the telephone's name."""

    def rationals(degrees: float) -> bytes:
        whole = round(abs(degrees) * 3_600_000_000)
        return struct.pack(f"{order}6I", whole // 3_600_000_000, 1,
                           whole // 60_000_000 % 60, 1, whole % 60_000_000, 1_000_000)  # fmt: skip

    def entry(tag: int, kind: int, count: int, value: bytes) -> bytes:
        return struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")

    def long(number: int) -> bytes:
        return struct.pack(f"{order}I", number)

    first, places = 8, 8 + 2 + 3 * 12 + 4
    behind = places + 2 + 4 * 12 + 4
    directory = [
        entry(0x0110, 2, 4, b"HP X"),
        entry(0x0112, 3, 1, struct.pack(f"{order}H", turned)),
        entry(0x8825, 4, 1, long(places)),
    ]
    where = [
        entry(1, 2, 2, b"S" if latitude < 0 else b"N"),
        entry(2, 5, 3, long(behind)),
        entry(3, 2, 2, b"W" if longitude < 0 else b"E"),
        entry(4, 5, 3, long(behind + 24)),
    ]
    head = (b"II*\0" if order == "<" else b"MM\0*") + long(first)
    body = b"".join(
        struct.pack(f"{order}H", len(one)) + b"".join(one) + long(0) for one in (directory, where)
    )
    return head + body + rationals(latitude) + rationals(longitude)


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(tiff: bytes) -> bytes:
    """A JPEG of two scans with everything that telephones hang on."""
    return b"".join(
        [
            *(b"\xff\xd8", segment(0xE0, b"JFIF\0" + bytes(9)), segment(0xE1, b"Exif\0\0" + tiff)),
            *(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0rahasia"), segment(0xE2, b"MPF\0rahasia")),
            *(segment(0xE2, b"ICC_PROFILE\0warna"), segment(0xFE, b"rahasia"), segment(0xDB, bytes(65))),
            *(segment(0xDA, bytes(10)), b"\x12\xff\x00\x34\xff\xd0\x56", segment(0xFE, b"rahasia")),
            *(segment(0xDA, bytes(10)), b"\x78", b"\xff\xd9", b"rahasia film di belakangnya"),
        ]
    )  # fmt: skip


@pytest.mark.parametrize("order", ["<", ">"])
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_the_place_is_read_to_a_tenth_of_a_metre(
    order: str, latitude: float, longitude: float
) -> None:
    """Degrees, minutes and seconds of either byte order become decimal degrees, WGS 84."""
    found = picture.place(jpeg(exif(latitude, longitude, order)))
    if found is None:  # nothing but zeros
        assert max(abs(latitude), abs(longitude)) < 1e-6
        return
    assert float(found.latitude) == pytest.approx(latitude, abs=1e-6)
    assert float(found.longitude) == pytest.approx(longitude, abs=1e-6)


def test_nothing_but_the_picture_stays() -> None:
    """Place, device, comments, further pictures and films go; the picture and its colours stay."""
    whole = jpeg(exif(-8.1689, 113.702))
    assert picture.place(whole) == Place("-8.1689", "113.702")
    kept = picture.bare(whole)
    assert picture.place(kept) is None
    assert b"rahasia" not in kept
    assert b"HP X" not in kept
    assert b"ICC_PROFILE\0warna" in kept
    assert b"\x12\xff\x00\x34\xff\xd0\x56" in kept
    assert kept.endswith(b"\x78\xff\xd9")
    assert picture.bare(kept) == kept


def test_a_telephone_that_does_not_know_where_it_is_says_nothing() -> None:
    """Zero and zero lie in the Atlantic."""
    assert picture.place(jpeg(exif(0, 0))) is None


@given(st.sampled_from([picture.JPEG, picture.PNG]), st.binary(max_size=200), st.integers(0, 250))
def test_damaged_pictures_are_told_calmly(head: bytes, rest: bytes, cut: int) -> None:
    """Whatever follows the first bytes, and wherever a file ends, nothing breaks."""
    for data in (head + rest, jpeg(exif(-8.1, 113.7))[:cut], jpeg(rest)):
        picture.place(data)
        kept = picture.bare(data)
        assert b"rahasia" not in kept
        assert picture.bare(kept) == kept
