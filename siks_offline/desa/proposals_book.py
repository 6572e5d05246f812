"""Proposals that came by another door: what a list would add, then the addition itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from siks_offline.desa import proposals
from siks_offline.desa.neighbours import Neighbours
from siks_offline.desa.rights import action
from siks_offline.errors import StoreError
from siks_offline.instrument import checks, promoted, rules
from siks_offline.model import Changes
from siks_offline.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from siks_offline.desa.village import Village
    from siks_offline.model import CellIssue, Issue
    from siks_offline.progress import Progress

Result = Literal["terdaftar", "draf", "dilewati", "ditolak"]


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What would become of one family, and why when it is not simply registered.

    `terdaftar` is whole; `draf` lacks something a person must add at the counter; `dilewati` is in
    the village already; `ditolak` cannot be read.
    """

    no_kk: str
    nama_krt: str
    sheet: str
    row: int
    result: Result
    reason: str
    answers: Mapping[str, Any]
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What loading a list would do; nothing has been written."""

    file_name: str
    lines: tuple[PreviewLine, ...]
    issues: tuple[CellIssue, ...]

    def count(self, result: Result) -> int:
        """How many families of a result."""
        return sum(line.result == result for line in self.lines)


@action
def preview(village: Village, path: Path, now: datetime, progress: Progress = silent) -> Preview:
    """Read a list of proposals and say, family by family, what loading it would do.

    Raises what proposal_book.read raises.
    """
    from siks_offline.db import households
    from siks_offline.export import proposal_book
    from siks_offline.instrument.engine import FormState

    form = proposals.form()
    book = proposal_book.read(path, form, progress)
    found = []
    with village.store.read() as session:
        cards, niks_here = households.cards(session), households.niks(session)
        for one in book.families:
            members = one.answers.get(promoted.MEMBERS, ())
            niks = [nik for each in members if (nik := each.get(promoted.NIK))]
            result: Result = "ditolak" if one.refused else "terdaftar"
            reason = one.refused
            issues: tuple[Issue, ...] = ()
            here = one.no_kk in cards or any(nik in niks_here for nik in niks)
            if not one.refused and here:
                result, reason = "dilewati", "I_SUDAH_ADA"
            elif not one.refused:
                state = FormState(form, one.answers, now=now)
                neighbours = Neighbours("")
                neighbours.learn(session, rules.niks(one.answers))
                issues = checks.issues(state, neighbours)
                if issues:
                    result, reason = "draf", issues[0].rule
            line = (one.no_kk, one.nama_krt, one.sheet, one.row)
            found.append(PreviewLine(*line, result, reason, one.answers, issues))
    return Preview(path.name, tuple(found), tuple(book.issues))


@action
def load(
    village: Village, found: Preview, now: datetime, progress: Progress = silent
) -> tuple[int, int, Changes]:
    """Register what a preview found whole and begin the rest as drafts, in one transaction.

    Returns how many of each. Raises StoreError E_MEETING_CLOSED.
    """
    from siks_offline.db import meeting
    from siks_offline.instrument.engine import FormState

    form = proposals.form()
    taken = [line for line in found.lines if line.result in ("terdaftar", "draf")]
    touched: set[str] = set()
    with village.store.write() as session:
        if meeting.standing(session, village.period).closed_at:
            raise StoreError("E_MEETING_CLOSED", periode=village.period)
        for done, line in enumerate(taken):
            progress(done, len(taken))
            answers = dict(line.answers)
            begun = proposals.start(session, village, now, answers, door="daring")
            touched.add(begun.household_id)
            if line.result == "terdaftar":
                state = FormState(form, answers, now=now)
                proposals.store(session, village, begun.proposal_id, state, now)
        whole = found.count("terdaftar")
        detail = {"terdaftar": whole, "draf": found.count("draf")}
        proposals.note(session, village, now, "usulan.muat", found.file_name, detail)
    changes = Changes(households=frozenset(touched), prelist=True, handover=True)
    return whole, found.count("draf"), changes
