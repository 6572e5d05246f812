"""The vectors of `tests/vectors/` come out as their `expect:` lines say."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest

from siks_offline.crypto import age
from siks_offline.errors import BundleError
from siks_offline.export import bundle, enrolment, return_file
from tests.export.hostile import OfficeGate, VillageGate, World
from tests.export.hostile_cases import ARCHIVES, MANIFESTS

FOLDER = Path(__file__).resolve().parents[1] / "vectors"


def said(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines():
        name, _, value = line.partition(": ")
        found[name].append(value)
    return found


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.siks")), ids=lambda path: path.stem)
def test_vector(path: Path, world: World, tmp_path: Path) -> None:
    """A bundle is taken, with these rows, or refused with this code."""
    expect = said(path.with_suffix(".expect"))
    gate = (OfficeGate if expect["by"] == ["dinsos"] else VillageGate)(world)
    try:
        with bundle.open_bundle(path, gate, tmp_path) as opened:
            assert opened.outcome == "ok"
            assert [opened.manifest_sha256] == expect["manifest"]
            for row in expect["rows"]:
                name, _, count = row.partition("=")
                lines = list(opened.lines(name))
                assert len(lines) == int(count)
                assert not any(isinstance(value, BundleError) for _, value, _ in lines)
            for _, value, _ in opened.lines("enrolment"):
                if not enrolment.is_renewal(value):
                    statement = enrolment.parse(value)
                    assert codes_agree(statement)
        came = "ok"
    except BundleError as fault:
        came = fault.code
    assert [came] == expect["expect"]
    assert list(tmp_path.iterdir()) == []


def codes_agree(statement: enrolment.Enrolment) -> bool:
    from siks_offline.crypto import codes
    from siks_offline.export import canonical

    key = codes.enrolment_key("0123-4567-89AB-CDEF", statement.invite_id)
    line = canonical.dumps(enrolment._value(statement))
    return codes.same(codes.mac(key, line), statement.mac)


def test_return_file_vector(world: World, tmp_path: Path) -> None:
    """Of a return file the village reads the part that its key opens."""
    path = FOLDER / "ok-return.siksbalas"
    parts = list(return_file.parts_for(path, [world.village_identity]))
    assert [str(len(parts))] == said(path.with_suffix(".expect"))["parts"]
    with path.open("rb") as file:
        window = parts[0].window(file)
        with bundle.open_source(window, parts[0].size, VillageGate(world), tmp_path) as opened:
            assert opened.manifest["type"] == "receipt"
    assert list(return_file.parts_for(path, [world.operational])) == []


def test_every_refusal_of_the_reader_has_a_vector() -> None:
    """Whoever writes a reader finds a file for each way in which an archive or manifest lies."""
    kept = {path.stem for path in FOLDER.glob("*.siks")}
    assert len(kept) > len(ARCHIVES) + len(MANIFESTS) - 6, "some are too large to keep"
    assert kept == {path.stem for path in FOLDER.glob("*.expect")} - {"ok-return"}


def test_the_worked_example_of_the_specification(world: World) -> None:
    """What docs/spec/siks-bundle.md says of `ok-visits.siks` byte by byte is so."""
    spec = (FOLDER.parents[1] / "docs" / "spec" / "siks-bundle.md").read_text("utf-8")
    [written] = re.findall(r"AGE-SECRET-KEY-1[A-Z0-9]+", spec)
    assert written == str(world.operational)
    path = FOLDER / "ok-visits.siks"
    plain = age.decrypt(path.read_bytes(), [age.Identity.parse(written)])
    [start] = re.findall(r"plaintext begins `([0-9a-f ]+)`", spec)
    assert plain.startswith(bytes.fromhex(start))
    with zipfile.ZipFile(io.BytesIO(plain)) as opened:
        names = opened.namelist()
        manifest = opened.read("manifest.json")
        lines = opened.read("records/visits.ndjson").splitlines()
        heads = [json.loads(one) for one in opened.read("records/inventory.ndjson").splitlines()]
    listed = re.search(r"unzip -l bundle.zip\n(.*?)```", spec, re.DOTALL)
    assert listed is not None
    said_names = [one.replace("<64 hex>", "[0-9a-f]{64}") for one in listed[1].splitlines()]
    assert len(said_names) == len(names)
    assert all(re.fullmatch(one, name) for one, name in zip(said_names, names, strict=True))
    expect = said(path.with_suffix(".expect"))
    assert hashlib.sha256(manifest).hexdigest() == expect["manifest"][0]
    visit = json.loads(lines[0])
    digest = visit.pop("sha256")
    form = json.dumps(visit, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert hashlib.sha256(b"siks-visit/1\n" + form).hexdigest() == digest
    short = base64.urlsafe_b64encode(bytes.fromhex(digest)[:16]).rstrip(b"=").decode()
    assert heads[0][2] == short
