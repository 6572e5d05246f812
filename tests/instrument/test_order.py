"""The order of answering never changes the result; incremental equals working it all out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siks_offline.instrument import load
from siks_offline.instrument.engine import FormState
from tests.instrument.forms import NOW, household, state

DTKS = load.load(load.paths.resources() / "instrumen" / "dtks-2020.xlsx")
QUESTIONS = [q for q in DTKS.questions.values() if q.answerable]
REPEATS = sorted(DTKS.repeats)
SOFT = [q.name for q in DTKS.questions.values() if q.soft]
DATES = ["", "2026-10-01", "01011980", "2020-02-29", "31022020", "2010-05-12", "1950-01-01"]
NUMBERS = ["", "0", "1", "2", "3", "8", "45", "1000", "12,5", "x"]
TEXTS = ["", "BUDI", "3509121205800001", "1", "a b", "3509120505100001"]


def typed(question):
    """Something an operator may type there: a code that is or is not in the list, a number ..."""
    codes = [choice.code for choice in DTKS.options(question.name)]
    if question.type == "select_multiple":
        return st.lists(st.sampled_from([*codes, "99"]), max_size=3, unique=True).map(" ".join)
    if codes:
        return st.sampled_from(["", *codes, codes[0], codes[0], "99"])
    pool = {"date": DATES, "integer": NUMBERS, "decimal": NUMBERS}.get(question.type, TEXTS)
    return st.sampled_from(pool)


@st.composite
def act(draw):
    """One thing an operator does: mostly answers, sometimes members or confirmations."""
    kind = draw(st.sampled_from(["set"] * 12 + ["add", "remove", "confirm", "unconfirm"]))
    if kind == "set":
        question = draw(
            st.sampled_from(QUESTIONS) | st.sampled_from([DTKS.questions["hasil_verivali"]])
        )
        return kind, question.name, draw(st.integers(1, 4)), draw(typed(question))
    if kind in ("add", "remove"):
        return kind, draw(st.sampled_from([*REPEATS, "anggota"])), draw(st.integers(1, 4)), ""
    return kind, draw(st.sampled_from(SOFT)), draw(st.integers(1, 4)), "karena begitu"


def perform(form, acts):
    for kind, name, number, text in acts:
        owner = name if kind in ("add", "remove") else DTKS.owner[name]
        if owner and kind != "add" and number > form.count(owner):
            continue
        place = f"{owner}[{number}]" if owner else ""
        path = f"{place}.{name}" if place else name
        if kind == "set":
            form.set(path, text)
        elif kind == "add":
            form.add(name)
        elif kind == "remove":
            form.remove(f"{name}[{number}]")
        elif kind == "confirm":
            form.confirm(place, name, text)
        else:
            form.unconfirm(place, name)


def picture(form):
    """Everything a view can see."""
    seen = {
        p: (form.value(p) if "." in p or p in DTKS.questions else "", form.relevant(p))
        for p in form.paths()
        if p in DTKS.elements or "." in p
    }
    return (
        seen,
        form.issues(),
        form.confirmations,
        form.cleared(),
        form.answers(),
        form.answers(final=True),
    )


def afresh(form):
    return FormState(DTKS, form.answers(), now=NOW, confirmations=form.confirmations)


@settings(deadline=None, max_examples=40)
@given(st.lists(act(), max_size=40))
def test_incremental_equals_working_it_all_out(acts):
    form = state(DTKS, household(DTKS, 3))
    perform(form, acts)
    assert picture(form) == picture(afresh(form))
    notes = {q.name for q in DTKS.questions.values() if q.type == "note"}
    of_questions = [i.path for i in form.issues() if i.rule not in notes]
    assert len(of_questions) == len(set(of_questions)), "at most one issue a question"


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_effects_name_everything_that_moved(data):
    """A view that repaints only what Effects names shows the truth."""
    form = state(DTKS, household(DTKS, 2))
    for name, number, text in data.draw(
        st.lists(act().filter(lambda a: a[0] == "set").map(lambda a: a[1:]), max_size=8)
    ):
        path = f"{DTKS.owner[name]}[{number}].{name}" if DTKS.owner[name] else name
        if DTKS.owner[name] and number > form.count(DTKS.owner[name]):
            continue
        before = {
            p: (form.value(p), form.relevant(p), form.issue(p), form.label(p), form.required(p))
            for p in questions(form)
        }
        moved = form.set(path, text)
        for p in questions(form):
            value, relevant, issue, label, required = before[p]
            assert (form.value(p) == value) or p in moved.values, p
            assert (form.relevant(p) == relevant) or p in moved.relevance, p
            assert (form.issue(p) == issue) or p in moved.issues, p
            assert (form.label(p) == label) or p in moved.looks, p
            assert (form.required(p) == required) or p in moved.looks, p


def questions(form):
    return [p for p in form.paths() if p.rpartition(".")[2] in DTKS.questions]


@settings(deadline=None, max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_answering_makes_no_difference(random, members):
    wanted = household(DTKS, members)
    answers = [(n, t) for n, t in wanted.items() if isinstance(t, str)]
    for repeat in ("kk", "anggota"):
        answers += [
            (f"{repeat}[{n}].{k}", t)
            for n, one in enumerate(wanted[repeat], 1)
            for k, t in one.items()
        ]
    random.shuffle(answers)
    form = state(DTKS, {})
    for repeat in ("kk", "anggota"):
        for _ in wanted[repeat]:
            form.add(repeat)
    for path, text in answers:
        form.set(path, text)
    assert picture(form) == picture(state(DTKS, wanted))


@pytest.fixture(scope="module")
def large():
    return state(DTKS, household(DTKS, 20))
