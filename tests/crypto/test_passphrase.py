"""Which passphrases are taken, and that the drawn ones are worth what is promised."""

from __future__ import annotations

import math
import re

import pytest

from siks_offline.crypto import passphrase
from siks_offline.errors import SecretError


def weak(text: str, near: tuple[str, ...] = ()) -> bool:
    try:
        passphrase.check_passphrase(text, near)
    except SecretError as refused:
        return refused.code == "E_PASSPHRASE_WEAK"
    return False


def test_the_word_list_gives_eleven_bits_a_word() -> None:
    """At least 2,048 plain words, each once, that nobody needs to spell."""
    words = passphrase._list("kata-sandi.txt")
    assert len(words) >= 2048
    assert len(set(words)) == len(words)
    assert [word for word in words if not re.fullmatch(r"[a-z]{4,8}", word)] == []
    assert passphrase.DRAWN_WORDS * math.log2(len(words)) >= 55


def test_drawn_passphrases_are_taken_and_differ() -> None:
    """What the program proposes passes its own rules, and is never proposed twice."""
    drawn = [passphrase.draw() for _ in range(200)]
    assert len(set(drawn)) == len(drawn)
    for one in drawn:
        assert len(one.split()) == passphrase.DRAWN_WORDS
        assert passphrase.strength(one, ("Desa Sukamaju", "operator")) == "kuat"


@pytest.mark.parametrize(
    "text",
    [
        "pendek sekali"[:11],
        "password12345",
        "Password!2024",
        "sunshine202425",
        "iloveyou123456",
        "qwertyuiop123",
        "3509122003850001",
        "siksoffline2026",
        "admin desa siks",
        "aaaaaaaaaaaaaaa",
        "rahasiarahasia",
        "operator-desa-123",
    ],
)
def test_what_anybody_would_try_is_refused(text: str) -> None:
    """Common passwords, runs, numbers, and the words of this trade, however they are dressed."""
    assert weak(text)


@pytest.mark.parametrize("text", ["Desa Sukamaju 2026", "sukamaju-sukamaju", "budi@sukamaju99"])
def test_names_on_the_screen_are_no_secret(text: str) -> None:
    """A passphrase made of the village's and the account's name is refused; elsewhere it may do."""
    assert weak(text, ("Desa Sukamaju", "budi"))


@pytest.mark.parametrize(
    "text",
    ["hujan turun di sawah", "KUCING hitam lewat", "kopi-pahit-tiap-pagi", "ñandú cuatro ríos"],
)
def test_no_kind_of_character_is_asked_for(text: str) -> None:
    """Twelve characters that are nobody's first guess are enough: no capitals, digits or signs."""
    assert not weak(text, ("Desa Sukamaju", "budi"))
    assert passphrase.strength(text) in {"cukup", "kuat"}
