"""A full disk or a folder without rights is told, and nothing is lost or half-written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.scenarios import broken
from tests.scenarios.broken import World, siks
from tests.scenarios.broken_world import own, passphrase, patient, whole, world

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

__all__ = ["own", "passphrase", "patient", "whole", "world"]


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
        # With some room left an export may take its number before it has to give it back.
        with world.untouched(*(["desa/app.db"] if leave else [])):
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
