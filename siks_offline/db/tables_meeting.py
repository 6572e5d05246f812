"""Tables of proposals, the musyawarah, and what of both travels."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from siks_offline.db.tables import Base, Json


class ProposalRow(Base):
    """A family that was proposed; its household stands in `household` with source usulan."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("state IN ('draf', 'terdaftar')", "state"),
        UniqueConstraint("period", "number"),
        Index(None, "household_id"),
    )

    proposal_id: Mapped[str] = mapped_column(primary_key=True)
    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"))
    period: Mapped[str]
    number: Mapped[int]
    state: Mapped[str]
    door: Mapped[str]
    registrar: Mapped[str]
    instrument_id: Mapped[str]
    instrument_version: Mapped[str]
    answers: Mapped[Any] = mapped_column(Json)
    confirmations: Mapped[Any] = mapped_column(Json)
    attachments: Mapped[Any] = mapped_column(Json)
    criteria: Mapped[Any] = mapped_column(Json)
    typing: Mapped[Any] = mapped_column(Json)
    """Path and text of the field that is half typed; an empty list otherwise."""
    revision: Mapped[int]
    by: Mapped[str]
    at: Mapped[str]


class SittingRow(Base):
    """One sitting of a period's musyawarah."""

    __tablename__ = "sitting"
    __table_args__ = (UniqueConstraint("period", "number"),)

    sitting_id: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str]
    number: Mapped[int]
    place: Mapped[str]
    date: Mapped[str]
    hour: Mapped[str]
    leader: Mapped[str]
    leader_post: Mapped[str]
    audit: Mapped[Any] = mapped_column(Json)
    attendees: Mapped[Any] = mapped_column(Json)
    by: Mapped[str]
    at: Mapped[str]


class VerdictRow(Base):
    """What the musyawarah of a period said of a household."""

    __tablename__ = "verdict"
    __table_args__ = (
        CheckConstraint("status IN ('1', '2', '3', '4')", "status"),
        Index(None, "period", "status"),
    )

    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    reason: Mapped[str]
    twin: Mapped[str]
    able: Mapped[str]
    working: Mapped[str]
    standing: Mapped[str]
    disabled: Mapped[str]
    note: Mapped[str]
    sitting_id: Mapped[str]
    by: Mapped[str]
    at: Mapped[str]


class MeetingRow(Base):
    """Where a period's musyawarah stands; `closed_at` is empty while it is open."""

    __tablename__ = "meeting"
    __table_args__ = (CheckConstraint("way IN ('musyawarah', 'sptjm')", "way"),)

    period: Mapped[str] = mapped_column(primary_key=True)
    way: Mapped[str]
    closing: Mapped[int]
    closed_at: Mapped[str]
    closed_by: Mapped[str]
    reopened: Mapped[str]


class DocumentRow(Base):
    """The scan of a signed paper of a musyawarah, by its content."""

    __tablename__ = "document"
    __table_args__ = (Index(None, "period"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str]
    kind: Mapped[str]
    extension: Mapped[str]
    closing: Mapped[int]
    by: Mapped[str]
    at: Mapped[str]
    received: Mapped[bool]
    content: Mapped[bytes]


class RecordRow(Base):
    """A proposal, verdict, move or musyawarah as it travels: a canonical line, never changed.

    Only `result` to `path` change: what the newest receipt said of it.
    """

    __tablename__ = "record"
    __table_args__ = (
        CheckConstraint("kind IN ('proposals', 'moves', 'musdes', 'verdicts')", "kind"),
        CheckConstraint("result IN ('', 'accepted', 'held', 'rejected')", "result"),
        UniqueConstraint("record_id", "revision"),
        Index(None, "result"),
        Index(None, "kind", "period"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    record_id: Mapped[str]
    revision: Mapped[int]
    period: Mapped[str]
    line: Mapped[str]
    result: Mapped[str]
    code: Mapped[str]
    comment: Mapped[str]
    path: Mapped[str]


class ExportRecord(Base):
    """A record, or the scan of a signed paper, that a bundle carried."""

    __tablename__ = "export_record"
    __table_args__ = (Index(None, "sha256"),)

    manifest_sha256: Mapped[str] = mapped_column(
        ForeignKey("export.manifest_sha256"), primary_key=True
    )
    sha256: Mapped[str] = mapped_column(primary_key=True)


class AssignmentRow(Base):
    """Who visits the households of an RT."""

    __tablename__ = "assignment"

    rw: Mapped[str] = mapped_column(primary_key=True)
    rt: Mapped[str] = mapped_column(primary_key=True)
    officer: Mapped[str]


class MoveRow(Base):
    """What became of a household or person between visits: moved, died, split, merged.

    `subject` is a household's or person's id; `other` the household it went to or came from.
    """

    __tablename__ = "move"
    __table_args__ = (Index(None, "subject"), Index(None, "period"))

    number: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    person_id: Mapped[str]
    other: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
    by: Mapped[str]
    at: Mapped[str]
