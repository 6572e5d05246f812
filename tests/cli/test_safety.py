"""`siks desa` tells the trail, checks all data, gives back from the bin, writes papers of privacy."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline import cli
from siks_offline.desa import accounts, copies, households, visit
from siks_offline.latihan import world

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("dunia") / "latihan"
    world.build(made, households=4, percent=50, now=NOW)
    return made / "desa"


def siks(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    code = cli.main(["desa", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_trail_the_bin_and_a_step_back_by_command(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was thrown away is listed, restored, and told in words; a first revision stays."""
    monkeypatch.setenv("SIKS_KATA_SANDI", world.PASSPHRASE)
    with accounts.open_village(folder, "", world.PASSPHRASE) as village:
        [open_one, *_] = households.find(village, kerja="belum")
        [done, *_] = households.find(village, kerja="selesai")
        opened = visit.open_visit(village, open_one, NOW)
        visit.save_draft(village, open_one, opened.snapshot(), None, NOW)
        visit.drop_draft(village, open_one, NOW)
    code, value = siks(capsys, "sampah", folder)
    [thing] = value["sampah"]
    assert (code, thing["jenis"], thing["id"]) == (0, "Draf", open_one)
    code, value = siks(capsys, "sampah", folder, "--pulihkan", thing["nomor"])
    assert (code, value["rumah_tangga"]) == (0, [open_one])
    code, value = siks(capsys, "riwayat", folder, open_one)
    assert [row["isi"] for row in value["riwayat"]][:2] == [
        "Memulihkan barang dari sampah.",
        "Membuang draf ke sampah.",
    ]
    code, value = siks(capsys, "riwayat", folder, "--oleh", "tidak-ada")
    assert (code, value["riwayat"]) == (0, [])
    code, value = siks(capsys, "mundur", folder, done)
    assert (code, value["galat"]["kode"]) == (3, "E_NO_REVISION")


def test_a_check_by_command_says_whole_or_exits_with_one(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged copy is one finding with words."""
    monkeypatch.setenv("SIKS_KATA_SANDI", world.PASSPHRASE)
    with accounts.open_village(folder, "", world.PASSPHRASE) as village:
        copies.keep(village, "masuk", NOW)
    code, value = siks(capsys, "periksa-data", folder)
    assert (code, value["utuh"], value["temuan"]) == (0, True, [])
    assert value["diperiksa"]["rumah_tangga"] == 4
    [one, *_] = copies.kept(folder)
    one.path.write_bytes(one.path.read_bytes()[:-5])
    code, value = siks(capsys, "periksa-data", folder)
    assert (code, value["utuh"]) == (1, False)
    assert [found["jenis"] for found in value["temuan"]] == ["cadangan"]


def test_papers_of_privacy_by_command(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The report of a lost device; a NIK that nobody has is refused."""
    monkeypatch.setenv("SIKS_KATA_SANDI", world.PASSPHRASE)
    code, value = siks(capsys, "insiden", folder, "--ke", tmp_path / "i.pdf", "--kapan", "kemarin")
    assert (code, value["rumah_tangga"]) == (0, 4)
    assert (tmp_path / "i.pdf").read_bytes().startswith(b"%PDF-")
    strange = ("data-diri", folder, "3509120101019999", "--ke", tmp_path / "d.pdf")
    code, value = siks(capsys, *strange, "--alasan", "Diminta sendiri")
    assert (code, value["galat"]["kode"]) == (3, "E_PERSON_UNKNOWN")
