"""Import files in a child that is killed: `python -m tests.dinsos.killed`, jobs on its input.

The process has one thread and forks for each job, so a real SIGKILL costs milliseconds. A job is a
line of JSON: the office's folder and keys, the files, and either `delay`, after how many seconds
the child is killed from outside, or `at`, at which of its own steps (a statement, a commit, an
fsync, a rename) it kills itself. The answer: the files whose import was told done, and whether the
child died of the signal.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from siks_offline.dinsos import receive
from siks_offline.errors import SiksError
from siks_offline.instrument.load import load_shipped
from tests.dinsos.district import OfficeKeys
from tests.dinsos.world import NOW

HOME = Path(__file__).resolve().parents[2]


def steps_of(reached: Any, engine: Any) -> None:
    """Call `reached` before every statement and commit of an engine, every fsync and rename."""
    from sqlalchemy import event

    event.listen(engine, "before_cursor_execute", lambda *_: reached())
    event.listen(engine, "commit", lambda *_: reached())
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def counted(*words: Any, real: Any = real, **more: Any) -> Any:
            reached()
            return real(*words, **more)

        setattr(os, name, counted)


def _child(job: dict[str, Any], told: int) -> None:
    left = job.get("at", 0)

    def reached() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with OfficeKeys.from_json(job["keys"]).open(Path(job["folder"])) as made:
        steps_of(reached, made.store.engine)
        os.write(told, b"siap\n")
        for name in job["files"]:
            try:
                receive.accept(made, Path(name), NOW)
            except SiksError:
                continue
            os.write(told, name.encode() + b"\n")


def _run(job: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            _child(job, writing)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        ready = told.readline() == b"siap\n"
        if ready and "delay" in job:
            time.sleep(job["delay"])
            os.kill(child, signal.SIGKILL)
        done = [line.decode().rstrip("\n") for line in told if line.endswith(b"\n")]
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    failed = not ready or not (killed or (os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0))
    return {"done": done, "killed": killed, "failed": failed}


class Killer:
    """A process that imports in children of its own and kills them."""

    def __init__(self, keys: OfficeKeys) -> None:
        self._keys = keys.as_json()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.dinsos.killed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=HOME,
        )

    def run(self, folder: Path, files: list[Path], **when: float) -> dict[str, Any]:
        job = {"keys": self._keys, "folder": str(folder), "files": list(map(str, files)), **when}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert not answer["failed"], "the importing child broke by itself"
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()


def main() -> None:
    load_shipped("dtks")
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
