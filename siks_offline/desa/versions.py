"""A newer questionnaire comes to a village: what differs, what is carried over, the way back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.desa import visit
from siks_offline.desa.rights import action
from siks_offline.errors import SiksError, WorkbookError
from siks_offline.instrument import mappings
from siks_offline.model import Changes
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.db.drafts import Draft
    from siks_offline.desa.village import Village
    from siks_offline.instrument.difference import Difference
    from siks_offline.instrument.schema import Instrument
    from siks_offline.progress import Progress

_OF_ANSWERS = frozenset({"wajib", "bentuk", "kode", "batas"})
"""Rules that one answer sets right; the others are about several."""


@dataclass(frozen=True, slots=True)
class Need:
    """A household that a questionnaire wants more answers of, and the paths of those."""

    household_id: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What installing a workbook would do; nothing has been written."""

    instrument: Instrument
    content: bytes
    in_use: bool
    """Whether the village uses this very workbook already."""
    differences: tuple[Difference, ...]
    drafts: int
    """Drafts that would be carried over."""
    again: int
    """Answers in them that have no certain meaning in it, to be asked again."""
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class _Carried:
    """A draft as it stands under another questionnaire."""

    household_id: str
    rows: Mapping[str, str]
    again: tuple[str, ...]
    draft: Any


@action
def preview(village: Village, path: Path, now: datetime, progress: Progress = silent) -> Preview:
    """Read a workbook and say what installing it would do.

    Raises what `instrument.load.load` raises, WorkbookError E_INSTRUMENT_SAME when the village
    knows another workbook of this id and version.
    """
    from siks_offline import paths
    from siks_offline.instrument import difference, load, sheets

    content, sha256 = sheets.read_bytes(path)
    new = load.from_bytes(content, sha256, path.name, cache=paths.cache())
    old = village.instrument
    with village.store.read() as session:
        _check_name(village, session, new)
        carried = tuple(_carried(village, session, new, merge=True))
        needs = tuple(_needs(village, session, new, now, progress))
    return Preview(
        instrument=new,
        content=content,
        in_use=old.sha256 == new.sha256,
        differences=difference.compare(old, new),
        drafts=len(carried),
        again=sum(len(one.again) for one in carried),
        needs=needs,
    )


@action
def install(village: Village, found: Preview, now: datetime) -> Changes:
    """Put the questionnaire of a preview to use, and carry every draft over, in one transaction.

    Drafts keep their rows of the old questionnaire until the visit is completed: `go_back` finds
    them as they were. Completed visits stay with theirs.
    """
    from siks_offline.db import instruments
    from siks_offline.desa import copies

    if found.in_use:
        return Changes()
    new, old = found.instrument, village.instrument
    stored = instruments.Stored(new.id, new.version, new.sha256, found.content)
    copies.keep(village, "versi", now)
    with village.store.write() as session:
        _check_name(village, session, new)
        if not _is_shipped(new):
            instruments.add(session, stored, at=_stamp(now), by=village.account)
        changes = _switch(village, session, old, new, now, "instrumen.pasang", merge=True)
    village.use(new)
    return changes


@action
def go_back(village: Village, now: datetime) -> Changes:
    """Put the questionnaire before this one to use again, with its drafts as they were.

    Drafts that were begun since are carried back. Raises WorkbookError E_INSTRUMENT_FIRST when
    there is none before.
    """
    from siks_offline.db import instruments
    from siks_offline.desa import copies

    now_used = village.instrument
    copies.keep(village, "versi", now)
    with village.store.write() as session:
        name = instruments.before(session)
        if name is None:
            raise WorkbookError("E_INSTRUMENT_FIRST", isi=now_used.id, versi=now_used.version)
        before = village.instrument_of(session, name)
        changes = _switch(village, session, now_used, before, now, "instrumen.kembali", merge=False)
    village.use(before)
    return changes


@action
def before(village: Village) -> Instrument | None:
    """Return the questionnaire that `go_back` leads to; None where there is none."""
    from siks_offline.db import instruments

    with village.store.read() as session:
        name = instruments.before(session)
        return None if name is None else village.instrument_of(session, name)


@action
def needing(village: Village, now: datetime, progress: Progress = silent) -> tuple[Need, ...]:
    """Return the households of which the questionnaire in use wants answers more, in list order.

    Drafts that were carried over, and visits of this period completed under another one.
    """
    with village.store.read() as session:
        return tuple(_needs(village, session, village.instrument, now, progress))


@action
def renew(village: Village, household_id: str, now: datetime) -> Changes:
    """Make a draft under the questionnaire in use from a visit completed under another one.

    The completed revision stays as it is; throwing the draft away leads back to it. Where a draft
    stands already nothing is made: what was typed since is newer. One under another questionnaire
    is carried over. Raises StoreError E_DRAFT_OTHER for somebody else's.
    """
    from siks_offline.db import drafts, visits

    new = village.instrument
    with village.store.read() as session:
        drafts.require_own(session, household_id, village.account)
        begun = drafts.versions(session, household_id)
        current = visits.current(session, household_id, village.period)
        if _name(new) in begun or (current is None and not begun):
            return Changes()
        draft = drafts.read(session, household_id, *begun[0]) if begun else None
        if draft is not None:
            carried = _over(village, session, draft, begun[0], new)
            confirmations, typing = draft.confirmations, draft.typing
        else:
            assert current is not None
            name = (current.instrument_id, current.instrument_version)
            if name == _name(new):
                return Changes()
            carried = mappings.carry(current.answers, village.instrument_of(session, name), new)
            confirmations, typing = current.confirmations, None
    written = visit.Written(visit.flatten(carried.answers), confirmations, _name(new))
    return visit.save_draft(village, household_id, written, typing, now)


