"""The XLSForm subset: every part of it works, everything else is refused by name (issue 3.1)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siks_offline.cli import main
from siks_offline.errors import AnswersError, SiksError
from siks_offline.instrument import cache, load, vocabulary
from siks_offline.instrument.engine import FormState
from siks_offline.instrument.members import MOST
from siks_offline.instrument.schema import Choice
from tests.instrument.forms import NOW, YES_NO, make, row, state, write

DOCUMENT = Path(__file__).parents[2] / "docs" / "instrumen.md"


def check(tmp_path, *survey, **more):
    return load.check(write(tmp_path / "uji.xlsx", list(survey), **more))


def codes(tmp_path, *survey, **more):
    found = check(tmp_path, *survey, **more).issues
    return [(i.sheet, i.row, i.column, i.code) for i in found]


# --- what is taken --------------------------------------------------------------------------------


@pytest.mark.parametrize("spelled", [*vocabulary.TYPES, *(f"{s} yn" for s in vocabulary.SELECTS)])
def test_every_spelling_of_a_type_with_blanks_or_underscores(tmp_path, spelled):
    rules = {"calculation": "1"} if spelled == "calculate" else {}
    for written in (spelled, spelled.replace(" ", "_").replace("_yn", " yn"), spelled.capitalize()):
        kind = make(tmp_path, row(written, "a", **rules)).questions["a"].type
        assert kind in {*vocabulary.TYPES.values(), *vocabulary.SELECTS.values()}


def test_or_other_adds_a_code_and_a_text(tmp_path):
    form = make(
        tmp_path, row("select_one yn or_other", "a", required="yes"), row("select_one yn", "b")
    )
    assert form.options("a")[-1] == Choice("other", "Lainnya")
    assert form.options("b") == form.options("a"), "pyxform adds it to the list, not the question"
    one = state(form, {"a": "1"})
    assert not one.relevant("a_other")
    assert "a_other" in one.set("a", "other").relevance
    one.set("a_other", "Bekas gudang")
    assert one.answers(final=True) == {"a": "other", "a_other": "Bekas gudang"}


def test_or_other_takes_the_name_behind_it(tmp_path):
    rows = [row("select_multiple yn or_other", "a"), row("text", "a_other")]
    assert codes(tmp_path, *rows) == [("survey", 3, "B", "E_FORM_NAME_TWICE")]
    rows = [row("select_one yn or_other", "a", choice_filter="name = 1")]
    assert codes(tmp_path, *rows) == [("survey", 2, "D", "E_FORM_OTHER_FILTER")]


def counted(tmp_path, count="${n}"):
    return make(
        tmp_path, row("integer", "n"), row("begin repeat", "r", label="Ternak", repeat_count=count),
        row("text", "a", required="yes"), row("integer", "k", default="2"), row("end repeat"),
        row("calculate", "c", calculation="count(${r})"), row("calculate", "t", calculation="sum(${k})"),
    )  # fmt: skip


def test_repeat_count_makes_the_members(tmp_path):
    one = state(counted(tmp_path), {})
    moved = one.set("n", "2")
    assert moved.structure == {"r"}
    assert (one.count("r"), one.value("c"), one.value("t")) == (2, "2", "4")
    assert one.issue("r[2].a").rule == "wajib"
    assert one.counted("r")
    with pytest.raises(AnswersError, match="E_REPEAT_COUNTED"):
        one.add("r")


def test_members_too_many_stay_until_completion_and_never_leave(tmp_path):
    """No answer goes because another one was mistyped: they are skipped, and say why."""
    one = state(counted(tmp_path), {})
    one.set("n", "3")
    one.set("r[3].a", "Kambing")
    assert "r[3].a" in one.set("n", "1").relevance
    assert one.count("r") == 3
    assert (one.value("c"), one.value("t")) == ("1", "2")
    assert not one.relevant("r[3]")
    assert one.why_not("r[3].a") == "dilewati: “Ternak” hanya 1"
    assert one.cleared() == ("r[2].k", "r[3].a", "r[3].k")
    assert one.answers(final=True)["r"] == [{"k": "2"}]
    one.set("n", "3")
    assert one.value("r[3].a") == "Kambing"
    one.remove("r[1]")
    assert [one.value(f"r[{n}].a") for n in (1, 2, 3)] == ["", "Kambing", ""]


def test_untouched_members_go_with_their_count(tmp_path):
    one = state(counted(tmp_path), {})
    one.set("n", "5")
    assert one.set("n", "2").structure == {"r"}
    assert one.count("r") == 2
    assert one.answers() == state(one.instrument, {"n": "2"}).answers()


def test_a_count_out_of_reason_is_an_issue(tmp_path):
    one = state(counted(tmp_path), {})
    assert "r" in one.set("n", "1000000000").issues
    assert one.count("r") == MOST
    assert one.issue("r").level == "keras"
    one.set("n", "1")
    assert one.issue("r") is None
    assert one.count("r") == 1


def test_a_count_may_be_worked_out_and_stand_in_a_member(tmp_path):
    form = make(
        tmp_path, row("begin repeat", "r"), row("integer", "n"),
        row("begin repeat", "s", repeat_count="if(${n} > 1, ${n} - 1, 0)"), row("text", "a"),
        row("calculate", "place", calculation="position(..)"), row("end repeat"),
        row("end repeat"), row("calculate", "all", calculation="count(${s})"),
    )  # fmt: skip
    one = state(form, {"r": [{"n": "3"}, {"n": "1"}]})
    assert [one.count("r[1].s"), one.count("r[2].s"), one.value("all")] == [2, 0, "2"]
    one.set("r[2].n", "4")
    assert (one.value("all"), one.value("r[2].s[3].place")) == ("5", "3")


@pytest.mark.parametrize("count", ["count(${r})", "${t}"])
def test_a_count_that_waits_for_its_own_members_is_a_circle(tmp_path, count):
    with pytest.raises(load.InstrumentRefused, match="E_FORM_CYCLE"):
        counted(tmp_path, count)


def test_a_count_by_a_path_is_refused(tmp_path):
    with pytest.raises(load.InstrumentRefused) as refused:
        counted(tmp_path, "../n")
    assert refused.value.code == "E_FORM_COUNT"


NUMBERS = st.sampled_from(["", "0", "1", "2", "3", "4", "x", "-1"])
ACTS = st.lists(
    st.tuples(st.sampled_from(["n", "a", "k", "remove"]), st.integers(1, 4), NUMBERS), max_size=15
)


@settings(deadline=None)
@given(ACTS)
def test_counted_members_do_not_depend_on_the_way_there(herd, acts):
    """Incremental equals working it all out, whatever was counted before."""
    one = state(herd, {})
    for kind, number, text in acts:
        if kind == "n":
            one.set("n", text)
        elif number > one.count("r"):
            continue
        elif kind == "remove":
            one.remove(f"r[{number}]")
        else:
            one.set(f"r[{number}].{kind}", text)
    again = FormState(one.instrument, one.answers(), now=NOW)
    assert picture(one) == picture(again)


def picture(form):
    paths = list(form.paths())
    return (
        [(p, form.relevant(p), form.value(p) if "[" in p or p in "nct" else "") for p in paths],
        form.issues(), form.cleared(), form.answers(), form.answers(final=True),
    )  # fmt: skip


@pytest.fixture(scope="module")
def herd(tmp_path_factory):
    return counted(tmp_path_factory.mktemp("herd"))


def test_a_code_can_be_called_by_its_label(tmp_path):
    form = make(
        tmp_path, row("select_one yn", "a"), row("begin repeat", "r"), row("select_one yn", "b"),
        row("calculate", "c", calculation="jr:choice-name(${b}, '${b}')"), row("end repeat"),
        row("note", "n", label="Ia berkata ${a}"),
        row("calculate", "d", calculation="concat('x ', jr:choice-name(${a}, '${a}'))"),
    )  # fmt: skip
    one = state(form, {"a": "2", "r": [{"b": "1"}]})
    assert (one.value("d"), one.value("r[1].c")) == ("x Tidak", "Ya")
    assert "d" in one.set("a", "1").values
    assert one.value("d") == "x Ya"
    rows = [row("calculate", "c", calculation="jr:choice-name(1, '${z}')")]
    assert codes(tmp_path, *rows) == [("survey", 2, "D", "E_FORM_REFERENCE")]


def test_start_and_today_are_the_moment_a_visit_was_first_opened(tmp_path):
    form = make(
        tmp_path, row("start", "mulai"), row("today", "hari"),
        row("date", "d", constraint=". <= ${hari}"),
    )  # fmt: skip
    first = FormState(form, None, now=NOW)
    later = FormState(form, first.answers(), now=NOW + timedelta(days=9))
    assert later.value("hari") == first.value("hari") == "2026-11-20"
    assert later.value("mulai") == first.value("mulai") != ""
    later.set("d", "25112026")
    assert later.issue("d").rule == "batas"


def test_a_running_total_over_earlier_members_is_no_circle(tmp_path):
    total = "${n} + coalesce(indexed-repeat(${t}, ${r}, position(..) - 1), 0)"
    form = make(
        tmp_path, row("begin repeat", "r"), row("integer", "n"),
        row("calculate", "t", calculation=total), row("end repeat"),
    )  # fmt: skip
    one = state(form, {"r": [{"n": "1"}, {"n": "2"}, {"n": "3"}]})
    assert [one.value(f"r[{k}].t") for k in (1, 2, 3)] == ["1", "3", "6"]
    assert one.set("r[1].n", "5").values == {"r[1].n", "r[1].t", "r[2].t", "r[3].t"}
    assert one.value("r[3].t") == "10"
    rows = [row("begin repeat", "r"), row("calculate", "t", calculation="indexed-repeat(${t}, ${r}, 1)"),
            row("end repeat")]  # fmt: skip
    assert [c for *_, c in codes(tmp_path, *rows)] == ["E_FORM_CYCLE"]


def test_words_come_in_indonesian_where_there_are_any_row_by_row(tmp_path):
    rows = [
        {"type": "integer", "name": "a", "label": "Age", "label::Indonesia (id)": "Umur",
         "hint::English (en)": "years", "hint::Bahasa Indonesia": "tahun", "constraint": ". < 9",
         "constraint_message::English (en)": "low", "constraint_message::Indonesia (id)": "paling 8"},
        {"type": "text", "name": "b", "label": "Name"},
    ]  # fmt: skip
    form = make(tmp_path, *rows)
    assert [form.elements[n].label for n in "ab"] == ["Umur", "Name"]
    assert (form.elements["a"].hint, form.elements["a"].constraint_message) == ("tahun", "paling 8")
    named = {"form_id": "x", "version": "1", "default_language": "English (en)"}
    assert make(tmp_path, *rows, settings=named).elements["a"].hint == "years"


def test_old_headings_mean_the_same(tmp_path):
    new = make(
        tmp_path, row("text", "a", relevant="1 = 1", read_only="yes", constraint_message="x")
    )
    old = make(tmp_path, {"type": "text", "name": "a", "Caption": "a", "bind::relevant": "1 = 1",
                          "bind:readonly": "yes", "Constraint Message": "x"})  # fmt: skip
    assert old.children == new.children


def test_parameters_and_looks_that_say_nothing_about_answers(tmp_path):
    form = make(
        tmp_path, row("text", "a", parameters="rows=3", appearance="multiline w4"),
        row("image", "b", parameters="max-pixels = 1024"), row("select_one yn", "c", appearance="columns-3"),
    )  # fmt: skip
    assert form.questions["a"].parameters == "rows=3"


def test_geopoint_and_file_are_typed(tmp_path):
    one = state(make(tmp_path, row("geopoint", "g", required="yes"), row("file", "f")), {})
    one.set("g", "-7,25; 112,75")
    one.set("f", "denah.pdf")
    assert one.answers(final=True) == {"g": "-7.25 112.75", "f": "denah.pdf"}
    one.set("g", "95 10")
    assert one.issue("g").rule == "bentuk"


def test_a_rule_that_is_one_word_is_a_truth_value(tmp_path):
    """`relevant = no` hides; it does not ask for a question called no."""
    one = state(
        make(tmp_path, row("text", "a", relevant="no"), row("text", "b", relevant="TRUE")), {}
    )
    assert [one.relevant(n) for n in "ab"] == [False, True]


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", vocabulary.REFUSED_TYPES)
def test_every_other_type_of_xlsform_is_refused_with_what_to_use_instead(tmp_path, name):
    found = check(tmp_path, row(f"{name} yn" if name.startswith("select") else name, "a")).issues[0]
    assert (found.sheet, found.row, found.column, found.code) == (
        "survey", 2, "A", "E_FORM_TYPE_REFUSED",
    )  # fmt: skip
    assert name.partition(" ")[0] in found.message
    assert len(found.remedy) > 10


@pytest.mark.parametrize("name", vocabulary.REFUSED_COLUMNS)
def test_every_other_column_of_xlsform_is_refused_once_it_holds_something(tmp_path, name):
    heading = f"{name}::x" if name in ("bind", "control", "body", "media", "instance") else name
    rows = [
        row("text", "a"),
        row("text", "b", **{heading: "isi"}),
        row("text", "c", **{heading: "isi"}),
    ]
    assert codes(tmp_path, *rows) == [("survey", 3, "D", "E_FORM_COLUMN_REFUSED")]
    assert codes(tmp_path, row("text", "a"), columns=(heading,)) == []


@pytest.mark.parametrize(
    ("rows", "place", "code", "words"),
    [
        ([row("text", "a", calculaton="1")], "D1", "E_FORM_COLUMN", "calculation"),
        ([row("intger", "a")], "A2", "E_FORM_TYPE", "integer"),
        ([row("begin grup", "a")], "A2", "E_FORM_TYPE", "begin group"),
        ([row("select one", "a")], "A2", "E_FORM_TYPE", "select"),
        ([row("select_one nn", "a")], "A2", "E_FORM_LIST", "yn"),
        ([row("text", "umur"), row("text", "b", relevant="${umurr} = 1")], "D3", "E_FORM_REFERENCE", "umur"),
        ([row("text", "a", relevant="selectd(., 1)")], "D2", "E_FORM_FUNCTION", "selected()"),
        ([row("text", "a", calculation="pulldata('x', 'y', 'z', 1)")], "D2", "E_FORM_FUNCTION_REFUSED", "pulldata"),
        ([row("text", "a", relevant="instance('x')/root/item/name = 1")], "D2", "E_FORM_FUNCTION_REFUSED", "instance"),
        ([row("text", "a", constraint="regex(., '(a+)+')")], "D2", "E_FORM_PATTERN", "(a+)+"),
        ([row("text", "a", appearance="multilin")], "D2", "E_FORM_LOOK", "multiline"),
        ([row("image", "a", appearance="signature")], "D2", "E_FORM_LOOK", "signature"),
        ([row("select_one yn", "a", appearance="search('x')")], "D2", "E_FORM_LOOK", "search"),
        ([row("select_one yn", "a", parameters="randomize=true")], "D2", "E_FORM_PARAMETER", "randomize"),
        ([row("text", "a", parameters="row=3")], "D2", "E_FORM_PARAMETER", "rows"),
        ([row("text", "a", repeat_count="3")], "D2", "E_FORM_MISPLACED", "repeat_count"),
        ([row("text", "a", choice_filter="1 = 1")], "D2", "E_FORM_MISPLACED", "choice_filter"),
        ([row("begin group", "a", required="yes"), row("end group")], "D2", "E_FORM_MISPLACED", "required"),
        ([row("note", "a", calculation="1")], "D2", "E_FORM_MISPLACED", "calculation"),
        ([row("note", "a", required="${a} = 1")], "D2", "E_FORM_NOTE", "relevant"),
        ([{"type": "text", "name": "a"}], "A2", "E_FORM_LABEL", "label"),
        ([row("begin repeat", "r"), row("text", "a"), row("end repeat"),
          row("begin repeat", "s"), row("text", "a"), row("end repeat")], "B6", "E_FORM_NAME_TWICE", "baris 3"),
        ([row("text", "a", relevant="1", relevance="2")], "E1", "E_FORM_COLUMN_TWICE", "relevance"),
        ([row("begin repeat", "r"), row("text", "a"), row("begin repeat", "s"), row("text", "b"),
          row("begin group", "g"), row("begin repeat", "t"), row("text", "c"), row("end repeat"),
          row("end group"), row("end repeat"), row("end repeat")], "A7", "E_FORM_REPEAT_DEEP", "luar daftar s"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_subset_is_named_with_its_cell_and_a_suggestion(
    tmp_path, rows, place, code, words
):
    found = {
        f"{i.column}{i.row} {i.code}": f"{i.message} {i.remedy}"
        for i in check(tmp_path, *rows).issues
    }
    assert words in found[f"{place} {code}"]


def test_a_misspelt_or_foreign_sheet_is_named(tmp_path):
    from openpyxl import load_workbook

    path = write(tmp_path / "uji.xlsx", [row("text", "a")])
    book = load_workbook(path)
    book["choices"].title = "choises"
    book.create_sheet("entities").append(["list_name"])
    book["entities"].append(["orang"])
    book.create_sheet("catatan").append(["bebas"])
    book.save(path)
    found = [(i.sheet, i.code) for i in load.check(path).issues]
    assert sorted(found) == [("choises", "E_FORM_SHEET_NAME"), ("entities", "E_FORM_SHEET")]


def test_a_pattern_that_others_search_for_is_warned_about(tmp_path):
    """PEERS 3.1: here a pattern matches the whole answer; elsewhere it may match a part."""
    rows = [row("text", "a", constraint="regex(., '[0-9]{16}')"), row("text", "b", constraint="regex(., '^x$')"),
            row("calculate", "c", calculation="1", required="yes")]  # fmt: skip
    report = check(tmp_path, *rows)
    assert report.issues == ()
    assert [(w.code, f"{w.column}{w.row}") for w in report.warnings] == [
        ("W_FORM_IDLE", "F4"), ("W_FORM_REGEX", "D2"),
    ]  # fmt: skip
    one = state(load.load(tmp_path / "uji.xlsx"), {"a": "12345678901234567"})
    assert one.issue("a").rule == "batas", "seventeen digits are not sixteen"


def test_the_command_shows_faults_and_warnings(tmp_path, capsys):
    path = write(tmp_path / "uji.xlsx", [row("text", "a", constraint="regex(., 'x')")])
    assert main(["instrumen", "periksa", str(path)]) == 0
    assert "W_FORM_REGEX" in capsys.readouterr().out
    write(path, [row("barcode", "a")])
    assert main(["instrumen", "periksa", str(path)]) == 1
    assert "Lembar survey, baris 2, kolom A" in capsys.readouterr().out


def test_the_cache_keeps_everything_the_subset_can_say(tmp_path):
    form = counted(tmp_path)
    cache.keep(tmp_path, form)
    kept = cache.kept(tmp_path, form.sha256)
    assert kept is not None
    assert kept.children == form.children


def test_soft_and_hard_checks_are_valid_xlsform(tmp_path):
    """A note with required=yes is a hard check, one named w_ a soft one: pyxform takes both."""
    from pyxform.xls2xform import convert

    rows = [row("integer", "a"), row("note", "e_a", required="yes", relevant="${a} > 5", label="Terlalu besar"),
            row("note", "w_a", relevant="${a} > 3", label="Besar")]  # fmt: skip
    one = state(make(tmp_path, *rows), {"a": "9"})
    assert [(i.rule, i.level) for i in one.issues()] == [("e_a", "keras"), ("w_a", "konfirmasi")]
    assert convert(str(tmp_path / "uji.xlsx"), validate=False).warnings == []


def test_the_document_names_every_word_of_the_subset():
    """docs/instrumen.md is what an author reads; it must not lag behind the tables."""
    text = DOCUMENT.read_text(encoding="utf-8")
    words = {
        *vocabulary.TYPES, *vocabulary.SELECTS, *vocabulary.REFUSED_TYPES, *vocabulary.COLUMNS,
        *vocabulary.REFUSED_COLUMNS, *vocabulary.APPEARANCES, *vocabulary.SETTINGS,
        *vocabulary.FIRST_OPENED, *vocabulary.REFUSED_SHEETS, *vocabulary.ALIASES,
    }  # fmt: skip
    assert [word for word in sorted(words) if f"`{word}`" not in text] == []


# --- fuzz -----------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c", "r", "g", "", "1x", "a b"])
KINDS = st.sampled_from(
    [*vocabulary.TYPES, "select_one yn", "select_multiple yn or_other", "begin repeat", "end repeat",
     "begin group", "end group", "select_one zz", "start", "barcode", "", "ngawur"]
) | st.text(max_size=8)  # fmt: skip
RULES = st.sampled_from(
    ["", "yes", "${a} = 1", "sum(${b})", "count(${r})", "position(..)", "${zz}", "1 +", "today()",
     "selected(${c}, '1')", "indexed-repeat(${a}, ${r}, 1)", "regex(., '[0-9]+')", "once(now())",
     "../a", "jr:choice-name(${c}, '${c}')", "${a} + ${b}", "x y", "3"]
) | st.text(max_size=6)  # fmt: skip
HEADS = ("label", "relevant", "calculation", "constraint", "required", "default", "repeat_count",
         "appearance", "parameters", "choice_filter", "read_only")  # fmt: skip
CELL = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=6)


@st.composite
def surveys(draw):
    rows = []
    for _ in range(draw(st.integers(0, 9))):
        found = {
            "type": draw(KINDS),
            "name": draw(NAMES),
            "label": draw(st.sampled_from(["x", "", "x ${a}"])),
        }
        for head in draw(st.lists(st.sampled_from(HEADS), max_size=2)):
            found[head] = draw(RULES)
        rows.append({k: "".join(c for c in v if c.isprintable()) for k, v in found.items()})
    return rows


@settings(deadline=None, max_examples=150)
@given(surveys())
def test_any_survey_is_an_instrument_or_a_list_of_faults(tmp_path_factory, rows):
    """Nothing but SiksError leaves the loader, and what it takes can be filled in."""
    path = tmp_path_factory.mktemp("fuzz") / "uji.xlsx"
    try:
        write(path, rows, columns=HEADS)
    except ValueError:
        return
    report = load.check(path)
    for one in report.issues:
        assert one.message
        assert one.remedy
    try:
        form = load.load(path)
    except SiksError:
        assert report.issues
        return
    assert report.issues == ()
    filled = FormState(form, None, now=NOW)
    for name in form.repeats:
        if not form.owner[name] and not filled.counted(name):
            filled.add(name)
    for place in [p for p in filled.paths() if not filled.read_only(p)]:
        if place.rpartition(".")[2] in form.questions:
            filled.set(place, "1")
    again = FormState(form, filled.answers(), now=NOW)
    assert again.answers(final=True) == filled.answers(final=True)
    assert again.issues() == filled.issues()


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200) | st.tuples(st.integers(0, 4000), st.binary(min_size=1, max_size=9)))
def test_any_bytes_are_a_workbook_or_refused(tmp_path_factory, bytes_):
    """Random bytes, and a good workbook with some bytes written over."""
    folder = tmp_path_factory.mktemp("bytes")
    good = write(folder / "baik.xlsx", [row("text", "a")], choices=YES_NO).read_bytes()
    if isinstance(bytes_, tuple):
        place, patch = bytes_
        bytes_ = good[:place] + patch + good[place + len(patch) :]
    path = folder / "uji.xlsx"
    path.write_bytes(bytes_)
    try:
        load.check(path)
    except SiksError as error:
        assert error.message  # noqa: PT017
