"""What a person has typed is kept to the half-typed field, and is theirs until taken over."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from siks_offline.db import drafts, engine, households
from siks_offline.errors import StoreError
from siks_offline.model import Confirmation

AT = "2026-11-22T01:02:03Z"
LATER = "2026-11-22T01:02:04Z"
FORM = ("rumah-1", "dtks", "2020.1")


@pytest.fixture
def household(village: engine.Store, listed: Any) -> engine.Store:
    with village.write() as session:
        households.upsert_many(session, [listed(1), listed(2)])
    return village


def test_a_draft_comes_back_as_it_was(household: engine.Store) -> None:
    """Rows, the half-typed field, confirmed checks, author and time."""
    confirmed = (Confirmation("anggota[2]", "w_kawin_muda", "benar"),)
    with household.write() as session:
        drafts.save(
            session,
            *FORM,
            rows={"alamat": "JL", "anggota[1].nama": ""},
            author="operator",
            at=AT,
            typing=("rt", "00"),
            confirmations=confirmed,
        )
    with household.read() as session:
        assert drafts.read(session, *FORM) == drafts.Draft(
            author="operator",
            at=AT,
            rows={"alamat": "JL", "anggota[1].nama": ""},
            confirmations=confirmed,
            typing=("rt", "00"),
        )
        assert drafts.read(session, "rumah-1", "dtks", "2021.1") is None
        assert drafts.read(session, "rumah-2", "dtks", "2020.1") is None


ROWS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "x[1].a", "x[2].a"]), st.sampled_from(["", "1", "2"])
)


@given(st.lists(ROWS, max_size=5))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_saving_writes_only_what_differs(
    household: engine.Store, saves: list[dict[str, str]]
) -> None:
    """After any saves the draft is the last one; each save touches exactly the differences."""
    before: dict[str, str] = {}
    with household.write() as session:
        drafts.drop(session, "rumah-1")
        for rows in saves:
            changed = drafts.save(session, *FORM, rows=rows, author="operator", at=AT)
            assert changed == {p for p in {*before, *rows} if before.get(p) != rows.get(p)}
            draft = drafts.read(session, *FORM)
            assert draft is not None
            assert draft.rows == rows
            before = rows


def test_an_unchanged_row_keeps_its_time(household: engine.Store) -> None:
    """A save each second does not rewrite the whole form."""
    with household.write() as session:
        drafts.save(session, *FORM, rows={"a": "1", "b": "1"}, author="operator", at=AT)
        drafts.save(session, *FORM, rows={"a": "1", "b": "2"}, author="operator", at=LATER)
        rows = session.execute(text("SELECT path, at FROM draft_value ORDER BY path")).all()
    assert rows == [("a", AT), ("b", LATER)]


def test_another_account_must_take_a_draft_over(household: engine.Store) -> None:
    """Nobody writes on in somebody else's draft by accident."""
    with household.write() as session:
        drafts.save(session, *FORM, rows={"a": "1"}, author="siti", at=AT)
        with pytest.raises(StoreError) as caught:
            drafts.save(session, *FORM, rows={}, author="budi", at=LATER)
        assert caught.value.code == "E_DRAFT_OTHER"
        assert "siti" in caught.value.message
        assert drafts.take_over(session, "rumah-1", "budi") == "siti"
        drafts.save(session, *FORM, rows={"a": "2"}, author="budi", at=LATER)
        draft = drafts.read(session, *FORM)
        assert draft is not None
        assert (draft.author, draft.rows) == ("budi", {"a": "2"})
        assert drafts.take_over(session, "rumah-2", "budi") is None


def test_dropping_a_draft_leaves_no_row(household: engine.Store) -> None:
    """A dropped draft never comes back into the next visit."""
    with household.write() as session:
        drafts.save(session, *FORM, rows={"a": "1"}, author="siti", at=AT)
        assert drafts.drop(session, "rumah-1")
        assert not drafts.drop(session, "rumah-1")
        assert drafts.read(session, *FORM) is None
        assert session.scalar(text("SELECT count(*) FROM draft_value")) == 0
