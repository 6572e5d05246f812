"""Proposals at the counter: a family registers, its household enters the agenda."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from siks_offline.desa.neighbours import Neighbours
from siks_offline.desa.rights import action
from siks_offline.desa.visit import OpenVisit, unflatten
from siks_offline.errors import StoreError
from siks_offline.instrument import checks, criteria, mappings, promoted, rules
from siks_offline.meeting import PROPOSED, Criterion, Proposal, ProposalLine
from siks_offline.model import Changes, Confirmation, Issue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.db.households import Listed
    from siks_offline.desa.village import Village
    from siks_offline.desa.visit import Written
    from siks_offline.instrument.criteria import Region
    from siks_offline.instrument.engine import FormState
    from siks_offline.instrument.schema import Instrument

FORM: Final = "usulan"
REGISTRAR: Final = "nama_pendaftar"
_OF_REGISTRAR: Final = ("pendaftar", REGISTRAR)
"""Answers that the next family of the same registrar starts with."""
_OF_PLACE: Final = (promoted.DUSUN, promoted.RT, promoted.RW)
CRITERIA: Final = "kriteria"
"""Meta key of the region's own criteria, as text."""


@dataclass(slots=True)
class OpenProposal(OpenVisit):
    """A proposal on the desk: a form like that of a visit, with a number and a region's criteria.

    Belongs to one thread; `snapshot` gives what another may store.
    """

    id: str = ""
    number: int = 0
    registered: bool = False
    region: Region | None = None

    def criteria(self) -> tuple[Criterion, ...]:
        """Return the region's criteria that the answers meet now."""
        return criteria.met(self.state, self.region) if self.region is not None else ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A proposal's answers as typed so far, and what was confirmed."""

    answers: Mapping[str, Any]
    confirmations: tuple[Confirmation, ...]

    @classmethod
    def of(cls, written: Written) -> Kept:
        """Take the rows of a draft."""
        return cls(unflatten(written.rows, tuple(form().repeats)), written.confirmations)


@dataclass(frozen=True, slots=True)
class Registered:
    """What registering gave: issues that stopped it, or the proposal's revision."""

    issues: tuple[Issue, ...]
    number: int
    revision: int
    sha256: str
    criteria: tuple[Criterion, ...]
    changes: Changes

    @property
    def done(self) -> bool:
        """Whether the proposal is registered."""
        return bool(self.sha256)


def form() -> Instrument:
    """Return the form of a proposal."""
    from siks_offline.instrument.load import load_shipped

    return load_shipped(FORM)


def region(session: Session, village: Village) -> Region:
    """Return the criteria that hold in this village."""
    from siks_offline.db import meta

    return criteria.of_village(village.kode_desa, meta.get(session, CRITERIA) or "")


@action
def criteria_here(village: Village) -> Region:
    """Return the criteria that hold in this village."""
    with village.store.read() as session:
        return region(session, village)


@action
def use_criteria(village: Village, text: str, now: datetime) -> Region:
    """Take a region's own file of criteria; an empty text takes the program's again.

    Raises SiksError E_CRITERIA for a text that is none.
    """
    from siks_offline.db import meta

    found = criteria.of_village(village.kode_desa, text)
    with village.store.write() as session:
        meta.put(session, CRITERIA, text or None)
        note(session, village, now, "kriteria.pakai", found.name)
    return found


@action
def begin(village: Village, now: datetime, *, like: str = "") -> tuple[str, Changes]:
    """Begin a proposal and its household; return the proposal's id.

    `like` is another proposal of the same registrar: who registers, RT and RW are taken from it.
    """
    from siks_offline.db import proposals

    with village.store.write() as session:
        before = proposals.row(session, like) if like else None
        shared = (*_OF_REGISTRAR, *_OF_PLACE)
        answers = {n: v for n, v in before["answers"].items() if n in shared} if before else {}
        begun = start(session, village, now, answers)
    touched = Changes(households=frozenset({begun.household_id}), prelist=True)
    return begun.proposal_id, touched


class Begun(NamedTuple):
    """The ids of a proposal that was begun."""

    proposal_id: str
    household_id: str


