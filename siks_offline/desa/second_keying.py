"""A second, blind keying of chosen fields where it pays, and the error rate that it shows.

Which households: one in twenty by a keyed hash of the household's id, so that nobody chooses them
or knows them before; besides those completed unusually fast, and risky ones (many soft checks
confirmed, or flagged). The error rate is told of the random ones alone: the others were picked
because they look bad. Sources: CSPro's verification by second keying; Wilson 1927, J. Am. Stat.
Assoc. 22:209, for the bounds.
"""

from __future__ import annotations

import hmac
import secrets
import tomllib
from dataclasses import dataclass
from functools import cache
from hashlib import sha256 as hash_of
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from siks_offline import paths, texts
from siks_offline.desa import returns, revision
from siks_offline.desa.rights import action
from siks_offline.errors import AnswersError, StoreError
from siks_offline.instrument import checks, fields, promoted
from siks_offline.model import Changes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.db.keyings import Difference
    from siks_offline.db.visits import Visit
    from siks_offline.desa.village import Village
    from siks_offline.instrument.schema import Instrument

SHARE: Final = 0.05
SEED: Final = "ketik_ulang.benih"
CHOSEN: Final = "ketik_ulang.pertanyaan"
FEWEST: Final = 10
"""Households whose time is known before one of them can be called fast."""
FAST_SHARE: Final = 0.4
"""Of the median time a household; below it a household counts as fast."""
MANY_CONFIRMED: Final = 4
_Z: Final = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Due:
    """A completed household that waits for its second keying, and why it was drawn."""

    household_id: str
    sha256: str
    reason: str
    completed_by: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Fields compared, wrong at first, and errors per 10,000 fields with their 95 % bounds."""

    households: int
    fields: int
    wrong: int
    waiting: int

    @property
    def per_10000(self) -> float:
        """Errors of the first keying per 10,000 fields."""
        return 10_000 * self.wrong / self.fields if self.fields else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Wilson's 95 % bounds of it; the whole range before the first field."""
        low, high = wilson(self.wrong, self.fields)
        return 10_000 * low, 10_000 * high


@dataclass(frozen=True, slots=True)
class Settled:
    """What deciding a difference led to: how many are left, whether the visit was put right."""

    left: int
    corrected: bool
    returned: bool
    changes: Changes


def wilson(wrong: int, tried: int) -> tuple[float, float]:
    """Return the 95 % bounds of a share by Wilson's score interval."""
    if not tried:
        return 0.0, 1.0
    share = wrong / tried
    spread = 1 + _Z**2 / tried
    middle = (share + _Z**2 / (2 * tried)) / spread
    half = _Z * sqrt(share * (1 - share) / tried + _Z**2 / (4 * tried**2)) / spread
    low = 0.0 if wrong == 0 else middle - half
    high = 1.0 if wrong == tried else middle + half
    return max(0.0, low), min(1.0, high)


def drawn(seed: bytes, household_id: str) -> bool:
    """Whether a household is of the random sample of a seed."""
    mark = hmac.digest(seed, f"siks-ketik-ulang/1\n{household_id}".encode(), hash_of)
    return int.from_bytes(mark[:8]) < SHARE * 2**64


@cache
def usual_fields() -> tuple[str, ...]:
    """Return the questions that are keyed twice where a village has no list of its own."""
    with (paths.resources() / "ketik-ulang.toml").open("rb") as file:
        return tuple(tomllib.load(file)["pertanyaan"])


@action
def due(village: Village) -> list[Due]:
    """Return the households that this account may key once more, by reason and id.

    Where there are several active accounts nobody gets what they completed themselves.
    """
    from siks_offline.db import accounts, effort, keyings, notes

    seed = _seed(village)
    with village.store.read() as session:
        heads = keyings.heads(session, village.period)
        seconds = effort.of_households(session)
        flagged = notes.flagged(session)
        alone = sum(one.active for one in accounts.every(session)) < 2
    fast = _fast(seconds)
    found = []
    for household_id, sha256, by, confirmed in heads:
        if by == village.account and not alone:
            continue
        if drawn(seed, household_id):
            reason = keyings.RANDOM
        elif confirmed >= MANY_CONFIRMED or household_id in flagged:
            reason = keyings.RISKY
        elif household_id in fast:
            reason = keyings.FAST
        else:
            continue
        found.append(Due(household_id, sha256, reason, by))
    return sorted(found, key=lambda one: (one.reason, one.household_id))


