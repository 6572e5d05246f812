"""Tables of the office store, the same on SQLite and PostgreSQL.

Hashes are 64 lower-case hex digits, keys and identities are texts as BUNDLE.md writes them, times
are `YYYY-MM-DDTHH:MM:SSZ`. Rows of arrived bundles and revisions are never changed by a later
arrival: heads, conflicts, gaps and forks are asked of the whole set, not stored.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *arguments: Any, key: bool = False) -> Column[str]:
    return Column(name, Text, *arguments, nullable=False, primary_key=key)


def _maybe(name: str) -> Column[str]:
    return Column(name, Text, nullable=True)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _serial(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


facts = Table("facts", metadata, _text("name", key=True), _text("value"))
"""What the office is: id, kode, practice, pinned root, newest time seen, random instance id."""

keysets = Table(
    "keysets",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    _text("sha256"),
    Column("raw", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    _text("made_at"),
)

instruments = Table(
    "instruments",
    metadata,
    _text("sha256", key=True),
    _text("id"),
    _text("version"),
    _text("known_at"),
)

invites = Table(
    "invites",
    metadata,
    _text("invite_id", key=True),
    _text("kode_desa"),
    Column("enrolment_key", LargeBinary, nullable=False),
    _text("made_at"),
    _text("expires_at"),
    _count("failures"),
    _text("status"),
    Index(None, "kode_desa"),
)
"""`status`: open, used, burnt, withdrawn. The key checks an enrolment."""

enrolments = Table(
    "enrolments",
    metadata,
    _text("manifest_sha256", key=True),
    _text("kode_desa"),
    _text("invite_id"),
    _text("device"),
    _text("stream"),
    _text("public"),
    _text("recipient"),
    _text("voice_key"),
    _text("received_at"),
    _text("status"),
    _text("code"),
    _maybe("decided_at"),
    _maybe("decided_by"),
    Index(None, "kode_desa"),
)
"""`status`: waiting, approved, refused, alarm (the invitation had served already)."""

devices = Table(
    "devices",
    metadata,
    _text("device", key=True),
    _text("kode_desa"),
    _text("public"),
    _text("recipient"),
    _text("voice_key"),
    _text("status"),
    _text("valid_after"),
    _text("valid_before"),
    _text("reason"),
    _text("approved_at"),
    _text("approved_by"),
    _text("out_stream"),
    UniqueConstraint("public"),
    Index(None, "kode_desa"),
)
"""`status`: active, revoked. `out_stream` is the stream of receipts that goes to the device."""

bundles = Table(
    "bundles",
    metadata,
    _text("manifest_sha256", key=True),
    _text("file_sha256"),
    _text("bundle_id"),
    _text("type"),
    _text("sender"),
    _text("kode_desa"),
    _text("device"),
    _text("public"),
    _text("stream"),
    _serial("seq"),
    _maybe("prev"),
    _maybe("after"),
    _text("created_at"),
    _text("received_at"),
    _text("period"),
    _text("result"),
    _text("code"),
    _count("visits"),
    _count("accepted"),
    _count("held"),
    _count("rejected"),
    Column("acks_seq", BigInteger, nullable=True),
    _maybe("acks_sha256"),
    _serial("size"),
    Column("manifest", LargeBinary, nullable=False),
    Column("reported", BigInteger, nullable=True),
    _maybe("waits"),
    UniqueConstraint("bundle_id"),
    Index(None, "stream", "seq"),
    Index(None, "kode_desa"),
    Index(None, "device"),
)
"""`result`: accepted, partly, held, rejected. `reported`: seq of the first receipt that says it.

`waits` is a JSON list of the [id, version] of questionnaires that the office lacks and lines were
answered under; empty in a bundle of an earlier program, which did not note them."""

arrivals = Table(
    "arrivals", metadata, _text("file_sha256", key=True), _text("received_at"), _text("let_in")
)
"""When the originals came, for as long as the store is being built anew from them.

