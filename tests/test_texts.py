"""Sentences are found by key, although only the tables asked for are parsed."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline import paths, texts

if TYPE_CHECKING:
    from collections.abc import Iterator


def _leaves(node: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in node.items():
        key = f"{above}.{name}" if above else name
        if isinstance(value, dict):
            yield key, None
            yield from _leaves(value, key)
        else:
            yield key, value


def test_every_sentence_of_the_file_is_given_under_its_key() -> None:
    """What a whole reading of the file finds, text() gives, and has() knows."""
    whole = tomllib.loads((paths.resources() / "texts.toml").read_text(encoding="utf-8"))
    for key, sentence in _leaves(whole):
        assert texts.has(key)
        if sentence is not None:
            assert isinstance(sentence, str)
            assert texts.text(key) == sentence


@pytest.mark.parametrize("key", ["umum", "umum.tidak_ada", "tidak.ada", "galat", ""])
def test_what_is_no_sentence_is_a_bug(key: str) -> None:
    """A key of a table, or of nothing, raises KeyError."""
    with pytest.raises(KeyError):
        texts.text(key)
    assert texts.has(key) == (key in ("umum", "galat"))
