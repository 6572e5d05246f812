"""What of an account is under way: a first sign-in code not used yet, keys being replaced."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from siks_offline.db.tables import Base


class AccountState(Base):
    """One account, or `_pemulihan`; without a row nothing is under way.

    `next_recipient` is written before the keystore's files are touched and becomes the account's
    recipient after them: keys are sealed to both in between, so a power cut shuts nobody out.
    """

    __tablename__ = "account_state"

    name: Mapped[str] = mapped_column(primary_key=True)
    first_code: Mapped[bool]
    next_recipient: Mapped[str]
