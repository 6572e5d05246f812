"""One household's visit: open, type, complete, take up again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siks_offline.desa import revision
from siks_offline.desa.neighbours import Neighbours
from siks_offline.desa.revision import Completed
from siks_offline.desa.rights import action
from siks_offline.errors import StoreError
from siks_offline.instrument import checks, mappings, promoted, rules
from siks_offline.model import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.db.drafts import Draft
    from siks_offline.db.notes import Remark
    from siks_offline.db.visits import Visit
    from siks_offline.desa.village import Village
    from siks_offline.instrument.engine import FormState
    from siks_offline.instrument.schema import Instrument
    from siks_offline.meeting import Verdict
    from siks_offline.model import Confirmation, HouseholdLine, Kirim

_STEP = re.compile(r"\.?([^\[\]]+)\[(\d+)\]")


@dataclass(slots=True)
class OpenVisit:
    """A visit on the desk: its household, its form, and what of it is already kept.

    Belongs to one thread; `snapshot` gives frozen rows that another thread may store.
    """

    line: HouseholdLine
    state: FormState
    revision: int
    """Number of completed revisions so far."""
    comment: str
    comment_path: str
    typing: tuple[str, str] | None
    """Path and text of the field that was half typed when the program last ended."""
    draft_author: str
    """Whose draft this is; empty without one."""
    draft_at: str
    status_editable: bool
    """Whether the musyawarah has not yet fixed the status at the head of the visit."""
    remarks: tuple[Remark, ...] = ()
    """Open notes, flags and what a supervisor wants put right."""

    def snapshot(self) -> Written:
        """Everything typed so far, as frozen rows that another thread may store."""
        return _written(self.state)


@dataclass(frozen=True, slots=True)
class Written:
    """A draft's content: path to text (a repeat's path holds how many), and confirmations."""

    rows: Mapping[str, str]
    confirmations: tuple[Confirmation, ...]
    instrument: tuple[str, str]
    """Id and version of the questionnaire that was answered."""
    neighbours: Neighbours | None = None
    """What is to learn, when this is kept, who else has these NIKs."""


def _written(state: FormState) -> Written:
    neighbours = state.lookup if isinstance(state.lookup, Neighbours) else None
    name = (state.instrument.id, state.instrument.version)
    return Written(flatten(state.answers()), state.confirmations, name, neighbours)


def _niks(rows: Mapping[str, str]) -> list[str]:
    """Return the NIKs of members among a draft's rows."""
    start, end = f"{promoted.MEMBERS}[", f"].{promoted.NIK}"
    return [text for path, text in rows.items() if path.startswith(start) and path.endswith(end)]


def flatten(answers: Mapping[str, Any]) -> dict[str, str]:
    """Rows of a draft: path to text; a repeat's own path holds how many there are."""
    rows: dict[str, str] = {}
    for name, value in answers.items():
        if isinstance(value, str):
            rows[name] = value
        else:
            rows[name] = str(len(value))
            for number, one in enumerate(value, start=1):
                for path, text in flatten(one).items():
                    rows[f"{name}[{number}].{path}"] = text
    return rows


def unflatten(rows: Mapping[str, str], repeats: Sequence[str]) -> dict[str, Any]:
    """Answers of a draft's rows; the inverse of `flatten` for the named repeats, nested ones too.

    Rows of a member that its repeat's own row does not count are passed over.
    """
    answers: dict[str, Any] = {}
    counts = {path: text for path, text in rows.items() if path.rpartition("].")[2] in repeats}
    for path in sorted(counts, key=lambda path: path.count("[")):  # what holds others comes first
        place, _, name = path.rpartition("].")
        home = _home(answers, place)
        if home is not None:
            home[name] = [{} for _ in range(int(counts[path]))]
    homes: dict[str, dict[str, Any] | None] = {}
    for path, text in rows.items():
        place, _, name = path.rpartition("].")  # names may have dots
        if path in counts:
            continue
        if place not in homes:
            homes[place] = _home(answers, place)
        home = homes[place]
        if home is not None:
            home[name] = text
    return answers


def _home(answers: dict[str, Any], place: str) -> dict[str, Any] | None:
    """Return the answers of a member ("anggota[2"), of all for "", None where there is none."""
    home = answers
    for name, number in _STEP.findall(f"{place}]") if place else ():
        members = home.get(name, ())
        if isinstance(members, str) or not 0 < int(number) <= len(members):
            return None
        home = members[int(number) - 1]
    return home


