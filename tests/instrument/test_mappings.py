"""Answers move between questionnaires only where their meaning is certain."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline import paths
from siks_offline.export import prelist_book
from siks_offline.instrument import load, mappings
from siks_offline.instrument.engine import FormState
from tests.instrument.forms import NOW, household, make, row, state
from tests.instrument.test_regsosek import family

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.instrument.schema import Instrument


@pytest.fixture(scope="module")
def dtks() -> Instrument:
    return load.load_shipped("dtks")


@pytest.fixture(scope="module")
def regsosek() -> Instrument:
    return load.load_shipped("regsosek")


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    return tomllib.loads((paths.resources() / "pemetaan.toml").read_text(encoding="utf-8"))


def test_school_codes_are_shifted_not_copied(dtks: Instrument, regsosek: Instrument) -> None:
    """0/1/2 of DTKS and 1/2/3 of Regsosek mean the same three things, both ways."""
    for ours, theirs in (("0", "1"), ("1", "2"), ("2", "3")):
        there = mappings.carry({"anggota": [{"partisipasi_sekolah": ours}]}, dtks, regsosek)
        assert there.answers == {"anggota": [{"kd_partisipasi_sekolah": theirs}]}
        back = mappings.carry(there.answers, regsosek, dtks)
        assert back.answers == {"anggota": [{"partisipasi_sekolah": ours}]}


def test_yes_is_yes_whatever_the_pair_of_its_line(dtks: Instrument, regsosek: Instrument) -> None:
    """DTKS prints 1/2 and 3/4 line by line, Regsosek 1/2 always."""
    given = {"ada_lemari_es": "3", "ada_laptop": "4", "ada_ac": "1", "rumah_lain": "4"}
    there = mappings.carry(given, dtks, regsosek)
    assert there.answers == {
        "kd_lemari_es": "1",
        "kd_komputer_laptop": "2",
        "kd_ac": "1",
        "kd_rumah_ditempat_lain": "2",
    }
    assert mappings.carry(there.answers, regsosek, dtks).answers == given


def test_a_number_with_a_part_is_not_rounded(dtks: Instrument, regsosek: Instrument) -> None:
    """Square metres are whole in Regsosek: 36 comes over, 36.5 is asked again."""
    assert mappings.carry({"luas_lantai": "36"}, dtks, regsosek).answers == {"rg_luas_lantai": "36"}
    assert mappings.carry({"luas_lantai": "36.5"}, dtks, regsosek).again == ("luas_lantai",)


def test_what_is_not_certain_is_asked_again(dtks: Instrument, regsosek: Instrument) -> None:
    """PLN with or without a meter, beton or genteng: the path is named and nothing is made up."""
    given = {"sumber_penerangan": "1", "atap": "1", "lantai": "8", "buang_tinja": "3"}
    there = mappings.carry(given, dtks, regsosek)
    assert there.answers == {"kd_jenis_lantai_terluas": "5", "kd_pembuangan_akhir_tinja": "4"}
    assert there.again == ("sumber_penerangan", "atap")
    back = mappings.carry(there.answers, regsosek, dtks)
    assert back.answers == {"buang_tinja": "3"}  # "kayu/papan" was of two qualities
    assert back.again == ("kd_jenis_lantai_terluas",)
    cards = {"anggota": [{"ada_kartu_identitas": "1 4"}]}
    assert mappings.carry(cards, dtks, regsosek).again == ("anggota[1].ada_kartu_identitas",)


def test_a_whole_household_comes_over_without_a_wrong_code(
    dtks: Instrument, regsosek: Instrument
) -> None:
    """Nothing that was carried is refused by the other questionnaire; nothing is lost silently."""
    for answers, old, new in ((household(dtks), dtks, regsosek), (family(), regsosek, dtks)):
        found = mappings.carry(answers, old, new)
        form = FormState(new, found.answers, now=NOW)
        assert not {i.path for i in form.issues() if i.rule in ("kode", "bentuk")}
        given = sum(isinstance(v, str) for v in answers.values()) + sum(
            len(one) for rows in answers.values() if isinstance(rows, list) for one in rows
        )
        kept = sum(isinstance(v, str) for v in found.answers.values()) + sum(
            len(one) for rows in found.answers.values() if isinstance(rows, list) for one in rows
        )
        whole = [path for path in found.again if path == "kk"]
        assert given == kept + len(found.again) + len(whole)  # the family card: a row of two


def test_the_table_names_what_there_is(
    dtks: Instrument, regsosek: Instrument, table: dict[str, Any]
) -> None:
    """Every question and code of the table exists on both sides; select lists have codes."""
    shipped = {"dtks": dtks, "regsosek": regsosek}
    for ours, others in table["antar"].items():
        for theirs, lines in others.items():
            old, new = shipped[ours], shipped[theirs]
            for name, line in lines.items():
                there = line.get("ke", name)
                kinds = {old.questions[name].type, new.questions[there].type}
                assert len(kinds) == 1 or kinds == {"integer", "decimal"}, name
                assert old.owner[name] == new.owner[there], name
                assert bool(line.get("kode")) == bool(old.options(name)), name
                codes = line.get("kode", {})
                assert set(codes) <= {c.code for c in old.options(name)}, name
                assert set(codes.values()) <= {c.code for c in new.options(there)}, name
                assert set(line.get("searah", ())) <= set(codes), name
    for source in table["sumber"].values():
        for name, codes in source.items():
            assert set(codes.values()) <= {c.code for c in dtks.options(name)}, name


def test_sources_that_number_otherwise(dtks: Instrument) -> None:
    """The conflicts of INSTRUMENT.md section 2: each by its source, none guessed."""
    assert mappings.code_of("kertas-2020", "hasil_verivali", "5") == "6"
    assert dtks.label_of("hasil_verivali", "6") == "Data ganda"
    assert mappings.code_of("pbdt-setempat", "hasil_verivali", "2") == "5"
    assert mappings.code_of("sideka", "pendidikan_tertinggi", "8") == "9"
    assert mappings.code_of("sideka", "pendidikan_tertinggi", "9") == "8"
    assert mappings.code_of("kemsos-siks-art", "jenis_cacat", "3") == "4"
    assert mappings.code_of("daerah-22", "lapangan_usaha", "22") == "21"
    assert mappings.code_of("daerah-22", "lapangan_usaha", "21") is None
    with pytest.raises(KeyError):
        mappings.code_of("entah", "hasil_verivali", "1")


def test_the_same_question_needs_no_line(tmp_path: Path) -> None:
    """Between versions codes stay while their words do; types, places and words decide."""
    one = make(tmp_path, row("select_one yn", "a"), row("text", "b"), row("text", "c"))
    other_folder = tmp_path / "lain"
    other_folder.mkdir()
    two = make(
        other_folder,
        row("select_one yn", "a"),
        row("integer", "b"),
        row("text", "d"),
        choices=[("yn", "1", "Ya"), ("yn", "2", "Belum")],
    )
    assert mappings.carry({"a": "1", "b": "5", "c": "x"}, one, two) == mappings.Carried(
        {"a": "1"}, ("b", "c")
    )
    assert mappings.carry({"a": "2"}, one, two).again == ("a",)


def test_pbdt_2015_is_read_through_the_dtks_instrument(dtks: Instrument, shared: Path) -> None:
    """A list of 2015 gives answers of DTKS: codes stand, columns of 2015 alone are left behind."""
    reading = prelist_book.read(shared / "samples" / "contoh-data-bdt2015.xlsx", dtks, "5206022006")
    assert reading.jenis == "bdt2015"
    homes = list(reading.take())
    assert len(homes) == 2
    for home in homes:
        form = state(dtks, home.answers)
        assert not {i.path for i in form.issues() if i.rule in ("kode", "bentuk")}
        assert form.value("lantai")
        assert form.count("anggota") > 1
        for number in range(1, form.count("anggota") + 1):
            assert form.value(f"anggota[{number}].hub_krt")
            assert form.value(f"anggota[{number}].tgllahir") == ""  # 2015 knew ages only
    assert not {name for name in homes[0].answers if name.startswith("kb_")}


def test_a_prelist_of_any_version_opens(dtks: Instrument, regsosek: Instrument) -> None:
    """Answers whose questions an instrument lacks are left out, members' too."""
    found = mappings.known(household(dtks), regsosek)
    assert "lantai" not in found
    assert found["alamat"] == "Jalan Mawar 1"
    assert "hub_krt" not in found["anggota"][0]
    FormState(regsosek, found, now=NOW)
