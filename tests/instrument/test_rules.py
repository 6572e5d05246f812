"""What no workbook can say: each rule speaks when it must, once, and can be confirmed if soft."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from siks_offline import texts
from siks_offline.errors import AnswersError
from siks_offline.instrument import checks, load, rules
from siks_offline.instrument.engine import FormState
from siks_offline.latihan import people
from tests.instrument.forms import NOW, household, make, row, state
from tests.instrument.test_regsosek import family

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from siks_offline.instrument.schema import Instrument

PHOTOS = ("", "w_foto")
OWNER = {
    "sta_bekerja": "1", "jumlah_jamkerja": "30", "lapangan_usaha": "12", "status_pekerjaan": "1",
}  # fmt: skip
BUSINESS = {
    "nama_art": "BUDI SANTOSO", "usaha_no_urut_art": "1", "lapangan_usahaart": "Warung",
    "kode_lapangan_usaha": "12", "jumlah_pekerja": "0", "lokasi_usaha": "1", "omset_usaha": "1",
}  # fmt: skip


@pytest.fixture(scope="module")
def dtks() -> Instrument:
    return load.load_shipped("dtks")


@pytest.fixture
def filled(dtks: Instrument) -> FormState:
    """A household of three with no issue but the photos, of which one is there."""
    answers = household(dtks)
    answers |= {"sta_kks": "1", "sta_kis": "1", "sta_rastra": "3"}
    answers["anggota"][2] |= {"ada_kartu_identitas": "1 4", "partisipasi_sekolah": "2"}
    form = state(dtks, answers)
    for issue in form.issues():
        form.confirm(issue.path, issue.rule, "sudah dilihat")
    assert found(form) == [], "who attaches no photo at all is not asked"
    form.set("foto_rumah", f"{0:064}.jpg")
    assert found(form) == [PHOTOS]
    return form


def found(form: FormState) -> list[tuple[str, str]]:
    return [(issue.path, issue.rule) for issue in checks.issues(form)]


def told(form: FormState, changes: Mapping[str, str]) -> set[tuple[str, str]]:
    """What the rules say after some answers, the workbook's own issues and the photos left out."""
    for repeat in ("usaha", "kk"):
        while any(path.startswith(f"{repeat}[{form.count(repeat) + 1}]") for path in changes):
            form.add(repeat)
    for path, text in changes.items():
        form.set(path, text)
    return {one for one in found(form) if one[1] in rules.TABLE and one != PHOTOS} - {
        (issue.path, issue.rule) for issue in form.issues()
    }


def of(member: str, answers: Mapping[str, str]) -> dict[str, str]:
    return {f"{member}.{name}": text for name, text in answers.items()}