@action
def open_visit(village: Village, household_id: str, now: datetime) -> OpenVisit:
    """Open a household's visit of the present period.

    A draft goes on where it stopped; without one the form shows the last revision, else what the
    prelist knew. Answers keep the version of the questionnaire they were given under: a visit
    completed under an older one opens with that one. Raises StoreError E_HOUSEHOLD_UNKNOWN.
    """
    from siks_offline.db import households, meeting, notes, visits
    from siks_offline.instrument.engine import FormState

    neighbours = Neighbours(household_id)
    with village.store.read() as session:
        line = households.lines(session, [household_id]).get(household_id)
        if line is None:
            raise StoreError("E_HOUSEHOLD_UNKNOWN", id=household_id)
        current = visits.current(session, household_id, village.period)
        found = _draft(village, session, household_id, current)
        draft = found[1] if found else None
        answered = current is not None and bool(current.answers)
        instrument = village.instrument
        if found:
            instrument = village.instrument_of(session, found[0])
        elif current is not None and answered:
            name = (current.instrument_id, current.instrument_version)
            instrument = village.instrument_of(session, name)
        comment_path = households.comment_path(session, household_id)
        closed = meeting.standing(session, village.period).closed_at
        said = meeting.verdict(session, household_id, village.period) if closed else None
        confirmations = current.confirmations if current else ()
        if draft is not None:
            answers = unflatten(draft.rows, tuple(instrument.repeats))
            confirmations = draft.confirmations or confirmations
        elif current is not None and answered:
            answers = dict(current.answers)
        else:
            known = households.prelist_answers(session, household_id)
            answers = mappings.known(known, instrument)
        neighbours.learn(session, rules.niks(answers))
        remarks = notes.of_household(session, household_id)
    state = FormState(instrument, answers, now=now, confirmations=confirmations)
    state.lookup = neighbours
    if said is not None:
        fill_head(state, said)
    elif draft is None and current is None:
        _propose_status(state, line)
    return OpenVisit(
        line=line,
        state=state,
        revision=current.revision if current else 0,
        comment=line.komentar,
        comment_path=comment_path,
        typing=draft.typing if draft else None,
        draft_author=draft.author if draft else "",
        draft_at=draft.at if draft else "",
        status_editable=said is None,
        remarks=remarks,
    )


def _draft(
    village: Village, session: Session, household_id: str, current: Visit | None
) -> tuple[tuple[str, str], Draft] | None:
    """Return the draft to go on with, and the questionnaire it was written under."""
    from siks_offline.db import drafts

    names = drafts.versions(session, household_id)
    if not names:
        return None
    name = preferred(names, village.instrument, current)
    draft = drafts.read(session, household_id, *name)
    return (name, draft) if draft is not None else None


def preferred(
    names: Sequence[tuple[str, str]], in_use: Instrument, current: Visit | None
) -> tuple[str, str]:
    """Return under which questionnaire a household's draft goes on, given the newest first.

    The one in use, else the one the visit was completed under, else the newest.
    """
    mine = (in_use.id, in_use.version)
    own = (current.instrument_id, current.instrument_version) if current else mine
    return next((wanted for wanted in (mine, own) if wanted in names), names[0])


def fill_head(state: FormState, said: Verdict) -> None:
    """Answer the head of the visit with what the musyawarah decided (DATA.md, States)."""
    for name, code in said.head().items():
        if name in state.instrument.questions and state.value(name) != code:
            state.set(name, code)


def _propose_status(state: FormState, line: HouseholdLine) -> None:
    """Propose what most visits find; the operator only confirms (DATA.md, States)."""
    if promoted.STATUS in state.instrument.questions and not state.value(promoted.STATUS):
        state.set(promoted.STATUS, promoted.FOUND if line.idbdt else promoted.NEW_PROPOSAL)


@action
def save_draft(
    village: Village,
    household_id: str,
    written: Written,
    typing: tuple[str, str] | None,
    now: datetime,
) -> Changes:
    """Keep everything typed so far, the half-typed field too; returns once it is on the disk.

    A completed household becomes a draft of its next revision. Raises StoreError E_DRAFT_OTHER
    while somebody else's draft stands.
    """
    with village.store.write() as session:
        return keep(session, village, household_id, written, typing, now)


