"""Signatures beside the program ssh-keygen, and the ones that must never pass."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from siks_offline.crypto import sshsig
from siks_offline.crypto.sshsig import Signature, SigningKey
from siks_offline.errors import BundleError

if TYPE_CHECKING:
    from pathlib import Path

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, FIELD) % FIELD
NAMESPACE = "siks.visits.v1"
MESSAGE = b'{"format":"siks-bundle/1"}'

key = SigningKey.from_seed(bytes(range(32)))
SIGNED = key.sign(MESSAGE, NAMESPACE)


@pytest.fixture
def ssh_keygen() -> str:
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("the program ssh-keygen is not installed")
    return program


def private_file(folder: Path, signing: SigningKey) -> Path:
    path = folder / "kunci"
    path.touch(mode=0o600)
    path.write_bytes(
        Ed25519PrivateKey.from_private_bytes(signing.seed).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.mark.parametrize("size", [0, 1, 26, 5000, 300_000])
def test_our_file_is_the_one_ssh_keygen_writes(ssh_keygen: str, tmp_path: Path, size: int) -> None:
    """For the same key, namespace and message the bytes are the same."""
    signing = SigningKey.generate()
    message = bytes(size)
    run = subprocess.run(
        [ssh_keygen, "-q", "-Y", "sign", "-f", private_file(tmp_path, signing), "-n", NAMESPACE],
        input=message, capture_output=True, check=True,
    )  # fmt: skip
    assert signing.sign(message, NAMESPACE) == run.stdout
    sshsig.verify(sshsig.parse(run.stdout), message)


def test_ssh_keygen_verifies_our_file(ssh_keygen: str, tmp_path: Path) -> None:
    """An auditor checks the sender with a public tool and the registry's allowed_signers."""
    signers, signature = tmp_path / "signers", tmp_path / "manifest.sig"
    signers.write_text(f'desa:3509122003 namespaces="{NAMESPACE}" {sshsig.openssh(key.public)}\n')
    signature.write_bytes(SIGNED)

    def verified(message: bytes, namespace: str = NAMESPACE) -> bool:
        command = [ssh_keygen, "-Y", "verify", "-f", signers, "-I", "desa:3509122003",
                   "-n", namespace, "-s", signature]  # fmt: skip
        return (
            subprocess.run(command, input=message, capture_output=True, check=False).returncode == 0
        )

    assert verified(MESSAGE)
    assert not verified(MESSAGE + b" ")
    assert not verified(MESSAGE, "siks.receipt.v1")


def test_the_fingerprint_is_the_one_ssh_keygen_shows(ssh_keygen: str, tmp_path: Path) -> None:
    """People compare one text for a key, whichever program shows it."""
    public = tmp_path / "kunci.pub"
    public.write_text(sshsig.openssh(key.public) + " desa\n")
    run = subprocess.run(
        [ssh_keygen, "-l", "-f", public], capture_output=True, text=True, check=True
    )
    assert run.stdout.split()[1] == sshsig.fingerprint(key.public)
    assert sshsig.from_openssh(public.read_text()) == key.public


@pytest.mark.parametrize(
    "text",
    ["", "ssh-ed25519", "ssh-rsa " + sshsig.openssh(key.public)[12:], "ssh-ed25519 AAAA",
     sshsig.openssh(key.public)[:-4], sshsig.openssh(key.public) + "AAAA", "ssh-ed25519 é"],
)  # fmt: skip
def test_a_spoiled_public_key_is_refused(text: str) -> None:
    """A key copied by half never enters a registry."""
    with pytest.raises(BundleError) as refused:
        sshsig.from_openssh(text)
    assert refused.value.code == "E_KEY_FORMAT"


def test_a_signature_says_who_and_what_for() -> None:
    """Parsing gives the key and the namespace before anything is trusted."""
    signature = sshsig.parse(SIGNED)
    assert (signature.public, signature.namespace) == (key.public, NAMESPACE)
    sshsig.verify(signature, MESSAGE)


def refused_code(signature: Signature, message: bytes = MESSAGE) -> str:
    with pytest.raises(BundleError) as refused:
        sshsig.verify(signature, message)
    return refused.value.code


