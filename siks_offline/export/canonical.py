"""One and only one JSON text for a value (RFC 8785 without fractions).

Values are None, bool, int of at most 15 digits, str, lists and objects. Fractions travel as decimal
strings, so the number rules of RFC 8785 never come into play.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from siks_offline.errors import BundleError

MAX_DEPTH = 16
LARGEST_INTEGER = 10**15 - 1
LONGEST_TEXT = 4000

_FORBIDDEN = (
    "\u0000-\u0009\u000b-\u001f\u007f-\u009f\ud800-\udfff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
)
_forbidden = re.compile(f"[{_FORBIDDEN}]")
_forbidden_or_line_feed = re.compile(f"[{_FORBIDDEN}\n]")
_KEY = b"abcdefghijklmnopqrstuvwxyz0123456789_"
_decimal = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_moment = re.compile(r"([1-9][0-9]{3})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")


def _fault(reason: str) -> BundleError:
    return BundleError("E_JSON", sebab=reason)


# Writing ---------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no canonical JSON for {type(value).__name__}")


_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), default=_plain
).encode
_encode_in_given_order = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":")
).encode


def dumps(value: Any, *, checked: bool = False) -> bytes:
    """Return the RFC 8785 form of a value as UTF-8.

    `checked` says that the value came from `loads`, so its types need not be looked at again.
    Raises BundleError E_JSON for what has no such form (fractions, long integers, half characters).
    """
    if not checked:
        _check_types(value, MAX_DEPTH)
    text = _encode(value)
    # Python sorts keys by code point, RFC 8785 by UTF-16 unit: they part only above U+D7FF.
    if not text.isascii() and max(text) > "\ud7ff":
        text = _encode_in_given_order(_by_utf16(value))
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _fault("setengah huruf") from None


def _by_utf16(value: Any) -> Any:
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _by_utf16(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_by_utf16(item) for item in value]
    return value


_LEAVES = frozenset({str, bool, type(None)})


def _check_types(value: Any, depth: int) -> None:
    kind = type(value)
    if kind in _LEAVES:
        return
    if kind is int:
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise _fault("bilangan lebih dari 15 angka")
        return
    if depth == 0:
        raise _fault("bersarang terlalu dalam")
    items: Iterable[Any]
    if isinstance(value, Mapping):
        if not {str}.issuperset(map(type, value)):
            raise _fault("nama anggota bukan teks")
        items = value.values()
    elif isinstance(value, list | tuple):
        items = value
    else:
        raise _fault(f"nilai berjenis {kind.__name__}")
    # Most objects hold nothing but texts, which is seen without a look at each.
    if not _LEAVES.issuperset(map(type, items)):
        for item in items:
            if type(item) is not str:
                _check_types(item, depth - 1)


# Reading ---------------------------------------------------------------------------------------


def _refuse_number(text: str) -> NoReturn:
    raise _fault(f"bilangan {text[:20]}")


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > 15:
        raise _fault("bilangan lebih dari 15 angka")
    return int(text)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _fault("nama anggota berulang")
    return found


_decoder = json.JSONDecoder(
    parse_float=_refuse_number,
    parse_constant=_refuse_number,
    parse_int=_integer,
    object_pairs_hook=_without_duplicates,
)


def _decoded(data: bytes) -> Any:
    try:
        return _decoder.decode(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise _fault("bukan UTF-8") from None
    except RecursionError:
        raise _fault("bersarang terlalu dalam") from None
    except ValueError:
        raise _fault("bukan JSON") from None


def loads(data: bytes, *, canonical: bool = False, max_depth: int = MAX_DEPTH) -> Any:
    """Return the value of a JSON text that is strict UTF-8 and holds no trap.

    Refused with BundleError E_JSON: repeated member names, fractions, NaN, integers over 15 digits,
    half characters, nesting deeper than `max_depth`. With `canonical` the text must also be the
    RFC 8785 form of its value, byte for byte.
    """
    value = _decoded(data)
    _check_types(value, max_depth)
    # An escape such as \ud800 makes half a character out of sound UTF-8.
    if (b"\\ud" in data or b"\\uD" in data or canonical) and dumps(value, checked=True) != data:
        if canonical:
            raise _fault("bukan bentuk baku RFC 8785")
        dumps(value, checked=True)
    return value


# The value rules of a bundle -------------------------------------------------------------------


def check_text(text: str, *, line_feed: bool = True) -> None:
    """Refuse control, direction and half characters with E_JSON; the manifest also bars U+000A."""
    pattern = _forbidden if line_feed else _forbidden_or_line_feed
    if text.isascii() and text.isprintable():
        return
    found = pattern.search(text)
    if found is not None:
        raise _fault(f"huruf terlarang U+{ord(found[0]):04X}")


class Canonical(bytes):
    """Bytes that are known to be the RFC 8785 form of the value that was read from them."""

    __slots__ = ()


def line(data: bytes) -> tuple[Any, bytes]:
    """Return the value of a record line that keeps the value rules, and its bytes.

    They come back as Canonical where that is plain to see; otherwise only `dumps` can tell.
    Raises BundleError E_JSON.
    """
    # ASCII without escapes: no text in it is half or not in NFC, and the decoder refuses what else
    # breaks a rule, all control characters but the last.
    if data[:1] in {b"{", b"["} and data.isascii() and b"\\" not in data and b"\x7f" not in data:
        text = data.decode("ascii")
        try:
            value = _quick.decode(text)
        except RecursionError:
            raise _fault("bersarang terlalu dalam") from None
        except ValueError:
            raise _fault("bukan JSON") from None
        shortest, ascending = _measured(value, MAX_DEPTH)
        # Any text of a value is longer than its shortest by just what is too much in it: blanks, a
        # member that comes twice, the sign of a zero.
        if len(text) == shortest:
            return value, Canonical(data) if ascending else data
    value = loads(data)
    check_values(value)
    return value, data


_quick = json.JSONDecoder(
    parse_float=_refuse_number, parse_constant=_refuse_number, parse_int=_integer
)


def _measured(value: dict[str, Any] | list[Any], depth: int) -> tuple[int, bool]:
    """Return the length of the shortest text of a value, and whether all its keys ascend.

    Checks depth and keys; texts need no look, and hold nothing that is escaped.
    """
    if depth == 0:
        raise _fault("bersarang terlalu dalam")
    texts: list[Any]
    inner: Iterable[Any] = ()
    if type(value) is dict:
        names = tuple(value)
        length, ascending, places = _met.get(names) or _names(value)
        texts = list(value.values())
        if places:
            inner = [texts[place] for place in places]
            for place in places:
                texts[place] = ""
    else:
        length, ascending = max(len(value) + 1, 2), True
        texts = list(value)
        if texts and type(texts[0]) is not str:
            texts, inner = [], value
    length += 2 * len(value)
    try:
        length += len("".join(texts))
    except TypeError:  # not texts alone where they were before
        inner = value.values() if type(value) is dict else value
    for item in inner:
        kind = type(item)
        if kind is str:
            length += len(item)
        elif kind is dict or kind is list:
            if item or depth == 1:  # an empty one is as long as the quotes of a text
                more, in_order = _measured(item, depth - 1)
                length += more - 2
                ascending &= in_order
        elif kind is int:
            length += len(str(item)) - 2
        else:
            length += len(_encode(item)) - 2
    return length, ascending


_MOST_MET, _MOST_NAMES, _LONGEST_NAME = 1000, 300, 60
_met: dict[tuple[str, ...], tuple[int, bool, tuple[int, ...]]] = {}
"""By the names of an object, sound ones that were met before: what `_names` said of them."""
_shared: dict[str, str] = {}
"""One text for each name, however often it was read."""


def _names(value: dict[str, Any]) -> tuple[int, bool, tuple[int, ...]]:
    """Return how long an object with empty values is, whether its names ascend, what is no text.

    The last are places of values; another object of the same names may differ in them.
    """
    names = tuple(value)
    _check_names(names)
    found = (
        max(len("".join(names)) + 4 * len(names) + 1, 2),
        list(names) == sorted(names),
        tuple(place for place, item in enumerate(value.values()) if type(item) is not str),
    )
    longest = max(map(len, names), default=0)
    if len(_met) < _MOST_MET and len(names) <= _MOST_NAMES and longest <= _LONGEST_NAME:
        _met[tuple(map(_shared.setdefault, names, names))] = found
    return found


def _check_names(value: Collection[str]) -> None:
    names = "".join(value)
    if not names.isascii() or names.encode().translate(None, _KEY) or "" in value:
        raise _fault("nama anggota")


def check_values(value: Any, *, line_feed: bool = True) -> bool:
    """Hold every key and text of a value against the rules of a bundle; tell whether all is NFC.

    The value went through `dumps` or `loads`, which bound its depth. Raises BundleError E_JSON.
    Text that is not NFC is only a warning, since the tables of Unicode differ between versions.
    """
    items: Iterable[Any]
    if isinstance(value, Mapping):
        _check_names(value)
        items = value.values()
    elif isinstance(value, list | tuple):
        items = value
    else:
        items = (value,)
    try:
        joined = "".join(items)
    except TypeError:
        joined = "".join([item for item in items if type(item) is str])
    check_text(joined, line_feed=line_feed)
    # Every part of a text in NFC is in NFC; the whole of such parts need not be.
    normal = joined.isascii() or unicodedata.is_normalized("NFC", joined) or _all_normal(items)
    for item in items:
        if type(item) is not str and isinstance(item, dict | list | tuple):
            normal &= check_values(item, line_feed=line_feed)
    return normal


def _all_normal(items: Iterable[Any]) -> bool:
    return all(unicodedata.is_normalized("NFC", item) for item in items if type(item) is str)


def is_decimal(text: str) -> bool:
    """Whether a text is a decimal number as bundles write it."""
    return _decimal.fullmatch(text) is not None


def normalise_text(text: str) -> tuple[str, bool]:
    """Return a text as it may enter the village file, and whether characters were taken away.

    CRLF becomes LF, forbidden characters go, the rest is composed (NFC). Only what goes calls for a
    notice: composing and line ends change nothing that a person sees.
    """
    if text.isascii() and text.isprintable():
        return text, False
    joined = text.replace("\r\n", "\n")
    kept = _forbidden.sub("", joined)
    return unicodedata.normalize("NFC", kept), kept != joined


# Times -----------------------------------------------------------------------------------------


def stamp(moment: datetime) -> str:
    """Return the one text of a moment: UTC to the second, `2026-11-22T01:03:48Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Return the moment that a text of that form names; E_JSON when it names none."""
    found = _moment.fullmatch(text)
    try:
        if found is not None:
            return datetime(*map(int, found.groups()), tzinfo=UTC)  # type: ignore[arg-type, misc]
    except ValueError:
        pass
    raise _fault("waktu")
