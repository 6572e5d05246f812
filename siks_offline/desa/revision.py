"""One completed revision of a visit: built, frozen and stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from siks_offline.errors import StoreError
from siks_offline.instrument import checks, mappings, promoted
from siks_offline.model import Changes, Issue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from siks_offline.db.visits import Visit
    from siks_offline.desa.village import Village
    from siks_offline.instrument.engine import FormState
    from siks_offline.instrument.schema import Instrument


@dataclass(frozen=True, slots=True)
class Completed:
    """What completing a visit gave: issues that stopped it, or the stored revision."""

    issues: tuple[Issue, ...]
    cleared: tuple[str, ...]
    """Paths whose answers were dropped because their questions no longer apply."""
    revision: int
    sha256: str
    changes: Changes

    @property
    def done(self) -> bool:
        """Whether the visit is completed and stored."""
        return bool(self.sha256)


def store(
    session: Session,
    village: Village,
    household_id: str,
    state: FormState,
    now: datetime,
    *,
    visit_id: str = "",
) -> Completed:
    """Store a state without issues as the next revision, in the caller's transaction."""
    from siks_offline.db import audit, drafts, households, notes, visits
    from siks_offline.desa import photos, rivals
    from siks_offline.export import canonical, identity, records

    line = households.line(session, household_id)
    if line is None:
        raise StoreError("E_HOUSEHOLD_UNKNOWN", id=household_id)
    instrument = state.instrument
    draft = drafts.read(session, household_id, instrument.id, instrument.version)
    if draft is not None and draft.author != village.account:
        raise StoreError("E_DRAFT_OTHER", akun=draft.author)
    before = visits.current(session, household_id, village.period)
    answers = state.answers(final=True)
    persons = person_ids(session, village, household_id, answers, before, now)
    merged = rivals.beside(session, before) if before else []
    parents = [before.sha256, *(one.sha256 for one in merged)] if before else []
    visit = visits.Visit(
        visit_id=before.visit_id if before else visit_id or identity.uuid7(now),
        household_id=household_id,
        period=village.period,
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        answers=answers,
        confirmations=checks.confirmations(state),
        attachments=photos.of_answers(session, instrument, answers),
        persons=persons,
        revision=1 + max((one.revision for one in (before, *merged) if one), default=0),
        sha256="",
        completed_at=canonical.stamp(now),
        completed_by=village.account,
    )
    record = records.build(
        visit_id=visit.visit_id,
        household_id=household_id,
        idbdt=line.idbdt,
        kode_desa=village.kode_desa,
        period=village.period,
        revision=visit.revision,
        parents=parents,
        answers=answers,
        persons=persons,
        instrument=(instrument.id, instrument.version),
        completed_at=now,
        completed_by=village.account,
        attachments=visit.attachments,
        confirmations=visit.confirmations,
    )
    visit = replace(visit, sha256=record["sha256"])
    visits.save_completed(session, visit, canonical.dumps(record).decode())
    households.refresh(
        session,
        household_id,
        households.Facts(**{k: v for k, v in promoted.columns(answers).items() if k != "idbdt"}),
        promoted.persons(answers, persons),
    )
    drafts.drop(session, household_id)
    notes.settle_returns(session, household_id, by=village.account, at=visit.completed_at)
    audit.append(
        session,
        at=visit.completed_at,
        account=village.account,
        action="kunjungan.selesai",
        subject=household_id,
        detail={
            "revisi": visit.revision,
            "sebelum": before.sha256 if before else "",
            "sesudah": visit.sha256,
            **({"gabung": parents[1:]} if merged else {}),
            "perubahan": _moved(session, household_id, before, state.instrument, answers),
        },
    )
    return Completed(
        (),
        state.cleared(),
        visit.revision,
        visit.sha256,
        Changes(households=frozenset({household_id}), handover=True),
    )


def _moved(
    session: Session,
    household_id: str,
    before: Visit | None,
    instrument: Instrument,
    answers: Mapping[str, Any],
) -> dict[str, list[str]]:
    """Return what differs from the revision before: path -> text before and after.

    The first revision is held against what the prelist knew; the rest of it stands in its line.
    """
    from siks_offline.db import households
    from siks_offline.desa.visit import flatten

    if before is not None:
        old = flatten(before.answers)
    else:
        prelist = households.prelist_answers(session, household_id)
        old = flatten(mappings.known(prelist, instrument)) if prelist else {}
    new = flatten(answers)
    paths = old if before is None else {**old, **new}
    return {
        path: [old.get(path, ""), new.get(path, "")]
        for path in paths
        if old.get(path, "") != new.get(path, "")
    }


def person_ids(
    session: Session,
    village: Village,
    household_id: str,
    answers: Mapping[str, Any],
    before: Visit | None,
    now: datetime,
) -> tuple[str, ...]:
    """One id a member: the register's, else the one the same person had, else a new one."""
    from siks_offline.db import households
    from siks_offline.export import identity

    free: dict[tuple[str, ...], str] = {}
    if before is not None:
        earlier = promoted.persons(before.answers, before.persons)
    else:
        earlier = households.persons(session, household_id)
    for person in earlier:
        if person.nik:
            free.setdefault(("nik", person.nik), person.id)
        free.setdefault(("nama", person.nama, person.tanggal_lahir), person.id)
    ids: list[str] = []
    for one in promoted.members(answers):
        known = one.get(promoted.PERSON_ID, "")
        wanted = (
            identity.person_id(village.kode_desa, known)
            if known
            else free.get(("nik", one.get(promoted.NIK, "")))
            or free.get(("nama", one.get(promoted.NAMA, ""), one.get(promoted.BIRTH_DATE, "")))
        )
        ids.append(wanted if wanted and wanted not in ids else identity.uuid7(now))
    return tuple(ids)
