"""Record lines (NDJSON): written canonically, read one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siks_offline.errors import BundleError
from siks_offline.export import canonical
from siks_offline.export.manifest import LARGEST_LINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

BLOCK = 1 << 18


def write(values: Iterable[Mapping[str, Any] | list[Any] | bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield (rows, bytes) blocks of the canonical lines of values.

    A value given as bytes is a canonical line already, without its line feed. Raises BundleError
    E_RECORD_SCHEMA for a value that breaks the rules or makes too long a line.
    """
    block: list[bytes] = []
    size = 0
    for value in values:
        line = value if isinstance(value, bytes) else _line(value)
        if len(line) >= LARGEST_LINE:
            raise BundleError("E_RECORD_SCHEMA", bagian="panjang baris")
        block.append(line)
        size += len(line) + 1
        if size >= BLOCK:
            yield len(block), b"\n".join((*block, b""))
            block, size = [], 0
    if block:
        yield len(block), b"\n".join((*block, b""))


def _line(value: Any) -> bytes:
    try:
        line = canonical.dumps(value)
        canonical.check_values(value)
    except BundleError as fault:
        raise BundleError("E_RECORD_SCHEMA", bagian=fault.facts["sebab"]) from None
    return line


def read(plain: Iterable[bytes]) -> Iterator[tuple[int, Any, bytes]]:
    """Yield (number, value, raw) of each line of a records file, given as blocks of its bytes.

    A faulty line's value is its BundleError E_RECORD_SCHEMA; the raw bytes of a line longer than
    the limit are cut there. Raw bytes known to be canonical are canonical.Canonical.
    """
    rest = b""
    number = 0
    too_long = False
    for block in plain:
        *whole, last = block.split(b"\n")
        if whole:
            whole[0] = rest + whole[0]
            rest = last
            for raw in whole:
                number += 1
                if too_long or len(raw) >= LARGEST_LINE:
                    yield number, _fault("panjang baris"), raw[:LARGEST_LINE]
                else:
                    yield number, *_value(raw)
                too_long = False
        else:
            rest += last
        if len(rest) > LARGEST_LINE:
            too_long = True
            rest = rest[:LARGEST_LINE]


def _fault(reason: str) -> BundleError:
    return BundleError("E_RECORD_SCHEMA", bagian=reason)


def _value(raw: bytes) -> tuple[Any, bytes]:
    try:
        return canonical.line(raw)
    except BundleError as fault:
        return _fault(fault.facts["sebab"]), raw