def keep(
    session: Session,
    village: Village,
    household_id: str,
    written: Written,
    typing: tuple[str, str] | None,
    now: datetime,
) -> Changes:
    """Keep a draft as `save_draft` does, in the caller's transaction."""
    from siks_offline.db import drafts, households
    from siks_offline.desa import wastebin
    from siks_offline.export.canonical import stamp

    line = _line(session, household_id)
    if written.neighbours is not None:
        written.neighbours.learn(session, _niks(written.rows))
    gone = wastebin.keep_removed(session, village, household_id, written, now)
    changed = drafts.save(
        session,
        household_id,
        *written.instrument,
        rows=written.rows,
        author=village.account,
        at=stamp(now),
        typing=typing,
        confirmations=written.confirmations,
    )
    wastebin.move_photos(session, gone)
    begun = line.kerja != "draf"
    if begun:
        kirim: Kirim | None = "belum" if line.kerja == "selesai" else None
        households.set_states(session, {household_id: households.States(kerja="draf", kirim=kirim)})
        _note(session, village, now, "kunjungan.draf", household_id)
    return Changes(households=frozenset({household_id})) if begun or changed else Changes()


@action
def take_over(village: Village, household_id: str, now: datetime) -> Changes:
    """Make the signed-in account the author of another account's draft."""
    from siks_offline.db import drafts

    with village.store.write() as session:
        before = drafts.take_over(session, household_id, village.account)
        _note(session, village, now, "kunjungan.ambil_alih", household_id, {"dari": before or ""})
    return Changes(households=frozenset({household_id}))


@action
def drop_draft(village: Village, household_id: str, now: datetime) -> Changes:
    """Throw one's own draft into the bin; the household is again what its last revision says."""
    from siks_offline.db import drafts, households
    from siks_offline.desa import receipts, wastebin

    with village.store.write() as session:
        line = _line(session, household_id)
        drafts.require_own(session, household_id, village.account)
        thrown = wastebin.throw_draft(session, village, household_id, now)
        if not thrown:
            return Changes()
        states = households.States(kerja="belum", kirim="belum")
        if line.revisi:
            states = receipts.without_draft(session, line)
        elif household_id in households.unshown(session):
            from siks_offline.desa import prelist

            prelist.show(session, village, [household_id], now)
        households.set_states(session, {household_id: states})
        _note(session, village, now, "kunjungan.buang_draf", household_id, {"sampah": thrown})
    return Changes(households=frozenset({household_id}))


@action
def new_state(village: Village, now: datetime) -> FormState:
    """Return the empty form of a household that no prelist knew; nothing is stored."""
    from siks_offline.instrument.engine import FormState

    return FormState(village.instrument, _of_village(village), now=now)


def _of_village(village: Village) -> dict[str, str]:
    return promoted.of_village(village.instrument.questions, village.kode_desa, village.bps)


@action
def add_household(village: Village, now: datetime) -> tuple[str, Changes]:
    """Add a household that no prelist knew; its place in the register is asked in the visit."""
    from siks_offline.db import households
    from siks_offline.export import identity

    household_id = identity.uuid7(now)
    listed = households.Listed(
        id=household_id,
        facts=households.Facts(),
        source="usulan",
        answers=_of_village(village),
    )
    with village.store.write() as session:
        households.upsert_many(session, [listed])
        _note(session, village, now, "rumah_tangga.tambah", household_id)
    return household_id, Changes(households=frozenset({household_id}), prelist=True)


@action
def complete(village: Village, household_id: str, state: FormState, now: datetime) -> Completed:
    """Complete a visit, or keep its draft and say which issues stop it.

    The answers are worked through once more from the beginning; what the screen showed is not
    trusted. The revision, its household and the audit line are one transaction.
    """
    fresh = type(state)(
        state.instrument, state.answers(), now=now, confirmations=state.confirmations
    )
    known = state.lookup
    neighbours = known if isinstance(known, Neighbours) else Neighbours(household_id)
    with village.store.read() as session:
        neighbours.learn(session, rules.niks(fresh.answers()))
    fresh.lookup = neighbours
    issues = checks.issues(fresh)
    if issues:
        changes = save_draft(village, household_id, _written(fresh), None, now)
        return Completed(issues, (), 0, "", changes)
    with village.store.write() as session:
        return revision.store(session, village, household_id, fresh, now)


def _line(session: Session, household_id: str) -> HouseholdLine:
    from siks_offline.db import households

    line = households.line(session, household_id)
    if line is None:
        raise StoreError("E_HOUSEHOLD_UNKNOWN", id=household_id)
    return line


def _note(
    session: Session,
    village: Village,
    now: datetime,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    from siks_offline.db import audit
    from siks_offline.export.canonical import stamp

    audit.append(
        session,
        at=stamp(now),
        account=village.account,
        action=action,
        subject=subject,
        detail=detail,
    )
