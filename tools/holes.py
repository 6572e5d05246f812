"""Ask for known holes in what is locked: `python tools/holes.py requirements/app.lock ...`.

Three ends: 0 when a service knew every package and no hole in any, 1 when there is a hole or a lock
without a hash, 3 when nobody could say of some package. Silence is never taken for safety: a
service that does not answer, or that has never heard of a package, has checked nothing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

SERVICES: Final = ("pypi", "osv", "esms")
"""Services that pip-audit can ask, in this order, for what the one before did not know."""
OK, HOLES, NOT_CHECKED = 0, 1, 3
_SHOWN: Final = 4


def ask(service: str, lock: str) -> list[dict[str, Any]] | None:
    """Return what a service says of each package of a lock, None when it did not answer.

    Raises ValueError for a lock that pip-audit refuses, and FileNotFoundError without pip-audit.
    """
    program = shutil.which("pip-audit")
    if program is None:
        raise FileNotFoundError("pip-audit is not installed")
    asked = ("--require-hashes", "--disable-pip", "--format=json", "--progress-spinner=off")
    words = [program, *asked, "--vulnerability-service", service, "--requirement", lock]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.stdout.strip():
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
        return found
    last = (done.stderr.strip().splitlines() or ["ended without a word"])[-1]
    if "ConnectionError" in done.stderr or "ServiceError" in done.stderr:
        return None
    raise ValueError(f"{lock}: {last}")


def judge(answers: Iterable[list[dict[str, Any]] | None]) -> tuple[int, str]:
    """Return how the answers of some services about the same packages end, and in words."""
    names: set[str] = set()
    known: set[str] = set()
    holes: dict[str, list[str]] = {}
    for answer in answers:
        for one in answer or ():
            names.add(one["name"])
            if "skip_reason" not in one:
                known.add(one["name"])
                for hole in one["vulns"]:
                    holes.setdefault(f"{one['name']} {one['version']}", []).append(hole["id"])
    if holes:
        said = [f"{name} ({', '.join(ids)})" for name, ids in sorted(holes.items())]
        return HOLES, f"{len(holes)} packages with known holes: {'; '.join(said)}"
    if not known:
        return NOT_CHECKED, "not checked: no service answered"
    unknown = sorted(names - known)
    if unknown:
        first = ", ".join(unknown[:_SHOWN])
        return NOT_CHECKED, f"not checked: no service knows {len(unknown)} packages, as {first}"
    return OK, f"no known hole in {len(known)} packages"


def check(lock: str) -> tuple[int, str]:
    """Ask one service after another until every package of a lock is known to one of them."""
    answers: list[list[dict[str, Any]] | None] = []
    for service in SERVICES:
        answers.append(ask(service, lock))
        found = judge(answers)
        if found[0] != NOT_CHECKED:
            return found
    return found


def main(locks: list[str]) -> int:
    """Check some locks, a line for each; return the worst end."""
    worst = OK
    for lock in locks:
        try:
            code, words = check(lock)
        except (FileNotFoundError, ValueError) as error:
            code, words = HOLES, str(error)
        sys.stdout.write(f"{lock}: {words}\n")
        worst = HOLES if HOLES in (code, worst) else max(code, worst)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
