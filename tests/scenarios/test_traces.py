"""What a road leaves on a disk: files of their owner only, and no name or number to be read."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from siks_offline.desa import households, photos, visit
from siks_offline.desa.accounts import open_village
from tests.scenarios import broken, day
from tests.scenarios.broken import PASSPHRASE, World, siks
from tests.scenarios.test_photos import png

if TYPE_CHECKING:
    from collections.abc import Iterator

NIK, NO_KK, NAME, TYPED = day.NIK, day.NO_KK, day.NAME, day.TYPED
NOW = datetime(2026, 11, 22, 3, 42, tzinfo=UTC)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX's")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world after the whole road, with temporary files and data in folders of their own."""
    base = tmp_path_factory.mktemp("jejak")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIKS_KATA_SANDI", PASSPHRASE)
        for name, folder in (("SIKS_DATA", base / "data"), ("TMPDIR", base / "tmp")):
            folder.mkdir()
            patch.setenv(name, str(folder))
        patch.setattr(tempfile, "tempdir", str(base / "tmp"))
        before = os.umask(0o022)
        try:
            world = broken.build(base / "latihan")
            walk(world, base)
            yield world
        finally:
            os.umask(before)


def walk(world: World, base: Path) -> None:
    """Everything a village and its Dinsos do with one household more, a photo and a copy too."""
    day.walk(world, base)
    with open_village(world.desa, "", PASSPHRASE) as village:
        (home,) = households.find(village, NIK)
        picture = base / "foto.png"
        picture.write_bytes(png(NAME.encode()))
        answer = photos.attach(village, home, "foto_rumah", picture, NOW)
        opened = visit.open_visit(village, home, NOW)
        opened.state.set("foto_rumah", answer)
        # The half-typed field as well: it is the newest that anybody typed.
        visit.save_draft(village, home, opened.snapshot(), ("alamat", TYPED + NIK), NOW)
        picture.unlink()


def secrets_of(world: World) -> list[str]:
    """Numbers and names of everybody in the village."""
    rows = siks("desa", "daftar", world.desa).value["rumah_tangga"]
    found = {NIK, NO_KK, NAME, "ZZUJI", TYPED}
    for row in rows:
        found |= {row["nik_krt"], row["no_kk"], row["nama_krt"]} - {""}
    assert len(found) > 10
    return sorted(found)


def found_in(folder: Path, words: list[str]) -> list[str]:
    """Files in which a word can be read, as ASCII or as UTF-16."""
    needles = [(word, code, word.encode(code)) for word in words for code in ("utf-8", "utf-16-le")]
    return [
        f"{path.relative_to(folder)}: {word} ({code})"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for content in [path.read_bytes()]
        for word, code, needle in needles
        if needle in content
    ]


def test_no_name_or_number_can_be_read_from_the_disk(world: World) -> None:
    """Stores, archives, bundles, copies, reports, logs, caches and temporary files hold none."""
    base = world.folder.parent
    words = secrets_of(world)
    assert len(list(base.rglob("*.siks"))) >= 6
    assert (base / "latihan" / "usb" / "cadangan.siksbak").is_file()
    assert found_in(base, words) == []
    assert list((base / "tmp").iterdir()) == []


def test_a_store_has_no_header_of_sqlite(world: World) -> None:
    """Not even the kind of file is told: every database begins with a random salt."""
    stores = [path for path in world.folder.parent.rglob("*.db*") if path.stat().st_size]
    assert len(stores) >= 3
    for path in stores:
        assert not path.read_bytes()[:16].startswith(b"SQLite format 3"), path


def test_bundles_of_the_same_data_differ(world: World, tmp_path: Path) -> None:
    """Sealed twice, the same households give files that share nothing a reader could compare."""
    twice = []
    for name in ("a", "b"):
        assert siks("desa", "ekspor", world.desa, "--semua", "--ke", tmp_path / name).code == 0
        (file,) = (tmp_path / name).glob("*.siks")
        twice.append(file.read_bytes())
    assert found_in(tmp_path, secrets_of(world)) == []
    blocks = [{one[at : at + 64] for at in range(0, len(one) - 64, 64)} for one in twice]
    assert twice[0][200:264] != twice[1][200:264]
    assert not {block for block in blocks[0] & blocks[1] if len(set(block)) > 8}