def start(
    session: Session,
    village: Village,
    now: datetime,
    answers: Mapping[str, Any],
    *,
    door: str = "loket",
) -> Begun:
    """Begin a proposal with some answers, and its household, in the caller's transaction."""
    from siks_offline.db import households, proposals
    from siks_offline.export import identity
    from siks_offline.export.canonical import stamp

    proposal_id, household_id = identity.uuid7(now), identity.uuid7(now)
    instrument = form()
    households.upsert_many(session, [begun(household_id, answers)])
    proposals.put(
        session,
        {
            "proposal_id": proposal_id,
            "household_id": household_id,
            "period": village.period,
            "number": proposals.next_number(session, village.period),
            "state": "draf",
            "door": door,
            "registrar": answers.get(REGISTRAR, ""),
            "instrument_id": instrument.id,
            "instrument_version": instrument.version,
            "answers": dict(answers),
            "confirmations": [],
            "attachments": [],
            "criteria": [],
            "typing": [],
            "revision": 0,
            "by": village.account,
            "at": stamp(now),
        },
    )
    note(session, village, now, "usulan.mulai", proposal_id)
    return Begun(proposal_id, household_id)


def begun(household_id: str, answers: Mapping[str, Any]) -> Listed:
    """Return the household of a proposal that is not registered yet."""
    from siks_offline.db import households

    return households.Listed(
        id=household_id, facts=households.Facts(**_facts(answers)), source="usulan"
    )


def _facts(answers: Mapping[str, Any]) -> dict[str, Any]:
    found = {n: v for n, v in promoted.columns(answers).items() if n != "idbdt"}
    return found | {"no_kk": found["no_kk"] or promoted.said(answers, "no_kk")}


@action
def open_proposal(village: Village, proposal_id: str, now: datetime) -> OpenProposal:
    """Open a proposal where it stopped. Raises StoreError E_PROPOSAL_UNKNOWN."""
    from siks_offline.db import households, proposals
    from siks_offline.instrument.engine import FormState

    with village.store.read() as session:
        row = _row(session, proposal_id)
        told = proposals.told(session, proposal_id)
        instrument = form_of(session, village, row)
        neighbours = Neighbours(row["household_id"])
        answers = mappings.known(row["answers"], instrument)
        neighbours.learn(session, rules.niks(answers))
        line = households.line(session, row["household_id"])
        where = region(session, village)
    if line is None:
        raise StoreError("E_PROPOSAL_UNKNOWN", id=proposal_id)
    said = [Confirmation(**one) for one in row["confirmations"]]
    state = FormState(instrument, answers, now=now, confirmations=said)
    state.lookup = neighbours
    typing = row["typing"]
    return OpenProposal(
        line=line,
        state=state,
        revision=row["revision"],
        comment=reason_of(told.result, told.code, told.comment),
        comment_path=told.path.removeprefix("answers.") if told.result == "rejected" else "",
        typing=(typing[0], typing[1]) if typing else None,
        draft_author="",
        draft_at="",
        status_editable=True,
        id=proposal_id,
        number=row["number"],
        registered=row["state"] == "terdaftar",
        region=where,
    )


def reason_of(result: str, code: str, comment: str) -> str:
    """Say why the office did not take a proposal in; empty where it did, or said nothing yet."""
    from siks_offline import texts

    if result not in ("held", "rejected"):
        return ""
    key = f"ui.usulan.sebab.{code}"
    return comment or texts.text(key if texts.has(key) else "ui.usulan.sebab.lain", kode=code)


@action
def keep(
    village: Village,
    proposal_id: str,
    kept: Kept,
    typing: tuple[str, str] | None,
    now: datetime,
) -> Changes:
    """Keep everything typed so far, the half-typed field too; a registered one becomes a draft."""
    from siks_offline.db import households, proposals
    from siks_offline.export.canonical import stamp

    with village.store.write() as session:
        row = _row(session, proposal_id)
        proposals.change(
            session,
            proposal_id,
            answers=dict(kept.answers),
            confirmations=[asdict(one) for one in kept.confirmations],
            typing=list(typing or ()),
            registrar=kept.answers.get(REGISTRAR, ""),
            state="draf",
            at=stamp(now),
            by=village.account,
        )
        if row["state"] == "terdaftar":
            note(session, village, now, "usulan.ubah", proposal_id)
        elif not row["revision"]:
            facts = households.Facts(**_facts(kept.answers))
            households.refresh(session, row["household_id"], facts, ())
    return Changes(households=frozenset({row["household_id"]}))


