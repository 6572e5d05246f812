"""Alembic histories: how the files of village and office grew, version by version."""
