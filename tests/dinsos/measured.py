"""Import files one by one, each in a child of its own: `python -m tests.dinsos.measured FOLDER`.

FOLDER holds `kantor/` (an office's folder) and `berkas/`; the office's keys come on the input as
JSON. For each file a line of JSON: how it was met, processor seconds, by how much the memory grew,
and what it changed: the tables by name, and whether files were left behind.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline.db import office as store_office
from siks_offline.db import office_tables
from siks_offline.dinsos import receive
from siks_offline.errors import SiksError
from siks_offline.instrument.load import load_shipped
from tests.dinsos.district import OfficeKeys
from tests.dinsos.world import NOW

if TYPE_CHECKING:
    from siks_offline.dinsos.office import Office


def contents(made: Office) -> dict[str, str]:
    """A digest of every table but the audit chain, and of the folders of files."""
    from sqlalchemy import select

    found = {}
    with made.store.read() as session:
        for table in office_tables.metadata.sorted_tables:
            if table.name != "audit":
                rows = sorted(map(repr, session.execute(select(table)).all()))
                found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    for name in ("arsip", "keluar", "staging"):
        found[name] = " ".join(sorted(path.name for path in (made.folder / name).iterdir()))
    return found


def audit(made: Office) -> list[dict[str, Any]]:
    with made.store.read() as session:
        return store_office.audit_lines(session)


def _memory(name: str) -> int:
    """A figure of /proc/self/status in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def meet(made: Office, path: Path) -> dict[str, Any]:
    """Import a file; tell what came of it."""
    before, lines = contents(made), len(audit(made))
    at_first = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    start = time.process_time()
    try:
        arrival = receive.accept(made, path, NOW)
        code, hasil = arrival.kode, arrival.hasil
    except SiksError as fault:
        code, hasil = fault.code, ""
    seconds = time.process_time() - start
    grown = _memory("VmHWM") - at_first
    after, told = contents(made), audit(made)
    return {
        "code": code,
        "hasil": hasil,
        "seconds": seconds,
        "grown": grown,
        "changed": [name for name, digest in after.items() if digest != before[name]],
        "audit": [json.loads(line["facts"]).get("code", "") for line in told[lines:]],
        "whole": store_office.broken_audit(told) is None,
    }


def main() -> None:
    folder = Path(sys.argv[1])
    keys = OfficeKeys.from_json(json.loads(sys.stdin.readline()))
    load_shipped("dtks")
    for path in sorted((folder / "berkas").iterdir()):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                with keys.open(folder / "kantor") as made:
                    print(json.dumps({"name": path.name, **meet(made, path)}), flush=True)
                code = 0
            finally:
                os._exit(code)
        if os.waitpid(child, 0)[1]:
            print(json.dumps({"name": path.name, "code": "DIED"}), flush=True)


if __name__ == "__main__":
    main()
