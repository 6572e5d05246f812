"""Age files as we write and read them, beside two other programs that do."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siks_offline.crypto import age, bech32, stanza
from siks_offline.errors import BundleError, SecretError

if TYPE_CHECKING:
    from pathlib import Path

CHUNK = 64 * 1024
LENGTHS = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17]
FIELD = 2**255 - 19
# u of every point of low order on Curve25519 and its twist (RFC 7748; Bernstein's list)
LOW_ORDER = [
    0,
    1,
    FIELD - 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
]

me = age.Identity.generate()
other = age.Identity.generate()


class Trickle(io.BytesIO):
    """A source that gives few bytes at a time, as pipes and sockets do."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, 1000) if size is not None and size >= 0 else 1000)


def code_of(data: bytes, identities=(me,)) -> str:
    with pytest.raises(BundleError) as refused:
        age.unseal(io.BytesIO(data), identities).read()
    assert refused.value.remedy
    return refused.value.code


@pytest.fixture
def age_program() -> str:
    program = shutil.which("age")
    if program is None:
        pytest.skip("the program age is not installed")
    return program


@pytest.mark.parametrize("length", LENGTHS)
def test_another_library_reads_what_we_write_and_we_what_it_writes(length: int) -> None:
    """At every chunk border the bytes are those of the format, in both directions."""
    plain = os.urandom(length)
    sealed = age.encrypt(plain, [other.recipient, me.recipient])
    assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(str(me))]) == plain
    theirs = pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(me.recipient)])
    assert age.decrypt(theirs, [other, me]) == plain


def test_the_age_program_reads_what_we_write_and_we_what_it_writes(
    age_program: str, tmp_path: Path
) -> None:
    """An auditor needs no program of ours."""
    plain = os.urandom(150_000)
    key, sealed, theirs = tmp_path / "kunci", tmp_path / "a.age", tmp_path / "b.age"
    key.write_text(f"{me}\n")
    sealed.write_bytes(age.encrypt(plain, [me.recipient]))
    run = subprocess.run([age_program, "-d", "-i", key, sealed], capture_output=True, check=True)
    assert run.stdout == plain
    command = [age_program, "-r", me.recipient, "-o", theirs]
    subprocess.run(command, input=plain, check=True, capture_output=True)
    assert age.decrypt(theirs.read_bytes(), [me]) == plain


def test_passphrase_files_are_read_both_ways() -> None:
    """A keystore opens with public tools, and its files could be made by them."""
    sealed = age.encrypt_with_passphrase(b"rahasia", "lima kata acak", work_factor=16)
    assert pyrage.passphrase.decrypt(sealed, "lima kata acak") == b"rahasia"
    theirs = pyrage.passphrase.encrypt(b"rahasia", "lima kata acak")
    reader = age.unseal(io.BytesIO(theirs), [], ["lain", "lima kata acak"])
    assert reader.read() == b"rahasia"
    assert (reader.stanzas, reader.identity) == (("scrypt",), None)


def test_identities_are_spelled_as_everywhere() -> None:
    """Keys made here and keys made by age-keygen are the same text."""
    theirs = pyrage.x25519.Identity.generate()
    ours = age.Identity.parse(str(theirs))
    assert (str(ours), ours.recipient) == (str(theirs), str(theirs.to_public()))
    assert str(me) not in repr(me)


@pytest.mark.parametrize(
    "spoil",
    [str.lower, str.title, lambda text: text[:-1], lambda text: text[:-1] + "B",
     lambda text: text.replace("AGE", "AGA"), lambda text: "", lambda text: "1" * 20,
     lambda text: text + "é", lambda text: bech32.encode("age-secret-key-", bytes(31)).upper()],
)  # fmt: skip
def test_a_mistyped_identity_is_refused(spoil) -> None:
    """A wrong letter is found by the checksum and never becomes another key."""
    with pytest.raises(SecretError) as refused:
        age.Identity.parse(spoil(str(me)))
    assert refused.value.code == "E_KEY_FORMAT"


@given(st.binary(max_size=64))
def test_bech32_comes_back(content: bytes) -> None:
    """Bytes of any length survive their text."""
    assert bech32.decode(bech32.encode("age", content)) == ("age", content)


