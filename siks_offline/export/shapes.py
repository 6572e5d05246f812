"""Hold a JSON value against a strict shape: every member required, unknown ones refused."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from siks_offline.errors import BundleError
from siks_offline.export import canonical

Shape: TypeAlias = Callable[[Any, str], None]
"""Called with a value and where it stands; raises Mismatch."""


class Mismatch(Exception):  # noqa: N818 - never seen by a person, always turned into a BundleError
    """Where a value departs from its shape."""


def check(value: Any, shape: Shape, code: str) -> None:
    """Raise BundleError `code` with the place (`bagian`) at which a value departs from a shape."""
    try:
        shape(value, "")
    except Mismatch as found:
        raise BundleError(code, bagian=str(found) or "-") from None


def text(pattern: str) -> Shape:
    """Ask for a text that matches a pattern from end to end."""
    matches = re.compile(pattern, re.ASCII).fullmatch

    def hold(value: Any, where: str) -> None:
        if type(value) is not str or matches(value) is None:
            raise Mismatch(where)

    return hold


def words(longest: int = canonical.LONGEST_TEXT, *, line_feed: bool = True) -> Shape:
    """Ask for a text for people, of allowed characters."""

    def hold(value: Any, where: str) -> None:
        if type(value) is not str or len(value) > longest:
            raise Mismatch(where)
        try:
            canonical.check_text(value, line_feed=line_feed)
        except BundleError:
            raise Mismatch(where) from None

    return hold


def integer(low: int = 0, high: int = canonical.LARGEST_INTEGER) -> Shape:
    """Ask for a whole number of a range."""

    def hold(value: Any, where: str) -> None:
        if type(value) is not int or not low <= value <= high:
            raise Mismatch(where)

    return hold


def boolean(value: Any, where: str) -> None:
    """Ask for either true or false."""
    if type(value) is not bool:
        raise Mismatch(where)


def one_of(*allowed: str) -> Shape:
    """Ask for one of some texts."""

    def hold(value: Any, where: str) -> None:
        if type(value) is not str or value not in allowed:
            raise Mismatch(where)

    return hold


def nullable(shape: Shape) -> Shape:
    """Ask for null, or a value of the shape."""

    def hold(value: Any, where: str) -> None:
        if value is not None:
            shape(value, where)

    return hold


def members(shapes: dict[str, Shape], *, added: dict[str, Shape] | None = None) -> Shape:
    """Ask for an object of exactly these members.

    `added` came later: writers of before leave them out.
    """
    names, later = shapes.keys(), added or {}

    def hold(value: Any, where: str) -> None:
        if type(value) is not dict:
            raise Mismatch(where)
        if value.keys() != names and (odd := (value.keys() ^ names) - later.keys()):
            raise Mismatch(f"{where}.{min(odd)[:60]}".lstrip("."))
        for name, shape in shapes.items():
            shape(value[name], f"{where}.{name}".lstrip("."))
        for name in later.keys() & value.keys():
            later[name](value[name], f"{where}.{name}".lstrip("."))

    return hold


def each(shape: Shape, *, most: int, least: int = 0) -> Shape:
    """Ask for a list whose items all have the shape."""

    def hold(value: Any, where: str) -> None:
        if type(value) is not list or not least <= len(value) <= most:
            raise Mismatch(where)
        for number, item in enumerate(value):
            shape(item, f"{where}[{number}]")

    return hold


def ascending(shape: Shape) -> Shape:
    """Ask for a list of the shape whose items also ascend, none twice."""

    def hold(value: Any, where: str) -> None:
        shape(value, where)
        if any(first >= second for first, second in itertools.pairwise(value)):
            raise Mismatch(where)

    return hold


def _moment(value: Any, where: str) -> None:
    if type(value) is not str:
        raise Mismatch(where)
    try:
        canonical.moment(value)
    except BundleError:
        raise Mismatch(where) from None


UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SHA256 = r"[0-9a-f]{64}"
KODE_DESA = r"[0-9]{10}"
PERIOD = r"[0-9]{4}-(?:Q[1-4]|0[1-9]|1[0-2])"

moment: Shape = _moment
uuid = text(UUID)
sha256 = text(SHA256)
kode_desa = text(KODE_DESA)
dinsos_id = text(r"dinsos:[0-9]{4}")
party = text(r"dinsos:[0-9]{4}|desa:[0-9]{10}")
period = text(PERIOD)
fingerprint = text(r"SHA256:[A-Za-z0-9+/]{43}")
recipient = text(r"age1[02-9ac-hj-np-z]{58}")
openssh = text(r"ssh-ed25519 AAAA[A-Za-z0-9+/]{64}")
error_code = text(r"([EHSWI]_[A-Z0-9_]{1,40})?")
instrument = members(
    {"id": text(r"[A-Za-z0-9_.-]{1,60}"), "sha256": sha256, "version": text(r"[ -~]{1,40}")}
)
