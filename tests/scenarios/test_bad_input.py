"""Bad input is refused in plain words with a code; nothing is half-written, nothing is lost."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.scenarios import broken
from tests.scenarios.broken import PASSPHRASE, World, siks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
OFFICE_STORE = "dinsos/app.db"
OTHER_DESA = "3509122004"


@pytest.fixture(autouse=True, scope="module")
def passphrase() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIKS_KATA_SANDI", PASSPHRASE)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, passphrase: None) -> World:
    """The world that nothing breaks."""
    return broken.build(tmp_path_factory.mktemp("dunia") / "latihan")


@pytest.fixture(scope="module")
def world(whole: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world that refusals share: each test holds that it is as it was."""
    return broken.copied(whole, tmp_path_factory.mktemp("bersama") / "latihan")


@pytest.fixture
def own(whole: World, tmp_path: Path) -> World:
    """A world of the test's own, to be broken."""
    return broken.copied(whole, tmp_path / "latihan")


@pytest.fixture(autouse=True)
def patient(world: World) -> None:
    """Nobody waits in these tests for what another of them typed wrong."""
    (world.desa / "masuk.json").unlink(missing_ok=True)


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


# --- workbooks -----------------------------------------------------------------------------------

SHEET = "xl/worksheets/sheet1.xml"


def with_sheet(change: Callable[[bytes], bytes]) -> Callable[[Path, Path], None]:
    def make(source: Path, target: Path) -> None:
        broken.altered(source, target, lambda n, data: change(data) if n == SHEET else data)

    return make


def locked(source: Path, target: Path) -> None:
    data = bytearray(source.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    target.write_bytes(data)


def other_zip(_: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("foto.jpg", b"\xff\xd8")


def bytes_of(data: bytes) -> Callable[[Path, Path], object]:
    return lambda _, target: target.write_bytes(data)


BOOKS: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "text": (bytes_of(b"NIK,Nama\n3509,Siti\n"), "E_XLSX_BUKAN"),
    "empty": (bytes_of(b""), "E_XLSX_BUKAN"),
    "html": (bytes_of(b"<html><table><tr><td>NIK</td></tr></table></html>"), "E_XLSX_BUKAN"),
    "xls": (bytes_of(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096)), "E_XLSX_LAMA"),
    "random": (lambda _, t: t.write_bytes(secrets.token_bytes(9000)), "E_XLSX_BUKAN"),
    "other zip": (other_zip, "E_XLSX_BUKAN"),
    "encrypted": (locked, "E_XLSX_SANDI"),
    "cut": (lambda s, t: t.write_bytes(s.read_bytes()[:3000]), "E_XLSX_RUSAK"),
    "bomb": (with_sheet(lambda data: data + b" " * (30 << 20)), "E_XLSX_BESAR"),
    "far cell": (
        with_sheet(
            lambda data: data.replace(
                b"</sheetData>",
                b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
            )
        ),
        "E_XLSX_JAUH",
    ),
    "dtd": (
        with_sheet(lambda data: b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + data),
        "E_XLSX_RUSAK",
    ),
    "no xml": (with_sheet(lambda _: b"\x00\x01\x02" * 100), "E_XLSX_RUSAK"),
    "other columns": (
        lambda _, t: broken.book(t, ["Barang", "Harga"], ["meja", "100"]),
        "E_PRELIST_KOSONG",
    ),
    "no rows": (lambda _, t: broken.book(t), "E_PRELIST_KOSONG"),
    "folder": (lambda _, t: t.mkdir(), "E_IS_FOLDER"),
    "missing": (lambda _, t: None, "E_FILE_MISSING"),
}


@pytest.mark.parametrize("kind", BOOKS)
def test_a_workbook_that_is_none_changes_nothing(world: World, tmp_path: Path, kind: str) -> None:
    """Each kind of false workbook has its own words; the village keeps every byte."""
    make, code = BOOKS[kind]
    target = tmp_path / "prelist.xlsx"
    make(world.prelist, target)
    with world.untouched():
        said = siks("desa", "impor", world.desa, target)
        assert said.refused == code
        assert str(tmp_path) not in said.value["galat"]["pesan"]


def test_an_office_takes_no_false_workbook_either(world: World, tmp_path: Path) -> None:
    """`siks dinsos prelist` and `siks instrumen periksa` refuse as the village does."""
    for kind in ("text", "cut", "far cell", "missing"):
        make, code = BOOKS[kind]
        source = tmp_path / f"{kind}.xlsx"
        make(world.prelist, source)
        target = tmp_path / "keluar.siks"
        with world.untouched():
            words = ["dinsos", "prelist", world.dinsos, source, "--desa", "3509122003"]
            assert siks(*words, "--ke", target).refused == code
            assert siks("instrumen", "periksa", source).code in {1, 3}
        assert not target.exists()


