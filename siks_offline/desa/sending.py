"""What every bundle of a village has in common: its envelope, its record, its undoing."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from siks_offline.errors import SiksError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.db.ledger import Stream
    from siks_offline.desa.village import Village
    from siks_offline.export.bundle import Draft, Written
    from siks_offline.export.keyset import KeySet


def envelope(
    stream: Stream, village: Village, to: KeySet, kind: str, now: datetime, **more: Any
) -> Draft:
    """Return the draft of the next bundle of a stream, sealed to a Dinsos' key set.

    `more` are further members of the draft. Where they bring no head of the audit trail, it is
    that of now: whichever file leaves the village holds its trail to what it was.
    """
    from siks_offline.db import audit
    from siks_offline.export import bundle, identity

    if "audit" not in more:
        with village.store.read() as session:
            more["audit"] = trail(*audit.head(session))

    values: dict[str, Any] = {
        "type": kind,
        "bundle_id": identity.uuid7(now),
        "created_at": now,
        "sender_id": f"desa:{village.kode_desa}",
        "device": stream.device,
        "recipient_id": to.id,
        "enc": to.enc,
        "stream": stream.stream,
        "seq": stream.next_seq,
        "prev": stream.last_manifest,
        "after": stream.after if stream.next_seq == 1 else None,
        "period": village.period,
        "practice": village.practice,
        "keyset": (to.version, to.sha256),
    }
    return bundle.Draft(**values | more)


def trail(seq: int, head: str) -> dict[str, Any] | None:
    """Return what a manifest says of an audit trail: its last number and hash."""
    return {"head": head, "seq": seq} if seq else None


def record(
    session: Session,
    account: str,
    written: Written,
    hashes: Iterable[str] = (),
    photos: Iterable[str] = (),
) -> None:
    """Note a bundle that stands in its place, with the revisions and photos that it carries."""
    from siks_offline.db import ledger

    of = written.manifest
    audit = of["audit"] or {}
    revisions, pictures = list(hashes), list(photos)
    ledger.record_export(
        session,
        ledger.Export(
            manifest_sha256=written.manifest_sha256,
            bundle_id=of["bundle_id"],
            type=of["type"],
            stream=of["chain"]["stream"],
            seq=of["chain"]["seq"],
            file_name=written.name,
            file_sha256=written.file_sha256,
            size=written.size,
            at=of["created_at"],
            by=account,
            visits=len(revisions),
            attachments=len(pictures),
            audit_seq=audit.get("seq"),
            audit_head=audit.get("head"),
        ),
        revisions,
        pictures,
    )


@contextmanager
def taken_back(*files: Path) -> Iterator[None]:
    """Delete these files when the block fails.

    What is not recorded as sent must not travel: the next file would bear its number.
    """
    try:
        yield
    except BaseException:
        for file in files:
            with suppress(OSError):
                file.unlink(missing_ok=True)
        raise


@contextmanager
def numbered(
    target: Path, village: Village, facts: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Callable[[Written], AbstractContextManager[None]]]:
    """Give what a file is to be named in: it takes the bundle's number for good just before.

    `facts` are put into the village's meta with the number: what the file asks for is known before
    anybody sees it. When the block fails both are given back, unless the file may have got its
    name: then the number is a gap, which a Dinsos takes, and never two files of one number.
    """
    from siks_offline.db import ledger, meta
    from siks_offline.export import files

    taken: list[Callable[[], None]] = []
    with files.errors(target.parent):
        medium = target.parent.stat().st_dev

    @contextmanager
    def naming(written: Written) -> Iterator[None]:
        chain = written.manifest["chain"]
        with village.store.write() as session:
            known = meta.every(session)
            before = {name: known.get(name) for name in facts}
            for name, value in facts.items():
                meta.put(session, name, value)
            ledger.reserve(session, chain["stream"], chain["seq"], written.manifest_sha256)

        def give_back() -> None:
            with suppress(SiksError), village.store.write() as session:
                for name, value in before.items():
                    meta.put(session, name, value)
                ledger.give_back(session, chain["stream"], chain["seq"], chain["prev"])

        try:
            yield
        except BaseException:
            give_back()
            raise
        taken.append(give_back)

    try:
        yield naming
    except BaseException:
        with suppress(OSError):
            if taken and target.parent.stat().st_dev == medium and not target.exists():
                taken[0]()
        raise
