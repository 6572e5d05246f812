"""A prelist comes in from a workbook: shown first, loaded whole, never twice, never over answers."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import openpyxl
import pytest

from siks_offline.db import engine, households
from siks_offline.desa import prelist
from siks_offline.desa.village import FolderLock, Village
from siks_offline.desa.village_folder import VillageFolder
from siks_offline.errors import Cancelled, WorkbookError
from siks_offline.export import identity, prelist_book, workbook
from siks_offline.instrument.load import load_shipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.prelist import Preview

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DESA = "3509122003"
BPS = "3509120003"


def opened(folder: Path, kode_desa: str, nama_desa: str, bps: str) -> Village:
    """A village as its account has opened it; the keystore is no matter here."""
    folder.mkdir()
    about = VillageFolder(folder, kode_desa, nama_desa, True, ("operator",))
    store = engine.create_village(folder / "app.db", os.urandom(32))
    keys = None  # nothing here opens or changes an account
    return Village(about, "operator", "admin", store, keys, FolderLock(folder), {"bps": bps})


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    with opened(tmp_path / "desa", DESA, "Sumberejo", BPS) as made:
        yield made


@pytest.fixture
def timu(tmp_path: Path) -> Iterator[Village]:
    with opened(tmp_path / "timu", "5206022006", "Timu", "") as made:
        yield made


@pytest.fixture(scope="session")
def sample(shared: Path) -> Path:
    return shared / "samples" / "contoh-data-bdt2015.xlsx"


UDRT = [
    "IDBDT",
    "KDPROP",
    "KDKAB",
    "KDKEC",
    "KDDESA",
    "Nama_SLS",
    "Alamat",
    "Nama_KRT",
    "ada_tv",
    "NOKK",
    "foto_ktp",
]
UDART = [
    "IDARTBDT",
    "IDBDT",
    "Nama",
    "NIK",
    "NoKK",
    "TglLahir",
    "Umur",
    "JnsKel",
    "Hub_KRT",
    "NUK",
    "Ada_kartu_identitas",
    "Sta_Bekerja",
]


def household(number: int, **changes: str) -> list[str]:
    row = {
        "IDBDT": f"{BPS}{number:013d}", "KDPROP": "35", "KDKAB": "09", "KDKEC": "120",
        "KDDESA": "003", "Nama_SLS": "DUSUN I RT 02 RW 01", "Alamat": "JL MELATI 5",
        "Nama_KRT": "SLAMET", "ada_tv": "1", "NOKK": f"350912010101{number:04d}", "foto_ktp": "a.jpg",
    } | changes  # fmt: skip
    return [row[name] for name in UDRT]


def member(number: int, order: int, **changes: object) -> list[object]:
    row: dict[str, object] = {
        "IDARTBDT": f"{BPS}{number:013d}{order:02d}", "IDBDT": f"{BPS}{number:013d}",
        "Nama": "SLAMET" if order == 1 else "SITI", "NIK": f"3509120101{80 + order:02d}{number:04d}",
        "NoKK": f"350912010101{number:04d}", "TglLahir": "1980-01-01", "Umur": "46",
        "JnsKel": "1" if order == 1 else "2", "Hub_KRT": str(order), "NUK": "1",
        "Ada_kartu_identitas": "5", "Sta_Bekerja": "3",
    } | changes  # fmt: skip
    return [row[name] for name in UDART]


def two_sheets(path: Path, homes: list[list[str]], people: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "UDRT_35"
    book.active.append(UDRT)
    for row in homes:
        book.active.append(row)
    sheet = book.create_sheet("UDART_35")
    sheet.append(UDART)
    for row in people:
        sheet.append(row)
    book.save(path)
    return path


def plain(path: Path, header: list[str], *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["DAFTAR PRELIST DESA SUMBEREJO"])
    book.active.append(header)
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def counted(found: Preview) -> tuple[int, int, int, int]:
    return found.added, found.updated, found.skipped, found.refused


def stored(village: Village) -> list[tuple[object, ...]]:
    with village.store.read() as session:
        ids = households.find(session, order="seq")
        lines = households.lines(session, ids)
        return [
            (lines[i], households.prelist_answers(session, i), households.persons(session, i))
            for i in ids
        ]


def test_the_bdt_sample_comes_in_bound_by_its_names(timu: Village, sample: Path) -> None:
    """The BDT 2015 list of Timu in Bolo is this village's, although its code is one of BPS."""
    found = prelist.preview(timu, sample)
    assert (found.jenis, counted(found), found.issues) == ("bdt2015", (2, 0, 0, 0), ())
    assert stored(timu) == []
    prelist.load(timu, found, NOW)
    (first, answers, people), (second, _, _) = stored(timu)
    assert (first.nama_krt, first.idbdt, first.anggota, first.rt, first.rw) == (
        "MUHAMMAD ALI", "520602000709810001", 3, "07", "03",
    )  # fmt: skip
    assert second.anggota == 4
    assert [person.nama for person in people] == ["MUHAMMAD ALI", "RUKMINI", "NURUL"]
    assert [answers[name] for name in ("kdprop", "kdkab", "kdkec", "kddesa")] == [
        "52",
        "06",
        "020",
        "007",
    ]
    assert answers["kode_wilayah_kemendagri"] == "52.06.02.2006"
    assert answers["anggota"][0]["ada_kartu_identitas"] == "1 4"
    assert timu.bps == "5206020007"


