"""What the Dinsos said of the village's visits, and the states that follow from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from siks_offline.db import households, ledger, notes, visits
from siks_offline.desa import results, rivals
from siks_offline.export.canonical import stamp
from siks_offline.export.records import short_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from siks_offline.export.receipt import BundleResult, LackedVisit, Receipt
    from siks_offline.model import HouseholdLine, Kirim

KIRIM: Final[Mapping[str, Kirim]] = {
    "accepted": "diterima",
    "held": "ditahan",
    "rejected": "ditolak",
    "voice": "diterima_lisan",
}


@dataclass(frozen=True, slots=True)
class Row:
    """What stands of a visit that was told of; `result` is diterima, ditahan or ditolak."""

    id: str
    result: str
    code: str
    comment: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What a receipt changed."""

    rows: tuple[Row, ...]
    missing: tuple[int, ...]
    households: frozenset[str]


def state_of(session: Session, sha256: str, result: ledger.Result | None) -> Kirim:
    """How far the handover of a revision is."""
    if result is not None:
        return KIRIM[result.result]
    return "dikirim" if ledger.exported(session, [sha256]) else "belum"


def comment_of(result: ledger.Result) -> str:
    """What a receipt wants to be read of a revision that it did not take in; empty otherwise."""
    return (result.comment or result.code) if result.result != "accepted" else ""


def without_draft(session: Session, line: HouseholdLine) -> households.States:
    """Return the states of a household that is again what its last revision says."""
    _, sha256, result = ledger.household_receipts(session, line.id)[0]
    kirim = state_of(session, sha256, result)
    said = comment_of(result) if result else ""
    if line.komentar and not (kirim == "ditahan" and line.komentar == said):
        return households.States(kerja="dikembalikan", kirim=kirim)
    if result is None or not said:
        return households.States(kerja="selesai", kirim=kirim)
    # The answer may have come while the draft was written.
    return households.States(
        kerja="dikembalikan" if kirim == "ditolak" else "selesai",
        kirim=kirim,
        komentar=said,
        komentar_jalur=result.path,
    )


def stream_of(session: Session, of: Mapping[str, Any]) -> str:
    """Return the name under which a receipt's stream is known here; `of` is its manifest.

    An office whose folder was put back as it had been gives numbers a second time. What it says
    from then on goes by a stream of its own, as if it had been restored: nothing that the lost
    office said is newer. A receipt belongs where the one before it does; when that never came, to
    the newest such stream that had begun when it was made.
    """
    chain = of["chain"]
    stream, seq = chain["stream"], chain["seq"]
    known = ledger.arrivals(session, "receipt", stream)
    mine = f"{stream}+{of['created_at']}"  # names in the order in which the streams began
    streams = {one.manifest_sha256: one.stream for one in known}
    newest = max(one for one in {stream, *streams.values()} if one <= mine)
    where = streams.get(chain["prev"], newest)
    twice = any((one.stream, one.seq) == (where, seq) for one in known)
    return mine if twice else where


def apply(session: Session, receipt: Receipt, stream: str, seq: int) -> Applied:
    """Note a receipt's results and set the states of the households they concern.

    `stream` (by `stream_of`) and `seq` are the receipt's own: an older one never undoes what a
    newer one said.
    """
    newest = ledger.highest_arrival(session, "receipt", stream)
    late = newest > seq
    if late:
        receipt = _unheard(session, receipt)
    told: dict[str, ledger.Result] = {}
    for one in receipt.bundles:
        known = ledger.carried(session, one.manifest_sha256)
        if not ledger.answer_export(
            session,
            one.manifest_sha256,
            one.result,
            code=one.code,
            received_at=stamp(one.received_at),
        ):
            continue
        for sha256, said in _results(receipt, one, known).items():
            if sha256 not in told or told[sha256].result != "accepted":
                told[sha256] = said  # else this is a repeat of what the office holds
    ledger.record_results(session, told.values(), stream=stream, seq=seq)
    standing = ledger.results(session, told)
    lacked = _lacked(session, receipt.lacked_visits)
    ledger.forget_results(session, lacked)
    _attachments(session, receipt)
    results.told(session, receipt, anew=not newest)
    hashes = [sha256 for _, sha256 in lacked]
    again = {id_ for id_, stands in visits.households_of(session, hashes).values() if stands}
    touched = _settle(session, standing) | again
    households.set_states(session, dict.fromkeys(again, households.States(kirim="belum")))
    touched |= rivals.note(session, receipt.rivals(), stream, seq, late=late)
    of = visits.households_of(session, told)
    rows = tuple(
        Row(of[sha256][0], KIRIM[stands.result], stands.code, stands.comment)
        for sha256, stands in ((one, standing[one]) for one in told if one in of)
    )
    ours = {one.stream for one in ledger.exports(session)}
    missing = sorted({number for line, number in receipt.missing if line in ours})
    return Applied(rows, tuple(missing), touched)