def test_what_was_not_signed_is_refused() -> None:
    """Another message, namespace or key, or a changed R or S, is not this signature."""
    ours = sshsig.parse(SIGNED)
    raw = ours.raw
    assert refused_code(ours, MESSAGE + b"\n") == "E_SIG_BAD"
    assert refused_code(Signature(ours.public, "siks.receipt.v1", raw)) == "E_SIG_BAD"
    assert refused_code(Signature(SigningKey.generate().public, NAMESPACE, raw)) == "E_SIG_BAD"
    for at in (0, 31, 32, 62):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        assert refused_code(Signature(ours.public, NAMESPACE, changed)) == "E_SIG_BAD"


def test_a_signature_has_one_spelling() -> None:
    """S + L and an R with y + p are the same numbers in another spelling: refused."""
    ours = sshsig.parse(SIGNED)
    s = int.from_bytes(ours.raw[32:], "little")
    for again in range(1, 8):
        stretched = ours.raw[:32] + (s + again * ORDER).to_bytes(32, "little")
        assert refused_code(Signature(ours.public, NAMESPACE, stretched)) == "E_SIG_BAD"
    r = (FIELD + 1).to_bytes(32, "little")
    assert refused_code(Signature(ours.public, NAMESPACE, r + ours.raw[32:])) == "E_SIG_BAD"


def _add(one, two):
    (x1, y1), (x2, y2) = one, two
    product = D * x1 * x2 * y1 * y2 % FIELD
    return (
        (x1 * y2 + x2 * y1) * pow(1 + product, -1, FIELD) % FIELD,
        (y1 * y2 + x1 * x2) * pow(1 - product, -1, FIELD) % FIELD,
    )