@action
def register(village: Village, proposal_id: str, state: FormState, now: datetime) -> Registered:
    """Register a proposal, or keep it and say which issues stop it.

    The answers are worked through once more; its household, the line that travels and the audit
    line are one transaction. Raises StoreError E_MEETING_CLOSED once the musyawarah is closed.
    """
    fresh = type(state)(
        state.instrument, state.answers(), now=now, confirmations=state.confirmations
    )
    with village.store.read() as session:
        household_id = _row(session, proposal_id)["household_id"]
        neighbours = Neighbours(household_id)
        neighbours.learn(session, rules.niks(fresh.answers()))
    fresh.lookup = neighbours
    issues = checks.issues(fresh)
    if issues:
        kept = Kept(fresh.answers(), fresh.confirmations)
        changes = keep(village, proposal_id, kept, None, now)
        return Registered(issues, 0, 0, "", (), changes)
    with village.store.write() as session:
        return store(session, village, proposal_id, fresh, now)


def store(
    session: Session, village: Village, proposal_id: str, state: FormState, now: datetime
) -> Registered:
    """Store a state without issues as the proposal's next revision, in the caller's transaction."""
    from siks_offline.db import households, proposals, records
    from siks_offline.db import meeting as meetings
    from siks_offline.desa import photos, revision
    from siks_offline.export import canonical, meeting_records

    row = _row(session, proposal_id)
    closed = meetings.standing(session, row["period"]).closed_at
    # What was decided stays decided: one that the office sent back is mended all the same.
    if closed and proposals.told(session, proposal_id).result != "rejected":
        raise StoreError("E_MEETING_CLOSED", periode=row["period"])
    household_id, instrument = row["household_id"], state.instrument
    answers = state.answers(final=True)
    met = criteria.met(state, region(session, village))
    ids = revision.person_ids(session, village, household_id, answers, None, now)
    source = households.source(session, household_id) or "usulan"
    home = listed(household_id, village, answers, instrument, ids)
    households.upsert_many(session, [replace(home, source=source)])
    shown = photos.of_answers(session, instrument, answers)
    said = [asdict(one) for one in checks.confirmations(state)]
    made = records.next_revision(session, row["revision"])
    body = {
        "answers": answers,
        "at": canonical.stamp(now),
        "attachments": [asdict(one) for one in shown],
        "by": village.account,
        "confirmations": said,
        "criteria": [one.id for one in met],
        "door": row["door"],
        "household_id": household_id,
        "instrument": {"id": instrument.id, "version": instrument.version},
        "kode_desa": village.kode_desa,
        "number": row["number"],
        "period": row["period"],
        "persons": list(ids),
        "record_id": proposal_id,
        "registrar": answers.get(REGISTRAR, ""),
        "revision": made,
    }
    sha256, line = meeting_records.seal("proposals", body)
    records.add(
        session,
        [records.Line(sha256, "proposals", proposal_id, made, row["period"], line.decode())],
    )
    proposals.change(
        session,
        proposal_id,
        state="terdaftar",
        registrar=body["registrar"],
        answers=state.answers(),
        confirmations=said,
        attachments=[asdict(one) for one in shown],
        criteria=[asdict(one) for one in met],
        typing=[],
        revision=made,
        by=village.account,
        at=body["at"],
    )
    note(session, village, now, "usulan.daftar", proposal_id, {"nomor": row["number"]})
    touched = Changes(households=frozenset({household_id}), prelist=True, handover=True)
    return Registered((), row["number"], made, sha256, met, touched)


def listed(
    household_id: str,
    village: Village,
    answers: Mapping[str, Any],
    instrument: Instrument,
    ids: Sequence[str],
) -> Listed:
    """Return the household of a proposal; `ids` are those of its persons."""
    from siks_offline.db import households

    return households.Listed(
        id=household_id,
        facts=households.Facts(**_facts(answers)),
        source="usulan",
        answers=_for_visit(village, answers, instrument),
        persons=promoted.persons(answers, ids),
    )


