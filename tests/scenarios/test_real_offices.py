"""A real village meets a real Dinsos, from the command line alone."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, dict[str, Any]]]

TIMU = "5206022006"
PASSPHRASE = "lumbung padi dekat kali"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SIKS_KATA_SANDI", PASSPHRASE)

    def call(*words: object) -> tuple[int, dict[str, Any]]:
        code = cli.main([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def test_pairing_prelist_backup_and_restore(run: Run, tmp_path: Path, shared: Path) -> None:
    """Invitation, letter, enrolment, approval, return file, prelist; then a copy and a new laptop."""
    dinsos, desa, usb = tmp_path / "dinsos", tmp_path / "desa", tmp_path / "usb"
    usb.mkdir()
    code, office = run("dinsos", "siapkan", dinsos, "--kode", TIMU[:4])
    assert (code, office["id"], len(office["sidik_jari"])) == (0, "dinsos:5206", 30)
    _, invited = run("dinsos", "undang", dinsos, TIMU, "--ke", usb / "u.siksundang")
    assert invited["sidik_jari"] == office["sidik_jari"]

    wrong = "0000-0000-0000-0000"
    code, told = run(
        "desa", "pasangkan", desa, usb / "u.siksundang", "--kode-surat", wrong, "--ke", usb / "x"
    )
    assert (code, told["galat"]["kode"]) == (3, "E_INVITE_CODE")
    assert not desa.exists()
    code, paired = run(
        "desa",
        "pasangkan",
        desa,
        usb / "u.siksundang",
        "--kode-surat",
        invited["kode_surat"],
        "--ke",
        usb / "daftar.siks",
    )
    assert code == 0
    assert {"berkas", "stream", "kunci", "sidik_jari"} <= paired.keys()

    code, told = run("desa", "ekspor", desa, "--ke", usb)
    assert (code, told["galat"]["kode"]) == (3, "E_NOT_APPROVED")
    code, got = run("dinsos", "terima", dinsos, usb / "daftar.siks")
    assert (code, got["berkas"][0]["jenis"]) == (0, "enrolment")
    _, known = run("dinsos", "daftar", dinsos)
    assert known["desa"][0]["status"] == "menunggu"
    assert run("dinsos", "setujui", dinsos, TIMU)[1]["status"] == "aktif"
    assert run("dinsos", "balasan", dinsos, "--ke", usb / "b.siksbalas") == (
        0,
        {"berkas": str(usb / "b.siksbalas"), "desa": 1},
    )
    code, taken = run("desa", "terima", desa, usb / "b.siksbalas")
    assert (code, taken["seq"], taken["jenis"]) == (0, 1, ["receipt"])

    book = shared / "samples" / "contoh-data-bdt2015.xlsx"
    _, made = run("dinsos", "prelist", dinsos, book, "--desa", TIMU, "--ke", usb / "p.siks")
    assert (made["versi"], made["rumah_tangga"]) == (1, 2)
    _, first = run("desa", "impor", desa, usb / "p.siks", "--pratinjau")
    assert (first["jenis"], first["pratinjau"], first["ditambah"]) == ("siks", True, 2)
    assert run("desa", "daftar", desa)[1]["rumah_tangga"] == []
    assert run("desa", "impor", desa, usb / "p.siks")[1]["ditambah"] == 2
    code, again = run("desa", "impor", desa, usb / "p.siks")
    assert (code, again["ditambah"], again["dilewati"]) == (0, 0, 2)

    listed = run("desa", "daftar", desa)[1]
    copy = usb / "timu.sikscadangan"
    assert run("desa", "cadangkan", desa, "--ke", copy) == (
        0,
        {"berkas": str(copy), "rumah_tangga": 2},
    )
    shutil.rmtree(desa)
    assert run("desa", "pulihkan", copy, desa) == (0, {"berkas": str(copy), "rumah_tangga": 2})
    assert run("desa", "daftar", desa)[1] == listed
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 2])
    code, told = run("desa", "pulihkan", copy, tmp_path / "lain")
    assert (code, told["galat"]["kode"]) == (3, "E_BACKUP_DAMAGED")
    assert not (tmp_path / "lain").exists()


def test_practice_and_real_never_mix(run: Run, tmp_path: Path) -> None:
    """A real office refuses what a practice village made, and says why."""
    real = tmp_path / "nyata"
    run("dinsos", "siapkan", real, "--kode", "3509")
    play = tmp_path / "latihan"
    run("latihan", play, "--rumah-tangga", 1, "--terisi", 100)
    # The practice Dinsos' own keys are needed to open its file, so the mark is met at the invitation.
    _, invited = run("dinsos", "undang", real, "3509122003", "--ke", tmp_path / "u.siksundang")
    code = cli.main(
        [
            "desa",
            "pasangkan",
            str(play / "desa"),
            str(tmp_path / "u.siksundang"),
            "--kode-surat",
            invited["kode_surat"],
            "--ke",
            str(tmp_path / "x.siks"),
        ]
    )
    assert code == 3
    assert not (tmp_path / "x.siks").exists()
