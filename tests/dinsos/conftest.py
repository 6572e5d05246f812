"""The district half runs on both kinds of store: every test with `made` is run on each."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from siks_offline.dinsos.office import open_office
from tests.dinsos import server, world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from siks_offline.dinsos.office import Office


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Start a PostgreSQL server of our own; gives the URL of a new empty database."""
    with server.started(tmp_path_factory) as new_database:
        yield new_database


@pytest.fixture(
    scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str | None]:
    """A new office, made once: scrypt is slow on purpose."""
    folder = tmp_path_factory.mktemp("kantor") / "dinsos"
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql")()
    world.make_office(folder, url=url).close()
    return folder, url


@pytest.fixture
def made(
    request: pytest.FixtureRequest, template: tuple[Path, str | None], tmp_path: Path
) -> Iterator[Office]:
    """A new office of its own on either kind of store."""
    folder, url = template
    copy = tmp_path / "dinsos"
    shutil.copytree(folder, copy)
    if url is not None:
        url = request.getfixturevalue("postgresql")(like=url)
    with open_office(copy, world.PASSPHRASE, url=url) as office:
        yield office