def test_the_sample_opens_as_a_form(timu: Village, sample: Path) -> None:
    """Whatever a prelist brings, the instrument knows: the form takes it without complaint."""
    from siks_offline.instrument.engine import FormState

    prelist.load(timu, prelist.preview(timu, sample), NOW)
    for _, answers, _ in stored(timu):
        state = FormState(timu.instrument, answers, now=NOW)
        assert state.value("nama_krt") == answers["nama_krt"]
        assert state.count("anggota") == len(answers["anggota"])
        chosen = {
            "fasbab",
            "ada_tv",
            "sta_rastra",
            "anggota[1].hub_krt",
            "anggota[1].pendidikan_tertinggi",
        }
        assert all(state.value(path) for path in chosen)


def test_the_same_file_twice_changes_nothing(timu: Village, sample: Path) -> None:
    """Loading again skips every household and leaves no trace."""
    prelist.load(timu, prelist.preview(timu, sample), NOW)
    before = stored(timu)
    again = prelist.preview(timu, sample)
    assert counted(again) == (0, 0, 2, 0)
    assert {line.reason for line in again.lines} == {"I_SAMA"}
    _, changes = prelist.load(timu, again, NOW)
    assert not changes.households
    assert not changes.prelist
    assert stored(timu) == before


def test_another_village_is_refused_row_by_row(village: Village, sample: Path) -> None:
    """Rows of Timu never enter Sumberejo; each names its region and what to do."""
    found = prelist.preview(village, sample)
    assert counted(found) == (0, 0, 0, 2)
    assert [(issue.code, issue.row) for issue in found.issues] == [
        ("E_WILAYAH", 3),
        ("E_WILAYAH", 6),
    ]
    prelist.load(village, found, NOW)
    assert stored(village) == []
    assert village.bps == BPS


def test_an_operator_may_bind_the_code_of_a_file(tmp_path: Path) -> None:
    """Where names differ (a village split off, say) the operator decides, for one code only."""
    instrument = load_shipped("dtks")
    one = two_sheets(tmp_path / "a.xlsx", [household(1)], [])
    two = two_sheets(tmp_path / "b.xlsx", [household(1), household(2, KDDESA="004")], [])
    reading = prelist_book.read(one, instrument, DESA)
    assert prelist_book.bound_code(reading, "", bind=False) == ""
    assert prelist_book.bound_code(reading, "", bind=True) == BPS
    assert prelist_book.bound_code(reading, "3509120009", bind=False) == "3509120009"
    assert prelist_book.bound_code(reading, "3509120009", bind=True) == BPS
    mixed = prelist_book.read(two, instrument, DESA)
    assert prelist_book.bound_code(mixed, "", bind=True) == ""
    assert prelist_book.bound_code(mixed, BPS, bind=False) == BPS


