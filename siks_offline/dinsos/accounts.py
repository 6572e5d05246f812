"""The accounts of an office: who may open it, and so who may be the second person to approve."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from siks_offline.crypto import keystore
from siks_offline.db import office as store_office
from siks_offline.dinsos import keys as office_keys
from siks_offline.errors import SecretError
from siks_offline.export import canonical

if TYPE_CHECKING:
    from datetime import datetime

    from siks_offline.crypto.keystore import Unlocked
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
    unlocked = opened_by(office)
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


def opened_by(office: Office) -> Unlocked:
    """Return the open keystore. Raises SecretError E_KEYSTORE_DAMAGED without one."""
    if office.unlocked is None:
        raise SecretError("E_KEYSTORE_DAMAGED", berkas="kunci-1.age")
    return office.unlocked
