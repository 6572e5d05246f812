"""A district of many villages and their files, made once; an office of its own for every run.

Keys are made directly and one office is copied, so that no run waits for scrypt.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from siks_offline.crypto.age import Identity
from siks_offline.crypto.sshsig import SigningKey
from siks_offline.db import engine, office_registry
from siks_offline.dinsos import report
from siks_offline.dinsos.keys import Keys
from siks_offline.dinsos.office import ACCOUNT, DATABASE, Office, read_folder
from siks_offline.export import canonical, invitation
from siks_offline.export.bundle import AttachmentFile
from siks_offline.export.records import inventory_attachment, inventory_visit
from tests.dinsos.world import NOW, PNG, TestVillage, later, make_office

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from siks_offline.export.keyset import KeySet

VILLAGES = 30
KABUPATEN = "3509"


@dataclass(frozen=True)
class OfficeKeys:
    """What opens a copy of the office without its passphrase."""

    database: bytes = field(repr=False)
    signing: bytes = field(repr=False)
    identities: tuple[str, ...] = field(repr=False)

    def open(self, folder: Path) -> Office:
        keys = Keys(
            SigningKey.from_seed(self.signing),
            tuple(Identity.parse(one) for one in self.identities),
        )
        store = engine.open_office(folder / DATABASE, self.database)
        return Office(read_folder(folder), ACCOUNT, store, keys)

    def as_json(self) -> dict[str, Any]:
        return {
            "database": self.database.hex(),
            "signing": self.signing.hex(),
            "identities": list(self.identities),
        }

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> OfficeKeys:
        return cls(
            bytes.fromhex(found["database"]),
            bytes.fromhex(found["signing"]),
            tuple(found["identities"]),
        )


@dataclass(frozen=True)
class Sent:
    """A file of a village and what it truly holds; lines that no office may take are left out."""

    path: Path
    manifest_sha256: str
    visits: tuple[dict[str, Any], ...]
    photos: frozenset[str] = frozenset()
    kode: str = ""


def register(made: Office, village: TestVillage) -> None:
    """Put a village's device into the registry as approval does."""
    with made.store.write() as session:
        office_registry.add_device(
            session,
            {
                "device": village.device,
                "kode_desa": village.kode,
                "public": village.key.public.hex(),
                "recipient": village.identity.recipient,
                "voice_key": village.voice_key.hex(),
                "status": "active",
                "valid_after": canonical.stamp(NOW),
                "valid_before": canonical.stamp(later(days=730)),
                "reason": "",
                "approved_at": canonical.stamp(NOW),
                "approved_by": "dinsos",
                "out_stream": str(uuid.uuid4()),
            },
        )


def village_of(keyset: KeySet, folder: Path, kode: str) -> TestVillage:
    folder.mkdir(parents=True, exist_ok=True)
    nothing: Any = None  # the invitation served before this village's story begins
    invite: invitation.Invitation = nothing
    return TestVillage(keyset, invite, "", folder, kode=kode)


