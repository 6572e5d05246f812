"""The key set of a Dinsos: which keys sign for it, and to whom a village seals."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from siks_offline.crypto import age, codes, sshsig
from siks_offline.errors import BundleError
from siks_offline.export import canonical, manifest, shapes

if TYPE_CHECKING:
    from datetime import datetime

FORMAT = "siks-keyset/1"
NAMESPACE = manifest.namespace("keyset")
_END = b"-----END SSH SIGNATURE-----\n"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs, or once signed, for the Dinsos; `public` is the 32 bytes."""

    public: bytes
    status: Literal["active", "revoked"] = "active"


@dataclass(frozen=True, slots=True)
class KeySet:
    """A key set as read: `root` are 32 bytes, `operational` and `escrow` age1... recipients."""

    id: str
    name: str
    version: int
    created_at: datetime
    root: bytes
    signers: tuple[Signer, ...]
    operational: tuple[str, ...]
    escrow: tuple[str, ...]
    practice: bool
    sha256: str = ""
    """Of the bytes it was read from; empty before signing."""

    @property
    def enc(self) -> tuple[str, ...]:
        """Whom a bundle to this Dinsos is sealed to: exactly these, ascending."""
        return tuple(sorted({*self.operational, *self.escrow}))

    def signer(self, public: bytes) -> Signer | None:
        """Return what the set says of a key."""
        return next((one for one in self.signers if one.public == public), None)


@dataclass(frozen=True, slots=True)
class SignedKeySet:
    """The bytes of keyset.json and keyset.json.sig; `second` those of keyset.json.sig2, or none.

    The second is made by the root before, so that who trusts that one learns the new root.
    """

    raw: bytes
    signature: bytes
    second: bytes = b""

    @classmethod
    def of_store(cls, raw: bytes, signatures: bytes) -> SignedKeySet:
        """Return a key set from its bytes and the `signatures` that a store kept."""
        end = signatures.find(_END) + len(_END)
        return cls(raw, signatures[:end], signatures[end:])

    @property
    def signatures(self) -> bytes:
        """Both signatures, one file after the other, as a store keeps them."""
        return self.signature + self.second

    @property
    def sha256(self) -> str:
        """Of the key set's bytes."""
        return hashlib.sha256(self.raw).hexdigest()


def sign(
    keyset: KeySet, root: sshsig.SigningKey, before: sshsig.SigningKey | None = None
) -> SignedKeySet:
    """Write a key set down and sign it with its own root key, and with the one before it."""
    if root.public != keyset.root:
        raise ValueError("the root key of a key set signs it")
    value = {
        "created_at": canonical.stamp(keyset.created_at),
        "enc": {"escrow": sorted(keyset.escrow), "operational": sorted(keyset.operational)},
        "format": FORMAT,
        "id": keyset.id,
        "name": keyset.name,
        "practice": keyset.practice,
        "root": sshsig.openssh(keyset.root),
        "signers": [
            {"key": sshsig.openssh(one.public), "status": one.status} for one in keyset.signers
        ],
        "version": keyset.version,
    }
    raw = canonical.dumps(value)
    parse(raw)
    second = b"" if before is None else before.sign(raw, NAMESPACE)
    return SignedKeySet(raw, root.sign(raw, NAMESPACE), second)


def verify(signed: SignedKeySet, pinned_root: bytes | None) -> KeySet:
    """Return a key set whose signature is good and made by the root that this program trusts.

    A set of a new root passes when that root and the trusted one have both signed it.

    Without a pinned root (an invitation being read) the set only proves that its own root made it:
    the caller still has to establish that root by the letter's code or the 30 digits. Raises
    BundleError E_SIG_FORMAT, E_SIG_NAMESPACE, E_KEY_WEAK, E_KEY_UNKNOWN, E_SIG_BAD, E_KEYSET.
    """
    signature = sshsig.parse(signed.signature)
    if signature.namespace != NAMESPACE:
        raise BundleError("E_SIG_NAMESPACE")
    sshsig.check_public(signature.public)
    if pinned_root is not None and signature.public != pinned_root:
        if not signed.second:
            raise BundleError("E_KEY_UNKNOWN")
        vouched = sshsig.parse(signed.second)
        if vouched.namespace != NAMESPACE:
            raise BundleError("E_SIG_NAMESPACE")
        if vouched.public != pinned_root:
            raise BundleError("E_KEY_UNKNOWN")
        sshsig.verify(vouched, signed.raw)
    sshsig.verify(signature, signed.raw)
    keyset = parse(signed.raw)
    if keyset.root != signature.public:
        raise BundleError("E_KEY_UNKNOWN")
    return keyset


def parse(raw: bytes) -> KeySet:
    """Return the key set of bytes that are signed well. Raises BundleError E_KEYSET, E_KEY_WEAK."""
    try:
        value = canonical.loads(raw, canonical=True)
        canonical.check_values(value, line_feed=False)
    except BundleError:
        raise BundleError("E_KEYSET", bagian="-") from None
    shapes.check(value, _keyset, "E_KEYSET")
    return _from(value, hashlib.sha256(raw).hexdigest())


def _from(value: dict[str, Any], sha256: str) -> KeySet:
    signers = tuple(Signer(_public(one["key"]), one["status"]) for one in value["signers"])
    if len({one.public for one in signers}) != len(signers):
        raise BundleError("E_KEYSET", bagian="signers")
    enc = value["enc"]
    for recipient in (*enc["operational"], *enc["escrow"]):
        age.check_recipient(recipient)
    if len({*enc["operational"], *enc["escrow"]}) > manifest.MOST_RECIPIENTS:
        raise BundleError("E_KEYSET", bagian="enc")
    return KeySet(
        id=value["id"],
        name=value["name"],
        version=value["version"],
        created_at=canonical.moment(value["created_at"]),
        root=_public(value["root"]),
        signers=signers,
        operational=tuple(enc["operational"]),
        escrow=tuple(enc["escrow"]),
        practice=value["practice"],
        sha256=sha256,
    )


def _public(text: str) -> bytes:
    public = sshsig.from_openssh(text)
    sshsig.check_public(public)
    return public


def root_digits(dinsos_id: str, root: bytes) -> str:
    """Return the 30 digits that people compare a root by, over the telephone or on the letter."""
    return codes.thirty_digits(canonical.dumps({"id": dinsos_id, "root": sshsig.openssh(root)}))


def manifest_digits(manifest_sha256: str) -> str:
    """Return the 30 digits of a manifest, as a data passport prints them."""
    return codes.thirty_digits(canonical.dumps({"manifest_sha256": manifest_sha256}))


def check_code(manifest_sha256: str) -> str:
    """Return the 8 digits by which a paper register tells files apart; no proof against forgery."""
    digest = hashlib.sha256(b"siks-cek/1\n" + manifest_sha256.encode("ascii")).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**8:08}"


_recipients = shapes.ascending(
    shapes.each(shapes.recipient, least=1, most=manifest.MOST_RECIPIENTS)
)
_keyset = shapes.members(
    {
        "created_at": shapes.moment,
        "enc": shapes.members({"escrow": _recipients, "operational": _recipients}),
        "format": shapes.one_of(FORMAT),
        "id": shapes.dinsos_id,
        "name": shapes.words(200, line_feed=False),
        "practice": shapes.boolean,
        "root": shapes.openssh,
        "signers": shapes.each(
            shapes.members({"key": shapes.openssh, "status": shapes.one_of("active", "revoked")}),
            least=1,
            most=100,
        ),
        "version": shapes.integer(1),
    }
)
