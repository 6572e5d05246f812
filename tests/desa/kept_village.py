"""A practice village with a real keystore, two completed households and a draft; made once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from siks_offline.crypto import codes
from siks_offline.desa import accounts
from tests.desa.test_versions import DESA, LATER, NOW, drafted, finish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village

PASSPHRASE = "latihan"
ACCOUNT = "operator"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that tests copy; nobody opens it."""
    folder = tmp_path_factory.mktemp("desa") / "asli"
    with accounts.create_village(
        folder,
        kode_desa=DESA,
        nama_desa="Sumberejo",
        account=ACCOUNT,
        passphrase=PASSPHRASE,
        recovery_code=codes.recovery_code(),
        now=NOW,
        practice=True,
        bps="3509120003",
    ) as village:
        for number in (1, 2):
            assert finish(village, drafted(village, number), LATER).done
        drafted(village, 3)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A village's folder of one test, closed."""
    target = tmp_path / "desa"
    shutil.copytree(made, target)
    return target


@pytest.fixture
def village(folder: Path) -> Iterator[Village]:
    """The village, open."""
    with accounts.open_village(folder, ACCOUNT, PASSPHRASE) as opened:
        yield opened
