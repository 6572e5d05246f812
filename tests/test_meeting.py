"""The count of a musyawarah, on plain values."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from siks_offline.meeting import (
    COLUMNS,
    FINAL,
    OF_PRELIST,
    OF_PROPOSALS,
    Tally,
    Verdict,
    column_of,
    fault_of,
    is_barcode,
)

codes = st.sampled_from(["", "1", "2", "3", "4"])
verdicts = st.builds(
    Verdict,
    st.just("a"),
    st.just("2026-Q4"),
    st.sampled_from(["1", "2", "3", "4"]),
    reason=codes,
    twin=st.sampled_from(["", "b", "a"]),
    able=codes,
    working=codes,
    standing=codes,
    disabled=codes,
)
yes_no = st.sampled_from(["", "1", "2"])
likely = st.one_of(
    st.builds(
        Verdict, st.just("a"), st.just("p"), st.sampled_from(["1", "4"]),
        able=yes_no, working=yes_no, disabled=yes_no,
    ),
    st.builds(Verdict, st.just("a"), st.just("p"), st.just("2"), reason=codes),
    st.builds(Verdict, st.just("a"), st.just("p"), st.just("3"), twin=st.sampled_from("ab")),
)  # fmt: skip
"""Verdicts most of which make sense."""
sources = st.sampled_from(["prelist", "usulan"])
households = st.lists(st.tuples(sources, st.none() | verdicts), max_size=30)


@given(households)
def test_every_household_lands_in_exactly_one_column(
    all_of_them: list[tuple[str, Verdict | None]],
) -> None:
    """The columns of prelist and proposals together count each household once, no more."""
    found = Counter(column_of(source, said) for source, said in all_of_them)
    tally = Tally({name: found[name] for name in COLUMNS})
    assert sum(tally.columns.values()) == len(all_of_them)
    sources_of = Counter(source for source, _ in all_of_them)
    assert (tally.prelist, tally.proposals) == (sources_of["prelist"], sources_of["usulan"])
    assert set(OF_PRELIST) | set(OF_PROPOSALS) == set(COLUMNS)
    assert not set(OF_PRELIST) & set(OF_PROPOSALS)


@given(sources, verdicts | likely)
def test_a_sound_verdict_says_one_thing(source: str, said: Verdict) -> None:
    """Reasons go with not found, a twin with double, the rest with found and proposed only."""
    if fault_of(source, said):
        return
    column = column_of(source, said)
    assert (said.status == "1") <= (source == "prelist")
    assert (said.status == "4") <= (source == "usulan")
    assert bool(said.reason) == (said.status == "2")
    assert bool(said.twin) == (said.status == "3")
    if said.able or said.working or said.disabled:
        assert said.status in ("1", "4")
    assert (column in FINAL) == (said.status in ("1", "4") and said.able != "1")


def test_a_sound_verdict_exists_for_every_column() -> None:
    """No column is out of reach, so no count is empty by mistake."""
    reached = {
        column_of(source, said)
        for source in ("prelist", "usulan")
        for said in (
            None,
            Verdict("a", "p", "1"),
            Verdict("a", "p", "4"),
            Verdict("a", "p", "1", able="1"),
            Verdict("a", "p", "4", able="1"),
            Verdict("a", "p", "2", reason="1"),
            Verdict("a", "p", "2", reason="2"),
            Verdict("a", "p", "3", twin="b"),
        )
        if said is None or not fault_of(source, said)
    }
    assert reached == set(COLUMNS)


@given(st.text(max_size=14))
def test_only_a_checked_number_is_a_barcode(text: str) -> None:
    """What a person types by chance, a NIK above all, is no barcode."""
    if is_barcode(text):
        assert int(text) % 97 == 1
        assert len(text.strip()) == 12
    assert not is_barcode("3509121505800001")
