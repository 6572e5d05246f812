"""What counts as a passphrase, and in which spelling it is used."""

from __future__ import annotations

import re
import unicodedata

from siks_offline.errors import SecretError

SHORTEST = 12
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
_RUNS = ("01234567890" * 3, "abcdefghijklmnopqrstuvwxyz" * 2, "qwertyuiopasdfghjklzxcvbnm")


def normal(text: str) -> str:
    """Return a passphrase as it goes into scrypt: NFC, without spaces at its ends.

    Raises SecretError E_PASSPHRASE for what no keyboard gives and UTF-8 cannot hold.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise SecretError("E_PASSPHRASE")
    return unicodedata.normalize("NFC", text).strip()


def check_passphrase(text: str) -> None:
    """Refuse a chosen passphrase that is short or that anybody would try.

    Raises SecretError E_PASSPHRASE_WEAK.
    """
    passphrase = normal(text)
    if not SHORTEST <= len(passphrase) <= _LONGEST or _is_common(passphrase.casefold()):
        raise SecretError("E_PASSPHRASE_WEAK", paling_sedikit=SHORTEST)


def _is_common(text: str) -> bool:
    squeezed = re.sub(r"[\W_]", "", text)
    if len(set(squeezed)) < _FEWEST_CHARACTERS:
        return True
    if squeezed.isdigit() and len(squeezed) <= _LONGEST_NUMBER:
        return True
    if any(squeezed in run or squeezed in run[::-1] for run in _RUNS):
        return True
    letters = re.sub(r"\d", "", squeezed)
    return letters in _COMMON or _period(letters) in _COMMON


def _period(text: str) -> str:
    """Return the shortest piece that repeated gives the text."""
    at = (text + text).find(text, 1)
    return text[:at] if at > 0 else text
