"""The specification suffices: a reader written from it alone meets every vector as told."""

from __future__ import annotations

import ast
import base64
import json
import random
import re
import uuid
from collections import defaultdict
from pathlib import Path

import pytest

from tests.export import spec_layers, spec_reader
from tests.export.hostile import Member, OfficeGate, World, sha
from tests.export.hostile_cases import forge, refusal
from tests.export.spec_layers import RefusedError
from tests.export.spec_reader import Reader

FOLDER = Path(__file__).resolve().parents[1] / "vectors"
KEYS = (FOLDER / "README.md").read_text("utf-8")


def told(who: str, what: str) -> list[str]:
    """Values of the table of keys beside the vectors."""
    found = re.search(rf"^\| {who} \| {what} \| (.*) \|$", KEYS, re.MULTILINE)
    assert found is not None
    return re.findall(r"`([^`]+)`", found[1])


def reader(by: str) -> Reader:
    if by == "dinsos":
        device, _ = told("desa", "device, stream")
        return Reader(
            id=told("dinsos", "id")[0],
            identities=told("dinsos", "operational identity"),
            types=("visits", "enrolment"),
            registered={
                spec_layers.openssh(told("desa", "signing key")[0]): (told("desa", "id")[0], device)
            },
        )
    return Reader(
        id=told("desa", "id")[0],
        identities=told("desa", "identity"),
        types=("receipt", "prelist"),
        root=spec_layers.openssh(told("dinsos", "root and signing key")[0]),
    )


