"""Periksa data: whether the village's file, its trail and its copies are what they were written as.

Every page carries a keyed hash, so a flipped bit of content is found however it got there; what
somebody with the key has changed is found where one row can be held against another.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from siks_offline.desa import days, rights
from siks_offline.errors import BundleError, SiksError
from siks_offline.progress import each, silent
from siks_offline.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from siks_offline.db.checkup import Register
    from siks_offline.desa.village import Village
    from siks_offline.progress import Progress

MOST_FINDINGS: Final = 200
"""Shown and told; beyond these the file is to be replaced, not read about."""
DAYS, OPENINGS = 7, 20
_LOOKED: Final = "periksa.dilihat"
_SETTLED: Final = {"diterima": {"accepted"}, "ditolak": {"rejected"}, "ditahan": {"held"}}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written: which check found it, about what."""

    kind: str
    subject: str

    @property
    def words(self) -> str:
        """What a person reads."""
        return text(f"periksa_data.{self.kind}", tentang=self.subject)


@dataclass(frozen=True, slots=True)
class Report:
    """What a check went through and found; no findings means whole."""

    checked: dict[str, int]
    findings: tuple[Finding, ...]


@rights.action
def check(village: Village, progress: Progress = silent, *, copies: bool = True) -> Report:
    """Check the whole village in one reading; changes nothing. Raises Cancelled.

    A page that cannot be read ends the reading: what lies behind it is told as one finding. With
    `copies` the files beside the database are checked as well: keystore, marker and copies.
    """
    from siks_offline.db import checkup

    found: list[Finding] = []
    counts: dict[str, int] = {}
    with village.quiet:
        try:
            village.store.fold()
            with village.store.read() as session:
                progress(0, 0)
                found += _pages(session, progress)
                counts = checkup.counts(session)
                for finding in _everything(village, session, counts, progress):
                    found.append(finding)
                    if len(found) >= MOST_FINDINGS:
                        break
        except SiksError as error:
            if error.code not in {"E_DB_DAMAGED", "E_DB_IO"}:
                raise
            found.append(Finding("halaman", error.code))
    if copies:
        found += _keystore(village)
        seen = list(_copies(village, progress))
        counts["cadangan"] = len(seen)
        found += [one for one in seen if one is not None]
    return Report(counts, tuple(dict.fromkeys(found)))


@rights.action
def look(village: Village, progress: Progress = silent) -> bool:
    """Count this opening; after a week of work, or twenty openings, look every page through.

    Returns whether something is damaged. Order and spans come from counts, never from a clock.
    """
    from siks_offline.db import copies, meta

    with village.store.write() as session:
        opened, day = (int(n) for n in (meta.get(session, _LOOKED) or "0 0").split())
        today = days.counted(session)
        due = opened + 1 >= OPENINGS or today - day >= DAYS
        meta.put(session, _LOOKED, f"0 {today}" if due else f"{opened + 1} {day}")
    if not due:
        return False
    with village.quiet:
        village.store.fold()
        with village.store.read() as session:
            return bool(copies.findings(session.connection(), progress=progress))


def _pages(session: Session, progress: Progress) -> Iterator[Finding]:
    from siks_offline.db import copies

    for line in copies.findings(session.connection(), progress=progress):
        yield Finding("halaman", line)


