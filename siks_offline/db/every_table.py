"""All tables of both stores in one place, for those who compare schemas."""

from __future__ import annotations

from siks_offline.db import (  # noqa: F401 - tables register
    office_tables,
    office_tables_meeting,
    tables,
    tables_accounts,
    tables_bin,
    tables_entry,
    tables_matching,
    tables_meeting,
)

VILLAGE = tables.Base.metadata
OFFICE = office_tables.metadata
