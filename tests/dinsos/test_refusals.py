"""Every hostile file is refused by name, fast and small, before anything touches the store."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.crypto import age
from siks_offline.crypto.sshsig import SigningKey
from siks_offline.db import office_registry
from siks_offline.errors import BundleError
from siks_offline.instrument.load import load_shipped
from tests.dinsos.district import OfficeKeys, register, village_of
from tests.dinsos.measured import audit, contents
from tests.dinsos.world import KODE, NOW, TestVillage, later, make_office, take
from tests.export.hostile import Forge, Member, World, canonical, sha, visits
from tests.export.hostile_cases import ARCHIVES, JPG, MANIFESTS, forge

if TYPE_CHECKING:
    from collections.abc import Callable

    from siks_offline.dinsos.office import Office

HOME = Path(__file__).resolve().parents[2]
SECONDS, BYTES = 2.0, 100 << 20
POSIX = sys.platform == "linux"


class OfficeWorld(World):
    """The hostile writer's world with the keys of a real office and of a village it registered."""

    def __init__(self, made: Office, village: TestVillage) -> None:
        super().__init__()
        self.village, self.root = village.key, made.keys.signing
        self.operational = made.keys.identities[0]
        self.device, self.stream = village.device, village.stream
        self.keyset, self.signed = made.keyset, made.signed_keyset
        shipped = load_shipped("dtks")
        self.instrument = {"id": shipped.id, "sha256": shipped.sha256, "version": shipped.version}


