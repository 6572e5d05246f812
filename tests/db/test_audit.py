"""The trail shows every change made to it, and no action goes by without it."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from siks_offline.db import audit, engine, meta
from siks_offline.errors import StoreError

AT = "2026-11-22T01:02:03Z"


@pytest.fixture
def trail(village: engine.Store) -> engine.Store:
    """A village with five lines of trail."""
    with village.write() as session:
        for number in range(5):
            audit.append(
                session,
                at=AT,
                account="operator",
                action="kunjungan.selesai",
                subject=f"rumah-{number}",
                detail={"revisi": number},
            )
    return village


def broken_at(store: engine.Store, *statements: str) -> int | None:
    """Where the trail breaks after somebody worked around the triggers."""
    with store.write() as session:
        for trigger in ("audit_no_update", "audit_no_delete", "audit_in_order"):
            session.execute(text(f"DROP TRIGGER {trigger}"))
        for statement in statements:
            session.execute(text(statement))
        found = audit.verify(session)
        session.rollback()
    return found


def test_the_trail_is_a_chain(trail: engine.Store) -> None:
    """Each line names the one before; the head is the last line's hash."""
    with trail.read() as session:
        lines = audit.lines(session)[::-1]
        assert audit.head(session) == (5, lines[-1].hash)
        assert audit.verify(session) is None
        assert [line.prev for line in lines] == ["", *(line.hash for line in lines[:-1])]
        assert [line.subject for line in audit.lines(session, newest=2)] == ["rumah-4", "rumah-3"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET account = 'lain' WHERE seq = 3", "DELETE FROM audit WHERE seq = 5"],
)
def test_a_line_cannot_be_changed_or_deleted(trail: engine.Store, statement: str) -> None:
    """The file itself refuses."""
    with pytest.raises(IntegrityError), trail.write() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("seq", [1, 5, 7, 99])
def test_a_line_enters_only_at_the_end(trail: engine.Store, seq: int) -> None:
    """The file refuses a line out of order, also one that would replace another."""
    with pytest.raises(IntegrityError), trail.write() as session:
        session.execute(
            text("INSERT OR REPLACE INTO audit VALUES (:seq, '', '', '', '', '{}', '', 'x')"),
            {"seq": seq},
        )


@pytest.mark.parametrize("column", ["at", "account", "action", "subject", "detail", "prev", "hash"])
def test_an_altered_line_is_found(trail: engine.Store, column: str) -> None:
    """Each part of a line is under its hash."""
    assert broken_at(trail, f"UPDATE audit SET {column} = 'x' WHERE seq = 3") == 3


def test_a_removed_or_moved_line_is_found(trail: engine.Store) -> None:
    """Deleting, closing the gap, and swapping two lines all show."""
    assert broken_at(trail, "DELETE FROM audit WHERE seq = 3") == 3
    assert broken_at(trail, "DELETE FROM audit WHERE seq = 1") == 1
    closed = ("DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = seq - 1 WHERE seq > 3")
    assert broken_at(trail, *closed) == 3
    swapped = tuple(
        f"UPDATE audit SET seq = {a} WHERE seq = {b}" for a, b in ((9, 2), (2, 3), (3, 9))
    )
    assert broken_at(trail, *swapped) == 2


def test_a_trail_cut_off_or_written_anew_is_found_by_a_head_noted_elsewhere(
    trail: engine.Store,
) -> None:
    """The heads in signed exports show what the chain alone cannot."""
    with trail.read() as session:
        seq, head = audit.head(session)
        assert audit.verify(session, {seq: head}) is None
        assert audit.verify(session, {3: "0" * 64}) == 3
        assert audit.verify(session, {9: head}) == 9
    assert broken_at(trail, "DELETE FROM audit WHERE seq = 5") is None


def test_an_action_that_cannot_be_noted_is_undone(trail: engine.Store) -> None:
    """Fail closed: without its line in the trail a change does not happen."""
    with trail.write() as session:
        session.execute(
            text("CREATE TRIGGER penuh BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'x'); END")
        )
    with pytest.raises(StoreError) as caught, trail.write() as session:  # noqa: PT012
        meta.put(session, "a", "1")
        audit.append(session, at=AT, account="operator", action="x")
    assert caught.value.code == "E_AUDIT"
    with trail.read() as session:
        assert meta.get(session, "a") is None
        assert audit.head(session)[0] == 5


def test_the_trail_holds_no_nik(village: engine.Store) -> None:
    """Records are named by id; a NIK that slips in is masked, a hash is left whole."""
    digest = "1234567890123456" * 4
    with village.write() as session:
        audit.append(
            session,
            at=AT,
            account="operator",
            action="x",
            subject="nik 3509120000000011",
            detail={"sebab": "NIK 3509120000000022 ganda", "sha256": digest},
        )
        line = audit.lines(session)[0]
        assert audit.verify(session) is None
    assert line.subject == "nik NIK0011"
    assert "3509120000000022" not in line.detail
    assert digest in line.detail
