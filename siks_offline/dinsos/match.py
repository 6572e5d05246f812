"""What a set of files proves: heads, conflicts, gaps, forks, jumps; the order never matters."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

JUMP = 1000
LISTED = 1000
"""Missing numbers are named one by one up to this many; more are only counted."""


@dataclass(frozen=True, slots=True)
class Link:
    """A bundle's place in its stream: number, own manifest hash, the hash it says came before."""

    seq: int
    manifest_sha256: str
    prev: str | None


@dataclass(frozen=True, slots=True)
class StreamState:
    """What the bundles of one stream prove together.

    `missing` are ranges (first, last) of numbers that never came; `forks` numbers that two
    manifests claim; `broken` numbers whose predecessor is here under another hash; `jumps` numbers
    more than JUMP above the one before.
    """

    last: int = 0
    missing: tuple[tuple[int, int], ...] = ()
    forks: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()
    jumps: tuple[int, ...] = ()

    def missing_numbers(self) -> list[int]:
        """Missing numbers one by one, the first LISTED of them."""
        found: list[int] = []
        for first, last in self.missing:
            found.extend(range(first, min(last, first + LISTED - len(found) - 1) + 1))
            if len(found) >= LISTED:
                break
        return found

    @property
    def missing_count(self) -> int:
        """How many numbers never came."""
        return sum(last - first + 1 for first, last in self.missing)

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of what a person should look at, in fixed order."""
        found = (
            ("W_GAP", self.missing),
            ("W_FORK", self.forks),
            ("W_PREV", self.broken),
            ("W_JUMP", self.jumps),
        )
        return tuple(code for code, why in found if why)


def stream_state(links: Iterable[Link]) -> StreamState:
    """Derive the state of one stream from the links that came, in whatever order and number."""
    hashes: dict[int, set[str]] = defaultdict(set)
    prevs: dict[int, set[str | None]] = defaultdict(set)
    for link in links:
        hashes[link.seq].add(link.manifest_sha256)
        prevs[link.seq].add(link.prev)
    missing, broken, jumps = [], [], []
    before = 0
    for seq in sorted(hashes):
        if seq > before + 1:
            missing.append((before + 1, seq - 1))
        elif before and not prevs[seq] <= hashes[before]:
            broken.append(seq)
        if seq - before > JUMP:
            jumps.append(seq)
        before = seq
    return StreamState(
        last=before,
        missing=tuple(missing),
        forks=tuple(seq for seq in sorted(hashes) if len(hashes[seq]) > 1),
        broken=tuple(broken),
        jumps=tuple(jumps),
    )


def stream_states(links: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], StreamState]:
    """Return the state of every stream by (kode_desa, device, stream), from rows of links."""
    found: dict[tuple[str, str, str], list[Link]] = defaultdict(list)
    for row in links:
        place = (row["kode_desa"], row["device"], row["stream"])
        found[place].append(Link(row["seq"], row["manifest_sha256"], row["prev"]))
    return {place: stream_state(found[place]) for place in sorted(found)}


def acknowledged(links: Sequence[Mapping[str, Any]], numbers: Mapping[str, int]) -> int:
    """Return up to which of our receipts a device surely knows; 0 when it may know none.

    `numbers` are the receipts of the device's present stream, manifest hash to number. Of each
    stream of the device the highest bundle speaks; a stream that another one continues (`after`
    names one of its manifests) is silent, and the least of the others counts: a village restored
    from its backup is told again whatever it forgot.
    """
    streams: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    home: dict[str, str] = {}
    for row in links:
        streams[row["stream"]].append(row)
        home[row["manifest_sha256"]] = row["stream"]
    continued = {
        home[row["after"]]
        for row in links
        if row["after"] in home and home[row["after"]] != row["stream"]
    }
    said = []
    for stream, found in streams.items():
        if stream not in continued:
            newest = max(found, key=lambda row: (row["seq"], row["manifest_sha256"]))
            said.append(numbers.get(newest["acks_sha256"] or "", 0))
    return min(said, default=0)


@dataclass(slots=True)
class Standing:
    """The heads of one household in one period."""

    heads: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def in_conflict(self) -> bool:
        """Several heads, be they of one visit or of two visits: for a person to merge."""
        return len(self.heads) > 1


def standings(heads: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], Standing]:
    """Group heads by (kode_desa, household_id, period)."""
    found: dict[tuple[str, str, str], Standing] = defaultdict(Standing)
    for head in heads:
        found[head["kode_desa"], head["household_id"], head["period"]].heads.append(head)
    return dict(found)


def heads_of(revisions: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the hashes that stand: no other of the same household and period names them as parent.

    The rule itself, on plain values; the store asks the same of its tables.
    """
    rows = list(revisions)
    named = {
        (row["kode_desa"], row["household_id"], row["period"], parent)
        for row in rows
        for parent in row["parents"]
    }
    return {
        row["sha256"]
        for row in rows
        if (row["kode_desa"], row["household_id"], row["period"], row["sha256"]) not in named
    }
