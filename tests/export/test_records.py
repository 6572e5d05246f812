"""A record is what its hash says, and of the one shape; receipts carry their results whole."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.errors import BundleError
from siks_offline.export import bundle, canonical, receipt, records
from siks_offline.export.receipt import BundleResult, Choice, LackedVisit, Receipt, VisitResult
from siks_offline.model import Attachment, Confirmation
from tests.export.hostile import NOW, VillageGate, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ID = [str(uuid.UUID(int=number)) for number in range(20)]


def line(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "visit_id": ID[1],
        "household_id": ID[2],
        "idbdt": "3509120030000001",
        "kode_desa": "3509122003",
        "period": "2026-Q4",
        "revision": 1,
        "parents": (),
        "answers": {
            "alamat": "Dusun Krajan\nRT 2",
            "anggota": [{"nama": "Siti"}, {"nama": "Umar"}],
        },
        "persons": [ID[3], ID[4]],
        "instrument": ("dtks", "2020.1"),
        "completed_at": NOW,
        "completed_by": "operator",
        "attachments": [Attachment("F-RUMAH", "", "a" * 64)],
        "confirmations": [Confirmation("anggota[2]", "w_kawin_muda", "sudah dicek")],
    }
    return records.build(**values | changes)


def test_hash_is_over_the_line_without_it() -> None:
    """The hash can be recomputed from the words of the rule alone."""
    found = line()
    rest = {key: value for key, value in found.items() if key != "sha256"}
    raw = b"siks-visit/1\n" + canonical.dumps(rest)
    assert found["sha256"] == hashlib.sha256(raw).hexdigest()
    assert records.check(canonical.loads(canonical.dumps(found))) == found["sha256"]


def test_a_revision_names_its_parents_in_order() -> None:
    """Parents ascend; a first revision has none and a later one has some."""
    parents = ["c" * 64, "b" * 64]
    assert line(revision=2, parents=parents)["parents"] == sorted(parents)
    for changes in ({"revision": 2}, {"parents": ["b" * 64]}, {"revision": 2, "parents": [f"{n:064x}" for n in range(9)]},
                    {"revision": 2, "parents": ["b" * 64] * 2}):  # fmt: skip
        with pytest.raises(BundleError) as caught:
            line(**changes)
        assert caught.value.code == "E_RECORD_SCHEMA"


CHANGES: list[Callable[[dict[str, Any]], object]] = [
    lambda one: one.update(idbdt="1"),
    lambda one: one["answers"].update(alamat="x"),
    lambda one: one["answers"]["anggota"].pop(),
    lambda one: one.update(note="x"),
    lambda one: one.pop("persons"),
    lambda one: one.update(revision=True),
    lambda one: one.update(revision="1"),
    lambda one: one["answers"].update(umur=5),
    lambda one: one["answers"].update(anggota=["x"]),
    lambda one: one["answers"].update(anggota=[{"kk": [{"n": 5}]}]),
    lambda one: one["answers"].update(alamat={"a": "b"}),
    lambda one: one.update(kode_desa="35.09.12.2003"),
    lambda one: one.update(period="2026-Q5"),
    lambda one: one.update(visit_id=ID[1].upper() + "0"),
    lambda one: one.update(attachments=[{"kind": "F-RUMAH", "path": "", "sha256": "../x"}]),
    lambda one: one.update(completed_at="2026-11-22 01:03:48"),
]


@pytest.mark.parametrize("rehash", [False, True])
@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_any_change_is_seen(number: int, rehash: bool) -> None:
    """A changed line fails its hash; a re-hashed one fails the shape, unless the shape allows it."""
    changed = canonical.loads(canonical.dumps(line()))
    CHANGES[number](changed)
    if rehash:
        changed["sha256"] = records.hash_of(changed)
    if rehash and number < 3:
        assert records.check(changed) == changed["sha256"]
        return
    with pytest.raises(BundleError) as caught:
        records.check(changed)
    assert caught.value.code == "E_RECORD_SCHEMA"


ODD: list[Any] = [
    "", "x", "9" * 10, "a" * 64, "A" * 64, ID[9], "2026-Q4", "2026-13", "x" * 101, "x" * 61, "},{",
    "x" * 201, "x" * 4001, "é", "2026-02-30T00:00:00Z", "2026-02-28T00:00:00Z", 0, 1, 2, 10**6,
    10**6 + 1, True, None, [], {}, [""], [ID[9]], ["b" * 64] * 2, ["a" * 64, "b" * 64],
    ["b" * 64, "a" * 64], [f"{n:064x}" for n in range(9)], [{"n": "x"}, {"n": 5}],
    [{"kind": "F", "path": "", "sha256": "c" * 64}], [{"kind": "f", "path": "", "sha256": "c" * 64}],
    [{"path": "p", "reason": "r", "rule": "w"}], [{"path": "p", "reason": "r", "rule": "w" * 101}],
    {"id": "a", "version": "1"}, {"id": "a b", "version": "1"}, {"id": "a", "version": "1" * 41},
]  # fmt: skip


@pytest.mark.parametrize("name", [*line(), "more", "answers.alamat", "answers.anggota"])
@pytest.mark.parametrize("revision", [1, 2])
def test_a_line_is_judged_the_same_by_its_bytes(name: str, revision: int) -> None:
    """What the bytes of a line show is what a look at each member finds, whatever was changed."""
    parents = ["b" * 64] if revision == 2 else []
    whole = canonical.dumps(
        line(answers={"alamat": "Krajan", "anggota": []}, revision=revision, parents=parents)
    )
    for value in ODD:
        changed = canonical.loads(whole)
        place = changed["answers"] if name.startswith("answers.") else changed
        place[name.removeprefix("answers.")] = value
        if name != "sha256":
            changed["sha256"] = records.hash_of(changed)
        found, raw = canonical.line(canonical.dumps(changed))
        verdicts: list[Any] = []
        for given in (raw, bytes(raw)):
            try:
                verdicts.append(records.received(found, given))
            except BundleError as fault:
                verdicts.append((fault.code, fault.facts))
        assert verdicts[0] == verdicts[1], value


def test_an_honest_line_shows_itself_by_its_bytes() -> None:
    """A line as villages write it is not walked a second time."""
    honest = canonical.dumps(line(answers={"alamat": "Krajan", "anggota": [{"nama": "Siti"}]}))
    value, raw = canonical.line(honest)
    assert records._cut(value, raw) == records.received(value)[1]


@pytest.mark.parametrize("before", [*range(0, 4000, 333), 1999, 2000, 2001])
def test_the_longest_text_may_stand_anywhere(before: int) -> None:
    """A text of 4,000 characters is taken wherever it begins in a line, one of 4,001 nowhere."""
    changed = line(answers={"alamat": "a" * before, "dusun": "", "rt": "1"})
    for length in (4000, 4001):
        changed["answers"]["dusun"] = "x" * length
        changed["sha256"] = records.hash_of(changed)
        found, raw = canonical.line(canonical.dumps(changed))
        assert type(raw) is canonical.Canonical
        if length > 4000:
            with pytest.raises(BundleError):
                records.received(found, raw)
        else:
            assert records.received(found, raw)[0] == changed["sha256"]


@pytest.mark.parametrize("text", ["a\u202eb", "a\0b", "a\tb", "x" * 4001])
def test_answers_keep_the_text_rules(text: str) -> None:
    """Direction marks, control characters and endless texts never enter a record."""
    with pytest.raises(BundleError) as caught:
        line(answers={"alamat": text})
    assert caught.value.code == "E_RECORD_SCHEMA"


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE visits", "=HYPERLINK(1)", "<img src=//host/x>", "e\u0301", "🏠"]
)
def test_odd_but_allowed_texts_travel(text: str) -> None:
    """What is only odd is somebody's data: it is kept as it is."""
    assert line(answers={"alamat": text})["answers"] == {"alamat": text}


