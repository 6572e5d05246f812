"""Who asks wrongly, asks the wrong place or meets damaged stores is told in plain words with a code."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.scenarios import broken
from tests.scenarios.broken import World, siks
from tests.scenarios.broken_world import own, passphrase, patient, whole, world

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]

__all__ = ["own", "passphrase", "patient", "whole", "world"]


# --- who asks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("office", ["desa", "dinsos"])
def test_a_wrong_passphrase_opens_nothing(
    world: World, office: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words for a wrong passphrase and an unknown account: neither is confirmed."""
    folder = world.folder / office
    with world.untouched():
        unknown = siks(office, "daftar", folder, "--akun", "tidak-ada")
        for wrong in ("latihaN", "", "x" * 5000, "latihan\u0000"[:-1] + "\u0301"):
            monkeypatch.setenv("SIKS_KATA_SANDI", wrong)
            assert siks(office, "daftar", folder).refused == "E_PASSPHRASE"
    assert unknown.refused in {"E_PASSPHRASE", "E_ACCOUNT_UNKNOWN"}
    assert unknown.value["galat"]["pesan"] == "Nama akun atau kata sandi salah."


@pytest.mark.parametrize("account", ["../operator", "operator/..", "CON", "a b", "\u200boperator"])
def test_an_account_name_is_never_a_path(world: World, account: str) -> None:
    """A name that could not be an account's is one that is not there."""
    with world.untouched():
        assert siks("desa", "daftar", world.desa, "--akun", account).refused == "E_PASSPHRASE"


def test_a_passphrase_that_nobody_gives_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the variable and without a terminal a command ends instead of waiting."""
    monkeypatch.delenv("SIKS_KATA_SANDI")
    with world.untouched():
        assert siks("desa", "daftar", world.desa).refused == "E_PASSPHRASE_MISSING"
        found = subprocess.run(
            [sys.executable, "-m", "siks_offline.cli", "desa", "daftar", str(world.desa)],
            stdin=subprocess.DEVNULL, capture_output=True, cwd=ROOT, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    assert (found.returncode, found.stdout) == (3, "")
    assert found.stderr.count("\n") == 1
    assert "E_PASSPHRASE_MISSING" in found.stderr


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["kosong"],
        ["desa"],
        ["desa", "kosong"],
        ["desa", "daftar"],
        ["desa", "daftar", "x", "--tidak-ada"],
        ["desa", "daftar", "x", "--akun"],
        ["desa", "daftar", "x", "y"],
        ["desa", "ekspor", "x"],
        ["dinsos", "terima", "x"],
        ["dinsos", "tahanan", "x", "--lepas", "a", "--tolak", "b"],
        ["latihan", "x", "--rumah-tangga", "banyak"],
        ["latihan", "x", "--rumah-tangga", "-1"],
        ["latihan", "x", "--terisi", "101"],
        ["dinsos", "tahanan", "x", "--tolak", "a"],
    ],
)
def test_a_command_that_is_none_says_how_it_is_used(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, one object, no folder made."""
    monkeypatch.chdir(tmp_path)
    said = siks(*words)
    assert said.code == 2, said
    broken.clear(said.value["galat"])
    assert said.err == ""
    plain = siks(*words, json_=False)
    assert (plain.code, plain.out) == (2, "")
    assert plain.err
    assert list(tmp_path.iterdir()) == []


# --- where they ask ------------------------------------------------------------------------------


def test_a_folder_that_is_no_office_is_named(world: World, tmp_path: Path) -> None:
    """Nothing there, a file, the other office, a marker that is none: each is told as what it is."""
    (tmp_path / "berkas").write_text("x")
    deep = tmp_path / "dalam"
    deep.mkdir()
    (deep / "siks.json").write_text("[" * 200_000)
    for name, text in (("daftar", "[]"), ("angka", '{"format": 1}'), ("biner", "\x00\x00")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "siks.json").write_text(text)
    with world.untouched():
        for name in ("tidak-ada", "berkas", "dalam", "daftar", "biner", "x" * 300):
            assert siks("desa", "daftar", tmp_path / name).refused == "E_NOT_VILLAGE", name
            assert siks("dinsos", "daftar", tmp_path / name).refused == "E_NOT_OFFICE", name
        assert siks("desa", "daftar", tmp_path / "angka").refused == "E_OFFICE_FOLDER"
        assert siks("desa", "daftar", world.dinsos).refused == "E_OFFICE_FOLDER"
        assert siks("dinsos", "daftar", world.desa).refused == "E_NOT_OFFICE"
        assert siks("latihan", world.folder).refused == "E_FOLDER_TAKEN"
        assert siks("latihan", tmp_path / "berkas").refused == "E_NOT_FOLDER"
        assert (
            siks("dinsos", "siapkan", world.desa, "--kode", "3509", "--latihan").refused
            == "E_FOLDER_TAKEN"
        )
    assert not (tmp_path / "tidak-ada").exists()