@pytest.mark.parametrize("wrong", [3509120101900001.5, 3.5091201e15, 0, "0", "35.2018E+14"])
def test_a_nik_that_lost_its_digits_is_refused_with_its_row(
    own: World, tmp_path: Path, wrong: object
) -> None:
    """Row, column and remedy are named; the number never enters the village."""
    source = broken.book(
        tmp_path / "daftar.xlsx",
        ["NIK", "No KK", "Nama", "Alamat", "RT", "RW"],
        [wrong, "3509122001900003", "UJI SATU", "Dusun Krajan", "001", "002"],
    )
    before = siks("desa", "daftar", own.desa).value
    said = siks("desa", "impor", own.desa, source)
    assert said.code == 1
    assert said.value["masalah"]
    for issue in said.value["masalah"]:
        broken.clear(issue)
        assert (issue["lembar"], issue["baris"]) == ("Sheet", 2)
    assert any("NIK" in issue["kolom"].upper() for issue in said.value["masalah"])
    after = siks("desa", "daftar", own.desa).value
    fresh = [row for row in after["rumah_tangga"] if row not in before["rumah_tangga"]]
    assert all(row["nik_krt"] == "" for row in fresh)
    assert len(fresh) == said.value["ditambah"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff" * 500, b"{}\n", b"[1]\n", b"[" * 100_000, b'{"rumah_tangga": NaN}\n',
     b'{"rumah_tangga": 1e999, "jawaban": {}}\n', b'{"a":1,"a":2}\n', b"\xef\xbb\xbf{}\n",
     b'{"rumah_tangga": "tidak-ada", "jawaban": {}}\n',
     b'{"rumah_tangga": null, "jawaban": {"' + b"9" * 6000 + b'": ' + b"9" * 6000 + b"}}\n"],
)  # fmt: skip
def test_answers_that_are_none_are_refused_line_by_line(
    world: World, tmp_path: Path, content: bytes
) -> None:
    """Findings with their lines, never a surprise, and no household begun."""
    lines = tmp_path / "jawaban.jsonl"
    lines.write_bytes(content)
    with world.untouched():
        said = siks("desa", "isi", world.desa, lines)
        assert said.code == (1 if content else 0), said
        assert said.value["ditolak"] == len(said.value["baris"])
        assert said.value["disimpan"] == said.value["selesai"] == 0


# --- bundles -------------------------------------------------------------------------------------


