"""Invitation and enrolment hold to the letter's code; a return file gives each village its own."""

from __future__ import annotations

import dataclasses
import random
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.crypto import age, codes, sshsig
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import bundle, enrolment, files, invitation, keyset, return_file
from siks_offline.export.bundle import RecordFile
from tests.export.hostile import (
    DINSOS,
    INSTRUMENT,
    NOW,
    Member,
    OfficeGate,
    VillageGate,
    World,
    packed_zip,
    sha,
)

if TYPE_CHECKING:
    from pathlib import Path

INVITE = str(uuid.UUID(int=30))
CODE = "7K3M9QRSTVWX0124"
INVITATION = invitation.Invitation(
    id=DINSOS, kode_desa="3509122003", nama_desa="Sumberjati", bps="3509070003", invite_id=INVITE,
    instrument=INSTRUMENT, created_at=NOW, expires_at=NOW + timedelta(days=30), practice=False,
)  # fmt: skip


@pytest.fixture
def invited(tmp_path: Path, world: World) -> Path:
    path = tmp_path / "desa.siksundang"
    invitation.write(path, INVITATION, CODE, world.root, world.signed)
    return path


def code_of(call: Any, *arguments: Any) -> str:
    with pytest.raises(SiksError) as caught:
        call(*arguments)
    return caught.value.code


def test_invitation_round_trip(invited: Path, world: World) -> None:
    """The right code, or the right thirty digits, establish the root; a typed code may be untidy."""
    found = invitation.read(invited)
    assert dataclasses.replace(found.invitation, mac="") == INVITATION
    assert found.signed == world.signed
    assert found.keyset.enc == world.keyset.enc
    invitation.require_code(found, "7k3m-9qrs-tvwx-ol24")
    digits = keyset.root_digits(DINSOS, world.root.public)
    invitation.require_digits(found, f"{digits[:15]} {digits[15:]}")
    invitation.require_time(found, NOW + timedelta(days=30))
    assert bundle.outline(invited)["jenis"] == "siksundang"


def test_wrong_code_digits_and_time(invited: Path) -> None:
    """Typing decides: anything else is refused."""
    found = invitation.read(invited)
    assert code_of(invitation.require_code, found, codes.letter_code()) == "E_INVITE_CODE"
    assert code_of(invitation.require_digits, found, "0" * 30) == "E_INVITE_CODE"
    assert code_of(invitation.require_digits, found, "é") == "E_INVITE_CODE"
    assert code_of(invitation.require_time, found, NOW + timedelta(days=31)) == "E_INVITE_EXPIRED"


def test_a_fake_invitation_fails_the_letter(tmp_path: Path) -> None:
    """An attacker's own root, all signatures sound, does not pass the code of the true letter."""
    attacker = World()
    attacker.root = sshsig.SigningKey.generate()
    mine = attacker.make_keyset(
        1, root=attacker.root.public, signers=(keyset.Signer(attacker.root.public),)
    )
    path = tmp_path / "x"
    invitation.write(
        path, INVITATION, codes.letter_code(), attacker.root, keyset.sign(mine, attacker.root)
    )
    found = invitation.read(path)
    assert code_of(invitation.require_code, found, CODE) == "E_INVITE_CODE"
    digits = keyset.root_digits(DINSOS, World().root.public)
    assert code_of(invitation.require_digits, found, digits) == "E_INVITE_CODE"


def test_every_changed_byte_of_an_invitation(
    tmp_path: Path, invited: Path, long_form: bool
) -> None:
    """An invitation has no cipher around it, and still no bit of it can be changed."""
    sound = invited.read_bytes()
    bits = len(sound) * 8
    path = tmp_path / "x"
    for bit in range(bits) if long_form else random.Random(5).sample(range(bits), 500):
        changed = bytearray(sound)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(BundleError):
            invitation.read(path)
    for length in range(0, len(sound), 1 if long_form else 17):
        path.write_bytes(sound[:length])
        with pytest.raises(BundleError):
            invitation.read(path)


def test_what_an_invitation_must_be(tmp_path: Path, world: World) -> None:
    """Other files, other signers and values outside the schema are named."""
    path = tmp_path / "x"
    path.write_bytes(b"PDF")
    assert code_of(invitation.read, path) == "E_NOT_INVITATION"
    stranger = sshsig.SigningKey.generate()
    assert (
        code_of(invitation.write, path, INVITATION, CODE, stranger, world.signed) == "E_KEY_UNKNOWN"
    )
    bad = dataclasses.replace(INVITATION, kode_desa="35")
    assert code_of(invitation.write, path, bad, CODE, world.root, world.signed) == "E_INVITATION"
    practice = dataclasses.replace(INVITATION, practice=True)
    assert (
        code_of(invitation.write, path, practice, CODE, world.root, world.signed) == "E_INVITATION"
    )


