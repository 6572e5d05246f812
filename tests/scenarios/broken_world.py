"""The world that bad input meets: made once a module, copied for who breaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scenarios import broken
from tests.scenarios.broken import PASSPHRASE, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True, scope="module")
def passphrase() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIKS_KATA_SANDI", PASSPHRASE)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, passphrase: None) -> World:
    """The world that nothing breaks."""
    return broken.build(tmp_path_factory.mktemp("dunia") / "latihan")


@pytest.fixture(scope="module")
def world(whole: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world that refusals share: each test holds that it is as it was."""
    return broken.copied(whole, tmp_path_factory.mktemp("bersama") / "latihan")


@pytest.fixture
def own(whole: World, tmp_path: Path) -> World:
    """A world of the test's own, to be broken."""
    return broken.copied(whole, tmp_path / "latihan")


@pytest.fixture(autouse=True)
def patient(world: World) -> None:
    """Nobody waits in these tests for what another of them typed wrong."""
    for folder in (world.desa, world.folder / "dinsos"):
        (folder / "masuk.json").unlink(missing_ok=True)
