"""From the prelist awal to the district's Berita Acara, in a village hall without paper."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from siks_offline.desa import (
    backup,
    closing,
    final_list,
    handover,
    meeting,
    periods,
    visit,
)
from siks_offline.desa import households as homes
from siks_offline.dinsos import berita_acara, rebuild
from siks_offline.errors import StoreError
from siks_offline.export import identity
from siks_offline.latihan import people, world
from siks_offline.meeting import FINAL
from siks_offline.progress import silent
from tests.scenarios import hall, year
from tests.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.dinsos.berita_acara import Report

VISITED = 6


def practice(folder: Path, households: int) -> Scenario:
    """A paired practice village with a prelist."""
    made = Scenario(folder, world.KODE_DESA)
    made.stick.rmdir()
    folder.rmdir()
    world.build(folder, households=households, now=made.now)
    made.stick.mkdir()
    return made


def visit_some(
    village: Village, stands: dict[str, str], households: int, now: datetime
) -> set[str]:
    """Visit some of those who were found, as officers would; return which."""
    listed = [
        people.household(
            index, 1, world.KODE_DESA, world.TODAY, world.practice_bps(world.KODE_DESA)
        )
        for index in range(households)
    ]
    found = [
        one
        for one in listed
        if stands[identity.household_id(world.KODE_DESA, one.idbdt)] == "ditemukan"
    ][:VISITED]
    world._fill(village, found, 1, now, silent)
    return {identity.household_id(world.KODE_DESA, one.idbdt) for one in found}


def walk(scenario: Scenario, households: int, families: int) -> Report:
    """From the prelist awal to the district's Berita Acara and into the next period."""
    with scenario.village() as village:
        for number in range(families):
            done = hall.propose(village, hall.family(number, village.kode_desa), scenario.now)
            assert done.done, done.issues
        hall.sit(village, scenario.now)
        stands = hall.decide_all(village, scenario.now)
        count = Counter(stands.values())
        tally = meeting.tally(village)
        assert count == {name: n for name, n in tally.columns.items() if n}
        found = [id_ for id_ in final_list.ids(village, "awal") if stands[id_] == "ditemukan"]
        assert (tally.prelist, tally.proposals) == (households, families)
        final = final_list.ids(village)
        assert set(final) == {id_ for id_, column in stands.items() if column in FINAL}
        closing.close(village, scenario.now)
        opened = visit.open_visit(village, final[0], scenario.now)
        assert not opened.status_editable
        assert opened.state.value("status_rumahtangga") in ("1", "4")
        with pytest.raises(StoreError, match="E_SCAN_MISSING"):
            scenario.pack_in(village)
        (before,) = scenario.pack_in(village, without_results=True)
        assert handover.results_due(village) == households + families + 1 + families
        hall.sign(village, scenario.stick, scenario.now)
        changed = year.change(village, found[-3:], scenario.now)
        (file,) = scenario.pack_in(village)
    for sent in (file, before, file):
        arrival, receipt = scenario.receive(sent)
    assert arrival.hasil == "sudah"
    scenario.accept(receipt)
    with scenario.office() as office:
        report = berita_acara.read(office)
        (line,) = report.lines
        assert report.total.total == households + families
        assert line.columns["b"] == count["tidak_ditemukan"] + count["usulan_gugur"]
        assert line.columns["c"] == count["pindah"]
        assert line.columns["d"] == count["ganda"]
        assert line.columns["mampu"] == count["mampu"] + count["usulan_mampu"]
        (one,) = report.villages
        assert (one.way, one.papers[0][0]) == ("musyawarah", "berita-acara")
        assert sum(one.counts.values()) == households + families
        assert one.changes == changed
    assert scenario.pack() == []
    with scenario.village() as village:
        assert handover.results_due(village) == 0
        lines = list(homes.lines(village, found[:3]).values())
    *matching, listed = year.lists_of_dinsos(scenario, lines)
    proposed = [id_ for id_, column in stands.items() if column == "usulan"][:2]
    with scenario.village() as village:
        decided = year.match(village, matching, scenario.now)
        assert decided == {"belum": 0, "diterima": 1, "ditolak": 1, "kunjungan": 2}
        heard = year.ask_at_counter(village, listed, lines[0], scenario.now)
        assert any("PKH" in sentence for sentence in heard)
        visited = visit_some(village, stands, households, scenario.now)
        unvisited = next(id_ for id_ in found if id_ not in visited)
        year.visit_refused(village, unvisited, scenario.now)
        year.visit_proposed(village, proposed, families, scenario.now)
        (file,) = scenario.pack_in(village)
    _, receipt = scenario.receive(file)
    scenario.accept(receipt)
    with scenario.office() as office:
        after = berita_acara.read(office)
        (kecamatan,) = after.lines
        assert [kecamatan.columns[letter] for letter in "abcdef"] == [
            len(visited),
            count["tidak_ditemukan"] + count["usulan_gugur"],
            count["pindah"],
            count["ganda"],
            1,
            len(proposed),
        ]
        assert kecamatan.valid == len(visited) + len(proposed), "g = a + f"
        assert after.total.total == households + families
        rebuild.rebuild(office, scenario.now)
        assert berita_acara.read(office) == after
    with scenario.village() as village:
        periods.open_period(village, "2027-Q1", scenario.now)
        tally = meeting.tally(village)
        assert (tally.open, tally.prelist) == (households + families, households + count["usulan"])
    return after