HOLDER = """
import pathlib, sys
from siks_offline.desa.accounts import open_village
village = open_village(pathlib.Path(sys.argv[1]), "", "latihan")
print("terbuka", flush=True)
sys.stdin.read()
"""


def test_a_second_copy_of_the_program_is_told(own: World) -> None:
    """One program holds a village; when it is killed the village is free again."""
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            HOLDER,
            str(own.desa),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True,
    )  # fmt: skip
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "terbuka\n"
        with own.untouched():
            assert siks("desa", "daftar", own.desa).refused == "E_SECOND_COPY"
            assert siks("desa", "impor", own.desa, own.prelist).refused == "E_SECOND_COPY"
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()
    assert len(siks("desa", "daftar", own.desa).value["rumah_tangga"]) == 4


# --- stores and keys -----------------------------------------------------------------------------


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 3, 2 * len(data) // 3, 512):
        data[at] ^= 0x10
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def cut_at_a_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 8192 * 4096])


def first_page(path: Path) -> None:
    path.write_bytes(bytes(4096) + path.read_bytes()[4096:])


def zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def random(path: Path) -> None:
    path.write_bytes(secrets.token_bytes(path.stat().st_size))


def text(path: Path) -> None:
    path.write_text("bukan basis data\n" * 10)


def plain_sqlite(path: Path) -> None:
    path.unlink()
    base = sqlite3.connect(path)
    with base:
        base.execute("CREATE TABLE rumah_tangga (id TEXT)")
    base.close()


def strangers(path: Path) -> None:
    from siks_offline.db import engine

    path.unlink()
    engine.create_village(path, secrets.token_bytes(32)).close()


def gone(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "break_it",
    [
        flipped, cut, cut_at_a_page, first_page, zeros, emptied, random, text, plain_sqlite,
        strangers, gone, a_folder,
    ],
)  # fmt: skip
@pytest.mark.parametrize("office", ["desa", "dinsos"])
def test_a_store_that_is_damaged_or_none_is_told_and_kept(
    own: World, office: str, break_it: Callable[[Path], None]
) -> None:
    """A code of the store, and the file stays as it is: somebody may still save it."""
    break_it(own.folder / office / "app.db")
    words = ["daftar", own.folder / office]
    with own.untouched():
        said = siks(office, *words)
        if said.code == 0:  # what was hit is read by other commands
            said = siks(office, "periksa" if office == "desa" else "laporan", *words[1:], *(
                [] if office == "desa" else ["--ke", own.folder.parent / "laporan.html"]
            ))  # fmt: skip
        assert said.refused in {"E_DB_DAMAGED", "E_DB_FOREIGN", "E_DB_KEY", "E_DB_MISSING"}


@pytest.mark.parametrize("break_it", [flipped, cut, emptied, random, text, gone, a_folder])
@pytest.mark.parametrize("name", ["akun/operator.age", "kunci-1.age"])
def test_a_keystore_that_is_damaged_is_told_and_kept(
    own: World, name: str, break_it: Callable[[Path], None]
) -> None:
    """The file that is damaged is named; no other is touched."""
    path = own.desa / name
    break_it(path)
    with own.untouched():
        code = siks("desa", "daftar", own.desa, "--akun", "operator").refused
        assert siks("desa", "daftar", own.desa).refused
    known = {"E_KEYSTORE_DAMAGED", "E_KEYSTORE_PARAM"}
    if name.startswith("akun"):
        known.add("E_PASSPHRASE")
    if break_it is a_folder:
        known |= {"E_IS_FOLDER", "E_FILE"}
    assert code in known


def test_keys_of_another_folder_open_nothing(own: World) -> None:
    """Swapped slots are noticed by what they are sealed to, whatever their passphrase."""
    shutil.copy(own.dinsos / "akun" / "dinsos.age", own.desa / "akun" / "operator.age")
    with own.untouched():
        assert siks("desa", "daftar", own.desa).refused == "E_ACCOUNT_CLOSED"
    shutil.copy(own.dinsos / "kunci-1.age", own.desa / "kunci-1.age")
    with own.untouched():
        assert siks("desa", "daftar", own.desa).refused == "E_DB_KEY"


@pytest.mark.parametrize("name", ["penanda-tangan.age", "*"])
def test_an_office_without_its_keys_says_so(own: World, name: str) -> None:
    """Signing and opening keys that are gone are no surprise of the program."""
    for path in (own.dinsos / "kunci").glob(name if name == "*" else "*.age"):
        path.write_bytes(b"rusak")
    with own.untouched():
        assert siks("dinsos", "daftar", own.dinsos).refused == "E_KEYSTORE_DAMAGED"
