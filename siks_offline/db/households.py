"""What we ask and store about households and their members."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from sqlalchemy import Integer, case, delete, func, select, update
from sqlalchemy import cast as sql_cast

from siks_offline import wilayah
from siks_offline.db import meta, tables
from siks_offline.db.tables import Household, HouseholdPrelist, HouseholdSearch, PersonIndex
from siks_offline.db.tables_meeting import MoveRow
from siks_offline.instrument import promoted
from siks_offline.model import Counts, HouseholdLine, Kerja, Kirim, Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

Source = Literal["prelist", "usulan"]
CHUNK = 500
UNSHOWN = "prelist.belum_tampil"
"""Meta key; JSON: households a list told of during their visit, and their revision at that time."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a list shows of a household, promoted from its prelist or its answers."""

    no_kk: str = ""
    nik_krt: str = ""
    nama_krt: str = ""
    alamat: str = ""
    dusun: str = ""
    rt: str = ""
    rw: str = ""
    anggota: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A household as a prelist lists it; `answers` in the shape of DATA.md."""

    id: str
    facts: Facts
    idbdt: str | None = None
    source: Source = "prelist"
    answers: Mapping[str, Any] = field(default_factory=dict)
    persons: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, as household ids in order of arrival."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class States:
    """New states of a household; None leaves one as it is."""

    kerja: Kerja | None = None
    kirim: Kirim | None = None
    komentar: str | None = None
    komentar_jalur: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A member of some household, and where."""

    household_id: str
    position: int
    person: Person


def normal(text: str) -> str:
    """Return text as it is searched: no case, no accents, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


# --- asking ---

_ORDER: dict[str, tuple[Any, ...]] = {
    "rt": (sql_cast(Household.rt, Integer), Household.rt, sql_cast(Household.rw, Integer)),
    "rw": (sql_cast(Household.rw, Integer), Household.rw, sql_cast(Household.rt, Integer)),
    **{
        name: (case({state: n for n, state in enumerate(states)}, value=column),)
        for name, column, states in (
            ("kerja", Household.kerja, get_args(Kerja)),
            ("kirim", Household.kirim, get_args(Kirim)),
        )
    },
    **{
        name: (getattr(Household, name),)
        for name in (
            *("seq", "idbdt", "no_kk", "nik_krt", "nama_krt", "alamat", "dusun"),
            *("anggota", "revisi", "komentar"),
        )
    },
}
ORDERS = tuple(sorted(_ORDER))
"""Names by which `find` sorts; texts without regard to case, rt and rw as numbers."""


def find(
    session: Session,
    words: str = "",
    *,
    kerja: Kerja | None = None,
    kirim: Kirim | None = None,
    order: str = "nama_krt",
    descending: bool = False,
) -> list[str]:
    """Return the ids of the households that hold every word, sorted; ties by name and arrival.

    A word may be any part of a name, NIK, No KK, IDBDT or address of the household or of one of
    its members. Raises KeyError for an order that is not one of ORDERS.
    """
    query = select(Household.id)
    wanted = normal(words).split()
    if wanted:
        # Not a join: then SQLite walks the households by name and looks each one's words up.
        there = (HouseholdSearch.words.contains(word, autoescape=True) for word in wanted)
        query = query.where(Household.seq.in_(select(HouseholdSearch.seq).where(*there)))
    if kerja is not None:
        query = query.where(Household.kerja == kerja)
    if kirim is not None:
        query = query.where(Household.kirim == kirim)
    sort = [column.desc() if descending else column.asc() for column in _ORDER[order]]
    query = query.order_by(*sort, Household.nama_krt, Household.seq)
    return list(session.connection().scalars(query))  # ids by the ten thousand: no objects


_LINE = tuple(getattr(Household, name) for name in HouseholdLine.__dataclass_fields__)


def lines(session: Session, ids: Iterable[str]) -> dict[str, HouseholdLine]:
    """Return the lines of these households by id, in the order asked; unknown ids are absent."""
    asked = list(dict.fromkeys(ids))
    found = {}
    for chunk in _chunks(asked):
        for row in session.execute(select(*_LINE).where(Household.id.in_(chunk))).mappings():
            found[row["id"]] = HouseholdLine(**{**row, "idbdt": row["idbdt"] or ""})
    nameless = [id_ for id_, one in found.items() if one.kerja == "draf" and not one.nama_krt]
    for id_, told in drafted(session, nameless).items():
        found[id_] = replace(found[id_], **told)  # type: ignore[arg-type]
    return {id_: found[id_] for id_ in asked if id_ in found}


def drafted(session: Session, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return what drafts say of the name and place of households: a new one is known by no other.

    Only for people to read; searches and the index know a household once it is completed.
    """
    found: dict[str, dict[str, str]] = {}
    for chunk in _chunks(ids):
        of = tables.DraftValue
        asked = select(of.household_id, of.path, of.value).where(
            of.household_id.in_(chunk), of.path.in_(_DRAFTED), of.value != ""
        )
        for id_, path, value in session.execute(asked):
            found.setdefault(id_, {})[path] = value
    return found