class Scene:
    """An office that knows one village, its keys at hand, and villages whose keys do not serve."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "kantor"
        with make_office(self.folder) as made:
            self.keys = OfficeKeys(
                made.store.key, made.keys.signing.seed, tuple(map(str, made.keys.identities))
            )
            self.village = village_of(made.keyset, folder / "desa", KODE)
            register(made, self.village)
            self.world = OfficeWorld(made, self.village)
            self.others = {}
            for number, (name, changes) in enumerate(
                {
                    "H_KEY_REVOKED": {"status": "revoked", "valid_before": "2026-11-01T00:00:00Z"},
                    "H_KEY_EXPIRED": {"valid_before": "2026-11-01T00:00:00Z"},
                    "H_KEY_NOT_YET_VALID": {"valid_after": "2027-01-01T00:00:00Z"},
                }.items()
            ):
                other = village_of(made.keyset, folder / name, f"350912200{4 + number}")
                register(made, other)
                with made.store.write() as session:
                    office_registry.set_device(session, other.device, **changes)
                self.others[name] = other

    def copy(self, folder: Path) -> Office:
        shutil.copytree(self.folder, folder)
        return self.keys.open(folder)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("adegan"))


# What is refused -------------------------------------------------------------------------------


def _sealed(world: World, plain: bytes) -> bytes:
    return age.encrypt(plain, list(world.keyset.enc))


def _small(world: World) -> bytes:
    return forge(world).bytes()


def _swapped_chunks(world: World) -> bytes:
    """Two sound bundles of the same sender, the second chunk of one in the other."""
    chunk, found = 65_536 + 16, []
    for seed in (3, 4):
        noise = random.Random(seed).randbytes(200_000)
        raw = forge(world, members=[Member(f"attachments/{sha(noise)}.jpg", noise)]).bytes()
        start = raw.index(b"\n---") + 49 + 16
        found.append((raw, start + chunk))
    (one, at), (other, there) = found
    return one[:at] + other[there : there + chunk] + one[at + chunk :]


def _cut_at_a_chunk(world: World) -> bytes:
    noise = random.Random(5).randbytes(200_000)
    raw = forge(world, members=[Member(f"attachments/{sha(noise)}.jpg", noise)]).bytes()
    return raw[: raw.index(b"\n---") + 49 + 16 + 2 * (65_536 + 16)]


def _header(change: Callable[[bytes], bytes]) -> Callable[[World], bytes]:
    return lambda world: change(_small(world))


def _bad_mac(raw: bytes) -> bytes:
    at = raw.index(b"\n--- ") + 6
    return raw[:at] + (b"A" if raw[at : at + 1] != b"A" else b"B") + raw[at + 1 :]


def _signature(change: Callable[[bytes], bytes]) -> Callable[[World], bytes]:
    def head(two: list[Member]) -> list[Member]:
        return [two[0], Member(two[1].name, change(two[1].content))]

    return lambda world: forge(world, head=head).bytes()


def _raw(content: bytes) -> Callable[[World], bytes]:
    return lambda _: content


FILES: dict[str, tuple[Callable[[World], bytes], str]] = {
    "0 bytes": (_raw(b""), "E_NOT_BUNDLE"),
    "1 byte": (_raw(b"a"), "E_NOT_BUNDLE"),
    "wrong magic": (_raw(b"siks-bundle/1\n" + bytes(100)), "E_NOT_BUNDLE"),
    "a photo": (_raw(JPG * 100), "E_NOT_BUNDLE"),
    "a zip": (_raw(b"PK\3\4" + bytes(100)), "E_NOT_BUNDLE"),
    "armor": (_raw(b"-----BEGIN AGE ENCRYPTED FILE-----\n"), "E_ARMORED"),
    "version 0": (_header(lambda raw: raw.replace(b"/v1", b"/v0", 1)), "E_AGE_VERSION"),
    "version 255": (_header(lambda raw: raw.replace(b"/v1", b"/v255", 1)), "E_AGE_VERSION"),
    "a header without end": (_raw(b"age-encryption.org/v1\n-> X25519 " + b"a" * 10**6), "E_AGE_HEADER"),
    "a stanza cut": (_header(lambda raw: raw[:60]), "E_AGE_HEADER"),
    "10,000 stanzas": (_raw(b"age-encryption.org/v1\n" + b"-> x\n\n" * 10_000), "E_AGE_HEADER"),
    "a passphrase": (lambda _: age.encrypt_with_passphrase(b"x", "kata sandi", 10), "E_AGE_HEADER"),
    "header mac": (_header(_bad_mac), "E_AGE_MAC"),
    "for somebody else": (
        lambda world: forge(world, enc=[age.Identity.generate().recipient]).bytes(), "E_NOT_FOR_US",
    ),
    "chunks of two bundles": (_swapped_chunks, "E_CORRUPT"),
    "the last chunk missing": (_cut_at_a_chunk, "E_TRUNCATED"),
    "one byte less": (_header(lambda raw: raw[:-1]), "E_CORRUPT"),
    "one byte more": (_header(lambda raw: raw + b"\0"), "E_CORRUPT"),
    "the file twice": (_header(lambda raw: raw * 2), "E_CORRUPT"),
    "sealed noise": (lambda world: _sealed(world, bytes(1000)), "E_ZIP_PROFILE"),
    "sealed nothing": (lambda world: _sealed(world, b""), "E_ZIP_PROFILE"),
    "50 MB of zeros": (lambda world: _sealed(world, bytes(50_000_000)), "E_ZIP_PROFILE"),
    "no signature at all": (_signature(lambda _: b""), "E_SIG_FORMAT"),
    "signature not base64": (_signature(lambda text: text.replace(b"U1NI", b"!!!!")), "E_SIG_FORMAT"),
    "signature with a space": (_signature(lambda text: text + b" "), "E_SIG_FORMAT"),
    "a stranger's key": (
        lambda world: forge(world, key=SigningKey.from_seed(b"s" * 32)).bytes(), "E_KEY_UNKNOWN",
    ),
    "a signature of something else": (
        lambda world: forge(world, head=lambda two: [
            two[0], Member(two[1].name, world.village.sign(b"{}", "siks.visits.v1"))]).bytes(),
        "E_SIG_BAD",
    ),
    "a key of low order": (
        lambda world: forge(world, head=lambda two: [two[0], Member(two[1].name, _weak())]).bytes(),
        "E_KEY_WEAK",
    ),
    "a manifest of 4 MiB of brackets": (
        lambda world: forge(world, raw=lambda _: b"[" * (4 << 20)).bytes(), "E_MANIFEST_CANON",
    ),
    "a manifest of 300,000 more keys": (
        lambda world: forge(world, raw=lambda raw: canonical(
            json.loads(raw) | {f"{n:x}": 0 for n in range(300_000)})).bytes(), "E_MANIFEST_SCHEMA",
    ),
    "forwarded by another office": (
        lambda world: forge(world, edit=lambda of: of["recipient"].update(id="dinsos:3510")).bytes(),
        "E_RECIPIENT_MISMATCH",
    ),
}  # fmt: skip


def _weak() -> bytes:
    """A signature that holds for every message under a key of low order."""
    import base64
    import struct

    def string(data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + data

    weak = b"\1" + bytes(31)
    blob = (
        b"SSHSIG\0\0\0\1" + string(string(b"ssh-ed25519") + string(weak)) + string(b"siks.visits.v1")
        + string(b"") + string(b"sha512") + string(string(b"ssh-ed25519") + string(weak + bytes(32)))
    )  # fmt: skip
    text = base64.b64encode(blob)
    lines = [text[i : i + 70] for i in range(0, len(text), 70)]
    return b"\n".join(
        [b"-----BEGIN SSH SIGNATURE-----", *lines, b"-----END SSH SIGNATURE-----", b""]
    )


def cases(world: World) -> dict[str, tuple[Callable[[], bytes], str]]:
    found: dict[str, tuple[Callable[[], bytes], str]] = {}
    for name, (make, code) in FILES.items():
        found[f"berkas: {name}"] = (lambda make=make: make(world), code)
    for name, (build, code) in ARCHIVES.items():
        found[f"arsip: {name}"] = (lambda build=build: build(world).bytes(), code)
    for name, (changes, code) in MANIFESTS.items():
        found[f"manifes: {name}"] = (lambda changes=changes: forge(world, **changes).bytes(), code)
    return found


HELD = {
    "H_KEY_REVOKED": "ditahan",
    "H_KEY_EXPIRED": "ditahan",
    "H_KEY_NOT_YET_VALID": "ditahan",
    "H_INSTRUMENT_UNKNOWN": "ditahan",
}


def test_every_hostile_file_is_refused(scene: Scene, tmp_path: Path) -> None:
    """Each by its own code, within 2 s and 100 MB, with one audit line and nothing else changed."""
    if not POSIX:
        pytest.skip("the child that is measured needs Linux")
    wanted = {}
    (tmp_path / "berkas").mkdir()
    for number, (name, (make, code)) in enumerate(cases(scene.world).items()):
        path = tmp_path / "berkas" / f"{number:03}"
        path.write_bytes(make())
        wanted[path.name] = (name, code)
    shutil.copytree(scene.folder, tmp_path / "kantor")
    done = subprocess.run(
        [sys.executable, "-m", "tests.dinsos.measured", str(tmp_path)],
        input=json.dumps(scene.keys.as_json()) + "\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=HOME,
    )
    assert done.stderr == ""
    found = {one["name"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert found.keys() == wanted.keys()
    wrong = []
    for key, (name, code) in wanted.items():
        one = found[key]
        if (
            (one["code"], one.get("hasil"), one.get("changed"), one.get("audit"))
            != (code, "", [], [code])
            or not one["whole"]
            or one["seconds"] >= SECONDS
            or one["grown"] >= BYTES
        ):
            wrong.append((name, code, one))
    assert wrong == []


def test_the_table_is_complete(scene: Scene) -> None:
    """Every code that the specification's steps name is the answer to a file of these tests."""
    spec = (HOME / "docs" / "spec" / "siks-bundle.md").read_text()
    steps = spec.partition("\n## 6.")[2].partition("\n## 7.")[0]
    named = set(re.findall(r"\b[EH]_[A-Z_]+[A-Z]\b", steps))
    met = {code for _, code in cases(scene.world).values()} | set(HELD) | set(LINES.values())
    elsewhere = {
        "E_ID_CONFLICT",  # test_receive
        "E_KEYSET",  # tests/export: what comes of a Dinsos
        "E_ATTACHMENT_TYPE",  # test_receive
    }
    assert len(named) > 30
    assert named - met - elsewhere == set()


