"""A real small medium under an export: full, locked, pulled; a clear message and no file left."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.db import attachments, visits
from siks_offline.desa import accounts, handover, parts, stick
from siks_offline.errors import SiksError
from siks_offline.export import bundle
from siks_offline.latihan import world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ROOM = 3 << 20
"""Bytes of the medium: the export of the village takes two thirds of it."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("usb") / "dunia"
    world.build(place, households=3, percent=100, now=NOW)
    with (
        accounts.open_village(place / "desa", "", "latihan") as village,
        village.store.write() as session,
    ):
        for one in list(visits.every_revision(session)):
            content = b"\xff\xd8\xff" + os.urandom(600_000)
            attachments.put(session, one.household_id, "F-RUMAH", "jpg", content)
    return place


@pytest.fixture
def place(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "dunia")


def call(*words: str | Path) -> None:
    subprocess.run(list(map(str, words)), check=True, capture_output=True)


@pytest.fixture
def medium(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room, where this machine lets us have one."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("a file system can be mounted by root on Linux only")
    folder = tmp_path / "usb"
    folder.mkdir()
    try:
        call("mount", "-t", "tmpfs", "-o", f"size={ROOM}", "usb", folder)
    except subprocess.CalledProcessError:
        pytest.skip("this machine lets nobody mount")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False, capture_output=True)


def refused(place: Path, medium: Path) -> str:
    """Export onto a medium that fails; the code of what the person is told."""
    with accounts.open_village(place / "desa", "", "latihan") as village:
        with pytest.raises(SiksError) as caught:
            handover.export(village, medium, NOW)
        assert handover.due(village) == 3, "nothing counts as sent"
        assert handover.exports(village) == []
    assert list((place / "desa" / handover.OUTBOX).iterdir()) == []
    return caught.value.code


def whole(place: Path, folder: Path) -> None:
    """The same export onto a sound medium goes through under the same number."""
    with accounts.open_village(place / "desa", "", "latihan") as village:
        [part] = handover.export(village, folder, NOW).parts
        assert part.seq == 2
        assert [one.result for one in stick.look(village, folder)] == ["utuh"]


def in_the_middle(monkeypatch: pytest.MonkeyPatch, then: Callable[[], None]) -> None:
    """Let something happen to the medium when half of a file is on it."""

    def copy(source: Any, out: Any, size: int) -> None:
        out.write(source.read(400_000))
        then()
        while data := source.read(size):
            out.write(data)

    monkeypatch.setattr(handover.shutil, "copyfileobj", copy)


def test_a_full_stick(place: Path, medium: Path, tmp_path: Path) -> None:
    """Room is looked at first; what was on the stick stays."""
    (medium / "foto.jpg").write_bytes(bytes(ROOM // 2))
    assert refused(place, medium) == "E_DISK_FULL"
    assert [one.name for one in medium.iterdir()] == ["foto.jpg"]
    whole(place, tmp_path / "lain")


def test_a_stick_that_fills_up_meanwhile(
    place: Path, medium: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's file takes the room half-way: the system's own ENOSPC, and no file of ours."""

    def fill() -> None:
        with (medium / "film.mp4").open("wb") as film:
            film.truncate(0)
            left = shutil.disk_usage(medium).free
            film.write(bytes(left - 64 * 1024))

    with monkeypatch.context() as broken:
        in_the_middle(broken, fill)
        assert refused(place, medium) == "E_DISK_FULL"
    assert [one.name for one in medium.iterdir()] == ["film.mp4"]
    whole(place, tmp_path / "lain")


def test_a_stick_that_is_locked(place: Path, medium: Path, tmp_path: Path) -> None:
    """A write-protected stick is named as such."""
    call("mount", "-o", "remount,ro", medium)
    assert refused(place, medium) == "E_NO_RIGHTS"
    assert list(medium.iterdir()) == []
    whole(place, tmp_path / "lain")


def test_a_stick_that_is_pulled(
    place: Path, medium: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gone before the file got its name: the message says so, and no .siks lies anywhere."""
    with monkeypatch.context() as broken:
        in_the_middle(broken, lambda: call("umount", "-l", medium))
        assert refused(place, medium) == "E_MEDIA_GONE"
    assert list(medium.iterdir()) == []
    whole(place, tmp_path / "lain")


def test_a_stick_that_returns_other_bytes(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file is read back; a worn-out stick is found before it is trusted."""
    from siks_offline.export import files

    sound = files.sha256_of

    def worn(path: Path) -> str:
        if path.parent == tmp_path / "usb" and path.suffix == ".siks":
            with path.open("r+b") as file:
                file.seek(-9, 2)
                file.write(b"\0")
        return sound(path)

    with monkeypatch.context() as broken:
        broken.setattr(files, "sha256_of", worn)
        assert refused(place, tmp_path / "usb") == "E_MEDIA_BAD"
    assert list((tmp_path / "usb").iterdir()) == []
    whole(place, tmp_path / "lain")


def test_a_file_that_the_laptop_itself_returns_otherwise(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is carried must be what was sealed, not only what was read from the laptop's disk."""

    def copy(source: Any, out: Any, size: int) -> None:
        data = source.read()
        out.write(data[:-1] + bytes([data[-1] ^ 1]))

    with monkeypatch.context() as broken:
        broken.setattr(handover.shutil, "copyfileobj", copy)
        assert refused(place, tmp_path / "usb") == "E_MEDIA_BAD"
    assert list((tmp_path / "usb").iterdir()) == []
    whole(place, tmp_path / "lain")


def test_names_and_sizes_fit_fat32(place: Path, tmp_path: Path) -> None:
    """Plain ASCII of at most 60 letters, unlike in more than case, and never 4 GiB in one file."""
    with accounts.open_village(place / "desa", "", "latihan") as village:
        sent = handover.export(village, tmp_path / "usb", NOW, target=1_400_000)
        stick.passports(village, sent.parts, NOW)
    names = [one.name for one in (tmp_path / "usb").iterdir()]
    assert len(sent.parts) > 1
    assert len(names) == 2 * len(sent.parts)
    assert [
        name for name in names if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", name)
    ] == []
    assert len({name.casefold() for name in names}) == len(names)
    assert max(parts.TARGETS.values()) < 4 << 30
    assert bundle.manifest.LARGEST_FILE < 4 << 30
