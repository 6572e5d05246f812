"""An office and villages that sign and seal real files, for tests of the district half."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from siks_offline.crypto.age import Identity
from siks_offline.crypto.sshsig import SigningKey, fingerprint
from siks_offline.dinsos import office, pairing, receive
from siks_offline.export import bundle, enrolment, invitation, records
from siks_offline.export.bundle import AttachmentFile, Draft, RecordFile
from siks_offline.instrument.load import load_shipped
from siks_offline.model import Attachment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from siks_offline.dinsos.office import Office
    from siks_offline.dinsos.receive import Arrival
    from siks_offline.export.keyset import KeySet

NOW = datetime(2026, 11, 22, 1, 3, 48, tzinfo=UTC)
KODE = "3509122003"
PASSPHRASE = "lima kata yang cukup panjang"
RECOVERY = "00000000000000000000000000" + "00"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 60


def later(**amount: float) -> datetime:
    return NOW + timedelta(**amount)


def make_office(
    folder: Path, *, kode: str = "3509", practice: bool = False, url: str | None = None
) -> Office:
    made, _ = office.create(folder, kode, PASSPHRASE, NOW, practice=practice, url=url)
    return made


@dataclass
class TestVillage:
    """The village's half, written on export alone: it keeps its chain and remembers receipts."""

    __test__ = False

    keyset: KeySet
    invite: invitation.Invitation
    code: str
    folder: Path
    kode: str = KODE
    device: str = field(default_factory=lambda: str(uuid.uuid4()))
    stream: str = field(default_factory=lambda: str(uuid.uuid4()))
    key: SigningKey = field(default_factory=SigningKey.generate)
    identity: Identity = field(default_factory=Identity.generate)
    voice_key: bytes = field(default_factory=lambda: os.urandom(32))
    seq: int = 0
    prev: str | None = None
    after: str | None = None
    acks: dict[str, Any] | None = None
    practice: bool = False

    def draft(self, kind: str, **changes: Any) -> Draft:
        shipped = load_shipped("dtks")
        values: dict[str, Any] = {
            "type": kind,
            "bundle_id": str(uuid.uuid4()),
            "created_at": NOW,
            "sender_id": f"desa:{self.kode}",
            "device": self.device,
            "recipient_id": self.keyset.id,
            "enc": self.keyset.enc,
            "stream": self.stream,
            "seq": self.seq + 1,
            "prev": self.prev,
            "after": self.after,
            "acks": self.acks,
            "period": "2026-Q4",
            "practice": self.practice,
            "instrument": None
            if kind == "enrolment"
            else {"id": shipped.id, "sha256": shipped.sha256, "version": shipped.version},
            "keyset": (self.keyset.version, self.keyset.sha256),
        }
        return Draft(**(values | changes))

    def write(
        self,
        kind: str,
        files: Sequence[RecordFile],
        attachments: Sequence[AttachmentFile] = (),
        **changes: Any,
    ) -> bundle.Written:
        draft = self.draft(kind, **changes)
        written = bundle.write(self.folder, draft, self.key, files, attachments)
        if "seq" not in changes:
            self.seq, self.prev = draft.seq, written.manifest_sha256
        return written

    def enrol(self, *, code: str | None = None, **changes: Any) -> Path:
        statement = enrolment.Enrolment(
            invite_id=self.invite.invite_id,
            kode_desa=self.kode,
            device=self.device,
            stream=self.stream,
            signing=self.key.public,
            encryption=self.identity.recipient,
            voice_key=self.voice_key,
            root=fingerprint(self.keyset.root),
        )
        line = enrolment.make(statement, code or self.code)
        return self.write("enrolment", [RecordFile("enrolment", [line])], **changes).path

    def visit(self, number: int = 1, **changes: Any) -> dict[str, Any]:
        """A completed revision of a household of two, by number."""
        photos = changes.pop("attachments", ())
        nik = f"35091255070{number:05}"[:16]
        values: dict[str, Any] = {
            "visit_id": name("visit", self.kode, number),
            "household_id": name("household", self.kode, number),
            "idbdt": f"{number:014}",
            "kode_desa": self.kode,
            "period": "2026-Q4",
            "revision": 1,
            "parents": (),
            "answers": {
                "idbdt": f"{number:014}",
                "nama_krt": f"SITI {number}",
                "alamat": "DUSUN KRAJAN",
                "status_rumahtangga": "1",
                "anggota": [
                    {"nama": f"SITI {number}", "nik": nik, "hub_krt": "1", "jnskel": "2"},
                    {"nama": "ADI", "hub_krt": "3", "jnskel": "1"},
                ],
            },
            "persons": [name("person", self.kode, number, nth) for nth in (1, 2)],
            "instrument": ("dtks", load_shipped("dtks").version),
            "completed_at": NOW,
            "completed_by": "operator",
            "attachments": [Attachment("F-RUMAH", "", sha256) for sha256 in photos],
        }
        return records.build(**(values | changes))

    def send(
        self,
        visits: Iterable[Any],
        attachments: Sequence[AttachmentFile] = (),
        *,
        inventory: Sequence[Any] | None = None,
        **changes: Any,
    ) -> Path:
        files = [RecordFile("visits", list(visits))]
        if inventory is not None:
            files.append(RecordFile("inventory", list(inventory)))
        return self.write("visits", files, attachments, **changes).path


def name(*parts: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, parts))))


def invited(made: Office, folder: Path, kode: str = KODE) -> TestVillage:
    """A village that holds its invitation and letter."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = pairing.invite(made, kode, folder / "undangan.siksundang", NOW)
    read = invitation.read(asked.path)
    invitation.require_code(read, asked.code)
    return TestVillage(
        read.keyset, read.invitation, asked.code, folder, kode=kode, practice=made.practice
    )


def paired(made: Office, folder: Path, kode: str = KODE) -> TestVillage:
    """A village whose device is registered."""
    village = invited(made, folder, kode)
    arrival = take(made, village.enrol())
    assert arrival.hasil == "diterima"
    pairing.approve(made, kode, "dinsos", NOW)
    return village


def take(made: Office, path: Path, now: datetime = NOW) -> Arrival:
    return receive.accept(made, path, now)