def _unheard(session: Session, receipt: Receipt) -> Receipt:
    """Return what of an older receipt the newer one of its stream did not say already.

    Receipts are cumulative: of an older one only bundles may count that no answer named so far.
    """
    waiting = {
        one.manifest_sha256 for one in ledger.exports(session) if one.status in {"sent", "voice"}
    }
    bundles = tuple(one for one in receipt.bundles if one.manifest_sha256 in waiting)
    return replace(receipt, bundles=bundles, lacked_visits=(), lacked_attachments=())


def _results(
    receipt: Receipt, one: BundleResult, carried: Mapping[str, str]
) -> dict[str, ledger.Result]:
    """Result of every revision of a bundle: what the receipt says of it, else the bundle's own."""
    said = {row.hash: row for row in receipt.visits if row.bundle_id == one.bundle_id}
    found = {}
    for sha256 in carried:
        row = said.get(sha256)
        if row is not None:
            found[sha256] = ledger.Result(sha256, row.result, row.code, row.path, row.comment)
        else:
            result = "accepted" if one.result == "partly" else one.result
            found[sha256] = ledger.Result(sha256, result, one.code if result != "accepted" else "")
    return found


def _settle(session: Session, told: Mapping[str, ledger.Result]) -> frozenset[str]:
    """Set the states of the households whose newest revision was told of."""
    states: dict[str, households.States] = {}
    newest = {
        household_id: told[sha256]
        for sha256, (household_id, is_newest) in visits.households_of(session, told).items()
        if is_newest
    }
    lines = households.lines(session, newest)
    wanted = notes.returned(session, list(newest))
    for household_id, result in newest.items():
        if lines[household_id].kerja == "draf":  # being mended already; the draft goes on
            continue
        back = result.result == "rejected"
        kirim = KIRIM[result.result]
        if household_id in wanted and not back:  # the supervisor's word stands beside the office's
            states[household_id] = households.States(kirim=kirim)
            continue
        states[household_id] = households.States(
            kerja="dikembalikan" if back else "selesai",
            kirim=kirim,
            komentar=comment_of(result),
            komentar_jalur=result.path,
        )
    return households.set_states(session, states)


def _lacked(session: Session, lacked: Iterable[LackedVisit]) -> list[tuple[str, str]]:
    """Visit and hash of revisions that the office does not hold although they are here.

    One that only a lost copy of this village knew is passed over: nobody can send it any more.
    """
    asked = {(one.visit_id, one.short) for one in lacked}
    ours = visits.hashes_of(session, list(dict.fromkeys(visit_id for visit_id, _ in asked)))
    return [
        (visit_id, sha256)
        for visit_id, hashes in ours.items()
        for sha256 in hashes
        if (visit_id, short_hash(sha256)) in asked
    ]


def _attachments(session: Session, receipt: Receipt) -> None:
    ledger.set_attachments_received(session, receipt.lacked_attachments, received=False)
    lacked = set(receipt.lacked_attachments)
    for one in receipt.bundles:
        if one.result in {"accepted", "partly"}:
            held = ledger.carried_attachments(session, one.manifest_sha256)
            ledger.set_attachments_received(session, [sha for sha in held if sha not in lacked])


def tally(rows: Iterable[Row]) -> Counter[str]:
    """How many visits were told which result."""
    return Counter(row.result for row in rows)
