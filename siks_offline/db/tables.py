"""Tables of the village file.

Times are `YYYY-MM-DDTHH:MM:SSZ`, hashes 64 lower-case hex digits, answers and other documents JSON
text (DATA.md). Unknown text is empty, never null, so that no query needs two cases.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def json_text(value: Any) -> str:
    """Return the one text under which a document is stored: same value, same text."""
    return _ENCODER.encode(value)


class Json(TypeDecorator[Any]):
    """A JSON document in a text column."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Give the driver text."""
        del dialect
        return None if value is None else json_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Give the program the document."""
        del dialect
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    """Everything that the village file holds."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text}  # noqa: RUF012 - read once by SQLAlchemy


def insert_many(
    session: Session,
    model: type[Base],
    columns: Sequence[str],
    rows: list[tuple[Any, ...]],
    *,
    replace: bool = False,
) -> None:
    """Insert many rows; with `replace` each takes the place of the one with its primary key.

    Straight through the driver: for 10,000 households the statement layer takes longer than the
    file. Values must be as the driver stores them.
    """
    if rows:
        table = core(model)
        verb = "INSERT OR REPLACE" if replace else "INSERT"
        names = ", ".join(table.c[column].name for column in columns)
        marks = ", ".join("?" * len(columns))
        # Nothing here comes from outside: the names are those of the models above.
        statement = f"{verb} INTO {table.name} ({names}) VALUES ({marks})"
        session.connection().exec_driver_sql(statement, rows)


def core(model: type[Base]) -> Table:
    """Return the table of a model."""
    return cast("Table", model.__table__)


class Meta(Base):
    """One named fact about this store, such as the period or the prelist version."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Account(Base):
    """A person who signs in. The passphrase is not here: it opens the keystore."""

    __tablename__ = "account"

    name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    recipient: Mapped[str]
    active: Mapped[bool]


class Household(Base):
    """A household as lists show it, from the prelist or found in the field.

    `seq` is the order of arrival. What the prelist said stands in HouseholdPrelist, so that a list
    of many households reads few pages.
    """

    __tablename__ = "household"
    __table_args__ = (
        CheckConstraint("source IN ('prelist', 'usulan')", "source"),
        CheckConstraint("kerja IN ('belum', 'draf', 'selesai', 'dikembalikan')", "kerja"),
        CheckConstraint(
            "kirim IN ('belum', 'dikirim', 'diterima', 'diterima_lisan', 'ditahan', 'ditolak')",
            "kirim",
        ),
        Index(None, "kerja"),
        Index(None, "kirim"),
        Index(None, "nama_krt"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    idbdt: Mapped[str | None] = mapped_column(unique=True)
    source: Mapped[str]
    no_kk: Mapped[str]
    nik_krt: Mapped[str]
    nama_krt: Mapped[str] = mapped_column(Text(collation="NOCASE"))
    alamat: Mapped[str] = mapped_column(Text(collation="NOCASE"))
    dusun: Mapped[str] = mapped_column(Text(collation="NOCASE"))
    rt: Mapped[str]
    rw: Mapped[str]
    anggota: Mapped[int]
    kerja: Mapped[str]
    kirim: Mapped[str]
    revisi: Mapped[int]
    komentar: Mapped[str]
    komentar_jalur: Mapped[str]


class HouseholdPrelist(Base):
    """What prelist or proposal knew of a household: answers in the shape of DATA.md."""

    __tablename__ = "household_prelist"

    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"), primary_key=True)
    answers: Mapped[str]
    """JSON text: an import has it at hand already, for the fingerprint."""
    fingerprint: Mapped[str]
    """Hash of everything one import said of it; the same again changes nothing."""


class HouseholdSearch(Base):
    """The normalised text in which words are looked for, one narrow row a household.

    Measured over 100,000 households of five people: 25-110 ms a search. A trigram index (FTS5)
    answers rare words in 2 ms but common ones in 200, and makes an import thirteen times slower.
    """

    __tablename__ = "household_search"

    seq: Mapped[int] = mapped_column(ForeignKey("household.seq"), primary_key=True)
    words: Mapped[str]


class PersonIndex(Base):
    """A member of a household as last known, for finding; derived from prelist or visit."""

    __tablename__ = "person"
    __table_args__ = (Index(None, "nik"), Index(None, "no_kk"))

    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str]
    nik: Mapped[str]
    no_kk: Mapped[str]
    nama: Mapped[str]
    tanggal_lahir: Mapped[str]
    jenis_kelamin: Mapped[str]


class VisitRow(Base):
    """The newest completed revision of a household's visit in one period."""

    __tablename__ = "visit"
    # The index holds what Beranda counts, so that no row with its answers is read for it.
    __table_args__ = (
        UniqueConstraint("household_id", "period"),
        Index(
            "ix_visit_counted",
            "period", "household_id", "sha256", "completed_by", "completed_at", "confirmations",
        ),
    )  # fmt: skip

    visit_id: Mapped[str] = mapped_column(primary_key=True)
    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"))
    period: Mapped[str]
    instrument_id: Mapped[str]
    instrument_version: Mapped[str]
    answers: Mapped[Any] = mapped_column(Json)
    confirmations: Mapped[Any] = mapped_column(Json)
    attachments: Mapped[Any] = mapped_column(Json)
    persons: Mapped[Any] = mapped_column(Json)
    revision: Mapped[int]
    sha256: Mapped[str] = mapped_column(unique=True)
    completed_at: Mapped[str]
    completed_by: Mapped[str]


