"""A workbook, bundle, invitation or copy that is none changes nothing."""

from __future__ import annotations

import secrets
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.scenarios import broken
from tests.scenarios.broken import World, siks
from tests.scenarios.broken_world import own, passphrase, patient, whole, world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OFFICE_STORE = "dinsos/app.db"
OTHER_DESA = "3509122004"

__all__ = ["own", "passphrase", "patient", "whole", "world"]


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
