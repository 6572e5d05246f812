"""A form being filled: what is asked, what is wrong, what one answer moves."""

from __future__ import annotations

from functools import partialmethod

import pytest

from siks_offline.errors import AnswersError
from siks_offline.instrument import graph, load
from siks_offline.instrument.evaluation import Evaluation
from siks_offline.instrument.schema import Choice
from siks_offline.model import Confirmation
from tests.instrument.forms import household, make, row, state


@pytest.fixture(scope="module")
def dtks():
    return load.load_shipped("dtks")


@pytest.fixture
def filled(dtks):
    return state(dtks, household(dtks))


def hard(form):
    return [i for i in form.issues() if i.level == "keras"]


def test_a_filled_household_has_nothing_hard_and_its_indicators(filled):
    assert hard(filled) == []
    assert filled.value("n_tinggal") == "3"
    assert filled.value("luas_per_kapita") == "12"
    assert filled.value("anggota[1].umur") == "46"
    assert filled.value("anggota[3].no_urut_art") == "3"


def test_a_skipped_block_is_not_asked_not_counted_and_not_final_but_kept(filled):
    moved = filled.set("hasil_verivali", "2")
    assert {"blok3", "blok4", "lantai", "anggota"} <= moved.relevance
    assert not filled.relevant("lantai")
    assert not filled.relevant("anggota[2].nama")
    assert filled.value("lantai") == "6"
    assert "lantai" in filled.cleared()
    assert "anggota[2].nama" in filled.cleared()
    final = filled.answers(final=True)
    assert "lantai" not in final
    assert "anggota" not in final
    assert filled.answers()["lantai"] == "6"
    assert hard(filled) == []
    filled.set("hasil_verivali", "1")
    assert filled.cleared() == ()
    assert filled.answers(final=True)["anggota"][1]["nama"] == "ANGGOTA B"


def test_final_answers_have_calculations_and_nothing_empty(filled):
    final = filled.answers(final=True)
    assert final["n_krt"] == "1"
    assert final["anggota"][0]["umur"] == "46"
    assert "tmplahir" in final["anggota"][0]
    assert "namagadis_ibukandung" not in final["anggota"][0]
    assert "e_krt_satu" not in final
    assert "ringkasan" not in final
    assert "n_krt" not in filled.answers()


def test_final_answers_come_back_to_the_same_state(dtks, filled):
    """Stored answers hold calculated values; opening them again works these out afresh."""
    again = state(dtks, filled.answers(final=True))
    assert again.answers(final=True) == filled.answers(final=True)
    assert again.issues() == filled.issues()


@pytest.mark.parametrize(("path", "typed", "rule", "words"), [
    ("alamat", "", "wajib", "Belum diisi."),
    ("lantai", "11", "kode", "Kode 11 tidak ada"),
    ("jumlah_kamar", "dua", "bentuk", "bukan bilangan bulat"),
    ("jumlah_kamar", "100", "batas", "Jumlah kamar 0-99."),
    ("anggota[2].tgllahir", "30021990", "bentuk", "bukan tanggal"),
    ("anggota[2].tgllahir", "01012027", "batas", "tanggal verivali"),
    ("anggota[1].nik", "350912120580001", "batas", "NIK harus 16 angka"),
    ("anggota[1].nik", "3509121205800000", "batas", "NIK harus 16 angka"),
    ("anggota[3].sta_kawin", "3", "", ""),
])  # fmt: skip
def test_one_issue_a_question(filled, path, typed, rule, words):
    moved = filled.set(path, typed)
    found = filled.issue(path)
    if not rule:
        assert found is None
        return
    assert (found.rule, found.level, found.path) == (rule, "keras", path)
    assert words in found.message
    assert path in moved.issues
    assert [i.path for i in filled.issues()].count(path) == 1


def test_typed_texts_become_canonical(filled):
    filled.set("luas_lantai", "45,5")
    filled.set("tanggal_verivali", "02-10-2026")
    filled.set("anggota[1].nik", "3509 1212 0580 0001")
    assert filled.value("luas_lantai") == "45.5"
    assert filled.value("tanggal_verivali") == "2026-10-02"
    assert filled.value("anggota[1].nik") == "3509121205800001"


def test_what_one_answer_moves_and_no_more(filled):
    moved = filled.set("luas_lantai", "12")
    assert {"luas_lantai", "luas_per_kapita", "rumah_sempit", "skor_rtlh"} == moved.values
    assert moved.relevance == moved.structure == moved.issues == frozenset()
    assert filled.value("luas_per_kapita") == "4"
    assert "ringkasan" in moved.looks
    assert filled.set("luas_lantai", "12") == type(moved)()


