"""Judge a received bundle step by step, before anything of it touches a store.

The order of the steps, and the code of each refusal: docs/spec/siks-bundle.md section 6.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from siks_offline.crypto import age, sshsig
from siks_offline.errors import BundleError
from siks_offline.export import archive, enrolment, files, keyset, lines, manifest
from siks_offline.export.reading import Walk
from siks_offline.export.staging import Staging
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from siks_offline.export.archive import Source
    from siks_offline.export.keyset import KeySet, SignedKeySet
    from siks_offline.export.reading import Head
    from siks_offline.progress import Progress

HEADER_LIMIT = 32 << 10
Outcome = Literal["ok", "already", "held"]
_HELD = {"revoked": "H_KEY_REVOKED", "expired": "H_KEY_EXPIRED", "not_yet": "H_KEY_NOT_YET_VALID"}


@dataclass(frozen=True, slots=True)
class KnownKey:
    """What a registry says of a signing key; an empty device stands for any of the sender's."""

    sender_id: str
    device: str
    status: Literal["active", "revoked", "expired", "not_yet"]


class Gate(Protocol):
    """Whoever receives a bundle: its keys, and what it knows already."""

    @property
    def identities(self) -> Sequence[age.Identity]:
        """The keys that may open a bundle, old ones included."""

    @property
    def own_id(self) -> str:
        """Who we are, `dinsos:3509` or `desa:3509122003`."""

    @property
    def namespaces(self) -> frozenset[str]:
        """The signature namespaces of the bundle types taken here."""

    @property
    def practice(self) -> bool:
        """Whether this is a practice world."""

    @property
    def pinned_root(self) -> bytes | None:
        """The root key that carried key sets must be signed by."""

    @property
    def keyset_version(self) -> int:
        """The highest key set version stored, 0 for none."""

    def key(self, public: bytes) -> KnownKey | None:
        """Return what the registry, or the stored key set, says of a key."""

    def imported(self, manifest_sha256: str) -> bool:
        """Whether this bundle was imported before."""

    def bundle_hash(self, bundle_id: str) -> str | None:
        """Return the manifest hash under which a bundle id is known."""

    def instrument_known(self, instrument: Mapping[str, str] | None) -> bool:
        """Whether records of this instrument can be held against it."""


class Opened:
    """A verified bundle whose records stand in encrypted staging until it is closed.

    outcome `ok`: it may be imported. `held`: sound, but a person decides (code H_...).
    `already`: it was imported before (code S_ALREADY_IMPORTED) and nothing was staged.
    """

    def __init__(
        self,
        head: Head,
        of: dict[str, Any],
        *,
        outcome: Outcome,
        code: str,
        warnings: tuple[str, ...],
        carried: SignedKeySet | None,
        keyset_read: KeySet | None,
        staging: Staging | None,
    ) -> None:
        self.outcome: Outcome = outcome
        self.code = code
        self.warnings = warnings
        self.manifest: dict[str, Any] = of
        self.manifest_bytes = head.raw
        self.manifest_sha256 = head.sha256
        self.public = head.signature.public
        self.carried = carried
        """The signed key set as carried, to be stored; None when there is none."""
        self.keyset = keyset_read
        """The carried key set verified against the pinned root; None when not carried or judged."""
        self.file_sha256 = ""
        self.size = 0
        self._staging = staging
        self._entries = {entry["path"]: entry for entry in of["entries"]}

    @property
    def records(self) -> tuple[str, ...]:
        """Names of the records files, for `lines`."""
        return tuple(path[8:-7] for path in self._entries if manifest.is_records(path))

    @property
    def attachments(self) -> tuple[str, ...]:
        """SHA-256 of the attachments, ascending."""
        return tuple(sha for path in self._entries if (sha := manifest.attachment_of(path)))

    def lines(self, name: str) -> Iterator[tuple[int, Any, bytes]]:
        """Yield (line number from 1, value, raw line) of a records file; none when it is absent.

        A line that cannot be taken as JSON of a bundle has the BundleError E_RECORD_SCHEMA itself
        as its value: that record is set aside and the rest goes on.
        """
        path = f"records/{name}.ndjson"
        if path in self._entries:
            yield from lines.read(self._plain(path))

    def attachment(self, sha256: str) -> bytes:
        """Return the bytes of an attachment. Raises KeyError for one that is not in the bundle."""
        return b"".join(self._staged(self._attachment(sha256)))

    def extension(self, sha256: str) -> str:
        """Return the extension (jpg, png, webp, pdf) that an attachment was named with."""
        return self._attachment(sha256).rpartition(".")[2]

    def _attachment(self, sha256: str) -> str:
        for path in self._entries:
            if manifest.attachment_of(path) == sha256:
                return str(path)
        raise KeyError(sha256)

    def _plain(self, path: str) -> Iterable[bytes]:
        """Return the bytes of a records file: those of a small one were kept as they were."""
        kept = None if self._staging is None else self._staging.kept(path)
        if kept is not None:
            return kept
        return archive.inflate(self._staged(path), self._entries[path]["size"])

    def _staged(self, path: str) -> Iterator[bytes]:
        if self._staging is None:
            raise ValueError("nothing was staged")
        return self._staging.blocks(path)

    def close(self) -> None:
        """Delete the staging."""
        if self._staging is not None:
            self._staging.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        self.close()


