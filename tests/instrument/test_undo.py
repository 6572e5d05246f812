"""Each stroke of Ctrl+Z takes back one thing that a person did, until the form is as it was."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from siks_offline.instrument.engine import FormState
from siks_offline.instrument.load import load_shipped
from siks_offline.instrument.undo import Steps
from siks_offline.latihan import people

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PATHS = (
    "alamat",
    "hasil_verivali",
    "anggota[1].nama",
    "anggota[2].hub_krt",
    "fasbab",
    "kk[1].kk_nokk",
)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.sampled_from(PATHS), st.sampled_from(["", "1", "3", "ANI"])),
        st.tuples(st.just("add"), st.just("anggota"), st.just("")),
        st.tuples(st.just("remove"), st.sampled_from(["anggota[1]", "anggota[2]"]), st.just("")),
    ),
    max_size=8,
)


def form(number: int = 1) -> FormState:
    answers = people.household(number, 7, "3509122003", NOW.date(), "3509120003").answers
    return FormState(load_shipped("dtks"), answers, now=NOW)


def do(state: FormState, deed: tuple[str, str, str]) -> None:
    kind, path, text = deed
    if kind == "add":
        state.add(path)
    elif path.partition("[")[0] == path or int(path.split("[")[1][0]) <= state.count(
        path.partition("[")[0]
    ):
        state.remove(path) if kind == "remove" else state.set(path, text)


@settings(max_examples=25, deadline=None)
@given(DEEDS)
def test_going_all_the_way_back_gives_the_form_as_it_was(deeds: list[tuple[str, str, str]]) -> None:
    """Answers, skipped questions, members and issues: each step is the state it was."""
    state = form()
    steps = Steps(state)
    states = [(state.answers(), state.issues())]
    for deed in deeds:
        do(state, deed)
        if steps.mark():
            states.append((state.answers(), state.issues()))
    while len(steps):
        assert (state.answers(), state.issues()) == states.pop()
        assert steps.back() is not None
    assert (state.answers(), state.issues()) == states.pop()
    assert steps.back() is None


def test_a_step_back_says_what_moved_and_where() -> None:
    """The view repaints that and puts the caret there."""
    state = form()
    steps = Steps(state)
    before = state.value("alamat")
    state.set("alamat", "JALAN LAIN")
    found = steps.back()  # also without a mark: what was done last is what goes
    assert found is not None
    effects, place = found
    assert place == "alamat"
    assert "alamat" in effects.values
    assert state.value("alamat") == before


def test_a_confirmation_is_taken_back() -> None:
    """A reason given by mistake goes, and the soft check shows again."""
    state = form()
    steps = Steps(state)
    soft = next(q for q in state.instrument.questions.values() if q.soft)
    state.confirm("", soft.name, "sudah diperiksa") if not state.instrument.owner[
        soft.name
    ] else state.confirm("anggota[1]", soft.name, "sudah diperiksa")
    steps.back()
    assert not any(one.rule == soft.name for one in state.confirmations)
