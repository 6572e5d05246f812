"""Cek status: found by name however it is spelled, told in words, numbers only for a reason."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siks_offline.db import audit
from siks_offline.db.entitlements import Place
from siks_offline.desa import entitlements
from siks_offline.errors import SecretError, StoreError, UsageError, WorkbookError
from siks_offline.export import outside_lists
from tests.desa import matched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village

NOW = matched.NOW
NIK = "3509124101800001"
CARD = "3509120101100001"


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    with matched.make(tmp_path / "desa", 2) as made:
        yield made


def wide(tmp_path: Path, *extra: str) -> Path:
    """A list with a column for each programme."""
    path = tmp_path / "penetapan.csv"
    lines = [
        "NIK;NO KK;NAMA;KELURAHAN;KECAMATAN;RT;RW;DESIL;PKH;BPNT;PBI",
        f"'{NIK};'{CARD};Moechamad Djoenaedi;SUMBEREJO;AMBULU;2;1;1;YA;TIDAK;0001234567",
        "'3509120202700002;;SITI AMINAH;SUMBEREJO;AMBULU;3;1;6;TIDAK;0;",
        "'3509120303700003;;SITI ROHMAH;ANDONGSARI;AMBULU;3;1;2;TIDAK;YA;",
        *extra,
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def load(village: Village, path: Path, period: str = "") -> int:
    return entitlements.load(village, entitlements.preview(village, path, period), NOW)[0]


def test_a_list_is_shown_then_kept_once(village: Village, tmp_path: Path) -> None:
    """The same list again adds nothing, whatever its file is called; another period is another."""
    path = wide(tmp_path)
    found = entitlements.preview(village, path)
    assert (found.kind, found.period, len(found.entries)) == ("penetapan", "2026-Q4", 3)
    assert load(village, path) == 3
    again = path.rename(tmp_path / "lain.csv")
    assert entitlements.preview(village, again).known
    assert load(village, again) == 0
    assert load(village, again, "2026-10") == 3
    assert [one.period for one in entitlements.lists(village)] == ["2026-Q4", "2026-10"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("junaedi", {"MOECHAMAD DJOENAEDI"}),
        ("muh jun", {"MOECHAMAD DJOENAEDI"}),
        ("siti", {"SITI AMINAH", "SITI ROHMAH"}),
        ("amin siti", {"SITI AMINAH"}),
        ("3509 1241 0180 0001", {"MOECHAMAD DJOENAEDI"}),
        ("350912", {"MOECHAMAD DJOENAEDI", "SITI AMINAH", "SITI ROHMAH"}),
        (CARD, {"MOECHAMAD DJOENAEDI"}),
        ("3509", set()),
        ("", set()),
        ("@", set()),
        ("aminah budi", set()),
    ],
)
def test_people_are_found_as_they_are_asked_for(
    village: Village, tmp_path: Path, typed: str, expected: set[str]
) -> None:
    """By any beginning of any word, by old spelling, by NIK or card; nothing typed finds nobody."""
    load(village, wide(tmp_path))
    hits = entitlements.find(village, typed)
    assert {hit.nama for hit in hits} == expected
    assert not any(NIK in repr(hit) or CARD in repr(hit) for hit in hits)


def test_a_search_keeps_to_a_region(village: Village, tmp_path: Path) -> None:
    """Desa, dusun and RT narrow a search; the regions offered are those of the lists."""
    load(village, wide(tmp_path))
    offered = entitlements.places(village)
    desa = Place("AMBULU", "ANDONGSARI")
    assert desa in offered
    assert [hit.nama for hit in entitlements.find(village, "siti", desa)] == ["SITI ROHMAH"]
    for place in offered:
        assert entitlements.find(village, "350912", place)


def test_a_citizen_is_told_in_words(village: Village, tmp_path: Path) -> None:
    """Desil with its meaning, each programme by its name and period, and whose list it is."""
    load(village, wide(tmp_path))
    [hit] = entitlements.find(village, NIK)
    told = " ".join(entitlements.answer(village, hit.number).sentences)
    assert "desil 1, daftar periode 2026-Q4" in told
    assert "Program Keluarga Harapan (PKH)" in told
    assert "BPJS Kesehatan" in told
    assert "Sembako" not in told
    [other] = entitlements.find(village, "aminah")
    told = " ".join(entitlements.answer(village, other.number).sentences)
    assert "desil 6" in told
    assert "Tidak tercatat sebagai penerima bantuan" in told
    assert "2026-Q4" in entitlements.absent(["2026-Q3", "2026-Q4"])[0]
    assert entitlements.absent([]) != entitlements.absent(["2026-Q4"])


def test_a_family_list_speaks_of_its_members(village: Village, tmp_path: Path) -> None:
    """A list that knows only the family card counts for a person of this village on that card."""
    one = matched.member(0)
    path = tmp_path / "desil.csv"
    path.write_text(f"NO KK;DESIL\n'{one['nokk']};3\n")
    people = tmp_path / "pkh.csv"
    people.write_text(f"NIK;NAMA;PROGRAM\n'{one['nik']};{one['nama']};PKH\n")
    load(village, path)
    load(village, people)
    [hit] = entitlements.find(village, one["nik"])
    found = entitlements.answer(village, hit.number)
    assert found.household_id == matched.household_id(0)
    assert "desil 3" in " ".join(found.sentences)


def test_numbers_are_opened_for_a_reason_that_is_kept(village: Village, tmp_path: Path) -> None:
    """Masked until somebody who may says why; an operator may not."""
    load(village, wide(tmp_path))
    [hit] = entitlements.find(village, NIK)
    assert entitlements.answer(village, hit.number).nik == "************0001"
    with pytest.raises(UsageError):
        entitlements.reveal(village, hit.number, " ", NOW)
    assert entitlements.reveal(village, hit.number, "warga meminta", NOW).nik == NIK
    with village.store.read() as session:
        line = audit.lines(session, newest=1)[0]
    assert (line.action, "warga meminta" in line.detail) == ("cek.buka_nomor", True)
    village.role = "operator"
    with pytest.raises(SecretError):
        entitlements.reveal(village, hit.number, "warga meminta", NOW)


def test_a_list_can_be_taken_away_whole(village: Village, tmp_path: Path) -> None:
    """Forgetting a list leaves nobody of it to be found."""
    load(village, wide(tmp_path))
    [one] = entitlements.lists(village)
    entitlements.forget(village, one.number, NOW)
    assert entitlements.find(village, "siti") == []
    with pytest.raises(StoreError):
        entitlements.forget(village, one.number, NOW)
    assert load(village, wide(tmp_path)) == 3


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not here")
def test_the_slip_says_what_the_screen_says(village: Village, tmp_path: Path) -> None:
    """The paper to take home carries the sentences, and no whole number."""
    load(village, wide(tmp_path, "'3509120404700004;;<b>NUR & CO</b>;X;Y;1;1;2;YA;;"))
    for typed in ("junaedi", "nur"):
        [hit] = entitlements.find(village, typed)
        told = entitlements.answer(village, hit.number)
        path = tmp_path / "slip.pdf"
        entitlements.slip(village, told, path, NOW)
        printed = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
        text = " ".join(printed.stdout.decode().split())
        assert told.nama in text
        for sentence in told.sentences:
            assert sentence in text
        assert NIK not in text


@given(
    st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8), st.text(max_size=4)), max_size=6)
)
def test_whatever_cells_hold_reading_ends_in_rows_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    """A list of any text is read; what is no NIK is left out, and nothing raises but a refusal."""
    import csv

    path = tmp_path_factory.mktemp("daftar") / "a.csv"
    with path.open("w", newline="", encoding="utf-8", errors="replace") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(("NIK", "NAMA", "DESIL"))
        writer.writerow((NIK, "A", "1"))
        writer.writerows(rows)
    try:
        found = outside_lists.read(path, outside_lists.DETERMINING)
    except WorkbookError as error:
        refused = error.code
    else:
        refused = ""
    if refused:
        assert refused == "E_CSV_BUKAN"
        return
    for row in found.rows:
        assert all(row.values.values())
        assert row.values.get("nik", "0").isdigit()
        assert row.values.get("desil", "1") in {str(n) for n in range(1, 11)}