class District:
    """The office as it stands before the first file, and the files of its villages."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "kantor"
        with make_office(self.template) as made:
            self.keys = OfficeKeys(
                made.store.key, made.keys.signing.seed, tuple(map(str, made.keys.identities))
            )
            self.keyset = made.keyset
            self.villages = [
                village_of(made.keyset, folder / str(number), f"{KABUPATEN}12{2001 + number:04}")
                for number in range(VILLAGES)
            ]
            for village in self.villages:
                register(made, village)
        noise = random.Random(30)
        self.files = [sent for one in self.villages for sent in _story(one, self.villages, noise)]

    def copy(self, folder: Path) -> Office:
        shutil.copytree(self.template, folder)
        return self.keys.open(folder)


def photo(number: int) -> tuple[str, AttachmentFile]:
    content = PNG + number.to_bytes(4, "big")
    sha256 = hashlib.sha256(content).hexdigest()
    return sha256, AttachmentFile(sha256, "png", lambda: content)


def _story(village: TestVillage, others: list[TestVillage], noise: random.Random) -> list[Sent]:
    """Two to five files of a village: a first one, corrections, a fork, a restored copy, a merge."""
    sent: list[Sent] = []

    def write(visits: list[dict[str, Any]], photos: Iterable[int] = (), **changes: Any) -> None:
        found = [photo(number) for number in photos]
        path = village.send(visits, [file for _, file in found], **changes)
        sent.append(
            Sent(
                path,
                village.prev or "",
                tuple(one for one in visits if one["kode_desa"] == village.kode),
                frozenset(sha256 for sha256, _ in found),
                village.kode,
            )
        )

    own = int(village.kode)
    pictured = [photo(own)[0]]
    first = [village.visit(1, attachments=pictured), village.visit(2)]
    write(first)
    second = village.visit(
        1, revision=2, parents=[first[0]["sha256"]], completed_by="budi", attachments=pictured
    )
    foreign = village.visit(9, kode_desa=noise.choice(others).kode)
    inventory = [
        *(inventory_visit(v["visit_id"], v["revision"], v["sha256"]) for v in (second, first[1])),
        inventory_attachment(pictured[0]),
    ]
    trouble = [foreign] if foreign["kode_desa"] != village.kode and own % 3 == 0 else []
    write([second, village.visit(3), *trouble], [own], inventory=inventory)
    if own % 2 == 0:  # another hand corrects the first revision too: two heads
        fork = village.visit(1, revision=2, parents=[first[0]["sha256"]], completed_by="sari")
        write([fork, *first], [own])
    if own % 5 == 0:  # the laptop was restored: a new stream, which meets both heads again
        village.stream, village.after, village.prev, village.seq = (
            str(uuid.uuid4()), sent[0].manifest_sha256, None, 0,
        )  # fmt: skip
        parents = [*sorted(one["sha256"] for one in sent[-1].visits[:1]), second["sha256"]]
        merged = village.visit(
            1, revision=3, parents=sorted(set(parents)), completed_by="tuti", attachments=pictured
        )
        again = village.visit(2, visit_id=str(uuid.UUID(int=own)), completed_by="tuti")
        write([merged, again])
        if own % 10 == 0:  # a person saw that household 2 had two visits, and made them one
            both = sorted((first[1]["sha256"], again["sha256"]))
            write([village.visit(2, revision=2, parents=both, completed_by="tuti")])
    return sent


# What must stand -------------------------------------------------------------------------------


def listing(made: Office) -> str:
    """SHA-256 of what `siks dinsos daftar --rumah-tangga --json` prints."""
    return digest(report.households(made))


def digest(rows: list[dict[str, Any]]) -> str:
    text = json.dumps({"rumah_tangga": rows}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def standing(visits: Iterable[dict[str, Any]], photos: Iterable[tuple[str, str]]) -> list[dict]:
    """The households that these visits and photos come to, by the rule and without a store.

    `photos` are pairs of a village and the hash of a photo that came from it.
    """
    known = {one["sha256"]: one for one in visits}
    named = {(_home(child), parent) for child in known.values() for parent in child["parents"]}
    heads = [one for one in known.values() if (_home(one), one["sha256"]) not in named]
    rivals: dict[tuple[str, ...], int] = defaultdict(int)
    for one in heads:
        rivals[_home(one)] += 1
    here = set(photos)
    rows = []
    for one in heads:
        status = "diterima"
        if any((one["kode_desa"], each["sha256"]) not in here for each in one["attachments"]):
            status = "foto_belum"
        if rivals[_home(one)] > 1:
            status = "konflik"
        rows.append(
            {
                "id": one["household_id"],
                "visit_id": one["visit_id"],
                "kode_desa": one["kode_desa"],
                "periode": one["period"],
                "revisi": one["revision"],
                "sha256": one["sha256"],
                "status": status,
            }
        )
    names = ("kode_desa", "id", "periode", "visit_id", "sha256")
    return sorted(rows, key=lambda row: tuple(row[name] for name in names))


def _home(one: dict[str, Any]) -> tuple[str, ...]:
    return one["kode_desa"], one["household_id"], one["period"]


def of_files(sent: Iterable[Sent]) -> list[dict]:
    """The households that a set of files comes to."""
    found = list(sent)
    return standing(
        (visit for one in found for visit in one.visits),
        ((one.kode, sha256) for one in found for sha256 in one.photos),
    )
