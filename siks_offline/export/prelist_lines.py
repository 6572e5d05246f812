"""A village's prelist as records of a bundle: one head, then one line a household.

`records/prelist-head.ndjson` has one line {"bps", "expires_at", "households", "kode_desa",
"version"}; `bps` is the ten-digit BPS code bound to the village, or empty.
`records/prelist.ndjson` has a line a household {"answers", "household_id", "idbdt", "persons"}:
answers that the form starts from, in the shape of visits, and the ids of anggota[1..n].
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from siks_offline.errors import BundleError
from siks_offline.export import canonical, records, shapes
from siks_offline.export.bundle import RecordFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from siks_offline.export.opening import Opened

VALID = timedelta(days=180)
"""How long a prelist may be taken in: two quarters, then the list itself has changed."""
HEAD = "prelist-head"
LINES = "prelist"


@dataclass(frozen=True, slots=True)
class Head:
    """What a prelist says of itself; a higher version takes the place of a lower one."""

    kode_desa: str
    version: int
    households: int
    bps: str = ""
    expires_at: str = ""
    """Moment from which it is taken in no more; empty for never."""


@dataclass(frozen=True, slots=True)
class Household:
    """A household that is to be visited; `answers` are what its form starts from."""

    household_id: str
    idbdt: str
    answers: Mapping[str, Any]
    persons: Sequence[str]

    def line(self) -> dict[str, Any]:
        """Return its line, held against the schema. Raises BundleError E_RECORD_SCHEMA."""
        value = {
            "answers": self.answers,
            "household_id": self.household_id,
            "idbdt": self.idbdt,
            "persons": list(self.persons),
        }
        shapes.check(value, _household, "E_RECORD_SCHEMA")
        return value


def write(head: Head, lines: Sequence[Mapping[str, Any]]) -> list[RecordFile]:
    """Return the records files of a prelist; `lines` come from `Household.line`."""
    value = {
        "bps": head.bps,
        "expires_at": head.expires_at,
        "households": head.households,
        "kode_desa": head.kode_desa,
        "version": head.version,
    }
    shapes.check(value, _head, "E_RECORD_SCHEMA")
    return [RecordFile(HEAD, [value], 1), RecordFile(LINES, lines, len(lines))]


def content_hash(bps: str, lines: Iterable[Mapping[str, Any]]) -> str:
    """Return what tells two prelists apart whatever their versions."""
    digest = hashlib.sha256(bps.encode() + b"\n")
    for line in lines:
        digest.update(canonical.dumps(line) + b"\n")
    return digest.hexdigest()


def expiry(made_at: str) -> str:
    """Return the moment from which a prelist made at a moment is taken in no more."""
    return canonical.stamp(canonical.moment(made_at) + VALID)


def read_head(opened: Opened) -> Head:
    """Return the head of an opened prelist bundle. Raises BundleError E_RECORD_SCHEMA."""
    found = [value for _, value, _ in opened.lines(HEAD)]
    if len(found) != 1:
        raise BundleError("E_RECORD_SCHEMA", bagian=HEAD)
    shapes.check(found[0], _head, "E_RECORD_SCHEMA")
    return Head(**found[0])


def read(opened: Opened) -> Iterator[Household]:
    """Yield the households of an opened prelist bundle.

    Any faulty line refuses the whole with BundleError E_RECORD_SCHEMA: its sender is the Dinsos.
    """
    for _, value, _ in opened.lines(LINES):
        if isinstance(value, BundleError):
            raise value
        shapes.check(value, _household, "E_RECORD_SCHEMA")
        yield Household(**value)


_head = shapes.members(
    {
        "bps": shapes.text(r"([0-9]{10})?"),
        "expires_at": shapes.text(r"([0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z)?"),
        "households": shapes.integer(),
        "kode_desa": shapes.kode_desa,
        "version": shapes.integer(1),
    }
)
_household = shapes.members(
    {
        "answers": records.answers_shape,
        "household_id": shapes.uuid,
        "idbdt": shapes.words(60, line_feed=False),
        "persons": shapes.each(shapes.uuid, most=1000),
    }
)
