"""What proposals, the musyawarah and the prelist akhir are: frozen values that cross the layers.

Codes are those of the prelist (FIELD.md 3.3 and 5.1), kept as texts; an empty text is no answer.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - dataclasses are introspected
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

Source = Literal["prelist", "usulan"]
Way = Literal["musyawarah", "sptjm"]

FOUND: Final = "1"
NOT_FOUND: Final = "2"
TWICE: Final = "3"
PROPOSED: Final = "4"
STATUSES: Final = (FOUND, NOT_FOUND, TWICE, PROPOSED)
MOVED: Final = "1"
REASONS: Final = ("1", "2", "3", "4")
"""Moved, died, not known, address not in this village."""
YES: Final = "1"
NO: Final = "2"

Column = Literal[
    "ditemukan",
    "mampu",
    "pindah",
    "tidak_ditemukan",
    "ganda",
    "belum",
    "usulan",
    "usulan_mampu",
    "usulan_gugur",
    "usulan_belum",
]
COLUMNS: Final[tuple[Column, ...]] = get_args(Column)
OF_PRELIST: Final = COLUMNS[:6]
OF_PROPOSALS: Final = COLUMNS[6:]
OPEN: Final[frozenset[Column]] = frozenset({"belum", "usulan_belum"})
FINAL: Final[frozenset[Column]] = frozenset({"ditemukan", "usulan"})
"""Columns that make the prelist akhir: found or proposed, and not judged able."""
GONE: Final[frozenset[Column]] = frozenset({"pindah", "tidak_ditemukan"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the musyawarah said of one household in one period.

    `reason` goes with status 2, `twin` (the other household's id) with 3; `able`, `working`,
    `standing` (kedudukan dalam pekerjaan, 1-8) and `disabled` with 1 and 4.
    """

    household_id: str
    period: str
    status: str
    reason: str = ""
    twin: str = ""
    able: str = ""
    working: str = ""
    standing: str = ""
    disabled: str = ""
    note: str = ""
    """Why a household is judged able or otherwise unfit, in words; may be empty."""
    sitting_id: str = ""
    by: str = ""
    at: str = ""

    def head(self) -> dict[str, str]:
        """Return what it answers at the head of a visit, by question; empty texts clear."""
        return {
            "status_rumahtangga": self.status,
            "alasan_tidak_ditemukan": self.reason,
            "apakah_mampu": self.able,
            "ada_art_bekerja": self.working,
            "status_pekerjaan_krt": self.standing,
            "ada_art_cacat": self.disabled,
        }


MOVES: Final = ("pindah_anggota", "pecah", "gabung", "tidak_layak")
"""What becomes of households between visits; texts `perubahan.jenis.*`."""
UNFIT: Final = (
    "tidak_ditemukan",
    "meninggal",
    "sudah_mampu",
    "menolak",
    "kepesertaan_ganda",
    "menjadi_tki",
    "lainnya",
)
"""Reasons of ketidaklayakan (FIELD.md 3.6); texts `perubahan.alasan.*`."""


def column_of(source: str, verdict: Verdict | None) -> Column:
    """Return the one column of the count in which a household stands.

    Every household has exactly one: of the prelist, or of the proposals.
    """
    if source == "prelist":
        if verdict is None:
            return "belum"
        if verdict.status == FOUND:
            return "mampu" if verdict.able == YES else "ditemukan"
        if verdict.status == TWICE:
            return "ganda"
        return "pindah" if verdict.reason == MOVED else "tidak_ditemukan"
    if verdict is None:
        return "usulan_belum"
    if verdict.status == PROPOSED:
        return "usulan_mampu" if verdict.able == YES else "usulan"
    return "usulan_gugur"


