"""What arrived at the office: bundles, their results, decisions of people, inventories."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, func, insert, select, update

from siks_offline.db import office_tables as t
from siks_offline.db import office_tables_meeting as m
from siks_offline.db.office import Row, add, one, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

KEY_HELD = ("H_KEY_REVOKED", "H_KEY_EXPIRED", "H_KEY_NOT_YET_VALID")

# What every file that comes asks: made once, which costs more than the answer.
_b = t.bundles.c
_RESULT = select(_b.result).where(_b.manifest_sha256 == bindparam("manifest"))
_BUNDLE = select(t.bundles).where(_b.manifest_sha256 == bindparam("manifest"))
_OF_BUNDLE_ID = select(_b.manifest_sha256).where(_b.bundle_id == bindparam("bundle_id"))
_DECISION = select(t.decisions.c.decision).where(
    t.decisions.c.manifest_sha256 == bindparam("manifest")
)
_LAST_ARRIVAL = select(func.max(_b.received_at))
_LINKS = (
    select(
        _b.kode_desa, _b.device, _b.stream, _b.seq, _b.manifest_sha256, _b.prev, _b.after,
        _b.acks_seq, _b.acks_sha256,
    )
    .where(~((_b.result == "held") & _b.code.in_(KEY_HELD)))
    .order_by(_b.kode_desa, _b.stream, _b.seq, _b.manifest_sha256)
)  # fmt: skip
_LINKS_OF_DEVICE = _LINKS.where(_b.device == bindparam("device"))


def imported(session: Session, manifest_sha256: str) -> bool:
    """Whether a manifest has been dealt with for good: imported, or rejected by a person."""
    return result(session, manifest_sha256) not in {"", "held"}


def result(session: Session, manifest_sha256: str) -> str:
    """Return the result that a bundle has: accepted, partly, held, rejected; "" when unknown."""
    return session.scalar(_RESULT, {"manifest": manifest_sha256}) or ""


def bundle(session: Session, manifest_sha256: str) -> Row | None:
    """Return one bundle."""
    return one(session, _BUNDLE, manifest=manifest_sha256)


def bundle_of_file(session: Session, file_sha256: str) -> Row | None:
    """Return the bundle that arrived as this very file."""
    return one(session, select(t.bundles).where(t.bundles.c.file_sha256 == file_sha256))


def manifest_of_bundle_id(session: Session, bundle_id: str) -> str | None:
    """Return the manifest hash under which a bundle id is known."""
    return session.scalar(_OF_BUNDLE_ID, {"bundle_id": bundle_id})


def put_bundle(session: Session, row: Mapping[str, Any], *, again: bool) -> None:
    """Record a bundle; `again` puts it in place of how it was judged before."""
    if again:
        forget(session, row["manifest_sha256"])
    add(session, t.bundles, {"reported": None, "waits": None, **row})


def forget(session: Session, manifest_sha256: str) -> None:
    """Forget that a bundle came; the revisions and records that it brought stay."""
    for table in (t.results, m.documents, t.bundles):
        session.execute(delete(table).where(table.c.manifest_sha256 == manifest_sha256))


def set_counts(session: Session, manifest_sha256: str, **values: Any) -> None:
    """Set result and counts of a bundle once its lines have been looked at."""
    session.execute(
        update(t.bundles).where(t.bundles.c.manifest_sha256 == manifest_sha256).values(**values)
    )


def add_results(session: Session, found: Sequence[Mapping[str, Any]]) -> None:
    """Record the results of lines."""
    if found:
        session.execute(insert(t.results), [dict(row) for row in found])


def results(session: Session, manifest_sha256: str) -> list[Row]:
    """Return the recorded results of a bundle's lines, in their order."""
    query = select(t.results).where(t.results.c.manifest_sha256 == manifest_sha256)
    return rows(session, query.order_by(t.results.c.line))


def set_aside(session: Session, kode_desa: str) -> set[str]:
    """Return hashes of a village's revisions whose line was refused, or waits."""
    query = (
        select(t.results.c.sha256)
        .join(t.bundles, t.bundles.c.manifest_sha256 == t.results.c.manifest_sha256)
        .where(t.bundles.c.kode_desa == kode_desa, t.results.c.result != "accepted")
    )
    return set(session.scalars(query))


def held(session: Session) -> list[Row]:
    """Return the held bundles in order of arrival."""
    query = select(t.bundles).where(t.bundles.c.result == "held")
    return rows(session, query.order_by(t.bundles.c.received_at, t.bundles.c.manifest_sha256))


def waiting(session: Session) -> list[Row]:
    """Return the bundles of which lines wait for a questionnaire, in order of arrival."""
    query = select(t.bundles).where(_b.waits.is_not(None))
    return rows(session, query.order_by(_b.received_at, _b.manifest_sha256))


