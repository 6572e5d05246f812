"""`siks instrumen` and `siks desa` write what derives from a questionnaire, by the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from siks_offline import cli
from siks_offline.latihan import world

if TYPE_CHECKING:
    from pathlib import Path


def siks(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    code = cli.main([*map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("command", "name", "start"),
    [
        ("buku-kode", "kode.md", b"# Verifikasi DTKS"),
        ("buku-kode", "kode.html", b"<!DOCTYPE html>"),
        ("cetak", "form.pdf", b"%PDF-"),
        ("skema", "skema.json", b'{\n  "$schema": "https://json-schema.org/draft/2020-12'),
    ],
)
def test_a_shipped_instrument_derives_by_its_id(
    command: str, name: str, start: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, value = siks(capsys, "instrumen", command, "dtks", "--ke", tmp_path / name)
    assert (code, value["id"], value["berkas"]) == (0, "dtks", str(tmp_path / name))
    assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize("command", ["buku-kode", "cetak", "skema"])
def test_a_name_of_another_kind_is_refused(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, value = siks(capsys, "instrumen", command, "dtks", "--ke", tmp_path / "x.doc")
    assert (code, value["galat"]["kode"]) == (2, "E_BOOK_SUFFIX")
    assert not (tmp_path / "x.doc").exists()


def test_answers_go_to_excel_and_come_back_as_drafts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out, one cell changed, in again: one draft; a mistyped code is told and the exit is 1."""
    monkeypatch.setenv("SIKS_KATA_SANDI", world.PASSPHRASE)
    folder = tmp_path / "dunia"
    world.build(folder, households=3, percent=100, now=datetime(2026, 11, 20, tzinfo=UTC))
    book = tmp_path / "j.xlsx"
    code, value = siks(capsys, "desa", "excel", folder / "desa", "--ke", book)
    assert (code, value["rumah_tangga"], value["tata_letak"]) == (0, 3, "instrumen")
    code, value = siks(capsys, "desa", "excel-masuk", folder / "desa", book)
    assert (code, value["disimpan"], value["tidak_berubah"]) == (0, 0, 3)
    sheet = openpyxl.load_workbook(book)
    column = next(cell.column for cell in sheet["rumah tangga"][1] if cell.value == "lantai")
    sheet["rumah tangga"].cell(3, column).value = "99"
    sheet.save(book)
    code, value = siks(capsys, "desa", "excel-masuk", folder / "desa", book)
    assert (code, value["disimpan"], value["tidak_berubah"]) == (1, 1, 2)
    told = value["masalah"][0]
    assert (told["lembar"], told["baris"], told["kolom"]) == ("rumah tangga", 3, "lantai")
    assert told["tindakan"]
    code, value = siks(
        capsys,
        "desa",
        "excel",
        folder / "desa",
        "--ke",
        tmp_path / "u.xlsx",
        "--tata-letak",
        "udrt",
    )
    assert (code, value["rumah_tangga"], value["tanpa_idbdt"]) == (0, 3, 0)
