"""A reader of bundles written from docs/spec/siks-bundle.md alone; it imports nothing of the program.

It shows that the text suffices. It holds a whole file in memory, which a real reader must not.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.export.spec_layers import (
    ATTACHMENT,
    FORBIDDEN,
    RECORDS,
    RefusedError,
    Zip,
    bech32,
    canonical,
    check_key,
    derive,
    fingerprint,
    inflate,
    openssh,
    parse,
    require,
    signature,
    texts_of,
    unseal,
)

# --- the manifest, section 4 ----------------------------------------------------------------------

SHA = r"[0-9a-f]{64}"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PARTY = r"desa:[0-9]{10}|dinsos:[0-9]{4}"
TYPES = ("visits", "enrolment", "prelist", "receipt", "keyset", "matching", "determination")
MEDIA = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "pdf": "application/pdf"}
COUNTED = ("musdes", "proposals", "visits")
MANIFEST: dict[str, Any] = {
    "acks": [{"manifest_sha256": SHA, "seq": 1}],
    "app": {"name": r"[a-z0-9-]{1,40}", "version": r"[0-9A-Za-z.+-]{1,40}"},
    "audit": [{"head": SHA, "seq": 0}],
    "bundle_id": UUID,
    "chain": {"after": [SHA], "prev": [SHA], "seq": 1, "stream": UUID},
    "counts": dict.fromkeys(("attachments", *COUNTED), 0),
    "created_at": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
    "documents": ({"kind": r"[a-z0-9-]{1,40}", "sha256": SHA},),
    "entries": (
        {
            "media_type": "|".join(["application/x-ndjson", *MEDIA.values()]),
            "path": f"{RECORDS.pattern}|{ATTACHMENT.pattern}",
            "rows": 0,
            "sha256": SHA,
            "size": 0,
        },
    ),
    "format": "siks-bundle/1",
    "instrument": [{"id": r"[^\n]+", "sha256": SHA, "version": r"[^\n]+"}],
    "inventory": [{"rows": 0, "sha256": SHA}],
    "keyset": {"sha256": SHA, "version": 1},
    "part": {"export_id": UUID, "i": 1, "n": 1},
    "period": r"[0-9]{4}-Q[1-4]|[0-9]{4}-(0[1-9]|1[0-2])",
    "practice": True,
    "recipient": {"enc": (r"age1[a-z0-9]{58}",), "id": PARTY},
    "sender": {"device": UUID, "id": PARTY, "key": r"SHA256:[A-Za-z0-9+/]{43}"},
    "type": "|".join(TYPES),
}
"""A text is a pattern, a number the least, [x] x or null, (x,) a list of x."""


def fits(value: Any, shape: Any) -> bool:
    if isinstance(shape, bool):
        return isinstance(value, bool)
    if isinstance(shape, int):
        return isinstance(value, int) and not isinstance(value, bool) and value >= shape
    if isinstance(shape, str):
        return isinstance(value, str) and re.fullmatch(shape, value) is not None
    if isinstance(shape, list):
        return value is None or fits(value, shape[0])
    if isinstance(shape, tuple):
        return isinstance(value, list) and all(fits(one, shape[0]) for one in value)
    return (
        isinstance(value, dict)
        and value.keys() == shape.keys()
        and all(fits(value[name], one) for name, one in shape.items())
    )


def check_manifest(raw: bytes, namespace: str) -> dict[str, Any]:
    of = parse(raw, "E_MANIFEST_CANON")
    schema = "E_MANIFEST_SCHEMA"
    require(isinstance(of, dict), schema)
    require(of.get("format") == "siks-bundle/1", "E_FORMAT_UNSUPPORTED")
    require(fits(of, MANIFEST), schema)
    require(not any(FORBIDDEN.search(one) or "\n" in one for one in texts_of(of)), schema)
    try:
        datetime.strptime(of["created_at"], "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        raise RefusedError(schema) from None
    paths = [one["path"] for one in of["entries"]]
    require(paths == sorted(set(paths)) and len(paths) <= 10_000, schema)
    enc = of["recipient"]["enc"]
    require(enc == sorted(set(enc)) and 1 <= len(enc) <= 8, schema)
    counts, inventory = dict.fromkeys(("attachments", *COUNTED), 0), None
    for one in of["entries"]:
        picture = ATTACHMENT.fullmatch(one["path"])
        if picture:
            counts["attachments"] += 1
            require(
                one["media_type"] == MEDIA[picture[2]]
                and one["sha256"] == picture[1]
                and one["rows"] == 0,
                schema,
            )
        else:
            require(one["media_type"] == "application/x-ndjson", schema)
            name = one["path"][len("records/") : -len(".ndjson")]
            if name in COUNTED:
                counts[name] = one["rows"]
            if name == "inventory":
                inventory = {"rows": one["rows"], "sha256": one["sha256"]}
        require(one["size"] <= (32 if picture else 256) << 20, "E_TOO_LARGE")
    require(sum(one["size"] for one in of["entries"]) <= 1 << 30, "E_TOO_LARGE")
    require(of["counts"] == counts and of["inventory"] == inventory, schema)
    require((of["chain"]["prev"] is None) == (of["chain"]["seq"] == 1), schema)
    require(of["part"]["i"] <= of["part"]["n"], schema)
    require(f"siks.{of['type']}.v1" == namespace, "E_TYPE_MISMATCH")
    return of


# --- who reads, sections 6 and 7 ------------------------------------------------------------------


@dataclass
class Reader:
    """What a party knows before it opens a file."""

    id: str
    identities: list[str]
    types: tuple[str, ...]
    registered: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    """Public key -> (party, device), at a Dinsos."""
    root: bytes | None = None
    practice: bool = False

    def open(self, data: bytes) -> tuple[dict[str, Any], str, dict[str, bytes]]:
        """Return manifest, its SHA-256, and the content of each entry by path. Section 6."""
        plain, stanzas, own = unseal(data, self.identities)
        archive = Zip(plain)
        raw = archive.first("manifest.json", 4 << 20)
        signed = signature(archive.first("manifest.json.sig", 4 << 10))
        archive.code = "E_ZIP_STRUCTURE"
        allowed = {f"siks.{kind}.v1" for kind in self.types}
        require(signed.namespace in allowed, "E_SIG_NAMESPACE")
        check_key(signed.public)
        carried = self._keyset(archive)
        enrolling = signed.namespace == "siks.enrolment.v1"
        if carried is not None and self.root is not None:
            signers = {openssh(one["key"]): one["status"] for one in carried[0]["signers"]}
            require(signers.get(signed.public) == "active", "E_KEY_UNKNOWN")
            said = (carried[0]["id"], "")
        else:
            require(enrolling or signed.public in self.registered, "E_KEY_UNKNOWN")
            said = self.registered.get(signed.public, ("", ""))
        signed.check(raw)
        of = check_manifest(raw, signed.namespace)
        sender = of["sender"]
        require(sender["key"] == fingerprint(signed.public), "E_SENDER_MISMATCH")
        require(not said[0] or sender["id"] == said[0], "E_SENDER_MISMATCH")
        require(not said[1] or sender["device"] == said[1], "E_SENDER_MISMATCH")
        enc = [bech32(one) for one in of["recipient"]["enc"]]
        require(
            of["recipient"]["id"] == self.id and own in enc and len(enc) == stanzas,
            "E_RECIPIENT_MISMATCH",
        )
        require(of["practice"] == self.practice, "E_PRACTICE")
        if carried is not None:
            named = {"sha256": carried[1], "version": carried[0]["version"]}
            require(of["keyset"] == named, "E_KEYSET")
        return of, hashlib.sha256(raw).hexdigest(), self._entries(archive, of)

    def _keyset(self, archive: Zip) -> tuple[dict[str, Any], str] | None:
        """Read the carried key set and hold it against the pinned root. Section 7."""
        archive.ahead = archive.header()
        if archive.ahead is None or archive.ahead[0] != "keyset.json":
            return None
        raw = archive.stored(archive.ahead, 64 << 10)
        by = signature(archive.first("keyset.json.sig", 4 << 10))
        second = None
        archive.ahead = archive.header()
        if archive.ahead is not None and archive.ahead[0] == "keyset.json.sig2":
            second = signature(archive.stored(archive.ahead, 4 << 10))
            archive.ahead = archive.header()
        if self.root is None:
            return None
        of = parse(raw, "E_KEYSET")
        root = openssh(of["root"])
        require(by.public == root, "E_KEY_UNKNOWN")
        for one in (by, second):
            if one is not None:
                require(one.namespace == "siks.keyset.v1", "E_SIG_NAMESPACE")
                one.check(raw)
        vouched = second is not None and second.public == self.root
        require(root == self.root or vouched, "E_KEY_UNKNOWN")
        return of, hashlib.sha256(raw).hexdigest()

    @staticmethod
    def _entries(archive: Zip, of: dict[str, Any]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        listed = {one["path"] for one in of["entries"]}
        header = archive.ahead
        for one in [*of["entries"], None]:
            if one is None:
                require(header is None, _stray(header, listed - found.keys()))
                return found
            if header is None:
                raise RefusedError("E_ENTRY_MISSING")
            name, method, crc, packed, size = header
            require(name == one["path"], _stray(header, listed - found.keys()))
            records = RECORDS.fullmatch(name) is not None
            require(method == (8 if records else 0), "E_ZIP_STRUCTURE")
            require(size == one["size"], "E_ENTRY_SIZE")
            require(size <= 100 * packed, "E_ENTRY_RATIO")
            content = archive.take(packed)
            if records:
                content = inflate(content, size)
            require(hashlib.sha256(content).hexdigest() == one["sha256"], "E_ENTRY_HASH")
            require(zlib.crc32(content) == crc, "E_ZIP_STRUCTURE")
            if records:
                ended = not content or content.endswith(b"\n")
                require(ended and content.count(b"\n") == one["rows"], "E_ENTRY_SIZE")
            found[name] = content
            header = archive.header()
        raise AssertionError


def _stray(header: tuple[str, int, int, int, int] | None, to_come: set[str]) -> str:
    """Name an entry that is not the next one of the manifest."""
    name = "" if header is None else header[0]
    if not RECORDS.fullmatch(name) and not ATTACHMENT.fullmatch(name):
        return "E_ENTRY_NAME"
    return "E_ENTRY_MISSING" if name in to_come else "E_ENTRY_EXTRA"


# --- the return file, section 8, and what people compare, section 7 -------------------------------


def parts(data: bytes) -> list[bytes]:
    """Return the parts of a return file, each held against its name."""
    archive, found = Zip(data, "E_ZIP_STRUCTURE"), []
    while (header := archive.header()) is not None:
        content = archive.stored(header, 2 << 30)
        require(header[0] == f"parts/{hashlib.sha256(content).hexdigest()}.siks", "E_ENTRY_NAME")
        found.append(content)
    return found


NAMESPACE = uuid.UUID("b0d5bb8b-4a86-5b4e-9d0c-3f4b1f9a2c77")
HASHED = {
    "visits": "visit", "moves": "move", "musdes": "musdes",
    "proposals": "proposal", "verdicts": "verdict",
}  # fmt: skip


def record_hash(kind: str, line: dict[str, Any]) -> str:
    rest = {name: value for name, value in line.items() if name != "sha256"}
    return hashlib.sha256(f"siks-{HASHED[kind]}/1\n".encode() + canonical(rest)).hexdigest()


def record_id(kind: str, line: dict[str, Any]) -> str:
    """Work out the id of a record that has but one; the others keep their own."""
    if kind == "musdes":
        return str(uuid.uuid5(NAMESPACE, f"musdes/{line['kode_desa']}/{line['period']}"))
    if kind == "verdicts":
        return str(uuid.uuid5(NAMESPACE, f"verdict/{line['household_id']}/{line['period']}"))
    return str(line["record_id"])


def visit_hash(line: dict[str, Any]) -> str:
    return record_hash("visits", line)


def enrolment_mac(line: dict[str, Any], code: str) -> str:
    secret = code.replace("-", "").upper().encode()
    key = derive(secret, line["invite_id"].encode(), b"siks-enr/1")
    rest = {name: value for name, value in line.items() if name != "mac"}
    return hmac.new(key, canonical(rest), "sha256").hexdigest()


def thirty_digits(statement: dict[str, Any]) -> str:
    digest = hashlib.sha512(b"siks-fp/1\n" + canonical(statement)).digest()
    return "".join(
        f"{int.from_bytes(digest[at : at + 5], 'big') % 100_000:05}" for at in range(0, 30, 5)
    )


def voice_digits(voice_key: bytes, manifest_sha256: str) -> str:
    mac = hmac.new(voice_key, b"siks-voice/1\n" + manifest_sha256.encode(), "sha256").digest()
    return f"{int.from_bytes(mac[:8], 'big') % 10**10:010}"
