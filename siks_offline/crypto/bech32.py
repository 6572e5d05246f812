"""Bech32 text of binary keys, as age writes them (BIP 173 without the 90 character limit)."""

from __future__ import annotations

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _checksum(values: list[int]) -> int:
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(_GENERATOR):
            if top >> bit & 1:
                state ^= term
    return state


def _expanded(prefix: str) -> list[int]:
    codes = prefix.encode("ascii")
    return [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]


def _regrouped(values: bytes | list[int], width: int, into: int, *, pad: bool) -> list[int]:
    """Cut a run of bits into groups of another width; ValueError when left-over bits are not 0."""
    result: list[int] = []
    held = bits = 0
    for value in values:
        held = held << width | value
        bits += width
        while bits >= into:
            bits -= into
            result.append(held >> bits & ((1 << into) - 1))
        held &= (1 << bits) - 1
    if pad and bits:
        result.append(held << (into - bits))
    elif not pad and (bits >= width or held):
        raise ValueError("padding")
    return result


def encode(prefix: str, content: bytes) -> str:
    """Return the lower-case text of bytes under a lower-case prefix."""
    values = _regrouped(content, 8, 5, pad=True)
    state = _checksum(_expanded(prefix) + values + [0] * 6) ^ 1
    values += [state >> 5 * (5 - place) & 31 for place in range(6)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values)


def decode(text: str) -> tuple[str, bytes]:
    """Return the lower-case prefix and the bytes of a text wholly in one case.

    Raises ValueError for anything that `encode` would not have written.
    """
    if not text.isascii() or (text != text.lower() and text != text.upper()):
        raise ValueError("case")
    prefix, one, rest = text.lower().rpartition("1")
    if not one or not prefix or len(rest) < 6 or min(prefix) < "!" or max(prefix) > "~":
        raise ValueError("shape")
    try:
        values = [_VALUES[character] for character in rest]
    except KeyError:
        raise ValueError("alphabet") from None
    if _checksum(_expanded(prefix) + values) != 1:
        raise ValueError("checksum")
    return prefix, bytes(_regrouped(values[:-6], 5, 8, pad=False))