def waits(session: Session, manifest_sha256: str) -> bool:
    """Whether lines of a bundle wait for a questionnaire."""
    query = select(_b.waits).where(_b.manifest_sha256 == manifest_sha256)
    return session.scalar(query) is not None


def decision(session: Session, manifest_sha256: str) -> str:
    """Return what a person decided of a held bundle: release, reject; empty when nobody did."""
    return session.scalar(_DECISION, {"manifest": manifest_sha256}) or ""


def decide(session: Session, row: Mapping[str, Any]) -> None:
    """Record a person's decision of a bundle; a later one replaces it."""
    same = t.decisions.c.manifest_sha256 == row["manifest_sha256"]
    session.execute(delete(t.decisions).where(same))
    add(session, t.decisions, row)


def links(session: Session, device: str | None = None) -> list[Row]:
    """Return the links of all streams: the evidence from which gaps and forks are derived.

    Bundles that only a revoked or expired key vouches for are left out: a thief must not be able
    to hide that a number never came.
    """
    if device is not None:
        return rows(session, _LINKS_OF_DEVICE, device=device)
    return rows(session, _LINKS)


def of_device(session: Session, device: str) -> list[Row]:
    """Return a device's bundles by stream and number, without their manifests."""
    b = t.bundles.c
    query = select(
        b.bundle_id, b.manifest_sha256, b.stream, b.seq, b.received_at, b.result, b.code,
        b.accepted, b.held, b.rejected, b.reported, b.type,
    ).where(b.device == device)  # fmt: skip
    return rows(session, query.order_by(b.stream, b.seq, b.manifest_sha256))


def numbered(session: Session, kode_desa: str, seq: int) -> list[Row]:
    """Return the bundles of a village that bear a number, of whatever device and stream."""
    b = t.bundles.c
    query = select(t.bundles).where(b.kode_desa == kode_desa, b.seq == seq)
    return rows(session, query.order_by(b.received_at, b.manifest_sha256))


def forget_reports(session: Session) -> None:
    """Note that no receipt has told of any bundle: the streams that did are given up."""
    session.execute(update(t.bundles).values(reported=None))


def report(session: Session, manifests: Iterable[str], seq: int) -> None:
    """Note the receipt that first tells the present result of these bundles."""
    for manifest in manifests:
        session.execute(
            update(t.bundles)
            .where(t.bundles.c.manifest_sha256 == manifest, t.bundles.c.reported.is_(None))
            .values(reported=seq)
        )


def arrivals(session: Session) -> dict[str, Row]:
    """Return of each file of the archive when it came and what was let in, by its hash.

    `received_at`, and as `let_in` the manifest of a file whose key nobody has to vouch for again.
    Also while all is read anew.
    """
    let_in = case((_b.code == "", _b.manifest_sha256), else_="").label("let_in")
    came = rows(session, select(_b.file_sha256, _b.received_at, let_in))
    return {row["file_sha256"]: row for row in (*came, *rows(session, select(t.arrivals)))}


def keep_arrivals(session: Session, found: Mapping[str, Row]) -> None:
    """Note when files came, until `forget_arrivals`: their bundles are about to be forgotten."""
    forget_arrivals(session)
    if found:
        session.execute(insert(t.arrivals), list(found.values()))


def forget_arrivals(session: Session) -> None:
    """Note that every original was read anew."""
    session.execute(delete(t.arrivals))


def being_rebuilt(session: Session) -> bool:
    """Whether the store is being built anew, or was and that stopped half-way."""
    return session.scalar(select(t.arrivals.c.file_sha256).limit(1)) is not None


def last_arrival(session: Session) -> str:
    """Return when the newest bundle came, empty when none did."""
    return session.scalar(_LAST_ARRIVAL) or ""


def put_inventory(session: Session, row: Mapping[str, Any], lines: bytes) -> None:
    """Keep the inventory of a stream's highest bundle; the order of arrival does not matter."""
    i = t.inventories
    same = (i.c.device == row["device"]) & (i.c.stream == row["stream"])
    before = one(session, select(i.c.seq, i.c.manifest_sha256).where(same))
    if before is not None:
        if (before["seq"], before["manifest_sha256"]) >= (row["seq"], row["manifest_sha256"]):
            return
        session.execute(delete(i).where(same))
    add(session, i, {**row, "body": zlib.compress(lines)})


def inventories(session: Session, device: str) -> list[tuple[str, bytes]]:
    """Return the newest inventory of each stream of a device: (stream, its lines)."""
    i = t.inventories.c
    query = select(i.stream, i.body).where(i.device == device).order_by(i.stream)
    return [(stream, zlib.decompress(body)) for stream, body in session.execute(query)]
