"""What a village knows of keys and files while a bundle of its Dinsos is judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from siks_offline.crypto.age import Identity
from siks_offline.db import keysets, ledger, meta
from siks_offline.desa import renewal
from siks_offline.errors import StoreError
from siks_offline.export import keyset
from siks_offline.export.manifest import namespace
from siks_offline.export.opening import KnownKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siks_offline.desa.village import Village
    from siks_offline.export.keyset import KeySet

ROOT = "root"
"""Meta key of the Dinsos root that the pairing established, in hex."""
FORMER_ROOTS = "root.dahulu"
"""Meta key of the roots that were trusted before, a JSON list in hex."""
TYPES = ("receipt", "prelist", "keyset", "matching", "determination")


class VillageGate:
    """The gate of one village: its device's keys, the pinned root, the newest key set.

    Raises StoreError E_NOT_PAIRED before the village is paired with a Dinsos.
    """

    def __init__(self, village: Village) -> None:
        self._village = village
        with village.store.read() as session:
            stream = ledger.current_stream(session)
            stored = keysets.newest(session)
            root = meta.get(session, ROOT)
            former = tuple(
                bytes.fromhex(one) for one in json.loads(meta.get(session, FORMER_ROOTS) or "[]")
            )
            pending = renewal.pending_identity(session)
            identities = [*ledger.identities(session), *pending]
        if stream is None or stored is None or root is None:
            raise StoreError("E_NOT_PAIRED")
        self.stream = stream
        self.pinned_root: bytes | None = bytes.fromhex(root)
        self.former_roots = former
        self.signed = keyset.SignedKeySet.of_store(stored.raw, stored.signature)
        self.keyset: KeySet = keyset.verify(self.signed, self.pinned_root)
        # Of every device that this village was, and of the one that waits for its approval.
        self.identities: Sequence[Identity] = tuple(Identity.parse(one) for one in identities)
        self.own_id = f"desa:{village.kode_desa}"
        self.namespaces = frozenset(namespace(kind) for kind in TYPES)
        self.practice = village.practice

    @property
    def keyset_version(self) -> int:
        """The highest version this village has seen."""
        return self.keyset.version

    def key(self, public: bytes) -> KnownKey | None:
        """Return what the newest key set says of a key; dates never refuse one in a village."""
        signer = self.keyset.signer(public)
        if signer is None:
            return None
        status = "active" if signer.status == "active" else "revoked"
        return KnownKey(self.keyset.id, "", status)  # type: ignore[arg-type]

    def imported(self, manifest_sha256: str) -> bool:
        """Whether a bundle was taken in before."""
        with self._village.store.read() as session:
            return ledger.arrived(session, manifest_sha256)

    def bundle_hash(self, bundle_id: str) -> str | None:
        """Return the manifest under which a bundle id is known."""
        with self._village.store.read() as session:
            return ledger.bundle_hash(session, bundle_id)

    def instrument_known(self, instrument: Mapping[str, str] | None) -> bool:
        """What a Dinsos sends is never held against a questionnaire here."""
        del instrument
        return True
