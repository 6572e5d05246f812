"""What the office knows of keys and files while a bundle is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from siks_offline.db import office as store_office
from siks_offline.db import office_bundles, office_registry
from siks_offline.dinsos import instruments
from siks_offline.export import canonical
from siks_offline.export.bundle import KnownKey
from siks_offline.export.manifest import namespace
from siks_offline.instrument import misfit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.crypto.age import Identity
    from siks_offline.dinsos.office import Office
    from siks_offline.instrument.schema import Instrument

INSTRUMENTS = instruments.SHIPPED


class OfficeGate:
    """The gate of one office at one moment, as one snapshot of its store has it.

    Validity of a key is judged by the later of the clock and the newest arrival, never by a
    bundle's own date: a thief can back-date a bundle, and a clock can be set back. `arrived` is
    when a file of the archive came first, which then counts; `released` is the manifest that a
    person let through: such a gate opens that one file.
    """

    def __init__(
        self,
        office: Office,
        session: Session,
        now: datetime,
        arrived: str | None = None,
        released: str = "",
    ) -> None:
        self._office = office
        self._session = session
        self._released = released
        self.namespaces = frozenset({namespace("visits"), namespace("enrolment")})
        self._instruments = {
            (row["id"], row["version"], row["sha256"]) for row in store_office.instruments(session)
        }
        newest = office_bundles.last_arrival(session)
        self._read: dict[tuple[str, str], Instrument | None] = {}
        self.at = arrived or max(canonical.stamp(now), newest)
        self.learnt: list[tuple[str, str, str]] = []
        """Instruments (id, version, sha256) that this program brought and the store lacks."""
        self.replaced = False
        """Whether the key of the file belongs to a device that another one followed."""
        self._looked_again = False

    @property
    def identities(self) -> tuple[Identity, ...]:
        """The operational keys, those of earlier years included."""
        return self._office.keys.identities

    @property
    def own_id(self) -> str:
        """The office."""
        return self._office.id

    @property
    def practice(self) -> bool:
        """Whether this is a practice office."""
        return self._office.practice

    @property
    def pinned_root(self) -> bytes | None:
        """Our own root."""
        return self._office.root

    @property
    def former_roots(self) -> tuple[bytes, ...]:
        """Roots of our own of earlier years."""
        return self._office.former_roots

    @property
    def keyset_version(self) -> int:
        """The version of our key set."""
        return self._office.keyset.version

    def key(self, public: bytes) -> KnownKey | None:
        """Return what the registry says of a key now."""
        row = office_registry.device_of_key(self._session, public.hex())
        if row is None:
            return None
        self.replaced = row["status"] == "replaced"
        status: Literal["active", "revoked", "expired", "not_yet"] = "active"
        if self._released:  # a person let through all that this file's key says
            status = "active"
        elif self.at < row["valid_after"]:
            status = "not_yet"
        elif self.at >= row["valid_before"]:  # revocation sets it to its own moment
            status = "revoked" if row["status"] == "revoked" else "expired"
        return KnownKey(f"desa:{row['kode_desa']}", row["device"], status)

    def imported(self, manifest_sha256: str) -> bool:
        """Whether a bundle was dealt with for good."""
        if manifest_sha256 == self._released:
            return False
        return office_bundles.imported(self._session, manifest_sha256)

    def bundle_hash(self, bundle_id: str) -> str | None:
        """Return the manifest under which a bundle id is known."""
        return office_bundles.manifest_of_bundle_id(self._session, bundle_id)

    def instrument_known(self, instrument: Mapping[str, str] | None) -> bool:
        """Whether this office has the instrument; what newly shipped with the program is learnt."""
        if instrument is None:
            return True
        wanted = (instrument["id"], instrument["version"], instrument["sha256"])
        if wanted not in self._instruments:
            self._learn()
        return wanted in self._instruments

    def knows(self, session: Session, name: str, version: str) -> bool:
        """Whether a record's instrument is one of ours, whatever its bytes.

        `session` is the one that writes: a workbook may have come since this gate was made.
        """
        if (name, version) in self._read or self._named(name, version):
            return True
        if not self._looked_again:
            self._looked_again = True
            self._instruments |= {
                (row["id"], row["version"], row["sha256"])
                for row in store_office.instruments(session)
            }
            self._learn()
        return self._named(name, version)

    def _named(self, name: str, version: str) -> bool:
        return any((name, version) == known[:2] for known in self._instruments)

    def _learn(self) -> None:
        for shipped in instruments.shipped():
            if shipped not in self._instruments:
                self._instruments.add(shipped)
                self.learnt.append(shipped)

    def misfit(self, name: str, version: str, answers: Mapping[str, Any]) -> str:
        """Return the path of the first answer that a record's instrument cannot have, else "".

        Nothing is said of an instrument whose workbook is not at hand: it was learnt by a program
        that did not keep it.
        """
        if (name, version) not in self._read:
            sha256 = min(sha for *known, sha in self._instruments if known == [name, version])
            self._read[name, version] = instruments.read(self._office, name, version, sha256)
        instrument = self._read[name, version]
        return "" if instrument is None else misfit.misfit(instrument, answers)
