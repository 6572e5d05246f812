"""Any bit turned, any end cut off, any other file: refused by name, in little memory."""

from __future__ import annotations

import hashlib
import random
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from siks_offline.crypto import age
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import bundle, manifest
from siks_offline.export.bundle import RecordFile
from tests.export.hostile import (
    Member,
    OfficeGate,
    World,
    sha,
    visits,
)
from tests.export.hostile_cases import JPG, LINE, forge, refusal

if TYPE_CHECKING:
    from pathlib import Path


HEADER = {"E_NOT_BUNDLE", "E_AGE_VERSION", "E_AGE_HEADER", "E_NOT_FOR_US", "E_AGE_MAC"}
PAYLOAD = {"E_CORRUPT", "E_TRUNCATED"}


def _small(world: World) -> bytes:
    return forge(world).bytes()


def test_bit_flips(tmp_path: Path, world: World, office: OfficeGate, long_form: bool) -> None:
    """Every single flipped bit of a bundle is refused, with a BundleError and nothing else."""
    sound = _small(world)
    bits = len(sound) * 8
    chosen = range(bits) if long_form else random.Random(1).sample(range(bits), 600)
    path = tmp_path / "x"
    end_of_header = 8 * (sound.index(b"\n--- ") + 49)
    for bit in chosen:
        changed = bytearray(sound)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        assert refusal(path, office) in (HEADER if bit < end_of_header else PAYLOAD), bit


def test_truncations(tmp_path: Path, world: World, office: OfficeGate, long_form: bool) -> None:
    """Every shorter file is refused."""
    sound = _small(world)
    path = tmp_path / "x"
    step = 1 if long_form else 11
    for length in (*range(0, len(sound), step), len(sound) - 1):
        path.write_bytes(sound[:length])
        assert refusal(path, office) in HEADER | PAYLOAD, length


def test_plaintext_flips(tmp_path: Path, world: World, office: OfficeGate, long_form: bool) -> None:
    """Whoever can seal but not sign changes no bit of what is inside.

    Deflate leaves a few bits without meaning; a bundle that differs there alone is the same bundle.
    """
    plain = forge(world).plaintext()
    harmless = 0
    bits = len(plain) * 8
    chosen = range(bits) if long_form else random.Random(2).sample(range(bits), 600)
    path = tmp_path / "x"
    for bit in chosen:
        changed = bytearray(plain)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(age.encrypt(bytes(changed), list(world.keyset.enc)))
        try:
            with bundle.open_bundle(path, office, tmp_path) as opened:
                assert [raw for _, _, raw in opened.lines("visits")] == [LINE]
                assert opened.attachment(sha(JPG)) == JPG
                assert opened.manifest == forge(world).manifest()
            harmless += 1
        except BundleError:
            pass
    assert harmless <= len(chosen) // 500


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "E_NOT_BUNDLE"),
        (b"P", "E_NOT_BUNDLE"),
        (b"PK\3\4", "E_NOT_BUNDLE"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\n", "E_ARMORED"),
        (b"age-encryption.org/v2\n-> X25519 a\n", "E_AGE_VERSION"),
        (b"age-encryption.org/v1\n", "E_AGE_HEADER"),
        (b"age-encryption.org/v1\n" + b"-> X25519 " + b"a" * 40_000, "E_AGE_HEADER"),
    ],
)
def test_what_is_no_bundle(tmp_path: Path, office: OfficeGate, content: bytes, code: str) -> None:
    """Other files are named for what they are."""
    path = tmp_path / "x"
    path.write_bytes(content)
    assert refusal(path, office) == code


def test_passphrase_files_are_no_bundles(tmp_path: Path, office: OfficeGate) -> None:
    """A file sealed to a passphrase is refused before any key derivation."""
    path = tmp_path / "x"
    path.write_bytes(age.encrypt_with_passphrase(b"x", "kata sandi", 10))
    assert refusal(path, office) == "E_AGE_HEADER"


def test_bytes_behind_and_swapped_chunks(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """Nothing may follow the last chunk, and chunks keep their place."""
    path = tmp_path / "x"
    path.write_bytes(_small(world) + b"\0")
    assert refusal(path, office) == "E_CORRUPT"
    noise = random.Random(3).randbytes(200_000)
    photo = Member(f"attachments/{sha(noise)}.jpg", noise)
    sound = bytearray(forge(world, members=[photo]).bytes())
    chunk = 65_536 + 16
    start = sound.index(b"\n---") + 48 + 16 + 1
    sound[start : start + 2 * chunk] = (
        sound[start + chunk : start + 2 * chunk] + sound[start : start + chunk]
    )
    path.write_bytes(sound)
    assert refusal(path, office) == "E_CORRUPT"


def test_ten_gigabytes_of_nothing(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """A sparse giant costs nothing; one with a sound head is refused by its size."""
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.truncate(10 << 30)
    assert refusal(path, office) == "E_NOT_BUNDLE"
    with path.open("r+b") as file:
        file.write(_small(world))
    assert refusal(path, office) == "E_TOO_LARGE"
    assert manifest.LARGEST_FILE == 512 << 20


def test_a_line_of_a_megabyte_costs_only_itself(
    tmp_path: Path, world: World, office: OfficeGate
) -> None:
    """One bad record is set aside, the rest is read."""
    rest = b"".join(b'"%d",' % n for n in range(200_000))
    lines = [
        b"[" + rest + b"0]",
        LINE,
        b'{"a":1,"a":2}',
        b'{"a":1.5}',
        b'{"A":"x"}',
        '{"a":"\u202e"}'.encode(),
        b"",
        LINE,
    ]
    path = forge(world, members=[visits(*lines)]).write(tmp_path / "x")
    with bundle.open_bundle(path, office, tmp_path) as opened:
        found = list(opened.lines("visits"))
    assert [number for number, _, _ in found] == list(range(1, 9))
    codes = [value.code if isinstance(value, SiksError) else "" for _, value, _ in found]
    assert codes == ["E_RECORD_SCHEMA", "", *["E_RECORD_SCHEMA"] * 5, ""]
    assert all(len(raw) <= manifest.LARGEST_LINE for _, _, raw in found)


def test_memory_stays_bounded(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """60 MB of photos pass through writer and reader in far less memory."""
    photos = [random.Random(n).randbytes(3_000_000) for n in range(2)]
    makers = [lambda n=n: b"\xff\xd8\xff" + n.to_bytes(2, "big") + photos[n % 2] for n in range(20)]
    attachments = [
        bundle.AttachmentFile(hashlib.sha256(make()).hexdigest(), "jpg", make) for make in makers
    ]
    tracemalloc.start()
    sent = bundle.write(
        tmp_path, world.draft(), world.village, [RecordFile("visits", [])], attachments
    )
    with bundle.open_bundle(sent.path, office, tmp_path) as opened:
        assert len(opened.attachments) == 20
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sent.size > 60_000_000
    assert peak < 20_000_000


def test_nothing_but_bundle_errors(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """Noise sealed to us is refused without a traceback."""
    path = tmp_path / "x"
    noise = random.Random(4)
    for _ in range(150):
        plain = noise.randbytes(noise.randrange(400))
        if noise.random() < 0.5:
            plain = b"PK\3\4" + plain
        path.write_bytes(age.encrypt(plain, [world.operational.recipient]))
        assert refusal(path, office) in {
            "E_ZIP_PROFILE",
            "E_ENTRY_NAME",
            "E_ENTRY_ORDER",
            "E_TOO_LARGE",
        }