@pytest.mark.parametrize("code", HELD)
def test_held_files_change_no_visit(scene: Scene, tmp_path: Path, code: str) -> None:
    """What a person has to look at is kept sealed: no household, no person, no inventory."""
    sender = scene.others.get(code, scene.village)
    unknown = {"id": "dtks", "sha256": "0" * 64, "version": "2099.1"}
    changes = {"instrument": unknown} if code == "H_INSTRUMENT_UNKNOWN" else {}
    path = sender.send([sender.visit()], **changes)
    with scene.copy(tmp_path / "kantor") as made:
        before = contents(made)
        arrival = take(made, path)
        assert (arrival.kode, arrival.hasil) == (code, HELD[code])
        changed = [name for name, digest in contents(made).items() if digest != before[name]]
        assert set(changed) <= {"arsip", "bundles", "instruments"}


# Lines -----------------------------------------------------------------------------------------

SAID = ["'; DROP TABLE revisions; --", '=HYPERLINK("http://x")', "<img src=//host/x>", "%s{0}", "../../x"]  # fmt: skip
LINES = {
    "not json": "E_RECORD_SCHEMA",
    "NaN": "E_RECORD_SCHEMA",
    "1e999": "E_RECORD_SCHEMA",
    "5,000 digits": "E_RECORD_SCHEMA",
    "depth 100,000": "E_RECORD_SCHEMA",
    "a name of 1 MB": "E_RECORD_SCHEMA",
    "a name of 5,000 letters": "E_RECORD_SCHEMA",
    "NUL": "E_RECORD_SCHEMA",
    "text turned round": "E_RECORD_SCHEMA",
    "half a character": "E_RECORD_SCHEMA",
    "no width at all": "E_RECORD_SCHEMA",
    "its own parent": "E_RECORD_SCHEMA",
    "revision 2^40": "E_RECORD_SCHEMA",
    "photo named ../x": "E_RECORD_SCHEMA",
    "a date that is none": "E_RECORD_SCHEMA",
    "another village": "E_SCOPE",
    "an unknown questionnaire": "H_INSTRUMENT_UNKNOWN",
}


