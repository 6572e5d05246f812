"""One paired village and its Dinsos, made once and copied for each test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from siks_offline.latihan import people
from tests.ceremonies.road import FAMILIES, KODE, Road
from tests.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("upacara") / "dunia"
    scenario = Scenario(folder, KODE)
    scenario.pair()
    people.write_prelist(folder / "prelist.xlsx", FAMILIES)
    scenario.load(folder / "prelist.xlsx", bind=True)
    return folder


@pytest.fixture
def road(template: Path, tmp_path: Path) -> Road:
    return Road(shutil.copytree(template, tmp_path / "dunia"))
