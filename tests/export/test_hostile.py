"""Every hostile bundle is refused with its own code, before anything is kept."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.crypto import age
from siks_offline.export import bundle
from tests.export.hostile import (
    OfficeGate,
    World,
)
from tests.export.hostile_cases import ARCHIVES, MANIFESTS, forge, refusal

if TYPE_CHECKING:
    from pathlib import Path


def test_the_forger_can_be_honest(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """What the test-side writer makes without lies is taken, so its lies are what is refused."""
    path = forge(world).write(tmp_path / "x")
    with bundle.open_bundle(path, office, tmp_path) as opened:
        assert opened.outcome == "ok"
        assert [value for _, value, _ in opened.lines("visits")] == [{"nama": "Bu Sari"}]


@pytest.mark.parametrize("name", ARCHIVES)
def test_hostile_archives(tmp_path: Path, world: World, office: OfficeGate, name: str) -> None:
    """Signed well and sealed well, but not the one archive that its manifest describes."""
    make, code = ARCHIVES[name]
    path = make(world).write(tmp_path / "x")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(path, office) == code
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10


def test_rows_that_lie_consistently(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """The number of lines is counted, not believed."""

    def edit(of: dict[str, Any]) -> None:
        of["entries"][-1]["rows"] = 2
        of["counts"]["visits"] = 2

    assert refusal(forge(world, edit=edit).write(tmp_path / "x"), office) == "E_ENTRY_SIZE"


@pytest.mark.parametrize("name", MANIFESTS)
def test_hostile_manifests(tmp_path: Path, world: World, office: OfficeGate, name: str) -> None:
    """Signed by the village's own key, and refused for what it says or how it says it."""
    changes, code = MANIFESTS[name]
    if "namespace" in changes:
        office.namespaces |= {"siks.enrolment.v1"}
    assert refusal(forge(world, **changes).write(tmp_path / "x"), office) == code


def test_forwarded_to_another_office(tmp_path: Path, world: World) -> None:
    """Dinsos A cannot pass on a bundle to Dinsos B as if it had been sent there."""
    other = age.Identity.generate()
    gate = OfficeGate(world, identities=[other])
    path = forge(world, enc=[other.recipient, world.escrow.recipient]).write(tmp_path / "x")
    assert refusal(path, gate) == "E_RECIPIENT_MISMATCH"


@pytest.mark.parametrize("extra", [0, 2])
def test_recipients_are_exactly_those_signed(
    tmp_path: Path, world: World, office: OfficeGate, extra: int
) -> None:
    """A stanza added or taken away beside the signed list is seen."""
    enc = [world.operational.recipient, *(age.Identity.generate().recipient for _ in range(extra))]
    assert refusal(forge(world, enc=enc).write(tmp_path / "x"), office) == "E_RECIPIENT_MISMATCH"


def test_bundle_id_used_twice(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """One id, two manifests: refused."""
    office.ids["00000000-0000-0000-0000-000000000003"] = "f" * 64
    assert refusal(forge(world).write(tmp_path / "x"), office) == "E_ID_CONFLICT"


def test_the_sum_of_sizes_is_bounded(tmp_path: Path, world: World, office: OfficeGate) -> None:
    """A thousand photos within their own limit are still too much together."""

    def edit(of: dict[str, Any]) -> None:
        digest = [f"{number:064x}" for number in range(40)]
        of["entries"] = [
            {
                "media_type": "image/jpeg",
                "path": f"attachments/{one}.jpg",
                "rows": 0,
                "sha256": one,
                "size": 30_000_000,
            }
            for one in digest
        ]
        of["counts"] = {"attachments": 40, "musdes": 0, "proposals": 0, "visits": 0}

    assert refusal(forge(world, edit=edit).write(tmp_path / "x"), office) == "E_TOO_LARGE"
