"""The layers of a bundle, written from docs/spec/siks-bundle.md alone: age, zip, JSON, signature.

Nothing of the program is imported. A whole file is held in memory, which a real reader must not do.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import zlib
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class RefusedError(Exception):
    """A file is not taken; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def require(sound: object, code: str) -> None:
    if not sound:
        raise RefusedError(code)


# --- age (C2SP age.md), sections 1 and 6 ----------------------------------------------------------

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32(text: str) -> bytes:
    """The 32 bytes of an `age1...` recipient or an AGE-SECRET-KEY."""
    bits = [LETTERS.index(one) for one in text.lower().rpartition("1")[2][:-6]]
    number = int("".join(f"{bit:05b}" for bit in bits)[:256], 2)
    return number.to_bytes(32, "big")


def recipient_of(identity: str) -> bytes:
    return X25519PrivateKey.from_private_bytes(bech32(identity)).public_key().public_bytes_raw()


def derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def unpadded(text: bytes) -> bytes:
    try:
        raw = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise RefusedError("E_AGE_HEADER") from None
    require(base64.b64encode(raw).rstrip(b"=") == text, "E_AGE_HEADER")
    return raw


def unseal(data: bytes, identities: list[str]) -> tuple[bytes, int, bytes]:
    """Return the plaintext, the number of stanzas, the recipient that opened it."""
    require(not data.startswith(b"-----BEGIN AGE"), "E_ARMORED")
    require(data.startswith(b"age-encryption.org/"), "E_NOT_BUNDLE")
    require(data.startswith(b"age-encryption.org/v1\n"), "E_AGE_VERSION")
    head, mark, rest = data.partition(b"\n--- ")
    require(mark and len(head) < 32 << 10, "E_AGE_HEADER")
    mac, ended, payload = rest.partition(b"\n")
    require(ended and len(unpadded(mac)) == 32, "E_AGE_HEADER")
    lines = head.split(b"\n")[1:]
    require(lines and len(lines) % 2 == 0 and len(lines) <= 16, "E_AGE_HEADER")
    key, opened_by = b"", b""
    for first, body in zip(lines[::2], lines[1::2], strict=True):
        words = first.split(b" ")
        require(words[:2] == [b"->", b"X25519"] and len(words) == 3, "E_AGE_HEADER")
        share, wrapped = unpadded(words[2]), unpadded(body)
        require(len(share) == 32 and len(wrapped) == 32, "E_AGE_HEADER")
        for identity in identities:
            own = recipient_of(identity)
            private = X25519PrivateKey.from_private_bytes(bech32(identity))
            try:
                shared = private.exchange(X25519PublicKey.from_public_bytes(share))
            except ValueError:
                raise RefusedError("E_AGE_HEADER") from None
            wrap = derive(shared, share + own, b"age-encryption.org/v1/X25519")
            try:
                key, opened_by = ChaCha20Poly1305(wrap).decrypt(bytes(12), wrapped, None), own
            except InvalidTag:
                continue
    require(key, "E_NOT_FOR_US")
    wanted = hmac.digest(derive(key, b"", b"header"), head + b"\n---", "sha256")
    require(hmac.compare_digest(wanted, unpadded(mac)), "E_AGE_MAC")
    require(len(payload) >= 16, "E_AGE_HEADER")
    return chunks(derive(key, payload[:16], b"payload"), payload[16:]), len(lines) // 2, opened_by


def opens(key: bytes, nonce: bytes, chunk: bytes) -> bool:
    try:
        ChaCha20Poly1305(key).decrypt(nonce, chunk, None)
    except InvalidTag:
        return False
    return True


def chunks(key: bytes, payload: bytes) -> bytes:
    size, plain, number = (1 << 16) + 16, b"", 0
    while True:
        chunk, payload = payload[:size], payload[size:]
        last = not payload
        require(len(chunk) >= 16, "E_TRUNCATED")
        require(len(chunk) > 16 or not number, "E_CORRUPT")
        counter = number.to_bytes(11, "big")
        try:
            plain += ChaCha20Poly1305(key).decrypt(counter + bytes([last]), chunk, None)
        except InvalidTag:
            require(not (last and opens(key, counter + b"\0", chunk)), "E_TRUNCATED")
            raise RefusedError("E_CORRUPT") from None
        if last:
            return plain
        number += 1


# --- the canonical zip, section 2 -----------------------------------------------------------------

LOCAL = struct.Struct("<IHHHHHIIIHH")
CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
END = struct.Struct("<IHHHHIIH")
RECORDS = re.compile(r"records/[a-z0-9-]{1,40}\.ndjson")
ATTACHMENT = re.compile(r"attachments/([0-9a-f]{64})\.(jpg|png|webp|pdf)")