def test_names_do_not_bind_a_village_of_the_same_name_elsewhere(
    tmp_path: Path, sample: Path
) -> None:
    """There is a Timu in Minahasa too; the kecamatan tells them apart."""
    reading = prelist_book.read(sample, load_shipped("dtks"), "7102082007")
    assert prelist_book.bound_code(reading, "", bind=False) == ""
    (place,) = reading.places
    assert not prelist_book.belongs(place, "7102082007", "", bind=False)


def test_two_sheets_of_the_ministry_become_households(village: Village, tmp_path: Path) -> None:
    """UDRT and UDART columns meet by IDBDT, in either order of the sheets and in any letter case."""
    path = two_sheets(
        tmp_path / "a.xlsx",
        [household(1), household(2)],
        [
            member(2, 1),
            member(1, 1),
            member(1, 2, NUK="2", NoKK="3509120101010077", TglLahir="", Umur="30"),
        ],
    )
    found = prelist.preview(village, path)
    assert (found.jenis, counted(found), found.issues) == ("udrt", (2, 0, 0, 0), ())
    prelist.load(village, found, NOW)
    (line, answers, people), _ = stored(village)
    assert line.id == identity.household_id(DESA, f"{BPS}{1:013d}")
    assert people[0].id == identity.person_id(DESA, f"{BPS}{1:013d}01")
    assert answers["kk"] == [
        {"kk_nuk": "1", "kk_nokk": "3509120101010001"},
        {"kk_nuk": "2", "kk_nokk": "3509120101010077"},
    ]
    assert answers["anggota"][1]["umur"] == "30"
    assert "umur" not in answers["anggota"][0]
    assert "foto_ktp" not in answers


def test_yes_and_no_take_the_pair_of_their_own_line(village: Village, tmp_path: Path) -> None:
    """A file that writes 1 for yes on every line gives 3 where the form prints 3 and 4."""
    path = two_sheets(tmp_path / "a.xlsx", [household(1, ada_tv="2")], [member(1, 1)])
    prelist.load(village, prelist.preview(village, path), NOW)
    ((_, answers, _),) = stored(village)
    assert answers["ada_tv"] == "4"
    assert answers["anggota"][0]["sta_bekerja"] == "1"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (3509120101810001, "E_NIK_ROUNDED"),
        (3.50912e15, "E_NIK_ROUNDED"),
        ("3.50912E+15", "E_NIK_ROUNDED"),
        ("35.2018E+14", "E_NIK_ROUNDED"),
        ("35.2318.00000000000", "E_NIK_ROUNDED"),
        (0, "E_NIK_TEMPORARY"),
        ("0", "E_NIK_TEMPORARY"),
        ("0000000000000000", "E_NIK_TEMPORARY"),
    ],
)
@pytest.mark.parametrize("column", ["NIK", "NoKK"])
def test_numbers_that_excel_spoiled_refuse_their_household(
    tmp_path: Path, column: str, cell: object, code: str
) -> None:
    """A NIK or KK with lost digits, or 0, is never loaded; the row and the remedy are named."""
    path = two_sheets(
        tmp_path / "a.xlsx", [household(1), household(2)],
        [member(1, 1), member(1, 2, **{column: cell}), member(2, 1)],
    )  # fmt: skip
    reading = prelist_book.read(path, load_shipped("dtks"), DESA)
    first, second = reading.take()
    assert (first.refused, second.refused) == (code, "")
    (issue,) = reading.issues
    assert (issue.sheet, issue.row, issue.column, issue.code) == ("UDART_35", 3, column, code)
    assert issue.remedy