@dataclass(frozen=True, slots=True)
class Paper:
    """What is keyed once more: the paths in form order, without an answer of them.

    `names` tells who an entry ("anggota[2]") is, to find the line on the paper.
    """

    instrument: Instrument
    sha256: str
    paths: tuple[str, ...]
    names: Mapping[str, str]


@action
def paper(village: Village, household_id: str) -> Paper:
    """Return what to key once more of a household. Raises StoreError E_KEYING_STALE."""
    with village.store.read() as session:
        visit = _visit(session, village, household_id)
        instrument = village.instrument_of(session, (visit.instrument_id, visit.instrument_version))
        chosen = _chosen(session)
    names = {
        f"{promoted.MEMBERS}[{number}]": one.get(promoted.NAMA, "")
        for number, one in enumerate(promoted.members(visit.answers), 1)
    }
    paths = tuple(path for path, _ in _answered(instrument, visit, chosen))
    return Paper(instrument, visit.sha256, paths, {} if promoted.NAMA in chosen else names)


@action
def compare(
    village: Village, sha256: str, reason: str, typed: Mapping[str, str], now: datetime
) -> tuple[Difference, ...]:
    """Keep what was keyed a second time and return where it differs from the first.

    Raises StoreError E_KEYING_STALE when the household was completed anew meanwhile.
    """
    from siks_offline.db import audit, keyings, visits
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        newest = visits.households_of(session, [sha256]).get(sha256)
        if newest is None or not newest[1] or keyings.find(session, sha256) is not None:
            raise StoreError("E_KEYING_STALE")
        visit = _visit(session, village, newest[0])
        name = (visit.instrument_id, visit.instrument_version)
        instrument = village.instrument_of(session, name)
        pairs = [
            (path, first, _read(instrument, path, typed[path]))
            for path, first in _answered(instrument, visit, _chosen(session))
            if path in typed
        ]
        found = tuple(
            keyings.Difference(path, first, second, None)
            for path, first, second in pairs
            if first != second
        )
        at = stamp(now)
        keyed = keyings.Keyed(
            sha256=sha256,
            household_id=visit.household_id,
            reason=reason,
            first_by=visit.completed_by,
            second_by=village.account,
            at=at,
            fields=len(pairs),
            wrong=0,
            differing=len(found),
        )
        keyings.store(session, keyed, found)
        audit.append(
            session,
            at=at,
            account=village.account,
            action="ketik_ulang.simpan",
            subject=visit.household_id,
            detail={"isian": len(pairs), "beda": len(found), "sebab": reason},
        )
    return found


@action
def settle(village: Village, sha256: str, path: str, right: str, now: datetime) -> Settled:
    """Say with the paper in hand what is right; the last one puts the visit right.

    Where the right answers pass every check they become the next revision; else the household is
    returned with a remark on each. Raises StoreError E_KEYING_STALE.
    """
    from siks_offline.db import audit, keyings
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        keyed = keyings.find(session, sha256)
        known = {one.path: one for one in keyings.differences(session, sha256)}
        if keyed is None or path not in known or known[path].right is not None:
            raise StoreError("E_KEYING_STALE")
        visit = _visit(session, village, keyed.household_id)
        name = (visit.instrument_id, visit.instrument_version)
        answer = _read(village.instrument_of(session, name), path, right)
        left = keyings.settle(session, sha256, path, answer, wrong=answer != known[path].first)
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action="ketik_ulang.putus",
            subject=keyed.household_id,
            detail={"jalur": path, "benar": answer == known[path].first},
        )
        changes = Changes(households=frozenset({keyed.household_id}))
        if left:
            return Settled(left, corrected=False, returned=False, changes=changes)
        wrong = {
            one.path: one.right or ""
            for one in keyings.differences(session, sha256)
            if one.right != one.first
        }
        if not wrong or visit.sha256 != sha256:
            return Settled(0, corrected=False, returned=False, changes=changes)
        done = _correct(session, village, visit, wrong, now)
        return Settled(0, corrected=done, returned=not done, changes=changes)


@action
def waiting(village: Village) -> list[tuple[str, str, tuple[Difference, ...]]]:
    """Return keyings with open differences: hash, household, all their differences."""
    from siks_offline.db import keyings

    with village.store.read() as session:
        return [
            (one.sha256, one.household_id, keyings.differences(session, one.sha256))
            for one in keyings.waiting(session)
        ]


