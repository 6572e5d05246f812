"""The long form: `python -m tests.crash [--states N] [--twice N] [ACT ...]`, figures as it goes."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.crash import acts, campaign, mending, world

STATES = 10_000
TWICE = 2_000
SECOND = 50


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("acts", nargs="*", metavar="ACT", choices=[*acts.NAMES, "mend", []])
    parser.add_argument("--states", type=int, default=STATES)
    parser.add_argument("--twice", type=int, default=TWICE)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    memory = Path("/dev/shm")
    faults = 0
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        folder = Path(place)
        world.build(folder / "asal")
        world.remember_scrypt()
        for name in given.acts or [*acts.NAMES, "mend"]:
            if name == "mend":
                found = [mending.mended(folder / "asal", folder, given.states, given.seed)]
            else:
                run = campaign.run(name, folder / "asal", folder)
                found = [campaign.campaign(run, given.states, folder, given.seed)]
            if given.twice and name != "mend":
                found.append(campaign.twice(run, given.twice // SECOND, SECOND, folder, given.seed))
            for result in found:
                print(result, flush=True)
                for fault in result.faults[:20]:
                    print("   ", fault, flush=True)
                faults += len(result.faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
