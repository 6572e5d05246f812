"""What the benches share: processes with their time and peak memory, and the printed table.

Every bench compares with a baseline of the same run, so that a slow or busy machine moves both.
Times are medians of several runs, of wall clock; processor seconds stand beside them.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
PASSPHRASE = "latihan"

_WATCHED = """
import runpy, sys
from pathlib import Path
sys.argv = sys.argv[1:]
code = 0
try:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
except SystemExit as end:
    code = end.code or 0
status = Path("/proc/self/status")
if status.exists():
    words = dict(line.split(":", 1) for line in status.read_text().splitlines())
    print("VmHWM", words["VmHWM"].split()[0], file=sys.stderr)
sys.exit(code)
"""


@dataclass(frozen=True)
class Ran:
    """One finished process: wall and processor seconds, peak memory in MB (0 unknown)."""

    wall: float
    cpu: float
    memory: float
    out: str

    @property
    def answer(self) -> dict:
        """The JSON object that it printed last."""
        return json.loads(self.out.strip().splitlines()[-1])


def environment() -> dict[str, str]:
    """Variables of a measured process: our code, no screen, the passphrase of practice."""
    return {
        **os.environ,
        "PYTHONPATH": str(HOME),
        "QT_QPA_PLATFORM": "offscreen",
        "SIKS_KATA_SANDI": PASSPHRASE,
    }


def run(*command: str, env: dict[str, str] | None = None, data: bytes = b"") -> Ran:
    """Run a program to its end. Raises RuntimeError with its words when it fails."""
    before, begun = os.times(), time.perf_counter()
    done = subprocess.run(
        command, env=env or environment(), capture_output=True, check=False, input=data
    )
    wall, after = time.perf_counter() - begun, os.times()
    words = done.stderr.decode(errors="replace")
    if done.returncode:
        raise RuntimeError(f"{command}: {done.returncode}\n{words}")
    peaks = [line.split()[1] for line in words.splitlines() if line.startswith("VmHWM")]
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    memory = int(peaks[-1]) / 1024 if peaks else 0.0
    return Ran(wall, cpu, memory, done.stdout.decode(errors="replace"))


def python(source: str, *arguments: str) -> Ran:
    """Run Python source in a process of its own."""
    return run(sys.executable, "-c", source, *arguments)


def siks(*words: str | Path) -> Ran:
    """Run one `siks` command, told by its own peak memory."""
    return run(sys.executable, "-c", _WATCHED, "siks_offline.cli", *map(str, words), "--json")


def practice(folder: Path, households: int, percent: int) -> Ran:
    """Make a practice world."""
    return siks("latihan", folder, "--rumah-tangga", str(households), "--terisi", str(percent))


def median(values: list[float]) -> float:
    """Return the middle value."""
    return statistics.median(values)


def need(*programs: str) -> None:
    """End with one line when a program of the baseline is not there."""
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        sys.exit(f"needs these programs: {' '.join(missing)}")


@dataclass(frozen=True)
class Line:
    """One comparison. `target` is the highest ratio, or None where it is only reported."""

    what: str
    measured: float
    baseline: float
    name: str
    target: float | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """How many times the baseline."""
        return self.measured / self.baseline if self.baseline else 0.0

    @property
    def met(self) -> bool | None:
        """Whether the target is kept; None without one."""
        return None if self.target is None else self.ratio <= self.target


def report(lines: list[Line], **more: object) -> int:
    """Print the table and one line of JSON; return 1 when a target is missed."""
    rows = [("what", "measured", "baseline", "ratio", "target", "met")]
    rows += [
        (
            line.what,
            f"{line.measured:.4g} {line.unit}",
            f"{line.baseline:.4g} {line.unit} {line.name}",
            f"{line.ratio:.3g}",
            "-" if line.target is None else f"{line.target:g}",
            {None: "-", True: "yes", False: "NO"}[line.met],
        )
        for line in lines
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    found = [
        {
            "what": line.what,
            "measured": round(line.measured, 5),
            "baseline": round(line.baseline, 5),
            "of": line.name,
            "unit": line.unit,
            "ratio": round(line.ratio, 3),
            "target": line.target,
            "met": line.met,
        }
        for line in lines
    ]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    print(json.dumps({"lines": found, **more, "cores": os.cpu_count(), "load": load}))
    return int(any(line.met is False for line in lines))
