"""Tables of what was thrown away and may come back, and of the copies that were made."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from siks_offline.db.tables import Base, Json


class BinRow(Base):
    """Something thrown away. Its household may be gone as well, so nothing refers to it."""

    __tablename__ = "bin"
    __table_args__ = (Index(None, "household_id"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    household_id: Mapped[str]
    label: Mapped[str]
    """What a list calls it: a name and an address."""
    content: Mapped[Any] = mapped_column(Json)
    at: Mapped[str]
    by: Mapped[str]
    day: Mapped[int]
    """Day of work, counted (desa/days.py), on which it was thrown away."""


class BinPhoto(Base):
    """A photo that only something in the bin still names."""

    __tablename__ = "bin_photo"

    number: Mapped[int] = mapped_column(ForeignKey("bin.number"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    extension: Mapped[str]
    kind: Mapped[str]
    household_id: Mapped[str]
    content: Mapped[bytes]


class CopyRow(Base):
    """A copy of the village that was written, in its own folder or elsewhere."""

    __tablename__ = "copy"

    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    own: Mapped[bool]
    """Whether it lies in the village's own folder, and so is thinned and checked."""
    why: Mapped[str]
    sha256: Mapped[str]
    households: Mapped[int]
    day: Mapped[int]
    at: Mapped[str]
    by: Mapped[str]