@dataclass
class Zip:
    """An archive read forward; `code` is what a breach of the form is called here."""

    data: bytes
    code: str = "E_ZIP_PROFILE"
    at: int = 0
    directory: bytes = b""
    count: int = 0
    ahead: tuple[str, int, int, int, int] | None = None

    def take(self, count: int) -> bytes:
        require(self.at + count <= len(self.data), self.code)
        self.at += count
        return self.data[self.at - count : self.at]

    def header(self) -> tuple[str, int, int, int, int] | None:
        """Return name, method, CRC-32, packed and plain size of the next entry, None at the end."""
        start = self.at
        if self.take(4) != b"PK\3\4":
            self.at = start
            tail = self.directory + END.pack(
                0x06054B50, 0, 0, self.count, self.count, len(self.directory), start, 0
            )
            require(self.data[start:] == tail, self.code)
            return None
        self.at = start
        fixed = self.take(30)
        _, _, _, method, _, _, crc, packed, size, length, _ = LOCAL.unpack(fixed)
        require(0 < length <= 200, self.code)
        try:
            name = self.take(length).decode("ascii")
        except UnicodeDecodeError:
            raise RefusedError("E_ENTRY_NAME") from None
        built = LOCAL.pack(0x04034B50, 20, 0, method, 0, 0x21, crc, packed, size, length, 0)
        require(built == fixed and method in (0, 8), self.code)
        require(method == 8 or packed == size, self.code)
        self.directory += CENTRAL.pack(
            0x02014B50, 20, 20, 0, method, 0, 0x21, crc, packed, size, length, 0, 0, 0, 0, 0, start
        ) + name.encode()  # fmt: skip
        self.count += 1
        return name, method, crc, packed, size

    def stored(self, header: tuple[str, int, int, int, int], limit: int) -> bytes:
        _, method, crc, packed, size = header
        require(size <= limit, "E_TOO_LARGE")
        require(method == 0, self.code)
        content = self.take(packed)
        require(zlib.crc32(content) == crc, self.code)
        return content

    def first(self, name: str, limit: int) -> bytes:
        found = self.header()
        require(found and found[0] == name, "E_ENTRY_ORDER")
        assert found
        return self.stored(found, limit)


def inflate(packed: bytes, size: int) -> bytes:
    machine = zlib.decompressobj(-15)
    try:
        plain = machine.decompress(packed, size + 1)
    except zlib.error:
        raise RefusedError("E_ZIP_STRUCTURE") from None
    require(len(plain) <= size, "E_ENTRY_SIZE")
    require(machine.eof and not machine.unused_data, "E_ZIP_STRUCTURE")
    require(len(plain) == size, "E_ENTRY_SIZE")
    return plain


# --- canonical JSON and values, section 3 ---------------------------------------------------------

FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parse(data: bytes, code: str) -> Any:
    """Parse a value that must be its own RFC 8785 form."""

    def never(_: str) -> None:
        raise RefusedError(code)

    def whole(text: str) -> int:
        require(len(text.lstrip("-")) <= 15, code)
        return int(text)

    try:
        value = json.loads(
            data.decode("utf-8"), parse_float=never, parse_constant=never, parse_int=whole
        )
        same = canonical(value) == data
    except (ValueError, RecursionError):
        raise RefusedError(code) from None
    require(same, code)
    return value


def texts_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [one for each in value.values() for one in texts_of(each)]
    if isinstance(value, list):
        return [one for each in value for one in texts_of(each)]
    return [value] if isinstance(value, str) else []


# --- the signature, section 4 ---------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
LOW_ORDER = {
    0, 1, P - 1,
    2707385501144840649318225287225658788936804267575313519463743609750303021022,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
}  # fmt: skip
"""The y of every point whose order divides eight."""


def strings(data: bytes) -> list[bytes]:
    found = []
    while data:
        require(len(data) >= 4, "E_SIG_FORMAT")
        length = int.from_bytes(data[:4], "big")
        require(len(data) >= 4 + length, "E_SIG_FORMAT")
        found.append(data[4 : 4 + length])
        data = data[4 + length :]
    return found


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


@dataclass
class Signature:
    public: bytes
    namespace: str
    raw: bytes

    def check(self, message: bytes) -> None:
        signed = b"SSHSIG" + b"".join(
            map(string, (self.namespace.encode(), b"", b"sha512", hashlib.sha512(message).digest()))
        )
        require(int.from_bytes(self.raw[32:], "little") < ORDER, "E_SIG_BAD")
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(self.raw, signed)
        except InvalidSignature:
            raise RefusedError("E_SIG_BAD") from None


def check_key(public: bytes) -> None:
    y = int.from_bytes(public, "little") & (2**255 - 1)
    require(y < P and y not in LOW_ORDER, "E_KEY_WEAK")


def signature(file: bytes) -> Signature:
    first, last = b"-----BEGIN SSH SIGNATURE-----\n", b"-----END SSH SIGNATURE-----\n"
    require(file.startswith(first) and file.endswith(last), "E_SIG_FORMAT")
    body = file[len(first) : -len(last)]
    lines = body.splitlines()
    try:
        blob = base64.b64decode(b"".join(lines), validate=True)
    except ValueError:
        raise RefusedError("E_SIG_FORMAT") from None
    text = base64.b64encode(blob)
    again = b"".join(text[at : at + 70] + b"\n" for at in range(0, len(text), 70))
    require(again == body and blob[:10] == b"SSHSIG\0\0\0\1", "E_SIG_FORMAT")
    fields = strings(blob[10:])
    require(len(fields) == 5 and fields[2] == b"" and fields[3] == b"sha512", "E_SIG_FORMAT")
    key, signed = strings(fields[0]), strings(fields[4])
    for pair, length in ((key, 32), (signed, 64)):
        require(
            len(pair) == 2 and pair[0] == b"ssh-ed25519" and len(pair[1]) == length, "E_SIG_FORMAT"
        )
    return Signature(key[1], fields[1].decode("ascii"), signed[1])


def key_blob(public: bytes) -> bytes:
    return string(b"ssh-ed25519") + string(public)


def fingerprint(public: bytes) -> str:
    digest = hashlib.sha256(key_blob(public)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def openssh(text: str) -> bytes:
    return strings(base64.b64decode(text.split(" ")[1]))[1]