def sentences(needs: Sequence[Need]) -> tuple[str, ...]:
    """Return how many households need how many answers more, in words, fewest answers first."""
    counts = Counter(len(need.paths) for need in needs)
    return tuple(
        texts.text("versi.perlu", rumah_tangga=counts[answers], jawaban=answers)
        for answers in sorted(counts)
    )


# --- how it is done -------------------------------------------------------------------------------


def _switch(
    village: Village,
    session: Session,
    old: Instrument,
    new: Instrument,
    now: datetime,
    action: str,
    *,
    merge: bool,
) -> Changes:
    from siks_offline.db import audit, drafts, instruments

    carried = list(_carried(village, session, new, merge=merge))
    for one in carried:
        drafts.save(
            session,
            one.household_id,
            *_name(new),
            rows=one.rows,
            author=one.draft.author,
            at=one.draft.at,
            typing=one.draft.typing,
            confirmations=one.draft.confirmations,
        )
    instruments.activate(session, _name(new), _name(old))
    audit.append(
        session,
        at=_stamp(now),
        account=village.account,
        action=action,
        subject="/".join(_name(new)),
        detail={"dari": "/".join(_name(old)), "sha256": new.sha256, "draf": len(carried)},
    )
    return Changes(households=frozenset(one.household_id for one in carried), prelist=True)


def _carried(
    village: Village, session: Session, new: Instrument, *, merge: bool
) -> Iterator[_Carried]:
    """Yield the drafts that have to come over to a questionnaire.

    Those that have no draft there; with `merge` also those that were worked on elsewhere since,
    over what stands there already.
    """
    from siks_offline.db import drafts

    for household_id in drafts.households(session):
        names = drafts.versions(session, household_id)
        others = [name for name in names if name != _name(new)]
        if not others:
            continue
        draft = drafts.read(session, household_id, *others[0])
        there = drafts.read(session, household_id, *_name(new))
        if draft is None or (there is not None and not (merge and draft.at > there.at)):
            continue
        found = _over(village, session, draft, others[0], new)
        kept = there.rows if there is not None else {}
        rows = {**kept, **visit.flatten(found.answers)}
        yield _Carried(household_id, rows, found.again, draft)


def _over(
    village: Village, session: Session, draft: Draft, name: tuple[str, str], new: Instrument
) -> mappings.Carried:
    """Return what a draft under another questionnaire says in this one."""
    old = village.instrument_of(session, name)
    return mappings.carry(visit.unflatten(draft.rows, tuple(old.repeats)), old, new)


def _needs(
    village: Village, session: Session, new: Instrument, now: datetime, progress: Progress
) -> Iterator[Need]:
    from siks_offline.db import drafts, households, visits

    begun = [
        household_id
        for kerja in ("draf", "selesai", "dikembalikan")
        for household_id in households.find(session, kerja=kerja, order="seq")
    ]
    drafted = drafts.households(session)
    for number, household_id in enumerate(begun):
        progress(number, len(begun))
        names = drafts.versions(session, household_id) if household_id in drafted else []
        other = next((name for name in names if name != _name(new)), None)
        wanted: set[str] = set()
        if names and other is None:
            continue  # begun under it: nothing is wanted more than of any other draft
        if other is not None:
            draft = drafts.read(session, household_id, *other)
            assert draft is not None
            old = village.instrument_of(session, other)
            answers: Mapping[str, Any] = visit.unflatten(draft.rows, tuple(old.repeats))
            wanted = _wanted(old, answers, now)
            there = drafts.read(session, household_id, *_name(new))
            if there is not None:
                carried = visit.unflatten(there.rows, tuple(new.repeats))
            else:
                carried = mappings.carry(answers, old, new).answers
        else:
            current = visits.current(session, household_id, village.period)
            if current is None or not current.answers:
                continue
            name = (current.instrument_id, current.instrument_version)
            if name == _name(new):
                continue
            old = village.instrument_of(session, name)
            carried = mappings.carry(current.answers, old, new).answers
        paths = tuple(sorted(_wanted(new, carried, now) - wanted))
        if paths:
            yield Need(household_id, paths)
    progress(len(begun), len(begun))


def _wanted(instrument: Instrument, answers: Mapping[str, Any], now: datetime) -> set[str]:
    """Return the paths that a questionnaire wants an answer of, or another answer."""
    from siks_offline.instrument.engine import FormState

    state = FormState(instrument, answers, now=now)
    return {issue.path for issue in state.issues() if issue.rule in _OF_ANSWERS}


def _check_name(village: Village, session: Session, new: Instrument) -> None:
    """Refuse a workbook that gives itself the id and version of another one."""
    try:
        known = village.instrument_of(session, _name(new))
    except SiksError:
        return
    if known.sha256 != new.sha256:
        raise WorkbookError("E_INSTRUMENT_SAME", isi=new.id, versi=new.version)


def _is_shipped(instrument: Instrument) -> bool:
    from siks_offline.instrument import load

    return (
        instrument.id in load.SHIPPED
        and load.load_shipped(instrument.id).sha256 == instrument.sha256
    )


def _name(instrument: Instrument) -> tuple[str, str]:
    return (instrument.id, instrument.version)


def _stamp(now: datetime) -> str:
    from siks_offline.export.canonical import stamp

    return stamp(now)