class Revision(Base):
    """A completed revision as it travels: the canonical line of DATA.md, never changed."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("sha256"), Index(None, "visit_id"))

    seq: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    visit_id: Mapped[str] = mapped_column(ForeignKey("visit.visit_id"))
    revision: Mapped[int]
    line: Mapped[str]


class RevisionResult(Base):
    """What the newest receipt said of a revision."""

    __tablename__ = "revision_result"
    __table_args__ = (
        CheckConstraint("result IN ('accepted', 'held', 'rejected', 'voice')", "result"),
        Index(None, "result"),
    )

    sha256: Mapped[str] = mapped_column(ForeignKey("revision.sha256"), primary_key=True)
    result: Mapped[str]
    code: Mapped[str]
    path: Mapped[str]
    comment: Mapped[str]
    stream: Mapped[str]
    """Stream of the receipt; empty for a receipt by voice."""
    seq: Mapped[int]


class Draft(Base):
    """Answers not yet completed, and the one person who is writing them."""

    __tablename__ = "draft"

    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"), primary_key=True)
    instrument_id: Mapped[str] = mapped_column(primary_key=True)
    instrument_version: Mapped[str] = mapped_column(primary_key=True)
    author: Mapped[str]
    at: Mapped[str]
    typing_path: Mapped[str | None]
    typing_text: Mapped[str]
    confirmations: Mapped[Any] = mapped_column(Json)
    sha256: Mapped[str]
    """`drafts.fingerprint` of all that it holds; empty for one that an older program kept."""


class DraftValue(Base):
    """One drafted answer."""

    __tablename__ = "draft_value"

    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"), primary_key=True)
    instrument_id: Mapped[str] = mapped_column(primary_key=True)
    instrument_version: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    author: Mapped[str]
    at: Mapped[str]


class InstrumentRow(Base):
    """A questionnaire that this village was given, as its workbook, beside the program's own."""

    __tablename__ = "instrument"
    __table_args__ = (UniqueConstraint("id", "version"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str]
    version: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    content: Mapped[bytes]
    at: Mapped[str]
    by: Mapped[str]


class StreamRow(Base):
    """A numbered row of exports of one device; a restore begins a new one with the same keys."""

    __tablename__ = "stream"

    number: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(unique=True)
    device: Mapped[str]
    signing_seed: Mapped[bytes]
    age_identity: Mapped[str]
    voice_key: Mapped[bytes]
    next_seq: Mapped[int]
    last_manifest: Mapped[str | None]
    after: Mapped[str | None]
    started_at: Mapped[str]


class ExportRow(Base):
    """A bundle that this village wrote."""

    __tablename__ = "export"
    __table_args__ = (
        CheckConstraint(
            "status IN ('sent', 'voice', 'accepted', 'partly', 'held', 'rejected')", "status"
        ),
        UniqueConstraint("stream", "seq"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    manifest_sha256: Mapped[str] = mapped_column(unique=True)
    bundle_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    stream: Mapped[str] = mapped_column(ForeignKey("stream.stream"))
    seq: Mapped[int]
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    size: Mapped[int]
    at: Mapped[str]
    by: Mapped[str]
    visits: Mapped[int]
    attachments: Mapped[int]
    audit_seq: Mapped[int | None]
    audit_head: Mapped[str | None]
    status: Mapped[str]
    code: Mapped[str]
    received_at: Mapped[str]


class ExportVisit(Base):
    """A revision that a bundle carried."""

    __tablename__ = "export_visit"
    __table_args__ = (Index(None, "sha256"),)

    manifest_sha256: Mapped[str] = mapped_column(
        ForeignKey("export.manifest_sha256"), primary_key=True
    )
    sha256: Mapped[str] = mapped_column(ForeignKey("revision.sha256"), primary_key=True)


class ExportAttachment(Base):
    """A photo or scan that a bundle carried."""

    __tablename__ = "export_attachment"
    __table_args__ = (Index(None, "sha256"),)

    manifest_sha256: Mapped[str] = mapped_column(
        ForeignKey("export.manifest_sha256"), primary_key=True
    )
    sha256: Mapped[str] = mapped_column(ForeignKey("attachment.sha256"), primary_key=True)


class ArrivalRow(Base):
    """A bundle of the office that this village took in: receipt, prelist, key set."""

    __tablename__ = "arrival"

    number: Mapped[int] = mapped_column(primary_key=True)
    manifest_sha256: Mapped[str] = mapped_column(unique=True)
    bundle_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    stream: Mapped[str]
    seq: Mapped[int]
    file_sha256: Mapped[str]
    at: Mapped[str]


class KeySetRow(Base):
    """A key set of the office as it was signed."""

    __tablename__ = "keyset"

    version: Mapped[int] = mapped_column(primary_key=True)
    raw: Mapped[bytes]
    signature: Mapped[bytes]
    sha256: Mapped[str]


class AttachmentRow(Base):
    """A photo or scan, by its content."""

    __tablename__ = "attachment"
    __table_args__ = (Index(None, "household_id"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    extension: Mapped[str]
    kind: Mapped[str]
    household_id: Mapped[str] = mapped_column(ForeignKey("household.id"))
    received: Mapped[bool]
    """Whether a receipt confirmed that the office holds it."""
    content: Mapped[bytes]


class AuditLine(Base):
    """Who did what when; each line names the hash of the line before."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[str]
    account: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    prev: Mapped[str]
    hash: Mapped[str]


_FROZEN = """CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"""
TRIGGERS = (
    *(
        _FROZEN.format(table=t, event=e)
        for t in ("audit", "revision")
        for e in ("update", "delete")
    ),
    """CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
  OR NEW.prev IS NOT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '')
BEGIN SELECT RAISE(ABORT, 'audit is a chain'); END""",
)
for _trigger in TRIGGERS:
    event.listen(Base.metadata, "after_create", DDL(_trigger))  # type: ignore[no-untyped-call]
