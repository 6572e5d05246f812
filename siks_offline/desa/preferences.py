"""How an account likes to work at this village's window; nothing of it changes an answer."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from siks_offline.desa.village import Village

SIZES: Final = (90, 100, 110, 125, 150)
"""Sizes of text, in percent."""
USUAL_SIZE: Final = 100
LOOKS: Final = ("terang", "gelap", "kontras")
"""Colours by name: light, dark, and the high contrast of weak eyes."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """One account's wishes: whether a full answer moves on by itself, text size, colours."""

    auto_advance: bool = True
    text_size: int = USUAL_SIZE
    look: str = LOOKS[0]
    by_block: bool = False
    """Whether members are asked block by block, not one whole person after another."""


def key(account: str) -> str:
    """Return the name of the fact that keeps an account's preferences."""
    return f"tampilan.{account}"


def parse(kept: str) -> Preferences:
    """Read preferences as they are kept; what is not understood is as usual."""
    try:
        found = json.loads(kept)
    except ValueError:
        return Preferences()
    if not isinstance(found, dict):
        return Preferences()
    size, look = found.get("text_size"), found.get("look")
    if found.get("dark") is True:  # as it was kept while there were two looks
        look = look or "gelap"
    return Preferences(
        auto_advance=found.get("auto_advance") is not False,
        text_size=size if size in SIZES else USUAL_SIZE,
        look=look if look in LOOKS else LOOKS[0],
        by_block=found.get("by_block") is True,
    )


@action
def keep(village: Village, wanted: Preferences) -> None:
    """Keep the preferences of the account that is signed in."""
    from siks_offline.db import meta

    with village.store.write() as session:
        meta.put(session, key(village.account), json.dumps(asdict(wanted), sort_keys=True))