TRADER = {"sta_art_usaha": "1", **of("usaha[1]", BUSINESS), **of("anggota[1]", OWNER)}
TWO_FAMILIES = {"jumlah_keluarga": "2", "anggota[3].nuk": "2"}
CASES: list[tuple[dict[str, str], set[tuple[str, str]] | None]] = [
    ({"anggota[2].hubkel": "1"}, {("anggota[2]", "e_kepala_nuk")}),
    (TWO_FAMILIES, {("anggota[3]", "e_kepala_nuk")}),
    ({**TWO_FAMILIES, "anggota[3].hubkel": "1"}, set()),
    ({**TWO_FAMILIES, "anggota[3].hubkel": ""}, set()),
    (
        {"jumlah_keluarga": "2", "kk[2].kk_nuk": "1", "kk[2].kk_nokk": "3509120505100001"},
        {("kk[2]", "e_nuk_ganda")},
    ),
    ({"anggota[2].nokk": "3509120505100009"}, {("anggota[2]", "w_nokk_beda")}),
    ({"anggota[2].nokk": ""}, set()),
    ({"anggota[3].nik": "3509125205810002"}, {("anggota[3]", "e_nik_ganda")}),
    ({"nama_krt": "Budi  Santoso."}, set()),
    ({"nama_krt": "SUPARMAN"}, {("", "w_nama_krt")}),
    ({"jenis_kelamin_krt": "2"}, {("", "w_jk_krt")}),
    ({"anggota[1].hub_krt": "3", "anggota[3].hub_krt": "1"}, None),
    ({"anggota[3].tgllahir": "1971-05-12"}, {("anggota[3]", "w_beda_umur")}),
    ({"anggota[3].tgllahir": "1989-05-12"}, {("anggota[3]", "w_beda_umur")}),
    ({"anggota[3].tgllahir": "1990-05-12"}, set()),
    ({"anggota[3].hub_krt": "6", "anggota[3].hubkel": "6"}, {("anggota[3]", "w_beda_umur")}),
    (TRADER, set()),
    ({**TRADER, "usaha[1].usaha_no_urut_art": "2"}, {("usaha[1]", "e_usaha_pemilik")}),
    (
        {**TRADER, "usaha[1].usaha_no_urut_art": "2", "anggota[2].sta_keberadaan_art": "2"},
        {("usaha[1]", "e_usaha_pemilik")},
    ),
    ({**TRADER, "anggota[1].status_pekerjaan": "4"}, {("usaha[1]", "w_usaha_status")}),
    ({"sta_pkh": "1"}, {("", "w_program_pkh")}),
    ({"sta_kks": "2"}, {("", "w_program_kks")}),
    ({"sta_rastra": "4"}, {("", "w_program_rastra")}),
    ({"sta_kip": "3"}, {("", "w_program_kip")}),
    ({"anggota[3].ada_pkh": "1"}, {("", "w_program_pkh")}),
    ({"sta_kis": "2", "anggota[2].ada_pbi": ""}, set()),
    ({"ada_tabung_gas": "1"}, {("", "w_gas")}),
    ({"ada_tabung_gas": "1", "bb_masak": "8"}, set()),
    ({"sumber_penerangan": "3"}, set()),
    ({"sumber_penerangan": "3", "ada_tv": "3"}, {("", "w_listrik")}),
    ({"sumber_airminum": "3"}, {("", "w_leding")}),
    ({"sumber_airminum": "1"}, {("", "w_air_beli")}),
    ({"sumber_airminum": "1", "cara_peroleh_airminum": "1"}, set()),
    ({"nik_pengurus": "3509125205810002", "nama_pengurus": "ANGGOTA B"}, set()),
    (
        {"nik_pengurus": "3509125205810009", "nama_pengurus": "ORANG LAIN"},
        {("", "e_pengurus_nik")},
    ),
    ({"nik_pengurus": "3509125205810002"}, {("", "e_pengurus_ibu")}),
    ({"luas_lantai": "5"}, {("", "w_luas")}),
    ({"luas_lantai": "301"}, {("", "w_luas")}),
    ({"luas_lantai": "300"}, set()),
    ({"jumlah_kamar": "11"}, {("", "w_kamar")}),
    ({"jumlah_kamar": "10"}, set()),
    ({"status_rumahtangga": "2"}, {("", "w_musyawarah")}),
    ({"status_rumahtangga": "4", "anggota[2].nik": ""}, {("anggota[2]", "w_nik_usulan")}),
    ({"status_rumahtangga": "1", "anggota[2].nik": ""}, set()),
]


@pytest.mark.parametrize(("changes", "wanted"), CASES, ids=lambda one: str(one)[:60])
def test_a_rule_speaks_of_what_it_is_about(
    filled: FormState, changes: dict[str, str], wanted: set[tuple[str, str]] | None
) -> None:
    """From a clean household, some answers, and exactly the rules they break."""
    if wanted is None:  # another head: first of all that head is not the first member
        assert ("anggota[3]", "w_krt_pertama") in told(filled, changes)
    else:
        assert told(filled, changes) == wanted


def test_every_rule_is_tried() -> None:
    """No rule of the table is without a case in this file."""
    tried = {rule for _, wanted in CASES for _, rule in wanted or ()}
    elsewhere = {"w_nik_desa", "w_nik_tgl", "w_foto", "w_krt_pertama", "w_program_pbi"}
    assert tried | elsewhere == set(rules.TABLE)


def test_the_table_is_in_order() -> None:
    """An id tells the level, every rule has words, and asks what some shipped instrument has."""
    shipped = [load.load_shipped(name) for name in load.SHIPPED]
    for rule in rules.TABLE.values():
        assert rule.id.startswith("e_" if rule.level == "keras" else "w_")
        assert texts.has(rule.message), rule.id
        applies = [one for one in shipped if rule.applies(one)]
        assert applies or rule.id == "w_nik_tgl", rule.id
        assert all(rules.pointed(one, rule.id) for one in applies)


def test_a_household_that_did_not_answer_is_left_alone(filled: FormState) -> None:
    """Where the visit found nobody, nothing about people or house is said."""
    filled.set("hasil_verivali", "5")
    assert found(filled) == []


def test_photos_are_asked_for_until_there_are_nine(filled: FormState) -> None:
    """The issue names what is missing, and goes with the last one."""
    names = [q.name for q in filled.instrument.questions.values() if q.kind]
    for name in names[:-1]:
        filled.set(name, "a.jpg")
    (issue,) = checks.issues(filled)
    assert "F-JAMBAN" in issue.message
    assert "F-RUMAH" not in issue.message
    filled.set(names[-1], "a.jpg")
    assert checks.issues(filled) == ()


