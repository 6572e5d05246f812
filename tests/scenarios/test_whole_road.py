"""The eight steps of one household, without Qt: from prelist to receipt."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from siks_offline import cli
from siks_offline.desa import checking, visit
from siks_offline.instrument import checks
from siks_offline.latihan import people, world
from tests.dinsos import server
from tests.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KODE = "3509122003"
BPS = world.practice_bps(KODE)
CONFIRM = "sudah diperiksa di lapangan"


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def road(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scenario]:
    """A paired village with a prelist of four households, its office on either kind of store."""
    with ExitStack() as until_the_end:
        url = None
        if request.param == "postgresql":
            url = until_the_end.enter_context(server.started(tmp_path_factory))()
        scenario = Scenario(tmp_path_factory.mktemp("jalan"), KODE, url=url)
        scenario.pair()
        book = scenario.folder / "prelist.xlsx"
        people.write_prelist(book, FAMILIES)
        found = scenario.load(book, bind=True)
        assert (found.jenis, found.added, found.refused) == ("udrt", 4, 0)
        yield scenario


FAMILIES = [people.household(index, 7, KODE, world.TODAY, BPS) for index in range(4)]


def answer_by_answer(scenario: Scenario, household_id: str, family: people.Household) -> None:
    """Type a household as an operator does: one answer, then the draft is kept."""
    wanted = visit.flatten(family.answers)
    with scenario.village() as village:
        opened = visit.open_visit(village, household_id, scenario.now)
        for repeat in village.instrument.repeats:
            while opened.state.count(repeat) < int(wanted.get(repeat, "0")):
                opened.state.add(repeat)
        for path, text in wanted.items():
            if path not in village.instrument.repeats:
                opened.state.set(path, text)
        visit.save_draft(
            village, household_id, opened.snapshot(), ("catatan", "rumah di ujung ga"), scenario.now
        )


def finish(scenario: Scenario, household_id: str, **changes: str) -> visit.Completed:
    """Go on with the draft, confirm what is soft, complete."""
    with scenario.village() as village:
        opened = visit.open_visit(village, household_id, scenario.now)
        for path, text in changes.items():
            opened.state.set(path, text)
        for issue in checks.issues(opened.state):
            if issue.level == "konfirmasi":
                opened.state.confirm(issue.path, issue.rule, CONFIRM)
        return visit.complete(village, household_id, opened.state, scenario.now)


def id_of(scenario: Scenario, family: people.Household) -> str:
    return next(one.id for one in scenario.lines().values() if one.idbdt == family.idbdt)


def test_one_household_from_prelist_to_receipt(road: Scenario) -> None:
    """Typed, closed in the middle, gone on with, completed, sent, received: it is *diterima*."""
    household_id = id_of(road, FAMILIES[0])
    answer_by_answer(road, household_id, FAMILIES[0])
    with road.village() as village:  # the program was closed and opened again
        opened = visit.open_visit(village, household_id, road.now)
        assert opened.typing == ("catatan", "rumah di ujung ga")
        assert opened.draft_author == "operator"
        assert opened.state.answers()["anggota"] == FAMILIES[0].answers["anggota"]
    done = finish(road, household_id)
    assert (done.issues, done.revision) == ((), 1)
    (bundle,) = road.pack()
    arrival, receipt = road.receive(bundle)
    assert (arrival.hasil, arrival.accepted, arrival.missing) == ("diterima", 1, ())
    assert road.accept(receipt).accepted == 1
    line = road.lines()[household_id]
    assert (line.kerja, line.kirim, line.revisi) == ("selesai", "diterima", 1)


def test_a_correction_is_a_revision_of_its_own(road: Scenario) -> None:
    """What was received stays as it was; mending it makes the next revision, sent again."""
    household_id = id_of(road, FAMILIES[0])
    done = finish(road, household_id, catatan="atap sudah diperbaiki")
    assert done.revision == 2
    assert road.lines()[household_id].kirim == "belum"
    (bundle,) = road.pack()
    arrival, receipt = road.receive(bundle)
    assert (arrival.accepted, arrival.missing) == (1, ())
    road.accept(receipt)
    assert road.lines()[household_id].kirim == "diterima"


def test_a_visit_with_a_fault_stays_a_draft(road: Scenario) -> None:
    """What the instrument refuses is kept as a draft and never leaves the village."""
    household_id = id_of(road, FAMILIES[1])
    answer_by_answer(road, household_id, FAMILIES[1])
    done = finish(road, household_id, jumlah_art="9")
    assert not done.done
    assert "e_jumlah_art" in {issue.rule for issue in done.issues}
    assert road.lines()[household_id].kerja == "draf"
    assert road.pack() == []
    mended = finish(road, household_id, jumlah_art=FAMILIES[1].answers["jumlah_art"])
    assert mended.done


def test_a_household_that_no_prelist_knew(road: Scenario) -> None:
    """A usulan baru is added in the field and travels like the others."""
    with road.village() as village:
        household_id, _ = visit.add_household(village, road.now)
    family = people.household(99, 7, KODE, world.TODAY, BPS)
    for name in ("idbdt", "ruta6"):
        family.answers.pop(name, None)
    family.answers["status_rumahtangga"] = "4"
    answer_by_answer(road, household_id, family)
    assert finish(road, household_id).issues == ()
    files = road.pack()
    assert len(files) == 1
    arrival, receipt = road.receive(files[0])
    assert arrival.accepted == 2, "the mended household and the new one"
    road.accept(receipt)
    line = road.lines()[household_id]
    assert (line.idbdt, line.kirim, line.nama_krt) == ("", "diterima", family.answers["nama_krt"])


def test_a_lost_file_is_named_and_heals(road: Scenario) -> None:
    """A file that never arrives is missed by number, and the next export carries its visits."""
    household_id = id_of(road, FAMILIES[2])
    answer_by_answer(road, household_id, FAMILIES[2])
    assert finish(road, household_id).done
    (lost,) = road.pack()
    number = int(lost.name.split("-")[2])
    lost.unlink()
    (bundle,) = road.pack()
    arrival, receipt = road.receive(bundle)
    assert (arrival.accepted, arrival.missing) == (1, (number,))
    taken = road.accept(receipt)
    assert (taken.accepted, taken.missing) == (1, (number,))
    assert road.lines()[household_id].kirim == "diterima"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, object]]:
    code = cli.main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_same_road_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Practice world, answers from a file, export, import, receipt: members as CLI.md names them."""
    monkeypatch.setenv("SIKS_KATA_SANDI", "latihan")
    place = tmp_path / "latihan"
    code, made = run(capsys, "latihan", place, "--rumah-tangga", 3)
    assert (code, made["kode_desa"], made["rumah_tangga"], made["selesai"]) == (0, KODE, 3, 0)
    desa, dinsos = place / "desa", place / "dinsos"
    _, listed = run(capsys, "desa", "daftar", desa)
    household = next(one for one in listed["rumah_tangga"] if one["idbdt"])
    family = next(
        one
        for one in (people.household(n, 1, KODE, world.TODAY, BPS) for n in range(3))
        if one.idbdt == household["idbdt"]
    )
    lines = tmp_path / "jawaban.jsonl"
    line = {"rumah_tangga": household["id"], "jawaban": family.answers, "selesai": True}
    lines.write_text(json.dumps(line) + "\n", encoding="utf-8")
    code, filled = run(capsys, "desa", "isi", desa, lines)
    soft = [
        {"aturan": one["aturan"], "jalur": one["jalur"], "alasan": CONFIRM}
        for one in filled["baris"][0]["masalah"]
    ]
    if soft:
        assert code == 1
        lines.write_text(json.dumps(line | {"konfirmasi": soft}) + "\n", encoding="utf-8")
        code, filled = run(capsys, "desa", "isi", desa, lines)
    assert (code, filled["selesai"], filled["ditolak"]) == (0, 1, 0)
    code, sent = run(capsys, "desa", "ekspor", desa, "--ke", tmp_path / "usb")
    assert (code, sent["kunjungan"]) == (0, 1)
    balasan = tmp_path / "usb" / "balasan"
    code, got = run(capsys, "dinsos", "terima", dinsos, *sent["berkas"], "--tanda-terima", balasan)
    assert (code, got["berkas"][0]["hasil"], got["berkas"][0]["diterima"]) == (0, "diterima", 1)
    code, taken = run(capsys, "desa", "terima", desa, got["berkas"][0]["tanda_terima"])
    assert (code, taken["diterima"], taken["kurang_seq"]) == (0, 1, [])
    _, seen = run(capsys, "desa", "lihat", desa, household["id"])
    assert (seen["kerja"], seen["kirim"], seen["revisi"]) == ("selesai", "diterima", 1)
    _, known = run(capsys, "dinsos", "daftar", dinsos, "--rumah-tangga")
    assert [one["id"] for one in known["rumah_tangga"]] == [household["id"]]


def test_the_same_seed_gives_the_same_village(tmp_path: Path) -> None:
    """Practice worlds of one seed hold the same households, ids and answers, on any day."""
    seen = []
    for number, now in enumerate(
        (datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC))
    ):
        place = tmp_path / str(number)
        world.build(place, households=3, percent=100, seed=5, now=now)
        with world.desa_accounts.open_village(place / "desa", "", "latihan") as village:
            ids = checking._begun(village)
            states = [visit.open_visit(village, one, now).state.answers() for one in ids]
        seen.append((ids, states))
    assert seen[0] == seen[1]
