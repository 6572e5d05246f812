"""The district's answer: what it took of each bundle, what it lacks, what it decided."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from siks_offline.errors import BundleError
from siks_offline.export import canonical, records, shapes
from siks_offline.export.bundle import RecordFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from siks_offline.export.opening import Opened
    from siks_offline.export.shapes import Shape

LONGEST_COMMENT = 500
BundleOutcome = Literal["accepted", "partly", "held", "rejected"]
VisitOutcome = Literal["accepted", "held", "rejected"]


@dataclass(frozen=True, slots=True)
class BundleResult:
    """What became of one bundle: how many of its rows, and why not all (code, else empty)."""

    bundle_id: str
    manifest_sha256: str
    stream: str
    seq: int
    received_at: datetime
    result: BundleOutcome
    accepted: int
    held: int
    rejected: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class VisitResult:
    """What became of one revision; `path` leads to the question, `comment` says what to mend."""

    bundle_id: str
    visit_id: str
    hash: str
    result: VisitOutcome
    code: str = ""
    comment: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class LackedVisit:
    """A head of the sender's inventory that the store does not hold; `short` as in inventories."""

    visit_id: str
    revision: int
    short: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something said at the Dinsos about a household, such as which heads stand."""

    household_id: str
    kind: str
    value: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Rival:
    """One of several heads that stand for a household in a period; `differs` are paths."""

    household_id: str
    period: str
    visit_id: str
    revision: int
    sha256: str
    differs: str = ""
    """Paths whose answers differ among the heads, apart by spaces, as many as a comment holds."""

    def choice(self) -> Choice:
        """Return it as a line of receipt-choices."""
        value = f"{self.period} {self.visit_id} {self.revision} {self.sha256}"
        return Choice(self.household_id, HEAD, value, self.differs)


HEAD = "head"
"""Kind of the lines that name a head."""
_HEAD = re.compile(rf"({shapes.PERIOD}) ({shapes.UUID}) ([1-9][0-9]{{0,6}}) ({shapes.SHA256})")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One cumulative receipt for one village device."""

    bundles: tuple[BundleResult, ...] = ()
    visits: tuple[VisitResult, ...] = ()
    missing: tuple[tuple[str, int], ...] = ()
    """(stream, seq) of bundles that never arrived."""
    lacked_visits: tuple[LackedVisit, ...] = ()
    lacked_attachments: tuple[str, ...] = ()
    prelist: tuple[int, str] | None = None
    """(version, manifest hash) of the village's current prelist."""
    choices: tuple[Choice, ...] = ()

    def rivals(self) -> tuple[Rival, ...]:
        """Return the heads among the choices. Raises BundleError E_RECORD_SCHEMA."""
        found = []
        for one in self.choices:
            if one.kind == HEAD:
                said = _HEAD.fullmatch(one.value)
                if said is None:
                    raise BundleError("E_RECORD_SCHEMA", bagian="receipt-choices")
                period, visit_id, revision, sha256 = said.groups()
                found.append(
                    Rival(one.household_id, period, visit_id, int(revision), sha256, one.comment)
                )
        return tuple(found)


def write(receipt: Receipt) -> list[RecordFile]:
    """Return the records files of a receipt, each held against its schema; empty ones left out."""
    found: dict[str, list[Any]] = {
        "receipt": [
            asdict(one) | {"received_at": canonical.stamp(one.received_at)}
            for one in receipt.bundles
        ],
        "receipt-visits": [asdict(one) for one in receipt.visits],
        "receipt-missing": [{"seq": seq, "stream": stream} for stream, seq in receipt.missing],
        "receipt-lacks": [
            *([one.visit_id, one.revision, one.short] for one in receipt.lacked_visits),
            *(records.inventory_attachment(sha256) for sha256 in receipt.lacked_attachments),
        ],
        "receipt-prelist": []
        if receipt.prelist is None
        else [{"manifest_sha256": receipt.prelist[1], "version": receipt.prelist[0]}],
        "receipt-choices": [asdict(one) for one in receipt.choices],
    }
    for name, lines in found.items():
        for line in lines:
            _check(name, line)
    return [
        RecordFile(name, lines, len(lines))
        for name, lines in found.items()
        if lines or name == "receipt"
    ]


def read(opened: Opened) -> Receipt:
    """Return the receipt of an opened bundle of type receipt.

    Any faulty line refuses the whole with BundleError E_RECORD_SCHEMA: its sender is the Dinsos.
    """
    lacks = [records.parse_inventory(line) for line in _lines(opened, "receipt-lacks")]
    prelists = list(_lines(opened, "receipt-prelist"))
    if len(prelists) > 1:
        raise BundleError("E_RECORD_SCHEMA", bagian="receipt-prelist")
    return Receipt(
        bundles=tuple(
            BundleResult(**line | {"received_at": canonical.moment(line["received_at"])})
            for line in _lines(opened, "receipt")
        ),
        visits=tuple(VisitResult(**line) for line in _lines(opened, "receipt-visits")),
        missing=tuple((line["stream"], line["seq"]) for line in _lines(opened, "receipt-missing")),
        lacked_visits=tuple(LackedVisit(*one) for one in lacks if not isinstance(one, str)),
        lacked_attachments=tuple(one for one in lacks if isinstance(one, str)),
        prelist=(prelists[0]["version"], prelists[0]["manifest_sha256"]) if prelists else None,
        choices=tuple(Choice(**line) for line in _lines(opened, "receipt-choices")),
    )


def _lines(opened: Opened, name: str) -> Iterator[Any]:
    for _, value, _ in opened.lines(name):
        _check(name, value)
        yield value


def _check(name: str, value: Any) -> None:
    if isinstance(value, BundleError):
        raise value
    if name == "receipt-lacks":
        records.parse_inventory(value)
    else:
        shapes.check(value, _shapes[name], "E_RECORD_SCHEMA")


_shapes: dict[str, Shape] = {
    "receipt": shapes.members(
        {
            "accepted": shapes.integer(),
            "bundle_id": shapes.uuid,
            "code": shapes.error_code,
            "held": shapes.integer(),
            "manifest_sha256": shapes.sha256,
            "received_at": shapes.moment,
            "rejected": shapes.integer(),
            "result": shapes.one_of("accepted", "partly", "held", "rejected"),
            "seq": shapes.integer(1),
            "stream": shapes.uuid,
        }
    ),
    "receipt-visits": shapes.members(
        {
            "bundle_id": shapes.uuid,
            "code": shapes.error_code,
            "comment": shapes.words(LONGEST_COMMENT),
            "hash": shapes.sha256,
            "path": shapes.words(200, line_feed=False),
            "result": shapes.one_of("accepted", "held", "rejected"),
            "visit_id": shapes.uuid,
        }
    ),
    "receipt-missing": shapes.members({"seq": shapes.integer(1), "stream": shapes.uuid}),
    "receipt-prelist": shapes.members(
        {"manifest_sha256": shapes.sha256, "version": shapes.integer(1)}
    ),
    "receipt-choices": shapes.members(
        {
            "comment": shapes.words(LONGEST_COMMENT),
            "household_id": shapes.uuid,
            "kind": shapes.text(r"[a-z0-9_-]{1,40}"),
            "value": shapes.words(200, line_feed=False),
        }
    ),
}
