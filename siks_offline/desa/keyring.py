"""To whom a village's database key is sealed, brought up after every change and every power cut.

The database says who has access; the files of the keystore follow it. What is wanted is written
down first, so whoever signs in next finishes what a power cut left half-done (BUNDLE.md section 2).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from siks_offline.desa import village as places
from siks_offline.desa.rights import action
from siks_offline.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.crypto.keystore import Unlocked
    from siks_offline.db.engine import Store
    from siks_offline.desa.village import Village

WANTED: Final = "key_version"
"""Meta key of the version that the database key should have; absent before the first removal."""
FILES: Final = "kunci.berkas"
"""Meta key of the SHA-256 of each account's file as it was written last, as JSON by account."""


def note_file(session: Session, folder: Path, *names: str) -> None:
    """Note what the files of accounts are that were just written, or just opened.

    Nobody but its owner can open an account's file, so only this tells when one was damaged.
    """
    from siks_offline.crypto import keystore
    from siks_offline.db import meta

    noted = json.loads(meta.get(session, FILES) or "{}")
    fresh = noted | {name: keystore.fingerprint(folder, name) for name in names}
    if fresh != noted:
        meta.put(session, FILES, json.dumps(fresh, sort_keys=True))


def damaged_files(session: Session, folder: Path, keys: Unlocked) -> tuple[list[str], list[str]]:
    """Return files of database keys, and accounts, of which the keystore is not as written.

    An account of which no file was noted yet is only missed when its file is not there; one whose
    keys were being replaced as the power went is judged once that is done.
    """
    from siks_offline.crypto import keystore
    from siks_offline.db import accounts, meta

    noted = json.loads(meta.get(session, FILES) or "{}")
    names = [one.name for one in accounts.every(session) if one.active] + [keystore.RECOVERY]
    under_way = {name for name, one in accounts.states(session).items() if one.next_recipient}
    there = {name: keystore.fingerprint(folder, name) for name in names if name not in under_way}
    wrong = [name for name, found in there.items() if not found or noted.get(name, found) != found]
    return keystore.damaged_keys(folder, keys), wrong


@action
def seal(village: Village) -> None:
    """Write the database keys again, sealed to everybody who has access and to nobody else."""
    from siks_offline.crypto import keystore
    from siks_offline.db import accounts

    with village.store.read() as session:
        recipients = accounts.recipients(session)
    keystore.seal_keys(village.folder, village.keys, recipients)


def want_new_key(session: Session, village: Village) -> None:
    """Note that the database is to get another key: `settle` gives it, also after a power cut."""
    from siks_offline.db import meta

    meta.put(session, WANTED, str(village.keys.version + 1))


def open_store(file: Path, keys: Unlocked) -> Store:
    """Open a village's file with the key it has: stopped in a change that may be the older one."""
    from siks_offline.db import engine

    newest, *older = (keys.keys[version] for version in sorted(keys.keys, reverse=True))
    try:
        return engine.open_village(file, newest)
    except StoreError as fault:
        if fault.code != "E_DB_KEY" or not older:
            raise
    return engine.open_village(file, older[0])


@action
def settle(village: Village) -> None:
    """Finish what was left half-done: files of nobody, a recipient, a change of the key.

    Cheap when nothing was. Raises StoreError, FileError; the next sign-in tries again.
    """
    from siks_offline.crypto import keystore
    from siks_offline.db import accounts, meta

    with village.store.read() as session:
        active = {one.name: one for one in accounts.every(session) if one.active}
        under_way = accounts.states(session)
        wanted = int(meta.get(session, WANTED) or 0)
        noted = json.loads(meta.get(session, FILES) or "{}")
    mine = active[village.account]
    state = under_way.get(mine.name, accounts.State())
    if village.keys.identity.recipient != mine.recipient or state.next_recipient:
        with village.store.write() as session:
            take_recipient(session, mine.name, village.keys.identity.recipient)
    if noted.get(mine.name) != keystore.fingerprint(village.folder, mine.name):
        with village.store.write() as session:
            note_file(session, village.folder, mine.name)
    for name in keystore.accounts(village.folder):
        if name not in active:
            keystore.discard_account(village.folder, name)
    if len(village.keys.keys) > 1 or wanted > village.keys.version:
        _change_key(village, wanted)


def take_recipient(session: Session, name: str, recipient: str) -> None:
    """Let the identity that now opens an account be the one its keys are sealed to."""
    from siks_offline.db import accounts

    known = accounts.find(session, name)
    assert known is not None
    accounts.put(session, accounts.Account(name, known.role, recipient, known.active))
    state = accounts.states(session).get(name, accounts.State())
    accounts.put_state(session, name, accounts.State(state.first_code))


def _change_key(village: Village, wanted: int) -> None:
    """Give the database the key of the wanted version: both keys kept until it has it."""
    from siks_offline.crypto import keystore
    from siks_offline.db import copies, engine

    if village.keys.version < wanted:
        village.keys = village.keys.with_next_key()
        seal(village)
    if village.store.key != village.keys.current:
        old = village.store.key
        try:
            with village.quiet:
                village.store = copies.rekey(village.store, village.keys.current)
        except BaseException:
            if not village.store.key:  # closed for the last step, which failed: the old file stands
                village.store = engine.open_village(village.folder / places.DATABASE, old)
            raise
    village.keys = village.keys.with_current_key_only()
    seal(village)
    keystore.discard_older_keys(village.folder, village.keys.version)
