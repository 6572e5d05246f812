"""To whom an office's secrets are sealed, brought up after a change and after every power cut.

The store says who has access; the files of the keystore follow it. What is wanted is written down
first, so whoever opens the office next finishes what was left half-done (BUNDLE.md section 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siks_offline.crypto import keystore
from siks_offline.db import engine
from siks_offline.db import office as store_office
from siks_offline.dinsos import keys as office_keys
from siks_offline.errors import SecretError, StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.crypto.keystore import Unlocked
    from siks_offline.db.engine import Store
    from siks_offline.dinsos.office import Office

WANTED: Final = "key_version"
"""Fact: the version that the store's key should have; absent before the first removal."""


def opened_by(office: Office) -> Unlocked:
    """Return the open keystore. Raises SecretError E_KEYSTORE_DAMAGED without one."""
    if office.unlocked is None:
        raise SecretError("E_KEYSTORE_DAMAGED", berkas="kunci-1.age")
    return office.unlocked


def open_store(target: Path | str, unlocked: Unlocked) -> Store:
    """Open an office's store with the key it has: stopped in a change that may be the older one."""
    newest, *older = (unlocked.keys[one] for one in sorted(unlocked.keys, reverse=True))
    try:
        return engine.open_office(target, newest)
    except StoreError as fault:
        if fault.code != "E_DB_KEY" or not older:
            raise
    return engine.open_office(target, older[0])


def want_new_key(session: Session, office: Office) -> None:
    """Note that the store is to get another key; `settle` gives it."""
    store_office.set_fact(session, WANTED, str(opened_by(office).version + 1))


def settle(office: Office) -> None:
    """Finish what was left half-done: secrets sealed to somebody gone, a change of the key.

    Cheap when nothing was. A server keeps its data under its own rights: only the folder's
    secrets get another key there. Raises StoreError, FileError; the next opening tries again.
    """
    unlocked = opened_by(office)
    recipients = list(office.recipients.values())
    gone = set(keystore.accounts(office.folder)) - office.recipients.keys()
    wanted = int(office.facts.get(WANTED, 0))
    if not gone and len(unlocked.keys) == 1 and wanted <= unlocked.version:
        return
    office_keys.seal_again(office.folder, unlocked, office.recipients)
    for name in gone:
        keystore.discard_account(office.folder, name)
    if unlocked.version < wanted:
        unlocked = office.unlocked = unlocked.with_next_key()
        keystore.seal_keys(office.folder, unlocked, recipients)
    if office.store.path is not None and office.store.key != unlocked.current:
        from siks_offline.db import copies

        office.store = copies.rekey(office.store, unlocked.current)
    office.unlocked = unlocked.with_current_key_only()
    keystore.seal_keys(office.folder, office.unlocked, recipients)
    keystore.discard_older_keys(office.folder, office.unlocked.version)
