"""Our functions in the shape that conformance suites outside this project call."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def age_decrypt(data: bytes, identities: Sequence[str], passphrases: Sequence[str]) -> bytes:
    """The profile-free age layer; an identity of a kind we do not have opens nothing."""
    from siks_offline.crypto import age

    ours = [age.Identity.parse(one) for one in identities if "-PQ-" not in one]
    return age.unseal(io.BytesIO(data), ours, passphrases).read()
