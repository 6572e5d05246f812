"""The office's commands: names, JSON members and exit codes as they are promised."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.cli import main, output
from siks_offline.dinsos.office import open_office
from siks_offline.export import invitation, keyset
from tests.dinsos.test_receipts import VillageGate
from tests.dinsos.world import KODE, PASSPHRASE, TestVillage, make_office

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kantor") / "dinsos"
    make_office(folder).close()
    return folder


@pytest.fixture
def store(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a new office; its passphrase is in the environment."""
    import shutil

    monkeypatch.setenv("SIKS_KATA_SANDI", PASSPHRASE)
    shutil.copytree(template, tmp_path / "dinsos")
    return tmp_path / "dinsos"


@pytest.fixture
def siks(capsys: pytest.CaptureFixture[str]):
    """Run a command with --json; gives its exit code and its one object."""

    def run(*words: object) -> tuple[int, dict[str, Any]]:
        code = main([*map(str, words), "--json"])
        out, err = capsys.readouterr()
        assert err == ""
        assert out.count("\n") == 1
        return code, json.loads(out)

    return run


def village_of(siks: Any, store: Path, folder: Path) -> TestVillage:
    """Invite through the command, and be the village that reads it."""
    folder.mkdir(exist_ok=True)
    path = folder / "undangan.siksundang"
    code, told = siks("dinsos", "undang", store, KODE, "--ke", path)
    assert code == 0
    assert told.keys() >= {"berkas", "undangan", "kode_surat", "sidik_jari", "berlaku_sampai"}
    read = invitation.read(path)
    invitation.require_code(read, told["kode_surat"])
    invitation.require_digits(read, told["sidik_jari"])
    return TestVillage(read.keyset, read.invitation, told["kode_surat"], folder)


def test_the_office_road_by_command(siks: Any, store: Path, tmp_path: Path) -> None:
    """Invite, enrol, approve, receive, answer, list, report, return: all of it by command."""
    village = village_of(siks, store, tmp_path / "desa")
    code, told = siks("dinsos", "terima", store, village.enrol())
    assert (code, told["berkas"][0]["hasil"], told["berkas"][0]["jenis"]) == (
        0,
        "diterima",
        "enrolment",
    )
    code, told = siks("dinsos", "setujui", store, KODE)
    assert (code, told["kode"], told["status"]) == (0, KODE, "aktif")

    files = [village.send([village.visit(1)]), village.send([village.visit(2)])]
    code, told = siks("dinsos", "terima", store, files[1], "--tanda-terima", tmp_path / "tt")
    [row] = told["berkas"]
    assert code == 0
    assert row["kurang_seq"] == [2]
    assert row["peringatan"] == ["W_GAP"]
    code, told = siks("dinsos", "terima", store, *files, "--tanda-terima", tmp_path / "tt")
    assert code == 0
    assert [row["hasil"] for row in told["berkas"]] == ["diterima", "sudah"]
    assert set(told["berkas"][0]) >= {
        "berkas", "hasil", "kode", "peringatan", "jenis", "pengirim", "seq", "manifest_sha256",
        "diterima", "ditahan", "ditolak", "kurang_seq", "tanda_terima",
    }  # fmt: skip
    from siks_offline.export import bundle, receipt

    answer = tmp_path / "tt" / told["berkas"][0]["tanda_terima"].rpartition("/")[2]
    with bundle.open_bundle(answer, VillageGate(village), tmp_path) as opened:
        assert [one.seq for one in receipt.read(opened).bundles] == [1, 2, 3]

    code, told = siks("dinsos", "daftar", store)
    [desa] = told["desa"]
    assert (desa["kode"], desa["status"], desa["seq_terakhir"], desa["kurang_seq"]) == (
        KODE,
        "aktif",
        3,
        [],
    )
    code, told = siks("dinsos", "daftar", store, "--rumah-tangga")
    assert [set(row) for row in told["rumah_tangga"]] == [
        {"id", "visit_id", "kode_desa", "periode", "revisi", "sha256", "status"}
    ] * 2
    before = told
    code, told = siks("dinsos", "bangun-ulang", store)
    assert (code, told["berkas"], told["rumah_tangga"]) == (0, 3, 2)
    assert siks("dinsos", "daftar", store, "--rumah-tangga") == (0, before)
    code, told = siks("dinsos", "balasan", store, "--ke", tmp_path / "b.siksbalas")
    assert (code, told["desa"]) == (0, 1)
    assert siks("berkas", "periksa", tmp_path / "b.siksbalas")[1]["jenis"] == "siksbalas"
    code, told = siks("dinsos", "penandatangan", store)
    assert told["penandatangan"][0].startswith(f"desa:{KODE} ")
    code, told = siks("dinsos", "cabut", store, KODE, "--alasan", "laptop hilang")
    assert (code, told["status"]) == (0, "dicabut")
    late = village.send([village.visit(3)])
    code, told = siks("dinsos", "terima", store, late)
    assert (code, told["berkas"][0]["hasil"], told["berkas"][0]["kode"]) == (
        1,
        "ditahan",
        "H_KEY_REVOKED",
    )
    code, told = siks("dinsos", "tahanan", store)
    [stopped] = told["ditahan"]
    assert set(stopped) >= {"id", "kode", "pengirim", "seq", "kunjungan"}
    words = ("dinsos", "tahanan", store, "--lepas", stopped["id"])
    code, told = siks(*words)
    assert (code, told["galat"]["kode"]) == (3, "E_DIGITS_MISSING")
    code, told = siks(*words, "--sidik-jari", keyset.manifest_digits(stopped["id"]))
    assert (code, told["ditahan"]) == (0, [])


