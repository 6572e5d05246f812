"""The people who sign in to a village, with their roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from siks_offline.db import tables

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