@pytest.mark.parametrize("u", LOW_ORDER)
def test_recipients_that_protect_nothing_are_refused(u: int) -> None:
    """A low-order point gives everybody the key; its other spellings and the high bit as well."""
    spellings = [u, u + FIELD, u + 2**255, u + FIELD + 2**255]
    for spelling in spellings:
        if spelling < 2**256:
            recipient = bech32.encode("age", spelling.to_bytes(32, "little"))
            with pytest.raises(BundleError) as refused:
                age.check_recipient(recipient)
            assert refused.value.code == "E_KEY_WEAK"
            with pytest.raises(BundleError):
                age.encrypt(b"", [me.recipient, recipient])


def test_a_recipient_has_one_spelling() -> None:
    """The same key cannot stand in a registry twice under two texts."""
    point = int.from_bytes(bech32.decode(me.recipient)[1], "little") + 2**255
    for text in (me.recipient.upper(), bech32.encode("age", point.to_bytes(32, "little")),
                 bech32.encode("agf", bytes([9] * 32)), me.recipient[:-1], ""):  # fmt: skip
        with pytest.raises(BundleError):
            age.check_recipient(text)
    age.check_recipient(me.recipient)


def test_the_reader_tells_who_could_open_it() -> None:
    """Stanza types are counted without a key; with keys the one that fits is named."""
    sealed = age.encrypt(b"isi", [other.recipient, me.recipient])
    assert age.stanza_types(io.BytesIO(sealed)) == ("X25519", "X25519")
    reader = age.unseal(io.BytesIO(sealed), [me])
    assert (reader.identity, reader.stanzas) == (me, ("X25519", "X25519"))
    stranger = age.Identity.generate()
    assert code_of(sealed, [stranger]) == "E_NOT_FOR_US"


def test_a_passphrase_file_never_runs_scrypt_for_a_bundle_reader(monkeypatch) -> None:
    """A bundle cannot make an office spend memory: without passphrases scrypt does not start."""
    sealed = age.encrypt_with_passphrase(b"", "x", work_factor=1)
    monkeypatch.setattr(age, "_stretched", None)
    assert code_of(sealed) == "E_NOT_FOR_US"


def test_work_factors_out_of_bounds_are_refused_before_scrypt_runs(monkeypatch) -> None:
    """A planted account file cannot make the program allocate gigabytes or guess cheaply."""
    sealed = age.encrypt_with_passphrase(b"", "x", work_factor=1)
    monkeypatch.setattr(age, "_stretched", None)
    for factor in (b"1", b"15", b"21", b"23", b"99999999999999999999999"):
        planted = sealed.replace(b" 1\n", b" " + factor + b"\n", 1)
        with pytest.raises(SecretError) as refused:
            age.decrypt_with_passphrase(planted, "x")
        assert refused.value.code == "E_KEYSTORE_PARAM"
    planted = sealed.replace(b" 1\n", b" 23\n", 1)
    with pytest.raises(BundleError) as too_high:
        age.unseal(io.BytesIO(planted), [], ["x"])
    assert too_high.value.code == "E_AGE_HEADER"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "E_NOT_BUNDLE"),
        (b"PK\x03\x04", "E_NOT_BUNDLE"),
        (b"age-encryption.org/v2\n-> X25519 a\n", "E_AGE_VERSION"),
        (b"age-encryption.org/v1\r\n", "E_AGE_HEADER"),
        (b"age-encryption.org/v1", "E_AGE_HEADER"),
        (b"age-encryption.org/v1\n--- " + b"A" * 43 + b"\n", "E_AGE_HEADER"),
        (b"\n -----BEGIN AGE ENCRYPTED FILE-----\n", "E_ARMORED"),
    ],
)
def test_what_is_no_age_file_is_named(data: bytes, code: str) -> None:
    """A foreign file, a newer one, an armored one and a cut one are told apart."""
    assert code_of(data) == code
    assert code_of(data + b"\0" * 3) == code or data == b""