def test_scope() -> None:
    """A village speaks for itself only."""
    records.check_scope(line(), "desa:3509122003")
    with pytest.raises(BundleError) as caught:
        records.check_scope(line(), "desa:3509122004")
    assert caught.value.code == "E_SCOPE"


def test_attachments_begin_as_their_type_does() -> None:
    """A script named .jpg is not a photo."""
    for extension, content in (
        ("jpg", b"\xff\xd8\xff\xe0"),
        ("png", b"\x89PNG\r\n\x1a\n"),
        ("pdf", b"%PDF-1.4"),
        ("webp", b"RIFF\0\0\0\0WEBP"),
    ):
        records.check_attachment(extension, content)
        with pytest.raises(BundleError) as caught:
            records.check_attachment(extension, b"MZ" + content)
        assert caught.value.code == "E_ATTACHMENT_TYPE"
    for extension, content in (("webp", b"RIFF\0\0\0\0AVI "), ("exe", b"MZ"), ("jpg", b"")):
        with pytest.raises(BundleError):
            records.check_attachment(extension, content)


def test_inventory_lines() -> None:
    """Heads and attachments come back from their short lines; other shapes do not."""
    found = line()
    entry = records.inventory_visit(found["visit_id"], 1, found["sha256"])
    assert records.parse_inventory(entry) == (
        found["visit_id"],
        1,
        records.short_hash(found["sha256"]),
    )
    assert records.parse_inventory(records.inventory_attachment("a" * 64)) == "a" * 64
    assert len(canonical.dumps(entry)) + 1 <= 70
    for bad in (
        [],
        ["att"],
        ["att", "x"],
        ["att", "a" * 64, 1],
        [ID[1], 0, "A" * 22],
        [ID[1], 1, "A" * 23],
        {"a": 1},
        "att",
        None,
    ):
        with pytest.raises(BundleError) as caught:
            records.parse_inventory(bad)
        assert caught.value.code == "E_RECORD_SCHEMA"


