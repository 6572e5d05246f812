"""Who signs what: stolen, weak, foreign and revoked keys are refused by name."""

from __future__ import annotations

import base64
import struct
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.crypto import sshsig
from siks_offline.errors import BundleError
from siks_offline.export import bundle, keyset
from siks_offline.export.bundle import RecordFile
from tests.export.hostile import (
    DESA,
    Member,
    OfficeGate,
    VillageGate,
    World,
)
from tests.export.hostile_cases import forge, refusal

if TYPE_CHECKING:
    from pathlib import Path


def test_unknown_key(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """Anyone may seal to an office; only registered keys are heard."""
    path = forge(world, key=sshsig.SigningKey.generate()).write(tmp_path / "x")
    assert refusal(path, office) == "E_KEY_UNKNOWN"


def test_signature_of_another_manifest(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """A good signature over other bytes."""
    stolen = world.village.sign(b"{}", "siks.visits.v1")
    path = forge(world, head=lambda two: [two[0], Member("manifest.json.sig", stolen)]).write(
        tmp_path / "x"
    )
    assert refusal(path, office) == "E_SIG_BAD"


def test_identity_point_signs_anything(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """A key of low order, under which a constant signs every message, is refused even if registered."""
    weak = b"\1" + bytes(31)

    def string(data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + data

    blob = (
        b"SSHSIG\0\0\0\1" + string(string(b"ssh-ed25519") + string(weak)) + string(b"siks.visits.v1")
        + string(b"") + string(b"sha512") + string(string(b"ssh-ed25519") + string(weak + bytes(32)))
    )  # fmt: skip
    text = base64.b64encode(blob)
    armored = b"\n".join(
        [
            b"-----BEGIN SSH SIGNATURE-----",
            *(text[i : i + 70] for i in range(0, len(text), 70)),
            b"-----END SSH SIGNATURE-----",
            b"",
        ]
    )
    office.keys[weak] = bundle.KnownKey(DESA, world.device, "active")
    path = forge(world, head=lambda two: [two[0], Member("manifest.json.sig", armored)]).write(
        tmp_path / "x"
    )
    assert refusal(path, office) == "E_KEY_WEAK"


# Key sets --------------------------------------------------------------------------------------


def _receipt(
    world: World, folder: Path, key: sshsig.SigningKey, signed: keyset.SignedKeySet
) -> Path:
    return bundle.write(
        folder, world.answer_draft(keyset=None), key, [RecordFile("receipt", [])], (), signed
    ).path


def test_a_root_of_ones_own(tmp_path: Path, world: World, village: VillageGate) -> None:
    """A stranger's key set, well signed by a stranger's root, opens nothing."""
    stranger = sshsig.SigningKey.generate()
    signed = keyset.sign(
        world.make_keyset(9, root=stranger.public, signers=(keyset.Signer(stranger.public),)),
        stranger,
    )
    assert refusal(_receipt(world, tmp_path, stranger, signed), village) == "E_KEY_UNKNOWN"


def test_a_signer_the_set_does_not_name(tmp_path: Path, world: World, village: VillageGate) -> None:
    """The key set is sound but does not know the signer."""
    assert (
        refusal(_receipt(world, tmp_path, sshsig.SigningKey.generate(), world.signed), village)
        == "E_KEY_UNKNOWN"
    )


def test_a_new_version_brings_and_revokes_signers(
    tmp_path: Path, world: World, village: VillageGate
) -> None:
    """The highest set seen decides: a new one admits its signer and bars the one it revokes."""
    new = sshsig.SigningKey.generate()
    signers = (keyset.Signer(world.root.public, "revoked"), keyset.Signer(new.public))
    signed = keyset.sign(world.make_keyset(2, signers=signers), world.root)
    village.keyset_version = 1
    village.keys = {world.root.public: bundle.KnownKey("dinsos:3509", "", "active")}
    with bundle.open_bundle(_receipt(world, tmp_path, new, signed), village, tmp_path) as opened:
        assert opened.keyset is not None
        assert opened.keyset.version == 2
    assert refusal(_receipt(world, tmp_path, world.root, signed), village) == "E_KEY_UNKNOWN"
    village.keyset_version = 2
    village.keys = {new.public: bundle.KnownKey("dinsos:3509", "", "active")}
    old = _receipt(world, tmp_path, world.root, world.signed)
    assert refusal(old, village) == "E_KEY_UNKNOWN"


def test_a_key_set_beside_another_manifest(
    tmp_path: Path, world: World, village: VillageGate
) -> None:
    """The manifest names the key set that it travels with."""
    path = tmp_path / "x"
    made = forge(world, kind="receipt", key=world.root, carried=world.signed, members=[Member("records/receipt.ndjson", b"")],
                 enc=[world.village_identity.recipient])  # fmt: skip

    def edit(of: dict[str, Any]) -> None:
        of["sender"]["id"], of["recipient"] = "dinsos:3509", {"enc": made.enc, "id": DESA}
        of["keyset"]["sha256"] = "0" * 64

    made.edit = edit
    assert refusal(made.write(path), village) == "E_KEYSET"


def test_a_key_set_is_signed_by_the_root_it_names(world: World) -> None:
    """A signer cannot promote itself by naming another root in its own key set."""
    signer = sshsig.SigningKey.generate()
    raw = world.signed.raw
    signed = keyset.SignedKeySet(raw, signer.sign(raw, keyset.NAMESPACE))
    for pinned in (None, signer.public):
        with pytest.raises(BundleError) as caught:
            keyset.verify(signed, pinned)
        assert caught.value.code == "E_KEY_UNKNOWN"


def test_tampered_key_sets(world: World) -> None:
    """Any change of a key set's bytes, and any shape but the one, is refused."""
    raw = world.signed.raw
    for place in range(0, len(raw), 7):
        changed = keyset.SignedKeySet(
            raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :], world.signed.signature
        )
        with pytest.raises(BundleError) as caught:
            keyset.verify(changed, world.root.public)
        assert caught.value.code == "E_SIG_BAD"
    for edit in (b'"version":0', b'"version":1,"x":1', b'"version":"1"'):
        body = raw.replace(b'"version":1', edit)
        again = keyset.SignedKeySet(body, world.root.sign(body, keyset.NAMESPACE))
        with pytest.raises(BundleError) as caught:
            keyset.verify(again, world.root.public)
        assert caught.value.code == "E_KEYSET"
    elsewhere = keyset.SignedKeySet(raw, world.root.sign(raw, "siks.receipt.v1"))
    with pytest.raises(BundleError) as caught:
        keyset.verify(elsewhere, world.root.public)
    assert caught.value.code == "E_SIG_NAMESPACE"
