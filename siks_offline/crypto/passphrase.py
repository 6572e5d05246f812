"""What counts as a passphrase, which spelling it is used in, how one is drawn."""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Literal

from siks_offline import paths
from siks_offline.errors import SecretError

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 12
DRAWN_WORDS = 5
_STRONG_LENGTH = 20
_LONGEST = 1024
_FEWEST_CHARACTERS = 5
_LONGEST_NUMBER = 19  # a NIK, a card or a telephone number is no secret
_COMMON = frozenset(
    {
        "admin",
        "administrator",
        "akusayangkamu",
        "alhamdulillah",
        "allahuakbar",
        "asdfghjkl",
        "assalamualaikum",
        "bismillah",
        "cintaku",
        "desa",
        "dinassosial",
        "dinsos",
        "dtks",
        "dtsen",
        "garuda",
        "iloveyou",
        "indonesia",
        "indonesiaraya",
        "kantordesa",
        "katakunci",
        "katasandi",
        "keluarga",
        "kelurahan",
        "kemensos",
        "kementeriansosial",
        "latihan",
        "letmein",
        "merdeka",
        "musyawarahdesa",
        "operator",
        "operatordesa",
        "pancasila",
        "passphrase",
        "password",
        "passwordku",
        "qwerty",
        "qwertyuiop",
        "rahasia",
        "rahasiaku",
        "rahasianegara",
        "sandi",
        "sayang",
        "sayangkamu",
        "sayangku",
        "siks",
        "siksng",
        "siksoffline",
        "terserah",
        "tidaktahu",
        "welcome",
        "zxcvbnm",
    }
)
_HERE = frozenset({"admin", "desa", "dinsos", "kata", "operator", "pemeriksa", "sandi", "siks"})
_SHORTEST_WORD = 3
_RUNS = ("01234567890" * 3, "abcdefghijklmnopqrstuvwxyz" * 2, "qwertyuiopasdfghjklzxcvbnm")


def normal(text: str) -> str:
    """Return a passphrase as it goes into scrypt: NFC, without spaces at its ends.

    Raises SecretError E_PASSPHRASE for what no keyboard gives and UTF-8 cannot hold.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise SecretError("E_PASSPHRASE")
    return unicodedata.normalize("NFC", text).strip()


def draw() -> str:
    """Return a new passphrase: five words of the program's own list, 55 bits."""
    words = _list("kata-sandi.txt")
    return " ".join(secrets.choice(words) for _ in range(DRAWN_WORDS))


def strength(text: str, near: Iterable[str] = ()) -> Literal["lemah", "cukup", "kuat"]:
    """Return in a word how long a passphrase would stand; `lemah` is what is refused."""
    try:
        check_passphrase(text, near)
    except SecretError:
        return "lemah"
    words = {word for word in normal(text).casefold().split() if len(word) > 2}
    long = len(normal(text)) >= _STRONG_LENGTH
    return "kuat" if long and len(words) >= DRAWN_WORDS - 1 else "cukup"


def check_passphrase(text: str, near: Iterable[str] = ()) -> None:
    """Refuse a chosen passphrase that is short or that anybody would try.

    `near` are words that stand on the laptop's own screen: the village's and the account's name.
    What kinds of characters it has is not asked (ASVS 6.2.5). Raises SecretError
    E_PASSPHRASE_WEAK.
    """
    passphrase = normal(text)
    if (
        not SHORTEST <= len(passphrase) <= _LONGEST
        or _is_common(passphrase.casefold())
        or _is_near(passphrase.casefold(), near)
    ):
        raise SecretError("E_PASSPHRASE_WEAK", paling_sedikit=SHORTEST)


@cache
def _list(name: str) -> tuple[str, ...]:
    lines = (paths.resources() / name).read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


@cache
def _everybodys() -> frozenset[str]:
    return _COMMON | frozenset(_list("kata-sandi-umum.txt"))


def _is_common(text: str) -> bool:
    squeezed = re.sub(r"[\W_]", "", text)
    if len(set(squeezed)) < _FEWEST_CHARACTERS:
        return True
    if squeezed.isdigit() and len(squeezed) <= _LONGEST_NUMBER:
        return True
    if any(squeezed in run or squeezed in run[::-1] for run in _RUNS):
        return True
    letters = re.sub(r"\d", "", squeezed)
    known = _everybodys()
    return not known.isdisjoint({squeezed, letters, _period(squeezed), _period(letters)})


def _is_near(text: str, near: Iterable[str]) -> bool:
    """Whether hardly anything is left without the words that anybody here would try."""
    told = {part for words in near for part in re.split(r"[\W\d_]+", words.casefold())}
    left = letters = re.sub(r"[\W\d_]", "", text)
    for word in sorted(told | _HERE, key=len, reverse=True):
        if len(word) >= _SHORTEST_WORD:
            left = left.replace(word, "")
    return left != letters and len(set(left)) < _FEWEST_CHARACTERS


def _period(text: str) -> str:
    """Return the shortest piece that repeated gives the text."""
    at = (text + text).find(text, 1)
    return text[:at] if at > 0 else text
