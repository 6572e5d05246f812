"""The command line keeps its contract: names, members and exit codes that others build on."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline import cli
from siks_offline.latihan import world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, Any]]

HOUSEHOLD = set("id idbdt no_kk nik_krt nama_krt alamat rt rw anggota kerja kirim revisi".split())
CELL = {"lembar", "baris", "kolom", "kode", "pesan", "tindakan"}
IMPORTED = {"jenis", "pratinjau", "ditambah", "diperbarui", "dilewati", "ditolak", "masalah"}
RECEIVED = set(
    "berkas hasil kode peringatan jenis pengirim seq manifest_sha256 diterima ditahan ditolak"
    " kurang_seq tanda_terima".split()
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice world of six households, half of them completed, made once."""
    place = tmp_path_factory.mktemp("kontrak") / "latihan"
    world.build(place, households=6, percent=50, now=datetime.now(UTC))
    return place


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "latihan")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SIKS_KATA_SANDI", "latihan")

    def call(*words: object) -> tuple[int, Any]:
        capsys.readouterr()
        code = cli.main([*map(str, words), "--json"])
        told = capsys.readouterr()
        assert told.err == ""
        assert told.out.count("\n") == 1, "exactly one JSON object"
        return code, json.loads(told.out)

    return call


def test_importing(run: Run, place: Path) -> None:
    """`desa impor` counts what it did, and the same file again is left alone."""
    for words in (("--pratinjau",), ()):
        code, got = run("desa", "impor", place / "desa", place / "prelist.xlsx", *words)
        assert (code, set(got)) == (0, IMPORTED)
        assert (got["jenis"], got["pratinjau"]) == ("udrt", bool(words))
        assert (got["ditambah"], got["dilewati"], got["masalah"]) == (0, 6, [])


def test_listing_and_searching(run: Run, place: Path) -> None:
    """`desa daftar` names every household; a search finds by any part."""
    _, got = run("desa", "daftar", place / "desa")
    rows = got["rumah_tangga"]
    assert len(rows) == 6
    assert {frozenset(row) for row in rows} == {frozenset(HOUSEHOLD)}
    one = rows[3]
    for part in (one["nik_krt"][3:11], one["nama_krt"][1:].upper(), one["no_kk"][-9:]):
        _, found = run("desa", "daftar", place / "desa", "--cari", part)
        assert one["id"] in {row["id"] for row in found["rumah_tangga"]}


def test_filling_merges_replaces_clears_and_refuses(run: Run, place: Path) -> None:
    """Scalars merge, a repeat is replaced whole, null clears, calculated names are refused."""
    desa, file = place / "desa", place / "jawaban.jsonl"
    _, got = run("desa", "daftar", desa)
    id_ = next(row["id"] for row in got["rumah_tangga"] if row["kerja"] == "belum")

    def fill(*lines: dict[str, Any] | str) -> tuple[int, Any]:
        text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
        file.write_text(text, encoding="utf-8")
        return run("desa", "isi", desa, file)

    code, got = fill({"rumah_tangga": id_, "jawaban": {"rt": 7, "alamat": "Gang Mawar"}})
    assert set(got) == {"disimpan", "selesai", "ditolak", "baris"}
    assert (got["disimpan"], got["selesai"], got["ditolak"]) == (1, 0, 0)
    row = got["baris"][0]
    assert set(row) == {"baris", "id", "hasil", "masalah"}
    assert (code, row["hasil"]) == (1, "disimpan"), "what is not yet answered is a finding"
    assert set(row["masalah"][0]) == {"jalur", "aturan", "tingkat", "pesan"}
    fill({"rumah_tangga": id_, "jawaban": {"alamat": None, "kk": [{"kk_nuk": "1"}]}})
    _, seen = run("desa", "lihat", desa, id_)
    assert set(seen) == {"id", "kerja", "kirim", "revisi", "jawaban", "masalah"}
    assert (seen["kerja"], seen["jawaban"]["rt"]) == ("draf", "7")
    assert "alamat" not in seen["jawaban"]
    assert seen["jawaban"]["kk"] == [{"kk_nuk": "1"}]
    code, got = fill(
        {"rumah_tangga": id_, "jawaban": {"umur_krt": "40"}},
        {"rumah_tangga": id_, "jawaban": {"tidak_ada": "1"}},
        "bukan json",
        {"rumah_tangga": "lain", "jawaban": {}},
        {"rumah_tangga": id_, "jawaban": {"rw": "2"}},
    )
    assert code == 1
    assert [row["hasil"] for row in got["baris"]] == ["ditolak"] * 4 + ["disimpan"]
    rules = [row["masalah"][0]["aturan"] for row in got["baris"][:4]]
    assert rules == [
        "E_QUESTION_CALCULATED",
        "E_QUESTION_UNKNOWN",
        "E_LINE_SHAPE",
        "E_HOUSEHOLD_UNKNOWN",
    ]


def test_a_refused_line_adds_no_household(run: Run, place: Path) -> None:
    """A proposal whose answers cannot be read leaves nothing behind."""
    file = place / "jawaban.jsonl"
    file.write_text(json.dumps({"rumah_tangga": None, "jawaban": {"tidak_ada": "1"}}))
    assert run("desa", "isi", place / "desa", file)[1]["ditolak"] == 1
    strange = [{"aturan": "w_tidak_ada", "jalur": "", "alasan": "ya"}]
    file.write_text(json.dumps({"rumah_tangga": None, "jawaban": {}, "konfirmasi": strange}))
    assert run("desa", "isi", place / "desa", file)[1]["ditolak"] == 1
    assert len(run("desa", "daftar", place / "desa")[1]["rumah_tangga"]) == 6
    file.write_text(json.dumps({"rumah_tangga": None, "jawaban": {"rt": "1"}}))
    assert run("desa", "isi", place / "desa", file)[1]["disimpan"] == 1
    assert len(run("desa", "daftar", place / "desa")[1]["rumah_tangga"]) == 7


