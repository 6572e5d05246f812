from __future__ import annotations

import pytest

from tests.export.hostile import OfficeGate, VillageGate, World


@pytest.fixture(scope="session")
def world() -> World:
    return World()


@pytest.fixture
def office(world: World) -> OfficeGate:
    return OfficeGate(world)


@pytest.fixture
def village(world: World) -> VillageGate:
    return VillageGate(world)