def fault_of(source: str, verdict: Verdict) -> str:
    """Return the code of what is wrong with a verdict; empty when it is whole."""
    wanted = (FOUND, NOT_FOUND, TWICE) if source == "prelist" else (PROPOSED, NOT_FOUND, TWICE)
    here = verdict.status in (FOUND, PROPOSED)
    if verdict.status not in wanted:
        return "E_VERDICT_STATUS"
    if (verdict.status == NOT_FOUND) != (verdict.reason in REASONS) or (
        verdict.reason and verdict.status != NOT_FOUND
    ):
        return "E_VERDICT_REASON"
    if bool(verdict.twin) != (verdict.status == TWICE) or verdict.twin == verdict.household_id:
        return "E_VERDICT_TWIN"
    for code in (verdict.able, verdict.working, verdict.disabled):
        if code not in (("", YES, NO) if here else ("",)):
            return "E_VERDICT_CODE"
    if verdict.standing and not (verdict.working == YES and verdict.standing in "12345678"):
        return "E_VERDICT_CODE"
    return ""


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One household on the agenda, with what was said of it so far (None before)."""

    id: str
    source: Source
    idbdt: str
    no_kk: str
    nik_krt: str
    nama_krt: str
    alamat: str
    dusun: str
    rt: str
    rw: str
    anggota: int
    verdict: Verdict | None
    twin_name: str = ""
    """Head of the household that this one repeats."""

    @property
    def column(self) -> Column:
        """The column of the count in which it stands."""
        return column_of(self.source, self.verdict)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many households stand in each column; every household in exactly one."""

    columns: Mapping[Column, int]

    @property
    def prelist(self) -> int:
        """Households of the prelist awal."""
        return sum(self.columns[name] for name in OF_PRELIST)

    @property
    def proposals(self) -> int:
        """Households proposed."""
        return sum(self.columns[name] for name in OF_PROPOSALS)

    @property
    def open(self) -> int:
        """Households of which nothing was said yet."""
        return sum(self.columns[name] for name in OPEN)

    @property
    def final(self) -> int:
        """Households of the prelist akhir."""
        return sum(self.columns[name] for name in FINAL)


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person at a sitting: name, sex (L or P), unsur (RW, RT, tokoh ...), post or place."""

    name: str
    sex: str
    group: str
    post: str = ""


GROUPS: Final = (
    "aparat",
    "rw",
    "rt",
    "babinsa",
    "tokoh_masyarakat",
    "tokoh_agama",
    "pendamping",
    "pengumpul_data",
    "warga",
    "lainnya",
)
"""Unsur of those present; texts `musyawarah.unsur.*`."""
AUDIT: Final = tuple(f"mk{number:02}" for number in range(1, 19))
"""Names of the questions an auditor asks (MK01-MK18 of FIELD.md 3.4)."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One sitting of a period's musyawarah. `date` ISO, `hour` HH:MM; `audit` mk01..mk18."""

    id: str
    period: str
    number: int
    place: str
    date: str
    hour: str
    leader: str
    leader_post: str
    audit: Mapping[str, str] = field(default_factory=dict)
    attendees: tuple[Attendee, ...] = ()
    by: str = ""
    at: str = ""

    def present(self, *groups: str) -> tuple[int, int]:
        """How many men and women were there, of these groups or of all."""
        there = [one.sex for one in self.attendees if not groups or one.group in groups]
        return there.count("L"), there.count("P")


@dataclass(frozen=True, slots=True)
class Document:
    """A signed paper, scanned or photographed: kind berita-acara, sptjm, daftar-hadir or foto."""

    sha256: str
    kind: str
    extension: str
    size: int
    closing: int
    """Number of the closing that it belongs to."""
    by: str
    at: str
    received: bool


@dataclass(frozen=True, slots=True)
class Meeting:
    """A period's musyawarah as a whole: where it stands, its sittings, count and papers.

    `closing` counts how often it was closed; `closed_at` is empty while it is open.
    """

    period: str
    way: Way
    closing: int
    closed_at: str
    closed_by: str
    reopened: str
    """Why it was opened again last; empty when it never was."""
    sittings: tuple[Sitting, ...]
    tally: Tally
    documents: tuple[Document, ...]

    @property
    def closed(self) -> bool:
        """Whether its results stand."""
        return bool(self.closed_at)

    @property
    def paper(self) -> str:
        """Kind of the signed paper that its results need."""
        return "berita-acara" if self.way == "musyawarah" else "sptjm"

    @property
    def signed(self) -> bool:
        """Whether the scan of that paper, signed after this closing, is here."""
        return any(one.kind == self.paper and one.closing == self.closing for one in self.documents)


@dataclass(frozen=True, slots=True)
class Criterion:
    """An exclusion criterion of a region that a family meets, and the answers that show it."""

    id: str
    words: str
    because: tuple[tuple[str, str], ...] = ()
    """(Words of the question, words of the answer)."""


ProposalState = Literal["draf", "terdaftar"]


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A proposal as one row of a list."""

    id: str
    household_id: str
    number: int
    """Number of the receipt, from 1 in each period."""
    state: ProposalState
    door: str
    """Where it came in: loket, daring (a file) or kunjungan."""
    registrar: str
    """Who brought several families, such as a head of RT; may be empty."""
    nama_krt: str
    nik_krt: str
    no_kk: str
    alamat: str
    rt: str
    rw: str
    anggota: int
    revision: int
    by: str
    at: str
    answer: str = ""
    """What the office said of what it was sent: accepted, held or rejected; empty before."""
    code: str = ""
    comment: str = ""
    """What the office wants put right, in its own words."""
    path: str = ""
    """Question that the office names."""

    @property
    def sent_back(self) -> bool:
        """Whether the office did not take it in, and nothing was sent anew since."""
        return self.answer == "rejected"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal whole; `answers` in the shape of DATA.md under the instrument `usulan`."""

    line: ProposalLine
    period: str
    answers: Mapping[str, Any]
    criteria: tuple[Criterion, ...]
    attachments: tuple[tuple[str, str], ...]
    """(Kind such as F-KTP, SHA-256)."""


@dataclass(frozen=True, slots=True)
class FinalLine:
    """A household as prelists print it: the columns of FIELD.md 3.3, barcode and officer."""

    line: AgendaLine
    jenis_kelamin: str
    nama_pasangan: str
    barcode: str
    officer: str


BARCODE_DIGITS: Final = 12
"""Of the number on a household's papers: ten of its id, two to check (ISO 7064 MOD 97-10)."""


def is_barcode(text: str) -> bool:
    """Whether a text is the number of a household's papers, as a scanner types it."""
    digits = text.strip()
    return (
        len(digits) == BARCODE_DIGITS
        and digits.isascii()
        and digits.isdecimal()
        and int(digits) % 97 == 1
    )
