"""The accounts of an office: who may open it, and so who may be the second person to approve."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from siks_offline.crypto import keystore
from siks_offline.db import office as store_office
from siks_offline.dinsos import keyring
from siks_offline.dinsos import keys as office_keys
from siks_offline.errors import SecretError
from siks_offline.export import canonical

if TYPE_CHECKING:
    from datetime import datetime

    from siks_offline.dinsos.office import Office


def listed(office: Office) -> list[str]:
    """Return the names of the accounts, sorted."""
    return sorted(name for name in office.recipients if name != keystore.RECOVERY)


def add(office: Office, name: str, passphrase: str, now: datetime) -> str:
    """Give one more person access to everything of the office; return the account's name.

    The store says who has access: a file of an account that it does not know is left from a
    command that was stopped, and is written anew. Raises SecretError E_ACCOUNT_NAME,
    E_ACCOUNT_EXISTS, E_PASSPHRASE_WEAK; FileError.
    """
    unlocked = keyring.opened_by(office)
    recipients = office.recipients
    wanted = name.strip().lower()
    if wanted not in recipients and wanted in keystore.accounts(office.folder):
        (office.folder / "akun" / f"{wanted}.age").unlink()
    recipient = keystore.add_account(
        office.folder, unlocked, wanted, passphrase, recipients, practice=office.practice
    )
    recipients[wanted] = recipient
    office_keys.seal_again(office.folder, unlocked, recipients)
    with office.store.write() as session:
        store_office.set_fact(session, "recipients", json.dumps(recipients, sort_keys=True))
        store_office.record(session, canonical.stamp(now), office.account, "dinsos.akun", wanted)
    office.refresh()
    return wanted


def remove(office: Office, name: str, now: datetime) -> str:
    """Take an account's access away: every secret is sealed anew and the store gets another key.

    What the person has copied before stays known to them, so signing keys should be changed after
    somebody left in anger. Raises SecretError E_ACCOUNT_NONE, E_ACCOUNT_SELF (one's own),
    E_SECOND_NEEDED (two approve and no two would be left); StoreError E_DB_BUSY, FileError.
    """
    recipients = office.recipients
    wanted = name.strip().lower()
    if wanted == keystore.RECOVERY or wanted not in recipients:
        raise SecretError("E_ACCOUNT_NONE", akun=wanted)
    if wanted == office.account:
        raise SecretError("E_ACCOUNT_SELF", akun=wanted)
    del recipients[wanted]
    if office.approvals == 2 and len(recipients) < 3:  # the recovery code is one of them
        raise SecretError("E_SECOND_NEEDED", akun=wanted)
    with office.store.write() as session:
        store_office.set_fact(session, "recipients", json.dumps(recipients, sort_keys=True))
        keyring.want_new_key(session, office)
        store_office.record(
            session, canonical.stamp(now), office.account, "dinsos.akun-hapus", wanted
        )
    office.refresh()
    keyring.settle(office)
    return wanted
