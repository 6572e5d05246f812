"""Real programs at both ends: copies of last week are put back, and no household is lost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from siks_offline.db import ledger, office_registry, office_replies
from siks_offline.desa import backup, checkup
from siks_offline.dinsos import report
from siks_offline.latihan import people
from siks_offline.texts import text
from tests.scenarios.scenario import PASSPHRASE, Scenario
from tests.scenarios.test_whole_road import FAMILIES, KODE, answer_by_answer, finish, id_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def road(tmp_path: Path) -> Scenario:
    scenario = Scenario(tmp_path, KODE)
    scenario.pair()
    book = scenario.folder / "prelist.xlsx"
    people.write_prelist(book, FAMILIES)
    scenario.load(book, bind=True)
    return scenario


def complete(road: Scenario, number: int) -> None:
    household_id = id_of(road, FAMILIES[number])
    answer_by_answer(road, household_id, FAMILIES[number])
    assert finish(road, household_id).issues == ()


def hand_over(road: Scenario) -> int:
    """Export what is due, receive it, read the answer; return how many visits went."""
    went = 0
    for path in road.pack():
        arrival, answer = road.receive(path)
        went += arrival.accepted
        road.accept(answer)
    return went


def heads(road: Scenario, household_id: str) -> list[dict]:
    with road.office() as office:
        return [row for row in report.households(office) if row["id"] == household_id]


def standing(road: Scenario) -> set[str]:
    with road.office() as office:
        return {row["id"] for row in report.households(office)}


def test_neither_restored_end_loses_a_household(road: Scenario) -> None:
    """First the office's copy comes back, then the village's own; both hold all four in the end.

    The household that was visited twice comes back to the village, and completed again stands once.
    """
    complete(road, 0)
    assert hand_over(road) == 1
    shutil.copytree(road.folder / "dinsos", road.folder / "cadangan-dinsos")

    complete(road, 1)
    assert hand_over(road) == 1
    assert {one.kirim for one in road.lines().values() if one.kerja == "selesai"} == {"diterima"}
    shutil.rmtree(road.folder / "dinsos")
    (road.folder / "cadangan-dinsos").rename(road.folder / "dinsos")
    assert len(standing(road)) == 1, "the office has forgotten the second household"

    complete(road, 2)
    assert hand_over(road) == 1  # its inventory shows what the office no longer holds
    assert hand_over(road) == 1  # and the answer asked for it
    assert len(standing(road)) == 3
    assert hand_over(road) == 0

    copy = road.folder / "cadangan-desa"
    with road.village() as village:
        backup.write(village, copy, road.now)
    complete(road, 3)
    assert hand_over(road) == 1
    shutil.rmtree(road.folder / "desa")
    backup.restore(copy, road.folder / "desa", "operator", PASSPHRASE, road.now)
    assert len(standing(road)) == 4, "what the village forgot stands at the office"
    complete(road, 3)  # nobody remembers: it is visited again
    hand_over(road)
    again = id_of(road, FAMILIES[3])
    assert [row["status"] for row in heads(road, again)] == ["konflik", "konflik"]
    assert len(standing(road)) == 4
    line = road.lines()[again]
    assert (line.kerja, line.komentar) == ("dikembalikan", text("serah.isian_ganda"))
    merged = finish(road, again)
    assert hand_over(road) == 1
    assert [(row["sha256"], row["status"]) for row in heads(road, again)] == [
        (merged.sha256, "diterima")
    ]
    assert {one.kerja for one in road.lines().values()} == {"selesai"}
    assert hand_over(road) == 0
    with road.village() as village:
        found = {one.kind for one in checkup.check(village, copies=False).findings}
    assert not found & {"revisi", "revisi_hilang"}, "a merge is no lost revision"


def test_an_office_put_back_as_a_plain_copy_is_heard(road: Scenario) -> None:
    """It goes on in its stream, below the numbers heard; what it lacks comes back all the same."""
    copy = shutil.copytree(road.folder / "dinsos", road.folder / "cadangan-dinsos")
    complete(road, 0)
    assert hand_over(road) == 1
    complete(road, 1)
    (path,) = road.pack()
    late = road.receive(path)[1].rename(road.folder / "lambat.siks")
    complete(road, 2)
    assert hand_over(road) == 2
    shutil.rmtree(road.folder / "dinsos")
    copy.rename(road.folder / "dinsos")
    assert len(standing(road)) == 0
    complete(road, 3)
    assert hand_over(road) == 1
    assert hand_over(road) == 3, "its answer bears a number heard before, and was heard in full"
    assert len(standing(road)) == 4
    before = road.lines()
    assert {one.kirim for one in before.values() if one.kerja == "selesai"} == {"diterima"}
    road.accept(late)
    assert road.lines() == before
    assert road.pack() == [], "a late answer of the lost office is no news"
    with road.village() as village, village.store.read() as session:
        acknowledged = ledger.latest_arrival(session, "receipt")
    assert acknowledged is not None
    with road.office() as office, office.store.read() as session:
        [device] = office_registry.devices(session, KODE, "active")
        newest = office_replies.newest_receipt(session, device["out_stream"])
    assert newest is not None
    assert acknowledged.manifest_sha256 == newest["manifest_sha256"], "or its answers would grow"
