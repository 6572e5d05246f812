"""Last week's copy put back, at either end; prelists that come late."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.desa import arrivals, backup, entitlements, handover, periods, renewal
from siks_offline.dinsos import backup as office_backup
from siks_offline.dinsos import receipts, receive, report, rotation
from siks_offline.latihan import people, world
from tests.ceremonies.road import BPS, FAMILIES, KODE, Road, refused
from tests.scenarios.scenario import PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path


def test_a_restored_village_needs_no_approval(road: Road) -> None:
    """The same key in a new stream is taken at once and shown as *cadangan dipulihkan*."""
    road.complete(0)
    copy = road.stick / "desa.siksbak"
    with road.village() as village:
        backup.write(village, copy, road.now)
    lost = road.sent()
    road.receive(lost)
    shutil.rmtree(road.folder / "desa")
    backup.restore(copy, road.folder / "desa", "operator", PASSPHRASE, road.now)
    road.complete(1)
    arrival, receipt = road.receive(road.sent())
    assert (arrival.hasil, arrival.accepted, arrival.seq) == ("diterima", 2, 1)
    assert "W_RESTORED" in arrival.warnings
    with road.office() as office:
        assert report.villages(office)[0]["peringatan"] == ["W_RESTORED"]
        report.write(office, road.stick / "laporan.html", road.now)
    assert "Cadangan dipulihkan" in (road.stick / "laporan.html").read_text("utf-8")
    road.accept(receipt)
    assert {line.kirim for line in road.lines().values() if line.kerja == "selesai"} == {"diterima"}


def test_an_older_copy_put_in_place_begins_a_new_stream(road: Road) -> None:
    """Numbers used once are never used again, though the old folder does not know of them."""
    desa = road.folder / "desa"
    road.complete(0)
    first = road.sent()
    kept = shutil.copytree(desa, road.folder / "lama")
    road.complete(1)
    second = road.sent()
    shutil.rmtree(desa)
    kept.rename(desa)
    road.complete(2)
    third = road.sent()
    with road.office() as office:
        found = [receive.accept(office, path, road.now) for path in (first, second, third)]
        [village] = report.villages(office)
    assert [one.hasil for one in found] == ["diterima"] * 3
    assert found[2].seq == 1
    assert "W_FORK" not in village["peringatan"]
    assert "W_RESTORED" in village["peringatan"]
    assert village["rumah_tangga"] == 3


@pytest.mark.parametrize("first", ["renewal", "export"])
def test_a_renewal_bears_a_number_like_any_file(road: Road, first: str) -> None:
    """An older copy put in its place neither uses that number again nor one that was used."""
    road.wait(days=660)
    desa, request = road.folder / "desa", road.stick / "perbarui.siks"
    road.complete(0)
    kept = shutil.copytree(desa, road.folder / "lama")
    sent = []
    for turn in range(2):
        if (first == "renewal") == (turn == 0):
            with road.village() as village:
                sent.append(renewal.renew(village, request, road.now).path)
        else:
            sent.append(road.sent())
        if turn == 0:
            shutil.rmtree(desa)
            kept.rename(desa)
    with road.office() as office:
        for path in sent:
            receive.accept(office, path, road.now)
        [village] = report.villages(office)
    assert "W_FORK" not in village["peringatan"]
    assert "W_RESTORED" in village["peringatan"]


def test_a_restored_office_asks_for_what_it_lost(road: Road) -> None:
    """Registry and keys are in the copy; a village with nothing to send is asked, and heals it."""
    road.complete(0)
    _, receipt = road.receive(road.sent())
    road.accept(receipt)
    copy = road.stick / "dinsos.siksbak"
    with road.office() as office:
        made = office_backup.write(office, copy, road.now)
        rotation_before = office.keyset.version
    assert (made.devices, made.originals, made.left_out) == (1, 2, 0)
    household = road.complete(1)
    _, receipt = road.receive(road.sent())
    road.accept(receipt)
    assert road.lines()[household].kirim == "diterima"
    shutil.rmtree(road.folder / "dinsos")
    done = office_backup.restore(copy, road.folder / "dinsos", PASSPHRASE, road.now)
    assert (done.devices, done.originals, done.left_out) == (1, 2, 0)
    with road.office() as office:
        assert office.keyset.version == rotation_before
        assert len(report.households(office)) == 1
    assert road.pack() == [], "nothing is due until the office is heard again"
    road.answered()
    (lost,) = road.pack()  # the inventory alone
    with road.village() as village:
        assert handover.inventory_due(village), "its stick may be lost: it is owed until answered"
    lost.unlink()
    road.answered()
    (asked,) = road.pack()
    assert len(road.pack()) == 1, "and once more, before the answer to the second one came"
    arrival, receipt = road.receive(asked)
    assert arrival.hasil == "diterima"
    road.accept(receipt)
    with road.village() as village:
        assert not handover.inventory_due(village)
    assert road.lines()[household].kirim == "belum"
    _, receipt = road.receive(road.sent())
    road.accept(receipt)
    assert road.lines()[household].kirim == "diterima"
    with road.office() as office:
        assert len(report.households(office)) == 2
    assert road.pack() == []


def test_a_copy_of_the_office_that_is_damaged_makes_nothing(road: Road, tmp_path: Path) -> None:
    """Half a copy, or another file, is refused and leaves no folder."""
    copy = road.stick / "dinsos.siksbak"
    with road.office() as office:
        assert office_backup.write(office, copy, road.now, archive=False).left_out == 1
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 2])
    for source in (copy, road.folder / "prelist.xlsx"):
        with refused("E_BACKUP_DAMAGED"):
            office_backup.restore(source, tmp_path / "baru", PASSPHRASE, road.now)
        assert not (tmp_path / "baru").exists()


def test_what_a_killed_program_left_is_swept(road: Road) -> None:
    """Half-written exports go at the next start and the next export; nothing else does."""
    outbox = road.folder / "desa" / "ekspor"
    outbox.mkdir(exist_ok=True)
    mine = [
        outbox / f"siks-{KODE}-000009-00000000.siks.part",
        road.stick / f"siks-{KODE}-000009-00000000.siks.part",
    ]
    others = [road.stick / "siks-3509122004-000001-00000000.siks.part", road.stick / "x.part"]
    for path in (*mine, *others):
        path.write_bytes(b"half")
    with road.village():
        assert not mine[0].exists()
    road.complete(0)
    road.pack()
    assert [path.exists() for path in (*mine, *others)] == [False, False, True, True]


def test_an_outdated_prelist_does_not_keep_receipts_away(road: Road) -> None:
    """Of a return file the receipt is taken though the prelist beside it is past its time."""
    from siks_offline.dinsos import prelist as lists

    with road.office() as office:
        found = lists.read(road.folder / "prelist.xlsx", KODE, bind=True)
        made = lists.make(office, KODE, found.households, road.stick / "p.siks", road.now)
        assert made.version == 1
        target = road.stick / "semua.siksbalas"
        receipts.return_file(office, target, road.now)
    road.wait(days=200)
    with refused("E_PRELIST_EXPIRED"), road.village() as village:
        arrivals.accept(village, road.stick / "p.siks", road.now)
    assert sorted(road.accept(target).kinds) == ["prelist_lama", "receipt"]
    with road.office() as office:
        again = lists.make(office, KODE, found.households, road.stick / "q.siks", road.now)
    assert again.version == 2, "the same households, but their time had run out"
    with road.village() as village:
        arrivals.accept(village, road.stick / "q.siks", road.now)
        with refused("E_PRELIST_OLD"):
            arrivals.load_prelist(village, made.path, road.now - timedelta(days=199), keep=True)


def test_a_list_without_a_period_is_of_when_it_was_signed(road: Road) -> None:
    """Taken in a period later it says the same: nobody is told last year's list as this year's."""
    from siks_offline.dinsos import lists

    source = road.folder / "penetapan.csv"
    source.write_text("NIK;NAMA;DESIL;PKH\n'3509124101800001;BUDI;1;YA\n")
    target = road.stick / "penetapan.siks"
    with road.office() as office:
        lists.make(office, source, KODE, target, road.now)
    with road.village() as village:
        periods.open_period(village, "2027-Q1", road.now)
        [seen] = arrivals.look(village, target, road.now)
        assert seen.counts == {"ditambah": 1, "dilewati": 0}
        arrivals.accept(village, target, road.now)
        assert [one.period for one in entitlements.lists(village)] == ["2026-Q4"]


def test_a_prelist_never_touches_what_was_begun(road: Road) -> None:
    """A draft, a half-typed answer and a completed visit outlive a newer prelist, which adds."""
    from siks_offline.desa import visit
    from siks_offline.dinsos import prelist as lists

    done = road.complete(0)
    other = next(id_ for id_, line in road.lines().items() if line.kerja == "belum")
    with road.village() as village:
        opened = visit.open_visit(village, other, road.now)
        opened.state.set("nama_krt", "NAMA YANG DIKETIK")
        visit.save_draft(village, other, opened.snapshot(), ("catatan", "separuh ka"), road.now)
    extra = people.household(40, 7, KODE, world.TODAY, BPS)
    people.write_prelist(road.folder / "baru.xlsx", [*FAMILIES, extra])
    with road.office() as office:
        found = lists.read(road.folder / "baru.xlsx", KODE, bind=True)
        homes = [
            type(one)(
                one.household_id,
                one.idbdt,
                {**one.answers, "nama_krt": "DARI PRELIST"},
                one.persons,
            )
            for one in found.households
        ]
        made = lists.make(office, KODE, homes, road.stick / "p.siks", road.now, bps=found.bps)
    before = road.lines()
    with road.village() as village:
        revision_before = visit.open_visit(village, done, road.now).state.answers()
        arrivals.accept(village, made.path, road.now)
        again = visit.open_visit(village, other, road.now)
        assert again.state.value("nama_krt") == "NAMA YANG DIKETIK"
        assert again.typing == ("catatan", "separuh ka")
        assert visit.open_visit(village, done, road.now).state.answers() == revision_before
    after = road.lines()
    assert len(after) == len(before) + 1
    assert (after[done].kerja, after[other].kerja) == ("selesai", "draf")
    assert (after[done], after[other]) == (before[done], before[other]), "names in lists stay too"


@pytest.mark.parametrize("last", ["record_arrival", "append"])
def test_a_prelist_and_its_arrival_are_one(
    road: Road, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    """What fails between the two leaves neither, so that the same file can come again."""
    from siks_offline.db import audit, ledger
    from siks_offline.dinsos import prelist as lists

    with road.office() as office:
        found = lists.read(road.folder / "prelist.xlsx", KODE, bind=True)
        homes = found.households[:2]
        made = lists.make(office, KODE, homes, road.stick / "p.siks", road.now, bps="9" * 10)

    class Stop(BaseException):
        pass

    real = audit.append

    def stopped(*words: Any, **more: Any) -> None:
        if last == "record_arrival" or str(more["action"]).startswith("serah.terima"):
            raise Stop
        real(*words, **more)

    before = road.lines()
    with road.village() as village:
        bps = village.bps
        with monkeypatch.context() as patch:
            patch.setattr(ledger if last == "record_arrival" else audit, last, stopped)
            with pytest.raises(Stop):
                arrivals.accept(village, made.path, road.now)
        assert village.bps == bps
    assert road.lines() == before
    with road.village() as village:
        taken = arrivals.accept(village, made.path, road.now)
        assert taken.kinds == ("prelist",)
        assert village.bps == "9" * 10
        assert arrivals.accept(village, made.path, road.now).kinds == ("sudah",)


def put_back(road: Road, copy: Path) -> None:
    """The office burns down and is made of its copy."""
    shutil.rmtree(road.folder / "dinsos")
    office_backup.restore(copy, road.folder / "dinsos", PASSPHRASE, road.now)


def test_keys_changed_after_the_copy_are_changed_once_more(road: Road) -> None:
    """Villages hold a key set that the restored office does not know; the next one is above it.

    What they sealed to the lost key in between is missing, and they send it again.
    """
    copy = road.stick / "dinsos.siksbak"
    with road.office() as office:
        office_backup.write(office, copy, road.now)
        rotation.rotate(office, road.now)
    road.answered()
    road.wait(hours=1)
    put_back(road, copy)
    road.complete(0)
    with refused("E_NOT_FOR_US"):
        road.receive(road.sent())
    with road.office() as office:
        assert rotation.rotate(office, road.now).version > 1000
    road.answered()
    _, receipt = road.receive(road.sent())
    road.accept(receipt)
    assert "diterima" in road.states()
    with road.office() as office:
        assert len(report.households(office)) == 1


def test_a_prelist_of_a_restored_office_is_a_newer_one(road: Road) -> None:
    """It does not know which versions it had sent; the next is above all of them, and one after."""
    from siks_offline.dinsos import prelist as lists

    copy = road.stick / "dinsos.siksbak"
    with road.office() as office:
        homes = lists.read(road.folder / "prelist.xlsx", KODE, bind=True).households
        lists.make(office, KODE, homes[:1], road.stick / "1.siks", road.now)
        office_backup.write(office, copy, road.now)
        for number in (2, 3):
            made = lists.make(office, KODE, homes[:number], road.stick / "3.siks", road.now)
    road.accept(made.path)
    put_back(road, copy)
    with road.office() as office:
        first, second = (
            lists.make(office, KODE, homes[:number], road.stick / f"{number}.siks", road.now)
            for number in (4, 5)
        )
    assert second.version == first.version + 1
    for made in (first, second):
        assert road.accept(made.path).kinds == ("prelist",)


def test_a_village_of_before_its_renewal_is_answered(road: Road) -> None:
    """Its files come under the key that was followed; the return file has a part that it opens."""
    from siks_offline.desa import renewal

    copy = road.stick / "desa.siksbak"
    with road.village() as village:
        backup.write(village, copy, road.now)
    road.wait(days=660)
    asked = road.stick / "perbarui.siks"
    with road.village() as village:
        renewal.renew(village, asked, road.now)
    road.approve(asked)
    shutil.rmtree(road.folder / "desa")
    backup.restore(copy, road.folder / "desa", "operator", PASSPHRASE, road.now)
    road.wait(hours=1)
    household = road.complete(0)
    with road.office() as office:
        arrival = receive.accept(office, road.sent(), road.now)
    assert "W_KEY_REPLACED" in arrival.warnings
    road.answered()
    assert road.lines()[household].kirim == "diterima"