def test_a_revoked_signer_invites_nobody(tmp_path: Path, world: World) -> None:
    """A key that the key set calls revoked no longer invites."""
    gone = sshsig.SigningKey.generate()
    signers = (keyset.Signer(world.root.public), keyset.Signer(gone.public, "revoked"))
    signed = keyset.sign(world.make_keyset(2, signers=signers), world.root)
    path = tmp_path / "x"
    assert code_of(invitation.write, path, INVITATION, CODE, gone, signed) == "E_KEY_UNKNOWN"
    assert not path.exists()


# Enrolment -------------------------------------------------------------------------------------


def statement(world: World, **changes: Any) -> enrolment.Enrolment:
    values: dict[str, Any] = {
        "invite_id": INVITE,
        "kode_desa": "3509122003",
        "device": world.device,
        "stream": world.stream,
        "signing": world.village.public,
        "encryption": world.village_identity.recipient,
        "voice_key": b"k" * 32,
        "root": sshsig.fingerprint(world.root.public),
    }
    return enrolment.Enrolment(**values | changes)


def enrol(folder: Path, world: World, said: enrolment.Enrolment, **changes: Any) -> Path:
    line = enrolment.make(said, CODE)
    draft = world.draft(type="enrolment", instrument=None, **changes)
    return bundle.write(folder, draft, world.village, [RecordFile("enrolment", [line])]).path


