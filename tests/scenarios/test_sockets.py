"""Nothing leaves by a network, and nothing is left to be read: a whole day of commands and window."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.scenarios import day as days
from tests.scenarios.broken import PASSPHRASE
from tests.scenarios.test_traces import found_in
from tests.ui import window_day

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]


def families(log: Path, base: Path, command: Sequence[str]) -> set[str]:
    """Kinds of sockets that a program asked for."""
    watched = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=network", "-o", str(log)]
    done = subprocess.run(
        [*watched, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "SIKS_KATA_SANDI": PASSPHRASE,
            "SIKS_DATA": str(base / "data"),
            "TMPDIR": str(base / "tmp"),
            "QT_QPA_PLATFORM": "offscreen",
        },
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return set(re.findall(r"\b[AP]F_[A-Z0-9]+", log.read_text(errors="replace")))


def test_no_network_in_a_whole_day_of_commands_and_window(tmp_path: Path) -> None:
    """Two offices by their commands, then every page of the window: no AF_INET, no AF_INET6.

    Afterwards no file of theirs, no temporary file and no log holds what was typed, as ASCII or
    UTF-16, and nothing temporary is left (S1, S12).
    """
    (tmp_path / "tmp").mkdir()
    day = [sys.executable, "-m", "tests.scenarios.day", str(tmp_path / "hari")]
    assert families(tmp_path / "a", tmp_path, day) <= {"AF_UNIX"}
    window = [sys.executable, "-m", "tests.ui.window_day", str(tmp_path / "hari/latihan/desa")]
    assert families(tmp_path / "b", tmp_path, window) <= {"AF_UNIX", "AF_NETLINK"}
    words = [days.NIK, days.NO_KK, days.NAME, days.TYPED, window_day.TYPED]
    assert found_in(tmp_path, words) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_watch_sees_a_socket(tmp_path: Path) -> None:
    """A program that opens one is caught, or the test above would prove nothing."""
    opens = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()"
    assert "AF_INET" in families(tmp_path / "c", tmp_path, [sys.executable, "-c", opens])
