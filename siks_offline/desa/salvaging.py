"""What a damaged file still shows of people's work, brought into its successor."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from siks_offline.desa.rights import action
from siks_offline.errors import SiksError
from siks_offline.model import Attachment, Confirmation
from siks_offline.period import month

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from siks_offline.db.salvage import Wreck
    from siks_offline.desa.village import Village
    from siks_offline.model import HouseholdLine


_AS_THEY_ARE: Final = ("attachment", "sitting", "verdict", "meeting", "document", "record", "note")
"""Tables of which rows come over one by one.

Not who moved where: the members stand in many places, and half a split is worse than doing it over.
"""
_WORDS: Final = ("sitting", "verdict")


@dataclass(frozen=True, slots=True)
class Saved:
    """How many completed visits, drafts, proposals, words of the musyawarah, photos came over."""

    visits: int = 0
    drafts: int = 0
    proposals: int = 0
    words: int = 0
    photos: int = 0


@action
def save(village: Village, damaged: Path, keys: tuple[bytes, ...], now: datetime) -> Saved:
    """Bring over what the copy does not know: revisions whose hash holds, drafts that differ.

    Households the copy lacks are made anew where a revision or a proposal tells enough of them.
    Proposals, the musyawarah and photos come over row by row.
    """
    from siks_offline.db import salvage

    for key in keys:
        wreck = salvage.open_wreck(damaged, key)
        if wreck is not None:
            with wreck, village.store.write() as session:
                later = _is_later(session, wreck)
                if later:
                    _circumstances(session, village, wreck)
                visits = _revisions(session, village, wreck)
                proposals = _proposals(session, village, wreck, later=later)
                drafts = _drafts(session, village, wreck, now, later=later)
                brought = {one: _rows(session, wreck, one, later=later) for one in _AS_THEY_ARE}
                _returned(session)
                words = sum(brought[table] for table in _WORDS)
                return Saved(visits, drafts, proposals, words, brought["attachment"])
    return Saved()


def _revisions(session: Session, village: Village, wreck: Wreck) -> int:
    """Store the revisions that the copy lacks, visit by visit without a gap."""
    from siks_offline.db import visits
    from siks_offline.errors import BundleError
    from siks_offline.export import records

    known = {one.sha256 for one in visits.every_revision(session)}
    found: dict[str, list[tuple[dict[str, Any], str]]] = {}
    for row in wreck.rows("revision"):
        with suppress(BundleError, ValueError, KeyError, TypeError):
            line = json.loads(row["line"])
            if records.check(line) == row["sha256"] and row["sha256"] not in known:
                found.setdefault(line["visit_id"], []).append((line, row["line"]))
    saved = 0
    for lines in found.values():
        for line, raw in sorted(lines, key=lambda one: int(one[0]["revision"])):
            if line["revision"] > 1 and known.isdisjoint(line["parents"]):
                break  # one between was lost: what follows would name a parent nobody has
            _store(session, village, line, raw)
            known.add(line["sha256"])
            saved += 1
    return saved


def _is_later(session: Session, wreck: Wreck) -> bool:
    """Whether the damaged file went on from where the copy was made, by the trail of both.

    A copy of another place may hold what was done there since the damage. Where the trail of the
    damaged file cannot be read at that line nothing of the copy is overwritten either.
    """
    from siks_offline.db import audit

    seq, hash_ = audit.head(session)
    return any(row["hash"] == hash_ for row in wreck.rows("audit", "seq", seq))


def _circumstances(session: Session, village: Village, wreck: Wreck) -> None:
    """Bring over which questionnaires were there and in use, and the period that was open."""
    from siks_offline.db import meeting, meta

    _rows(session, wreck, "instrument", later=True)
    facts = {row["key"]: row["value"] for row in wreck.rows("meta")}
    for key in ("instrumen", "instrumen.sebelum"):
        if facts.get(key):
            meta.put(session, key, facts[key])
    opened = facts.get("period", "")
    if opened and month(opened) > month(village.period):
        meeting.begin_period(session, village.period)
        meta.put(session, "period", opened)
        village.period = opened


def _rows(session: Session, wreck: Wreck, table: str, *, later: bool) -> int:
    from siks_offline.db import salvage

    rows = (row for row in wreck.rows(table) if row.get("kind") != "moves")
    return sum(salvage.bring(session, table, row, later=later) for row in rows)


def _returned(session: Session) -> None:
    """Give households back again of which a supervisor's word came over."""
    from siks_offline.db import households, notes

    done = households.find(session, kerja="selesai")
    back = households.States(kerja="dikembalikan")
    households.set_states(session, dict.fromkeys(notes.returned(session, done), back))