def test_checking(run: Run, place: Path) -> None:
    """`desa periksa` looks at what was begun; completed practice visits have no finding."""
    code, got = run("desa", "periksa", place / "desa")
    assert (code, got) == (0, {"diperiksa": 3, "masalah": []})


def test_sending_and_receiving(run: Run, place: Path, tmp_path: Path) -> None:
    """Export, import, receipt and lists carry the members that scripts read."""
    desa, dinsos, usb = place / "desa", place / "dinsos", tmp_path / "usb"
    code, sent = run("desa", "ekspor", desa, "--ke", usb)
    lists = {"berkas", "bundle_id", "seq", "manifest_sha256"}
    assert code == 0
    assert set(sent) >= lists | {"kunjungan", "lampiran"}
    assert {len(sent[name]) for name in lists} == {1}
    code, got = run("dinsos", "terima", dinsos, *sent["berkas"], "--tanda-terima", usb / "balasan")
    row = got["berkas"][0]
    assert code == 0
    assert set(row) >= RECEIVED
    assert (row["hasil"], row["diterima"], row["manifest_sha256"]) == (
        "diterima",
        3,
        sent["manifest_sha256"][0],
    )
    code, taken = run("desa", "terima", desa, row["tanda_terima"])
    members = {"seq", "diterima", "ditahan", "ditolak", "kurang_seq", "baris"}
    assert (code, set(taken) >= members, taken["diterima"]) == (0, True, 3)
    assert set(taken["baris"][0]) == {"id", "hasil", "kode", "komentar"}
    code, nothing = run("desa", "ekspor", desa, "--ke", usb)
    assert (code, [nothing[name] for name in sorted(lists)]) == (0, [[]] * 4)
    assert (nothing["kunjungan"], nothing["lampiran"]) == (0, 0)
    _, again = run("desa", "ekspor", desa, "--ke", usb, "--semua")
    assert again["kunjungan"] == 3
    code, got = run("dinsos", "terima", dinsos, *sent["berkas"], *again["berkas"])
    assert (code, [one["hasil"] for one in got["berkas"]]) == (0, ["sudah", "diterima"])
    _, known = run("dinsos", "daftar", dinsos)
    assert {"kode", "status", "seq_terakhir", "kurang_seq", "rumah_tangga"} <= set(known["desa"][0])
    _, rows = run("dinsos", "daftar", dinsos, "--rumah-tangga")
    members = {"id", "visit_id", "kode_desa", "periode", "revisi", "sha256", "status"}
    assert [set(one) for one in rows["rumah_tangga"]] == [members] * 3
    assert rows["rumah_tangga"] == sorted(rows["rumah_tangga"], key=lambda one: one["id"])
    _, got = run("dinsos", "laporan", dinsos, "--ke", tmp_path / "l.html")
    assert got == {"berkas": str(tmp_path / "l.html"), "desa": 1}
    _, got = run("dinsos", "tahanan", dinsos)
    assert got == {"ditahan": []}
    _, got = run("berkas", "periksa", sent["berkas"][0])
    assert (set(got), got["jenis"], got["penerima"]) == (
        {"jenis", "ukuran", "penerima", "sha256"},
        "siks",
        2,
    )
    _, got = run("dinsos", "bangun-ulang", dinsos)
    assert {"berkas", "rumah_tangga"} <= set(got)
    assert run("dinsos", "daftar", dinsos, "--rumah-tangga")[1] == rows


def test_the_worst_of_several_files_is_the_exit_code(run: Run, place: Path, tmp_path: Path) -> None:
    """One bad file does not keep the good one out."""
    _, sent = run("desa", "ekspor", place / "desa", "--ke", tmp_path / "usb")
    bad = tmp_path / "rusak.siks"
    bad.write_bytes(b"bukan apa-apa")
    code, got = run("dinsos", "terima", place / "dinsos", bad, *sent["berkas"])
    assert code == 3
    assert [(one["hasil"], one["kode"]) for one in got["berkas"]] == [
        ("ditolak", "E_NOT_BUNDLE"),
        ("diterima", ""),
    ]


def test_the_instrument(run: Run, tmp_path: Path) -> None:
    """`instrumen periksa` names what the shipped workbook holds, and a bad cell of another."""
    from siks_offline import paths

    code, got = run("instrumen", "periksa", paths.resources() / "instrumen" / "dtks-2020.xlsx")
    assert (code, got["id"], got["versi"], got["masalah"]) == (0, "dtks", "2020.1", [])
    assert got["pertanyaan"] > 200
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "survey"
    for row in (["type", "name", "label"], ["textt", "nama", "Nama"]):
        book.active.append(row)
    book.save(tmp_path / "salah.xlsx")
    code, got = run("instrumen", "periksa", tmp_path / "salah.xlsx")
    assert code == 1
    assert all(set(one) == CELL for one in got["masalah"])


def test_a_wrong_call_is_2_and_a_refusal_3(run: Run, place: Path) -> None:
    """Who calls from a script can tell a wrong call from a refusal."""
    code, got = run("desa", "ekspor", place / "desa")
    assert (code, got["galat"]["kode"]) == (2, "E_USAGE")
    code, got = run("desa", "daftar", place)
    assert (code, set(got["galat"])) == (3, {"kode", "pesan", "tindakan"})