class _Reading:
    """A file read forward, with the SHA-256 of what was read."""

    def __init__(self, file: Source) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int, /) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    def finish(self) -> str:
        while self.read(files.BLOCK):
            pass
        return str(self._hash.hexdigest())


def open_bundle(
    path: Path,
    gate: Gate,
    staging: Path,
    progress: Progress = silent,
    *,
    largest: int = manifest.LARGEST_FILE,
) -> Opened:
    """Verify a file and stage its records under `staging`, a folder that exists.

    Every step up to the records themselves; what the records say is judged line by line afterwards.
    Raises BundleError, and FileError when the file or the staging medium fails; then nothing of the
    bundle is left on disk.
    """
    with files.errors(path, reading=True), path.open("rb") as file:
        return open_source(file, path.stat().st_size, gate, staging, progress, largest=largest)


def open_source(
    file: Source,
    size: int,
    gate: Gate,
    staging: Path,
    progress: Progress = silent,
    *,
    largest: int = manifest.LARGEST_FILE,
) -> Opened:
    """Do as `open_bundle` with an open file, or a window of one, that stands at its start."""
    source = _Reading(file)
    start = source.read(HEADER_LIMIT + 1)
    # Step 2 before 3: what the header says of itself, before any key of ours is tried.
    stanzas = age.stanza_types(io.BytesIO(start))
    if size > min(largest, manifest.LARGEST_FILE_EVER):
        raise BundleError("E_TOO_LARGE")
    if "scrypt" in stanzas:
        raise BundleError("E_AGE_HEADER")
    plain = age.unseal(_Resumed(start, source), gate.identities)
    assert plain.identity is not None
    walk = Walk(plain)
    opened = _judge(walk, gate, plain.identity.recipient, len(stanzas), staging, progress)
    try:
        opened.file_sha256 = source.finish()
        opened.size = source.size
    except BaseException:
        opened.close()
        raise
    return opened


class _Resumed:
    """What was read ahead, then the rest."""

    def __init__(self, start: bytes, rest: Source) -> None:
        self._start = io.BytesIO(start)
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        return self._start.read(size) or self._rest.read(size)


