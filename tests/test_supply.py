"""What the program is made of is locked, known by its licence and checked for holes."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def licences() -> dict[str, Any]:
    """The names of the script that writes the page."""
    return runpy.run_path(str(ROOT / "tools" / "licences.py"))


def test_the_page_of_licences_is_current(licences: dict[str, Any]) -> None:
    """Whoever locks another version writes docs/licences.md in the same commit."""
    try:
        wanted = licences["page"]()
    except LookupError as missing:
        pytest.skip(f"only with the lock of the build installed: {missing}")
    assert (ROOT / "docs" / "licences.md").read_text(encoding="utf-8") == wanted


def test_every_locked_package_is_on_the_page_and_hashed(licences: dict[str, Any]) -> None:
    """No package comes in without a hash, and none without a licence that people can read."""
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    packages = licences["locked"]()
    assert len(packages) > 60
    for name, (version, use) in packages.items():
        assert re.search(
            rf"^\| {re.escape(name)} \| {re.escape(version)} \| [^|]+ \| {use} \|$",
            page,
            re.MULTILINE,
        ), name
    for lock in (ROOT / "requirements").glob("*.lock"):
        for entry in re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8")):
            assert "--hash=sha256:" in entry, entry[:60]


def test_nothing_of_the_application_binds_our_own_licence(licences: dict[str, Any]) -> None:
    """What ships is permissive, or LGPL and replaceable; nothing is under the GPL alone."""
    for name, (_, use) in licences["locked"]().items():
        if use == "application":
            said = licences["licence"](name)
            assert "GPL" not in said or "LGPL-3.0-only" in said, name


def test_silence_of_a_service_is_not_safety() -> None:
    """A package that no service knew is told as not checked, and a hole in any is a failure."""
    names = runpy.run_path(str(ROOT / "tools" / "holes.py"))
    judge, ok, holes, not_checked = (
        names[name] for name in ("judge", "OK", "HOLES", "NOT_CHECKED")
    )
    sound = {"name": "a", "version": "1", "vulns": []}
    holed = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1"}]}
    unknown = {"name": "b", "skip_reason": "not found"}
    assert judge([None, None]) == judge([[unknown], None]) == judge([[]])
    assert judge([None])[0] == not_checked
    assert judge([[sound, unknown], None])[0] == not_checked
    assert judge([[sound, unknown], [sound, {**holed, "vulns": []}]])[0] == ok
    found = judge([[sound, unknown], [sound, holed]])
    assert found[0] == holes
    assert "b 2 (CVE-1)" in found[1]


def test_the_list_of_parts_names_every_package_that_ships(licences: dict[str, Any]) -> None:
    """The SBOM has each locked package of the application with version, licence and hashes."""
    made = runpy.run_path(str(ROOT / "tools" / "sbom.py"))["document"]()
    listed = {one["name"]: one["version"] for one in made["components"]}
    wanted = {name: of for name, (of, use) in licences["locked"]().items() if use == "application"}
    assert listed == wanted
    assert all(one["licenses"] and one["hashes"] for one in made["components"])
