"""The shipped Regsosek 2022-K workbook: the tables' third version, a family as the unit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline import paths
from siks_offline.instrument import checks, load
from siks_offline.instrument.engine import FormState
from tests.instrument.forms import NOW
from tests.instrument.test_workbook import _rows

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.instrument.schema import Instrument

WORKBOOK = paths.resources() / "instrumen" / "regsosek-2022.xlsx"
OTHER_VERSION = re.compile(r"\$\{versi_instrumen\} (?:!= '3'|= '[12]')")
OF_HOUSEHOLDS = {
    *("pengaturan", "kk", "nuk", "hub_krt", "anak_tanggungan"),
    *("nourut_rt", "data_idbdt_double_dengan", "b_kk", "n_kepala_keluarga", "n_kk"),
}
"""Rows that only make sense where a household holds several families."""
OWN_SUMS = {
    "kd_punya_kartuid_kode",
    "kd_guna_internet_usaha_kode",
    "kd_jamkes_setahun_kode",
    "jumlah_jamket_kerja_kode",
}


@pytest.fixture(scope="module")
def regsosek() -> Instrument:
    return load.load_shipped("regsosek")


def rows_of_version_three(shared: Path) -> list[dict[str, str]]:
    kept: list[dict[str, str]] = []
    shut: list[bool] = []
    for row in _rows(shared / "domain" / "instrument_survey.tsv"):
        kind = row["type"]
        gone = bool(OTHER_VERSION.search(row["relevant"])) or row["name"] in OF_HOUSEHOLDS
        if kind.startswith("begin"):
            shut.append(gone or any(shut))
            gone = shut[-1]
        elif kind.startswith("end"):
            gone = shut.pop()
        else:
            gone = gone or any(shut)
        if not gone and row["name"]:
            kept.append(row)
    return kept


def person(**changes: str) -> dict[str, str]:
    """A grown member with nothing wrong; `changes` on top, "" takes an answer out."""
    found = {
        "nama": "BUDI SANTOSO", "nik": "3509121205800001", "nokk": "3509120505100001",
        "kd_ket_keberadaan_art": "1", "jnskel": "1", "tgllahir": "1980-05-12", "hubkel": "1",
        "sta_kawin": "2", "kd_punya_kartuid": "1 4", "kd_partisipasi_sekolah": "3",
        "kd_pendidikan_tertinggi": "3", "kd_kelas_tertinggi": "8", "kd_ijazah_tertinggi": "3",
        "kd_bekerja_seminggu_lalu": "2", "kd_punya_npwp": "3",
        "kd_punya_usaha_sendiri_bersama": "2", "kd_penyakit_kronis_menahun": "1",
        "kd_jamkes_setahun": "1 8", "kd_ikut_prakerja": "2", "kd_ikut_kur": "2",
        "kd_ikut_umi": "2", "jumlah_jamket_kerja": "99", "kd_sering_sedih_depresi": "4",
    }  # fmt: skip
    for what in (
        *("penglihatan", "pendengaran", "jalan_naiktangga", "gerak_tangan_jari"),
        *("belajar_intelektual", "perilaku_emosi", "paham_bicara_kom", "mandiri"),
        "ingat_konsentrasi",
    ):
        found[f"kd_sulit_{what}"] = "4"
    return {name: value for name, value in (found | changes).items() if value}


def family() -> dict[str, Any]:
    """Answers of a family of two that nothing is wrong with but the photos."""
    found: dict[str, Any] = {
        "status_rumahtangga": "1", "apakah_mampu": "2", "ada_art_bekerja": "2",
        "ada_art_cacat": "2", "kdprop": "35", "kdkab": "09", "kdkec": "120", "kddesa": "003",
        "nama_sls": "RT 01 RW 02", "alamat": "Jalan Mawar 1", "nama_krt": "BUDI SANTOSO",
        "jenis_kelamin_krt": "1", "jumlah_art": "2", "kd_kk": "0",
        "tanggal_verivali": "2026-10-01", "petugas_verivali": "ANI",
        "kd_hasil_pendataan_keluarga": "1", "nama_responden": "BUDI SANTOSO",
        "kd_stat_bangunan_tinggal": "1", "kd_sertiv_lahan_milik": "1", "rg_luas_lantai": "36",
        "kd_jenis_lantai_terluas": "6", "kd_jenis_dinding": "1", "kd_jenis_atap": "2",
        "kd_sumber_air_minum": "4", "kd_jarak_sumber_air_ke_tpl": "2",
        "kd_sumber_penerangan_utama": "1", "kd_daya_terpasang": "1",
        "kd_bahan_bakar_memasak": "4", "kd_fasilitas_tempat_bab": "1", "kd_jenis_kloset": "1",
        "kd_pembuangan_akhir_tinja": "1", "kd_internet_sebulan": "0", "kd_rek_aktif": "4",
    }  # fmt: skip
    for name in load.load_shipped("regsosek").elements:
        if name.startswith("rg_jumlah_") or name == "jumlah_kambing_domba":
            found[name] = "0"
        elif re.fullmatch(
            r"kd_(bss_bnpt|pkh|blt_.*|subsidi_.*|bantuan_.*|tabung_.*|lemari_es|ac|pemanas_air|"
            r"telepon_rumah|televisi|perhiasan_.*|komputer_laptop|sepeda_motor|sepeda|mobil|perahu|"
            r"kapal_.*|smartphone|lahan|rumah_.*)",
            name,
        ):
            found[name] = "2"
    wife = person(
        nama="SITI AMINAH", nik="3509125205720002", jnskel="2", tgllahir="1972-05-12", hubkel="2",
        sta_hamil="2",
    )  # fmt: skip
    found["anggota"] = [person(), wife]
    return found


def test_pyxform_converts_it_without_a_word() -> None:
    from pyxform.xls2xform import convert

    result = convert(str(WORKBOOK), validate=False)
    assert result.warnings == []
    assert "<h:title>Regsosek 2022-K</h:title>" in result.xform


def test_it_has_the_rows_of_the_third_version_and_its_own_sums(
    regsosek: Instrument, shared: Path
) -> None:
    """Every row of the table is there; rows of households with several families are not."""
    assert (regsosek.id, regsosek.version) == ("regsosek", "2022.1")
    rows = rows_of_version_three(shared)
    assert set(regsosek.elements) == {row["name"] for row in rows} | OWN_SUMS
    for row in rows:
        kind, _, listing = row["type"].partition(" ")
        question = regsosek.questions.get(row["name"])
        if question is None:
            continue
        assert question.type == ("image" if row["name"].startswith("foto_") else kind), row["name"]
        assert question.list_name == ("rg_hubkel" if row["name"] == "hubkel" else listing)


def test_its_code_lists_are_the_source_lists(regsosek: Instrument, shared: Path) -> None:
    """Lists are word for word those of the table; 409 alone has a seventh code of its own."""
    wanted: dict[str, list[tuple[str, str]]] = {}
    for row in _rows(shared / "domain" / "instrument_choices.tsv"):
        wanted.setdefault(row["list_name"], []).append((row["name"], row["label"]))
    wanted["rg_hubkel"] = [
        (code, "Pembantu/sopir" if code == "7" else label) for code, label in wanted["hubkel"]
    ]
    for name, choices in regsosek.choices.items():
        assert [(c.code, c.label) for c in choices] == wanted[name]


def test_it_speaks_of_families_and_numbers_questions_as_its_paper_does(
    regsosek: Instrument,
) -> None:
    """No word of households, and within a member the paper's numbers only rise."""
    for element in regsosek.elements.values():
        said = f"{element.label} {element.hint} {getattr(element, 'constraint_message', '')}"
        assert not re.search(r"(?<!F-)\b(ART|KRT)\b|rumah tangga|Regsosek|tingkat:", said), said
        rules = " ".join(str(getattr(element, n, "")) for n in ("relevant", "calculation"))
        assert "versi_instrumen" not in rules
    numbers = [
        int(found[1])
        for question in regsosek.questions_of("anggota")
        if question.answerable and (found := re.match(r"(4\d\d)", question.label))
    ]
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (402, 431)


