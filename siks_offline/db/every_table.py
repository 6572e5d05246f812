"""All tables of both stores in one place, for those who compare schemas."""

from __future__ import annotations

from siks_offline.db import (
    office_tables,
    tables,
    tables_bin,  # noqa: F401 - tables register
    tables_entry,  # noqa: F401
)

VILLAGE = tables.Base.metadata
OFFICE = office_tables.metadata
