"""`siks desa akun` from the first account to the last, without a window and without a terminal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline import cli
from siks_offline.crypto import codes
from siks_offline.desa import accounts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, dict[str, Any]]]

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WORDS = "gunung teduh sambil menanam cabai"
OTHER = "pelita kapal bersama jembatan rumput"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "desa"
    accounts.create_village(
        folder,
        kode_desa="3509122003",
        nama_desa="Sukamaju",
        account="ani",
        passphrase=WORDS,
        recovery_code=codes.recovery_code(),
        now=NOW,
    ).close()
    return folder


@pytest.fixture
def run(
    made: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Run one command on a copy of the village, as an account with its secret."""
    folder = shutil.copytree(made, tmp_path / "desa")

    def call(*words: str, secret: str = WORDS, new: str = "", **more: str) -> tuple[int, Any]:
        monkeypatch.setenv("SIKS_KATA_SANDI", secret)
        monkeypatch.setenv("SIKS_KATA_SANDI_BARU", new)
        for name, value in more.items():
            monkeypatch.setenv(name, value)
        code = cli.main(["desa", "akun", str(folder), *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def test_a_person_comes_forgets_and_goes(run: Run, tmp_path: Path) -> None:
    """Added by a printed code, in by it, reset, and removed; each step tells what it did."""
    paper = tmp_path / "kode.pdf"
    code, made = run("tambah", "Budi", "--kertas", str(paper), "--akun", "ani")
    assert (code, made["akun"], made["peran"]) == (0, "budi", "operator")
    assert paper.read_bytes().startswith(b"%PDF-")
    code, told = run("daftar", "--akun", "budi", secret=made["kode_masuk"])
    assert (code, told["galat"]["kode"]) == (3, "E_FIRST_CODE")
    assert run("masuk-pertama", "budi", secret=made["kode_masuk"], new=OTHER)[0] == 0
    code, told = run("daftar", "--akun", "budi", secret=OTHER)
    assert [row["akun"] for row in told["akun"]] == ["ani", "budi"]
    code, told = run("tambah", "cici", "--akun", "budi", secret=OTHER)
    assert (code, told["galat"]["kode"]) == (3, "E_NOT_ALLOWED")
    new = "sawah luas menguning lagi"
    assert run("ganti-kata-sandi", "--akun", "budi", secret=OTHER, new=new)[0] == 0
    code, again = run("atur-ulang", "budi", "--akun", "ani")
    assert (code, len(again["kode_masuk"])) == (0, 19)
    code, told = run("hapus", "budi", "--akun", "ani")
    assert (code, told["versi_kunci"]) == (0, 2)
    assert [row["akun"] for row in run("daftar")[1]["akun"]] == ["ani"]


def test_the_recovery_code_is_replaced_when_it_was_used(run: Run, tmp_path: Path) -> None:
    """A new one comes on paper; the one before opens nothing any more."""
    paper = str(tmp_path / "pulih.pdf")
    assert run("kode-pemulihan")[1]["galat"]["kode"] == "E_USAGE"
    code, first = run("kode-pemulihan", "--kertas", paper)
    assert (code, first["kertas"]) == (0, paper)
    used = first["kode_pemulihan"]
    words = {"new": OTHER, "SIKS_KODE_PEMULIHAN": used}
    code, told = run("pulihkan", "ani", "--kertas", paper, **words)
    assert (code, told["akun"]) == (0, "ani")
    assert told["kode_pemulihan"] != used
    assert run("daftar", secret=OTHER)[0] == 0
    code, told = run("pulihkan", "ani", "--kertas", paper, **words)
    assert (code, told["galat"]["kode"]) == (3, "E_RECOVERY_CODE")


@pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is not here")
def test_lockout_does_not_end_by_another_clock(made: Path, tmp_path: Path) -> None:
    """S4: five wrong tries, then a wait; neither a new program nor ten years on shorten it."""
    folder = shutil.copytree(made, tmp_path / "desa")

    def tried(secret: str, *before: str) -> str:
        command = [sys.executable, "-m", "siks_offline.cli", "desa", "akun", str(folder), "daftar"]
        done = subprocess.run(
            [*before, *command, "--json"],
            env={**os.environ, "SIKS_KATA_SANDI": secret},
            capture_output=True,
            check=False,
        )
        return str(json.loads(done.stdout).get("galat", {}).get("kode", "masuk"))

    for _ in range(4):
        assert tried("bukan kata sandinya") == "E_PASSPHRASE"
    marks = json.loads((folder / "masuk.json").read_text())
    (folder / "masuk.json").write_text(json.dumps({"ani": [20, marks["ani"][1]]}))
    for _ in range(2):
        assert tried("bukan kata sandinya") in {"E_PASSPHRASE", "E_SIGN_IN_WAIT"}
    for clock in ("+10y", "-10y"):
        assert tried(WORDS, "faketime", "-f", clock) == "E_SIGN_IN_WAIT"
    assert tried(WORDS) == "E_SIGN_IN_WAIT"
