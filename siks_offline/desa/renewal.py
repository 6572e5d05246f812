"""The keys of a village's device over the years: approved, to be renewed, renewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from siks_offline.desa import device, sending
from siks_offline.desa.rights import action
from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.db.ledger import Stream
    from siks_offline.desa.gate import VillageGate
    from siks_offline.desa.village import Village

PENDING: Final = "perangkat.menunggu"
"""Meta key of the next device, made and not yet approved: the members of a Stream as JSON."""
ASKED: Final = "perangkat.diminta"
"""Meta key of the last device that a finished request asked for; a power cut leaves one without."""
APPROVED: Final = "perangkat.disetujui"
"""Meta key of the device that the Dinsos answered last."""
APPROVED_AT: Final = "perangkat.disetujui_pada"
"""Meta key of the moment of the first answer, by the Dinsos' own words."""

State = Literal["tanpa_pasangan", "menunggu", "aktif", "perlu_diperbarui", "diperbarui", "habis"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a device stands; times are texts, empty while they are not known.

    `state`: tanpa_pasangan, menunggu (for approval), aktif, perlu_diperbarui, diperbarui (the next
    key waits for approval), habis (a new letter is needed).
    """

    state: State
    valid_until: str = ""
    renew_from: str = ""


@dataclass(frozen=True, slots=True)
class Renewed:
    """A request for the next key that stands on its medium; `key` is the next one's."""

    path: Path
    key: str
    valid_until: str


@action
def standing(village: Village, now: datetime) -> Standing:
    """Say where this village's device stands."""
    from siks_offline.db import ledger, meta
    from siks_offline.export import enrolment
    from siks_offline.export.canonical import moment, stamp

    with village.store.read() as session:
        stream = ledger.current_stream(session)
        approved_at = meta.get(session, APPROVED_AT)
        following = _pending(session)
        asked = following is not None and following.device == meta.get(session, ASKED)
        if stream is None:
            return Standing("tanpa_pasangan")
        if not is_approved(session, stream) or approved_at is None:
            return Standing("menunggu")
    until = moment(approved_at) + enrolment.VALID
    begin = until - enrolment.RENEWED
    state: State = "aktif"
    if now >= until:
        state = "habis"
    elif asked:
        state = "diperbarui"
    elif now >= begin:
        state = "perlu_diperbarui"
    return Standing(state, stamp(until), stamp(begin))


@action
def renew(village: Village, target: Path, now: datetime) -> Renewed:
    """Make the next key of this device and write the request that both keys sign.

    Asked again, the same next key is asked for. Until the Dinsos answers, everything goes on under
    the present key. Raises StoreError E_NOT_PAIRED, E_NOT_APPROVED, E_RENEWAL_EARLY,
    E_RENEWAL_LATE; FileError.
    """
    from siks_offline.crypto import sshsig
    from siks_offline.db import audit, meta
    from siks_offline.desa import place
    from siks_offline.desa.gate import VillageGate
    from siks_offline.export import bundle, enrolment
    from siks_offline.export.canonical import stamp

    place.check(village, now)
    gate = VillageGate(village)
    where = standing(village, now)
    require_time(where)
    with village.store.read() as session:
        following = _pending(session) or device.make(stamp(now))
    key = device.signing(following)
    said = device.statement(following, village.kode_desa, gate.keyset.root)
    known = {PENDING: device.dumps(following)}
    with sending.numbered(target, village, known) as naming:
        written = bundle.write(
            target.parent,
            sending.envelope(gate.stream, village, gate.keyset, "enrolment", now),
            device.signing(gate.stream),
            [bundle.RecordFile("enrolment", [enrolment.renew(said, key)])],
            name=target.name,
            naming=naming,
        )
        with sending.taken_back(target), village.store.write() as session:
            meta.put(session, ASKED, following.device)
            sending.record(session, village.account, written)
            audit.append(
                session,
                at=stamp(now),
                account=village.account,
                action="desa.perbarui",
                subject=following.device,
            )
    place.remember(village)
    return Renewed(written.path, sshsig.fingerprint(key.public), where.valid_until)


def require_time(where: Standing) -> None:
    """Refuse a renewal whose time is not now.

    Raises StoreError E_NOT_PAIRED, E_NOT_APPROVED, E_RENEWAL_EARLY, E_RENEWAL_LATE.
    """
    if where.state == "tanpa_pasangan":
        raise StoreError("E_NOT_PAIRED")
    if where.state == "menunggu":
        raise StoreError("E_NOT_APPROVED")
    if where.state == "aktif":
        raise StoreError("E_RENEWAL_EARLY", mulai=where.renew_from[:10])
    if where.state == "habis":
        raise StoreError("E_RENEWAL_LATE", sampai=where.valid_until[:10])


def is_approved(session: Session, stream: Stream) -> bool:
    """Whether the Dinsos has answered the device that exports go out under."""
    from siks_offline.db import meta

    return meta.get(session, APPROVED) == stream.device


def note_receipt(session: Session, gate: VillageGate, of: Mapping[str, Any]) -> None:
    """Take a receipt as the approval of the device that it is sealed to.

    The next device of a renewal takes over with it; a late answer to an earlier device says
    nothing. `of` is the receipt's manifest.
    """
    from siks_offline.crypto.age import Identity
    from siks_offline.db import ledger, meta

    enc = of["recipient"]["enc"]
    following, present = _pending(session), gate.stream
    if following is not None and Identity.parse(following.age_identity).recipient in enc:
        ledger.start_stream(session, following)
        meta.put(session, PENDING, None)
        present = following
    if Identity.parse(present.age_identity).recipient not in enc:
        return
    if meta.get(session, APPROVED) != present.device:
        meta.put(session, APPROVED, present.device)
        meta.put(session, APPROVED_AT, of["created_at"])


def pending_identity(session: Session) -> list[str]:
    """Return the age identity of the device that waits for its approval, if there is one."""
    found = _pending(session)
    return [] if found is None else [found.age_identity]


def _pending(session: Session) -> Stream | None:
    from siks_offline.db import meta

    kept = meta.get(session, PENDING)
    return None if kept is None else device.loads(kept)
