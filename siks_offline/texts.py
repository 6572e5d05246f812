"""Indonesian sentences by key, from resources/texts.toml.

Only the tables that are asked for are parsed: reading all of them would cost the first page and
every command more than the rest of this package together.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from siks_offline import paths


@cache
def _whole() -> bytes:
    words = (paths.resources() / "texts.toml").read_bytes().replace(b"\r\n", b"\n")
    return b"\n%b\n[" % words


@cache
def _sources() -> dict[str, str]:
    """TOML of the lines under each heading; a test holds that no sentence lies elsewhere."""
    parts = (part.partition("]\n") for part in _whole().decode().split("\n[")[1:-1])
    return {name: body for name, _, body in parts}


def _source(name: str) -> str:
    """TOML of one table; the first page asks for two of hundreds."""
    whole = _whole()
    heading = f"\n[{name}]\n".encode()
    begin = whole.find(heading)
    if begin < 0:
        return ""
    begin += len(heading)
    return whole[begin : whole.index(b"\n[", begin - 1)].decode()


@cache
def _table(name: str) -> dict[str, str]:
    found = {}
    for line in _source(name).splitlines():
        key, _, value = line.partition(" = ")
        if value.startswith('"') and value.endswith('"') and not value.startswith('"""'):
            found[key] = json.loads(value)  # a TOML text in one line is a JSON text
        elif line and not line.startswith("#"):
            return _parsed(name)
    return found


def _parsed(name: str) -> dict[str, str]:
    """Read a table that has more than texts in one line; few have."""
    import tomllib

    return tomllib.loads(_source(name))


class _Facts(dict[str, Any]):
    """Facts of a sentence; an unknown one shows its name instead of raising."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def text(key: str, /, **facts: Any) -> str:
    """Return the sentence under a dotted key with its {facts} filled in.

    Raises KeyError when there is no such sentence: that is a bug, and a test looks for it.
    """
    table, _, name = key.rpartition(".")
    sentence = _table(table).get(name)
    if sentence is None:
        raise KeyError(key)
    return sentence.format_map(_Facts(facts)) if facts else sentence


def has(key: str) -> bool:
    """Whether there is a sentence or a table of sentences under this key."""
    table, _, name = key.rpartition(".")
    return (
        name in _table(table)
        or key in _sources()
        or any(other.startswith(f"{key}.") for other in _sources())
    )
