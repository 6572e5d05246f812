"""From the prelist awal to the district's Berita Acara, in a village hall without paper."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from siks_offline.desa import closing, final_list, meeting, proposals, visit
from siks_offline.dinsos import berita_acara
from siks_offline.errors import StoreError
from siks_offline.latihan import world
from siks_offline.meeting import FINAL
from tests.scenarios import hall
from tests.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from pathlib import Path

HOUSEHOLDS, FAMILIES = 30, 8


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    """A paired practice village with a prelist."""
    made = Scenario.__new__(Scenario)
    Scenario.__init__(made, tmp_path / "dunia", world.KODE_DESA)
    (tmp_path / "dunia" / "usb").rmdir()
    (tmp_path / "dunia").rmdir()
    world.build(tmp_path / "dunia", households=HOUSEHOLDS, now=made.now)
    made.stick.mkdir()
    return made


def test_prelist_awal_becomes_the_districts_berita_acara(scenario: Scenario) -> None:
    """Proposals, verdicts and visits reach the Dinsos and every household is counted once."""
    with scenario.village() as village:
        for number in range(FAMILIES):
            done = hall.propose(village, hall.family(number, village.kode_desa), scenario.now)
            assert done.done, done.issues
        hall.sit(village, scenario.now)
        stands = hall.decide_all(village, scenario.now)
        tally = meeting.tally(village)
        assert Counter(stands.values()) == {k: v for k, v in tally.columns.items() if v}
        assert (tally.prelist, tally.proposals) == (HOUSEHOLDS, FAMILIES)
        final = final_list.ids(village)
        assert set(final) == {id_ for id_, column in stands.items() if column in FINAL}
        closed, _ = closing.close(village, scenario.now)
        assert closed.closed
        opened = visit.open_visit(village, final[0], scenario.now)
        assert not opened.status_editable
        assert opened.state.value("status_rumahtangga") in ("1", "4")
        with pytest.raises(StoreError, match="E_SCAN_MISSING"):
            scenario.pack_in(village)
        hall.sign(village, scenario.stick, scenario.now)
        (file,) = scenario.pack_in(village)
    arrival, receipt = scenario.receive(file)
    assert arrival.hasil == "diterima"
    scenario.accept(receipt)
    with scenario.office() as office:
        report = berita_acara.read(office)
        (line,) = report.lines
        assert report.total.total == HOUSEHOLDS + FAMILIES
        assert line.columns["b"] == sum(stands[id_] == "tidak_ditemukan" for id_ in stands) + list(
            stands.values()
        ).count("usulan_gugur")
        assert line.columns["c"] == list(stands.values()).count("pindah")
        assert line.columns["d"] == list(stands.values()).count("ganda")
        (one,) = report.villages
        assert one.way == "musyawarah"
        assert one.papers[0][0] == "berita-acara"
        assert sum(one.counts.values()) == HOUSEHOLDS + FAMILIES
    assert scenario.pack() == []
    with scenario.village() as village:
        closing.reopen(village, "Ada rumah tangga yang keliru.", scenario.now)
        assert proposals.lines(village)[0].state == "terdaftar"