@pytest.mark.long
def test_prelist_awal_becomes_the_districts_berita_acara(tmp_path: Path, long_form: bool) -> None:
    """A year: proposals, verdicts, changes, pemadanan, the counter and visits; each counted once."""
    households, families = (300, 40) if long_form else (24, 8)
    told = walk(practice(tmp_path / "dunia", households), households, families)
    assert told.total.total == households + families


def test_results_opened_again_wait_for_their_new_paper(tmp_path: Path) -> None:
    """What was sent stays; the next closing makes new revisions, and wants its own signature."""
    scenario = practice(tmp_path / "dunia", 6)
    with scenario.village() as village:
        hall.sit(village, scenario.now)
        meeting.decide_rest(village, scenario.now)
        closing.close(village, scenario.now)
        hall.sign(village, scenario.stick, scenario.now)
        (file,) = scenario.pack_in(village)
    scenario.accept(scenario.receive(file)[1])
    with scenario.village() as village:
        home = final_list.ids(village)[0]
        closing.reopen(village, "Salah membaca nama.", scenario.now)
        hall.say(village, home, "2", scenario.now, reason="2")
        closing.close(village, scenario.now)
        with pytest.raises(StoreError, match="E_SCAN_MISSING"):
            scenario.pack_in(village)
        hall.sign(village, scenario.stick, scenario.now)
        (file,) = scenario.pack_in(village)
    arrival, receipt = scenario.receive(file)
    assert arrival.hasil == "diterima"
    scenario.accept(receipt)
    with scenario.office() as office:
        report = berita_acara.read(office)
        assert (report.total.columns["b"], report.total.total) == (1, 6)
        assert len(report.villages[0].papers) == 2


def test_what_a_restored_village_decides_anew_stands(tmp_path: Path) -> None:
    """The lost laptop had sent a higher revision; the office goes by what was closed since."""
    scenario = practice(tmp_path / "dunia", 6)
    copy = scenario.stick / "desa.siksbak"

    def decided(reason: str) -> None:
        with scenario.village() as village:
            closing.reopen(village, "Salah membaca nama.", scenario.now)
            home = final_list.ids(village, "awal")[0]
            hall.say(village, home, "2", scenario.now, reason=reason)
            closing.close(village, scenario.now)
            hall.sign(village, scenario.stick, scenario.now)
            (file,) = scenario.pack_in(village)
        scenario.accept(scenario.receive(file)[1])

    with scenario.village() as village:
        hall.sit(village, scenario.now)
        meeting.decide_rest(village, scenario.now)
        closing.close(village, scenario.now)
        hall.sign(village, scenario.stick, scenario.now)
        backup.write(village, copy, scenario.now)
    for _ in range(2):
        decided("2")
    shutil.rmtree(scenario.folder / "desa")
    backup.restore(copy, scenario.folder / "desa", "operator", world.PASSPHRASE, scenario.now)
    decided("1")
    with scenario.office() as office:
        columns = berita_acara.read(office).total.columns
    assert (columns["b"], columns["c"]) == (0, 1)
