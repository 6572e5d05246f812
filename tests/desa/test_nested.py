"""Repeats within repeats, in a questionnaire of somebody else's: kept, frozen, sent, brought back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siks_offline.db import visits
from siks_offline.desa import filling, versions, visit
from siks_offline.export import answers_book, answers_reading, records
from siks_offline.instrument import json_schema, load
from tests.desa.test_versions import KEY, LATER, NOW, finish, open_village
from tests.instrument.forms import row, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village

NAME = ("tani", "1")
ID = "00000000-0000-4000-8000-000000000001"
SURVEY = [
    row("text", "nama_krt", required="yes"),
    row("begin repeat", "anggota"),
    row("text", "nama", required="yes"),
    row("begin repeat", "usaha"),
    row("text", "jenis"),
    row("integer", "kilo"),
    row("end repeat"),
    row("calculate", "berat", calculation="sum(${kilo}[. != ''])"),
    row("end repeat"),
    row("integer", "petak"),
    row("begin repeat", "lahan", repeat_count="${petak}"),
    row("decimal", "luas"),
    row("end repeat"),
    row("calculate", "semua", calculation="sum(${kilo}[. != ''])"),
]
ANSWERS: dict[str, Any] = {
    "nama_krt": "SITI",
    "anggota": [
        {
            "nama": "SITI",
            "usaha": [
                {"jenis": "padi", "kilo": "12"},
                {"jenis": "jagung", "kilo": "1"},
            ],
        },
        {"nama": "BUDI", "usaha": [{"jenis": "ikan"}]},
        {"nama": "RINI"},
    ],
    "petak": "2",
    "lahan": [{"luas": "0.5"}, {"luas": "1.25"}],
}


def workbook(folder: Path) -> Path:
    """A questionnaire with a repeat in a repeat, and one that is counted."""
    return write(folder / "tani.xlsx", SURVEY, settings={"form_id": NAME[0], "version": NAME[1]})


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    with open_village(tmp_path / "desa", key=KEY, new=True) as made:
        found = versions.preview(made, workbook(tmp_path), NOW)
        versions.install(made, found, NOW)
        yield made


def drafted(village: Village) -> str:
    household_id, _ = visit.add_household(village, NOW)
    rows = visit.flatten(ANSWERS)
    visit.save_draft(village, household_id, visit.Written(rows, (), NAME), None, NOW)
    return household_id


def test_a_draft_comes_back_as_it_was_left(village: Village) -> None:
    """Saved and opened, taken out of the middle and saved again: members keep their own entries."""
    household_id = drafted(village)
    opened = visit.open_visit(village, household_id, NOW)
    assert opened.state.answers() == ANSWERS
    assert opened.state.value("anggota[1].berat") == "13"
    opened.state.remove("anggota[1].usaha[1]")
    visit.save_draft(village, household_id, opened.snapshot(), None, LATER)
    again = visit.open_visit(village, household_id, LATER).state
    assert again.answers()["anggota"][0]["usaha"] == ANSWERS["anggota"][0]["usaha"][1:]
    assert (again.value("semua"), again.count("anggota[2].usaha")) == ("1", 1)


def test_it_is_frozen_and_travels(village: Village, tmp_path: Path) -> None:
    """The completed line holds every entry with its sums, and passes check and JSON Schema."""
    household_id = drafted(village)
    assert finish(village, household_id, LATER).done
    with village.store.read() as session:
        (found,) = visits.every_revision(session)
    line = json.loads(found.line)
    records.check(line)
    first = line["answers"]["anggota"][0]
    assert first["usaha"] == ANSWERS["anggota"][0]["usaha"]
    assert (first["berat"], line["answers"]["semua"]) == ("13", "13")
    items = json_schema.schema(load.load(workbook(tmp_path)))["properties"]["answers"]
    deep = items["properties"]["anggota"]["items"]["properties"]["usaha"]["items"]["properties"]
    assert set(deep) == {"jenis", "kilo"}
    assert visit.open_visit(village, household_id, LATER).state.answers() == ANSWERS


def test_a_file_of_answers_fills_it(village: Village, tmp_path: Path) -> None:
    """Entries within entries and counted ones too; more than are counted are refused."""
    file = tmp_path / "jawaban.jsonl"
    lines = [{"jawaban": ANSWERS}, {"jawaban": {**ANSWERS, "petak": "1"}}]
    file.write_text("\n".join(json.dumps({"rumah_tangga": None, **one}) for one in lines), "utf-8")
    good, bad = filling.fill(village, file, NOW)
    assert (good.result, good.issues) == ("disimpan", ())
    assert visit.open_visit(village, good.id, NOW).state.answers() == ANSWERS
    assert (bad.result, [one.rule for one in bad.issues]) == ("ditolak", ["E_REPEAT_COUNTED"])


def test_excel_out_and_in_again_changes_nothing(tmp_path: Path) -> None:
    """Each repeat has a sheet, entries know the one they belong to, and come back to it."""
    instrument = load.load(workbook(tmp_path))
    path = tmp_path / "jawaban.xlsx"
    answers_book.write(path, instrument, [answers_book.Household(ID, ANSWERS)])
    book = answers_reading.read(path, instrument)
    assert [(one.id, one.answers) for one in book.households] == [(ID, ANSWERS)]


def entries(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """Answers with repeats named a1, a2 … within each other."""
    texts = st.dictionaries(st.sampled_from(["x", "y.z", "w-1"]), st.text("ab", min_size=1))
    if depth == 0:
        return texts
    inner = st.lists(entries(depth - 1), min_size=1, max_size=3)
    return st.builds(
        lambda found, more: {**found, **more},
        texts,
        st.dictionaries(st.just(f"a{depth}"), inner),
    )


@given(entries(3), st.randoms())
def test_rows_are_answers_in_any_order(answers: dict[str, Any], shuffle: Any) -> None:
    """Rows of a draft come from the store in no certain order; they mean the same answers."""
    rows = list(visit.flatten(answers).items())
    shuffle.shuffle(rows)
    assert visit.unflatten(dict(rows), ("a1", "a2", "a3")) == answers