def test_only_what_depends_on_an_answer_is_worked_out_again(dtks, filled, monkeypatch):
    """Each rule that is worked out hangs, over however many steps, on the answer that was set."""
    worked = []

    def counted(work, rule, cell, real):
        worked.append(cell.spec.index)
        return real(work, rule, cell)

    for name in ("truth", "text"):
        real = getattr(Evaluation, name)
        monkeypatch.setattr(Evaluation, name, partialmethod(counted, real=real))
    state(dtks, household(dtks))
    whole, wired = len(worked), graph.program(dtks)
    for path in ("luas_lantai", "anggota[1].tgllahir", "hasil_verivali", "alamat", "kk[1].kk_nokk"):
        spec = wired.by_name[path.rpartition(".")[2]]
        reached, waiting = set(), [spec.index * graph.FACETS + graph.VALUE]
        while waiting:
            facet = waiting.pop()
            for edge in wired.dependents[facet]:
                if edge.facet not in reached:
                    reached.add(edge.facet)
                    waiting.append(edge.facet)
        worked.clear()
        filled.set(path, "")
        assert set(worked) <= {facet // graph.FACETS for facet in reached}
        assert len(worked) < whole / 2 or path == "hasil_verivali"
    worked.clear()
    filled.set("nama_responden", "SRI")
    assert worked == []


def test_a_member_refers_to_itself_and_the_household_to_all(filled):
    moved = filled.set("anggota[3].sta_keberadaan_art", "2")
    assert "anggota[3].jnskel" in moved.relevance
    assert not any(path.startswith("anggota[2]") for path in moved.relevance | moved.values)
    assert filled.value("n_tinggal") == "2"
    issue = next(i for i in hard(filled) if i.rule == "e_jumlah_art")
    assert issue.path == ""
    assert "(3)" in issue.message
    assert "(2)" in issue.message


def test_the_words_of_an_issue_follow_the_answers(filled):
    filled.set("jumlah_art", "5")
    moved = filled.set("jumlah_art", "6")
    assert "e_jumlah_art" in moved.issues
    assert "(6)" in next(i.message for i in hard(filled) if i.rule == "e_jumlah_art")


def test_members_come_and_go(filled):
    moved = filled.add("anggota")
    assert moved.structure == {"anggota"}
    assert filled.count("anggota") == 4
    assert filled.value("anggota[4].no_urut_art") == "4"
    assert filled.issue("anggota[4].nama").rule == "wajib"
    filled.set("anggota[4].nama", "SITI")
    filled.remove("anggota[2]")
    assert [filled.value(f"anggota[{n}].nama") for n in (1, 2, 3)] == [
        "BUDI SANTOSO",
        "ANGGOTA C",
        "SITI",
    ]
    assert filled.value("anggota[3].no_urut_art") == "3"
    with pytest.raises(AnswersError, match="E_ANSWER_NAME"):
        filled.value("anggota[4].nama")


def test_a_removed_member_takes_its_confirmations_along(dtks):
    answers = household(dtks, 4)
    for number in (2, 3):
        answers["anggota"][number]["ada_kartu_identitas"] = "1"
        answers["anggota"][number]["tgllahir"] = "1990-01-01"
    form = state(dtks, answers)
    form.confirm("anggota[3]", "w_tanpa_ktp", "sedang diurus")
    form.confirm("anggota[4]", "w_tanpa_ktp", "di kota lain")
    form.remove("anggota[3]")
    found = [c for c in form.confirmations if c.rule == "w_tanpa_ktp"]
    assert found == [Confirmation("anggota[3]", "w_tanpa_ktp", "di kota lain")]


def test_a_soft_check_is_let_stand_with_a_reason_and_a_hard_one_never(dtks):
    answers = household(dtks)
    answers["anggota"][1]["sta_kawin"] = "2"
    answers["anggota"][1]["tgllahir"] = "2009-01-01"
    form = state(dtks, answers)
    soft = next(i for i in form.issues() if i.rule == "w_kawin_muda")
    assert (soft.path, soft.level) == ("anggota[2]", "konfirmasi")
    with pytest.raises(AnswersError, match="E_CONFIRM_REASON"):
        form.confirm("anggota[2]", "w_kawin_muda", "  ")
    moved = form.confirm("anggota[2]", "w_kawin_muda", "ada buku nikah")
    assert moved.issues == {"anggota[2].w_kawin_muda"}
    assert form.issue("anggota[2].w_kawin_muda") is None
    assert Confirmation("anggota[2]", "w_kawin_muda", "ada buku nikah") in form.confirmations
    form.unconfirm("anggota[2]", "w_kawin_muda")
    assert form.issue("anggota[2].w_kawin_muda") == soft
    with pytest.raises(AnswersError, match="E_CONFIRM_UNKNOWN"):
        form.confirm("", "e_krt_satu", "biar saja")


def test_a_confirmation_counts_only_while_its_check_shows(dtks):
    form = state(dtks, household(dtks), confirmations=[Confirmation("", "w_poligami", "lama")])
    assert form.confirmations == ()


@pytest.mark.parametrize(("path", "answers", "words"), [
    ("sta_lahan", {"sta_bangunan": "2"}, "dilewati: R.1a bukan 1"),
    ("sta_lahan", {"sta_bangunan": ""}, "dilewati: R.1a belum diisi"),
    ("kondisi_dinding", {"dinding": "5"}, "dilewati: R.4a bukan 1, 2, atau 3"),
    ("kondisi_atap", {"atap": "9"}, "dilewati: R.5a lebih dari 7"),
    ("lantai", {"hasil_verivali": "3"}, "dilewati: R.5 bukan 1"),
    ("anggota[1].sta_hamil", {}, "dilewati: kol. 6 bukan 2"),
    ("anggota[3].ada_akta_nikah", {}, "dilewati: kol. 8 bukan 2 atau 3"),
    ("nomor_pln", {"daya": "6"}, "dilewati: R.9b berkode 6"),
    ("nama_gadis_ibu_kandung_pengurus", {}, "dilewati: “Nama pengurus” belum diisi"),
    ("lantai", {}, ""),
])  # fmt: skip
def test_why_a_question_is_skipped(filled, path, answers, words):
    for name, text in answers.items():
        filled.set(name, text)
    assert filled.why_not(path) == words


def test_every_skipped_question_says_why_in_words_of_the_field(dtks):
    form = state(dtks, household(dtks, 2))
    skipped = [path for path in form.paths() if not form.relevant(path)]
    assert len(skipped) > 20
    for path in skipped:
        assert form.why_not(path).startswith("dilewati: "), path
        assert "${" not in form.why_not(path)


def test_required_may_be_an_expression(dtks):
    form = state(dtks, {})
    assert not form.required("jumlah_art")
    assert "jumlah_art" in form.set("hasil_verivali", "1").looks
    assert form.required("jumlah_art")
    assert form.issue("jumlah_art").rule == "wajib"


def test_what_is_read_only(filled):
    assert filled.read_only("idbdt")
    assert filled.read_only("n_krt")
    assert filled.read_only("ringkasan")
    assert not filled.read_only("alamat")
    with pytest.raises(AnswersError, match="E_ANSWER_FIXED"):
        filled.set("n_krt", "5")


@pytest.mark.parametrize(("answers", "code"), [
    ({"tidak_ada": "1"}, "E_ANSWER_NAME"), ({"blok1": "1"}, "E_ANSWER_NAME"), ({"nama": "X"}, "E_ANSWER_NAME"),
    ({"anggota": "X"}, "E_ANSWER_SHAPE"), ({"anggota": ["X"]}, "E_ANSWER_SHAPE"), ({"alamat": ["X"]}, "E_ANSWER_SHAPE"),
    ({"alamat": 1.5}, "E_ANSWER_SHAPE"), ({"anggota": [{"alamat": "x"}]}, "E_ANSWER_NAME"),
])  # fmt: skip
def test_answers_the_instrument_does_not_know(dtks, answers, code):
    with pytest.raises(AnswersError) as refused:
        state(dtks, answers)
    assert refused.value.code == code


def test_defaults_are_taken_by_a_new_visit_and_a_new_member_only(tmp_path):
    form = make(
        tmp_path, row("text", "a", default="x"), row("date", "d", default="today()"),
        row("begin repeat", "r"), row("integer", "n", default="3"), row("end repeat"),
    )  # fmt: skip
    new = state(form)
    assert new.value("a") == "x"
    assert new.value("d") == "2026-11-20"
    assert state(form, {}).value("a") == ""
    new.add("r")
    assert new.value("r[1].n") == "3"


def test_repeats_within_repeats(tmp_path):
    form = make(
        tmp_path, row("begin repeat", "r"), row("integer", "f"),
        row("begin repeat", "s", relevant="${f} > 0"), row("integer", "n"),
        row("calculate", "t", calculation="${n} * ${f}"), row("end repeat"),
        row("calculate", "u", calculation="sum(${t})"), row("end repeat"),
        row("calculate", "v", calculation="sum(${t})"), row("calculate", "c", calculation="count(${s})"),
    )  # fmt: skip
    answers = {"r": [{"f": "2", "s": [{"n": "1"}, {"n": "3"}]}, {"f": "10", "s": [{"n": "1"}]}]}
    one = state(form, answers)
    assert [one.value(p) for p in ("r[1].s[2].t", "r[1].u", "r[2].u", "v", "c")] == [
        "6",
        "8",
        "10",
        "18",
        "3",
    ]
    one.remove("r[1].s[1]")
    assert [one.value(p) for p in ("r[1].s[1].t", "r[1].u", "v", "c")] == ["6", "6", "16", "2"]
    one.set("r[2].f", "0")
    assert [one.value(p) for p in ("v", "c")] == ["6", "1"]
    one.remove("r[1]")
    assert [one.value(p) for p in ("v", "c", "r[1].f")] == ["0", "0", "0"]
    one.add("r[1].s")
    assert one.count("r[1].s") == 2


@pytest.mark.parametrize(
    "rule",
    ["count(//text()[. = ${b}]) = 1", "count(//.[${a} = 'x']) > 3", "//text()[${m} = '2']"],
)
def test_a_rule_may_ask_from_a_text_or_the_document(tmp_path, rule):
    """Nodes that are no answers see what the answer around them sees, else the household."""
    instrument = make(
        tmp_path, row("text", "a"), row("text", "b", constraint=rule), row("begin repeat", "r"),
        row("text", "m"), row("end repeat"),
    )  # fmt: skip
    visit = state(instrument, {"a": "x", "b": "1", "r": [{"m": "2"}, {"m": "3"}]})
    assert visit.issues() == ()


def test_a_calculation_holds_no_more_than_a_cell_of_a_spreadsheet(tmp_path):
    """Calculations that double one another end, before they fill the memory, in no value."""
    doubled = [
        row("calculate", f"c{n}", calculation=f"concat(${{c{n - 1}}}, ${{c{n - 1}}})")
        for n in range(1, 40)
    ]
    instrument = make(tmp_path, row("text", "c0"), *doubled)
    visit = state(instrument, {"c0": "ab"})
    assert len(visit.value("c13")) == 2 * 2**13
    assert visit.value("c14") == ""
    assert visit.value("c39") == ""


def test_a_filter_narrows_the_list(tmp_path):
    choices = [("kab", "1", "Jember"), ("kab", "2", "Blitar")]
    form = make(
        tmp_path, row("text", "p"), row("select_one kab", "k", choice_filter="name = ${p} or ${p} = ''"),
        choices=choices,
    )  # fmt: skip
    one = state(form, {"k": "2"})
    assert one.choices("k") == (Choice("1", "Jember"), Choice("2", "Blitar"))
    moved = one.set("p", "1")
    assert "k" in moved.looks
    assert [c.code for c in one.choices("k")] == ["1"]
    assert one.issue("k").rule == "kode"


def test_a_note_that_is_neither_required_nor_named_w_only_shows(filled):
    assert filled.relevant("ringkasan")
    assert filled.issue("ringkasan") is None
    assert "3 ART" in filled.label("ringkasan")
    assert "luas per kapita 12 m2" in filled.label("ringkasan")


def test_a_rule_may_pick_another_member_by_number(tmp_path):
    """indexed-repeat and paths read members other than their own; these move them too."""
    form = make(
        tmp_path, row("begin repeat", "r"), row("integer", "n"),
        row("calculate", "before", calculation="indexed-repeat(${n}, ${r}, position(..) - 1)"),
        row("calculate", "first", calculation="../../r[1]/n"), row("end repeat"),
    )  # fmt: skip
    one = state(form, {"r": [{"n": "1"}, {"n": "2"}, {"n": "3"}]})
    assert [one.value(f"r[{k}].before") for k in (1, 2, 3)] == ["", "1", "2"]
    assert {"r[2].before", "r[3].first"} <= one.set("r[1].n", "7").values
    assert [one.value(p) for p in ("r[2].before", "r[3].first")] == ["7", "7"]
    one.remove("r[1]")
    assert [one.value(p) for p in ("r[1].before", "r[2].before", "r[2].first")] == ["", "2", "2"]
