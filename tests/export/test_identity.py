"""Identities are the same on every laptop, or new and well formed."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from siks_offline.export import identity

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def test_ids_of_a_prelist_are_the_same_everywhere() -> None:
    """Frozen values: were they to change, a re-installed laptop would not know its own visits."""
    assert (
        identity.household_id("3509122003", "35091200030000000000001")
        == "2f78ad2a-3fc2-5e92-97be-5ad6c2b6c9e3"
    )
    assert (
        identity.person_id("3509122003", "3509120003000000000000101")
        == "59c07318-0918-5173-b008-f35caba54f86"
    )


def test_ids_differ_by_village_and_by_kind() -> None:
    """One IDBDT in two villages, or an IDBDT that looks like a card, are different households."""
    ids = {
        identity.household_id("3509122003", "1234567890123456"),
        identity.household_id("3509122004", "1234567890123456"),
        identity.household_id_of_kk("3509122003", "1234567890123456"),
    }
    assert len(ids) == 3


def test_new_ids_are_of_version_seven() -> None:
    """RFC 9562: version 7, variant 10, the time in front, no two alike."""
    found = {identity.uuid7(NOW) for _ in range(1_000)}
    assert len(found) == 1_000
    for text in found:
        value = uuid.UUID(text)
        assert (value.version, value.variant) == (7, uuid.RFC_4122)
        assert value.int >> 80 == int(NOW.timestamp() * 1000)
