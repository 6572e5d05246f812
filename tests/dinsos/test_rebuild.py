"""The store built anew from the originals: all of it or nothing, whatever happened before."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.dinsos import backup, instruments, pairing, rebuild, receive, report
from siks_offline.errors import SiksError
from siks_offline.export.bundle import AttachmentFile
from siks_offline.export.records import inventory_attachment
from tests.dinsos.measured import contents
from tests.dinsos.test_instruments import ANSWERS, workbook
from tests.dinsos.test_receipts import answer
from tests.dinsos.test_waiting import OLD, judged, open_copy
from tests.dinsos.world import KODE, NOW, PASSPHRASE, PNG, later, paired, take

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from siks_offline.dinsos.office import Office
    from tests.dinsos.world import TestVillage


def at_import(monkeypatch: pytest.MonkeyPatch, number: int, do: Callable[[], None]) -> None:
    """Do something when a rebuild reads its nth original."""
    real, count = receive.accept_archived, 0

    def counted(*words: Any, **more: Any) -> Any:
        nonlocal count
        count += 1
        if count == number:
            do()
        return real(*words, **more)

    monkeypatch.setattr(receive, "accept_archived", counted)


def stopped(
    made: Office, monkeypatch: pytest.MonkeyPatch, number: int, now: datetime = NOW
) -> None:
    """Begin a rebuild that is killed at its nth original."""

    def stop() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        at_import(patch, number, stop)
        with pytest.raises(KeyboardInterrupt):
            rebuild.rebuild(made, now)


def filled(made: Office, folder: Path, visits: int) -> TestVillage:
    """A village that has sent so many households, each in a file of its own."""
    village = paired(made, folder)
    for number in range(1, visits + 1):
        take(made, village.send([village.visit(number)]))
    return village


def test_a_rebuild_that_stopped_is_finished_as_if_it_had_not(
    made: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When files came is kept: a key that has expired since makes none of them a held one."""
    filled(made, tmp_path / "desa", 4)
    before = judged(made)
    stopped(made, monkeypatch, 3, later(days=900))
    with pytest.raises(SiksError) as half:
        rebuild.require_whole(made)
    assert half.value.code == "E_REBUILDING"
    rebuild.rebuild(made, later(days=901))
    rebuild.require_whole(made)
    assert judged(made) == before


@pytest.mark.parametrize("how", ["gone", "damaged"])
def test_nothing_is_forgotten_that_the_archive_lacks(
    made: Office, tmp_path: Path, how: str
) -> None:
    """Where an original is not whole the store stays as it is, unless a person says otherwise."""
    village = paired(made, tmp_path / "desa")
    paths = [village.send([village.visit(number)]) for number in (1, 2)]
    for path in paths:
        take(made, path)
    kept = made.archived(hashlib.sha256(paths[0].read_bytes()).hexdigest())
    if how == "gone":
        kept.unlink()
    else:
        kept.write_bytes(kept.read_bytes()[:-1])
    before = contents(made)
    with pytest.raises(SiksError) as refused:
        rebuild.rebuild(made, later(hours=1))
    assert refused.value.code == "E_ARCHIVE_LACKS"
    assert contents(made) == before
    done = rebuild.rebuild(made, later(hours=1), lossy=True)
    assert (done.refused, done.households) == (int(how == "damaged"), 1)
    assert [(village.stream, 2)] == list(answer(made, village, tmp_path).missing)