# Receipts --------------------------------------------------------------------------------------

FULL = Receipt(
    bundles=(
        BundleResult(ID[5], "b" * 64, ID[6], 1, NOW, "accepted", 40, 0, 0),
        BundleResult(ID[7], "c" * 64, ID[6], 3, NOW, "partly", 1, 1, 1),
    ),
    visits=(
        VisitResult(ID[7], ID[8], "d" * 64, "rejected", "E_SCOPE"),
        VisitResult(ID[7], ID[9], "e" * 64, "held", "", "NIK tertukar", "anggota[2].nik"),
    ),
    missing=((ID[6], 2),),
    lacked_visits=(LackedVisit(ID[10], 2, "A" * 22),),
    lacked_attachments=("f" * 64,),
    prelist=(3, "a" * 64),
    choices=(Choice(ID[11], "kepala", "d" * 64),),
)


@pytest.mark.parametrize("sent", [FULL, Receipt()])
def test_receipt_round_trip(
    tmp_path: Path, world: World, village: VillageGate, sent: Receipt
) -> None:
    """Results, gaps, what is lacked, the prelist and the choices arrive as they were."""
    written = bundle.write(
        tmp_path, world.answer_draft(), world.root, receipt.write(sent), (), world.signed
    )
    with bundle.open_bundle(written.path, village, tmp_path) as opened:
        assert receipt.read(opened) == sent


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("receipt", {"bundle_id": ID[1]}),
        ("receipt-visits", [1]),
        ("receipt-missing", {"stream": ID[1], "seq": 0}),
        ("receipt-lacks", ["att"]),
        ("receipt-prelist", {"version": 0, "manifest_sha256": "a" * 64}),
        ("receipt-choices", {"x": "y"}),
    ],
)
def test_a_faulty_receipt_is_refused_whole(
    tmp_path: Path, world: World, village: VillageGate, name: str, value: Any
) -> None:
    """A receipt moves states, so not one of its lines may be guessed at."""
    written = bundle.write(
        tmp_path,
        world.answer_draft(),
        world.root,
        [bundle.RecordFile(name, [value])],
        (),
        world.signed,
    )
    with (
        bundle.open_bundle(written.path, village, tmp_path) as opened,
        pytest.raises(BundleError) as caught,
    ):
        receipt.read(opened)
    assert caught.value.code == "E_RECORD_SCHEMA"


def test_a_comment_too_long_is_not_written() -> None:
    """The writer keeps the reader's limits."""
    with pytest.raises(BundleError):
        receipt.write(Receipt(visits=(VisitResult(ID[7], ID[8], "d" * 64, "held", "", "x" * 501),)))
