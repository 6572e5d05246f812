"""The BDT 2015 list, as villages received it, travels the whole road."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from siks_offline.desa import visit
from siks_offline.nik import Nik
from tests.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from pathlib import Path

TIMU = "5206022006"  # the village of the sample, in Kemendagri's digits
VISIT = {
    "status_rumahtangga": "1",
    "apakah_mampu": "2",
    "ada_art_bekerja": "1",
    "status_pekerjaan_krt": "6",
    "ada_art_cacat": "2",
    "jenis_kelamin_krt": "1",
    "tanggal_verivali": "2026-11-20",
    "petugas_verivali": "Petugas Lapangan",
    "hasil_verivali": "1",
    "nama_responden": "Kepala Rumah Tangga",
    "nomor_pln": "521234567890",
    "jumlah_sapi": "0",
    "jumlah_kerbau": "0",
    "jumlah_kuda": "0",
    "jumlah_babi": "0",
    "jumlah_kambing": "2",
}


def whole_visit(road: Scenario, household_id: str) -> dict[str, str]:
    """What the list of 2015 does not know and a full visit finds."""
    answers = dict(VISIT)
    with road.village() as village:
        state = visit.open_visit(village, household_id, road.now).state
        for number in range(1, state.count("anggota") + 1):
            member = f"anggota[{number}]"
            answers[f"{member}.sta_keberadaan_art"] = "1"
            for name, text in (("partisipasi_sekolah", "0"), ("sta_bekerja", "2")):
                if not state.value(f"{member}.{name}"):  # a small child of 2015 has grown
                    answers[f"{member}.{name}"] = text
            nik = state.value(f"{member}.nik")
            born = Nik.parse(nik).birth_date(road.now.date()) if nik else None
            for program in ("ada_kks", "ada_pbi", "ada_kip", "ada_pkh", "ada_rastra"):
                answers[f"{member}.{program}"] = "2"
            answers[f"{member}.tgllahir"] = str(born or date(1990, 1, 1))
    return answers


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Scenario:
    scenario = Scenario(tmp_path_factory.mktemp("bdt"), TIMU)
    scenario.pair()
    found = scenario.load(shared / "samples" / "contoh-data-bdt2015.xlsx")
    assert (found.jenis, found.added, found.refused) == ("bdt2015", 2, 0)
    return scenario


def test_the_sample_is_received_and_comes_back_as_accepted(road: Scenario) -> None:
    """A household of the oldest layout ends as *diterima*, like any other."""
    before = road.lines()
    assert {one.kerja for one in before.values()} == {"belum"}
    for household_id in before:
        done = road.fill(household_id, whole_visit(road, household_id))
        assert done.issues == ()
        assert done.revision == 1
    (bundle,) = road.pack()
    assert {one.kirim for one in road.lines().values()} == {"dikirim"}
    arrival, receipt = road.receive(bundle)
    assert (arrival.hasil, arrival.accepted, arrival.missing) == ("diterima", 2, ())
    taken = road.accept(receipt)
    assert (taken.accepted, taken.held, taken.rejected, taken.missing) == (2, 0, 0, ())
    assert {(one.kerja, one.kirim) for one in road.lines().values()} == {("selesai", "diterima")}
    assert road.pack() == [], "nothing is due any more"


def test_the_same_list_again_changes_nothing(road: Scenario, shared: Path) -> None:
    """Loading a prelist twice never touches what the village has."""
    before = road.lines()
    found = road.load(shared / "samples" / "contoh-data-bdt2015.xlsx")
    assert (found.added, found.updated, found.skipped) == (0, 0, 2)
    assert road.lines() == before


def test_the_same_bundle_again_changes_nothing(road: Scenario) -> None:
    """A file that arrives twice gives the same receipt, at both ends."""
    (bundle,) = road.pack(everything=True)
    first, receipt = road.receive(bundle)
    again, same = road.receive(bundle)
    assert (first.hasil, again.hasil, again.kode) == ("diterima", "sudah", "S_ALREADY_IMPORTED")
    assert same.read_bytes() == receipt.read_bytes()
    assert road.accept(receipt).kinds == ("receipt",)
    assert road.accept(receipt).kinds == ("sudah",)
