"""A village's device: its keys, how the next one is kept while it waits, what it says of itself."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siks_offline.crypto.sshsig import SigningKey
    from siks_offline.db.ledger import Stream
    from siks_offline.export.enrolment import Enrolment


def make(at: str) -> Stream:
    """Make a device: its keys and its first stream, begun at a moment."""
    from siks_offline.crypto.age import Identity
    from siks_offline.crypto.sshsig import SigningKey
    from siks_offline.db import ledger

    return ledger.Stream(
        stream=str(uuid.uuid4()),
        device=str(uuid.uuid4()),
        signing_seed=SigningKey.generate().seed,
        age_identity=str(Identity.generate()),
        voice_key=os.urandom(32),
        started_at=at,
    )


def signing(of: Stream) -> SigningKey:
    """Return the key that a device signs with."""
    from siks_offline.crypto.sshsig import SigningKey

    return SigningKey.from_seed(of.signing_seed)


def statement(of: Stream, kode_desa: str, root: bytes, invite_id: str = "") -> Enrolment:
    """Return what a device says of itself to the Dinsos with this root key."""
    from siks_offline.crypto import sshsig
    from siks_offline.crypto.age import Identity
    from siks_offline.export import enrolment

    return enrolment.Enrolment(
        invite_id=invite_id,
        kode_desa=kode_desa,
        device=of.device,
        stream=of.stream,
        signing=signing(of).public,
        encryption=Identity.parse(of.age_identity).recipient,
        voice_key=of.voice_key,
        root=sshsig.fingerprint(root),
    )


def dumps(of: Stream) -> str:
    """Return a device as JSON, to be kept inside the encrypted store."""
    secrets = {"signing_seed": of.signing_seed.hex(), "voice_key": of.voice_key.hex()}
    return json.dumps(asdict(of) | secrets)


def loads(kept: str) -> Stream:
    """Return the device of `dumps`."""
    from siks_offline.db import ledger

    value = json.loads(kept)
    secrets = {name: bytes.fromhex(value[name]) for name in ("signing_seed", "voice_key")}
    return ledger.Stream(**value | secrets)
