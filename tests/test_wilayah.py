"""Region codes and names, as files and people write them."""

from __future__ import annotations

import pytest

from siks_offline import wilayah
from siks_offline.errors import UsageError


@pytest.mark.parametrize("text", ["35.09.12.2003", "3509122003", "  3509122003\n", "35.09.122003"])
def test_a_village_code_is_read_with_or_without_dots(text: str) -> None:
    """A person may type the code as it stands on letters of the office or as digits."""
    assert wilayah.parse(text) == "3509122003"


@pytest.mark.parametrize(
    "text",
    ["", "350912", "35091220031", "35-09-12-2003", "35.09.12.20o3", "٣٥٠٩١٢٢٠٠٣", "3.50.91.22003"],
)
def test_what_is_no_village_code_is_refused_with_a_remedy(text: str) -> None:
    """A wrong code never becomes the name of a folder or the sender of a bundle."""
    with pytest.raises(UsageError) as refused:
        wilayah.parse(text)
    assert refused.value.code == "E_KODE_WILAYAH"
    assert refused.value.remedy


def test_a_kabupaten_is_named_by_four_digits() -> None:
    """The office is named by the code of its kabupaten."""
    assert wilayah.parse("35.09", "kabupaten") == "3509"
    assert wilayah.find("3509").nama == "Kabupaten Jember"


def test_a_village_carries_the_names_above_it() -> None:
    """Headings of prints and of the window name desa, kecamatan, kabupaten and provinsi."""
    place = wilayah.find("5206022006")
    assert (place.desa, place.kecamatan) == ("Timu", "Bolo")
    assert (place.kabupaten, place.provinsi) == ("Kabupaten Bima", "Nusa Tenggara Barat")
    assert wilayah.dotted(place.kode) == "52.06.02.2006"


def test_an_unknown_code_is_told_from_a_malformed_one() -> None:
    """A well-formed code that the list lacks is refused by look-up only."""
    assert wilayah.parse("9999999999") == "9999999999"
    assert not wilayah.exists("9999999999")
    with pytest.raises(UsageError) as refused:
        wilayah.find("9999999999")
    assert refused.value.code == "E_WILAYAH_UNKNOWN"


def test_the_list_is_the_whole_country() -> None:
    """All 38 provinces and their kabupaten and kota are there."""
    provinces = wilayah.children()
    assert len(provinces) == 38
    assert sum(len(wilayah.children(one.kode)) for one in provinces) == 514


def test_a_village_is_found_by_its_name_and_its_kecamatan() -> None:
    """Names repeat over the country; a second word narrows the search."""
    first = wilayah.search("Timu")
    assert {one.kode for one in first} >= {"5206022006", "7102082007", "7407072005"}
    assert [one.kode for one in wilayah.search("timu bolo")] == ["5206022006"]
    assert wilayah.search("timu", within="52")[0].kode == "5206022006"
    assert wilayah.search("   ") == []


@pytest.mark.parametrize(
    ("written", "official", "same"),
    [
        ("TIMU", "Timu", True),
        ("DESA  TIMU", "Timu", True),
        ("KEC. BOLO", "Bolo", True),
        ("Timur Jang Jang", "Timur Jang-Jang", True),
        ("KARANGANYAR", "Karang Anyar", True),
        ("KEL. KOTA BARU", "Kota Baru", True),
        ("KOTABARU", "Kota Baru", True),
        ("TIMUR", "Timu", False),
        ("", "", False),
        ("-", "?", False),
    ],
)
def test_names_agree_over_case_kind_and_spacing_only(
    written: str, official: str, same: bool
) -> None:
    """A file is bound to a village by equal names; similar names do not do."""
    assert wilayah.same_name(written, official) is same


def test_a_file_names_its_village_by_desa_and_kecamatan_together() -> None:
    """The name of a desa alone is not enough: there are three of the name Timu."""
    assert wilayah.is_village("5206022006", "TIMU", "BOLO")
    assert not wilayah.is_village("5206022006", "TIMU", "REMBOKEN")
    assert not wilayah.is_village("7102082007", "TIMU", "BOLO")