@pytest.mark.parametrize(
    ("cell", "kept"), [("350912010180001", "350912010180001"), ("TIDAK ADA", ""), ("-", "")]
)
def test_a_wrong_nik_is_told_and_kept_for_the_visit(tmp_path: Path, cell: str, kept: str) -> None:
    """Fifteen digits come in as they are, to be mended at the door; words do not."""
    path = two_sheets(tmp_path / "a.xlsx", [household(1)], [member(1, 1, NIK=cell)])
    reading = prelist_book.read(path, load_shipped("dtks"), DESA)
    (found,) = reading.take()
    assert not found.refused
    assert found.answers["anggota"][0].get("nik", "") == kept
    assert len(reading.issues) == 1


def test_codes_the_form_does_not_know_are_left_out(tmp_path: Path) -> None:
    """A code of another form is no answer; it is told and asked again at the visit."""
    path = two_sheets(
        tmp_path / "a.xlsx",
        [household(1, ada_tv="9")],
        [member(1, 1, Ada_kartu_identitas="99", Hub_KRT="x")],
    )
    reading = prelist_book.read(path, load_shipped("dtks"), DESA)
    (found,) = reading.take()
    assert "ada_tv" not in found.answers
    assert {"ada_kartu_identitas", "hub_krt"}.isdisjoint(found.answers["anggota"][0])
    assert [issue.code for issue in reading.issues] == ["E_PRELIST_KODE"] * 3


def test_rows_that_cannot_be_placed_are_refused(tmp_path: Path) -> None:
    """Twin ids, members of nobody, no id at all and ids kept as numbers are each told."""
    path = two_sheets(
        tmp_path / "a.xlsx",
        [household(1), household(1), household(2, IDBDT=""), household(3, IDBDT=35091200031)],
        [member(9, 1)],
    )
    reading = prelist_book.read(path, load_shipped("dtks"), DESA)
    assert [found.refused for found in reading.take()] == [
        "E_PRELIST_GANDA", "E_PRELIST_TANPA_ID", "E_PRELIST_ID", "E_PRELIST_YATIM",
    ]  # fmt: skip
    assert {issue.code for issue in reading.issues} == {
        "E_PRELIST_GANDA", "E_PRELIST_TANPA_ID", "E_PRELIST_ID", "E_PRELIST_YATIM",
    }  # fmt: skip


def test_a_household_of_thousands_is_refused(tmp_path: Path) -> None:
    """One id over a whole village is a fault of the file, not a household."""
    people = [member(1, 1, IDARTBDT=str(10**12 + n)) for n in range(prelist_book.MAX_MEMBERS + 5)]
    reading = prelist_book.read(
        two_sheets(tmp_path / "a.xlsx", [household(1)], people), load_shipped("dtks"), DESA
    )
    (found,) = reading.take()
    assert found.refused == "E_PRELIST_ANGGOTA"
    assert len(reading.issues) == 1


def test_a_plain_list_groups_families_by_their_card(village: Village, tmp_path: Path) -> None:
    """NIK, KK, name, address, RT and RW under any usual header make households with members."""
    path = plain(
        tmp_path / "a.xlsx",
        ["No", "NIK", "No. KK", "Nama Lengkap", "Alamat", "RT", "RW", "JK"],
        [1, "3509120101800001", "3509120101010001", "SLAMET", "JL MAWAR", "001", "02", "L"],
        [2, "3509124101820001", "3509120101010001", "SITI", "JL MAWAR", "001", "02", "Perempuan"],
        [3, "3509120101900002", "", "BUDI", "JL KENANGA", 3, 1, "1"],
    )
    found = prelist.preview(village, path)
    assert (found.jenis, counted(found), found.issues) == ("sederhana", (2, 0, 0, 0), ())
    prelist.load(village, found, NOW)
    (first, answers, _), (second, _, _) = stored(village)
    assert (first.nama_krt, first.no_kk, first.anggota, first.rt, first.rw) == (
        "SLAMET",
        "3509120101010001",
        2,
        "001",
        "02",
    )
    assert [one["jnskel"] for one in answers["anggota"]] == ["1", "2"]
    assert (second.nama_krt, second.no_kk, second.nik_krt, second.rt) == (
        "BUDI",
        "",
        "3509120101900002",
        "3",
    )
    assert answers["kddesa"] == "003"
    assert counted(prelist.preview(village, path)) == (0, 0, 2, 0)


