"""Lists of other offices are read whatever separator, letters or heading they come with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from siks_offline.errors import WorkbookError
from siks_offline.export import delimited, outside_lists

if TYPE_CHECKING:
    from pathlib import Path

NIK = "3509124101800001"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("letters", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separator_and_letters_are_found_out(tmp_path: Path, separator: str, letters: str) -> None:
    """Whatever an office's program writes, the same rows come out, quoted cells too."""
    rows = [["DAFTAR PENETAPAN", ""], ["NIK", "NAMA"], [f"'{NIK}", '"SITI, ""R\u00e9"" ; A"']]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(separator.join(row) for row in rows) + "\n", encoding=letters)
    found = [row.cells for row in delimited.rows(path)]
    assert found[-2:] == [["NIK", "NAMA"], [f"'{NIK}", 'SITI, "R\u00e9" ; A']]


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    """Our own CSV comes back, but for the apostrophe that disarms a formula."""
    lines = [["a;b", 'c"d'], ["=1", ""], ["  x ", "\u2019"]]
    delimited.write(tmp_path / "a.csv", ["SATU", "DUA"], lines)
    found = [row.cells for row in delimited.read(tmp_path / "a.csv")]
    assert found == [["SATU", "DUA"], ["a;b", 'c"d'], ["'=1", ""], ["x", "\u2019"]]


def test_a_list_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and columns have limits, said by name."""
    monkeypatch.setattr(delimited, "MAX_ROWS", 3)
    path = tmp_path / "a.csv"
    for text in ("NIK\n" * 4, ";" * 400 + "\n"):
        path.write_text(text)
        with pytest.raises(WorkbookError) as caught:
            list(delimited.read(path))
        assert caught.value.code == "E_XLSX_BESAR"


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("IDARTBDT;NIK;Nama;DUK_NIK;DUK_NAMA_LGKP", "dukcapil"),
        ("NIK;NAMA;STATUS PADAN", "dukcapil"),
        ("NIK;Nama Pemilik;Jenis Kendaraan;Nopol", "kendaraan"),
        ("NOP;NIK Wajib Pajak;NJOP", "pbb"),
        ("ID_Pengurus;Nama_Pengurus;NIK_Pengurus;BANK;NOKARTU;NOREKENING;NoKK", "pengurus"),
        ("NAMA_PENERIMA;NOMOR_KARTU;NIK_KTP;NOKK_DTKS;IDARTBDT;NMPROP;KET_TAMBAHAN", "pengurus"),
        ("NAMA PENERIMA;NIK KTP;TAHAP;BANSOS;IDSEMESTA;NO KEL;NM PROV;NM KEC;NM KEL", "penetapan"),
        ("No KK;NIK;Desil", "penetapan"),
        ("NIK;NAMA;PKH;BPNT;PBI JK", "penetapan"),
    ],
)
def test_the_lists_that_offices_use_are_known(tmp_path: Path, header: str, kind: str) -> None:
    """Headings of FIELD.md 6.2 and 6.4, as the ministry and its programs write them."""
    path = tmp_path / "a.csv"
    cells = [NIK if "NIK" in name else "7" for name in header.split(";")]
    path.write_text(f"{header}\n{';'.join(cells)}\n")
    kinds = (*outside_lists.MATCHING, *outside_lists.DETERMINING)
    found = outside_lists.read(path, kinds)
    assert found.kind == kind
    assert found.rows[0].values["nik"] == NIK


def test_programmes_have_one_code_however_they_are_written(tmp_path: Path) -> None:
    """Columns of yes and no, numbers of participants, and names of programmes."""
    path = tmp_path / "a.csv"
    path.write_text(
        "NIK;BANSOS;PKH;PBI\n"
        f"'{NIK};Bantuan Pangan Non Tunai;TIDAK;0001234567890\n"
        f"'{NIK};PKH, BST;1;0\n"
        f"'{NIK};Program Baru;;-\n"
    )
    found = outside_lists.read(path, outside_lists.DETERMINING).rows
    assert found[0].values["program"] == "SEMBAKO"
    assert {name for name in found[0].values if ":" in name} == {"program:PBI-JK"}
    assert found[1].values["program"] == "PKH BST"
    assert found[2].values["program"] == "PROGRAM-BARU"
    assert not any(":" in name for name in found[2].values)
