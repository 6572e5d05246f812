"""A bundle arrives as it was sent, opens with public tools alone, and is written whole or not."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import pathlib
import shutil
import stat
import subprocess
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siks_offline.crypto import age, sshsig
from siks_offline.errors import BundleError, Cancelled, FileError
from siks_offline.export import bundle, canonical, files
from siks_offline.export.bundle import AttachmentFile, RecordFile
from tests.export.hostile import DESA, DINSOS, OfficeGate, VillageGate, World

if TYPE_CHECKING:
    from pathlib import Path

PHOTO = b"\xff\xd8\xff" + os.urandom(3000)
SCAN = b"%PDF-1.7\n" + os.urandom(70_000)


def attachment(content: bytes, extension: str) -> AttachmentFile:
    return AttachmentFile(hashlib.sha256(content).hexdigest(), extension, lambda: content)


def lines(count: int) -> list[dict[str, Any]]:
    return [{"visit_id": str(uuid.UUID(int=n)), "nama": f"Bu Sari {n} é"} for n in range(count)]


def send(folder: Path, world: World, **changes: Any) -> bundle.Written:
    return bundle.write(
        folder,
        world.draft(**changes),
        world.village,
        [RecordFile("visits", lines(40), 40), RecordFile("inventory", [["att", "0" * 64]])],
        [attachment(PHOTO, "jpg"), attachment(SCAN, "pdf")],
        world.signed,
    )


def test_round_trip(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """Every record, attachment and word of the manifest arrives; staging leaves nothing behind."""
    sent = send(
        tmp_path,
        world,
        acks={"manifest_sha256": "b" * 64, "seq": 4},
        documents=[("berita-acara", "c" * 64)],
    )
    staging = tmp_path / "staging"
    staging.mkdir()
    with bundle.open_bundle(sent.path, office, staging) as opened:
        assert (opened.outcome, opened.code, opened.warnings) == ("ok", "", ())
        assert opened.manifest == sent.manifest
        assert opened.manifest_sha256 == sent.manifest_sha256
        assert opened.file_sha256 == sent.file_sha256 == files.sha256_of(sent.path)
        assert opened.size == sent.size == sent.path.stat().st_size
        assert [value for _, value, _ in opened.lines("visits")] == lines(40)
        assert [number for number, _, _ in opened.lines("visits")] == list(range(1, 41))
        assert all(canonical.dumps(value) == raw for _, value, raw in opened.lines("visits"))
        assert list(opened.lines("proposals")) == []
        assert {sha: opened.attachment(sha) for sha in opened.attachments} == {
            hashlib.sha256(one).hexdigest(): one for one in (PHOTO, SCAN)
        }
        assert opened.keyset == world.keyset.__class__(
            **{**_fields(world.keyset), "sha256": world.signed.sha256}
        )
    assert list(staging.iterdir()) == []
    assert sent.rows == {"visits": 40, "inventory": 1}
    assert sent.name == f"siks-3509122003-000001-{sent.file_sha256[:8]}.siks"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [sent.name]


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.from_regex(r"[a-z0-9_]{1,8}", fullmatch=True),
            st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf"])) | st.integers(0, 999),
            max_size=5,
        ),
        max_size=30,
    )
)
def test_any_records_arrive(tmp_path_factory: pytest.TempPathFactory, values: list[Any]) -> None:
    """Whatever lines the rules allow come out as they went in."""
    world, folder = World(), tmp_path_factory.mktemp("any")
    sent = bundle.write(folder, world.draft(), world.village, [RecordFile("visits", values)])
    with bundle.open_bundle(sent.path, OfficeGate(world), folder) as opened:
        assert [value for _, value, _ in opened.lines("visits")] == values


def test_receipt_goes_the_other_way(tmp_path: Path, world: World, village: VillageGate) -> None:
    """A village that knows only the root takes the signer from the carried key set."""
    sent = bundle.write(
        tmp_path, world.answer_draft(), world.root, [RecordFile("receipt", [])], (), world.signed
    )
    with bundle.open_bundle(sent.path, village, tmp_path) as opened:
        assert opened.outcome == "ok"
        assert opened.keyset is not None
        assert opened.keyset.version == 1
        assert opened.carried == world.signed


def test_the_same_manifest_sealed_again_is_the_same_bundle(
    tmp_path: Path, world: World, office: OfficeGate
) -> None:
    """An imported bundle is told as such whatever its key's standing, and stages nothing."""
    first, second = send(tmp_path, world), send(tmp_path, world)
    assert first.manifest_sha256 == second.manifest_sha256
    assert first.file_sha256 != second.file_sha256
    office.seen.add(first.manifest_sha256)
    office.keys[world.village.public] = bundle.KnownKey(DESA, world.device, "revoked")
    with bundle.open_bundle(second.path, office, tmp_path) as opened:
        assert (opened.outcome, opened.code) == ("already", "S_ALREADY_IMPORTED")
        assert opened.manifest_sha256 == first.manifest_sha256
        assert opened.file_sha256 == second.file_sha256


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("revoked", "H_KEY_REVOKED"),
        ("expired", "H_KEY_EXPIRED"),
        ("not_yet", "H_KEY_NOT_YET_VALID"),
    ],
)
def test_a_key_in_doubt_holds_the_bundle(
    tmp_path: Path, world: World, office: OfficeGate, status: Any, code: str
) -> None:
    """A revoked or untimely key lets nothing in by itself, but the bundle is verified to its end."""
    office.keys[world.village.public] = bundle.KnownKey(DESA, world.device, status)
    with bundle.open_bundle(send(tmp_path, world).path, office, tmp_path) as opened:
        assert (opened.outcome, opened.code) == ("held", code)
        assert opened.manifest["counts"]["visits"] == 40