`let_in` is the manifest of a file that had been taken in, empty for one that was held."""

results = Table(
    "results",
    metadata,
    _text("manifest_sha256", ForeignKey("bundles.manifest_sha256")),
    _count("line"),
    _text("visit_id"),
    _text("sha256"),
    _text("result"),
    _text("code"),
    _text("comment"),
    _text("path"),
    PrimaryKeyConstraint("manifest_sha256", "line"),
    Index(None, "sha256"),
)
"""Result of every line of a bundle that was not accepted as a whole."""

revisions = Table(
    "revisions",
    metadata,
    Column(
        "number",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    _text("sha256"),
    _text("visit_id"),
    _text("household_id"),
    _text("kode_desa"),
    _text("period"),
    _count("revision"),
    _text("instrument_id"),
    _text("instrument_version"),
    _text("completed_at"),
    _text("completed_by"),
    _text("idbdt"),
    _text("no_kk"),
    _text("nik_krt"),
    _text("nama_krt"),
    _text("alamat"),
    _text("dusun"),
    _text("rt"),
    _text("rw"),
    _count("anggota"),
    _text("status_rumahtangga"),
    _maybe("outcome"),
    _text("body"),
    UniqueConstraint("sha256"),
    Index(None, "kode_desa", "household_id"),
)
"""Revisions of visits; `body` is the RFC 8785 text that `sha256` was made of, answers and all.

`number` counts them as they come and is told to nobody: hashes lie all over, so that what hangs on
one by its hash would rewrite a page of its own for each. `outcome` is what a visit came to, by
name, so that counting needs no answers (FIELD.md 5.2); unknown of those taken in before it was
noted.
"""

parents = Table(
    "parents",
    metadata,
    _text("sha256", ForeignKey("revisions.sha256")),
    _text("parent"),
    PrimaryKeyConstraint("sha256", "parent"),
    Index(None, "parent"),
)

persons = Table(
    "persons",
    metadata,
    Column("revision", BigInteger, ForeignKey("revisions.number"), nullable=False),
    _count("nth"),
    _text("person_id"),
    _text("nik"),
    _text("no_kk"),
    _text("nama"),
    _text("tanggal_lahir"),
    _text("jenis_kelamin"),
    PrimaryKeyConstraint("revision", "nth"),
    sqlite_with_rowid=False,
)
"""Members as a revision has them; `revision` is its number."""

photos = Table(
    "photos",
    metadata,
    _text("sha256", ForeignKey("revisions.sha256")),
    _count("nth"),
    _text("attachment"),
    _text("kind"),
    _text("path"),
    PrimaryKeyConstraint("sha256", "nth"),
    Index(None, "attachment"),
)
"""Attachments that revisions name, here or still to come."""

attachments = Table(
    "attachments",
    metadata,
    _text("kode_desa"),
    _text("sha256"),
    _text("extension"),
    _serial("size"),
    _text("file_sha256"),
    PrimaryKeyConstraint("kode_desa", "sha256"),
)
"""Attachments that a village has sent; the bytes stay sealed in the archived bundle."""

inventories = Table(
    "inventories",
    metadata,
    _text("device"),
    _text("stream"),
    _serial("seq"),
    _text("manifest_sha256"),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("device", "stream"),
)
"""The inventory of the highest bundle of each stream of a device, its lines deflated.

The device is part of the key: none can put its own in place of another's by naming its stream.
"""

decisions = Table(
    "decisions",
    metadata,
    _text("manifest_sha256", key=True),
    _text("decision"),
    _text("reason"),
    _text("decided_at"),
    _text("decided_by"),
)
"""What a person decided of a held bundle: release or reject."""

receipts = Table(
    "receipts",
    metadata,
    _text("stream"),
    _serial("seq"),
    _text("device"),
    _text("manifest_sha256"),
    _text("file_sha256"),
    _text("content_sha256"),
    _text("made_at"),
    PrimaryKeyConstraint("stream", "seq"),
    Index(None, "device"),
)
"""Receipts made, one stream for each device of a village."""

prelists = Table(
    "prelists",
    metadata,
    _text("kode_desa"),
    _count("version"),
    _text("stream"),
    _serial("seq"),
    _text("manifest_sha256"),
    _text("file_sha256"),
    _text("content_sha256"),
    _count("households"),
    _text("made_at"),
    PrimaryKeyConstraint("kode_desa", "version"),
)

prelist_households = Table(
    "prelist_households",
    metadata,
    _text("kode_desa"),
    _text("household_id"),
    _count("version"),
    PrimaryKeyConstraint("kode_desa", "household_id"),
)
"""Households of the newest prelist of each village: what is awaited."""

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("facts"),
    _text("prev"),
    _text("hash"),
)
"""Who did what when; each line carries the hash of the one before."""
