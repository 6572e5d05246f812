"""Reports: every household counted once, people as text, and files that compute nothing."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import openpyxl
import pytest

from siks_offline.db import audit, households, meeting
from siks_offline.desa import entitlements, moves, people_lists, reports, revision, visit
from siks_offline.errors import UsageError
from siks_offline.export import delimited, report_book
from siks_offline.export.outside_lists import ListRow, OutsideList
from siks_offline.instrument import checks, promoted
from siks_offline.instrument.engine import FormState
from siks_offline.meeting import Verdict
from tests.desa import matched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village

NOW = matched.NOW
HOMES = 30
DONE = 4


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """Thirty households, four of them visited, one of these received by the Dinsos."""
    with matched.make(tmp_path_factory.mktemp("laporan") / "desa", HOMES) as made:
        for number in range(DONE):
            complete(made, matched.household_id(number))
        with made.store.write() as session:
            accepted = households.States(kirim="diterima")
            households.set_states(session, {matched.household_id(0): accepted})
            said = [
                Verdict(matched.household_id(n), made.period, "1", able="1" if n == 5 else "2")
                for n in range(6)
            ]
            meeting.put_verdicts(session, said)
        yield made


def complete(village: Village, household_id: str) -> None:
    opened = visit.open_visit(village, household_id, NOW)
    for issue in checks.issues(opened.state):
        opened.state.confirm(issue.path, issue.rule, "sudah diperiksa")
    state = FormState(
        opened.state.instrument, opened.state.answers(), now=NOW,
        confirmations=opened.state.confirmations,
    )  # fmt: skip
    with village.store.write() as session:
        revision.store(session, village, household_id, state, NOW)


@pytest.mark.parametrize("kind", ["rt", "rw", "dusun", "tahap"])
def test_every_household_is_counted_once(village: Village, kind: reports.Kind) -> None:
    """The rows of a recap add up to the village, whatever they are grouped by."""
    table = reports.table(village, kind)
    assert sum(int(row[1]) for row in table.rows) == HOMES
    assert table.total[1:2] in ((str(HOMES),), ())
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_the_road_from_prelist_to_receipt_is_told(village: Village) -> None:
    """Awal, akhir (found and not able), visited, sent and received are counted as they are."""
    table = reports.table(village, "tahap")
    total = dict(zip(table.columns, table.total or table.rows[0], strict=True))
    assert total["Prelist awal"] == str(HOMES)
    assert total["Prelist akhir"] == "5"
    assert total["Dikunjungi"] == str(DONE)
    assert total["Diterima"] == "1"


def test_before_the_musyawarah_there_is_no_prelist_akhir(tmp_path: Path) -> None:
    """A number nobody decided is not shown as nought."""
    with matched.make(tmp_path / "desa", 3) as fresh:
        table = reports.table(fresh, "tahap")
        assert {row[3] for row in table.rows} == {"-"}


def test_officers_and_accounts_have_their_visits(village: Village) -> None:
    """The officer whom the answers name, and the account that completed."""
    wanted = [str(matched.answers(n)["petugas_verivali"]).upper() for n in range(DONE)]
    found = {row[0]: int(row[2]) for row in reports.table(village, "petugas").rows}
    assert found == {name: wanted.count(name) for name in wanted}
    assert reports.table(village, "akun").rows == (("operator", str(DONE)),)


def test_indicators_count_what_was_answered(village: Village) -> None:
    """Each code of each question once, with its share; the shares of a question are a whole."""
    table = reports.table(village, "indikator")
    floors = [row for row in table.rows if row[0] == table.rows[0][0]]
    assert sum(int(row[2]) for row in floors) == DONE
    codes = [matched.answers(n)["lantai"] for n in range(DONE)]
    assert int(floors[1][2]) == codes.count("2")
    assert sum(float(row[3].replace(",", ".")) for row in floors) == pytest.approx(100, abs=0.5)
    assert {row[4] for row in floors} == {"", "penanda"}


def test_states_are_shares_of_all_and_results_of_the_visits(village: Village) -> None:
    """The work, the sending and the results of the visits, each with its own whole."""
    rows = reports.table(village, "status").rows
    assert ("Pengisian", "Selesai", str(DONE), "13,3") in rows
    assert [row[2:] for row in rows if row[0] == "Hasil verivali"] == [(str(DONE), "100,0")]
    people = sum(len(matched.answers(n)["anggota"]) for n in range(DONE))
    assert [row[1:] for row in rows if row[0].startswith("Keberadaan")] == [
        ("Tinggal di ruta", str(people), "100,0")
    ]
    moves.mark_unfit(village, matched.household_id(DONE), "sudah_mampu", "", NOW)
    rows = reports.table(village, "status").rows
    assert ("Perubahan rumah tangga", "Tidak layak: sudah mampu", "1", "100,0") in rows


def test_an_rt_is_one_however_it_was_written() -> None:
    """A counter's 2/1 is the list's 002/001; what is no number stays."""
    assert people_lists.area("2", " 1") == people_lists.area("002", "001") == "002/001"
    assert people_lists.area("II", "") == "II"


@pytest.mark.parametrize("kind", reports.KINDS)
def test_excel_holds_the_same_table_as_text_and_numbers(
    village: Village, tmp_path: Path, kind: reports.Kind
) -> None:
    """Each cell as on screen; a NIK is text, a count a number, nothing a formula; head frozen."""
    path = tmp_path / "laporan.xlsx"
    reports.book(village, path, [kind], NOW)
    table = reports.table(village, kind)
    [sheet] = openpyxl.load_workbook(path).worksheets
    assert sheet.freeze_panes == "B3"
    rows = [list(row) for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in rows[0]] == list(table.columns)
    for row, expected in zip(rows[1:], table.rows, strict=False):
        for at, text in enumerate(expected):
            cell = row[at] if at < len(row) else None
            value = cell.value if cell is not None else None
            assert cell is None or cell.data_type != "f"
            if at in table.numbers and text.isdigit():
                assert value == int(text)
            elif "," not in text:
                assert (value or "") == text
    with village.store.read() as session:
        assert audit.lines(session, newest=1)[0].action == "laporan.tulis"


def test_the_list_of_results_has_the_numbers_whole(village: Village) -> None:
    """NIK and names of every household, sixteen digits as the register has them."""
    table = reports.table(village, "daftar")
    niks = {row[table.columns.index("NIK")] for row in table.rows}
    assert niks == {str(promoted.head(matched.answers(n))["nik"]) for n in range(HOMES)}
    first = dict(zip(table.columns, table.rows[0], strict=True))
    assert first["PROVINSI"] == "Jawa Timur"
    assert first["HASIL VERIVALI"]


def test_csv_and_excel_disarm_what_looks_like_a_formula(tmp_path: Path) -> None:
    """A name that begins like a formula stays a name in both."""
    evil = ["=1+1", "+62", "-x", "@SUM(A1)", "A"]
    delimited.write(tmp_path / "a.csv", ["NAMA"], [[one] for one in evil])
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row[0] for row in csv.reader(file, delimiter=";")][1:] == [
            *(f"'{one}" for one in evil[:4]), "A",
        ]  # fmt: skip
    report_book.write(tmp_path / "a.xlsx", [("A", ["NAMA"], [[e] for e in evil], frozenset())], "")
    [sheet] = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets
    assert [row[0].data_type for row in sheet.iter_rows(min_row=3)] == ["s"] * 5


def test_csv_is_the_table_on_screen(village: Village, tmp_path: Path) -> None:
    """CSV carries header, rows and sum."""
    path = tmp_path / "rt.csv"
    reports.write_csv(village, path, "rt", NOW)
    table = reports.table(village, "rt")
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = [tuple(row) for row in csv.reader(file, delimiter=";")]
    assert found == [table.columns, *table.rows, *([table.total] if table.total else [])]


def test_an_unknown_report_is_named(village: Village) -> None:
    """A word that is no report is refused with those that are."""
    with pytest.raises(UsageError):
        reports.table(village, "lain")  # type: ignore[arg-type]


def test_lists_of_people_name_source_and_trouble(tmp_path: Path) -> None:
    """What matching and the lists found stands in reports, in words."""
    with matched.make(tmp_path / "desa", 2) as fresh:
        bad = ListRow("a", 2, {"nik": "123456", "nama": "X", "program": "PKH"})
        found = entitlements.judge(fresh, OutsideList("penetapan", [bad]), "a")
        entitlements.load(fresh, found, NOW)
        assert [row[0] for row in reports.table(fresh, "masalah_nik").rows] == [
            "PKH: susunan NIK salah"
        ]