def _line(village: TestVillage, name: str) -> bytes:
    """A line of this kind, its hash right where there is one to have."""
    from siks_offline.export import canonical as rules
    from siks_offline.export import records

    def rehashed(**changes: Any) -> bytes:
        line = village.visit(2) | changes
        line.pop("sha256")
        raw = canonical(line)
        return canonical(line | {"sha256": sha(b"siks-visit/1\n" + raw)})

    def named(text: str) -> bytes:
        return rehashed(answers={"nama_krt": text})

    match name:
        case "not json":
            return b"bukan"
        case "NaN" | "1e999":
            return canonical(village.visit(2)).replace(
                b'"revision":1', b'"revision":' + name.encode()
            )
        case "5,000 digits":
            return canonical(village.visit(2)).replace(
                b'"revision":1', b'"revision":1' + b"0" * 5000
            )
        case "depth 100,000":
            return b"[" * 100_000 + b"]" * 100_000
        case "a name of 1 MB":
            return named(random.Random(6).randbytes(500_000).hex())
        case "a name of 5,000 letters":
            return named("A" * 5000)
        case "NUL":
            return named("A\0")
        case "text turned round":
            return named("A\u202e")
        case "half a character":
            return canonical(village.visit(2)).replace(b"SITI 2", b"\\ud800")
        case "no width at all":
            return named("A\ufeff")
        case "its own parent":
            own = village.visit(2)["sha256"]
            return rehashed(revision=2, parents=[own, own])
        case "revision 2^40":
            return rehashed(revision=1 << 40, parents=["0" * 64])
        case "photo named ../x":
            return rehashed(attachments=[{"kind": "../x", "path": "", "sha256": "0" * 64}])
        case "a date that is none":
            return rehashed(completed_at="2026-02-30T00:00:00Z")
        case "another village":
            return rehashed(kode_desa="3509122009")
        case "an unknown questionnaire":
            return rehashed(instrument={"id": "lain", "version": "1"})
    raise AssertionError(name, rules, records)


