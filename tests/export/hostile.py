"""A writer of bundles that signs and seals correctly, and can be told to lie about everything else.

It shares no code with the writer of the program but the age and SSHSIG layers.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import uuid
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from siks_offline.crypto import age, sshsig
from siks_offline.export import bundle, keyset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

NOW = datetime(2026, 11, 22, 1, 3, 48, tzinfo=UTC)
DINSOS, DESA = "dinsos:3509", "desa:3509122003"
INSTRUMENT = {"id": "dtks", "sha256": "a" * 64, "version": "2020.1"}


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class World:
    """A Dinsos and one of its villages, with all their keys."""

    def __init__(self) -> None:
        self.root = sshsig.SigningKey.from_seed(b"r" * 32)
        self.village = sshsig.SigningKey.from_seed(b"v" * 32)
        self.operational = age.Identity(b"o" * 32)
        self.escrow = age.Identity(b"e" * 32)
        self.village_identity = age.Identity(b"d" * 32)
        self.device = str(uuid.UUID(int=1))
        self.stream = str(uuid.UUID(int=2))
        self.instrument: Mapping[str, str] = INSTRUMENT
        self.keyset = self.make_keyset(1)
        self.signed = keyset.sign(self.keyset, self.root)

    def make_keyset(self, version: int, **changes: Any) -> keyset.KeySet:
        values: dict[str, Any] = {
            "id": DINSOS,
            "name": "Dinas Sosial",
            "version": version,
            "created_at": NOW,
            "root": self.root.public,
            "signers": (keyset.Signer(self.root.public),),
            "operational": (self.operational.recipient,),
            "escrow": (self.escrow.recipient,),
            "practice": False,
        }
        return keyset.KeySet(**values | changes)

    def draft(self, **changes: Any) -> bundle.Draft:
        values: dict[str, Any] = {
            "type": "visits",
            "bundle_id": str(uuid.UUID(int=3)),
            "created_at": NOW,
            "sender_id": DESA,
            "device": self.device,
            "recipient_id": DINSOS,
            "enc": self.keyset.enc,
            "stream": self.stream,
            "seq": 1,
            "prev": None,
            "period": "2026-Q4",
            "instrument": INSTRUMENT,
            "keyset": (1, self.signed.sha256),
        }
        return bundle.Draft(**values | changes)

    def answer_draft(self, **changes: Any) -> bundle.Draft:
        """A draft of a receipt that goes the other way."""
        values: dict[str, Any] = {
            "type": "receipt",
            "sender_id": DINSOS,
            "recipient_id": DESA,
            "enc": [self.village_identity.recipient],
            "instrument": None,
        }
        return self.draft(**values | changes)


class OfficeGate:
    """The gate of an office that knows one village; a test changes what it needs changed."""

    def __init__(self, world: World, **changes: Any) -> None:
        self.identities = [age.Identity.generate(), world.operational]
        self.own_id = DINSOS
        self.namespaces = frozenset({"siks.visits.v1", "siks.enrolment.v1"})
        self.practice = False
        self.pinned_root: bytes | None = world.root.public
        self.keyset_version = 1
        self.keys = {world.village.public: bundle.KnownKey(DESA, world.device, "active")}
        self.seen: set[str] = set()
        self.ids: dict[str, str] = {}
        self.instruments = True
        self.__dict__.update(changes)

    def key(self, public: bytes) -> bundle.KnownKey | None:
        return self.keys.get(public)

    def imported(self, manifest_sha256: str) -> bool:
        return manifest_sha256 in self.seen

    def bundle_hash(self, bundle_id: str) -> str | None:
        return self.ids.get(bundle_id)

    def instrument_known(self, instrument: Mapping[str, str] | None) -> bool:
        return self.instruments


class VillageGate(OfficeGate):
    """The gate of the village, which trusts the root and knows no key by itself."""

    def __init__(self, world: World, **changes: Any) -> None:
        values: dict[str, Any] = {
            "identities": [world.village_identity],
            "own_id": DESA,
            "namespaces": frozenset({"siks.receipt.v1", "siks.prelist.v1"}),
            "keys": {},
            "keyset_version": 0,
        }
        super().__init__(world, **values | changes)


@dataclass
class Member:
    """An entry of a hostile zip; what is not given is honest."""

    name: str
    content: bytes
    method: int | None = None
    packed: bytes | None = None
    crc: int | None = None
    size: int | None = None
    flags: int = 0
    date: int = 0x21
    version: int = 20
    extra: bytes = b""
    in_directory: bool = True

    def __post_init__(self) -> None:
        if self.method is None:
            self.method = 8 if self.name.startswith("records/") else 0
        if self.packed is None:
            machine = zlib.compressobj(6, zlib.DEFLATED, -15)
            deflated = machine.compress(self.content) + machine.flush()
            self.packed = deflated if self.method == 8 else self.content
        if self.crc is None:
            self.crc = zlib.crc32(self.content)
        if self.size is None:
            self.size = len(self.content)


def packed_zip(members: list[Member], *, prefix: bytes = b"", tail: bytes = b"") -> bytes:
    out, directory = io.BytesIO(), b""
    out.write(prefix)
    for one in members:
        offset = out.tell()
        name = one.name.encode()
        common = struct.pack(
            "<HHHHIIIHH",
            one.flags, one.method, 0, one.date, one.crc, len(one.packed or b""), one.size,
            len(name), len(one.extra),
        )  # fmt: skip
        out.write(b"PK\3\4" + struct.pack("<H", one.version) + common + name + one.extra)
        out.write(one.packed or b"")
        if one.in_directory:
            directory += (
                b"PK\1\2" + struct.pack("<HH", 20, one.version) + common
                + struct.pack("<HHHII", 0, 0, 0, 0, offset) + name + one.extra
            )  # fmt: skip
    start = out.tell()
    count = sum(one.in_directory for one in members)
    out.write(directory)
    out.write(b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), start, 0))
    return out.getvalue() + tail


@dataclass
class Forge:
    """One bundle in the making: change any member, then `bytes`."""

    world: World
    members: list[Member] = field(default_factory=list)
    kind: str = "visits"
    namespace: str = ""
    key: sshsig.SigningKey | None = None
    enc: list[str] = field(default_factory=list)
    prefix: bytes = b""
    tail: bytes = b""
    raw: Callable[[bytes], bytes] = lambda raw: raw
    edit: Callable[[dict[str, Any]], None] = lambda _: None
    carried: keyset.SignedKeySet | None = None
    head: Callable[[list[Member]], list[Member]] = lambda members: members

    def manifest(self) -> dict[str, Any]:
        key = self.key or self.world.village
        entries = [
            {
                "media_type": "application/x-ndjson"
                if one.name.startswith("records/")
                else "image/jpeg",
                "path": one.name,
                "rows": one.content.count(b"\n") if one.name.startswith("records/") else 0,
                "sha256": sha(one.content),
                "size": len(one.content),
            }
            for one in self.members
        ]
        rows = {one["path"]: one["rows"] for one in entries}
        of: dict[str, Any] = {
            "acks": None,
            "app": {"name": "siks-offline", "version": "9.9.9"},
            "audit": None,
            "bundle_id": str(uuid.UUID(int=3)),
            "chain": {"after": None, "prev": None, "seq": 1, "stream": self.world.stream},
            "counts": {
                "attachments": sum(one["path"].startswith("attachments/") for one in entries),
                **{
                    name: rows.get(f"records/{name}.ndjson", 0)
                    for name in ("musdes", "proposals", "visits")
                },
            },
            "created_at": "2026-11-22T01:03:48Z",
            "documents": [],
            "entries": entries,
            "format": "siks-bundle/1",
            "instrument": dict(self.world.instrument),
            "inventory": None,
            "keyset": {"sha256": self.world.signed.sha256, "version": 1},
            "part": {"export_id": str(uuid.UUID(int=3)), "i": 1, "n": 1},
            "period": "2026-Q4",
            "practice": False,
            "recipient": {"enc": list(self.world.keyset.enc), "id": DINSOS},
            "sender": {
                "device": self.world.device,
                "id": DESA,
                "key": sshsig.fingerprint(key.public),
            },
            "type": self.kind,
        }
        self.edit(of)
        return of

    def plaintext(self) -> bytes:
        key = self.key or self.world.village
        raw = self.raw(canonical(self.manifest()))
        signature = key.sign(raw, self.namespace or f"siks.{self.kind}.v1")
        head = [Member("manifest.json", raw), Member("manifest.json.sig", signature)]
        if self.carried is not None:
            head += [
                Member("keyset.json", self.carried.raw),
                Member("keyset.json.sig", self.carried.signature),
            ]
        return packed_zip(self.head(head) + self.members, prefix=self.prefix, tail=self.tail)

    def bytes(self) -> bytes:
        return age.encrypt(self.plaintext(), self.enc or list(self.world.keyset.enc))

    def write(self, path: Path) -> Path:
        path.write_bytes(self.bytes())
        return path


def visits(*lines: bytes) -> Member:
    return Member("records/visits.ndjson", b"".join(line + b"\n" for line in lines))
