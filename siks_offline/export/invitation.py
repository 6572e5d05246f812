"""The invitation file (.siksundang) that a Dinsos hands to a village it does not know yet."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline.crypto import codes, sshsig
from siks_offline.errors import BundleError
from siks_offline.export import archive, canonical, files, keyset, manifest, shapes
from siks_offline.export.keyset import SignedKeySet

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.export.keyset import KeySet

FORMAT = "siks-invitation/1"
NAMESPACE = "siks.invitation.v1"
LARGEST = 1 << 20
_NAMES = ("invitation.json", "invitation.json.sig", "keyset.json", "keyset.json.sig")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation says: who invites which village, until when, for which instrument.

    `bps` is the ten-digit BPS code bound to the village, empty when the Dinsos does not know it.
    """

    id: str
    kode_desa: str
    nama_desa: str
    bps: str
    invite_id: str
    instrument: dict[str, str]
    created_at: datetime
    expires_at: datetime
    practice: bool
    mac: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """An invitation whose signatures hold under the root it carries itself.

    That root is not trusted yet: `require_code` or `require_digits` must pass first.
    """

    invitation: Invitation
    keyset: KeySet
    signed: SignedKeySet


def write(
    path: Path, invitation: Invitation, code: str, key: sshsig.SigningKey, signed: SignedKeySet
) -> str:
    """Write an invitation with the mac of the letter's code, whole or not at all.

    `key` is an active signer of the key set. Returns the file's SHA-256. Raises FileError,
    SecretError E_CODE_FORMAT, BundleError E_INVITATION for values outside the schema.
    """
    value = _value(invitation, keyset.parse(signed.raw))
    statement = canonical.dumps(value)
    value["mac"] = codes.mac(codes.invitation_key(code, invitation.invite_id), statement)
    raw = canonical.dumps(value)
    contents = (raw, key.sign(raw, NAMESPACE), signed.raw, signed.signature)
    packed = b"".join(
        archive.blocks(
            archive.stored(name, content) for name, content in zip(_NAMES, contents, strict=True)
        )
    )
    _read(packed)
    return files.write_whole(path, packed)


def read(path: Path) -> Read:
    """Return a well-formed invitation, signed by an active signer of the key set it carries.

    Raises FileError and BundleError: E_NOT_INVITATION, E_ZIP_PROFILE, E_ENTRY_ORDER, E_TOO_LARGE,
    E_SIG_..., E_KEY_..., E_KEYSET, E_INVITATION.
    """
    with files.errors(path, reading=True), path.open("rb") as file:
        packed = file.read(LARGEST + 1)
    if not packed.startswith(b"PK\x03\x04"):
        raise BundleError("E_NOT_INVITATION")
    if len(packed) > LARGEST:
        raise BundleError("E_TOO_LARGE")
    return _read(packed)


def _read(packed: bytes) -> Read:
    reader = archive.ArchiveReader(io.BytesIO(packed), "E_ZIP_PROFILE")
    contents = []
    for name in _NAMES:
        header = reader.next()
        if header is None or header.name != name:
            raise BundleError("E_ENTRY_ORDER")
        largest = manifest.LARGEST_SIGNATURE if name.endswith(".sig") else manifest.LARGEST_KEYSET
        contents.append(reader.content(header, largest))
    if reader.next() is not None:
        raise BundleError("E_ENTRY_ORDER")
    raw, signature, keyset_raw, keyset_signature = contents
    signed = SignedKeySet(keyset_raw, keyset_signature)
    carried = keyset.verify(signed, None)
    found = sshsig.parse(signature)
    if found.namespace != NAMESPACE:
        raise BundleError("E_SIG_NAMESPACE")
    sshsig.check_public(found.public)
    signer = carried.signer(found.public)
    if signer is None or signer.status != "active":
        raise BundleError("E_KEY_UNKNOWN")
    sshsig.verify(found, raw)
    invitation = _parse(raw, carried)
    return Read(invitation, carried, signed)


def _parse(raw: bytes, carried: KeySet) -> Invitation:
    try:
        value = canonical.loads(raw, canonical=True)
        canonical.check_values(value, line_feed=False)
    except BundleError:
        raise BundleError("E_INVITATION", bagian="-") from None
    shapes.check(value, _invitation, "E_INVITATION")
    if value["id"] != carried.id or value["practice"] != carried.practice:
        raise BundleError("E_INVITATION", bagian="id")
    if value["keyset"] != {"sha256": carried.sha256, "version": carried.version}:
        raise BundleError("E_INVITATION", bagian="keyset")
    return Invitation(
        id=value["id"],
        kode_desa=value["kode_desa"],
        nama_desa=value["nama_desa"],
        bps=value["bps"],
        invite_id=value["invite_id"],
        instrument=value["instrument"],
        created_at=canonical.moment(value["created_at"]),
        expires_at=canonical.moment(value["expires_at"]),
        practice=value["practice"],
        mac=value["mac"],
    )


def require_code(found: Read, code: str) -> None:
    """Establish the root by the letter's code: only who knows it made the mac over this key set.

    Raises BundleError E_INVITE_CODE, SecretError E_CODE_FORMAT.
    """
    invitation = found.invitation
    key = codes.invitation_key(code, invitation.invite_id)
    made = codes.mac(key, canonical.dumps(_value(invitation, found.keyset)))
    if not codes.same(made, invitation.mac):
        raise BundleError("E_INVITE_CODE")


def require_digits(found: Read, digits: str) -> None:
    """Establish the root by the 30 digits of the letter or the telephone, gaps or not.

    Raises BundleError E_INVITE_CODE.
    """
    typed = "".join(character for character in digits if not character.isspace())
    if not codes.same(typed, keyset.root_digits(found.keyset.id, found.keyset.root)):
        raise BundleError("E_INVITE_CODE")


def require_time(found: Read, now: datetime) -> None:
    """Refuse an invitation that has run out: BundleError E_INVITE_EXPIRED."""
    if now > found.invitation.expires_at:
        raise BundleError(
            "E_INVITE_EXPIRED", sampai=canonical.stamp(found.invitation.expires_at)[:10]
        )


def _value(invitation: Invitation, carried: KeySet) -> dict[str, Any]:
    """Return the statement that the mac is made over: the invitation without its mac."""
    return {
        "bps": invitation.bps,
        "created_at": canonical.stamp(invitation.created_at),
        "expires_at": canonical.stamp(invitation.expires_at),
        "format": FORMAT,
        "id": invitation.id,
        "instrument": dict(invitation.instrument),
        "invite_id": invitation.invite_id,
        "keyset": {"sha256": carried.sha256, "version": carried.version},
        "kode_desa": invitation.kode_desa,
        "nama_desa": invitation.nama_desa,
        "practice": invitation.practice,
    }


_invitation = shapes.members(
    {
        "bps": shapes.text(r"([0-9]{10})?"),
        "created_at": shapes.moment,
        "expires_at": shapes.moment,
        "format": shapes.one_of(FORMAT),
        "id": shapes.dinsos_id,
        "instrument": shapes.instrument,
        "invite_id": shapes.uuid,
        "keyset": shapes.members({"sha256": shapes.sha256, "version": shapes.integer(1)}),
        "kode_desa": shapes.kode_desa,
        "mac": shapes.sha256,
        "nama_desa": shapes.words(200, line_feed=False),
        "practice": shapes.boolean,
    }
)
