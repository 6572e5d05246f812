"""The JSON Schema takes every record this program makes, and refuses what is none."""

from __future__ import annotations

import copy
import uuid
from datetime import UTC, date, datetime

import jsonschema
import pytest

from siks_offline.export import records
from siks_offline.instrument import json_schema, load
from siks_offline.instrument.engine import FormState
from siks_offline.latihan import people
from tests.instrument import forms

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def record(instrument, answers, persons):
    return records.build(
        visit_id=str(uuid.uuid4()), household_id=str(uuid.uuid4()), idbdt="", kode_desa="3509122003",
        period="2026-Q4", revision=1, parents=[], answers=answers,
        persons=[str(uuid.uuid4()) for _ in range(persons)],
        instrument=(instrument.id, instrument.version), completed_at=NOW, completed_by="operator",
    )  # fmt: skip


@pytest.fixture(scope="module")
def dtks():
    return load.load_shipped("dtks")


@pytest.fixture(scope="module")
def validator(dtks):
    found = json_schema.schema(dtks)
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(
        found, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def test_practice_households_are_valid(dtks, validator) -> None:
    """What villages send, calculated values included, keeps the schema."""
    for index in range(40):
        household = people.household(index, 11, "3509122003", date(2026, 10, 1))
        answers = FormState(dtks, household.answers, now=NOW).answers(final=True)
        line = record(dtks, answers, len(answers["anggota"]))
        assert [fault.message for fault in validator.iter_errors(line)] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("answers", "lantai"), "77"),
        (("answers", "tidak_ada"), "1"),
        (("answers", "anggota", 0, "nik"), "350912120580000A"),
        (("answers", "anggota", 0, "nik"), 3509121205800001),
        (("answers", "anggota", 0, "ada_kartu_identitas"), "1  4"),
        (("answers", "anggota", 0, "tgllahir"), "12-05-1980"),
        (("answers", "anggota", 0, "tgllahir"), "1980-02-31"),
        (("answers", "luas_lantai"), "36,5"),
        (("answers", "jumlah_kamar"), ""),
        (("instrument", "version"), "lain"),
        (("period",), "2026"),
        (("lebih",), "x"),
    ],
)
def test_what_is_no_record_is_refused(dtks, validator, path, value) -> None:
    """Wrong codes, shapes, names and versions do not pass."""
    answers = FormState(dtks, forms.household(dtks), now=NOW).answers(final=True)
    good = record(dtks, answers, len(answers["anggota"]))
    validator.validate(good)
    bad = copy.deepcopy(good)
    place = bad
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not validator.is_valid(bad)


@pytest.mark.parametrize("name", sorted(load.SHIPPED))
def test_every_shipped_instrument_has_a_sound_schema(name: str) -> None:
    instrument = load.load_shipped(name)
    found = json_schema.schema(instrument)
    jsonschema.Draft202012Validator.check_schema(found)
    asked = found["properties"]["answers"]["properties"]
    kept = [n for n in instrument.repeats if instrument.owner[n] == ""]
    kept += [q.name for q in instrument.questions_of() if q.type != "note"]
    assert set(asked) == set(kept)
