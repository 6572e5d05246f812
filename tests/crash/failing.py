"""Let a call fail: the Nth write, sync or rename, or every one once the disk is full.

`python -m tests.crash.failing ORIGIN FOLDER` is a program that has all of ours loaded and forks for
each job, a line of JSON: the act, and either the calls, the error and N, or how large a file may
grow, or how much room the disk has. What the child left is judged by the parent, which has not
failed, and what it was about to make is made again without a fault.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.errors import SiksError
from tests.crash import acts, campaign, world
from tests.crash.disk import Told
from tests.crash.judge import Judge, Left, content_of, is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SYNCS = "fsync,fdatasync"
FAULTS = {
    "ENOSPC": "write,pwrite64,ftruncate,mkdir,rename",
    "EIO": f"pread64,write,pwrite64,{SYNCS}",
    "EACCES": "openat,mkdir,rename,unlink",
}
"""Errors by the calls that give them."""
ROOM = "size=64m"
_ANYBODY_MAY_TRACE = 0x59616D61


def child(name: str, root: Path, told: socket.socket) -> None:
    """Do an act, telling over a socket, whose calls never fail."""

    def tell(**facts: Any) -> None:
        told.send(json.dumps(facts).encode() + b"\n")

    try:
        acts.watch(root, tell)
        acts.ACTS[name].run(root, tell)
        tell(ended="")
    except SiksError as error:
        tell(ended=error.code, words=f"{error.message} {error.remedy}")
    except BaseException:  # noqa: BLE001 - that is the finding
        tell(ended="E_BUG", words=traceback.format_exc())


def attempt(
    name: str, root: Path, log: Path, *, inject: str = "", limit: int = 0
) -> tuple[list[dict[str, Any]], str]:
    """Fork and do the act; return what was told, and the call that was made to fail.

    `inject` is what strace takes; no file grows beyond `limit` bytes.
    """
    ours, theirs = socket.socketpair()
    ready, go = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(go)
        ours.close()
        ctypes.CDLL(None).prctl(_ANYBODY_MAY_TRACE, -1, 0, 0, 0)
        os.read(ready, 1)
        if limit:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        child(name, root, theirs)
        os._exit(0)
    os.close(ready)
    theirs.close()
    tracer = None
    if inject:
        watched = ["strace", "-f", "-y", "-p", str(process), "-o", str(log)]
        calls = inject.partition(":")[0]
        tracer = subprocess.Popen(
            [*watched, "-e", f"trace={calls}", "-e", f"inject={inject}"], stderr=subprocess.PIPE
        )
        assert tracer.stderr is not None
        assert b"attached" in tracer.stderr.readline()
    os.write(go, b"1")
    os.close(go)
    with ours, ours.makefile("rb") as lines:
        told = [json.loads(line) for line in lines]
    os.waitpid(process, 0)
    failed = ""
    if tracer is not None:
        tracer.communicate()
        with log.open(errors="replace") as entries:
            failed = next((line.strip() for line in entries if "(INJECTED)" in line), "")
    return told, failed


@contextmanager
def disk_of_its_own(place: Path) -> Iterator[None]:
    """Give a folder a disk of its own, with room enough; root only."""
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", ROOM, "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def shrink(place: Path, left: int) -> None:
    """Leave so many bytes free on a disk of its own."""
    about = os.statvfs(place)
    used = (about.f_blocks - about.f_bfree) * about.f_frsize
    subprocess.run(["mount", "-o", f"remount,size={used + left}", place], check=True)


def job(
    name: str,
    origin: Path,
    folder: Path,
    *,
    error: str = "",
    number: int = 0,
    limit: int = 0,
    left: int = 0,
) -> dict[str, Any]:
    """Do one act under one fault and judge it: the call that failed, how it ended, the faults."""
    if left:
        with disk_of_its_own(folder / "penuh"):
            return _job(name, origin, folder, folder / "penuh", left=left)
    inject = f"{FAULTS[error]}:error={error}:when={number}" if error else ""
    return _job(name, origin, folder, folder, inject=inject, limit=limit)


def _job(
    name: str,
    origin: Path,
    folder: Path,
    place: Path,
    *,
    inject: str = "",
    limit: int = 0,
    left: int = 0,
) -> dict[str, Any]:
    act = acts.ACTS[name]
    root = place / "gagal"
    campaign.copy_world(origin, root)
    with world.profile(root):
        act.prepare(root)
        before = content_of(root)
        if left:
            shrink(place, left)
        told, failed = attempt(name, root, folder / "log", inject=inject, limit=limit)
        ended = told[-1] if told and "ended" in told[-1] else {"ended": "E_BUG", "words": "died"}
        found: dict[str, Any] = {"failed": failed, "ended": ended["ended"], "faults": []}
        if inject and (not failed or str(root) not in failed or world.CODES in failed):
            return found  # past the last call, or a file of the program's own or of the test
        if ended["ended"] == "E_BUG":
            found["faults"].append(ended["words"])
        if left:  # the person makes room
            subprocess.run(["mount", "-o", f"remount,{ROOM}", place], check=True)
        heard = [json.dumps(one) for one in told if "ended" not in one]
        found["faults"] += _left(root, act, heard, before, failed)
        if ended["ended"] and act.village != world.DESA:
            again, _ = attempt(name, root, folder / "log")
            if again[-1]["ended"] or not is_whole(root / act.village):
                found["faults"].append(f"not again: {again[-1]}")
    return found


def _left(
    root: Path, act: acts.Act, heard: Sequence[str], before: dict[str, str], failed: str
) -> list[str]:
    """What is wrong with the folder after the failure."""
    judge = Judge(
        [Told(words) for words in heard], None, before, dict.fromkeys([world.DESA, act.village])
    )
    # A commit whose sync failed is told to have failed, and may still be found whole later.
    late = "sync(" in failed
    faults = judge.judge(Left.of(root), heard).faults
    return [one for one in faults if not (late and one.endswith("a state that never was"))]


def serve(origin: Path, folder: Path) -> None:
    """Load everything once, then answer jobs."""
    world.quicken_scrypt()
    texts.text("umum.aplikasi")
    scratch = folder / "pemanasan"
    for name in acts.NAMES:
        campaign.copy_world(origin, scratch)
        with world.profile(scratch):
            acts.ACTS[name].prepare(scratch)
            acts.ACTS[name].run(scratch, lambda **_facts: None)
    print("siap", flush=True)
    for line in sys.stdin:
        print(json.dumps(job(origin=origin, folder=folder, **json.loads(line))), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
