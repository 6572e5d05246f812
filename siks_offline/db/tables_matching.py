"""Tables of what other offices say of people: matching results and determination lists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from siks_offline.db.tables import Base, Json


class MatchFile(Base):
    """One file of matching results that was loaded."""

    __tablename__ = "match_file"

    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    at: Mapped[str]
    by: Mapped[str]
    rows: Mapped[int]


class MatchRow(Base):
    """What one source said last of one person of the village.

    `position` is 0 for a head of whom the prelist lists no members; `person_id` is empty then.
    """

    __tablename__ = "match_row"
    __table_args__ = (UniqueConstraint("kind", "household_id", "person_id"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[int] = mapped_column(ForeignKey("match_file.number"))
    kind: Mapped[str]
    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"))
    person_id: Mapped[str]
    nik: Mapped[str]
    result: Mapped[str]
    said: Mapped[Any] = mapped_column(Json)
    fingerprint: Mapped[str]


class MatchDifference(Base):
    """One thing in which a source and the village differ about a person, and what was decided."""

    __tablename__ = "match_difference"
    __table_args__ = (
        CheckConstraint(
            "decision IN ('belum', 'diterima', 'ditolak', 'kunjungan', 'diganti')", "decision"
        ),
        UniqueConstraint("kind", "household_id", "person_id", "field", "theirs"),
        Index(None, "decision"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"))
    person_id: Mapped[str]
    field: Mapped[str]
    ours: Mapped[str]
    """What the village knew when the file came."""
    theirs: Mapped[str]
    likeness: Mapped[int]
    """How alike two names or addresses are, 0-100; 0 where nothing is to be compared."""
    detail: Mapped[str]
    decision: Mapped[str]
    reason: Mapped[str]
    at: Mapped[str]
    by: Mapped[str]


class Determination(Base):
    """One list that the Dinsos sent: who was determined to receive what, and when."""

    __tablename__ = "determination"

    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    period: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    """Of its rows and period: the same list again is known, whatever its file is called."""
    at: Mapped[str]
    by: Mapped[str]
    rows: Mapped[int]


class Determined(Base):
    """A row of such a list, as it said it; numbers only where they have the form of a number."""

    __tablename__ = "determined"
    __table_args__ = (
        Index(None, "nik"),
        Index(None, "no_kk"),
        Index(None, "listing"),
        Index("ix_determined_place", "kecamatan", "desa", "dusun", "rw", "rt"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    listing: Mapped[int] = mapped_column(ForeignKey("determination.number"))
    nik: Mapped[str]
    no_kk: Mapped[str]
    nama: Mapped[str] = mapped_column(Text(collation="NOCASE"))
    alamat: Mapped[str]
    dusun: Mapped[str]
    rt: Mapped[str]
    rw: Mapped[str]
    desa: Mapped[str]
    kecamatan: Mapped[str]
    desil: Mapped[str]
    programs: Mapped[str]
    """Codes of programmes, space-separated, in the order of the list of programmes."""
    status: Mapped[str]
    rekening: Mapped[str]
    pengurus: Mapped[str]
    """Identifier of the person who collects for the family; empty for others."""


class DeterminedWord(Base):
    """One word of a determined person's name as it is searched: from its beginning."""

    __tablename__ = "determined_word"
    __table_args__ = ({"sqlite_with_rowid": False},)

    word: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(ForeignKey("determined.number"), primary_key=True)
