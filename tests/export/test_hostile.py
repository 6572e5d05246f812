"""Every hostile bundle is refused with its own code, before anything is kept."""

from __future__ import annotations

import base64
import hashlib
import random
import resource
import struct
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.crypto import age, sshsig
from siks_offline.errors import BundleError, SiksError
from siks_offline.export import bundle, keyset, manifest
from siks_offline.export.bundle import RecordFile
from tests.export.hostile import (
    DESA,
    Forge,
    Member,
    OfficeGate,
    VillageGate,
    World,
    packed_zip,
    sha,
    visits,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINE = b'{"nama":"Bu Sari"}'
JPG = b"\xff\xd8\xff" + b"photo"


def forge(world: World, **changes: Any) -> Forge:
    photo = Member(f"attachments/{sha(JPG)}.jpg", JPG)
    return Forge(world, **{"members": [photo, visits(LINE)]} | changes)


def refusal(path: Path, gate: OfficeGate) -> str:
    """The code a bundle is refused with; staging must be empty afterwards."""
    staging = path.parent / "staging"
    staging.mkdir(exist_ok=True)
    with pytest.raises(BundleError) as caught, bundle.open_bundle(path, gate, staging):
        pass
    assert list(staging.iterdir()) == []
    return caught.value.code


def test_the_forger_can_be_honest(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """What the test-side writer makes without lies is taken, so its lies are what is refused."""
    path = forge(world).write(tmp_path / "x")
    with bundle.open_bundle(path, office, tmp_path) as opened:
        assert opened.outcome == "ok"
        assert [value for _, value, _ in opened.lines("visits")] == [{"nama": "Bu Sari"}]


# The archive -----------------------------------------------------------------------------------

BIG = Member("records/visits.ndjson", b'"' + b"0" * 2_000_000 + b'"\n')


def _with(**changes: Any) -> Callable[[World], Forge]:
    return lambda world: forge(world, **changes)


def _visits(**changes: Any) -> Callable[[World], Forge]:
    """The records entry lies in the zip; the manifest tells the truth about its content."""
    return lambda world: forge(
        world, members=[Member("records/visits.ndjson", LINE + b"\n", **changes)]
    )


def _swapped(world: World) -> Forge:
    made = forge(world)
    entries = made.manifest()["entries"]
    return forge(world, members=made.members[::-1], edit=lambda of: of.update(entries=entries))


def _missing(world: World) -> Forge:
    entries = forge(world).manifest()
    return forge(world, members=forge(world).members[:1],
                 edit=lambda of: of.update(entries=entries["entries"], counts=entries["counts"]))  # fmt: skip


def _extra(name: str) -> Callable[[World], Forge]:
    def make(world: World) -> Forge:
        honest = forge(world)
        of = honest.manifest()
        return forge(world, members=[*honest.members, Member(name, LINE + b"\n")],
                     edit=lambda found: found.update(entries=of["entries"], counts=of["counts"]))  # fmt: skip

    return make


def _other_content(world: World) -> Forge:
    of = forge(world, members=[visits(b'{"nama":"Bu Rina"}')]).manifest()
    return forge(
        world, members=[visits(LINE)], edit=lambda found: found.update(entries=of["entries"])
    )


def _entry(**changes: Any) -> Callable[[World], Forge]:
    """The manifest lies about the records entry."""

    def edit(of: dict[str, Any]) -> None:
        of["entries"][-1].update(changes)

    return lambda world: forge(world, edit=edit)


def _deflate(data: bytes, *, end: bool = True) -> bytes:
    machine = zlib.compressobj(6, zlib.DEFLATED, -15)
    return machine.compress(data) + machine.flush(zlib.Z_FINISH if end else zlib.Z_SYNC_FLUSH)


def _head(change: Callable[[list[Member]], list[Member]]) -> Callable[[World], Forge]:
    return _with(head=change)


ARCHIVES: dict[str, tuple[Callable[[World], Forge], str]] = {
    "bytes before": (_with(prefix=b"MZ"), "E_ZIP_PROFILE"),
    "bytes behind": (_with(tail=b"\0"), "E_ZIP_STRUCTURE"),
    "a second archive behind": (_with(tail=packed_zip([visits(LINE)])), "E_ZIP_STRUCTURE"),
    "utf-8 flag": (_visits(flags=0x800), "E_ZIP_STRUCTURE"),
    "data descriptor flag": (_visits(flags=8), "E_ZIP_STRUCTURE"),
    "encrypted flag": (_visits(flags=1), "E_ZIP_STRUCTURE"),
    "another date": (_visits(date=0x5A21), "E_ZIP_STRUCTURE"),
    "another version": (_visits(version=45), "E_ZIP_STRUCTURE"),
    "extra field": (_visits(extra=b"\x01\x00\x00\x00"), "E_ZIP_STRUCTURE"),
    "stored records": (_visits(method=0), "E_ZIP_STRUCTURE"),
    "bzip2": (_visits(method=12, packed=b"BZh9"), "E_ZIP_STRUCTURE"),
    "wrong crc": (_visits(crc=1), "E_ZIP_STRUCTURE"),
    "not in the directory": (_visits(in_directory=False), "E_ZIP_STRUCTURE"),
    "deflate goes on behind its end": (_visits(packed=_deflate(LINE + b"\n") + b"\0"), "E_ZIP_STRUCTURE"),
    "deflate without an end": (_visits(packed=_deflate(LINE + b"\n", end=False)), "E_ZIP_STRUCTURE"),
    "broken deflate": (_visits(packed=b"\xff\xff\xff"), "E_ZIP_STRUCTURE"),
    "inflates to more": (_visits(packed=_deflate(LINE + b"\nx")), "E_ENTRY_SIZE"),
    "inflates to less": (_visits(packed=_deflate(LINE)), "E_ENTRY_SIZE"),
    "header tells another size": (_visits(size=7), "E_ENTRY_SIZE"),
    "header tells 4 GiB": (_visits(size=0xFFFFFFFF), "E_ENTRY_SIZE"),
    "inflates to 1000 times": (_with(members=[BIG]), "E_ENTRY_RATIO"),
    "a bomb behind a small size": (_visits(packed=_deflate(bytes(50_000_000))), "E_ENTRY_SIZE"),
    "another content": (_other_content, "E_ENTRY_HASH"),
    "entries swapped": (_swapped, "E_ENTRY_MISSING"),
    "entry missing": (_missing, "E_ENTRY_MISSING"),
    "entry twice": (_extra("records/visits.ndjson"), "E_ENTRY_EXTRA"),
    "entry nobody listed": (_extra("records/zzz.ndjson"), "E_ENTRY_EXTRA"),
    "key set behind the records": (_extra("keyset.json"), "E_ENTRY_NAME"),
    "traversal": (_extra("../evil"), "E_ENTRY_NAME"),
    "reserved name": (_extra("CON"), "E_ENTRY_NAME"),
    "absolute name": (_extra("/etc/passwd"), "E_ENTRY_NAME"),
    "stream name": (_extra("records/a:b.ndjson"), "E_ENTRY_NAME"),
    "name of other letters": (_extra("records/é.ndjson"), "E_ENTRY_NAME"),
    "name of 300 letters": (_extra("x" * 300), "E_ZIP_STRUCTURE"),
    "a folder": (_extra("records/"), "E_ENTRY_NAME"),
    "rows told wrong": (_entry(rows=2), "E_MANIFEST_SCHEMA"),
    "last line without an end": (_with(members=[Member("records/visits.ndjson", LINE)]), "E_ENTRY_SIZE"),
    "manifest second": (_head(lambda two: two[::-1]), "E_ENTRY_ORDER"),
    "manifest twice": (_head(lambda two: [two[0], *two]), "E_ENTRY_ORDER"),
    "no signature": (_head(lambda two: two[:1]), "E_ENTRY_ORDER"),
    "nothing at all": (_head(lambda _: []), "E_ENTRY_ORDER"),
    "deflated manifest": (_head(lambda two: [Member("manifest.json", two[0].content, method=8), two[1]]), "E_ZIP_PROFILE"),
    "manifest crc": (_head(lambda two: [Member("manifest.json", two[0].content, crc=0), two[1]]), "E_ZIP_PROFILE"),
    "manifest of 5 MiB": (_head(lambda two: [Member("manifest.json", bytes(5 << 20)), two[1]]), "E_TOO_LARGE"),
}  # fmt: skip


@pytest.mark.parametrize("name", ARCHIVES)
def test_hostile_archives(tmp_path: Path, world: World, office: OfficeGate, name: str) -> None:
    """Signed well and sealed well, but not the one archive that its manifest describes."""
    make, code = ARCHIVES[name]
    path = make(world).write(tmp_path / "x")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(path, office) == code
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10


def test_rows_that_lie_consistently(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """The number of lines is counted, not believed."""

    def edit(of: dict[str, Any]) -> None:
        of["entries"][-1]["rows"] = 2
        of["counts"]["visits"] = 2

    assert refusal(forge(world, edit=edit).write(tmp_path / "x"), office) == "E_ENTRY_SIZE"


# The manifest ----------------------------------------------------------------------------------


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    *to, name, value = path

    def edit(of: dict[str, Any]) -> None:
        for step in to:
            of = of[step]
        of[name] = value

    return edit


MANIFESTS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown member": ({"edit": _set("note", "x")}, "E_MANIFEST_SCHEMA"),
    "unknown member deep": ({"edit": _set("chain", "note", "x")}, "E_MANIFEST_SCHEMA"),
    "member missing": ({"edit": lambda of: of.pop("audit")}, "E_MANIFEST_SCHEMA"),
    "number for text": ({"edit": _set("period", 2026)}, "E_MANIFEST_SCHEMA"),
    "true for a number": ({"edit": _set("chain", "seq", True)}, "E_MANIFEST_SCHEMA"),
    "seq 0": ({"edit": _set("chain", "seq", 0)}, "E_MANIFEST_SCHEMA"),
    "prev at seq 1": ({"edit": _set("chain", "prev", "b" * 64)}, "E_MANIFEST_SCHEMA"),
    "no prev at seq 2": ({"edit": _set("chain", "seq", 2)}, "E_MANIFEST_SCHEMA"),
    "capital hex": ({"edit": _set("chain", "after", "B" * 64)}, "E_MANIFEST_SCHEMA"),
    "a date that is none": ({"edit": _set("created_at", "2026-02-30T00:00:00Z")}, "E_MANIFEST_SCHEMA"),
    "line feed": ({"edit": _set("period", "2026-Q4\n")}, "E_MANIFEST_SCHEMA"),
    "entry path": ({"edit": _set("entries", 1, "path", "records/../x.ndjson")}, "E_MANIFEST_SCHEMA"),
    "entries out of order": ({"edit": lambda of: of["entries"].reverse()}, "E_MANIFEST_SCHEMA"),
    "entry twice": ({"edit": lambda of: of["entries"].append(of["entries"][-1])}, "E_MANIFEST_SCHEMA"),
    "attachment named by another hash": ({"edit": _set("entries", 0, "sha256", "0" * 64)}, "E_MANIFEST_SCHEMA"),
    "another media type": ({"edit": _set("entries", 0, "media_type", "application/pdf")}, "E_MANIFEST_SCHEMA"),
    "counts": ({"edit": _set("counts", "attachments", 0)}, "E_MANIFEST_SCHEMA"),
    "inventory": ({"edit": _set("inventory", {"rows": 1, "sha256": "0" * 64})}, "E_MANIFEST_SCHEMA"),
    "part 2 of 1": ({"edit": _set("part", "i", 2)}, "E_MANIFEST_SCHEMA"),
    "enc out of order": ({"edit": lambda of: of["recipient"]["enc"].reverse()}, "E_MANIFEST_SCHEMA"),
    "a list": ({"raw": lambda _: b"[]"}, "E_MANIFEST_SCHEMA"),
    "another format": ({"edit": _set("format", "siks-bundle/2")}, "E_FORMAT_UNSUPPORTED"),
    "a records file of 300 MB": ({"edit": _set("entries", 1, "size", 300_000_000)}, "E_TOO_LARGE"),
    "an attachment of 40 MB": ({"edit": _set("entries", 0, "size", 40_000_000)}, "E_TOO_LARGE"),
    "spaces": ({"raw": lambda raw: raw.replace(b",", b", ")}, "E_MANIFEST_CANON"),
    "a line behind": ({"raw": lambda raw: raw + b"\n"}, "E_MANIFEST_CANON"),
    "duplicate key": ({"raw": lambda raw: raw[:-1] + b',"type":"visits"}'}, "E_MANIFEST_CANON"),
    "NaN": ({"raw": lambda raw: raw.replace(b'"seq":1', b'"seq":NaN')}, "E_MANIFEST_CANON"),
    "1e999": ({"raw": lambda raw: raw.replace(b'"seq":1', b'"seq":1e999')}, "E_MANIFEST_CANON"),
    "a fraction": ({"raw": lambda raw: raw.replace(b'"seq":1', b'"seq":1.0')}, "E_MANIFEST_CANON"),
    "5,000 digits": ({"raw": lambda raw: raw.replace(b'"seq":1', b'"seq":1' + b"0" * 5000)}, "E_MANIFEST_CANON"),
    "depth 100,000": ({"raw": lambda _: b"[" * 100_000 + b"]" * 100_000}, "E_MANIFEST_CANON"),
    "half a character": ({"raw": lambda raw: raw.replace(b'"2026-Q4"', b'"\\ud800"')}, "E_MANIFEST_CANON"),
    "not UTF-8": ({"raw": lambda raw: raw.replace(b'"2026-Q4"', b'"\xff"')}, "E_MANIFEST_CANON"),
    "another type than signed": ({"namespace": "siks.enrolment.v1"}, "E_TYPE_MISMATCH"),
    "a namespace of elsewhere": ({"namespace": "siks.receipt.v1"}, "E_SIG_NAMESPACE"),
    "signed for git": ({"namespace": "git"}, "E_SIG_NAMESPACE"),
    "another sender": ({"edit": _set("sender", "id", "desa:3509122004")}, "E_SENDER_MISMATCH"),
    "another device": ({"edit": _set("sender", "device", "0" * 8 + "-0000-0000-0000-000000000009")}, "E_SENDER_MISMATCH"),
    "another key named": ({"edit": _set("sender", "key", "SHA256:" + "A" * 43)}, "E_SENDER_MISMATCH"),
    "another recipient": ({"edit": _set("recipient", "id", "dinsos:3510")}, "E_RECIPIENT_MISMATCH"),
    "practice": ({"edit": _set("practice", True)}, "E_PRACTICE"),
}  # fmt: skip


@pytest.mark.parametrize("name", MANIFESTS)
def test_hostile_manifests(tmp_path: Path, world: World, office: OfficeGate, name: str) -> None:
    """Signed by the village's own key, and refused for what it says or how it says it."""
    changes, code = MANIFESTS[name]
    if "namespace" in changes:
        office.namespaces |= {"siks.enrolment.v1"}
    assert refusal(forge(world, **changes).write(tmp_path / "x"), office) == code


def test_forwarded_to_another_office(tmp_path: Path, world: World) -> None:
    """Dinsos A cannot pass on a bundle to Dinsos B as if it had been sent there."""
    other = age.Identity.generate()
    gate = OfficeGate(world, identities=[other])
    path = forge(world, enc=[other.recipient, world.escrow.recipient]).write(tmp_path / "x")
    assert refusal(path, gate) == "E_RECIPIENT_MISMATCH"


@pytest.mark.parametrize("extra", [0, 2])
def test_recipients_are_exactly_those_signed(
    tmp_path: Path, world: World, office: OfficeGate, extra: int
) -> None:
    """A stanza added or taken away beside the signed list is seen."""
    enc = [world.operational.recipient, *(age.Identity.generate().recipient for _ in range(extra))]
    assert refusal(forge(world, enc=enc).write(tmp_path / "x"), office) == "E_RECIPIENT_MISMATCH"


def test_bundle_id_used_twice(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """One id, two manifests: refused."""
    office.ids["00000000-0000-0000-0000-000000000003"] = "f" * 64
    assert refusal(forge(world).write(tmp_path / "x"), office) == "E_ID_CONFLICT"


# Signatures and keys ---------------------------------------------------------------------------


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


def test_the_sum_of_sizes_is_bounded(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """A thousand photos within their own limit are still too much together."""

    def edit(of: dict[str, Any]) -> None:
        digest = [f"{number:064x}" for number in range(40)]
        of["entries"] = [
            {
                "media_type": "image/jpeg",
                "path": f"attachments/{one}.jpg",
                "rows": 0,
                "sha256": one,
                "size": 30_000_000,
            }
            for one in digest
        ]
        of["counts"] = {"attachments": 40, "musdes": 0, "proposals": 0, "visits": 0}

    assert refusal(forge(world, edit=edit).write(tmp_path / "x"), office) == "E_TOO_LARGE"


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


# Bytes -----------------------------------------------------------------------------------------


def _small(world: World) -> bytes:
    return forge(world).bytes()


def test_bit_flips(tmp_path: Path, world: World, office: OfficeGate, long_form: bool) -> None:
    """Every single flipped bit of a bundle is refused, with a BundleError and nothing else."""
    sound = _small(world)
    bits = len(sound) * 8
    chosen = range(bits) if long_form else random.Random(1).sample(range(bits), 600)
    path = tmp_path / "x"
    for bit in chosen:
        changed = bytearray(sound)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        refusal(path, office)


def test_truncations(tmp_path: Path, world: World, office: OfficeGate, long_form: bool) -> None:
    """Every shorter file is refused."""
    sound = _small(world)
    path = tmp_path / "x"
    step = 1 if long_form else 11
    for length in (*range(0, len(sound), step), len(sound) - 1):
        path.write_bytes(sound[:length])
        refusal(path, office)


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
    refusal(path, office)
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
