"""What else a village's year has: changes of households, pemadanan, visits, people who ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siks_offline import wilayah
from siks_offline.desa import arrivals, differences, entitlements, households, moves, revision
from siks_offline.dinsos import lists
from siks_offline.instrument import checks, promoted
from siks_offline.instrument.engine import FormState
from siks_offline.latihan import people, world
from tests.scenarios import hall

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from siks_offline.desa.village import Village
    from siks_offline.model import HouseholdLine
    from tests.scenarios.scenario import Scenario

BPS = world.practice_bps(world.KODE_DESA)


def change(village: Village, found: Sequence[str], now: datetime) -> dict[tuple[str, str], int]:
    """Somebody moves in elsewhere, a household is fit no longer."""
    first, second, third = found[:3]
    home = moves.read(village, first)
    moves.move_members(village, first, [home.persons[-1].id], second, now)
    assert moves.read(village, second).persons[-1].id == home.persons[-1].id
    moves.mark_unfit(village, third, "sudah_mampu", "usaha maju", now)
    return {("pindah_anggota", ""): 1, ("tidak_layak", "sudah_mampu"): 1}


def lists_of_dinsos(scenario: Scenario, lines: Sequence[HouseholdLine]) -> list[Path]:
    """The Dinsos signs lists for this village: Dukcapil, Bapenda, and the determination."""
    first = lines[0]
    dukcapil = "".join(
        f"'{line.nik_krt};{line.nama_krt};'{line.nik_krt};NAMA LAIN {number};PADAN\n"
        for number, line in enumerate(lines)
    )
    who = f"'{first.nik_krt};{first.nama_krt}"
    texts = {
        "dukcapil": f"NIK;NAMA;DUK_NIK;DUK_NAMA_LGKP;KETERANGAN\n{dukcapil}",
        "bapenda": f"NIK;NAMA;NO POLISI;JENIS KENDARAAN\n{who};P 1234 AB;MOBIL\n",
        "penetapan": f"NIK;NAMA;DESA;DESIL;PROGRAM\n{who};{wilayah.name(world.KODE_DESA)};2;PKH\n",
    }
    made = []
    with scenario.office() as office:
        for name, text in texts.items():
            source, target = (scenario.stick / f"{name}.{end}" for end in ("csv", "siks"))
            source.write_text(text)
            kode = scenario.kode_desa
            lists.make(office, source, kode, target, scenario.now, period="2026-Q4")
            made.append(target)
    return made


def match(village: Village, files: Sequence[Path], now: datetime) -> dict[str, int]:
    """Take results of matching in and decide each difference one of three ways.

    Returns how many differences stand at each decision.
    """
    for file in files:
        assert arrivals.accept(village, file, now).kinds == ("matching",)
    waiting = differences.listed(village, "belum")
    by_name = [one for one in waiting if one.field == "nama"]
    differences.accept(village, [by_name[0].number], now)
    differences.refuse(village, [by_name[1].number], "KTP dilihat, nama benar", now)
    rest = [one.number for one in waiting if one not in by_name[:2]]
    differences.leave(village, rest, now)
    decided = differences.listed(village)
    return {
        name: sum(one.decision == name for one in decided)
        for name in ("belum", "diterima", "ditolak", "kunjungan")
    }


def ask_at_counter(
    village: Village, listed: Path, line: HouseholdLine, now: datetime
) -> tuple[str, ...]:
    """Take the determination in; somebody asks, is told without numbers, takes a slip home.

    Returns the sentences the citizen hears.
    """
    assert arrivals.accept(village, listed, now).kinds == ("determination",)
    [hit] = entitlements.find(village, line.nik_krt)
    [same] = entitlements.find(village, line.nama_krt.lower(), entitlements.places(village)[0])
    assert same == hit
    told = entitlements.answer(village, hit.number)
    assert line.nik_krt not in f"{told}"
    slip = listed.with_suffix(".pdf")
    entitlements.slip(village, told, slip, now)
    assert slip.read_bytes().startswith(b"%PDF-")
    return tuple(told.sentences)


def visit(village: Village, household_id: str, told: dict[str, Any], now: datetime) -> None:
    """Keep a visit as an officer filled it."""
    state = FormState(village.instrument, told, now=now)
    for issue in checks.issues(state):
        if issue.level == "konfirmasi":
            state.confirm(issue.path, issue.rule, "sudah diperiksa di lapangan")
    with village.store.write() as session:
        revision.store(session, village, household_id, state, now)


def visit_proposed(village: Village, homes: Sequence[str], families: int, now: datetime) -> None:
    """Visit families that were proposed, as new households."""
    of_card = {line.no_kk: id_ for id_, line in households.lines(village, homes).items()}
    for number in range(families):
        made = people.household(
            hall.FIRST_FAMILY + number, 7, world.KODE_DESA, world.TODAY, BPS
        ).answers
        card = next(one["nokk"] for one in promoted.members(made) if one.get("nokk"))
        if card in of_card:
            told = {name: value for name, value in made.items() if name != promoted.IDBDT}
            visit(village, of_card[card], told | {promoted.STATUS: promoted.NEW_PROPOSAL}, now)


def visit_refused(village: Village, household_id: str, now: datetime) -> None:
    """Visit a household that does not want to answer."""
    line = households.lines(village, [household_id])[household_id]
    told = {promoted.IDBDT: line.idbdt, promoted.STATUS: promoted.FOUND, "hasil_verivali": "5"}
    visit(village, household_id, told, now)
