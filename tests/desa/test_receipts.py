"""What a receipt says meets what happened in the village since: nothing newer is undone by it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from siks_offline.db import households, ledger, records, visits
from siks_offline.desa import periods, receipts, returns, rivals, visit
from siks_offline.export.receipt import BundleResult, LackedVisit, Receipt, Rival, VisitResult
from siks_offline.export.records import short_hash
from tests.desa.test_reviews import IDS, NOW, complete, village

if TYPE_CHECKING:
    from siks_offline.desa.village import Village

__all__ = ["village"]
AT = "2026-11-22T01:02:03Z"
MANIFEST = "e" * 64
HOME = IDS[0]


@pytest.fixture
def sent(village: Village) -> str:
    """One household was completed and left in a bundle; the hash of its revision."""
    complete(village, HOME, 0)
    with village.store.write() as session:
        stream = ledger.Stream("s-1", "d-1", b"s" * 32, "AGE-SECRET-KEY-1X", b"v" * 32, AT)
        ledger.start_stream(session, stream)
    return send(village, 1)


def send(village: Village, seq: int) -> str:
    """Let the newest revision leave in a bundle of its own; return its hash."""
    mine = head(village)
    with village.store.write() as session:
        one = ledger.Export(
            f"{MANIFEST[:-1]}{seq}", f"b{seq}", "visits", "s-1", seq, "1.siks", "f" * 64, 1, AT, "a"
        )
        ledger.record_export(session, one, [mine.sha256])
        households.set_states(session, {HOME: households.States(kirim="dikirim")})
    return mine.sha256


def head(village: Village) -> visits.Visit:
    with village.store.read() as session:
        mine = visits.current(session, HOME, village.period)
    assert mine is not None
    return mine


def answer(result: str, sha256: str = "", comment: str = "", seq: int = 1) -> Receipt:
    """A receipt that says so of a bundle, and of its revision in words of its own."""
    of = (f"b{seq}", f"{MANIFEST[:-1]}{seq}", "s-1", seq, datetime(2026, 11, 22, tzinfo=UTC))
    whole = "partly" if sha256 else result
    said = VisitResult(f"b{seq}", "v", sha256, result, "E_X", comment, "alamat")  # type: ignore[arg-type]
    bundle = BundleResult(*of, whole, 0, 0, 0, "H_X" if result == "held" else "")  # type: ignore[arg-type]
    return Receipt((bundle,), (said,) if sha256 else ())


def told(village: Village, receipt: Receipt, seq: int, stream: str = "r") -> receipts.Applied:
    """Take a receipt in as `arrivals` does."""
    with village.store.write() as session:
        done = receipts.apply(session, receipt, stream, seq)
        name = f"{stream}{seq}"
        session.flush()
        ledger.record_arrival(
            session, ledger.Arrival(name, name, "receipt", stream, seq, "f" * 64, AT)
        )
    return done


def lacks(one: visits.Visit) -> Receipt:
    return Receipt(lacked_visits=(LackedVisit(one.visit_id, one.revision, short_hash(one.sha256)),))


def state(village: Village) -> tuple[str, str, str]:
    with village.store.read() as session:
        line = households.lines(session, [HOME])[HOME]
    return line.kerja, line.kirim, line.komentar


def due(village: Village) -> list[str]:
    with village.store.read() as session:
        return [one.sha256 for one in visits.unreceived(session)]


def test_receipts_may_come_in_any_order(village: Village, sent: str) -> None:
    """What was held and then let go stays received, whichever paper is read first."""
    told(village, answer("accepted"), 2)
    assert state(village) == ("selesai", "diterima", "")
    told(village, answer("held"), 1)
    assert state(village) == ("selesai", "diterima", "")
    with village.store.read() as session:
        [one] = ledger.exports(session)
    assert (one.status, one.code) == ("accepted", "")
    assert due(village) == []
    assert sent


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_what_waited_for_its_questionnaire_is_received_at_last(
    village: Village, sent: str, order: tuple[int, int]
) -> None:
    """Held for want of a workbook, then judged again: the newer answer stands, in any order."""
    for seq in order:
        told(village, answer("held", sent) if seq == 1 else answer("accepted"), seq)
        if order[0] == seq == 1:
            assert state(village)[:2] == ("selesai", "ditahan"), "there is nothing to mend"
    assert state(village) == ("selesai", "diterima", "")
    assert due(village) == []


@pytest.mark.parametrize("result", ["held", "rejected"])
@pytest.mark.parametrize("together", [(), (1, 2), (2, 1)])
def test_what_was_accepted_stays_so_whatever_becomes_of_a_repeat(
    village: Village, sent: str, result: str, together: tuple[int, ...]
) -> None:
    """Sent again under an expired key, which a person refuses; or the first answer was lost."""
    send(village, 2)
    move = records.Line("a" * 64, "moves", "m-1", 1, village.period, "{}")
    with village.store.write() as session:
        records.add(session, [move])
        for seq in (1, 2):
            records.sent(session, f"{MANIFEST[:-1]}{seq}", [move.sha256])
    said = {1: answer("accepted"), 2: answer(result, seq=2)}
    if together:
        bundles = tuple(said[seq].bundles[0] for seq in together)
        [row] = told(village, Receipt(bundles), 1).rows
    else:
        told(village, said[1], 1)
        [row] = told(village, said[2], 2).rows
    assert (row.id, row.result, row.code) == (HOME, "diterima", "")
    assert state(village) == ("selesai", "diterima", "")
    assert due(village) == []
    with village.store.read() as session:
        assert records.said(session, "moves")["m-1"] == records.Told("accepted")
    told(village, lacks(head(village)), 3)
    assert state(village)[:2] == ("selesai", "belum")
    assert due(village) == [sent]
    told(village, said[2], 4)
    assert state(village)[1] == receipts.KIRIM[result], "it is lacked: what is said of it counts"


def test_a_restored_office_may_hold_what_was_accepted_before(village: Village, sent: str) -> None:
    """It begins a new stream and tells all anew: what it forgot waits for a person again."""
    move = records.Line("a" * 64, "moves", "m-1", 1, village.period, "{}")
    with village.store.write() as session:
        records.add(session, [move])
        records.sent(session, f"{MANIFEST[:-1]}1", [move.sha256])
    told(village, answer("accepted"), 7)
    told(village, answer("held"), 1, "r-baru")
    assert state(village)[:2] == ("selesai", "ditahan")
    assert due(village) == [sent]
    with village.store.read() as session:
        assert records.said(session, "moves")["m-1"].result == "held"
    told(village, answer("accepted"), 8)
    told(village, answer("held"), 2, "r-baru")
    assert state(village)[:2] == ("selesai", "diterima"), "what it says later is of a repeat"
    assert due(village) == []


def test_what_was_accepted_by_voice_may_be_rejected(village: Village, sent: str) -> None:
    """Ten digits on the telephone say that a file came, not what became of it."""
    with village.store.write() as session:
        ledger.record_results(session, [ledger.Result(sent, "voice")])
    told(village, answer("rejected", sent, "NIK salah"), 1)
    assert state(village) == ("dikembalikan", "ditolak", "NIK salah")


def test_an_older_receipt_says_nothing_of_what_is_lacked(village: Village, sent: str) -> None:
    """The part that was missing has come since: a newer receipt knows."""
    told(village, answer("accepted"), 2)
    told(village, lacks(head(village)), 1)
    assert state(village) == ("selesai", "diterima", "")
    assert sent not in due(village)


def test_what_is_lacked_of_an_earlier_period_is_only_due(village: Village, sent: str) -> None:
    """Its revision goes out again; what stands now was received and is said to be."""
    before = head(village)
    told(village, answer("accepted"), 1)
    periods.open_period(village, "2027-Q1", NOW)
    complete(village, HOME, 0)
    send(village, 2)
    told(village, answer("accepted", seq=2), 2)
    told(village, lacks(before), 3)
    assert state(village) == ("selesai", "diterima", "")
    assert due(village) == [sent]


def test_what_only_a_lost_copy_held_is_no_longer_asked_for(village: Village, sent: str) -> None:
    """After a restore the Dinsos may lack a revision that nobody has: ours is not sent for ever."""
    told(village, answer("accepted"), 1)
    mine = head(village)
    gone = LackedVisit(mine.visit_id, 2, short_hash("d" * 64))
    told(village, Receipt(lacked_visits=(gone,)), 2)
    assert state(village) == ("selesai", "diterima", "")
    assert due(village) == []
    told(village, lacks(mine), 3)
    assert state(village) == ("selesai", "belum", "")
    assert due(village) == [sent]


def test_a_record_that_a_lost_copy_changed_is_not_sent_for_ever(village: Village) -> None:
    """The same holds for proposals, verdicts, moves and musyawarahs."""
    one = records.Line("a" * 64, "moves", "m-1", 1, village.period, "{}")
    with village.store.write() as session:
        records.add(session, [one])
        records.told(session, {one.sha256: records.Told("accepted")})
    told(village, Receipt(lacked_visits=(LackedVisit("m-1", 2, short_hash("d" * 64)),)), 1)
    with village.store.read() as session:
        assert list(records.due(session, "moves")) == []
    told(village, Receipt(lacked_visits=(LackedVisit("m-1", 1, short_hash(one.sha256)),)), 2)
    with village.store.read() as session:
        assert list(records.due(session, "moves")) == [one]


def test_what_a_supervisor_sent_back_stays_so(village: Village, sent: str) -> None:
    """The Dinsos took the revision in, or tells no more of others: it is to be mended all the same."""
    village.account, village.role = "cici", "pemeriksa"
    returns.send_back(village, HOME, [("luas_lantai", "Terlalu luas.")], NOW)
    told(village, answer("accepted"), 1)
    assert state(village) == ("dikembalikan", "diterima", "Terlalu luas.")
    mine = head(village)
    other = Rival(HOME, mine.period, "v-2", 1, "b" * 64, "alamat")
    with village.store.write() as session:
        rivals.note(session, [other], "r", 2)
    with village.store.write() as session:
        rivals.note(session, [], "r", 3)
    assert state(village) == ("dikembalikan", "diterima", "Terlalu luas.")
    with village.store.read() as session:
        assert households.comment_path(session, HOME) == "luas_lantai"
    assert sent


@pytest.mark.parametrize(
    ("first", "result", "expected"),
    [
        (False, "rejected", ("dikembalikan", "ditolak", "NIK salah")),
        (True, "rejected", ("dikembalikan", "ditolak", "NIK salah")),
        (False, "held", ("selesai", "ditahan", "NIK salah")),
        (True, "held", ("selesai", "ditahan", "NIK salah")),
    ],
)
def test_a_draft_thrown_away_leaves_what_the_receipt_said(
    village: Village, sent: str, first: bool, result: str, expected: tuple[str, str, str]
) -> None:
    """Whether the answer came before the draft was begun or while it was written."""
    receipt = answer(result, sent, "NIK salah")
    if first:
        told(village, receipt, 1)
        assert state(village) == expected
    opened = visit.open_visit(village, HOME, NOW)
    visit.save_draft(village, HOME, opened.snapshot(), None, NOW)
    if not first:
        told(village, receipt, 1)
    visit.drop_draft(village, HOME, NOW)
    assert state(village) == expected
