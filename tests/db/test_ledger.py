"""Every completed revision stays due until the office signed for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from siks_offline.db import (
    accounts,
    attachments,
    audit,
    engine,
    households,
    keysets,
    ledger,
    meta,
    visits,
)
from siks_offline.model import Attachment, Confirmation

AT = "2026-11-22T01:02:03Z"
STREAM = ledger.Stream("s-1", "d-1", b"s" * 32, "AGE-SECRET-KEY-1X", b"v" * 32, AT)


def digest(number: int, revision: int = 1) -> str:
    return f"{number:032x}{revision:032x}"


def visit(number: int, revision: int = 1, **changes: Any) -> visits.Visit:
    made = visits.Visit(
        visit_id=f"kunjungan-{number}",
        household_id=f"rumah-{number}",
        period="2026-Q4",
        instrument_id="dtks",
        instrument_version="2020.1",
        answers={"alamat": "JL", "anggota": [{"nama": "A"}]},
        confirmations=(Confirmation("anggota[1]", "w_x", "benar"),),
        attachments=(Attachment("F-RUMAH", "", "ab" * 32),),
        persons=(f"orang-{number}-1",),
        revision=revision,
        sha256=digest(number, revision),
        completed_at=AT,
        completed_by="operator",
    )
    return replace(made, **changes)


def bundle(seq: int, stream: str = "s-1", **changes: Any) -> ledger.Export:
    made = ledger.Export(
        manifest_sha256=f"{seq:064x}",
        bundle_id=f"bundel-{stream}-{seq}",
        type="visits",
        stream=stream,
        seq=seq,
        file_name=f"{seq}.siks",
        file_sha256="f" * 64,
        size=1,
        at=AT,
        by="operator",
        visits=3,
    )
    return replace(made, **changes)


@pytest.fixture
def done(village: engine.Store, listed: Any) -> engine.Store:
    """A paired village with three completed visits, not yet sent."""
    with village.write() as session:
        households.upsert_many(session, [listed(n) for n in (1, 2, 3, 4)])
        ledger.start_stream(session, STREAM)
        for number in (3, 1, 2):
            visits.save_completed(session, visit(number), f'{{"n":{number}}}')
    return village


def due(store: engine.Store) -> list[str]:
    with store.read() as session:
        found = [line.sha256 for line in visits.unreceived(session)]
        assert visits.unreceived_count(session) == len(found)
    return found


def test_a_completed_visit_comes_back_as_it_was(done: engine.Store) -> None:
    """Answers, confirmed checks, photos and people, as values equal to what was stored."""
    with done.read() as session:
        assert visits.current(session, "rumah-1", "2026-Q4") == visit(1)
        assert visits.current(session, "rumah-1", "2027-Q1") is None
        assert visits.of_household(session, "rumah-1") == [visit(1)]
        assert [v.household_id for v in visits.completed(session, "2026-Q4")] == [
            "rumah-1",
            "rumah-2",
            "rumah-3",
        ]
        line = households.line(session, "rumah-1")
        assert line is not None
        assert (line.kerja, line.kirim, line.revisi) == ("selesai", "belum", 1)


def test_a_second_revision_is_the_head_and_the_first_stays(done: engine.Store) -> None:
    """Editing makes the next revision; what was completed before is never lost."""
    with done.write() as session:
        visits.save_completed(session, visit(1, 2), "{}")
        assert visits.current(session, "rumah-1", "2026-Q4") == visit(1, 2)
        assert visits.heads(session) == [
            ("kunjungan-1", 2, digest(1, 2)),
            ("kunjungan-2", 1, digest(2)),
            ("kunjungan-3", 1, digest(3)),
        ]
        assert visits.households_of(session, [digest(1), digest(1, 2), "tiada"]) == {
            digest(1): ("rumah-1", False),
            digest(1, 2): ("rumah-1", True),
        }
        first = visits.revision(session, digest(1))
        assert first is not None
        assert (first.line, first.revision) == ('{"n":1}', 1)
    assert due(done) == [digest(3), digest(1), digest(2), digest(1, 2)]


@pytest.mark.parametrize("statement", ["UPDATE revision SET line = ''", "DELETE FROM revision"])
def test_a_revision_is_frozen(done: engine.Store, statement: str) -> None:
    """The file itself refuses to change or delete a completed revision."""
    with pytest.raises(IntegrityError), done.write() as session:
        session.execute(text(statement))


def test_one_visit_a_household_and_period(done: engine.Store) -> None:
    """A second visit of the same period is refused, the first stays."""
    with pytest.raises(IntegrityError), done.write() as session:
        visits.save_completed(session, visit(1, sha256="e" * 64, visit_id="lain"), "{}")


def test_a_revision_is_due_until_a_signed_receipt_settles_it(done: engine.Store) -> None:
    """Sent, told by voice or held is not received; accepted and rejected are settled."""
    with done.write() as session:
        ledger.record_export(session, bundle(1), [digest(1), digest(2), digest(3)])
    assert len(due(done)) == 3
    with done.write() as session:
        ledger.record_results(session, [ledger.Result(digest(1), "voice")])
        ledger.record_results(
            session,
            [
                ledger.Result(digest(2), "held", "H_X"),
                ledger.Result(digest(3), "rejected", "E_SCOPE"),
            ],
            stream="r",
            seq=1,
        )
    assert due(done) == [digest(1), digest(2)]
    with done.write() as session:
        fresh = [ledger.Result(digest(1), "accepted"), ledger.Result(digest(2), "accepted")]
        assert ledger.record_results(session, fresh, stream="r", seq=2) == {digest(1), digest(2)}
        assert ledger.record_results(session, fresh, stream="r", seq=3) == frozenset()
    assert due(done) == []
    with done.read() as session:
        assert len(list(visits.every_revision(session))) == 3


def test_an_older_receipt_undoes_nothing(done: engine.Store) -> None:
    """Receipts may come in any order; voice never replaces a signature, a new stream may."""
    one = digest(1)
    with done.write() as session:
        ledger.record_results(session, [ledger.Result(one, "accepted")], stream="r", seq=5)
        old = [ledger.Result(one, "held", "H_X")]
        assert ledger.record_results(session, old, stream="r", seq=4) == frozenset()
        assert ledger.record_results(session, [ledger.Result(one, "voice")]) == frozenset()
        assert ledger.results(session, [one, "tiada"]) == {one: ledger.Result(one, "accepted")}
        assert ledger.record_results(session, old, stream="r-baru", seq=1) == {one}
        unknown = [ledger.Result("e" * 64, "accepted")]
        assert ledger.record_results(session, unknown, stream="r", seq=9) == frozenset()
        assert ledger.household_receipts(session, "rumah-1") == [(1, one, old[0])]


def test_what_the_office_lacks_is_due_again(done: engine.Store) -> None:
    """An office restored from an old backup heals: its `lacks` make revisions and photos due."""
    with done.write() as session:
        photo = attachments.put(session, "rumah-1", "F-RUMAH", "jpg", b"isi")
        every = [ledger.Result(digest(n), "accepted") for n in (1, 2, 3)]
        ledger.record_results(session, every, stream="r", seq=1)
        assert ledger.set_attachments_received(session, [photo, "0" * 64]) == 1
        assert ledger.attachments_due(session) == []
    assert due(done) == []
    with done.write() as session:
        lacks = {"kunjungan-1": digest(1), "kunjungan-2": None, "tiada": None}
        assert ledger.forget_results(session, lacks.items()) == {"rumah-1", "rumah-2"}
        ledger.set_attachments_received(session, [photo], received=False)
        assert ledger.attachments_due(session) == [photo]
    assert due(done) == [digest(1), digest(2)]


def test_exports_advance_their_stream(done: engine.Store) -> None:
    """Each bundle follows the one before; a restore begins anew and names the last one known."""
    with done.write() as session:
        head = audit.append(session, at=AT, account="operator", action="x")
        ledger.record_export(session, bundle(1, audit_seq=1, audit_head=head), [digest(1)])
        ledger.record_export(session, bundle(2), [digest(2), digest(1)])
        now = ledger.current_stream(session)
        assert now is not None
        assert (now.next_seq, now.last_manifest, now.after) == (3, bundle(2).manifest_sha256, None)
        assert now.signing_seed == STREAM.signing_seed
        assert [e.seq for e in ledger.exports(session)] == [2, 1]
        assert ledger.export(session, bundle(1).manifest_sha256) == bundle(
            1, audit_seq=1, audit_head=head
        )
        carried = ledger.carried(session, bundle(2).manifest_sha256)
        assert carried == {digest(1): "kunjungan-1", digest(2): "kunjungan-2"}
        assert audit.verify(session, ledger.audit_heads(session)) is None
        fresh = ledger.begin_stream(session, at=AT)
        assert fresh == ledger.current_stream(session)
        assert fresh is not None
        assert (fresh.next_seq, fresh.last_manifest) == (1, None)
        assert fresh.after == bundle(2).manifest_sha256
        again = ledger.begin_stream(session, at=AT)
        assert again is not None
        assert again.after == fresh.after
        assert again.voice_key == STREAM.voice_key
    with pytest.raises(IntegrityError), done.write() as session:
        ledger.record_export(session, bundle(2, manifest_sha256="e" * 64, bundle_id="lain"))


def test_before_pairing_there_is_no_stream(village: engine.Store) -> None:
    """An unpaired village has neither stream nor key set."""
    with village.write() as session:
        assert ledger.current_stream(session) is None
        assert ledger.begin_stream(session, at=AT) is None
        assert keysets.newest(session) is None


def test_bundles_without_an_answer_are_known(done: engine.Store) -> None:
    """A receipt by voice is shown, but the bundle still waits for the signed one."""
    with done.write() as session:
        for seq in (1, 2, 3):
            ledger.record_export(session, bundle(seq))
        one, two = bundle(1).manifest_sha256, bundle(2).manifest_sha256
        assert ledger.answer_export(session, one, "accepted", received_at=AT)
        assert ledger.answer_export(session, two, "voice")
        assert not ledger.answer_export(session, "0" * 64, "accepted")
        assert [e.seq for e in ledger.unanswered(session)] == [2, 3]


def test_arrivals_are_taken_in_once_and_the_newest_is_known(village: engine.Store) -> None:
    """The gate's questions: imported, bundle id, and the receipt that the next export names."""

    def arrival(number: int, seq: int, stream: str = "r") -> ledger.Arrival:
        return ledger.Arrival(f"{number:064x}", f"b-{number}", "receipt", stream, seq, "f" * 64, AT)

    with village.write() as session:
        assert ledger.latest_arrival(session, "receipt") is None
        ledger.record_arrival(session, arrival(1, 2))
        ledger.record_arrival(session, arrival(2, 1))
        assert ledger.latest_arrival(session, "receipt") == arrival(1, 2)
        assert ledger.arrived(session, f"{1:064x}")
        assert not ledger.arrived(session, f"{9:064x}")
        assert ledger.bundle_hash(session, "b-2") == f"{2:064x}"
        assert ledger.bundle_hash(session, "b-9") is None
        ledger.record_arrival(session, arrival(3, 1, "r-baru"))
        assert ledger.latest_arrival(session, "receipt") == arrival(3, 1, "r-baru")
    with pytest.raises(IntegrityError), village.write() as session:
        ledger.record_arrival(session, arrival(1, 7))