def _judge(
    walk: Walk,
    gate: Gate,
    recipient: str,
    stanzas: int,
    staging: Path,
    progress: Progress,
) -> Opened:
    head = walk.head()  # step 5
    signature = head.signature
    if signature.namespace not in gate.namespaces:  # step 6
        raise BundleError("E_SIG_NAMESPACE")
    sshsig.check_public(signature.public)  # step 7
    kind = signature.namespace.removeprefix("siks.").removesuffix(".v1")
    carried = walk.keyset() if kind in manifest.FROM_DINSOS else None
    verified = _verified(carried, gate)
    known = _known_key(signature.public, kind, verified, gate)
    sshsig.verify(signature, head.raw)  # step 8
    of, normal = manifest.parse(head.raw, signature.namespace)  # step 9; 8a and 8b need its words
    warnings = () if normal else ("W_NOT_NFC",)
    if gate.imported(head.sha256):  # step 8a
        return Opened(
            head,
            of,
            outcome="already",
            code="S_ALREADY_IMPORTED",
            warnings=warnings,
            carried=carried,
            keyset_read=verified,
            staging=None,
        )
    _check_parties(of, signature.public, known, gate, recipient, stanzas)  # step 10
    held_for = "" if known is None else _HELD.get(known.status, "")  # step 8b
    if gate.bundle_hash(of["bundle_id"]) not in {None, head.sha256}:  # step 11
        raise BundleError("E_ID_CONFLICT")
    if of["instrument"] is not None and not gate.instrument_known(of["instrument"]):
        held_for = held_for or "H_INSTRUMENT_UNKNOWN"
    if kind not in manifest.FROM_DINSOS:
        carried = walk.keyset()
        verified = _verified(carried, gate)
    if carried is not None and of["keyset"]["sha256"] != carried.sha256:
        raise BundleError("E_KEYSET", bagian="sha256")
    if verified is not None and of["keyset"]["version"] != verified.version:
        raise BundleError("E_KEYSET", bagian="version")
    total = sum(entry["size"] for entry in of["entries"])
    files.require_space(staging, total * 6 // 5 + 100_000_000)
    store = Staging(staging)
    try:
        walk.entries(of, store, progress)  # step 12
        opened = Opened(
            head,
            of,
            outcome="held" if held_for else "ok",
            code=held_for,
            warnings=warnings,
            carried=carried,
            keyset_read=verified,
            staging=store,
        )
        if kind == "enrolment":
            _check_enrolment(opened, known)
    except BaseException:
        store.close()
        raise
    return opened


def _verified(carried: SignedKeySet | None, gate: Gate) -> KeySet | None:
    if carried is None or gate.pinned_root is None:
        return None
    try:
        return keyset.verify(carried, gate.pinned_root)
    except BundleError as fault:
        # Files of the time before a change of root come late; such a set proves itself, but it
        # decides nothing: the stored one does.
        if fault.code != "E_KEY_UNKNOWN":
            raise
        for former in getattr(gate, "former_roots", ()):
            with contextlib.suppress(BundleError):
                keyset.verify(carried, former)
                return None
        raise


def _known_key(public: bytes, kind: str, verified: KeySet | None, gate: Gate) -> KnownKey | None:
    """Step 7: who signed; for a Dinsos the highest key set seen decides, the carried one included.

    Raises BundleError E_KEY_UNKNOWN. An enrolment's key need not be known.
    """
    if verified is not None and verified.version > gate.keyset_version:
        signer = verified.signer(public)
        known = None if signer is None else KnownKey(verified.id, "", signer.status)
    else:
        known = gate.key(public)
    if known is None and kind != "enrolment":
        raise BundleError("E_KEY_UNKNOWN")
    if known is not None and kind in manifest.FROM_DINSOS and known.status == "revoked":
        raise BundleError("E_KEY_UNKNOWN")
    return known


def _check_parties(
    of: Mapping[str, Any],
    public: bytes,
    known: KnownKey | None,
    gate: Gate,
    recipient: str,
    stanzas: int,
) -> None:
    sender = of["sender"]
    if sender["key"] != sshsig.fingerprint(public):
        raise BundleError("E_SENDER_MISMATCH")
    if known is not None and (
        known.sender_id != sender["id"] or known.device not in {"", sender["device"]}
    ):
        raise BundleError("E_SENDER_MISMATCH")
    enc = of["recipient"]["enc"]
    if of["recipient"]["id"] != gate.own_id or recipient not in enc or len(enc) != stanzas:
        raise BundleError("E_RECIPIENT_MISMATCH")
    if of["practice"] != gate.practice:
        raise BundleError("E_PRACTICE")


def _check_enrolment(opened: Opened, known: KnownKey | None) -> None:
    """Require that an enrolment comes from the very key, device and stream it registers.

    A renewal comes from the registered key that it is to follow; its own key signed it inside.
    """
    found = [value for _, value, _ in opened.lines("enrolment")]
    if len(found) != 1 or isinstance(found[0], BundleError):
        raise BundleError("E_RECORD_SCHEMA", bagian="enrolment")
    of = opened.manifest
    if enrolment.is_renewal(found[0]):
        next_one = enrolment.parse_renewal(found[0])
        if known is None:
            raise BundleError("E_KEY_UNKNOWN")
        if f"desa:{next_one.kode_desa}" != of["sender"]["id"]:
            raise BundleError("E_SENDER_MISMATCH")
        return
    statement = enrolment.parse(found[0])
    if (
        statement.signing != opened.public
        or f"desa:{statement.kode_desa}" != of["sender"]["id"]
        or statement.device != of["sender"]["device"]
        or statement.stream != of["chain"]["stream"]
    ):
        raise BundleError("E_SENDER_MISMATCH")
