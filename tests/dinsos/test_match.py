"""The algebra of arrivals: what a set of files proves, whatever their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from siks_offline.dinsos import match
from siks_offline.dinsos.match import Link

if TYPE_CHECKING:
    import random


def chain(*numbers: int, name: str = "m") -> list[Link]:
    return [Link(n, f"{name}{n}", f"{name}{n - 1}" if n > 1 else None) for n in numbers]


def test_a_whole_chain_raises_no_flag() -> None:
    """Files 1, 2, 3 of a stream leave nothing to ask for."""
    state = match.stream_state(chain(3, 1, 2))
    assert state.last == 3
    assert state.missing_numbers() == []
    assert state.flags == ()


def test_gap_is_named_by_number() -> None:
    """A file that never came is missed by its number, and nothing is held back for it."""
    state = match.stream_state(chain(2, 5))
    assert state.missing_numbers() == [1, 3, 4]
    assert state.missing_count == 3
    assert state.flags == ("W_GAP",)


def test_two_manifests_of_one_number_are_a_fork() -> None:
    """Two laptops on one stream, or a copied folder, show as a fork."""
    links = [*chain(1, 2), Link(2, "other", "m1")]
    assert match.stream_state(links).forks == (2,)


def test_foreign_predecessor_is_shown() -> None:
    """A file whose predecessor is here under another hash is flagged."""
    assert match.stream_state([*chain(1), Link(2, "m2", "else")]).broken == (2,)


def test_a_jump_does_not_cost_its_length() -> None:
    """A number far ahead is flagged; its million missing numbers are counted, not listed."""
    state = match.stream_state([*chain(1), Link(10**14, "far", "m1")])
    assert state.jumps == (10**14,)
    assert state.missing_count == 10**14 - 2
    assert len(state.missing_numbers()) == match.LISTED


links_strategy = st.lists(
    st.builds(
        Link,
        st.integers(1, 30),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from([None, "a", "b", "c"]),
    ),
    max_size=20,
)


@given(links_strategy, st.randoms())
def test_order_and_repetition_prove_nothing(links: list[Link], chance: random.Random) -> None:
    """The state of a stream is a function of the set of its files."""
    again = links + links[: len(links) // 2]
    chance.shuffle(again)
    assert match.stream_state(again) == match.stream_state(links)


@given(st.sets(st.integers(1, 60)))
def test_missing_and_present_numbers_make_the_whole(numbers: set[int]) -> None:
    """Every number up to the last either came or is missed."""
    state = match.stream_state(chain(*numbers))
    assert sorted(numbers | set(state.missing_numbers())) == list(range(1, state.last + 1))
    assert not numbers & set(state.missing_numbers())


def row(stream: str, seq: int, acks: str | None = None, after: str | None = None) -> dict:
    return {
        "stream": stream,
        "seq": seq,
        "manifest_sha256": f"{stream}{seq}",
        "acks_sha256": acks,
        "after": after,
    }


def test_newest_bundle_of_a_stream_says_what_was_heard() -> None:
    """Receipts up to the acknowledged one need not be repeated."""
    links = [row("s", 2, "r2"), row("s", 1, None), row("s", 3, "r1")]
    assert match.acknowledged(links, {"r1": 1, "r2": 2}) == 1


def test_restored_village_is_told_again() -> None:
    """A new stream that continues an old one speaks for it; what it forgot is told again."""
    links = [row("old", 5, "r4"), row("new", 1, "r1", after="old3")]
    assert match.acknowledged([*links, row("old", 3, "r1")], {"r1": 1, "r4": 4}) == 1
    forgot_all = [row("old", 5, "r4"), row("new", 1, None)]
    assert match.acknowledged(forgot_all, {"r4": 4}) == 0


def test_receipts_of_another_stream_count_for_nothing() -> None:
    """An office restored from its backup starts new receipts and tells everything again."""
    assert match.acknowledged([row("s", 3, "before")], {"r1": 1}) == 0


def revision(sha: str, *parents: str, kode: str = "1", home: str = "h", period: str = "q") -> dict:
    return {
        "sha256": sha,
        "parents": parents,
        "kode_desa": kode,
        "household_id": home,
        "period": period,
    }


def test_heads_are_what_nobody_names() -> None:
    """A correction replaces what it names; two corrections of one revision both stand."""
    assert match.heads_of([revision("a"), revision("b", "a")]) == {"b"}
    assert match.heads_of([revision("a"), revision("b", "a"), revision("c", "a")]) == {"b", "c"}
    assert match.heads_of([revision("b", "lost")]) == {"b"}
    merged = [revision("a"), revision("b", "a"), revision("c", "a"), revision("d", "b", "c")]
    assert match.heads_of(merged) == {"d"}


def test_nobody_hides_the_visit_of_another() -> None:
    """A revision of another village, household or period that names a parent does not replace it."""
    for other in ({"kode": "2"}, {"home": "i"}, {"period": "r"}):
        assert match.heads_of([revision("a"), revision("b", "a", **other)]) == {"a", "b"}
