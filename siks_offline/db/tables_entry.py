"""Tables that only the entry of a village needs; nothing of them leaves in an export."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from siks_offline.db.tables import Base


class Note(Base):
    """A remark on one question of a household, with who made it and who settled it.

    `kind` is catatan (a note), bendera (a flag, its words may be empty) or kembali (a supervisor
    wants it put right). `path` is empty for the household as a whole. Open while `settled_at` is
    empty.
    """

    __tablename__ = "note"
    __table_args__ = (
        CheckConstraint("kind IN ('catatan', 'bendera', 'kembali')", "kind"),
        Index(None, "household_id"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"))
    path: Mapped[str]
    kind: Mapped[str]
    words: Mapped[str]
    author: Mapped[str]
    at: Mapped[str]
    settled_by: Mapped[str]
    settled_at: Mapped[str]


class Effort(Base):
    """How long one account worked on a household on one day, in how many keys.

    Counts only: which keys they were is never kept. `seconds` leaves out pauses.
    """

    __tablename__ = "effort"
    __table_args__ = (Index(None, "day"),)

    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"), primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    seconds: Mapped[int]
    keys: Mapped[int]


class Keying(Base):
    """A completed revision whose chosen fields were keyed once more, without seeing the first.

    `reason` says why it was drawn: acak, cepat or risiko. `fields` were compared, `wrong` of them
    were wrong in the first keying; `differing` still wait for a person with the paper in hand.
    """

    __tablename__ = "keying"
    __table_args__ = (
        CheckConstraint("reason IN ('acak', 'cepat', 'risiko')", "reason"),
        Index(None, "household_id"),
    )

    sha256: Mapped[str] = mapped_column(ForeignKey("revision.sha256"), primary_key=True)
    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"))
    reason: Mapped[str]
    first_by: Mapped[str]
    second_by: Mapped[str]
    at: Mapped[str]
    fields: Mapped[int]
    wrong: Mapped[int]
    differing: Mapped[int]


class KeyingDifference(Base):
    """A field that two keyings of one paper have differently; `right` once somebody looked."""

    __tablename__ = "keying_difference"

    sha256: Mapped[str] = mapped_column(ForeignKey("keying.sha256"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    first: Mapped[str]
    second: Mapped[str]
    right: Mapped[str | None]


class Review(Base):
    """A revision that a second person looked through and let go (`diperiksa_oleh`)."""

    __tablename__ = "review"

    sha256: Mapped[str] = mapped_column(ForeignKey("revision.sha256"), primary_key=True)
    by: Mapped[str]
    at: Mapped[str]