def test_a_nik_of_another_household_is_a_question_never_a_block(filled: FormState) -> None:
    """The look-up is asked for this household's NIKs; who moved out may live there now."""
    asked: list[Collection[str]] = []

    def lookup(niks: Collection[str]) -> dict[str, str]:
        asked.append(niks)
        return {"3509125205810002": "SITI (RT 1, RW 2)"}

    (issue,) = [one for one in checks.issues(filled, lookup) if one.rule != "w_foto"]
    assert (issue.path, issue.rule, issue.level) == ("anggota[2]", "w_nik_desa", "konfirmasi")
    assert "SITI (RT 1, RW 2)" in issue.message
    assert sorted(asked[0]) == sorted(
        filled.value(f"anggota[{number}].nik") for number in range(1, 4)
    )
    filled.lookup = lookup
    assert ("anggota[2]", "w_nik_desa") in found(filled)
    filled.set("anggota[2].sta_keberadaan_art", "3")
    assert ("anggota[2]", "w_nik_desa") not in found(filled)


def test_a_nik_against_birth_date_is_said_once_and_never_blocks(
    filled: FormState, tmp_path: Path
) -> None:
    """The workbook's own note speaks; where a workbook has none, the table does."""
    filled.set("anggota[2].tgllahir", "1982-05-12")
    assert [one for one in found(filled) if one[1] == "w_nik_tgl"] == [("anggota[2]", "w_nik_tgl")]
    bare = make(
        tmp_path,
        row("begin repeat", "anggota"),
        row("text", "nik"),
        row("date", "tgllahir"),
        row("select_one yn", "jnskel"),
        row("end repeat"),
    )
    people_ = [
        {"nik": "3509125205810002", "tgllahir": "1981-05-12", "jnskel": "2"},
        {"nik": "3509125205810002", "tgllahir": "1981-05-12", "jnskel": "1"},
        {"nik": "3509125205810003", "tgllahir": "1982-05-12", "jnskel": "2"},
    ]
    form = state(bare, {"anggota": people_})
    assert [(i.path, i.level) for i in checks.issues(form) if i.rule == "w_nik_tgl"] == [
        ("anggota[2]", "konfirmasi"),
        ("anggota[3]", "konfirmasi"),
    ]


def test_a_soft_rule_is_confirmed_like_a_note_and_a_hard_one_is_not(filled: FormState) -> None:
    """A reason is wanted; it goes with its member, comes back with a draft, and can be taken back."""
    filled.set("anggota[3].nokk", "3509120505100009")
    with pytest.raises(AnswersError):
        filled.confirm("anggota[3]", "w_nokk_beda", "  ")
    filled.confirm("anggota[3]", "w_nokk_beda", "KK lama")
    filled.confirm("", "w_foto", "kamera rusak")
    assert found(filled) == []
    again = FormState(
        filled.instrument, filled.answers(), now=NOW, confirmations=filled.confirmations
    )
    assert found(again) == []
    filled.remove("anggota[2]")
    assert filled.reason("anggota[2]", "w_nokk_beda") == "KK lama"
    filled.unconfirm("", "w_foto")
    assert PHOTOS in found(filled)
    for path, rule in (
        ("anggota[1]", "e_nik_ganda"),
        ("anggota[9]", "w_nokk_beda"),
        ("anggota[1].nama", "w_nokk_beda"),
        ("", "w_tidak_ada"),
    ):
        with pytest.raises(AnswersError):
            filled.confirm(path, rule, "tidak boleh")


def test_a_completed_visit_carries_only_confirmations_that_show(filled: FormState) -> None:
    """A confirmation whose cause is gone does not leave with the record."""
    filled.set("jumlah_kamar", "11")
    filled.confirm("", "w_kamar", "rumah besar")
    assert "w_kamar" in {one.rule for one in checks.confirmations(filled)}
    filled.set("jumlah_kamar", "3")
    assert "w_kamar" not in {one.rule for one in checks.confirmations(filled)}
    filled.set("jumlah_kamar", "12")
    assert "w_kamar" not in {rule for _, rule in found(filled)}


def test_rules_of_families_hold_for_regsosek() -> None:
    """What applies by its questions applies there: NIKs, ages by the family's own relation."""
    answers = family()
    form = FormState(load.load_shipped("regsosek"), answers, now=NOW)
    form.set("anggota[2].hubkel", "3")
    form.set("anggota[2].nik", answers["anggota"][0]["nik"])
    form.set("rg_luas_lantai", "3")
    assert {one for one in found(form) if one[1] in rules.TABLE and one[1] != "w_nik_tgl"} == {
        ("anggota[2]", "e_nik_ganda"),
        ("anggota[2]", "w_beda_umur"),
        ("", "w_luas"),
    }


def test_practice_households_break_no_hard_rule(dtks: Instrument) -> None:
    """Over 200 households nothing blocks; what is soft can be confirmed and then all is clean."""
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    for index in range(200):
        answers = people.household(index, 1, "3509122003", now.date()).answers
        form = FormState(dtks, answers, now=now)
        for issue in checks.issues(form):
            assert issue.level == "konfirmasi", issue
            form.confirm(issue.path, issue.rule, "latihan")
        assert checks.issues(form) == ()
