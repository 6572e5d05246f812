"""Lines of proposals, verdicts and musyawarahs: what a reader takes and what it sets aside."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from siks_offline.errors import BundleError
from siks_offline.export import canonical, meeting_records
from siks_offline.meeting import COLUMNS

HOME = "0190f1c2-7d3a-7b10-9c55-0a1b2c3d4e5f"
COMMON = {"kode_desa": "3509122003", "period": "2026-Q4", "revision": 1}
AT = {"at": "2026-11-20T03:10:00Z", "by": "operator"}

VERDICT: dict[str, Any] = COMMON | AT | {
    "able": "2", "disabled": "2", "household_id": HOME, "idbdt": "", "note": "", "reason": "",
    "record_id": meeting_records.verdict_id(HOME, "2026-Q4"), "sitting_id": "", "source": "usulan",
    "standing": "6", "status": "4", "twin": "", "working": "1",
}  # fmt: skip
PROPOSAL: dict[str, Any] = COMMON | AT | {
    "answers": {"nama_krt": "Siti", "anggota": [{"nama": "Siti"}]}, "attachments": [],
    "confirmations": [], "criteria": ["mobil"], "door": "loket", "household_id": HOME,
    "instrument": {"id": "usulan", "version": "2022.1"}, "number": 1, "persons": [HOME],
    "record_id": HOME, "registrar": "",
}  # fmt: skip
SITTING = {
    "attendees": [{"group": "rt", "name": "Sutrisno", "post": "", "sex": "L"}],
    "audit": {"mk14": "ya"}, "date": "2026-11-20", "hour": "09:30", "id": HOME,
    "leader": "Suparman", "leader_post": "", "number": 1, "place": "Balai desa",
}  # fmt: skip
MUSDES: dict[str, Any] = COMMON | AT | {
    "closed_at": "2026-11-20T05:00:00Z", "counts": dict.fromkeys(COLUMNS, 1),
    "record_id": meeting_records.musdes_id("3509122003", "2026-Q4"), "reopened": "",
    "sittings": [SITTING], "way": "musyawarah",
}  # fmt: skip
WHOLE = {"verdicts": VERDICT, "proposals": PROPOSAL, "musdes": MUSDES}


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_what_was_sealed_is_taken_back(kind: str) -> None:
    """The hash is that of the line without itself; sealing again gives the same bytes."""
    sha256, line = meeting_records.seal(kind, WHOLE[kind])
    assert meeting_records.check(kind, canonical.loads(line))[0] == sha256
    assert meeting_records.seal(kind, WHOLE[kind]) == (sha256, line)


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_every_member_is_wanted_and_no_other(kind: str) -> None:
    """A line that lacks a member, has one too many, or one of another shape is set aside."""
    for name in WHOLE[kind]:
        less = {key: value for key, value in WHOLE[kind].items() if key != name}
        for body in (less, WHOLE[kind] | {"lain": ""}, WHOLE[kind] | {name: None}):
            with pytest.raises(BundleError) as refused:
                meeting_records.seal(kind, body)
            assert refused.value.code == "E_RECORD_SCHEMA", name


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("verdicts", {"status": "5"}),
        ("verdicts", {"reason": "10"}),
        ("verdicts", {"source": "lain"}),
        ("verdicts", {"record_id": HOME}),
        ("verdicts", {"revision": 0}),
        ("verdicts", {"period": "2026"}),
        ("proposals", {"answers": {"a": 1}}),
        ("proposals", {"door": "jendela"}),
        ("proposals", {"registrar": "a\u202eb"}),
        ("musdes", {"record_id": HOME}),
        ("musdes", {"counts": {"ditemukan": 1}}),
        ("musdes", {"sittings": [SITTING | {"audit": {"mk19": "ya"}}]}),
        ("musdes", {"sittings": [SITTING | {"date": "20-11-2026"}]}),
        ("musdes", {"way": "rapat"}),
    ],
)
def test_a_value_out_of_its_list_is_set_aside(kind: str, change: dict[str, Any]) -> None:
    """Codes, dates and derived ids keep to what the specification lists."""
    with pytest.raises(BundleError) as refused:
        meeting_records.seal(kind, WHOLE[kind] | change)
    assert refused.value.code == "E_RECORD_SCHEMA"


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_a_changed_line_no_longer_has_its_hash(kind: str) -> None:
    """A line altered after sealing, or sealed as another kind, is refused."""
    _, raw = meeting_records.seal(kind, WHOLE[kind])
    line = copy.deepcopy(canonical.loads(raw))
    line["by"] = "orang lain"
    with pytest.raises(BundleError) as refused:
        meeting_records.check(kind, line)
    assert refused.value.facts["bagian"] == "sha256"
    for other in sorted(set(WHOLE) - {kind}):
        with pytest.raises(BundleError):
            meeting_records.check(other, canonical.loads(raw))