def test_a_header_is_at_most_32_kib() -> None:
    """A file of nothing but header is refused without being read to its end."""
    line = b"-> keisuke\n" + (b"A" * 64 + b"\n") * 1000
    source = io.BytesIO(b"age-encryption.org/v1\n" + line * 100)
    with pytest.raises(BundleError) as refused:
        age.unseal(source, [me])
    assert refused.value.code == "E_AGE_HEADER"
    assert source.tell() <= stanza.HEADER_LIMIT + 8192
    endless = io.BytesIO(b"age-encryption.org/v1\n-> " + b"a" * 1_000_000)
    with pytest.raises(BundleError):
        age.stanza_types(endless)
    assert endless.tell() <= stanza.HEADER_LIMIT + 8192


def test_a_file_cut_at_a_chunk_is_truncated_and_a_changed_one_corrupt() -> None:
    """A missing end never looks like an end, wherever the cut falls."""
    plain = os.urandom(2 * CHUNK)
    sealed = age.encrypt(plain, [me.recipient])
    start = len(sealed) - 2 * (CHUNK + 16)
    assert code_of(sealed[: start + CHUNK + 16]) == "E_TRUNCATED"
    assert code_of(sealed[:start]) == "E_TRUNCATED"
    assert code_of(sealed[: start + 7]) == "E_TRUNCATED"
    assert code_of(sealed[: start - 1]) == "E_AGE_HEADER"
    assert code_of(sealed[:-1]) == "E_CORRUPT"
    assert code_of(sealed + b"\0") == "E_CORRUPT"
    swapped = sealed[:start] + sealed[start + CHUNK + 16 :] + sealed[start : start + CHUNK + 16]
    assert code_of(swapped) == "E_CORRUPT"


SEALED = age.encrypt(b"satu rumah tangga" * 9, [other.recipient, me.recipient])


@given(st.integers(0, len(SEALED) * 8 - 1))
@settings(max_examples=400)
def test_no_changed_bit_goes_unnoticed(bit: int) -> None:
    """Every bit of the file is under a tag, a MAC or the grammar."""
    changed = bytearray(SEALED)
    changed[bit // 8] ^= 1 << bit % 8
    code_of(bytes(changed))


@given(st.integers(0, len(SEALED) - 1))
def test_no_cut_goes_unnoticed(length: int) -> None:
    """A file that was not copied to its end is refused."""
    code_of(SEALED[:length])


@given(st.lists(st.integers(0, 2 * CHUNK), max_size=6), st.lists(st.integers(0, CHUNK), max_size=9))
@settings(max_examples=40, deadline=None)
def test_pieces_do_not_matter(writes: list[int], reads: list[int]) -> None:
    """However the plaintext is written and read in pieces, and however the medium gives it."""
    plain = os.urandom(sum(writes))
    out, at = io.BytesIO(), 0
    with age.seal(out, [me.recipient]) as writer:
        for size in writes:
            assert writer.write(plain[at : at + size]) == size
            at += size
    assert pyrage.decrypt(out.getvalue(), [pyrage.x25519.Identity.from_str(str(me))]) == plain
    reader, at = age.unseal(Trickle(out.getvalue()), [me]), 0
    for size in reads:
        assert reader.read(size) == plain[at : at + size]
        at = min(at + size, len(plain))
    assert reader.read() == plain[at:]
    assert reader.read(1) == b""


def test_an_abandoned_writer_leaves_no_file_that_opens() -> None:
    """When what is being exported fails half-way, the half is refused everywhere."""
    out = io.BytesIO()
    with contextlib.suppress(RuntimeError), age.seal(out, [me.recipient]) as writer:
        writer.write(bytes(3 * CHUNK))
        raise RuntimeError
    assert code_of(out.getvalue()) == "E_TRUNCATED"
    whole = io.BytesIO()
    writer = age.seal(whole, [me.recipient])
    writer.close()
    writer.close()
    assert age.decrypt(whole.getvalue(), [me]) == b""
    with pytest.raises(ValueError, match="after close"):
        writer.write(b"x")


def test_nothing_is_sealed_to_nobody() -> None:
    """A bundle without recipients would be lost data."""
    with pytest.raises(ValueError, match="no recipients"):
        age.seal(io.BytesIO(), [])


def test_two_seals_of_the_same_text_share_nothing() -> None:
    """File key, share and nonce are new each time."""
    one, two = (age.encrypt(b"sama", [me.recipient]) for _ in range(2))
    assert one.split(b"\n")[1] != two.split(b"\n")[1]
    assert one[-20:] != two[-20:]