def test_a_plain_list_does_not_double_families_of_the_prelist(
    village: Village, tmp_path: Path
) -> None:
    """A family that the ministry's list already holds is skipped, by its card or a member's NIK."""
    prelist.load(
        village,
        prelist.preview(village, two_sheets(tmp_path / "a.xlsx", [household(1)], [member(1, 1)])),
        NOW,
    )
    path = plain(
        tmp_path / "b.xlsx", ["NIK", "KK", "Nama", "Alamat", "RT", "RW"],
        ["3509120101810001", "3509120101010001", "SLAMET", "JL MELATI", "1", "1"],
        ["3509120101810001", "", "SLAMET", "JL MELATI", "1", "1"],
    )  # fmt: skip
    found = prelist.preview(village, path)
    assert counted(found) == (0, 0, 2, 0)
    assert {line.reason for line in found.lines} == {"I_SUDAH_ADA"}


def test_a_changed_row_updates_what_the_list_shows(village: Village, tmp_path: Path) -> None:
    """A corrected prelist brings an untouched household up to date."""
    path = two_sheets(tmp_path / "a.xlsx", [household(1), household(2)], [member(1, 1)])
    prelist.load(village, prelist.preview(village, path), NOW)
    two_sheets(path, [household(1, Nama_KRT="SLAMET RIYADI"), household(2)], [member(1, 1)])
    found = prelist.preview(village, path)
    assert counted(found) == (0, 1, 1, 0)
    _, changes = prelist.load(village, found, NOW)
    assert changes.households == {identity.household_id(DESA, f"{BPS}{1:013d}")}
    assert stored(village)[0][0].nama_krt == "SLAMET RIYADI"


def test_answers_of_a_begun_visit_survive_a_new_prelist(village: Village, tmp_path: Path) -> None:
    """What an operator typed stays, and the preview says that it will."""
    path = two_sheets(tmp_path / "a.xlsx", [household(1)], [member(1, 1)])
    prelist.load(village, prelist.preview(village, path), NOW)
    id_ = identity.household_id(DESA, f"{BPS}{1:013d}")
    with village.store.write() as session:
        households.set_states(session, {id_: households.States(kerja="draf")})
    before = stored(village)[0][0]
    two_sheets(path, [household(1, Nama_KRT="ORANG LAIN")], [member(1, 2)])
    found = prelist.preview(village, path)
    assert [(line.result, line.reason) for line in found.lines] == [
        ("diperbarui", "I_SUDAH_DIMULAI")
    ]
    prelist.load(village, found, NOW)
    after, _, people = stored(village)[0]
    assert after == before
    assert [person.nama for person in people] == ["SLAMET"]


def test_a_cancelled_load_leaves_nothing(village: Village, tmp_path: Path) -> None:
    """Cancelling in the middle is as if nothing had been loaded, the binding included."""
    path = two_sheets(tmp_path / "a.xlsx", [household(n) for n in range(1, 6)], [])
    found = replace(prelist.preview(village, path), bps="3509120009")

    def stop(done: int, _total: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        prelist.load(village, found, NOW, stop)
    assert stored(village) == []
    assert village.bps == BPS


def test_a_file_without_a_list_is_refused_as_a_whole(village: Village, tmp_path: Path) -> None:
    """A workbook whose headers say nothing, or with a header alone, is no empty prelist."""
    for rows in (["apa", "saja"], UDRT):
        workbook.write(tmp_path / "a.xlsx", [("S", rows, [])])
        with pytest.raises(WorkbookError) as refused:
            prelist.preview(village, tmp_path / "a.xlsx")
        assert refused.value.code == "E_PRELIST_KOSONG"
