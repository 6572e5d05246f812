"""The statement with which a village device asks its Dinsos to be registered, or to be renewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from siks_offline.crypto import age, codes, sshsig
from siks_offline.errors import BundleError
from siks_offline.export import canonical, manifest, shapes

FORMAT = "siks-enrolment/1"
RENEWAL = "siks-renewal/1"
VALID = timedelta(days=730)
"""How long an approved key of a village serves."""
RENEWED = timedelta(days=90)
"""How long before its end a key may be renewed without a letter."""


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


def renew(statement: Enrolment, key: sshsig.SigningKey) -> dict[str, Any]:
    """Return the line that asks for a device's next key, with the proof of that key.

    The bundle is signed by the present key, so both vouch. `invite_id` and `mac` stay empty.
    """
    value = _renewal_value(statement)
    value["proof"] = key.sign(canonical.dumps(value), _NAMESPACE).decode("ascii")
    parse_renewal(value)
    return value


def is_renewal(value: Any) -> bool:
    """Whether a line says of itself that it is a renewal."""
    return isinstance(value, dict) and value.get("format") == RENEWAL


def parse_renewal(value: Any) -> Enrolment:
    """Return the statement of a renewal whose next key has signed it.

    Raises BundleError E_RECORD_SCHEMA, E_KEY_WEAK, E_SIG_FORMAT, E_SIG_BAD, E_SENDER_MISMATCH.
    """
    shapes.check(value, _renewal, "E_RECORD_SCHEMA")
    signing = sshsig.from_openssh(value["signing"])
    sshsig.check_public(signing)
    age.check_recipient(value["encryption"])
    statement = Enrolment(
        invite_id="",
        kode_desa=value["kode_desa"],
        device=value["device"],
        stream=value["stream"],
        signing=signing,
        encryption=value["encryption"],
        voice_key=bytes.fromhex(value["voice_key"]),
        root=value["root"],
    )
    proof = sshsig.parse(value["proof"].encode("utf-8"))
    if proof.namespace != _NAMESPACE:
        raise BundleError("E_SIG_NAMESPACE")
    if proof.public != signing:
        raise BundleError("E_SENDER_MISMATCH")
    sshsig.verify(proof, canonical.dumps(_renewal_value(statement)))
    return statement


def _renewal_value(statement: Enrolment) -> dict[str, Any]:
    value = _value(statement) | {"format": RENEWAL}
    del value["invite_id"]
    return value


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


_NAMESPACE = manifest.namespace("enrolment")
_renewal = shapes.members(
    {
        "device": shapes.uuid,
        "encryption": shapes.recipient,
        "format": shapes.one_of(RENEWAL),
        "kode_desa": shapes.kode_desa,
        "proof": shapes.words(1000),
        "root": shapes.fingerprint,
        "signing": shapes.openssh,
        "stream": shapes.uuid,
        "voice_key": shapes.sha256,
    }
)
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
