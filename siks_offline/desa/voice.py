"""A receipt by telephone: ten digits that only the Dinsos and this device can work out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from siks_offline.desa.rights import action
from siks_offline.errors import SiksError
from siks_offline.model import Changes

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village

TRIES: Final = "suara.gagal"
"""Meta key of how often digits were wrong since the last receipt that came as a file."""
MOST_TRIES: Final = 5
_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class Heard:
    """The file that the digits confirm, and how many visits of it were not confirmed before."""

    seq: int
    file_name: str
    visits: int
    changes: Changes


@action
def tries_left(village: Village) -> int:
    """How many wrong digits may still be typed before a file is needed."""
    from siks_offline.db import meta

    with village.store.read() as session:
        return MOST_TRIES - int(meta.get(session, TRIES) or 0)


@action
def confirm(village: Village, typed: str, now: datetime) -> Heard:
    """Compare digits with every file that no receipt answered; set *diterima (lisan)* on a match.

    What was received so is still exported, and a signed receipt takes the place of it. Raises
    StoreError E_NOT_PAIRED; SiksError E_VOICE_FORMAT (not counted), E_VOICE_NOTHING, E_VOICE_WRONG
    (counted), E_VOICE_LOCKED after five.
    """
    from siks_offline.crypto import codes
    from siks_offline.db import audit, ledger, meta
    from siks_offline.desa.gate import VillageGate
    from siks_offline.export.canonical import stamp

    VillageGate(village)
    digits = "".join(one for one in typed if not one.isspace() and one not in "-.")
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        raise SiksError("E_VOICE_FORMAT")
    with village.store.write() as session:
        wrong = int(meta.get(session, TRIES) or 0)
        waiting = [one for one in ledger.unanswered(session) if one.status == "sent"]
        matched = None
        if wrong < MOST_TRIES:
            for one in waiting:
                stream = ledger.stream(session, one.stream)
                assert stream is not None
                if codes.same(codes.voice_code(stream.voice_key, one.manifest_sha256), digits):
                    matched = one
            if matched is None and waiting:
                wrong += 1
                meta.put(session, TRIES, str(wrong))
        if matched is not None:
            households = _receive(session, matched.manifest_sha256, stamp(now))
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action="serah.suara" if matched else "serah.suara-salah",
            subject=matched.bundle_id if matched else "",
        )
    if matched is None:
        if not waiting:
            raise SiksError("E_VOICE_NOTHING")
        if wrong >= MOST_TRIES:
            raise SiksError("E_VOICE_LOCKED")
        raise SiksError("E_VOICE_WRONG", sisa=MOST_TRIES - wrong)
    changes = Changes(households=households, handover=True)
    return Heard(matched.seq, matched.file_name, matched.visits, changes)


def forget_tries(session: Session) -> None:
    """Allow digits again: a receipt has come as a file."""
    from siks_offline.db import meta

    meta.put(session, TRIES, None)


def _receive(session: Session, manifest_sha256: str, at: str) -> frozenset[str]:
    from siks_offline.db import households, ledger, visits

    ledger.answer_export(session, manifest_sha256, "voice", received_at=at)
    carried = ledger.carried(session, manifest_sha256)
    told = ledger.record_results(session, [ledger.Result(one, "voice") for one in carried])
    newest = {
        household_id
        for household_id, is_newest in visits.households_of(session, told).values()
        if is_newest
    }
    lines = households.lines(session, newest)
    done = {one for one in newest if lines[one].kerja == "selesai"}
    return households.set_states(
        session, dict.fromkeys(done, households.States(kirim="diterima_lisan"))
    )
