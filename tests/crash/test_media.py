"""A stick that is pulled out while an export is written: told at once, nothing recorded as sent."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from siks_offline.desa import handover
from siks_offline.errors import SiksError
from tests.crash import acts, campaign, world
from tests.scenarios.broken import is_root

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not is_root(), reason="only root mounts and takes away a medium"),
]


def test_a_stick_that_goes_in_mid_export(origin: Path, tmp_path: Path) -> None:
    """The export is refused, the list stays, and the next stick gets the file."""
    root = tmp_path / "dunia"
    campaign.copy_world(origin, root)
    stick = root / world.STICK
    with world.profile(root), world.opened(root / world.DESA) as village:
        acts.save_one(village)
        due = handover.due(village)
        sent = len(handover.exports(village))
        gone = False

        def pull(_done: int, _total: int) -> None:
            nonlocal gone
            if not gone and list((village.folder / handover.OUTBOX).glob("*.part")):
                gone = True
                subprocess.run(["umount", "-l", stick], check=True)
                stick.rmdir()

        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", stick], check=True)
        with pytest.raises(SiksError) as told:
            handover.export(village, stick, world.NOW, progress=pull)
        assert told.value.code in {"E_MEDIA_GONE", "E_NO_RIGHTS", "E_FILE"}
        assert gone
        assert handover.due(village) == due
        assert len(handover.exports(village)) == sent
        assert not list((village.folder / handover.OUTBOX).glob("*.part"))
        (part,) = handover.export(village, root / "usb2", world.NOW).parts
        assert part.path.is_file()
