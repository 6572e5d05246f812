"""One village's data folder, closed or open."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from threading import Lock
from typing import IO, TYPE_CHECKING, Self

from siks_offline.desa import idle_time, preferences
from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.crypto.keystore import Unlocked
    from siks_offline.db.engine import Store
    from siks_offline.desa.village_folder import VillageFolder
    from siks_offline.instrument.schema import Instrument

DATABASE = "app.db"
LOCK = "kunci.lock"
MARK = "belum-ditutup"
"""File that lies in the folder while the village is open; found there, the last end was unclean."""


class FolderLock:
    """An exclusive hold on a village's folder, ended with the program even when it is killed.

    Taken on a file of its own, so that two people of one machine cannot write at the same time.
    Raises StoreError E_SECOND_COPY when another program holds it, FileError.
    """

    def __init__(self, folder: Path) -> None:
        self._file: IO[bytes] | None = None
        from siks_offline.export import files

        with files.errors(folder):
            descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        file = os.fdopen(descriptor, "r+b")
        try:
            files.hold(file)
        except OSError:
            file.close()
            raise StoreError("E_SECOND_COPY", folder=str(folder)) from None
        self._file = file

    def release(self) -> None:
        """Let the folder go; harmless when repeated."""
        if self._file is not None:
            self._file.close()
            self._file = None


class Village:
    """A village that an account has opened; every action takes one.

    Not shared between threads at the same time: the window gives all database work to one thread.
    """

    def __init__(
        self,
        folder: VillageFolder,
        account: str,
        role: str,
        store: Store,
        keys: Unlocked,
        lock: FolderLock,
        facts: dict[str, str],
    ) -> None:
        self.folder = folder.path
        self.account = account
        self.role = role
        self.store = store
        self.keys = keys
        self.kode_desa = facts.get("kode_desa") or folder.kode_desa
        self.nama_desa = facts.get("nama_desa") or folder.nama_desa
        self.practice = facts.get("practice", "0") == "1"
        self.period = facts.get("period", "")
        self.bps = facts.get("bps", "")
        self.preferences = preferences.parse(facts.get(preferences.key(account), ""))
        self.first_run = facts.get("mulai", "")
        """Step at which making this new village ready was left; empty when nothing is left."""
        self.idle_minutes = idle_time.parse(facts.get(idle_time.KEY, ""))
        self._lock = lock
        self._instruments: dict[tuple[str, str], Instrument] = {}
        self.quiet = Lock()
        """Held while a copy is written beside the other work, and while the key is changed."""

    @cached_property
    def instrument(self) -> Instrument:
        """The questionnaire that new visits use."""
        from siks_offline.desa import instruments

        return instruments.active(self)

    def instrument_of(self, session: Session, name: tuple[str, str]) -> Instrument:
        """Return the questionnaire of an id and version. Raises WorkbookError."""
        from siks_offline.desa import instruments

        mine = self.instrument
        if (mine.id, mine.version) == name:
            return mine
        if name not in self._instruments:
            self._instruments[name] = instruments.of_version(session, name)
        return self._instruments[name]

    def use(self, instrument: Instrument) -> None:
        """Take another questionnaire for new visits, after it was stored as the one in use."""
        self.instrument = instrument

    def close(self) -> None:
        """Close the store, drop its keys and let the folder go; harmless when repeated."""
        self.store.close()
        vars(self).pop("keys", None)
        with suppress(OSError):
            (self.folder / MARK).unlink(missing_ok=True)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
