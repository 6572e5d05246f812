"""Write `tests/vectors/` anew: `python -m tests.export.make_vectors`.

Sealing draws random numbers, so the bytes differ each time; keys, manifests and verdicts do not.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from siks_offline.crypto.sshsig import SigningKey, openssh
from siks_offline.export import (
    bundle,
    canonical,
    enrolment,
    identity,
    keyset,
    meeting_records,
    prelist_lines,
    records,
    return_file,
)
from siks_offline.export import receipt as receipt_lines
from siks_offline.export.bundle import AttachmentFile, RecordFile
from siks_offline.meeting import COLUMNS
from tests.export.hostile import NOW, World, sha
from tests.export.hostile_cases import ARCHIVES, JPG, MANIFESTS, forge

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = Path(__file__).resolve().parents[1] / "vectors"
VILLAGE, OFFICE = "desa", "dinsos"
RECORD = "0190f1c2-7d3a-7b10-9c55-0a1b2c3d4e60"
PERSON = identity.person_id("3509122003", "1")


def name_of(words: str) -> str:
    return words.replace(" ", "-")


def visit(number: int = 1) -> dict[str, object]:
    return records.build(
        visit_id=f"0190f1c2-7d3a-7b10-9c55-00000000000{number}",
        household_id=f"0190f1c2-7d3a-5b10-9c55-00000000000{number}",
        idbdt=f"{number:014}",
        kode_desa="3509122003",
        period="2026-Q4",
        revision=1,
        parents=(),
        answers={"nama_krt": f"CONTOH {number}", "anggota": [{"nama": f"CONTOH {number}"}]},
        persons=[f"0190f1c2-7d3a-5b10-9c55-0000000001{number:02}"],
        instrument=("dtks", "2020.1"),
        completed_at=NOW,
        completed_by="operator",
        attachments=(),
    )


def home_of(number: int) -> str:
    return identity.household_id("3509122003", f"{number:014}")


def results() -> list[RecordFile]:
    """One record of each kind that a musyawarah and the time between visits leave."""
    common = {"kode_desa": "3509122003", "period": "2026-Q4", "revision": 1}
    by = {"at": canonical.stamp(NOW), "by": "operator"}
    sitting = {
        "attendees": [{"group": "rt", "name": "CONTOH", "post": "RT 1", "sex": "L"}],
        "audit": {"mk14": "1"}, "date": "2026-11-20", "hour": "09:30", "id": RECORD,
        "leader": "CONTOH", "leader_post": "Kepala desa", "number": 1, "place": "Balai desa",
    }  # fmt: skip
    found = {
        "moves": {
            "household_id": home_of(1), "kind": "pindah_anggota", "note": "", "other": home_of(2),
            "person_id": PERSON, "reason": "", "record_id": RECORD,
        },
        "musdes": {
            "closed_at": canonical.stamp(NOW), "counts": dict.fromkeys(COLUMNS, 0) | {"ditemukan": 1},
            "documents": [], "record_id": meeting_records.musdes_id("3509122003", "2026-Q4"),
            "reopened": "", "sittings": [sitting], "way": "musyawarah",
        },
        "proposals": {
            "answers": {"nama_krt": "CONTOH 2"}, "attachments": [], "confirmations": [],
            "criteria": ["lantai_tanah"], "door": "loket", "household_id": home_of(2),
            "instrument": {"id": "usulan", "version": "2022"}, "number": 1, "persons": [PERSON],
            "record_id": RECORD, "registrar": "CONTOH",
        },
        "verdicts": {
            "able": "2", "disabled": "", "household_id": home_of(1), "idbdt": f"{1:014}",
            "note": "", "reason": "", "record_id": meeting_records.verdict_id(home_of(1), "2026-Q4"),
            "sitting_id": RECORD, "source": "prelist", "standing": "", "status": "1", "twin": "",
            "working": "",
        },
    }  # fmt: skip
    return [
        RecordFile(kind, [meeting_records.seal(kind, common | by | one)[1]], 1)
        for kind, one in found.items()
    ]


def answers() -> list[RecordFile]:
    """A receipt that has a line of every kind."""
    one, two = visit(1), visit(2)
    stream, sha256 = "00000000-0000-0000-0000-000000000002", "a" * 64
    bundle_id = "00000000-0000-0000-0000-000000000003"
    visit_id, hash_ = str(one["visit_id"]), str(one["sha256"])
    return receipt_lines.write(
        receipt_lines.Receipt(
            (receipt_lines.BundleResult(bundle_id, sha256, stream, 3, NOW, "partly", 1, 0, 1),),
            (
                receipt_lines.VisitResult(
                    bundle_id, visit_id, hash_, "rejected", "E_RECORD_SCHEMA", "Periksa", "nama_krt"
                ),
            ),
            ((stream, 2),),
            (receipt_lines.LackedVisit(visit_id, 1, records.short_hash(hash_)),),
            (sha(JPG),),
            (1, "c" * 64),
            tuple(
                receipt_lines.Rival(
                    home_of(1), "2026-Q4", str(each["visit_id"]), 1, str(each["sha256"]), "nama_krt"
                ).choice()
                for each in (one, two)
            ),
        )
    )


def write(folder: Path = FOLDER) -> None:
    folder.mkdir(exist_ok=True)
    for old in (*folder.glob("*.siks"), *folder.glob("*.expect"), *folder.glob("*.siksbalas")):
        old.unlink()
    world = World()

    def note(name: str, expect: str, by: str = OFFICE, *more: str) -> None:
        lines = [f"expect: {expect}", f"by: {by}", *more]
        (folder / f"{name}.expect").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def good(
        name: str,
        draft: bundle.Draft,
        key: SigningKey,
        found: Sequence[RecordFile],
        photos: Sequence[AttachmentFile] = (),
        by: str = OFFICE,
        carried: keyset.SignedKeySet | None = None,
        pad: bool = False,
    ) -> Path:
        written = bundle.write(
            folder, draft, key, found, photos, carried, name=f"{name}.siks", pad=pad
        )
        rows = [
            f"rows: {one}={count}" for one, count in sorted(written.rows.items()) if one != "pad"
        ]
        note(name, "ok", by, f"manifest: {written.manifest_sha256}", *rows)
        return written.path

    one, two = visit(1), visit(2)
    heads = [
        records.inventory_visit(str(line["visit_id"]), 1, str(line["sha256"]))
        for line in (one, two)
    ]
    good(
        "ok-visits",
        world.draft(),
        world.village,
        [RecordFile("inventory", heads), RecordFile("visits", [one, two])],
        [AttachmentFile(sha(JPG), "jpg", lambda: JPG)],
    )
    good("ok-results", world.draft(), world.village, results())
    statement = enrolment.Enrolment(
        invite_id="0190f1c2-7d3a-7b10-9c55-0a1b2c3d4e5f",
        kode_desa="3509122003",
        device=world.device,
        stream=world.stream,
        signing=world.village.public,
        encryption=world.village_identity.recipient,
        voice_key=b"v" * 32,
        root="SHA256:" + "A" * 43,
    )
    good(
        "ok-enrolment",
        world.draft(type="enrolment", instrument=None),
        world.village,
        [RecordFile("enrolment", [enrolment.make(statement, "0123456789ABCDEF")])],
    )
    following = SigningKey.from_seed(b"w" * 32)
    renewed = enrolment.Enrolment(
        **{
            field: getattr(statement, field)
            for field in ("kode_desa", "encryption", "voice_key", "root")
        },
        invite_id="",
        device="00000000-0000-0000-0000-000000000009",
        stream="00000000-0000-0000-0000-00000000000a",
        signing=following.public,
    )
    good(
        "ok-renewal",
        world.draft(type="enrolment", instrument=None, seq=2, prev="b" * 64),
        world.village,
        [RecordFile("enrolment", [enrolment.renew(renewed, following)])],
    )
    receipt = good(
        "ok-receipt",
        world.answer_draft(keyset=None),
        world.root,
        [RecordFile("receipt", [])],
        by=VILLAGE,
        carried=world.signed,
        pad=True,
    )
    good(
        "ok-receipt-of-everything",
        world.answer_draft(keyset=None, seq=2, prev="b" * 64),
        world.root,
        answers(),
        by=VILLAGE,
        carried=world.signed,
    )
    home = prelist_lines.Household(home_of(1), f"{1:014}", {"nama_krt": "CONTOH 1"}, [PERSON])
    good(
        "ok-prelist",
        world.answer_draft(type="prelist", keyset=None),
        world.root,
        prelist_lines.write(prelist_lines.Head("3509122003", 1, 1), [home.line()]),
        by=VILLAGE,
        carried=world.signed,
    )
    return_file.write(folder / "ok-return.siksbalas", [receipt])
    note("ok-return", "ok", VILLAGE, "parts: 1")
    root = SigningKey.from_seed(b"n" * 32)
    fresh = world.make_keyset(2, root=root.public)
    for name, before, code in (
        ("ok-new-root-signed-by-both", world.root, "ok"),
        ("new-root-signed-alone", None, "E_KEY_UNKNOWN"),
    ):
        good(
            name,
            world.answer_draft(keyset=None),
            world.root,
            [RecordFile("receipt", [])],
            by=VILLAGE,
            carried=keyset.sign(fresh, root, before),
        )
        if code != "ok":
            note(name, code, VILLAGE)
    for words, (make, code) in ARCHIVES.items():
        name = f"archive-{name_of(words)}"
        found = make(world).bytes()
        if len(found) < 20_000:
            (folder / f"{name}.siks").write_bytes(found)
            note(name, code)
    for words, (changes, code) in MANIFESTS.items():
        name = f"manifest-{name_of(words)}"
        found = forge(world, **changes).bytes()
        if len(found) < 20_000:
            (folder / f"{name}.siks").write_bytes(found)
            note(name, code)
    whole = (folder / "ok-visits.siks").read_bytes()
    stranger = forge(world, key=SigningKey.from_seed(b"x" * 32)).bytes()
    for name, content, code in (
        ("cut-in-the-payload", whole[:-30], "E_CORRUPT"),
        ("bit-flip-in-the-payload", whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:], "E_CORRUPT"),
        ("text-before", b"x" + whole, "E_NOT_BUNDLE"),
        ("key-of-a-stranger", stranger, "E_KEY_UNKNOWN"),
        ("for-another-office", forge(world, enc=[following_recipient()]).bytes(), "E_NOT_FOR_US"),
    ):
        (folder / f"{name}.siks").write_bytes(content)
        note(name, code)
    (folder / "README.md").write_text(readme(world), encoding="utf-8")


def following_recipient() -> str:
    from siks_offline.crypto.age import Identity

    return Identity(b"f" * 32).recipient


def readme(world: World) -> str:
    return f"""# Test vectors of `siks-bundle/1`

Each `NAME.siks` (or `.siksbalas`) has a `NAME.expect`: `expect:` is `ok` or the code with which a
reader refuses the file, `by:` who reads it, `manifest:` the SHA-256 of the manifest, `rows:` the
lines of a records file. All keys are public and serve these files only. Nothing in them is about
anybody. `python -m tests.export.make_vectors` writes them anew.

| Who | What | Value |
|---|---|---|
| dinsos | id | `dinsos:3509` |
| dinsos | operational identity | `{world.operational}` |
| dinsos | escrow identity | `{world.escrow}` |
| dinsos | root and signing key | `{openssh(world.root.public)}` |
| desa | id | `desa:3509122003` |
| desa | identity | `{world.village_identity}` |
| desa | signing key | `{openssh(world.village.public)}` |
| desa | device, stream | `{world.device}`, `{world.stream}` |
| desa | code of the enrolment's letter | `0123-4567-89AB-CDEF` |

The Dinsos knows the village's key as active, and its own key set version 1; the village trusts the
root and has no key set yet. Both know the instrument `dtks` `2020.1` of any hash.
"""


if __name__ == "__main__":
    write()
