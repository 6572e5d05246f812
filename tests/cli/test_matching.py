"""`siks desa padan|cek|laporan`: the same work without a window, one JSON object each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from siks_offline.cli import main
from siks_offline.latihan import world
from tests.desa import matched

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "latihan"
    world.build(folder, households=3, percent=0, now=matched.NOW)
    return folder / "desa"


def test_results_are_matched_asked_and_reported(
    practice: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Preview, load, decide; load a list, ask, print a slip; reports as JSON, Excel and CSV."""
    monkeypatch.setenv("SIKS_KATA_SANDI", world.PASSPHRASE)

    def siks(command: str, *rest: str, code: int = 0) -> dict[str, Any]:
        assert main(["desa", command, str(practice), *rest, "--json"]) == code
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    rows = siks("daftar")["rumah_tangga"]
    nik, nama = rows[0]["nik_krt"], rows[0]["nama_krt"]
    path = tmp_path / "padan.csv"
    path.write_text(f"NIK;NAMA;DUK_NIK;DUK_NAMA_LGKP\n'{nik};{nama};'{nik};NAMA LAIN SAJA\n")
    assert siks("padan", str(path), "--pratinjau")["perbedaan_baru"] == 0
    assert siks("padan", str(path))["perbedaan_baru"] == 1
    [one] = siks("padan")["perbedaan"]
    assert (one["hal"], one["mereka"], one["putusan"]) == ("nama", "NAMA LAIN SAJA", "belum")
    assert siks("padan", "--masalah")["jumlah"]["nama_beda"] == 1
    assert siks("padan", "--tolak", str(one["nomor"]), code=2)["galat"]["kode"] == "E_PADAN_REASON"
    assert siks("padan", "--terima", str(one["nomor"]))["belum"] == 0
    seen = siks("lihat", one["rumah_tangga"])["jawaban"]
    assert seen["nama_krt"] == "NAMA LAIN SAJA"

    listed = tmp_path / "penetapan.csv"
    listed.write_text(f"NIK;NAMA;DESIL;PKH\n'{nik};{nama};2;YA\n")
    assert siks("cek", "--muat", str(listed), "--periode", "2026-Q4")["ditambah"] == 1
    [person] = siks("cek", nik, "--slip", str(tmp_path / "slip.pdf"))["orang"]
    assert (person["desil"], person["program"], person["nik"][-4:]) == ("2", ["PKH"], nik[-4:])
    assert nik not in json.dumps(person)
    assert (tmp_path / "slip.pdf").read_bytes().startswith(b"%PDF")

    assert nik not in json.dumps(siks("laporan", "daftar"))
    assert siks("laporan", "rt", "daftar", "--ke", str(tmp_path / "a.xlsx"))["baris"] >= 3
    assert len(openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames) == 2
    assert siks("laporan", "--ke", str(tmp_path / "a.csv"), code=2)["galat"]["kode"]