def _for_visit(
    village: Village, answers: Mapping[str, Any], instrument: Instrument
) -> dict[str, Any]:
    """Return what a visit starts from: answers whose meaning is the same in its questionnaire."""
    active = village.instrument
    given = mappings.carry(answers, instrument, active).answers
    found = promoted.of_village(active.questions, village.kode_desa, village.bps) | given
    head = promoted.head(answers)
    found[promoted.STATUS] = PROPOSED
    found[promoted.NIK_PRELIST] = head.get(promoted.NIK, "")
    found[promoted.SEX_OF_HEAD] = head.get(promoted.SEX, "")
    card = answers.get("no_kk", "")
    found[promoted.FAMILIES] = [{promoted.FAMILY_NUMBER: "1", promoted.FAMILY_NO_KK: card}]
    for member in found.get(promoted.MEMBERS, ()):
        member[promoted.NO_KK] = card
        member[promoted.FAMILY_OF_MEMBER] = "1"
    return mappings.known({n: v for n, v in found.items() if v}, active)


@action
def discard(village: Village, proposal_id: str, now: datetime) -> Changes:
    """Throw a proposal away on which nothing hangs yet, with its household and photos.

    It lies in the bin like everything else. Raises StoreError E_PROPOSAL_BEGUN when it was
    registered, judged, visited or sent.
    """
    from siks_offline.db import proposals
    from siks_offline.desa import wastebin

    with village.store.write() as session:
        row = _row(session, proposal_id)
        if row["revision"] or proposals.begun(session, row["household_id"]):
            raise StoreError("E_PROPOSAL_BEGUN", nomor=row["number"])
        wastebin.throw_proposal(session, village, row["household_id"], proposal_id, now)
        proposals.drop(session, proposal_id, row["household_id"])
        note(session, village, now, "usulan.buang", proposal_id, {"nomor": row["number"]})
    return Changes(households=frozenset({row["household_id"]}), prelist=True)


@action
def lines(village: Village, period: str = "") -> list[ProposalLine]:
    """Return the proposals of a period (the present one when empty), newest first."""
    from siks_offline.db import proposals

    with village.store.read() as session:
        return proposals.lines(session, period or village.period)


@action
def sent_back(village: Village) -> int:
    """Return how many proposals the office sent back, whatever their period."""
    from siks_offline.db import records

    with village.store.read() as session:
        said = records.said(session, "proposals")
    return sum(one.result == "rejected" for one in said.values())


@action
def read(village: Village, proposal_id: str) -> Proposal:
    """Return a proposal whole, as papers show it. Raises StoreError E_PROPOSAL_UNKNOWN."""
    from siks_offline.db import proposals

    with village.store.read() as session:
        row = _row(session, proposal_id)
        all_lines = proposals.lines(session, row["period"])
    line = next(one for one in all_lines if one.id == proposal_id)
    return Proposal(
        line=line,
        period=row["period"],
        answers=row["answers"],
        criteria=tuple(
            Criterion(one["id"], one["words"], tuple((a, b) for a, b in one["because"]))
            for one in row["criteria"]
        ),
        attachments=tuple((one["kind"], one["sha256"]) for one in row["attachments"]),
    )


@action
def of_household(village: Village, household_id: str) -> str | None:
    """Return the id of the newest proposal of a household, or None."""
    from siks_offline.db import proposals

    with village.store.read() as session:
        return proposals.of_household(session, household_id)


def _row(session: Session, proposal_id: str) -> dict[str, Any]:
    from siks_offline.db import proposals

    row = proposals.row(session, proposal_id)
    if row is None:
        raise StoreError("E_PROPOSAL_UNKNOWN", id=proposal_id)
    return row


def form_of(session: Session, village: Village, row: Mapping[str, Any]) -> Instrument:
    """Return the form under which a proposal was typed."""
    return village.instrument_of(session, (row["instrument_id"], row["instrument_version"]))


def note(
    session: Session,
    village: Village,
    now: datetime,
    what: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write an audit line in the caller's transaction."""
    from siks_offline.db import audit
    from siks_offline.export.canonical import stamp

    audit.append(
        session,
        at=stamp(now),
        account=village.account,
        action=what,
        subject=subject,
        detail=detail,
    )