def test_of_two_rebuilds_the_one_that_was_overtaken_says_so(
    made: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second one forgets all again and is killed: what the first one ends with is not whole."""
    filled(made, tmp_path / "desa", 4)

    def second() -> None:
        stopped(made, monkeypatch, 1)

    with monkeypatch.context() as patch:
        at_import(patch, 4, second)
        with pytest.raises(SiksError) as overtaken:
            rebuild.rebuild(made, later(hours=1))
    assert overtaken.value.code == "E_REBUILDING"
    with pytest.raises(SiksError):
        rebuild.require_whole(made)
    rebuild.rebuild(made, later(hours=2))
    rebuild.require_whole(made)
    assert len(report.households(made)) == 4


@pytest.mark.parametrize("back", [0, 1])
def test_what_was_taken_in_needs_no_key_that_serves(
    made: Office, tmp_path: Path, back: int
) -> None:
    """Revoked in the same second, or by a clock that was set right since: the visit stays."""
    village = paired(made, tmp_path / "desa")
    take(made, village.send([village.visit(1)]), later(hours=5))
    pairing.revoke(made, KODE, "laptop hilang", later(hours=5 - back))
    late = village.send([village.visit(2)])
    assert take(made, late, later(hours=6)).hasil == "ditahan"
    before = judged(made)
    rebuild.rebuild(made, later(hours=7))
    assert judged(made) == before
    assert len(report.households(made)) == 1


def test_a_damaged_workbook_is_told_before_anything_is_forgotten(
    made: Office, tmp_path: Path
) -> None:
    """Installing it again mends it, and nothing else waits for it meanwhile."""
    village, book = paired(made, tmp_path / "desa"), workbook(tmp_path)
    sha256 = instruments.install(made, book, NOW).sha256
    take(made, village.send([village.visit(1, answers=ANSWERS, **OLD)]))
    kept = made.folder / instruments.FOLDER / f"{sha256}.xlsx"
    kept.write_bytes(kept.read_bytes()[:-1])
    with pytest.raises(SiksError) as damaged:
        rebuild.rebuild(made, later(hours=1))
    assert damaged.value.code == "E_INSTRUMENT_DAMAGED"
    rebuild.require_whole(made)
    assert len(report.households(made)) == 1
    instruments.install(made, book, later(hours=2))
    assert rebuild.rebuild(made, later(hours=3)).households == 1


@pytest.mark.parametrize("how", ["gone", "damaged"])
def test_an_original_that_is_brought_again_takes_its_place(
    made: Office, tmp_path: Path, how: str
) -> None:
    """The archive is whole again, and the photo is there that lies in it alone."""
    village, photo = paired(made, tmp_path / "desa"), hashlib.sha256(PNG).hexdigest()
    path = village.send(
        [village.visit(attachments=[photo])],
        [AttachmentFile(photo, "png", lambda: PNG)],
        inventory=[inventory_attachment(photo)],
    )
    take(made, path)
    before = judged(made)
    kept = made.archived(hashlib.sha256(path.read_bytes()).hexdigest())
    if how == "gone":
        kept.unlink()
    else:
        kept.write_bytes(b"rusak")
    assert take(made, path, later(hours=1)).hasil == "diterima"
    assert take(made, path, later(hours=2)).hasil == "sudah"
    assert judged(made) == before
    assert rebuild.rebuild(made, later(hours=3)).refused == 0
    assert judged(made) == before


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
def test_a_photo_is_brought_to_an_office_without_its_archive(made: Office, tmp_path: Path) -> None:
    """The village's stick is enough, also when its laptop is gone."""
    village, photo = paired(made, tmp_path / "desa"), hashlib.sha256(PNG).hexdigest()
    path = village.send(
        [village.visit(attachments=[photo])],
        [AttachmentFile(photo, "png", lambda: PNG)],
        inventory=[inventory_attachment(photo)],
    )
    take(made, path)
    backup.write(made, tmp_path / "salinan", NOW, archive=False)
    backup.restore(tmp_path / "salinan", tmp_path / "lain", PASSPHRASE, later(hours=1))
    with open_copy(tmp_path / "lain") as again:
        assert answer(again, village, tmp_path).lacked_attachments == (photo,)
        take(again, path, later(hours=2))
        assert answer(again, village, tmp_path).lacked_attachments == ()
        assert [row["status"] for row in report.households(again)] == ["diterima"]


def test_half_a_store_is_not_copied_without_its_originals(
    made: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could finish such a copy; with the originals it is finished where it is restored."""
    filled(made, tmp_path / "desa", 2)
    stopped(made, monkeypatch, 2)
    with pytest.raises(SiksError) as half:
        backup.write(made, tmp_path / "salinan", later(hours=2), archive=False)
    assert half.value.code == "E_REBUILDING"
    assert not (tmp_path / "salinan").exists()
    if made.store.path is not None:
        backup.write(made, tmp_path / "salinan", later(hours=2))
        backup.restore(tmp_path / "salinan", tmp_path / "lain", PASSPHRASE, later(hours=3))
        with open_copy(tmp_path / "lain") as again:
            assert rebuild.rebuild(again, later(hours=4)).households == 2