def _proposals(session: Session, village: Village, wreck: Wreck, *, later: bool) -> int:
    """Store the proposals that differ, after the households of those that the copy lacks."""
    from siks_offline.db import households, salvage
    from siks_offline.desa import proposals

    saved = 0
    sent = {  # the newest revision of each comes last; it alone knows the ids of the persons
        one["record_id"]: one["line"] for one in wreck.rows("record") if one["kind"] == "proposals"
    }
    for row in wreck.rows("proposal"):
        with suppress(SiksError, ValueError, KeyError, TypeError):
            if households.line(session, row["household_id"]) is None:
                answers, home = json.loads(row["answers"]), row["household_id"]
                listed = proposals.begun(home, answers)
                if row["proposal_id"] in sent:
                    form = proposals.form_of(session, village, row)
                    said = json.loads(sent[row["proposal_id"]])
                    listed = proposals.listed(home, village, said["answers"], form, said["persons"])
                households.upsert_many(session, [listed])
            saved += salvage.bring(session, "proposal", row, later=later)
    return saved


def _store(session: Session, village: Village, line: dict[str, Any], raw: str) -> None:
    from siks_offline.db import drafts, households, visits
    from siks_offline.instrument import promoted

    household_id, answers = line["household_id"], line["answers"]
    facts = {k: v for k, v in promoted.columns(answers).items() if k != "idbdt"}
    if households.line(session, household_id) is None:
        listed = households.Listed(
            id=household_id, facts=households.Facts(**facts), source="usulan", answers=answers
        )
        households.upsert_many(session, [listed])
    stands = line["period"] == village.period
    visits.save_completed(
        session,
        visits.Visit(
            visit_id=line["visit_id"],
            household_id=household_id,
            period=line["period"],
            instrument_id=line["instrument"]["id"],
            instrument_version=line["instrument"]["version"],
            answers=answers,
            confirmations=tuple(Confirmation(**one) for one in line["confirmations"]),
            attachments=tuple(_attachment(one) for one in line["attachments"]),
            persons=tuple(line["persons"]),
            revision=line["revision"],
            sha256=line["sha256"],
            completed_at=line["completed_at"],
            completed_by=line["completed_by"],
        ),
        raw,
        stands=stands,
    )
    if not stands:
        return
    members = promoted.persons(answers, line["persons"])
    households.refresh(session, household_id, households.Facts(**facts), members)
    drafts.drop(session, household_id)


def _attachment(one: dict[str, Any]) -> Attachment:
    return Attachment(one.get("kind", ""), one.get("path", ""), one["sha256"])


def _anew(
    session: Session, wreck: Wreck, row: dict[str, Any], values: dict[str, str]
) -> HouseholdLine | None:
    """Make the household of a draft that the copy does not know, as far as its row can be read."""
    from siks_offline.db import households
    from siks_offline.instrument import promoted

    found = next(wreck.rows("household", "id", row["household_id"]), None) if values else None
    if found is None:
        return None
    facts = {k: v for k, v in promoted.columns(values).items() if k != "idbdt"}
    listed = households.Listed(
        id=found["id"], facts=households.Facts(**facts), idbdt=found["idbdt"], source="usulan"
    )
    households.upsert_many(session, [listed])
    return households.line(session, found["id"])


def _drafts(session: Session, village: Village, wreck: Wreck, now: datetime, *, later: bool) -> int:
    """Store the drafts that differ from the copy's; what was typed last is what is wanted."""
    from siks_offline.db import drafts, households
    from siks_offline.desa import wastebin

    saved = 0
    for row in wreck.rows("draft"):
        name = (row["household_id"], row["instrument_id"], row["instrument_version"])
        values = {
            one["path"]: one["value"]
            for one in wreck.rows("draft_value", "household_id", row["household_id"])
            if (one["household_id"], one["instrument_id"], one["instrument_version"]) == name
        }
        line = households.line(session, row["household_id"]) or _anew(session, wreck, row, values)
        standing = drafts.read(session, *name)
        if not values or line is None or (standing and dict(standing.rows) == values):
            continue
        if standing and not later:
            continue
        with suppress(SiksError, ValueError, TypeError):
            confirmations = [Confirmation(**one) for one in json.loads(row["confirmations"])]
            if standing is not None:
                wastebin.throw_draft(session, village, row["household_id"], now)
            drafts.save(
                session,
                *name,
                rows=values,
                author=row["author"],
                at=row["at"],
                typing=(row["typing_path"], row["typing_text"]) if row["typing_path"] else None,
                confirmations=confirmations,
            )
            if row.get("sha256"):
                drafts.mark_incomplete(session, *name, row["sha256"])
            states = households.States(kerja="draf", kirim="belum")
            if line.kerja != "draf":
                households.set_states(session, {line.id: states})
            saved += 1
    return saved