def variants(good: bytes) -> dict[str, bytes]:
    """Files that are no bundle any more."""

    def changed(at: int) -> bytes:
        return good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]

    return {
        "empty": b"",
        "one byte": b"a",
        "random": secrets.token_bytes(5000),
        "text": b"age-encryption.org/v1\n",
        "header cut": good[:100],
        "cut": good[: len(good) // 2],
        "last byte cut": good[:-1],
        "first byte": changed(0),
        "stanza": changed(60),
        "middle": changed(len(good) // 2),
        "last byte": changed(len(good) - 1),
        "more": good + b"x",
        "twice": good + good,
    }


@pytest.mark.parametrize("kind", sorted(variants(bytes(range(256)))))
def test_a_bundle_that_was_touched_is_refused_by_both_offices(
    world: World, tmp_path: Path, kind: str
) -> None:
    """The Dinsos keeps nothing of it but a line in its trail; the village not even that."""
    path = tmp_path / "kiriman.siks"
    path.write_bytes(variants(world.sent.read_bytes())[kind])
    with world.untouched(OFFICE_STORE):
        said = siks("dinsos", "terima", world.dinsos, path, "--tanda-terima", tmp_path / "balasan")
        assert said.code == 3
        (row,) = said.value["berkas"]
        assert row["hasil"] == "ditolak"
        assert row["tanda_terima"] is None
        broken.clear(row)
    path.write_bytes(variants(world.receipt.read_bytes())[kind])
    with world.untouched():
        assert siks("desa", "terima", world.desa, path).refused
        assert siks("desa", "impor", world.desa, path).refused
    assert not list((tmp_path / "balasan").glob("*"))


def test_a_bundle_for_somebody_else_is_refused(world: World) -> None:
    """The village's own bundle is not for the village, the receipt is not for the Dinsos."""
    with world.untouched(OFFICE_STORE):
        assert siks("desa", "terima", world.desa, world.sent).refused == "E_NOT_FOR_US"
        said = siks("dinsos", "terima", world.dinsos, world.receipt)
        assert said.code == 3
        assert said.value["berkas"][0]["kode"] == "E_NOT_FOR_US"


def test_one_bad_file_does_not_stop_the_others(own: World, tmp_path: Path) -> None:
    """Several files: go on; the exit code is the worst."""
    bad = tmp_path / "rusak.siks"
    bad.write_bytes(b"x")
    said = siks(
        "dinsos", "terima", own.dinsos, bad, own.sent, tmp_path / "tidak-ada.siks", tmp_path
    )
    assert said.code == 3
    assert [row["hasil"] for row in said.value["berkas"]] == [
        "ditolak",
        "sudah",
        "ditolak",
        "ditolak",
    ]
    for row in said.value["berkas"]:
        broken.clear(row | {"pesan": row.get("pesan", "-"), "tindakan": row.get("tindakan", "-")})


def test_a_file_can_be_looked_at_without_keys(world: World, tmp_path: Path) -> None:
    """`siks berkas periksa` refuses what is no file of ours."""
    for kind in ("empty", "one byte", "random", "header cut"):
        path = tmp_path / kind
        path.write_bytes(variants(world.sent.read_bytes())[kind])
        assert siks("berkas", "periksa", path).refused
    assert siks("berkas", "periksa", tmp_path / "tidak-ada").refused == "E_FILE_MISSING"
    assert siks("berkas", "periksa", tmp_path).refused == "E_IS_FOLDER"


# --- invitations ---------------------------------------------------------------------------------


def test_an_invitation_that_is_false_makes_no_village(own: World, tmp_path: Path) -> None:
    """Wrong code or touched file: no folder, no enrolment, and the good one still works."""
    path = tmp_path / "undangan.siksundang"
    invited = siks("dinsos", "undang", own.dinsos, OTHER_DESA, "--ke", path)
    assert invited.code == 0, invited
    code = invited.value["kode_surat"]
    target, fresh = tmp_path / "pendaftaran.siks", tmp_path / "desa-baru"

    def pair(file: Path, code: str, ke: Path = target) -> broken.Said:
        words = ["desa", "pasangkan", fresh, file, "--kode-surat", code, "--ke", ke]
        return siks(*words)

    wrong = ("0" if code[0] != "0" else "1") + code[1:]
    for typed in (wrong, "", "x", "O0I1" * 40):
        assert pair(path, typed).refused in {"E_INVITE_CODE", "E_CODE_FORMAT"}
    bad = tmp_path / "rusak.siksundang"
    for data in variants(path.read_bytes()).values():
        bad.write_bytes(data)
        assert pair(bad, code).refused
    assert pair(own.sent, code).refused == "E_NOT_INVITATION"
    assert pair(tmp_path / "tidak-ada", code).refused == "E_FILE_MISSING"
    assert pair(path, code, tmp_path / "tidak" / "ada.siks").refused == "E_MEDIA_GONE"
    assert not fresh.exists()
    assert not target.exists()
    assert pair(path, code).code == 0
    assert target.is_file()
    with own.untouched(OFFICE_STORE):
        enrolled = siks("dinsos", "terima", own.dinsos, bad)
        assert enrolled.code == 3
    assert siks("dinsos", "terima", own.dinsos, target).code == 0


# --- copies --------------------------------------------------------------------------------------


def test_a_copy_that_is_damaged_restores_nothing(own: World, tmp_path: Path) -> None:
    """No folder is left of a restore that failed; a folder in use is never overwritten."""
    copy = tmp_path / "cadangan.siksbak"
    assert siks("desa", "cadangkan", own.desa, "--ke", copy).code == 0
    bad = tmp_path / "rusak.siksbak"
    for data in variants(copy.read_bytes()).values():
        if data.startswith(copy.read_bytes()):
            continue  # what follows a zip does not change what it holds
        bad.write_bytes(data)
        said = siks("desa", "pulihkan", bad, tmp_path / "baru")
        if said.code == 0:  # the byte that changed belongs to the zip's own directory
            shutil.rmtree(tmp_path / "baru")
            continue
        assert said.refused
        assert not (tmp_path / "baru").exists()
    with own.untouched():
        assert siks("desa", "pulihkan", copy, own.desa).refused == "E_FOLDER_TAKEN"
        assert siks("desa", "cadangkan", own.desa, "--ke", own.desa).refused == "E_IS_FOLDER"
    assert siks("desa", "pulihkan", copy, tmp_path / "baru").value["rumah_tangga"] == 4


# --- the medium ----------------------------------------------------------------------------------


@contextmanager
def disk(folder: Path, size: int) -> Iterator[Path]:
    """A disk of so many bytes; skipped where this process may not mount one."""
    folder.mkdir()
    mounted = broken.is_root() and shutil.which("mount") is not None
    if mounted:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "siks-test", str(folder)],
            capture_output=True, check=False,
        )  # fmt: skip
        mounted = done.returncode == 0
    if not mounted:
        pytest.skip("this process may not mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


ROOM = 120_000_000
"""What a disk has free before it is filled: reading a bundle asks for 100 MB beside its size."""


def fill(folder: Path, leave: int) -> None:
    """Write until only so many bytes are free."""
    free = shutil.disk_usage(folder).free
    with (folder / "pengisi").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(4096, free - leave))


