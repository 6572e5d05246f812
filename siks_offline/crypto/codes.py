"""Codes that people read, type and say aloud, and the keys that come of them.

Crockford's base 32 throughout: no I, L, O or U, small letters and dashes do not matter. Source of
the derivations: docs/spec/siks-bundle.md, pairing and receipts.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from siks_offline.errors import SecretError

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("ILO", "110")
_LETTER = 16
GROUP = 4
_RECOVERY = 26
# A prime below 32^2 modulo which 32^0 ... 32^25 differ: any one wrong character and any two
# exchanged ones change the remainder.
_CHECK_PRIME = 1021


def _drawn(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def normalise_code(text: str, length: int | None = None) -> str:
    """Return a typed code as it was drawn: capitals, no spaces or dashes, O as 0, I and L as 1.

    Raises SecretError E_CODE_FORMAT for any other character, or another length than asked for.
    """
    kept = "".join(
        character
        for character in unicodedata.normalize("NFKC", text).upper()
        if not character.isspace() and unicodedata.category(character) != "Pd"
    ).translate(_READ_AS)
    if not kept or any(character not in _ALPHABET for character in kept):
        raise SecretError("E_CODE_FORMAT")
    if length is not None and len(kept) != length:
        raise SecretError("E_CODE_FORMAT")
    return kept


def grouped(code: str, size: int = GROUP, separator: str = "-") -> str:
    """Return a code in groups, as it is printed."""
    return separator.join(code[at : at + size] for at in range(0, len(code), size))


def letter_code() -> str:
    """Return a new one-time code of 16 characters (80 bits) for a printed letter."""
    return _drawn(_LETTER)


def recovery_code() -> str:
    """Return a new recovery code: 26 characters (130 bits) and 2 that check them."""
    drawn = _drawn(_RECOVERY)
    return drawn + _check_characters(drawn)


def _check_characters(drawn: str) -> str:
    value = 0
    for character in drawn:
        value = value * 32 + _ALPHABET.index(character)
    high, low = divmod(value % _CHECK_PRIME, 32)
    return _ALPHABET[high] + _ALPHABET[low]


def check_recovery_code(text: str) -> str:
    """Return a typed recovery code without dashes, or raise SecretError E_RECOVERY_CODE."""
    try:
        code = normalise_code(text, _RECOVERY + 2)
    except SecretError:
        raise SecretError("E_RECOVERY_CODE") from None
    if _check_characters(code[:_RECOVERY]) != code[_RECOVERY:]:
        raise SecretError("E_RECOVERY_CODE")
    return code


def drawn_groups(code: str) -> tuple[int, int]:
    """Draw two groups of a code, counted from 1, that a person types back to show it was kept."""
    first, second = sorted(secrets.SystemRandom().sample(range(1, len(code) // GROUP + 1), 2))
    return first, second


def check_groups(code: str, groups: tuple[int, int], typed: Sequence[str]) -> None:
    """Compare the groups that were typed back. Raises SecretError E_RECOVERY_GROUPS."""
    for number, words in zip(groups, typed, strict=True):
        wanted = code[(number - 1) * GROUP : number * GROUP]
        try:
            right = same(normalise_code(words), wanted)
        except SecretError:
            right = False
        if not right:
            raise SecretError("E_RECOVERY_GROUPS", nomor=number)


def _code_key(code: str, invite_id: str, label: bytes) -> bytes:
    secret = normalise_code(code, _LETTER).encode("ascii")
    salt = invite_id.encode("ascii")
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=label).derive(secret)


def invitation_key(code: str, invite_id: str) -> bytes:
    """Return the 32-byte key of an invitation's mac; E_CODE_FORMAT unless 16 characters."""
    return _code_key(code, invite_id, b"siks-inv/1")


def enrolment_key(code: str, invite_id: str) -> bytes:
    """Return the 32-byte key of an enrolment's mac; E_CODE_FORMAT unless 16 characters."""
    return _code_key(code, invite_id, b"siks-enr/1")


def mac(key: bytes, message: bytes) -> str:
    """Return HMAC-SHA-256 in hex."""
    return hmac.digest(key, message, "sha256").hex()


def same(one: str | bytes, other: str | bytes) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(_octets(one), _octets(other))


def _octets(secret: str | bytes) -> bytes:
    return secret.encode("utf-8") if isinstance(secret, str) else secret


def thirty_digits(statement: bytes) -> str:
    """Return the 30 digits that people compare a statement by, about 99 bits.

    SHA-512("siks-fp/1" LF statement): six chunks of 5 bytes, big-endian, each modulo 100000.
    """
    digest = hashlib.sha512(b"siks-fp/1\n" + statement).digest()
    numbers = (int.from_bytes(digest[at : at + 5], "big") % 100_000 for at in range(0, 30, 5))
    return "".join(f"{number:05}" for number in numbers)


def voice_code(voice_key: bytes, manifest_sha256: str) -> str:
    """Return the 10 digits that confirm a manifest by telephone.

    First 8 bytes, big-endian, of HMAC-SHA-256(voice key, "siks-voice/1" LF hex digest of the
    manifest in small letters), modulo 10^10.
    """
    message = b"siks-voice/1\n" + manifest_sha256.encode("ascii")
    digest = hmac.digest(voice_key, message, "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 10**10:010}"
