"""The statement with which a village device asks its Dinsos to be registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from siks_offline.crypto import age, codes, sshsig
from siks_offline.errors import BundleError
from siks_offline.export import canonical, shapes

FORMAT = "siks-enrolment/1"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a device says of itself: `signing` 32 bytes, `encryption` age1..., `voice_key` 32 bytes.

    `root` is the SHA256 fingerprint of the Dinsos root that the device now trusts.
    """

    invite_id: str
    kode_desa: str
    device: str
    stream: str
    signing: bytes
    encryption: str
    voice_key: bytes
    root: str
    mac: str = ""


def make(statement: Enrolment, code: str) -> dict[str, Any]:
    """Return the line of records/enrolment.ndjson, with its mac under the letter's code.

    Raises SecretError E_CODE_FORMAT.
    """
    value = _value(statement)
    key = codes.enrolment_key(code, statement.invite_id)
    value["mac"] = codes.mac(key, canonical.dumps(value))
    parse(value)
    return value


def parse(value: Any) -> Enrolment:
    """Return the statement of a line. Raises BundleError E_RECORD_SCHEMA, E_KEY_WEAK."""
    shapes.check(value, _enrolment, "E_RECORD_SCHEMA")
    signing = sshsig.from_openssh(value["signing"])
    sshsig.check_public(signing)
    age.check_recipient(value["encryption"])
    return Enrolment(
        invite_id=value["invite_id"],
        kode_desa=value["kode_desa"],
        device=value["device"],
        stream=value["stream"],
        signing=signing,
        encryption=value["encryption"],
        voice_key=bytes.fromhex(value["voice_key"]),
        root=value["root"],
        mac=value["mac"],
    )


def check(statement: Enrolment, code: str, root: bytes) -> bool:
    """Whether the letter's code made the mac and the device trusts this root, in constant time."""
    return check_with(statement, codes.enrolment_key(code, statement.invite_id), root)


def check_with(statement: Enrolment, key: bytes, root: bytes) -> bool:
    """Do as `check` with the key of an office that kept no code (`codes.enrolment_key`)."""
    mac_good = codes.same(codes.mac(key, canonical.dumps(_value(statement))), statement.mac)
    root_good = codes.same(sshsig.fingerprint(root), statement.root)
    return mac_good and root_good


def require(statement: Enrolment, code: str, root: bytes) -> None:
    """Refuse with BundleError E_ENROLMENT_MAC what `check` does not pass."""
    if not check(statement, code, root):
        raise BundleError("E_ENROLMENT_MAC")


def _value(statement: Enrolment) -> dict[str, Any]:
    return {
        "device": statement.device,
        "encryption": statement.encryption,
        "format": FORMAT,
        "invite_id": statement.invite_id,
        "kode_desa": statement.kode_desa,
        "root": statement.root,
        "signing": sshsig.openssh(statement.signing),
        "stream": statement.stream,
        "voice_key": statement.voice_key.hex(),
    }


_enrolment = shapes.members(
    {
        "device": shapes.uuid,
        "encryption": shapes.recipient,
        "format": shapes.one_of(FORMAT),
        "invite_id": shapes.uuid,
        "kode_desa": shapes.kode_desa,
        "mac": shapes.sha256,
        "root": shapes.fingerprint,
        "signing": shapes.openssh,
        "stream": shapes.uuid,
        "voice_key": shapes.sha256,
    }
)
