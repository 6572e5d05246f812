"""The public vectors of the age format (C2SP/CCTV), each refused for the reason it names."""

from __future__ import annotations

import hashlib
import io
import zlib
from typing import TYPE_CHECKING

import pytest

from siks_offline.crypto import age
from siks_offline.errors import BundleError
from tests.adapters import age_decrypt

if TYPE_CHECKING:
    from pathlib import Path

HEADER = {"E_NOT_BUNDLE", "E_AGE_VERSION", "E_AGE_HEADER"}
CODES = {
    "header failure": HEADER,
    "HMAC failure": {"E_AGE_MAC"},
    "payload failure": {"E_CORRUPT", "E_TRUNCATED"},
    "no match": {"E_NOT_FOR_US"},
}


@pytest.fixture(scope="module")
def vectors(shared: Path) -> list[tuple[str, dict[str, list[str]], bytes]]:
    found = []
    for path in sorted((shared / "conformance/age/testdata").iterdir()):
        head, body = path.read_bytes().split(b"\n\n", 1)
        facts: dict[str, list[str]] = {}
        for line in head.decode().split("\n"):
            key, value = line.split(": ", 1)
            facts.setdefault(key, []).append(value)
        found.append((path.name, facts, zlib.decompress(body) if "compressed" in facts else body))
    assert len(found) > 100
    return found


def _expected(facts: dict[str, list[str]]) -> set[str]:
    if "armored" in facts:
        return HEADER | {"E_ARMORED"}
    expect = facts["expect"][0]
    if any("-PQ-" in identity for identity in facts.get("identity", [])):
        return {"E_NOT_FOR_US"} | (HEADER if expect == "header failure" else set())
    return CODES.get(expect, set())


def test_every_vector_ends_as_it_expects(vectors) -> None:
    """Whoever writes age files correctly is read, and each fault carries the code of its class."""
    wrong = []
    for name, facts, body in vectors:
        codes = _expected(facts)
        try:
            plain = age_decrypt(body, facts.get("identity", []), facts.get("passphrase", []))
        except BundleError as refused:
            if refused.code not in codes:
                wrong.append((name, refused.code, codes))
        else:
            if codes or hashlib.sha256(plain).hexdigest() != facts["payload"][0]:
                wrong.append((name, "read", codes))
    assert wrong == []


def test_a_damaged_payload_yields_only_its_verified_beginning(vectors) -> None:
    """What a reader gave before it failed is a whole number of true chunks, and then nothing."""
    for name, facts, body in vectors:
        if facts["expect"][0] != "payload failure" or "armored" in facts:
            continue
        reader = age.unseal(io.BytesIO(body), [age.Identity.parse(i) for i in facts["identity"]])
        given, codes = b"", set()
        try:
            while chunk := reader.read(65536):
                given += chunk
        except BundleError as refused:
            codes.add(refused.code)
        assert len(given) % 65536 == 0, name
        for size in (1, -1):
            with pytest.raises(BundleError) as again:
                reader.read(size)
            codes.add(again.value.code)
        assert len(codes) == 1, name