def test_an_unknown_instrument_holds_the_bundle(
    tmp_path: Path, world: World, office: OfficeGate
) -> None:
    """Records that cannot be judged yet wait."""
    office.instruments = False
    with bundle.open_bundle(send(tmp_path, world).path, office, tmp_path) as opened:
        assert (opened.outcome, opened.code) == ("held", "H_INSTRUMENT_UNKNOWN")


def test_escrow_opens_what_was_sent(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """The sealed envelope is worth something: the escrow identity alone opens a bundle."""
    office.identities = [world.escrow]
    with bundle.open_bundle(send(tmp_path, world).path, office, tmp_path) as opened:
        assert opened.outcome == "ok"


def test_auditor_needs_public_tools_only(tmp_path: Path, world: World) -> None:
    """`age -d`, `unzip`, `ssh-keygen -Y verify`, `sha256sum -c` open and prove a bundle."""
    for program in ("age", "unzip", "ssh-keygen", "sha256sum"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    sent = send(tmp_path, world)
    out = tmp_path / "auditor"
    out.mkdir()
    (out / "identity").write_text(f"{world.operational}\n")
    (out / "signers").write_text(
        f'{DESA} namespaces="siks.visits.v1,siks.enrolment.v1" {sshsig.openssh(world.village.public)}\n'
        f'{DINSOS} namespaces="siks.keyset.v1" {sshsig.openssh(world.root.public)}\n'
    )

    def run(*command: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run(command, cwd=out, input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    run("age", "-d", "-i", "identity", "-o", "bundle.zip", str(sent.path))
    run("unzip", "-q", "bundle.zip")
    assert b"No errors detected" in run("unzip", "-t", "bundle.zip")
    for name, who, namespace in (
        ("manifest.json", DESA, "siks.visits.v1"),
        ("keyset.json", DINSOS, "siks.keyset.v1"),
    ):
        content = (out / name).read_bytes()
        run(
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            "signers",
            "-I",
            who,
            "-n",
            namespace,
            "-s",
            f"{name}.sig",
            stdin=content,
        )
    manifest = json.loads((out / "manifest.json").read_bytes())
    sums = "".join(f"{entry['sha256']}  {entry['path']}\n" for entry in manifest["entries"])
    assert run("sha256sum", "-c", "-", stdin=sums.encode()).count(b": OK") == 4
    assert (out / "records/visits.ndjson").read_bytes().count(b"\n") == 40


def test_what_shrinks_like_a_bomb_is_packed_loosely(
    tmp_path: Path, world: World, office: OfficeGate
) -> None:
    """A village whose answers are all alike can still export: its records stay within 100:1."""
    same = [{"a": "x" * 4000} for _ in range(400)]
    sent = bundle.write(tmp_path, world.draft(), world.village, [RecordFile("visits", same)])
    with bundle.open_bundle(sent.path, office, tmp_path) as opened:
        assert [value for _, value, _ in opened.lines("visits")] == same


def test_size_is_known_beforehand(tmp_path: Path, world: World) -> None:
    """The free space asked for is exactly what is written."""
    for size in (0, 1, 65_535, 65_536, 65_537, 200_000):
        sealed = age.encrypt(bytes(size), list(world.keyset.enc))
        assert bundle.sealed_size(size, world.keyset.enc) == len(sealed)


# Whole or not at all ---------------------------------------------------------------------------


def _left(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


@pytest.mark.parametrize(
    "call", ["os.fsync", "pathlib.Path.replace", "siks_offline.export.files.Hashing.write"]
)
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "E_DISK_FULL"),
        (errno.EACCES, "E_NO_RIGHTS"),
        (errno.EROFS, "E_NO_RIGHTS"),
        (errno.EIO, "E_MEDIA_GONE"),
        (errno.ENOENT, "E_MEDIA_GONE"),
        (errno.EINTR, "E_FILE"),
    ],
)
def test_a_failing_medium_leaves_nothing(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch, call: str, number: int, code: str
) -> None:
    """Every OSError becomes a message with a code, and no `.siks` and no part remain."""

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(call, fail)
    with pytest.raises(FileError) as caught:
        send(tmp_path, world)
    assert caught.value.code == code
    assert _left(tmp_path) == []


def refused(folder: Path, world: World) -> FileError | None:
    try:
        send(folder, world)
    except FileError as error:
        return error
    return None


def test_every_write_may_be_the_one_that_fails(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever call meets the full disk, nothing is left half-done."""
    real = files.Hashing.write
    failed = 0
    for allowed in range(200):
        count = 0

        def write(self: files.Hashing, data: bytes, allowed: int = allowed) -> int:
            nonlocal count
            count += 1
            if count > allowed:
                raise OSError(errno.ENOSPC, "full")
            return real(self, data)

        with monkeypatch.context() as patch:
            patch.setattr(files.Hashing, "write", write)
            caught = refused(tmp_path, world)
        if caught is None:
            break
        assert caught.code == "E_DISK_FULL"
        assert _left(tmp_path) == []
        failed += 1
    assert failed > 2


def test_a_medium_that_forgets_is_found_out(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read back differs from what was written: no bundle is left to be trusted."""
    monkeypatch.setattr(files, "sha256_of", lambda _: "0" * 64)
    with pytest.raises(FileError) as caught:
        send(tmp_path, world)
    assert caught.value.code == "E_MEDIA_BAD"
    assert _left(tmp_path) == []


def test_cancelled_midway(tmp_path: Path, world: World) -> None:
    """A person's stop at any report of progress leaves nothing."""
    for stop in range(1, 8):
        reports = 0

        def progress(_done: int, _total: int, stop: int = stop) -> None:
            nonlocal reports
            reports += 1
            if reports == stop:
                raise Cancelled

        with pytest.raises(Cancelled):
            bundle.write(
                tmp_path, world.draft(), world.village, [RecordFile("visits", lines(40), 40)],
                [attachment(PHOTO, "jpg"), attachment(SCAN, "pdf")], progress=progress,
            )  # fmt: skip
        assert _left(tmp_path) == []


def test_an_earlier_file_survives_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """write_whole never costs what was there."""
    path = tmp_path / "kunci.age"
    files.write_whole(path, b"old")
    monkeypatch.setattr(files, "sha256_of", lambda _: "0" * 64)
    with pytest.raises(FileError) as caught:
        files.write_whole(path, b"new")
    assert caught.value.code == "E_MEDIA_BAD"
    assert path.read_bytes() == b"old"
    assert _left(tmp_path) == ["kunci.age"]


def test_durable_before_it_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content is synced before the rename, the folder after it."""
    calls: list[str] = []
    sync, replace = os.fsync, pathlib.Path.replace

    def fsync(handle: int) -> None:
        calls.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        sync(handle)

    def rename(self: Path, target: Path) -> Path:
        calls.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(pathlib.Path, "replace", rename)
    files.write_whole(tmp_path / "x", lambda out: out.write(b"content"))
    assert calls == ["file", "rename", "folder"]
    calls.clear()
    send(tmp_path, World())
    assert calls == ["file", "rename", "folder"]


def test_a_folder_without_rights(tmp_path: Path, world: World) -> None:
    """A read-only folder is one message."""
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(FileError) as caught:
        send(tmp_path, world)
    assert caught.value.code == "E_NO_RIGHTS"


def test_no_plain_byte_on_disk(
    tmp_path: Path, world: World, office: OfficeGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spool and staging hold nothing that a finder of the disk could read."""
    written: list[bytes] = []
    real = age.SealWriter.__init__
    import siks_offline.export.staging as staging_module

    opened_files: list[Any] = []
    make = staging_module.tempfile.TemporaryFile

    def remember(*args: Any, **kwargs: Any) -> Any:
        file = make(*args, **kwargs)
        opened_files.append(file)
        return file

    monkeypatch.setattr(staging_module.tempfile, "TemporaryFile", remember)

    def keep() -> None:
        for file in opened_files:
            if not file.closed:
                file.seek(0)
                written.append(file.read())

    def progress(_done: int, _total: int) -> None:
        keep()

    nik = "3509122003850001"
    sent = bundle.write(
        tmp_path,
        world.draft(),
        world.village,
        [RecordFile("visits", [{"nik": nik}], 1)],
        progress=progress,
    )
    with bundle.open_bundle(sent.path, office, tmp_path, progress) as opened:
        assert [value for _, value, _ in opened.lines("visits")] == [{"nik": nik}]
        keep()
    assert real is age.SealWriter.__init__
    assert sum(map(len, written)) > 500
    assert not any(nik.encode() in content for content in written)


def test_a_draft_outside_the_schema_is_not_written(tmp_path: Path, world: World) -> None:
    """The writer holds its own manifest against the schema."""
    for changes in (
        {"seq": 0},
        {"period": "2026"},
        {"prev": "b" * 64},
        {"recipient_id": "dinsos:35"},
        {"enc": []},
        {"type": "letter"},
    ):
        with pytest.raises(BundleError) as caught:
            send(tmp_path, world, **changes)
        assert caught.value.code == "E_MANIFEST_SCHEMA"
    for bad in ({"Nama": "x"}, {"nama": "a\u202eb"}, {"nama": 1.5}, {"nama": "x" * (256 << 10)}):
        with pytest.raises(BundleError) as caught:
            bundle.write(tmp_path, world.draft(), world.village, [RecordFile("visits", [bad])])
        assert caught.value.code == "E_RECORD_SCHEMA"
    assert _left(tmp_path) == []


def test_outline_needs_no_key(tmp_path: Path, world: World) -> None:
    """Kind, size, number of recipients and SHA-256 are there for everyone."""
    sent = send(tmp_path, world)
    assert bundle.outline(sent.path) == {
        "jenis": "siks",
        "ukuran": sent.size,
        "penerima": 2,
        "sha256": sent.file_sha256,
    }
    other = tmp_path / "x"
    other.write_bytes(b"PK\3\4 something else")
    with pytest.raises(BundleError) as caught:
        bundle.outline(other)
    assert caught.value.code == "E_NOT_BUNDLE"
    with pytest.raises(FileError) as missing:
        bundle.outline(tmp_path / "none")
    assert missing.value.code == "E_FILE_MISSING"