def test_a_hostile_line_costs_only_itself(scene: Scene, tmp_path: Path) -> None:
    """Each bad line has its own result; the sound one between them stands, and nothing else."""
    village = scene.village
    sound = village.visit(1)
    raws = [_line(village, name) for name in LINES]
    path = Forge(scene.world, members=[visits(*raws, canonical(sound))]).write(tmp_path / "x")
    with scene.copy(tmp_path / "kantor") as made:
        from siks_offline.db import office_bundles
        from siks_offline.dinsos import report

        arrival = take(made, path)
        assert (arrival.hasil, arrival.accepted) == ("sebagian", 1)
        with made.store.read() as session:
            results = office_bundles.results(session, arrival.manifest_sha256)
        codes = dict(zip(LINES, (row["code"] for row in results), strict=False))
        assert codes == LINES
        assert [row["sha256"] for row in report.households(made)] == [sound["sha256"]]


def test_odd_but_lawful_lines_are_kept_as_they_are(scene: Scene, tmp_path: Path) -> None:
    """Words that mean something to a database, a sheet or a page are words; so are odd shapes."""
    from siks_offline.db import office_visits

    village = scene.village
    odd = [
        *({"nama_krt": text, "catatan": text} for text in SAID),
        {"anggota": [{"nama": f"A{n}"} for n in range(10_000)]},
        {"tanggal_verivali": "2099-12-31"},
    ]
    lines = [
        village.visit(number, answers=answers, persons=[]) for number, answers in enumerate(odd, 1)
    ]
    path = village.send([*lines, village.visit(50, completed_at=later(days=9000))])
    with scene.copy(tmp_path / "kantor") as made:
        arrival = take(made, path)
        assert (arrival.hasil, arrival.rejected) == ("diterima", 0)
        with made.store.read() as session:
            for line in lines:
                kept = office_visits.body(session, line["sha256"])
                assert kept is not None
                assert json.loads(kept)["answers"] == line["answers"]


def test_the_same_nik_in_two_villages_stands_in_both(scene: Scene, tmp_path: Path) -> None:
    """Identity is never the NIK: both households stand, and the office is told of them."""
    from siks_offline.dinsos import report

    with scene.copy(tmp_path / "kantor") as made:
        other = village_of(made.keyset, tmp_path / "lain", "3509122008")
        register(made, other)
        take(made, scene.village.send([scene.village.visit(7)]))
        take(made, other.send([other.visit(7)]))
        assert len(report.households(made)) == 2
        assert [one["desa"] for one in report.duplicates(made)] == [[KODE, "3509122008"]]


# Every bit -------------------------------------------------------------------------------------


def test_no_flip_and_no_cut_reaches_the_store(
    scene: Scene, tmp_path: Path, long_form: bool
) -> None:
    """Any one bit turned, any end cut off: a line of the audit chain, and nothing else."""
    sound = _small(scene.world)
    noise = random.Random(1)
    bits = range(len(sound) * 8) if long_form else noise.sample(range(len(sound) * 8), 60)
    ends = range(len(sound)) if long_form else noise.sample(range(len(sound)), 25)
    path = tmp_path / "x"
    with scene.copy(tmp_path / "kantor") as made:
        before, lines = contents(made), len(audit(made))
        spoilt = [bytes_with(sound, bit) for bit in bits] if not long_form else None
        tried = 0
        for data in spoilt or (bytes_with(sound, bit) for bit in bits):
            path.write_bytes(data)
            with pytest.raises(BundleError):
                take(made, path)
            tried += 1
        for end in ends:
            path.write_bytes(sound[:end])
            with pytest.raises(BundleError):
                take(made, path)
            tried += 1
        assert contents(made) == before
        told = audit(made)
        assert len(told) == lines + tried
        assert {line["action"] for line in told[lines:]} == {"berkas.tolak"}


def bytes_with(sound: bytes, bit: int) -> bytes:
    changed = bytearray(sound)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_the_sound_file_is_taken(scene: Scene, tmp_path: Path) -> None:
    """What all of the above was made from is no hostile file itself."""
    line = canonical(scene.village.visit(3))
    path = Forge(scene.world, members=[visits(line)]).write(tmp_path / str(uuid.uuid4()))
    with scene.copy(tmp_path / "kantor") as made:
        assert take(made, path, NOW).accepted == 1