def test_enrolment_of_an_unknown_key(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """A key nobody knows yet may ask to be registered, and only that."""
    office.keys = {}
    with bundle.open_bundle(enrol(tmp_path, world, statement(world)), office, tmp_path) as opened:
        assert opened.outcome == "ok"
        [(_, line, _)] = opened.lines("enrolment")
    found = enrolment.parse(line)
    assert dataclasses.replace(found, mac="") == statement(world)
    enrolment.require(found, CODE, world.root.public)
    for code, root in ((codes.letter_code(), world.root.public), (CODE, world.village.public)):
        assert not enrolment.check(found, code, root)
        assert code_of(enrolment.require, found, code, root) == "E_ENROLMENT_MAC"
    for change in (
        {"voice_key": b"K" * 32},
        {"kode_desa": "3509122004"},
        {"encryption": world.escrow.recipient},
    ):
        assert not enrolment.check(dataclasses.replace(found, **change), CODE, world.root.public)


@pytest.mark.parametrize(
    "changes",
    [
        {"signing": sshsig.SigningKey.from_seed(b"x" * 32).public},
        {"device": str(uuid.UUID(int=99))},
        {"stream": str(uuid.UUID(int=99))},
        {"kode_desa": "3509122004"},
    ],
)
def test_an_enrolment_speaks_for_its_own_key(
    tmp_path: Path, world: World, office: OfficeGate, changes: dict[str, Any]
) -> None:
    """Registering somebody else's key, device or stream is refused."""
    office.keys = {}
    path = enrol(tmp_path, world, statement(world, **changes))
    assert code_of(bundle.open_bundle, path, office, tmp_path) == "E_SENDER_MISMATCH"


def test_weak_keys_are_not_enrolled(world: World) -> None:
    """A key that anyone could use, or that anyone could read for, is refused."""
    line = enrolment.make(statement(world), CODE)
    assert (
        code_of(enrolment.make, statement(world, signing=b"\1" + bytes(31)), CODE) == "E_KEY_WEAK"
    )
    from siks_offline.crypto import bech32

    assert (
        code_of(enrolment.parse, {**line, "encryption": bech32.encode("age", bytes(32))})
        == "E_KEY_WEAK"
    )
    for bad in (
        {**line, "x": 1},
        {k: v for k, v in line.items() if k != "mac"},
        [],
        None,
        {**line, "voice_key": "k"},
    ):
        assert code_of(enrolment.parse, bad) == "E_RECORD_SCHEMA"


# Return files ----------------------------------------------------------------------------------


def answer(folder: Path, world: World, recipient: str, number: int) -> Path:
    draft = world.answer_draft(bundle_id=str(uuid.UUID(int=100 + number)), enc=[recipient])
    lines = [{"n": "x" * 50}] * number * 7
    return bundle.write(
        folder, draft, world.root, [RecordFile("receipt", lines)], (), world.signed, pad=True
    ).path


def test_each_village_finds_its_part(tmp_path: Path, world: World, village: VillageGate) -> None:
    """A part is opened by its own village; the others see nothing but sizes that tell little."""
    others = [age.Identity.generate() for _ in range(5)]
    people = [*others, world.village_identity]
    parts = [answer(tmp_path, world, one.recipient, n) for n, one in enumerate(people)]
    path = tmp_path / "semua.siksbalas"
    sha256 = return_file.write(path, parts)
    assert sha256 == files.sha256_of(path)
    assert bundle.outline(path) == {
        "jenis": "siksbalas",
        "ukuran": path.stat().st_size,
        "penerima": 0,
        "sha256": sha256,
    }
    for part in parts:
        size = part.stat().st_size
        assert size >= 4096
        assert size & (size - 1) == 0
    [mine] = return_file.parts_for(path, [world.village_identity])
    assert mine.sha256 == files.sha256_of(parts[-1])
    with (
        path.open("rb") as file,
        bundle.open_source(mine.window(file), mine.size, village, tmp_path) as opened,
    ):
        assert opened.outcome == "ok"
        assert opened.file_sha256 == mine.sha256
        assert len(list(opened.lines("receipt"))) == 35
    assert return_file.parts_for(path, [age.Identity.generate()]) == []
    assert len(return_file.parts_for(path, others)) == 5


def test_damaged_return_files(tmp_path: Path, world: World, long_form: bool) -> None:
    """No bit of a return file changes unseen; an honest part is never taken for another."""
    path = tmp_path / "semua.siksbalas"
    return_file.write(
        path, [answer(tmp_path, world, world.village_identity.recipient, n) for n in (0, 1)]
    )
    sound = path.read_bytes()
    bits = len(sound) * 8
    for bit in range(bits) if long_form else random.Random(6).sample(range(bits), 300):
        changed = bytearray(sound)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(BundleError):
            return_file.parts_for(path, [world.village_identity])
    path.write_bytes(sound + b"\0")
    assert code_of(return_file.parts_for, path, []) == "E_ZIP_PROFILE"
    path.write_bytes(b"age")
    assert code_of(return_file.parts_for, path, []) == "E_NOT_BUNDLE"
    assert code_of(return_file.write, path, []) == "E_TOO_LARGE"


def test_parts_keep_their_names_and_order(tmp_path: Path, world: World) -> None:
    """Parts ascend, none twice, and each is named by its own bytes."""
    mine = [answer(tmp_path, world, world.village_identity.recipient, n) for n in (0, 1)]
    contents = sorted((path.read_bytes() for path in mine), key=sha)

    def members(*order: int) -> list[Member]:
        return [Member(f"parts/{sha(contents[n])}.siks", contents[n]) for n in order]

    path = tmp_path / "x"
    for order, code in (((1, 0), "E_ENTRY_ORDER"), ((0, 0), "E_ENTRY_ORDER")):
        path.write_bytes(packed_zip(members(*order)))
        assert code_of(return_file.parts_for, path, [world.village_identity]) == code
    lying = Member(f"parts/{'0' * 64}.siks", contents[0])
    path.write_bytes(packed_zip([lying, *members(1)]))
    assert code_of(return_file.parts_for, path, [world.village_identity]) == "E_ENTRY_HASH"
    for name in ("parts/x.siks", "../x", "manifest.json"):
        path.write_bytes(packed_zip([Member(name, contents[0])]))
        assert code_of(return_file.parts_for, path, []) == "E_ENTRY_NAME"
    path.write_bytes(packed_zip([]))
    assert code_of(return_file.parts_for, path, []) == "E_NOT_BUNDLE"


def test_padding_reaches_the_power_of_two(tmp_path: Path, world: World) -> None:
    """Whatever a part holds, its padded size is exactly a power of two, and it still opens."""
    noise = random.Random(7)
    for count in (0, 1, 9, 40, 200, 1500):
        lines = [{"n": noise.randbytes(20).hex()} for _ in range(count)]
        draft = world.draft(
            acks={"manifest_sha256": "b" * 64, "seq": 10**count if count < 10 else 1}
        )
        sent = bundle.write(tmp_path, draft, world.village, [RecordFile("visits", lines)], pad=True)
        assert sent.size & (sent.size - 1) == 0
        with bundle.open_bundle(sent.path, OfficeGate(world), tmp_path) as opened:
            assert len(list(opened.lines("visits"))) == count