def test_a_search_would_have_found_them(world: World, tmp_path: Path) -> None:
    """The search above sees a word in either spelling, or it would prove nothing."""
    (tmp_path / "a").write_bytes(b"\x00" + NIK.encode() + b"\x00")
    (tmp_path / "b").write_bytes(b"\x00\x01" + NAME.encode("utf-16-le"))
    assert len(found_in(tmp_path, [NIK, NAME])) == 2


def test_an_open_store_can_be_read_no_better(world: World) -> None:
    """What SQLite keeps beside a store in use is sealed as well, and its owner's only."""
    from siks_offline.db import meta

    words = secrets_of(world)
    with open_village(world.desa, "", PASSPHRASE) as village:
        with village.store.write() as session:
            meta.put(session, "percobaan", f"{NIK} {NAME}")
        beside = {path.name for path in world.desa.iterdir()}
        assert "app.db-wal" in beside
        assert found_in(world.desa, words) == []
        if sys.platform != "win32":
            assert open_to_others(world.desa) == []
        with village.store.write() as session:
            meta.put(session, "percobaan", "")


def test_a_bug_is_told_without_numbers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback goes to the log with its long numbers masked; the person reads one sentence."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"no such household {NIK} in {NO_KK}")

    monkeypatch.setattr(households, "find", fail)
    told = siks("desa", "daftar", world.desa, "--cari", NIK)
    monkeypatch.undo()
    assert told.code == 3
    fault = told.value["galat"]
    assert fault["kode"] == "E_BUG"
    log = Path(os.environ["SIKS_DATA"]) / "log" / "siks.log"
    assert "RuntimeError" in log.read_text(encoding="utf-8")
    assert found_in(log.parent, [NIK, NO_KK]) == []
    assert NIK not in told.out + told.err


def test_every_file_of_a_day_and_a_bug_is_clean(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a bug whose words hold everything, data, temporary files and logs hold none of it."""
    words = secrets_of(world)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"{NAME} {TYPED} {NIK} {NO_KK}")

    monkeypatch.setattr(households, "find", fail)
    assert siks("desa", "daftar", world.desa).value["galat"]["kode"] == "E_BUG"
    monkeypatch.undo()
    assert found_in(world.folder.parent, words) == []


def open_to_others(folder: Path) -> list[str]:
    """Files and folders that anybody but their owner may read or enter."""
    return [
        f"{stat.filemode(path.stat().st_mode)} {path.relative_to(folder.parent)}"
        for path in [folder, *sorted(folder.rglob("*"))]
        if path.stat().st_mode & 0o077
    ]


@POSIX
@pytest.mark.parametrize("office", ["desa", "dinsos"])
def test_data_folders_are_their_owners_only(world: World, office: str) -> None:
    """0700 and 0600 throughout, although the program ran under umask 022."""
    folder = world.folder / office
    assert {"app.db", "siks.json", "akun"} <= {path.name for path in folder.iterdir()}
    assert open_to_others(folder) == []


@POSIX
def test_what_leaves_has_the_mode_that_people_choose(world: World, tmp_path: Path) -> None:
    """Files written to a folder of the person's follow their umask, so that others may fetch."""
    before = os.umask(0o027)
    try:
        target = tmp_path / "usb"
        assert siks("desa", "ekspor", world.desa, "--semua", "--ke", target).code == 0
        assert siks("desa", "cadangkan", world.desa, "--ke", target / "c.siksbak").code == 0
        assert siks("dinsos", "laporan", world.dinsos, "--ke", target / "l.html").code == 0
        assert siks("dinsos", "balasan", world.dinsos, "--ke", target / "b.siksbalas").code == 0
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in target.iterdir()} == {0o640}
    assert open_to_others(world.desa) == open_to_others(world.dinsos) == []


@POSIX
def test_a_restored_village_is_its_owners_only(world: World, tmp_path: Path) -> None:
    """A copy that anybody could read becomes a folder that nobody else can enter."""
    copy = world.folder / "usb" / "cadangan.siksbak"
    target = tmp_path / "desa"
    assert siks("desa", "pulihkan", copy, target).code == 0
    assert open_to_others(target) == []
