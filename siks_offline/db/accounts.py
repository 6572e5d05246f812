"""The people who sign in to a village: their roles, and whom its keys are sealed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from siks_offline.crypto import keystore
from siks_offline.db import meta, tables
from siks_offline.db.tables_accounts import AccountState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Account:
    """One account: its role and the age recipient its keystore slot is sealed to."""

    name: str
    role: str
    recipient: str
    active: bool = True


def every(session: Session) -> list[Account]:
    """Return all accounts in order of name."""
    row = tables.Account
    found = select(row.name, row.role, row.recipient, row.active).order_by(row.name)
    return [Account(*values) for values in session.execute(found)]


def find(session: Session, name: str) -> Account | None:
    """Return one account, or None."""
    return next((account for account in every(session) if account.name == name), None)


def put(session: Session, account: Account) -> None:
    """Add an account, or replace what is known of it."""
    values = {"role": account.role, "recipient": account.recipient, "active": account.active}
    row = insert(tables.Account).values(name=account.name, **values)
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))


RECOVERY = "recovery_recipient"
"""Meta key of the recipient that the recovery code opens."""


@dataclass(frozen=True, slots=True)
class State:
    """What is under way with an account: its first code unused, or keys being replaced."""

    first_code: bool = False
    next_recipient: str = ""


def states(session: Session) -> dict[str, State]:
    """Return what is under way, by account; `_pemulihan` is the recovery code's."""
    row = AccountState
    found = session.execute(select(row.name, row.first_code, row.next_recipient))
    return {name: State(first, recipient) for name, first, recipient in found}


def put_state(session: Session, name: str, state: State) -> None:
    """Note what is under way with an account; nothing, when nothing is."""
    if state == State():
        session.execute(delete(AccountState).where(AccountState.name == name))
        return
    values = {"first_code": state.first_code, "next_recipient": state.next_recipient}
    row = insert(AccountState).values(name=name, **values)
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))


def recipients(session: Session) -> list[str]:
    """Return everybody the village's keys are to be sealed to, each once.

    The active accounts and the recovery code, with those that are about to take their place.
    """
    under_way = states(session)
    active = [account for account in every(session) if account.active]
    names = {account.name for account in active} | {keystore.RECOVERY}
    found = [account.recipient for account in active]
    found.append(meta.get(session, RECOVERY) or "")
    found += [state.next_recipient for name, state in under_way.items() if name in names]
    return list(dict.fromkeys(filter(None, found)))