def line(session: Session, household_id: str) -> HouseholdLine | None:
    """Return one household's line, or None."""
    return lines(session, [household_id]).get(household_id)


def counts(session: Session) -> Counts:
    """Return how many households stand in each state; an RT is named RT/RW where there is an RW."""
    by_kerja: Counter[str] = Counter(dict.fromkeys(get_args(Kerja), 0))
    by_kirim: Counter[str] = Counter(dict.fromkeys(get_args(Kirim), 0))
    rts: dict[tuple[str, str], list[int]] = {}
    group = (Household.rt, Household.rw, Household.kerja, Household.kirim)
    for rt, rw, kerja, kirim, rows in session.execute(
        select(*group, func.count()).group_by(*group)
    ):
        by_kerja[kerja] += rows
        by_kirim[kirim] += rows
        place = rts.setdefault((wilayah.padded(rt), wilayah.padded(rw)), [0, 0])
        place[0] += rows
        place[1] += rows if kerja == "selesai" else 0
    return Counts(
        total=by_kerja.total(),
        kerja=dict(by_kerja),
        kirim=dict(by_kirim),
        per_rt=tuple(
            (f"{rt}/{rw}" if rw else rt, rts[rt, rw][0], rts[rt, rw][1])
            for rt, rw in sorted(rts, key=lambda p: (_number(p[0]), p[0], _number(p[1]), p[1]))
        ),
    )


def next_open(session: Session, without: frozenset[str] = frozenset()) -> str | None:
    """Return the household to go on with: sent back, then begun, then untouched, by RW and RT."""
    urgent = case({"dikembalikan": 0, "draf": 1}, value=Household.kerja, else_=2)
    query = (
        select(Household.id)
        .where(Household.kerja != "selesai")
        .order_by(urgent, *_ORDER["rw"], Household.nama_krt, Household.seq)
    )
    if not without:
        return session.scalar(query.limit(1))
    return next((id_ for id_ in session.scalars(query) if id_ not in without), None)


def prelist_answers(session: Session, household_id: str) -> dict[str, Any]:
    """Return what prelist or proposal knew of a household; empty when neither told of it."""
    row = HouseholdPrelist
    found = session.scalar(select(row.answers).where(row.household_id == household_id))
    return cast("dict[str, Any]", json.loads(found)) if found else {}


def cards(session: Session) -> set[str]:
    """Return the family cards that this village knows."""
    found = set(session.scalars(select(Household.no_kk).distinct()))
    found.update(session.scalars(select(PersonIndex.no_kk).distinct()))
    return found - {""}


def niks(session: Session) -> set[str]:
    """Return the NIKs of all members that this village knows."""
    return set(session.scalars(select(PersonIndex.nik).distinct())) - {""}