def _everything(
    village: Village, session: Session, counts: dict[str, int], progress: Progress
) -> Iterator[Finding]:
    from siks_offline.db import audit, checkup, drafts, ledger
    from siks_offline.desa import place

    total = sum(counts.values())
    done = 0

    def onward(share: str) -> Progress:
        begun = done

        def report(part: int, _all: int) -> None:
            progress(min(begun + part, begun + counts[share]), total)

        return report

    for table, parent in checkup.orphans(session):
        yield Finding("rujukan", f"{table} → {parent}")
    yield from _revisions(session, counts["revisi"], onward("revisi"))
    done += counts["revisi"]
    yield from _visits(session, counts["kunjungan"], onward("kunjungan"))
    done += counts["kunjungan"]
    yield from _register(session, counts["rumah_tangga"], onward("rumah_tangga"))
    done += counts["rumah_tangga"]
    progress(done, total)
    broken = audit.verify(session, {**ledger.audit_heads(session), **place.heads(village)})
    if broken is not None:
        yield Finding("jejak", str(broken))
    done += counts["jejak"]
    progress(done, total)
    for sha256, whole in each(checkup.photos(session), counts["lampiran"], onward("lampiran"), 5):
        if not whole:
            yield Finding("lampiran", sha256[:12])
    for name in checkup.other_hashes(session):
        yield Finding("isi", name)
    for household_id in (*checkup.stray_draft_values(session), *drafts.broken(session)):
        yield Finding("draf", household_id)
    for seq in checkup.incomplete_exports(session):
        yield Finding("ekspor_isi", str(seq))
    for _, seq in checkup.missing_exports(session):
        yield Finding("ekspor", str(seq))
    for bundle_id in checkup.missing_arrivals(session):
        yield Finding("kedatangan", bundle_id)
    for name in checkup.missing_facts(session):
        yield Finding("fakta", name)
    yield from _outbox(village, session)