def expected(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in path.with_suffix(".expect").read_text("utf-8").splitlines():
        name, _, value = line.partition(": ")
        found[name].append(value)
    return found


def test_the_reader_knows_nothing_of_the_program() -> None:
    """No module of the program is imported by it, only public primitives."""
    for module in (spec_reader, spec_layers):
        tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        names = {
            alias.name if isinstance(node, ast.Import) else str(node.module)
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        ours = {one for one in names if one.startswith(("siks_offline", "tests"))}
        assert ours <= {"tests.export.spec_layers"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.siks")), ids=lambda path: path.stem)
def test_vector(path: Path) -> None:
    """Taken with these rows, or refused with this very code."""
    expect = expected(path)
    [code], [by] = expect["expect"], expect["by"]
    if code != "ok":
        with pytest.raises(RefusedError) as refused:
            reader(by).open(path.read_bytes())
        assert refused.value.code == code
        return
    of, digest, entries = reader(by).open(path.read_bytes())
    assert expect["manifest"] == [digest]
    rows = {f"{one['path'][8:-7]}={one['rows']}" for one in of["entries"] if one["rows"]}
    assert rows - {one for one in rows if one.startswith("pad=")} == {
        one for one in expect["rows"] if not one.endswith("=0")
    }
    assert set(entries) == {one["path"] for one in of["entries"]}


def test_every_cut_meets_the_same_code(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """Program and reader of the text agree on every end cut off, between chunks as well."""
    noise = random.Random(5).randbytes(70_000)
    sound = forge(world, members=[Member(f"attachments/{sha(noise)}.jpg", noise)]).bytes()
    payload = sound.index(b"\n--- ") + 49 + 16
    ends = [*range(0, payload + 40, 23), payload + 65_552 - 1, payload + 65_552, len(sound) - 1]
    for end in (*ends, payload + 65_552 + 5):
        (tmp_path / "x").write_bytes(sound[:end])
        with pytest.raises(RefusedError) as refused:
            reader("dinsos").open(sound[:end])
        assert refused.value.code == refusal(tmp_path / "x", office), end


def test_the_return_file() -> None:
    """Of its parts the village's key opens as many as are told."""
    found = spec_reader.parts((FOLDER / "ok-return.siksbalas").read_bytes())
    opened = [reader("desa").open(one)[0]["type"] for one in found]
    assert opened == ["receipt"] * int(expected(FOLDER / "ok-return.siksbalas")["parts"][0])
    for one in found:
        assert len(one) & (len(one) - 1) == 0, "a power of two"
        with pytest.raises(RefusedError) as refused:
            reader("dinsos").open(one)
        assert refused.value.code == "E_NOT_FOR_US"


def test_the_worked_example() -> None:
    """Record hashes, inventory and fingerprint of section 11 come out as written there."""
    of, _, entries = reader("dinsos").open((FOLDER / "ok-visits.siks").read_bytes())
    visits = [json.loads(one) for one in entries["records/visits.ndjson"].splitlines()]
    heads = [json.loads(one) for one in entries["records/inventory.ndjson"].splitlines()]
    assert [one["sha256"] for one in visits] == [spec_reader.visit_hash(one) for one in visits]
    short = base64.urlsafe_b64encode(bytes.fromhex(visits[0]["sha256"])[:16]).decode().rstrip("=")
    assert heads[0][2] == short
    public = spec_layers.openssh(told("desa", "signing key")[0])
    assert of["sender"]["key"] == spec_layers.fingerprint(public)


def test_records_of_a_musyawarah_prove_themselves() -> None:
    """Hashes and ids of all four come out of the text, the namespace and a household's id too."""
    _, _, entries = reader("dinsos").open((FOLDER / "ok-results.siks").read_bytes())
    kinds = {path[8:-7] for path in entries}
    assert kinds == {"moves", "musdes", "proposals", "verdicts"}
    for kind in kinds:
        line = json.loads(entries[f"records/{kind}.ndjson"])
        assert line["sha256"] == spec_reader.record_hash(kind, line)
        assert line["record_id"] == spec_reader.record_id(kind, line)
        if kind == "verdicts":
            name = f"{line['kode_desa']}/{line['idbdt']}"
            assert line["household_id"] == str(uuid.uuid5(spec_reader.NAMESPACE, name))


def test_a_receipt_says_which_heads_stand() -> None:
    """Period, visit, revision and hash of each head are parted as the text says."""
    _, _, entries = reader("desa").open((FOLDER / "ok-receipt-of-everything.siks").read_bytes())
    lines = [json.loads(one) for one in entries["records/receipt-choices.ndjson"].splitlines()]
    assert [one["kind"] for one in lines] == ["head", "head"]
    found = [one["value"].split(" ") for one in lines]
    assert [len(one) for one in found] == [4, 4]
    assert len({one[3] for one in found}) == 2
    short = base64.urlsafe_b64encode(bytes.fromhex(found[0][3])[:16]).decode().rstrip("=")
    lacked = json.loads(entries["records/receipt-lacks.ndjson"].splitlines()[0])
    assert lacked == [found[0][1], int(found[0][2]), short]


def test_an_enrolment_proves_the_letter() -> None:
    """The mac of the vector comes out of the letter's code."""
    _, _, entries = reader("dinsos").open((FOLDER / "ok-enrolment.siks").read_bytes())
    line = json.loads(entries["records/enrolment.ndjson"])
    [code] = told("desa", "code of the enrolment's letter")
    assert line["mac"] == spec_reader.enrolment_mac(line, code)
    assert line["mac"] != spec_reader.enrolment_mac(line, "0123-4567-89AB-CDE0")


def test_what_people_compare() -> None:
    """Thirty digits and the digits said by telephone are those of the program."""
    from siks_offline.crypto import codes
    from siks_offline.export import keyset

    [root] = told("dinsos", "root and signing key")
    assert spec_reader.thirty_digits({"id": "dinsos:3509", "root": root}) == keyset.root_digits(
        "dinsos:3509", spec_layers.openssh(root)
    )
    assert spec_reader.thirty_digits({"manifest_sha256": "a" * 64}) == keyset.manifest_digits(
        "a" * 64
    )
    assert spec_reader.voice_digits(b"v" * 32, "b" * 64) == codes.voice_code(b"v" * 32, "b" * 64)


def test_the_specification_names_every_code() -> None:
    """Each code that a vector expects stands in the text."""
    text = (FOLDER.parents[1] / "docs" / "spec" / "siks-bundle.md").read_text("utf-8")
    codes = {expected(path)["expect"][0] for path in FOLDER.glob("*.siks")} - {"ok"}
    assert [code for code in codes if f"`{code}`" not in text] == []