def size_of(folder: Path) -> int:
    return sum(-(-p.stat().st_size // 4096) * 4096 + 4096 for p in folder.rglob("*"))


def many(path: Path, count: int) -> Path:
    """A plain prelist of many households."""
    return broken.book(
        path,
        ["NIK", "No KK", "Nama", "Alamat", "RT", "RW"],
        *(
            ["", f"350912200190{number:04}", f"UJI {number}", "Dusun Krajan", "001", "002"]
            for number in range(1, count + 1)
        ),
    )


@pytest.mark.parametrize("leave", [0, 65536])
def test_a_full_disk_is_told_and_loses_nothing(whole: World, tmp_path: Path, leave: int) -> None:
    """Every command that writes: E_DISK_FULL, and the offices hold what they held."""
    big = many(tmp_path / "banyak.xlsx", 1500)
    outside = tmp_path / "luar"
    outside.mkdir()
    room = size_of(whole.folder) + ROOM
    with disk(tmp_path / "penuh", room) as full:
        world = broken.copied(whole, full / "latihan")
        content = world.content()
        fill(full, leave)
        with world.untouched():
            for words in (
                ["desa", "impor", world.desa, big],
                ["desa", "ekspor", world.desa, "--semua", "--ke", full / "usb"],
                ["desa", "ekspor", world.desa, "--semua", "--ke", outside],
                ["desa", "cadangkan", world.desa, "--ke", full / "salinan.siksbak"],
                ["latihan", full / "lain", "--rumah-tangga", "5"],
                ["dinsos", "laporan", world.dinsos, "--ke", full / "laporan.html"],
            ):
                said = siks(*words)
                if words[1] == "laporan" and said.code == 0:
                    (full / "laporan.html").unlink()
                    continue
                assert said.refused == "E_DISK_FULL", words
        left = sorted(p.name for p in full.iterdir())
        assert left in (["latihan", "pengisi"], ["latihan", "pengisi", "usb"]), left
        assert not any((full / "usb").glob("*"))
        assert list(outside.iterdir()) == []
        if leave < 65536:
            with world.untouched():
                assert siks("desa", "terima", world.desa, world.receipt).refused == "E_DISK_FULL"
        (full / "pengisi").unlink()
        assert world.content() == content
        taken = siks("desa", "terima", world.desa, world.receipt)
        assert (taken.code, taken.value.get("diterima")) == (0, 2), taken


def test_a_full_disk_at_the_dinsos_takes_in_nothing_by_half(whole: World, tmp_path: Path) -> None:
    """A bundle that finds no room is told as such, and comes in when there is room."""
    with disk(tmp_path / "penuh", size_of(whole.folder) + ROOM) as full:
        world = broken.copied(whole, full / "latihan")
        sent = siks("desa", "ekspor", world.desa, "--semua", "--ke", tmp_path / "usb")
        assert sent.code == 0, sent
        (file,) = sent.value["berkas"]
        before = world.content()
        fill(full, 4096)
        with world.untouched():
            said = siks("dinsos", "terima", world.dinsos, file, "--tanda-terima", tmp_path / "b")
            assert said.code == 3
            row = said.value.get("galat") or said.value["berkas"][0]
            assert row["kode"] == "E_DISK_FULL"
            broken.clear(row)
        (full / "pengisi").unlink()
        assert world.content() == before
        said = siks("dinsos", "terima", world.dinsos, file)
        assert said.value["berkas"][0]["hasil"] == "diterima", said


def test_files_that_may_not_grow_count_as_a_full_disk(own: World, tmp_path: Path) -> None:
    """A quota or file size limit, without any right to mount: the same words, nothing lost."""
    resource = pytest.importorskip("resource")
    big = many(tmp_path / "banyak.xlsx", 3000)
    limit = (own.desa / "app.db").stat().st_size + 4096
    before = own.content()
    with own.untouched():
        for words in (
            ["desa", "impor", own.desa, big],
            ["desa", "cadangkan", own.desa, "--ke", tmp_path / "salinan.siksbak"],
        ):
            if words[1] == "cadangkan":
                limit //= 2
            done = subprocess.run(
                [sys.executable, "-m", "siks_offline.cli", *map(str, words), "--json"],
                capture_output=True, text=True, cwd=ROOT, check=False, timeout=120,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),  # noqa: B023
            )  # fmt: skip
            said = broken.Said(done.returncode, done.stdout, done.stderr)
            assert said.refused == "E_DISK_FULL", words
    assert own.content() == before
    assert not (tmp_path / "salinan.siksbak").exists()


# --- rights --------------------------------------------------------------------------------------

NOBODY = 65534


@pytest.fixture
def place(whole: World) -> Iterator[World]:
    """A world that a person without privileges owns, in a folder that all may enter."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="siks-hak-"))
    folder.chmod(0o755)
    try:
        world = broken.copied(whole, folder / "latihan")
        if broken.is_root():
            for path in (folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        yield world
    finally:
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir():
                path.chmod(0o700)
        shutil.rmtree(folder)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be somebody to whom file modes apply."""
    if not hasattr(os, "geteuid"):
        pytest.skip("this system has no file modes")
    if not broken.is_root():
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    before = path.stat().st_mode & 0o777
    path.chmod(bits)
    try:
        yield
    finally:
        path.chmod(before)


def test_a_folder_without_rights_is_named(place: World) -> None:
    """Read-only, closed, or somebody else's: E_NO_RIGHTS, and nothing changed."""
    shut = place.folder / "tertutup"
    shut.mkdir()
    if broken.is_root():
        os.chown(shut, NOBODY, NOBODY)
    cases = [
        (place.desa, 0o000, ["desa", "daftar", place.desa]),
        (place.desa, 0o500, ["desa", "cadangkan", place.desa, "--ke", place.folder / "c.siksbak"]),
        (place.desa / "app.db", 0o000, ["desa", "daftar", place.desa]),
        (place.desa / "app.db", 0o400, ["desa", "terima", place.desa, place.receipt]),
        (place.desa / "akun", 0o000, ["desa", "daftar", place.desa, "--akun", "operator"]),
        (place.desa / "akun" / "operator.age", 0o000, ["desa", "daftar", place.desa]),
        (place.desa / "kunci-1.age", 0o000, ["desa", "daftar", place.desa]),
        (place.prelist, 0o000, ["desa", "impor", place.desa, place.prelist]),
        (place.receipt, 0o000, ["desa", "terima", place.desa, place.receipt]),
        (shut, 0o500, ["desa", "ekspor", place.desa, "--semua", "--ke", shut]),
        (shut, 0o500, ["desa", "ekspor", place.desa, "--semua", "--ke", shut / "usb"]),
        (shut, 0o500, ["desa", "cadangkan", place.desa, "--ke", shut / "c.siksbak"]),
        (shut, 0o500, ["latihan", shut / "baru"]),
        (shut, 0o000, ["latihan", shut / "baru"]),
        (place.dinsos, 0o000, ["dinsos", "daftar", place.dinsos]),
        (place.dinsos, 0o500, ["dinsos", "daftar", place.dinsos]),
        (place.dinsos / "kunci", 0o000, ["dinsos", "daftar", place.dinsos]),
        (place.dinsos / "app.db", 0o000, ["dinsos", "daftar", place.dinsos]),
        (shut, 0o500, ["dinsos", "laporan", place.dinsos, "--ke", shut / "l.html"]),
        (shut, 0o500, ["dinsos", "terima", place.dinsos, place.sent, "--tanda-terima", shut]),
    ]  # fmt: skip
    siks("instrumen", "periksa", place.prelist)  # loads what is read from folders of ours
    with place.untouched():
        for path, bits, words in cases:
            with mode(path, bits), unprivileged():
                said = siks(*words)
            assert said.out.startswith('{"galat": {"kode": "E_NO_RIGHTS"'), (
                path.name,
                oct(bits),
                words[:2],
                said,
            )
            broken.clear(said.value["galat"])


def test_an_archive_without_rights_takes_nothing(place: World) -> None:
    """The Dinsos says so for each file; its store does not know what its archive does not keep."""
    with unprivileged():
        sent = siks("desa", "ekspor", place.desa, "--semua", "--ke", place.folder / "usb")
    (file,) = sent.value["berkas"]
    with place.untouched():
        with mode(place.dinsos / "arsip", 0o500), unprivileged():
            said = siks("dinsos", "terima", place.dinsos, file)
        assert said.code == 3
        assert said.value["berkas"][0]["kode"] == "E_NO_RIGHTS"
        broken.clear(said.value["berkas"][0])