def test_a_family_is_filled_to_the_end(regsosek: Instrument) -> None:
    """A whole family has nothing hard; sums, ages and indicators are worked out from its codes."""
    state = FormState(regsosek, family(), now=NOW)
    assert state.issues() == ()
    assert checks.issues(state) == ()
    assert state.cleared() == ()
    final = state.answers(final=True)
    head, wife = final["anggota"]
    assert (head["kd_punya_kartuid_kode"], head["kd_jamkes_setahun_kode"]) == ("5", "9")
    assert head["jumlah_jamket_kerja_kode"] == "99"
    assert "kd_guna_internet_usaha_kode" not in head
    assert (head["b_krt"], wife["b_pas"], final["n_krt"]) == ("1", "1", "1")
    assert (final["luas_per_kapita"], final["sanitasi_layak"], final["skor_rtlh"]) == (
        "18", "1", "0",
    )  # fmt: skip


def test_a_woman_of_54_is_asked_whether_she_is_pregnant(regsosek: Instrument) -> None:
    """The age limit is Regsosek's 54, not the 49 of DTKS."""
    state = FormState(regsosek, family(), now=NOW)
    assert state.value("anggota[2].umur") == "54"
    assert state.relevant("anggota[2].sta_hamil")
    state.set("anggota[2].tgllahir", "1971-05-12")
    assert not state.relevant("anggota[2].sta_hamil")


def test_a_family_has_one_head(regsosek: Instrument) -> None:
    """Head and spouse are told by the relation to the head of the family."""
    state = FormState(regsosek, family(), now=NOW)
    state.set("anggota[2].hubkel", "1")
    assert [i.rule for i in state.issues() if i.level == "keras"] == ["e_krt_satu"]
    state.set("anggota[2].hubkel", "2")
    state.set("anggota[2].jnskel", "1")
    assert "e_pasangan_jk" in [i.rule for i in state.issues()]


def test_a_carer_may_be_left_out(regsosek: Instrument) -> None:
    """The list of carers has no "nobody", so the question may stay empty."""
    answers = family()
    answers["anggota"][0]["kd_sulit_penglihatan"] = "1"
    state = FormState(regsosek, answers, now=NOW)
    assert state.relevant("anggota[1].kd_memiliki_perawat")
    assert not [i for i in state.issues() if i.level == "keras"]
