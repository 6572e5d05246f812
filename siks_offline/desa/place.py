"""Where a village's data lie: noticing an old copy put in their place, clearing what was cut off.

The number of the last file sent is kept a second time, outside the folder and outside every
backup. When the folder knows less than that, somebody has put an older copy of it there, and a new
stream begins, as after every restore: numbers already used are never used again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from typing import TYPE_CHECKING, Any, Final

from siks_offline import paths
from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.db.engine import Store
    from siks_offline.desa.village import Village

INSTANCE: Final = "instance"
"""Meta key of the random id of this data folder."""
_FOLDER: Final = "tempat"
_LEFT_BEHIND: Final = (
    *("ekspor/*.part", "masuk/*", "akun/*.part", "*.part"),
    *("cadangan.db.baru*", "cadangan/*.baru*", "cadangan/*.part"),
)
"""Files that only a program that was ended in its work leaves in a village's folder."""


@action
def check(village: Village, now: datetime) -> bool:
    """Begin a new stream when this folder is not what it was here last; return whether so."""
    from siks_offline.db import audit, ledger, meta
    from siks_offline.export.canonical import stamp

    kept = _kept(village)
    with village.store.read() as session:
        here = meta.get(session, INSTANCE)
        stream = ledger.current_stream(session)
        known = None if kept is None else ledger.stream(session, str(kept.get("stream", "")))
    if kept is None or stream is None:
        return False
    older = known is None or known.next_seq < int(kept.get("next_seq", 0))
    if kept.get("instance") == here and not older:
        return False
    with village.store.write() as session:
        meta.put(session, INSTANCE, str(uuid.uuid4()))
        ledger.begin_stream(session, at=stamp(now))
        audit.append(session, at=stamp(now), account=village.account, action="desa.salinan-lama")
    return True


@action
def remember(village: Village) -> None:
    """Keep outside the folder what it is, how far its stream has come, and the trail's head."""
    from siks_offline.db import audit, ledger, meta
    from siks_offline.errors import FileError
    from siks_offline.export import files

    with village.store.read() as session:
        here = meta.get(session, INSTANCE)
        stream = ledger.current_stream(session)
        seq, head = audit.head(session)
    if stream is None:
        return
    value = {
        "instance": here,
        "next_seq": stream.next_seq,
        "stream": stream.stream,
        "jejak": [seq, head],
    }
    path = _path(village)
    with contextlib.suppress(FileError, OSError):  # a profile that cannot be written to
        files.make_folder(path.parent)
        files.write_whole(path, json.dumps(value, sort_keys=True).encode(), private=True)


@action
def heads(village: Village) -> dict[int, str]:
    """Return the head of the trail that is kept outside the folder: number -> hash, or nothing."""
    from siks_offline.db import meta

    kept = _kept(village) or {}
    with village.store.read() as session:
        here = meta.get(session, INSTANCE)
    try:
        seq, head = kept["jejak"]
    except (KeyError, TypeError, ValueError):
        return {}
    return {int(seq): str(head)} if kept.get("instance") == here else {}


def _kept(village: Village) -> dict[str, Any] | None:
    try:
        found = json.loads(_path(village).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _path(village: Village) -> Path:
    where = hashlib.sha256(str(village.folder.resolve()).encode()).hexdigest()[:16]
    return paths.data() / _FOLDER / f"{village.kode_desa}-{where}.json"


def begin(folder: Path, store: Store) -> None:
    """Mark the folder as open; after an unclean end the store is looked through first.

    Raises StoreError E_DB_DAMAGED.
    """
    from siks_offline.desa.village import MARK
    from siks_offline.errors import StoreError
    from siks_offline.export import files

    mark = folder / MARK
    if mark.exists():
        from siks_offline.db import copies

        with store.read() as session:
            if copies.findings(session.connection(), quick=True):
                raise StoreError("E_DB_DAMAGED", nama="app.db")
    with files.errors(mark):
        files.create(mark, private=True).close()


def sweep(folder: Path, kode_desa: str) -> int:
    """Delete half-written exports of this village that a killed program left; return how many."""
    left = 0
    for part in folder.glob(f"siks-{kode_desa}-*.siks.part"):
        with contextlib.suppress(OSError):
            part.unlink()
            left += 1
    return left


def sweep_own(folder: Path) -> int:
    """Delete what a killed program left half-written in a village's own folder.

    Called with the folder's lock held: no other program is writing there.
    """
    left = 0
    for pattern in (
        "ekspor/*.part",
        "masuk/*",
        "akun/*.part",
        "*.part",
        "cadangan.db.baru*",
        "cadangan/*.baru*",
    ):
        for one in folder.glob(pattern):
            with contextlib.suppress(OSError):
                if one.is_file():
                    one.unlink()
                    left += 1
    return left