def test_one_bad_file_does_not_stop_the_others(siks: Any, store: Path, tmp_path: Path) -> None:
    """Files go on after one that is refused; the exit code is the worst."""
    village = village_of(siks, store, tmp_path / "desa")
    bad = tmp_path / "rusak.siks"
    bad.write_bytes(b"bukan berkas siks")
    code, told = siks("dinsos", "terima", store, bad, tmp_path / "tidak-ada", village.enrol())
    assert code == 3
    assert [row["hasil"] for row in told["berkas"]] == ["ditolak", "ditolak", "diterima"]
    assert told["berkas"][0]["kode"] == "E_NOT_BUNDLE"


def test_report_is_a_page_without_names(
    siks: Any, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report prints villages, gaps and held files, carries no NIK, and runs nothing."""
    village = village_of(siks, store, tmp_path / "desa")
    siks("dinsos", "terima", store, village.enrol())
    siks("dinsos", "setujui", store, KODE)
    village.send([village.visit(1)])
    visit = village.visit(2)
    siks("dinsos", "terima", store, village.send([visit]))
    code, told = siks("dinsos", "laporan", store, "--ke", tmp_path / "laporan.html")
    page = (tmp_path / "laporan.html").read_text(encoding="utf-8")
    assert (code, told["desa"]) == (0, 1)
    assert "35.09.12.2003" in page
    assert "berkas nomor 2 belum diterima" in page
    assert visit["answers"]["anggota"][0]["nik"] not in page
    assert "SITI" not in page
    assert "<script" not in page


def test_refusals_are_one_object_or_one_sentence(
    siks: Any, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """A refusal has a code, a message and a remedy, exit 3, and never a traceback."""
    code, told = siks("dinsos", "daftar", tmp_path / "tidak-ada")
    assert (code, told["galat"]["kode"]) == (3, "E_NOT_OFFICE")
    assert told["galat"].keys() == {"kode", "pesan", "tindakan"}
    monkeypatch.setenv("SIKS_KATA_SANDI", "bukan ini kata sandinya")
    assert main(["dinsos", "daftar", str(store)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "E_PASSPHRASE" in err
    assert siks("dinsos", "daftar")[0] == 2
    assert siks("dinsos", "terbang", store)[0] == 2
    assert siks("dinsos", "tahanan", store, "--tolak", "0" * 64)[0] == 2


def test_a_bug_is_told_calmly_and_logged_masked(
    siks: Any, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of our own gives a number, not a traceback, and the log holds no NIK."""
    from siks_offline import paths
    from siks_offline.dinsos import report

    def broken(_office: object) -> None:
        raise RuntimeError("NIK 3509125507000123 tidak terbaca")

    monkeypatch.setattr(report, "villages", broken)
    code, told = siks("dinsos", "daftar", store)
    assert (code, told["galat"]["kode"]) == (3, "E_BUG")
    logged = (paths.logs() / "siks.log").read_text(encoding="utf-8")
    number = told["galat"]["pesan"].rstrip(".").rpartition(" ")[2]
    assert number in logged
    assert "RuntimeError" in logged
    assert "3509125507000123" not in logged


def test_setting_up_an_office(siks: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new office tells its key, the 30 digits and, once, the recovery code."""
    monkeypatch.setenv("SIKS_KATA_SANDI", PASSPHRASE)
    code, told = siks("dinsos", "siapkan", tmp_path / "baru", "--kode", "35.09")
    assert code == 0
    assert told["id"] == "dinsos:3509"
    assert told["kunci"].startswith("SHA256:")
    assert len(told["sidik_jari"]) == 30
    code, again = siks("dinsos", "siapkan", tmp_path / "baru", "--kode", "3509")
    assert (code, again["galat"]["kode"]) == (3, "E_FOLDER_TAKEN")
    with open_office(tmp_path / "baru", PASSPHRASE) as office:
        assert office.digits == told["sidik_jari"]


def test_help_loads_nothing_heavy() -> None:
    """`siks --help` answers without loading a database, a workbook reader or cryptography."""
    import subprocess

    asked = (
        "import sys; from siks_offline.cli import main; main(['--help']);"
        "print([m for m in ('sqlalchemy', 'openpyxl', 'cryptography') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_practice_needs_no_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a practice world the passphrase that everybody knows is taken by itself."""
    monkeypatch.delenv("SIKS_KATA_SANDI", raising=False)
    assert output.passphrase(practice=True) == "latihan"


def test_prelist_of_a_workbook_goes_out_signed(siks: Any, store: Path, tmp_path: Path) -> None:
    """An Excel prelist becomes a sealed bundle for its village; a bad row is named, not loaded."""
    from openpyxl import Workbook

    from siks_offline.export import bundle, prelist_lines

    village = village_of(siks, store, tmp_path / "desa")
    book = Workbook()
    for row in (
        ["No", "NIK", "No. KK", "Nama Lengkap", "Alamat", "RT", "RW", "JK"],
        [1, "3509120101800001", "3509120101010001", "SLAMET", "JL MAWAR", "001", "02", "L"],
        [2, "35.2018E+14", "3509120101010002", "BUDI", "JL KENANGA", "3", "1", "L"],
    ):
        book.active.append(row)
    path, target = tmp_path / "prelist.xlsx", tmp_path / "prelist.siks"
    book.save(path)
    words = ("dinsos", "prelist", store, path, "--desa", KODE, "--ke", target)
    code, told = siks(*words)
    assert (code, told["galat"]["kode"]) == (3, "E_NO_DEVICE")
    siks("dinsos", "terima", store, village.enrol())
    siks("dinsos", "setujui", store, KODE)
    code, told = siks(*words)
    assert (code, told["versi"], told["rumah_tangga"], told["ditolak"]) == (1, 1, 1, 1)
    assert told["masalah"][0]["baris"] == 3
    with bundle.open_bundle(target, VillageGate(village), tmp_path) as opened:
        assert prelist_lines.read_head(opened).version == 1
        [home] = prelist_lines.read(opened)
    assert home.answers["anggota"][0]["nama"] == "SLAMET"