def heads_of(session: Session, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what the prelist answers to some questions, by household: for lists on paper."""
    row = HouseholdPrelist
    answers = (func.coalesce(func.json_extract(row.answers, f"$.{name}"), "") for name in names)
    return {id_: tuple(said) for id_, *said in session.execute(select(row.household_id, *answers))}


def comment_path(session: Session, household_id: str) -> str:
    """Return the path of the answer that a comment is about; empty when it is about none."""
    found = session.scalar(select(Household.komentar_jalur).where(Household.id == household_id))
    return found or ""


def source(session: Session, household_id: str) -> Source | None:
    """Return where a household came from, or None when it is unknown."""
    found = session.scalar(select(Household.source).where(Household.id == household_id))
    return cast("Source | None", found)


def begun(session: Session) -> frozenset[str]:
    """Return the households whose visit somebody has begun."""
    return frozenset(session.scalars(select(Household.id).where(Household.kerja != "belum")))


def ids_by_idbdt(session: Session) -> dict[str, str]:
    """Return the household id of every IDBDT in this village."""
    known = select(Household.idbdt, Household.id).where(Household.idbdt.is_not(None))
    return {idbdt or "": id_ for idbdt, id_ in session.execute(known)}


def prelist_hashes(session: Session) -> dict[str, str]:
    """Return the fingerprint under which each household was last loaded from a prelist."""
    row = HouseholdPrelist
    return dict(session.execute(select(row.household_id, row.fingerprint)).all())


def unshown(session: Session) -> list[str]:
    """Return the households of which a list told anew since their newest revision.

    Lists and searches show what their visits found, or what was known as those began.
    """
    noted = _unshown(session)
    revisions: dict[str, int] = {}
    for chunk in _chunks(noted):
        chosen = select(Household.id, Household.revisi).where(Household.id.in_(chunk))
        revisions |= dict(session.execute(chosen).all())
    return [id_ for id_, revision in noted.items() if revisions.get(id_) == revision]


def persons(session: Session, household_id: str) -> tuple[Person, ...]:
    """Return the members of a household in their order."""
    row = PersonIndex
    found = select(*_PERSON).where(row.household_id == household_id).order_by(row.position)
    return tuple(Person(**each) for each in session.execute(found).mappings())


def with_nik(session: Session, nik: str) -> list[Found]:
    """Return every member with this NIK; more than one is a duplicate in the village."""
    return _found(session, PersonIndex.nik == nik)


def with_no_kk(session: Session, no_kk: str) -> list[Found]:
    """Return every member on this family card."""
    return _found(session, PersonIndex.no_kk == no_kk)


# --- storing ---


def fingerprint(listed: Listed) -> str:
    """Return the hash of all that a prelist says of a household."""
    return _fingerprint(listed, tables.json_text(listed.answers))


def _fingerprint(listed: Listed, answers: str) -> str:
    rest = [_facts(listed.facts), listed.idbdt, listed.source, *map(_person, listed.persons)]
    return hashlib.sha256(f"{tables.json_text(rest)}\n{answers}".encode()).hexdigest()


def upsert_many(session: Session, listed: Iterable[Listed]) -> Loaded:
    """Add households and bring listed ones up to date; the same again changes nothing.

    A household whose visit has begun keeps its facts, members and states: a prelist never writes
    answers (BUNDLE.md section 3); only what the prelist said of it is replaced, and it is noted as
    `unshown`. One whose members moved keeps those who live there now: a list that knows nothing of
    it would lose or double them.
    """
    begun = dict(session.execute(select(Household.id, Household.kerja)).all())
    seqs = dict(session.execute(select(Household.id, Household.seq)).all())
    hashes = prelist_hashes(session)
    moved = _moved(session)
    top = max(seqs.values(), default=0)
    new: dict[str, Listed] = {}
    old: dict[str, Listed] = {}
    unchanged: dict[str, None] = {}
    prelist: dict[str, tuple[str, str, str]] = {}
    for one in listed:
        each, answers = one, tables.json_text(one.answers)
        mark = _fingerprint(each, answers)
        if hashes.get(each.id) == mark and each.id not in old:
            unchanged[each.id] = None
            continue
        work = begun.get(each.id)
        if each.id in moved and (work == "belum" or (work and each.source == "prelist")):
            each = _with_own_members(session, one)
            answers = tables.json_text(each.answers)
        unchanged.pop(each.id, None)
        if each.source == "prelist" or each.answers:
            prelist[each.id] = (each.id, answers, mark)
        if each.id in begun:
            old[each.id] = each
        else:
            new[each.id] = each
    if new:
        seqs |= {id_: top + n for n, id_ in enumerate(new, start=1)}
        _insert_households(session, new, seqs)
    for id_, each in old.items():
        values: dict[str, Any] = {"idbdt": each.idbdt} if each.idbdt else {}
        if begun[id_] == "belum":
            values |= _named_facts(each.facts)
        if values:
            session.execute(update(Household).where(Household.id == id_).values(**values))
    fresh = {id_: each for id_, each in old.items() if begun[id_] == "belum"} | new
    _store_persons(session, {id_: each.persons for id_, each in fresh.items()})
    words = {seqs[i]: words_of(e.facts, e.idbdt, e.persons) for i, e in fresh.items()}
    _store_words(session, words)
    names = ("household_id", "answers", "fingerprint")
    tables.insert_many(session, HouseholdPrelist, names, list(prelist.values()), replace=True)
    _note_unshown(session, [id_ for id_ in prelist if begun.get(id_, "belum") != "belum"])
    return Loaded(tuple(new), tuple(old), tuple(unchanged))


def refresh(session: Session, household_id: str, facts: Facts, members: Sequence[Person]) -> None:
    """Let lists and searches show what a visit found of a household."""
    change = (
        update(Household)
        .where(Household.id == household_id)
        .values(**_named_facts(facts))
        .returning(Household.seq, Household.idbdt)
    )
    seq, idbdt = session.execute(change).one()
    _store_persons(session, {household_id: tuple(members)})
    _store_words(session, {seq: words_of(facts, idbdt, members)})


def shown(session: Session, ids: Iterable[str]) -> None:
    """Note that lists and searches show what a list told of these households."""
    rest = _unshown(session)
    for id_ in ids:
        rest.pop(id_, None)
    meta.put(session, UNSHOWN, json.dumps(rest) if rest else None)


def set_states(session: Session, states: Mapping[str, States]) -> frozenset[str]:
    """Set states and comments of households; return the ids of those that are known."""
    # One statement for many: a receipt says the same of nearly all of its households.
    alike: dict[States, list[str]] = {}
    for id_, each in states.items():
        alike.setdefault(each, []).append(id_)
    done: set[str] = set()
    for each, ids in alike.items():
        values = {name: value for name, value in asdict(each).items() if value is not None}
        for chunk in _chunks(ids if values else ()):
            chosen = update(Household).where(Household.id.in_(chunk)).values(**values)
            done.update(session.scalars(chosen.returning(Household.id)))
    return frozenset(done)


# --- inside ---

_PERSON = tuple(getattr(PersonIndex, name) for name in Person.__dataclass_fields__)
_DRAFTED = (promoted.NAMA_KRT, promoted.ALAMAT, promoted.RT, promoted.RW)
"""Questions whose names are also those of a line."""
_FACT_NAMES = tuple(Facts.__dataclass_fields__)
_PERSON_NAMES = tuple(Person.__dataclass_fields__)


# Not dataclasses.asdict: it copies deeply, longer than storing takes.
_facts = attrgetter(*_FACT_NAMES)
_person = attrgetter(*_PERSON_NAMES)


def _named_facts(facts: Facts) -> dict[str, Any]:
    return dict(zip(_FACT_NAMES, _facts(facts), strict=True))


def _found(session: Session, condition: ColumnElement[bool]) -> list[Found]:
    row = PersonIndex
    query = select(row.household_id, row.position, *_PERSON).where(condition)
    return [
        Found(household_id, position, Person(*values))
        for household_id, position, *values in session.execute(
            query.order_by(row.household_id, row.position)
        )
    ]


def words_of(facts: Facts, idbdt: str | None, members: Sequence[Person]) -> str:
    """Return the text in which words are looked for: all that a person may know of a household."""
    parts = [facts.nama_krt, facts.nik_krt, facts.no_kk, idbdt or "", facts.alamat, facts.dusun]
    parts += [facts.rt, facts.rw]
    parts += [part for each in members for part in (each.nama, each.nik, each.no_kk)]
    return "\n".join(dict.fromkeys(normal(part) for part in parts if part))


def _unshown(session: Session) -> dict[str, int]:
    return cast("dict[str, int]", json.loads(meta.get(session, UNSHOWN) or "{}"))


def _note_unshown(session: Session, ids: Sequence[str]) -> None:
    noted = _unshown(session) if ids else {}
    for chunk in _chunks(ids):
        chosen = select(Household.id, Household.revisi).where(Household.id.in_(chunk))
        noted |= dict(session.execute(chosen).all())
    if ids:
        meta.put(session, UNSHOWN, json.dumps(noted))


def _moved(session: Session) -> frozenset[str]:
    """Return the households that members left or came to."""
    row = MoveRow
    found = session.execute(select(row.subject, row.other).where(row.person_id != ""))
    return frozenset(id_ for pair in found for id_ in pair)


def _with_own_members(session: Session, listed: Listed) -> Listed:
    """Return what a list says of a household, with the members and families it has here."""
    mine, members = prelist_answers(session, listed.id), persons(session, listed.id)
    names = (promoted.MEMBERS, promoted.FAMILIES)
    answers = {n: v for n, v in listed.answers.items() if n not in names}
    answers |= {name: mine[name] for name in names if name in mine}
    facts = replace(listed.facts, anggota=len(members))
    return replace(listed, facts=facts, answers=answers, persons=members)


def _insert_households(
    session: Session, new: Mapping[str, Listed], seqs: Mapping[str, int]
) -> None:
    names = ("seq", "id", "idbdt", "source", *_FACT_NAMES)
    start = {"kerja": "belum", "kirim": "belum", "revisi": 0, "komentar": "", "komentar_jalur": ""}
    rows = [
        (seqs[id_], id_, each.idbdt, each.source, *_facts(each.facts), *start.values())
        for id_, each in new.items()
    ]
    tables.insert_many(session, Household, (*names, *start), rows)


def _store_persons(session: Session, members: Mapping[str, tuple[Person, ...]]) -> None:
    for chunk in _chunks(members):
        session.execute(delete(PersonIndex).where(PersonIndex.household_id.in_(chunk)))
    rows = [
        (id_, position, *_person(person))
        for id_, persons_ in sorted(members.items())  # the order of the table, so pages fill
        for position, person in enumerate(persons_, start=1)
    ]
    tables.insert_many(session, PersonIndex, ("household_id", "position", *_PERSON_NAMES), rows)


def _store_words(session: Session, words: Mapping[int, str]) -> None:
    rows = list(words.items())
    tables.insert_many(session, HouseholdSearch, ("seq", "words"), rows, replace=True)


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