@action
def rate(village: Village) -> Rate:
    """Return the error rate of the random sample."""
    from siks_offline.db import keyings

    with village.store.read() as session:
        found = keyings.totals(session)
    return Rate(*found.get(keyings.RANDOM, (0, 0, 0, 0)))


@action
def choose_fields(village: Village, names: Sequence[str], now: datetime) -> None:
    """Let these questions be keyed twice from now on; none brings the usual ones back."""
    from siks_offline.db import audit, meta
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        meta.put(session, CHOSEN, " ".join(names) or None)
        audit.append(
            session,
            at=stamp(now),
            account=village.account,
            action="ketik_ulang.pertanyaan",
            detail={"nama": list(names)},
        )


# --- inside ---


def _seed(village: Village) -> bytes:
    """Return the village's own seed; the first look makes it."""
    from siks_offline.db import meta

    with village.store.read() as session:
        kept = meta.get(session, SEED)
    if kept is None:
        with village.store.write() as session:
            kept = meta.get(session, SEED) or secrets.token_hex(16)
            meta.put(session, SEED, kept)
    return bytes.fromhex(kept)


def _chosen(session: Session) -> frozenset[str]:
    from siks_offline.db import meta

    own = (meta.get(session, CHOSEN) or "").split()
    return frozenset(own or usual_fields())


def _fast(seconds: Mapping[str, int]) -> frozenset[str]:
    known = {id_: spent for id_, spent in seconds.items() if spent > 0}
    if len(known) < FEWEST:
        return frozenset()
    limit = FAST_SHARE * median(known.values())
    return frozenset(id_ for id_, spent in known.items() if spent < limit)


def _visit(session: Session, village: Village, household_id: str) -> Visit:
    from siks_offline.db import visits

    visit = visits.current(session, household_id, village.period)
    if visit is None or not visit.sha256:
        raise StoreError("E_KEYING_STALE")
    return visit


def _answered(
    instrument: Instrument, visit: Visit, chosen: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Yield (path, answer) of the chosen questions that the visit answered, in form order."""

    def walk(answers: Mapping[str, Any], prefix: str, repeat: str) -> Iterator[tuple[str, str]]:
        for name in instrument.elements:
            if instrument.owner[name] != repeat or name not in answers:
                continue
            value = answers[name]
            if isinstance(value, str):
                question = instrument.questions.get(name)
                if name in chosen and question is not None and question.answerable:
                    yield prefix + name, value
            else:
                for number, one in enumerate(value, 1):
                    yield from walk(one, f"{name}[{number}].", name)

    return walk(visit.answers, "", "")


def _read(instrument: Instrument, path: str, typed: str) -> str:
    question = instrument.questions[path.rpartition(".")[2]]
    try:
        return fields.read(question, typed, instrument.options(question.name))
    except AnswersError:
        return typed.strip()


def _correct(
    session: Session, village: Village, visit: Visit, right: Mapping[str, str], now: datetime
) -> bool:
    """Make the next revision with these answers; where a check forbids it, return the household."""
    from siks_offline.db import households
    from siks_offline.desa.neighbours import Neighbours
    from siks_offline.instrument import rules
    from siks_offline.instrument.engine import FormState

    instrument = village.instrument_of(session, (visit.instrument_id, visit.instrument_version))
    state = FormState(instrument, visit.answers, now=now, confirmations=visit.confirmations)
    for path, answer in right.items():
        state.set(path, answer)
    neighbours = Neighbours(visit.household_id)
    neighbours.learn(session, rules.niks(state.answers()))
    state.lookup = neighbours
    # What was sent back, or stands beside another isian, is for a person to go through whole.
    line = households.lines(session, [visit.household_id])[visit.household_id]
    if line.kerja != "selesai" or checks.issues(state):
        remarks = [
            (path, texts.text("ketik_ulang.benar", isi=_shown(instrument, path, answer)))
            for path, answer in right.items()
        ]
        returns.store(session, village, visit.household_id, remarks, now)
        return False
    return revision.store(session, village, visit.household_id, state, now).done


def _shown(instrument: Instrument, path: str, answer: str) -> str:
    question = instrument.questions[path.rpartition(".")[2]]
    return fields.show(question, answer, instrument.options(question.name))
