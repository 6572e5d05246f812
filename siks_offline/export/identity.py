"""Identities that every laptop and every re-installation works out alike (DATA.md)."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

NAMESPACE = uuid.UUID("b0d5bb8b-4a86-5b4e-9d0c-3f4b1f9a2c77")
"""Of this project; never to change: households would become strangers to their own visits."""


def household_id(kode_desa: str, idbdt: str) -> str:
    """Return the id of a household that a prelist knows by its IDBDT."""
    return str(uuid.uuid5(NAMESPACE, f"{kode_desa}/{idbdt}"))


def household_id_of_kk(kode_desa: str, no_kk: str) -> str:
    """Return the id of a household that a plain prelist knows by its family card only."""
    return str(uuid.uuid5(NAMESPACE, f"{kode_desa}/kk:{no_kk}"))


def person_id(kode_desa: str, idartbdt: str) -> str:
    """Return the id of a person whom a prelist knows by IDARTBDT."""
    return str(uuid.uuid5(NAMESPACE, f"{kode_desa}/{idartbdt}"))


def uuid7(now: datetime) -> str:
    """Return a new UUIDv7 (RFC 9562): 48 bits of milliseconds, 74 random bits.

    Order never comes from it, so a wrong clock does no harm.
    """
    milliseconds = int(now.timestamp() * 1000) & (1 << 48) - 1
    random = int.from_bytes(os.urandom(10)) & (1 << 74) - 1
    high = milliseconds << 16 | 0x7 << 12 | random >> 62
    low = 0b10 << 62 | random & (1 << 62) - 1
    return str(uuid.UUID(int=high << 64 | low))