def _revisions(session: Session, total: int, progress: Progress) -> Iterator[Finding]:
    """Each line is what its hash says, and names the one before it as its parent."""
    from siks_offline.db import checkup
    from siks_offline.export import records

    visit, number, before = "", 0, ""
    for sha256, visit_id, revision, line in each(checkup.revisions(session), total, progress):
        if visit_id != visit:
            visit, number, before = visit_id, 0, ""
        try:
            value = json.loads(line)
            whole = records.check(value) == sha256
            whole &= (value["visit_id"], value["revision"]) == (visit_id, revision)
            whole &= revision == 1 or before in value["parents"]
        except (BundleError, ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            yield Finding("revisi", visit_id)
        if revision != number + 1 and not _merges(line):
            yield Finding("revisi_hilang", visit_id)
        number, before = revision, sha256
    for visit_id in checkup.visits_without_revision(session):
        yield Finding("revisi_hilang", visit_id)


def _merges(line: str) -> bool:
    """Whether a revision goes beyond the one before because it merges one of elsewhere."""
    with suppress(ValueError, KeyError, TypeError):
        return len(json.loads(line)["parents"]) > 1
    return False


def _visits(session: Session, total: int, progress: Progress) -> Iterator[Finding]:
    """What is worked with is what was frozen."""
    from siks_offline.db import checkup

    for stored, line in each(checkup.visits(session), total, progress):
        if line is None or not _same_visit(stored, json.loads(line)):
            yield Finding("kunjungan", str(stored["household_id"]))


def _same_visit(stored: Any, line: dict[str, Any]) -> bool:
    instrument = line["instrument"]
    return all(
        stored[name] == value
        for name, value in {
            "visit_id": line["visit_id"],
            "household_id": line["household_id"],
            "period": line["period"],
            "instrument_id": instrument["id"],
            "instrument_version": instrument["version"],
            "answers": line["answers"],
            "persons": line["persons"],
            "revision": line["revision"],
            "sha256": line["sha256"],
            "completed_at": line["completed_at"],
            "completed_by": line["completed_by"],
        }.items()
    ) and _listed(stored["attachments"]) == _listed(line["attachments"])


def _listed(attachments: Any) -> list[str]:
    return sorted(one["sha256"] for one in attachments)


def _register(session: Session, total: int, progress: Progress) -> Iterator[Finding]:
    """Lists, search and index of persons say what the newest visit, or the prelist, says."""
    from siks_offline.db import checkup

    drafted = checkup.ever_drafted(session)
    for one in each(checkup.register(session), total, progress):
        if not _as_visited(one):
            yield Finding("rumah_tangga", one.id)
        if not _as_listed(one, one.id in drafted):
            yield Finding("prelist", one.id)
        if not _as_searched(one):
            yield Finding("pencarian", one.id)
        if (one.kerja == "draf") != bool(one.drafts):
            yield Finding("draf", one.id)
        wanted = _SETTLED.get(one.kirim)
        if wanted and one.kerja == "selesai" and one.result not in wanted:
            yield Finding("tanda_terima", one.id)


def _as_visited(one: Register) -> bool:
    from siks_offline.db.households import Facts
    from siks_offline.instrument import promoted

    if not one.line:
        return one.revisi == 0 and one.kerja != "selesai"
    line = json.loads(one.line)
    columns = {k: v for k, v in promoted.columns(line["answers"]).items() if k != "idbdt"}
    return (
        one.facts == Facts(**columns)
        and one.persons == promoted.persons(line["answers"], line["persons"])
        and one.revisi >= 1
    )


def _as_listed(one: Register, begun: bool) -> bool:
    """A household nobody began is as its prelist's fingerprint; once begun only that it has one."""
    from siks_offline.db import households

    if one.source != "prelist":
        return True
    if one.answers is None or one.fingerprint is None:
        return False
    if begun or one.line or one.kerja != "belum":
        return True
    listed = households.Listed(
        id=one.id, facts=one.facts, idbdt=one.idbdt, source="prelist",
        answers=json.loads(one.answers), persons=one.persons,
    )  # fmt: skip
    return households.fingerprint(listed) == one.fingerprint


def _as_searched(one: Register) -> bool:
    """The words are those of facts and members; an IDBDT given later need not be among them."""
    from siks_offline.db import households

    return one.words in {
        households.words_of(one.facts, idbdt, one.persons) for idbdt in (one.idbdt, None)
    }


def _outbox(village: Village, session: Session) -> Iterator[Finding]:
    """Sealed files that still lie in the outbox are those that were sent."""
    from siks_offline.db import ledger
    from siks_offline.desa.handover import OUTBOX
    from siks_offline.export import files

    for one in ledger.exports(session):
        path = village.folder / OUTBOX / one.file_name
        with suppress(SiksError):
            if path.is_file() and files.sha256_of(path) != one.file_sha256:
                yield Finding("berkas_ekspor", one.file_name)


def _keystore(village: Village) -> Iterator[Finding]:
    """Whoever signs in next finds keys that open, and a folder that says which village it is."""
    from siks_offline.db import meta
    from siks_offline.desa import keyring
    from siks_offline.desa.village_folder import MARKER, read_folder

    try:
        with village.store.read() as session:
            facts = meta.every(session)
            keys, accounts = keyring.damaged_files(session, village.folder, village.keys)
    except SiksError as error:
        yield Finding("kunci", error.code)
        return
    yield from (Finding("kunci", name) for name in keys)
    yield from (Finding("kunci_akun", name) for name in accounts)
    with suppress(SiksError):
        said = read_folder(village.folder)
        if {
            "kode_desa": said.kode_desa,
            "nama_desa": said.nama_desa,
            "practice": "1" if said.practice else "0",
        }.items() <= facts.items():
            return
    yield Finding("penanda", MARKER)


def _copies(village: Village, progress: Progress) -> Iterator[Finding | None]:
    """Every copy in the village's folder has the bytes it was written with."""
    from siks_offline.db import copy_list
    from siks_offline.desa import backup
    from siks_offline.desa import copies as own
    from siks_offline.export import files

    listed = {}
    with suppress(SiksError), village.store.read() as session:
        listed = {one.name: one.sha256 for one in copy_list.every(session, own=True)}
    here = own.kept(village.folder)
    for one in each(here, len(here), progress, every=1):
        try:
            whole = (
                files.sha256_of(one.path) == listed[one.path.name]
                if one.path.name in listed
                else backup.sound(one.path)
            )
        except SiksError:
            whole = False
        yield None if whole else Finding("cadangan", one.path.name)
    for name in listed.keys() - {one.path.name for one in here}:
        yield Finding("cadangan_hilang", name)