def _point_of_order_8():
    """Any point times the prime order lies in the subgroup of eight; take one that has order 8."""
    y = 2
    while True:
        y += 1
        square = (y * y - 1) * pow(D * y * y + 1, -1, FIELD) % FIELD
        x = pow(square, (FIELD + 3) // 8, FIELD)
        if x * x % FIELD != square:
            x = x * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
        if x * x % FIELD != square:
            continue
        point, result, left = (x, y), (0, 1), ORDER
        while left:
            if left & 1:
                result = _add(result, point)
            point, left = _add(point, point), left >> 1
        double = _add(result, result)
        if _add(double, double) != (0, 1):
            return result


def test_keys_under_which_anybody_can_sign_are_refused() -> None:
    """All eight points of small order, in every spelling: computed here, not copied from the code."""
    generator = _point_of_order_8()
    point, seen = generator, set()
    for _ in range(8):
        seen.add(point[1])
        for y in (point[1], point[1] + FIELD):
            for sign in (0, 1):
                if y < 2**255:
                    public = (y | sign << 255).to_bytes(32, "little")
                    with pytest.raises(BundleError) as refused:
                        sshsig.check_public(public)
                    assert refused.value.code == "E_KEY_WEAK"
        point = _add(point, generator)
    assert len(seen) == 5


def test_the_forgery_under_the_identity_point_is_refused() -> None:
    """R = B, S = 1 passes many programs for every message when the key is the identity point."""
    base = bytes([0x58]) + bytes([0x66]) * 31
    raw = base + (1).to_bytes(32, "little")
    identity = (1).to_bytes(32, "little")
    assert refused_code(Signature(identity, NAMESPACE, raw), b"apa saja") == "E_KEY_WEAK"


@pytest.mark.parametrize(
    ("public", "code"),
    [((2).to_bytes(32, "little"), "E_KEY_WEAK"), ((FIELD + 3).to_bytes(32, "little"), "E_KEY_WEAK"),
     (b"\xff" * 32, "E_KEY_WEAK"), (bytes(31), "E_KEY_FORMAT"), (bytes(33), "E_KEY_FORMAT")],
)  # fmt: skip
def test_bytes_that_are_no_canonical_point_are_no_key(public: bytes, code: str) -> None:
    """Not on the curve, y not reduced, another length."""
    with pytest.raises(BundleError) as refused:
        sshsig.check_public(public)
    assert refused.value.code == code


@given(st.binary(min_size=32, max_size=32))
def test_every_real_key_is_accepted(seed: bytes) -> None:
    """The check refuses nothing that a key generator gives."""
    signing = SigningKey.from_seed(seed)
    sshsig.check_public(signing.public)
    sshsig.verify(sshsig.parse(signing.sign(b"x", "a")), b"x")


def string(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def armored(blob: bytes) -> bytes:
    text = base64.b64encode(blob)
    lines = b"".join(text[at : at + 70] + b"\n" for at in range(0, len(text), 70))
    return b"-----BEGIN SSH SIGNATURE-----\n" + lines + b"-----END SSH SIGNATURE-----\n"


def built(**other: bytes) -> bytes:
    """A signature file, one field at a time exchanged for another."""
    field = {
        "preamble": b"SSHSIG", "version": b"\0\0\0\1",
        "key": string(b"ssh-ed25519") + string(key.public),
        "namespace": NAMESPACE.encode(), "reserved": b"", "hash": b"sha512",
        "signature": string(b"ssh-ed25519") + string(sshsig.parse(SIGNED).raw), "rest": b"",
    } | other  # fmt: skip
    return armored(
        field["preamble"] + field["version"] + string(field["key"]) + string(field["namespace"])
        + string(field["reserved"]) + string(field["hash"]) + string(field["signature"])
        + field["rest"]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "bingkai"),
        (SIGNED[:-1], "bingkai"),
        (b"\n" + SIGNED, "bingkai"),
        (SIGNED + b"\n", "bingkai"),
        (SIGNED.replace(b"\n", b"\r\n"), "bingkai"),
        (b"-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n", "pembuka"),
        (SIGNED.replace(b"\n", b"", 2).replace(b"-----U", b"-----\nU", 1), "base64"),
        (SIGNED.replace(b"A", b"*", 1), "bingkai"),
        (SIGNED[:60] + b"*" + SIGNED[61:], "base64"),
        (SIGNED[:60] + b" " + SIGNED[61:], "base64"),
        (bytes(4097), "panjang"),
        (built(preamble=b"SSHSIH"), "pembuka"),
        (built(version=b"\0\0\0\2"), "versi"),
        (built(key=string(b"ssh-rsa") + string(key.public)), "kunci"),
        (built(key=string(b"ssh-ed25519") + string(key.public + b"\0")), "kunci"),
        (built(key=string(b"ssh-ed25519") + string(key.public) + b"\0"), "kunci"),
        (built(key=b"\xff\xff\xff\xff"), "kunci"),
        (built(namespace=b""), "ruang nama"),
        (built(namespace=b"siks visits"), "ruang nama"),
        (built(namespace=b"siks\xc3\xa9"), "ruang nama"),
        (built(reserved=b"x"), "cadangan"),
        (built(hash=b"sha256"), "hash"),
        (built(signature=string(b"ssh-ed25519") + string(bytes(63))), "tanda tangan"),
        (built(signature=string(b"ssh-ed448") + string(bytes(64))), "tanda tangan"),
        (built(rest=b"\0"), "sisa"),
    ],
)
def test_each_fault_of_the_form_has_its_own_name(data: bytes, part: str) -> None:
    """There is one way to write a signature file, and what is wrong is said by field."""
    with pytest.raises(BundleError) as refused:
        sshsig.parse(data)
    assert (refused.value.code, refused.value.facts["bagian"]) == ("E_SIG_FORMAT", part)


def test_the_builder_of_these_tests_builds_the_real_thing() -> None:
    """The faults above are the exchanged fields and nothing else."""
    assert built() == SIGNED


@given(st.integers(0, len(SIGNED) * 8 - 1))
def test_no_changed_bit_passes(bit: int) -> None:
    """The file is refused by form or by signature, whichever bit is changed."""
    changed = bytearray(SIGNED)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BundleError):
        sshsig.verify(sshsig.parse(bytes(changed)), MESSAGE)


def test_what_the_key_signs_is_never_the_message_itself() -> None:
    """The preamble keeps a manifest's signature from being one of SSH, git or another document."""
    digest = hashlib.sha512(MESSAGE).digest()
    signed = (
        b"SSHSIG" + string(NAMESPACE.encode()) + string(b"") + string(b"sha512") + string(digest)
    )
    Ed25519PrivateKey.from_private_bytes(key.seed).public_key().verify(
        sshsig.parse(SIGNED).raw, signed
    )
