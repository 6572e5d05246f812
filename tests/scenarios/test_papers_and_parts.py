"""What goes out on a stick, by mail or on paper, from the command line and without Qt."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline import cli
from siks_offline.db import attachments, ledger, visits
from siks_offline.desa import accounts, handover, parts, stick
from siks_offline.dinsos import office as offices
from siks_offline.dinsos import receipts, receive
from siks_offline.errors import SiksError
from siks_offline.export import handover_paper, keyset
from siks_offline.latihan import world

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    Run = Callable[..., tuple[int, dict[str, Any]]]

KODE = world.KODE_DESA


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Path:
    """A practice world of six households, four completed, three with large photos."""
    place = tmp_path_factory.mktemp("lembar") / "dunia"
    world.build(place, households=6, percent=67, now=now)
    with (
        accounts.open_village(place / "desa", "", "latihan") as village,
        village.store.write() as session,
    ):
        homes = [line.household_id for line in visits.every_revision(session)]
        for household_id in homes[:3]:
            content = b"\xff\xd8\xff" + os.urandom(700_000)
            attachments.put(session, household_id, "F-RUMAH", "jpg", content)
    (place / "usb").mkdir()
    return place


@pytest.fixture(scope="module")
def now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC)


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "dunia")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SIKS_KATA_SANDI", "latihan")

    def call(*words: object) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = cli.main([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def words_of(pdf: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not on this machine")
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True)
    return done.stdout.decode()


def test_letter_on_paper(run: Run, place: Path) -> None:
    """The letter holds the one-time code, the 30 digits and how to use them; nothing else secret."""
    letter = place / "surat.pdf"
    code, made = run(
        "dinsos",
        "undang",
        place / "dinsos",
        KODE,
        "--ke",
        place / "u.siksundang",
        "--surat",
        letter,
    )
    assert (code, made["surat"]) == (0, str(letter))
    said = words_of(letter)
    assert made["kode_surat"] in said
    digits = made["sidik_jari"]
    assert " ".join(digits[at : at + 5] for at in range(0, 30, 5)) in said
    assert "35.09.12.2003" in said
    assert made["undangan"] in said
    if os.name == "posix":
        assert letter.stat().st_mode & 0o077 == 0, "its code opens the door"
    sheet = handover_paper.Letter("D", "dinsos:3509", KODE, "X", "id", "CODE", "1" * 30, "besok")
    assert sheet.qr == f"SIKS-SURAT/1 dinsos:3509 {KODE} id CODE {'1' * 30}"


def test_export_with_passports(run: Run, place: Path) -> None:
    """Beside each file its paper: village, number, counts, check code, 30 digits; no person."""
    code, sent = run("desa", "ekspor", place / "desa", "--ke", place / "usb", "--paspor")
    assert code == 0
    [paper], [seq], [manifest] = sent["paspor"], sent["seq"], sent["manifest_sha256"]
    said = words_of(place / "usb" / paper)
    spoken = keyset.manifest_digits(manifest)
    check = keyset.check_code(manifest)
    for wanted in (
        "35.09.12.2003",
        f"{check[:4]} {check[4:]}",
        " ".join(spoken[at : at + 5] for at in range(0, 30, 5)),
        "operator",
        sent["berkas"][0].rsplit("/", 1)[-1][:20],
    ):
        assert wanted in said, wanted
    assert [line.split()[-1] for line in said.splitlines() if line.strip().startswith("Nomor")] == [
        str(seq)
    ]
    _, homes = run("desa", "daftar", place / "desa")
    for home in homes["rumah_tangga"]:
        for secret in ("nama_krt", "nik_krt", "no_kk", "alamat"):
            assert not home[secret] or home[secret] not in said
    _, taken = run("dinsos", "terima", place / "dinsos", *sent["berkas"])
    assert taken["berkas"][0]["kode_cek"] == check


def test_looking_at_the_stick(run: Run, place: Path) -> None:
    """Renamed is whole, changed is broken, absent is absent; files of others are passed over."""
    usb = place / "usb"
    _, sent = run("desa", "ekspor", place / "desa", "--ke", usb)
    file = usb / sent["berkas"][0].rsplit("/", 1)[-1]
    (usb / "foto.jpg").write_bytes(b"not ours")
    look = ("desa", "periksa-berkas", place / "desa", usb)
    assert run(*look) == (
        0,
        {
            "utuh": 1,
            "rusak": 0,
            "tidak_ada": 0,
            "berkas": [{"berkas": file.name, "seq": sent["seq"][0], "hasil": "utuh"}],
        },
    )
    other = file.rename(usb / "DOC-2026 (1).siks")
    assert run(*look)[1]["utuh"] == 1
    whole = other.read_bytes()
    other.unlink()
    code, found = run(*look)
    assert (code, found["tidak_ada"]) == (1, 1)
    file.write_bytes(whole[:5000] + b"\0" + whole[5001:])
    code, found = run(*look)
    assert (code, found["rusak"], found["tidak_ada"]) == (1, 1, 0)


def test_an_export_is_cut_to_the_medium(place: Path, now: datetime) -> None:
    """No file is larger than asked; each is a bundle of its own; together they bring everything."""
    target = 1_600_000
    with accounts.open_village(place / "desa", "", "latihan") as village:
        done = handover.export(village, place / "usb", now, target=target)
        with village.store.read() as session:
            recorded = [one for one in ledger.exports(session) if one.type == "visits"]
        papers = stick.passports(village, done.parts, now)
    assert len(done.parts) == 2
    assert all(part.path.stat().st_size <= target for part in done.parts)
    assert [(part.number, part.count) for part in done.parts] == [(1, 2), (2, 2)]
    assert (done.visits, done.attachments) == (4, 3)
    assert [one.seq for one in recorded] == [3, 2]
    assert len(papers) == 2
    with offices.open_office(place / "dinsos", "latihan") as office:
        arrived = [receive.accept(office, part.path, now) for part in reversed(done.parts)]
        told = receipts.deliver(office, arrived, place / "balasan", now)
    assert [one.hasil for one in arrived] == ["diterima", "diterima"], "in either order"
    with accounts.open_village(place / "desa", "", "latihan") as village:
        from siks_offline.desa import arrivals

        arrivals.accept(village, next(iter(told.values())), now)
        assert handover.export(village, place / "usb", now).parts == ()


def test_photos_are_left_out_only_when_confirmed(place: Path, now: datetime) -> None:
    """Until a receipt says that the Dinsos holds a photo, every export carries it again."""
    with accounts.open_village(place / "desa", "", "latihan") as village:
        first = handover.export(village, place / "usb", now)
        again = handover.export(village, place / "usb", now)
        assert (first.attachments, again.attachments) == (3, 3)
        with village.store.write() as session:
            ledger.set_attachments_received(session, ledger.attachments_due(session)[:2])
        assert handover.export(village, place / "usb", now).attachments == 1
        assert handover.export(village, place / "usb", now, everything=True).attachments == 3


def test_a_photo_too_large_for_the_medium(place: Path, now: datetime) -> None:
    """It is said so before anything is written."""
    with accounts.open_village(place / "desa", "", "latihan") as village:
        with pytest.raises(SiksError) as refused:
            handover.export(village, place / "usb", now, target=600_000)
        assert refused.value.code == "E_PHOTO_PART"
        assert list((place / "usb").iterdir()) == []
        assert parts.TARGETS["surel"] <= 18_000_000


def test_ceremonies_from_the_command_line(run: Run, place: Path) -> None:
    """Accounts, approvals, keys, digits read aloud and copies of the office: members and codes."""
    dinsos, desa = place / "dinsos", place / "desa"
    assert run("dinsos", "akun", dinsos, "--tambah", "kepala") == (
        0,
        {"akun": ["dinsos", "kepala"]},
    )
    as_one = ("--akun", "dinsos")
    assert run("dinsos", "aturan", dinsos, "--persetujuan", 2, *as_one)[1] == {
        "persetujuan": 2,
        "berlaku": True,
    }
    _, before = run("dinsos", "kunci", "lihat", dinsos, *as_one)
    code, after = run("dinsos", "kunci", "ganti", dinsos, *as_one)
    assert (code, before["versi"], after["versi"]) == (0, 1, 2)
    assert before["kunci"] != after["kunci"]
    assert before["sidik_jari"] == after["sidik_jari"]
    code, told = run("dinsos", "kunci", "buang", dinsos, *as_one)
    assert (code, told["galat"]["kode"]) == (2, "E_USAGE")
    _, sent = run("desa", "ekspor", desa, "--ke", place / "usb", "--ukuran", "wa")
    run("dinsos", "terima", dinsos, *sent["berkas"], *as_one)
    code, spoken = run("dinsos", "suara", dinsos, KODE, sent["seq"][0], *as_one)
    assert (code, set(spoken["suara"][0])) == (
        0,
        {"kode_suara", "aliran", "seq", "kunjungan", "lampiran"},
    )
    code, heard = run("desa", "suara", desa, spoken["suara"][0]["kode_suara"])
    assert (code, heard["seq"], heard["kunjungan"]) == (0, sent["seq"][0], 4)
    assert run("desa", "perangkat", desa)[1]["keadaan"] == "aktif"
    code, told = run("desa", "perbarui", desa, "--ke", place / "baru.siks")
    assert (code, told["galat"]["kode"]) == (3, "E_RENEWAL_EARLY")
    copy = place / "kantor.siksbak"
    code, made = run("dinsos", "cadangkan", dinsos, "--ke", copy, *as_one)
    assert (code, made["perangkat"], made["asli"]) == (0, 1, 2)
    code, done = run("dinsos", "pulihkan", copy, place / "baru", "--akun", "kepala")
    assert (code, done["perangkat"], done["asli"], done["ditinggal"]) == (0, 1, 2, 0)
    _, homes = run("dinsos", "daftar", place / "baru", "--rumah-tangga", *as_one)
    assert len(homes["rumah_tangga"]) == 4


def test_people_and_the_root_from_the_command_line(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account goes and its key with it; the root is moved to a stick and used from there."""
    dinsos, stick = place / "dinsos", place / "brankas"
    run("dinsos", "akun", dinsos, "--tambah", "kepala")
    as_one = ("--akun", "dinsos")
    assert run("dinsos", "akun", dinsos, "--hapus", "kepala", *as_one) == (0, {"akun": ["dinsos"]})
    code, told = run("dinsos", "kunci", "simpan-akar", dinsos, "--ke", stick)
    assert (code, told["galat"]["kode"]) == (3, "E_ROOT_SIGNS")
    assert run("dinsos", "kunci", "simpan-akar", dinsos)[0] == 2
    assert run("dinsos", "kunci", "ganti-akar", dinsos)[0] == 0
    code, told = run("dinsos", "kunci", "simpan-akar", dinsos, "--ke", stick)
    assert (code, told["akar_disimpan"]) == (0, str(stick / "akar-1.age"))
    assert run("dinsos", "kunci", "ganti", dinsos)[1]["galat"]["kode"] == "E_ROOT_AWAY"
    code, told = run("dinsos", "kunci", "ganti", dinsos, "--akar", stick)
    assert (code, told["versi"]) == (0, 3)
    monkeypatch.setenv("SIKS_KODE_PEMULIHAN", "0000-0000")
    code, told = run("dinsos", "uji-eskro", dinsos)
    assert (code, told["galat"]["kode"]) == (3, "E_RECOVERY_CODE")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "E_DISK_FULL"),
        (errno.EFBIG, "E_DISK_FULL"),  # FAT32 takes no file of 4 GiB
        (errno.EIO, "E_MEDIA_GONE"),
        (errno.ENODEV, "E_MEDIA_GONE"),
        (errno.EROFS, "E_NO_RIGHTS"),
    ],
)
def test_a_stick_that_fails_leaves_nothing(
    place: Path, now: datetime, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    """Full, pulled or locked half-way: a clear message, no file, no number used, all still due."""

    def failing(source: Any, out: Any, size: int) -> None:
        out.write(source.read(5000))
        raise OSError(number, os.strerror(number))

    with accounts.open_village(place / "desa", "", "latihan") as village:
        with monkeypatch.context() as broken:
            broken.setattr(handover.shutil, "copyfileobj", failing)
            with pytest.raises(SiksError) as refused:
                handover.export(village, place / "usb", now)
        assert refused.value.code == code
        assert list((place / "usb").iterdir()) == []
        assert list((place / "desa" / handover.OUTBOX).iterdir()) == []
        assert handover.due(village) == 4
        [part] = handover.export(village, place / "usb", now).parts
    assert part.seq == 2


def test_free_space_is_looked_at_first(
    place: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick without room is refused before a byte is written to it."""
    usage = shutil.disk_usage(place)._replace(free=2_000_000)
    with accounts.open_village(place / "desa", "", "latihan") as village:
        with monkeypatch.context() as full:
            full.setattr(shutil, "disk_usage", lambda _: usage)
            with pytest.raises(SiksError) as refused:
                handover.export(village, place / "usb", now)
        assert refused.value.code == "E_DISK_FULL"
        assert list((place / "usb").iterdir()) == []


def test_a_village_made_anew_is_no_restored_one(tmp_path: Path, now: datetime) -> None:
    """Another village in the place of a deleted one goes on in the stream it enrolled with."""
    seen = []
    for _ in range(2):
        shutil.rmtree(tmp_path / "dunia", ignore_errors=True)
        world.build(tmp_path / "dunia", households=1, percent=100, now=now)
        with accounts.open_village(tmp_path / "dunia" / "desa", "", "latihan") as village:
            [part] = handover.export(village, tmp_path / "usb", now).parts
        seen.append(part.seq)
    assert seen == [2, 2]