def test_key_sets_accounts_and_facts_are_kept(village: engine.Store, listed: Any) -> None:
    """The highest key set counts whatever the order; accounts and facts may be replaced."""
    with village.write() as session:
        for version in (2, 1):
            keysets.put(session, keysets.KeySet(version, b"raw", b"sig", "a" * 64))
        keysets.put(session, keysets.KeySet(2, b"lain", b"", ""))
        assert keysets.newest(session) == keysets.KeySet(2, b"raw", b"sig", "a" * 64)
        accounts.put(session, accounts.Account("siti", "operator", "age1x"))
        accounts.put(session, accounts.Account("siti", "admin", "age1x", active=False))
        accounts.put(session, accounts.Account("budi", "operator", "age1y"))
        assert [a.name for a in accounts.every(session)] == ["budi", "siti"]
        assert accounts.find(session, "siti") == accounts.Account("siti", "admin", "age1x", False)
        assert accounts.find(session, "tiada") is None
        meta.put(session, "a", "1")
        meta.put(session, "a", "2")
        meta.put(session, "b", "3")
        meta.put(session, "b", None)
        assert meta.every(session) == {"a": "2"}
        households.upsert_many(session, [listed(1)])
        photo = attachments.put(session, "rumah-1", "F-KK", "jpg", b"isi foto")
        assert attachments.put(session, "rumah-1", "F-KK", "jpg", b"isi foto") == photo
        assert attachments.content(session, photo) == b"isi foto"
        assert attachments.every(session, "rumah-1") == [
            attachments.Stored(photo, "jpg", "F-KK", "rumah-1", 8, received=False)
        ]
        assert attachments.every(session, "rumah-2") == []
