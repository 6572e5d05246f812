"""Indonesian sentences by key, from resources/texts.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from siks_offline import paths


@cache
def _catalogue() -> dict[str, Any]:
    with (paths.resources() / "texts.toml").open("rb") as file:
        return tomllib.load(file)


class _Facts(dict[str, Any]):
    """Facts of a sentence; an unknown one shows its name instead of raising."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def text(key: str, /, **facts: Any) -> str:
    """Return the sentence under a dotted key with its {facts} filled in.

    Raises KeyError when there is no such sentence: that is a bug, and a test looks for it.
    """
    node: Any = _catalogue()
    for part in key.split("."):
        node = node[part]
    if not isinstance(node, str):
        raise KeyError(key)
    return node.format_map(_Facts(facts)) if facts else node


def has(key: str) -> bool:
    """Whether there is a sentence or a table of sentences under this key."""
    node: Any = _catalogue()
    for part in key.split("."):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True
