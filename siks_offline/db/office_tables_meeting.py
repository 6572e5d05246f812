"""Office tables of what musyawarahs decided, as villages sent it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, Table

from siks_offline.db.office_tables import _count, _text, metadata

records = Table(
    "records",
    metadata,
    _text("sha256", key=True),
    _text("kind"),
    _text("record_id"),
    _text("household_id"),
    _text("kode_desa"),
    _text("period"),
    _count("revision"),
    _text("source"),
    _text("status"),
    _text("reason"),
    _text("able"),
    _text("body"),
    Index(None, "kode_desa", "kind", "period"),
    Index(None, "record_id"),
)
"""Proposals, verdicts and musyawarahs; the highest revision of a record id stands, by hash where
two devices made the same one. `body` is the RFC 8785 text that `sha256` was made of."""

documents = Table(
    "documents",
    metadata,
    _text("manifest_sha256", ForeignKey("bundles.manifest_sha256")),
    _text("sha256"),
    _text("kind"),
    _text("kode_desa"),
    _text("period"),
    PrimaryKeyConstraint("manifest_sha256", "sha256"),
    Index(None, "kode_desa", "period"),
)
"""Scans of signed papers that manifests name; their bytes stay sealed in the archive."""
