"""What all tests share: the long form, the offscreen screen, a data root of their own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

settings.register_profile("no clock", deadline=None)  # how long an example takes is no promise
settings.load_profile("no clock")

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the slow campaigns in full")


@pytest.fixture(scope="session")
def long_form(request: pytest.FixtureRequest) -> bool:
    """Whether campaigns run in full rather than in their short form."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The material gathered beside the checkout; tests that need it are skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("the material beside the checkout is not here")
    return SHARED


@pytest.fixture(autouse=True, scope="session")
def own_data_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the data of the person who runs it."""
    before = os.environ.get("SIKS_DATA")
    os.environ["SIKS_DATA"] = str(tmp_path_factory.mktemp("data"))
    yield
    if before is None:
        del os.environ["SIKS_DATA"]
    else:
        os.environ["SIKS_DATA"] = before
