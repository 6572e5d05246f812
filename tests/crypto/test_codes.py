"""Codes on paper and by telephone."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siks_offline.crypto import codes
from siks_offline.errors import SecretError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
INVITE = "0190f1c2-7d3a-7b10-9c55-0a1b2c3d4e5f"

drawn = st.text(ALPHABET, min_size=26, max_size=26).map(
    lambda text: text + codes._check_characters(text)
)


def test_codes_have_the_strength_they_claim() -> None:
    """16 characters of 5 bits in a letter; 26 and two of check on the recovery sheet; none twice."""
    letters = {codes.letter_code() for _ in range(200)}
    sheets = {codes.recovery_code() for _ in range(200)}
    assert {len(code) for code in letters} == {16}
    assert {len(code) for code in sheets} == {28}
    assert len(letters) == len(sheets) == 200
    assert set("".join(letters)) == set(ALPHABET)


@given(drawn, st.sampled_from([4, 5, 7]), st.sampled_from(["-", " ", " – ", "\n"]))
def test_a_code_is_read_however_it_is_typed(code: str, size: int, separator: str) -> None:
    """Small letters, groups, and the letters people write for 0 and 1."""
    typed = codes.grouped(code, size, separator).lower().replace("0", "o").replace("1", "l")
    assert codes.check_recovery_code(typed) == code
    assert codes.check_recovery_code(typed.replace("l", "I")) == code


@given(drawn, st.integers(0, 27), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(code: str, at: int, character: str) -> None:
    """The sheet is typed back at set-up so that a slip shows while it can be mended."""
    typed = code[:at] + character + code[at + 1 :]
    if typed == code:
        assert codes.check_recovery_code(typed) == code
    else:
        with pytest.raises(SecretError) as refused:
            codes.check_recovery_code(typed)
        assert refused.value.code == "E_RECOVERY_CODE"


@given(drawn, st.integers(0, 25), st.integers(0, 25))
def test_two_exchanged_characters_are_always_noticed(code: str, one: int, two: int) -> None:
    """Not only neighbours."""
    characters = list(code)
    characters[one], characters[two] = characters[two], characters[one]
    if characters != list(code):
        with pytest.raises(SecretError):
            codes.check_recovery_code("".join(characters))


@pytest.mark.parametrize("text", ["", "----", "ABCU", "AB!C", "ABCÉ", "0" * 15, "0" * 17])
def test_what_is_no_code_is_refused(text: str) -> None:
    """U is no character of ours, and a letter code has 16."""
    with pytest.raises(SecretError) as refused:
        codes.normalise_code(text, 16)
    assert refused.value.code == "E_CODE_FORMAT"
    assert refused.value.remedy


def test_keys_of_a_letter_are_those_of_the_specification() -> None:
    """HKDF-SHA-256 by hand (RFC 5869, one block): another program can make them."""
    code = "K7QM2X9D4TPW3HVN"

    def derived(label: bytes) -> bytes:
        extracted = hmac.digest(INVITE.encode(), code.encode(), "sha256")
        return hmac.digest(extracted, label + b"\x01", "sha256")

    assert codes.invitation_key(code, INVITE) == derived(b"siks-inv/1")
    assert codes.enrolment_key("k7qm-2x9d-4tpw-3hvn", INVITE) == derived(b"siks-enr/1")


def test_digits_for_the_telephone_are_those_of_the_specification() -> None:
    """Thirty digits of a statement; ten of a manifest under the voice key."""
    digest = hashlib.sha512(b"siks-fp/1\npernyataan").digest()
    blocks = [f"{int.from_bytes(digest[5 * i : 5 * i + 5], 'big') % 100000:05}" for i in range(6)]
    assert codes.thirty_digits(b"pernyataan") == "".join(blocks)
    manifest = hashlib.sha256(b"manifest").hexdigest()
    tag = hmac.digest(b"k" * 32, b"siks-voice/1\n" + manifest.encode(), "sha256")
    expected = str(int.from_bytes(tag[:8], "big") % 10**10).zfill(10)
    assert codes.voice_code(b"k" * 32, manifest) == expected


def test_the_digits_keep_their_leading_zeros() -> None:
    """A code read aloud always has its full length."""
    spoken = {len(codes.voice_code(b"k" * 32, f"{n:064x}")) for n in range(300)}
    shown = {len(codes.thirty_digits(b"%d" % n)) for n in range(300)}
    assert (spoken, shown) == ({10}, {30})


def test_macs_are_compared_as_text_or_bytes() -> None:
    """A mac read from a file is compared without telling where it differs."""
    tag = codes.mac(b"kunci", b"isi")
    assert tag == hmac.new(b"kunci", b"isi", "sha256").hexdigest()
    assert codes.same(tag, codes.mac(b"kunci", b"isi"))
    assert not codes.same(tag, "é" + tag[1:])
    assert codes.same(b"a", b"a")
