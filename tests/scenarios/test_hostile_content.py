"""What people or thieves put into names and addresses stays words, wherever it goes."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from siks_offline.db import households as stored
from siks_offline.db import office_visits
from siks_offline.desa import answers_book, documents, households, reports, visit
from siks_offline.export import canonical, delimited, identity
from siks_offline.instrument import checks
from siks_offline.instrument.engine import FormState
from siks_offline.latihan import people, world
from tests.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 3, 42, tzinfo=UTC)
BPS = world.practice_bps(world.KODE_DESA)
HOMES = [people.household(n, 1, world.KODE_DESA, world.TODAY, BPS) for n in range(9)]
WORDS = (
    '=HYPERLINK("http://x.example","klik")',
    "+62812",
    "-2+3",
    "@SUM(A1)",
    "<img src=//host/x><b>SITI</b> &lt; &amp;",
    "'; DROP TABLE household; --",
    "A\u202eB\u200fC\u2066D\ufeff",
    "E\x00F\x07G\x1b[31m\x7f\x9f",
    "E\u0301 \U0001f600 {nama} %s %(x)d",
)
LONG = "PANJANG " * 125_000
csv.field_size_limit(2_000_000)  # one of the names is a megabyte
LIVE = ("=", "+", "-", "@", "\t", "\r", "\x00")


@pytest.fixture
def road(tmp_path: Path) -> Scenario:
    """A paired village with a list of nine, its stored names and addresses made hostile.

    They are put into the store itself, as an older program or a restored copy might have left
    them: no way in that cleans them is trusted here.
    """
    made = Scenario(tmp_path, world.KODE_DESA)
    made.pair()
    people.write_prelist(tmp_path / "prelist.xlsx", HOMES)
    made.load(tmp_path / "prelist.xlsx", bind=True)
    with made.village() as village:
        for home, words in zip(HOMES, (*WORDS[1:], LONG), strict=True):
            id_ = identity.household_id(world.KODE_DESA, home.idbdt)
            with village.store.write() as session:
                facts = stored.Facts(nama_krt=words, alamat=words, rt=words[:3], rw=words[:3])
                stored.refresh(session, id_, facts, [])
    return made


def write_everywhere(state: FormState, words: str) -> dict[str, str]:
    """Type words into every field of text, and back where the form refuses them; what stays."""
    texts = {
        path: answer
        for path, answer in visit.flatten(state.answers()).items()
        for question in [state.instrument.questions.get(path.rpartition("].")[2])]
        if question is not None and question.type == "text" and not question.read_only
    }
    for path in texts:
        state.set(path, words)
    refused = {issue.path for issue in checks.issues(state) if issue.level == "keras"}
    for path in texts.keys() & refused:
        state.set(path, texts[path])
    return {path: str(state.value(path)) for path in texts.keys() - refused}


def complete(road: Scenario, number: int, words: str) -> Any:
    """Complete a visit whose every free text holds anything."""
    with road.village() as village:
        now = road.now
        state = FormState(village.instrument, HOMES[number].answers, now=now)
        typed = write_everywhere(state, canonical.normalise_text(words)[0])
        assert len(typed) > 3
        for issue in checks.issues(state):
            if issue.level == "konfirmasi":
                state.confirm(issue.path, issue.rule, "sudah diperiksa di lapangan")
        id_ = identity.household_id(world.KODE_DESA, HOMES[number].idbdt)
        done = visit.complete(village, id_, state, now)
        assert done.done, done.issues
        return id_, typed


def formulas(path: Path) -> list[str]:
    """Cells of a workbook that Excel would work out."""
    book = openpyxl.load_workbook(path)
    return [
        f"{page.title}!{cell.coordinate}"
        for page in book
        for row in page.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]


def test_no_export_breaks_or_holds_a_formula(road: Scenario, tmp_path: Path) -> None:
    """Excel of answers, of the ministry and of reports, CSV and every list print hostile stores."""
    for number, words in enumerate(WORDS[:3]):
        complete(road, number, words)
    with road.village() as village:
        for number, words in ((3, LONG), (4, WORDS[7])):  # as typed, not made normal
            id_ = identity.household_id(world.KODE_DESA, HOMES[number].idbdt)
            opened = visit.open_visit(village, id_, road.now)
            for path in visit.flatten(opened.state.answers()):
                if opened.state.instrument.questions.get(path.rpartition("].")[2]) is not None:
                    opened.state.set(path, words)
            visit.save_draft(village, id_, opened.snapshot(), ("alamat", words), road.now)
        assert len(households.find(village)) == len(HOMES)
        for layout in ("instrumen", "udrt"):
            answers_book.write(village, tmp_path / f"{layout}.xlsx", road.now, layout)
            assert formulas(tmp_path / f"{layout}.xlsx") == []
        reports.book(village, tmp_path / "laporan.xlsx", reports.KINDS, road.now)
        assert formulas(tmp_path / "laporan.xlsx") == []
        for kind in reports.KINDS:
            path = tmp_path / f"{kind}.csv"
            reports.write_csv(village, path, kind, road.now)
            with path.open(encoding="utf-8-sig", newline="") as file:
                cells = [cell for row in csv.reader(file, delimiter=";") for cell in row]
            assert cells
            assert not [cell for cell in cells if cell.startswith(LIVE)]
        printed = set()
        for paper in get_args(documents.Kind):
            if paper in {"undangan", "daftar-hadir", "tanda-usulan"}:
                continue  # of a sitting or a proposal, which this village has none of
            of = households.find(village)[0] if paper == "isian" else ""
            path = tmp_path / f"{paper}.pdf"
            documents.write(village, paper, path, road.now, of=of)
            assert path.read_bytes().startswith(b"%PDF")
            printed.add(paper)
        assert len(printed) > 5
    if shutil.which("pdftotext"):
        said = subprocess.run(
            ["pdftotext", str(tmp_path / "prelist-awal.pdf"), "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "<img" in said


def test_words_come_to_the_dinsos_as_the_normal_text(road: Scenario) -> None:
    """What was typed travels sealed and is there what BUNDLE's normal text of it is."""
    sent = dict(complete(road, number, words) for number, words in enumerate(WORDS))
    (file,) = road.pack()
    arrival, _ = road.receive(file)
    assert (arrival.hasil, arrival.held) == ("diterima", 0)
    with road.office() as office, office.store.read() as session:
        heads = office_visits.heads(session, world.KODE_DESA)
        lines = [json.loads(office_visits.body(session, str(one["sha256"])) or "") for one in heads]
    there = {line["household_id"]: visit.flatten(line["answers"]) for line in lines}
    assert {
        id_: typed.items() <= there[id_].items() for id_, typed in sent.items()
    } == dict.fromkeys(there, True)
    for number, words in enumerate(WORDS):
        id_ = identity.household_id(world.KODE_DESA, HOMES[number].idbdt)
        assert set(sent[id_].values()) == {" ".join(canonical.normalise_text(words)[0].split())}


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_normal_text_is_fit_to_travel_and_stays_so(words: str) -> None:
    """Made normal once, any text passes the checks of writer and reader and never changes again."""
    normal, _ = canonical.normalise_text(words)
    canonical.check_text(normal)
    assert canonical.normalise_text(normal) == (normal, False)


@given(st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=4), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
@example([["\x00=1", " =1", "\r", "＝1"]])
def test_no_cell_of_a_csv_is_live(tmp_path_factory: pytest.TempPathFactory, rows: Any) -> None:
    """Whatever the cells hold, no spreadsheet takes one for a formula."""
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    delimited.write(path, ["a", "b", "c", "d"], rows)
    with path.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.reader(file, delimiter=";"))
    assert len(read) == len(rows) + 1
    assert not [cell for row in read for cell in row if cell.startswith(LIVE)]
