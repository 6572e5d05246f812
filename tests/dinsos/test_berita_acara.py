"""What villages decided, as the office takes it in and counts it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.db import office_bundles
from siks_offline.dinsos import berita_acara, rebuild, receipts, report
from siks_offline.export import canonical, identity, meeting_records
from siks_offline.export.bundle import AttachmentFile, RecordFile
from siks_offline.meeting import COLUMNS
from tests.dinsos.world import KODE, NOW, later, paired, take

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.dinsos.office import Office
    from tests.dinsos.world import TestVillage

PERIOD = "2026-Q4"
PDF = b"%PDF-1.4 bertanda tangan"
AT = {"at": canonical.stamp(NOW), "by": "operator"}


def home(number: int) -> str:
    return identity.household_id(KODE, f"{number:023}")


def verdict(number: int, status: str, revision: int = 1, **more: str) -> bytes:
    body: dict[str, Any] = {
        "able": "", "disabled": "", "household_id": home(number), "idbdt": f"{number:023}",
        "kode_desa": KODE, "note": "", "period": PERIOD, "reason": "", "revision": revision,
        "record_id": meeting_records.verdict_id(home(number), PERIOD), "sitting_id": "",
        "source": "prelist", "standing": "", "status": status, "twin": "", "working": "",
        **AT, **more,
    }  # fmt: skip
    return meeting_records.seal("verdicts", body)[1]


def musdes(
    revision: int = 1, closed: str = AT["at"], period: str = PERIOD, papers: Any = None
) -> bytes:
    body: dict[str, Any] = {} if papers is None else {"documents": papers}
    body |= {
        "closed_at": closed, "counts": dict.fromkeys(COLUMNS, 0), "kode_desa": KODE,
        "period": period, "record_id": meeting_records.musdes_id(KODE, period),
        "reopened": "" if closed else "keliru", "revision": revision, "sittings": [],
        "way": "musyawarah", **AT,
    }  # fmt: skip
    return meeting_records.seal("musdes", body)[1]


def sent(village: TestVillage, *lines: bytes, kind: str = "verdicts", **how: Any) -> Path:
    records = [RecordFile(kind, lines), *how.pop("more", ())]
    return village.write("visits", records, **how).path


def counted(office: Office) -> dict[str, int]:
    found = berita_acara.read(office, PERIOD)
    return {name: count for name, count in found.total.columns.items() if count}


def move(kind: str, number: int, **more: str) -> bytes:
    body: dict[str, Any] = {
        "household_id": home(number), "kind": kind, "kode_desa": KODE, "note": "", "other": "",
        "period": PERIOD, "person_id": "", "reason": "", "record_id": identity.uuid7(NOW),
        "revision": 1, **AT, **more,
    }  # fmt: skip
    return meeting_records.seal("moves", body)[1]


@pytest.fixture
def village(made: Office, tmp_path: Path) -> TestVillage:
    return paired(made, tmp_path)


def test_each_verdict_has_its_column(made: Office, village: TestVillage) -> None:
    """Found but not visited waits; the other words are final, and the sum is all households."""
    take(
        made,
        sent(
            village,
            verdict(1, "1"),
            verdict(2, "1", able="1"),
            verdict(3, "2", reason="1"),
            verdict(4, "2", reason="3"),
            verdict(5, "3", twin=home(1)),
            verdict(6, "4", source="usulan", idbdt=""),
        ),
    )
    assert counted(made) == {"belum": 2, "mampu": 1, "c": 1, "b": 1, "d": 1}


def test_a_visit_says_more_than_a_verdict(made: Office, village: TestVillage) -> None:
    """Who was visited is counted by the visit; a proposal that is done stands in f, not in a."""
    done = {"hasil_verivali": "1"}
    lines = [
        village.visit(1, household_id=home(1), answers=done, idbdt=f"{1:023}"),
        village.visit(
            2, household_id=home(2), answers=done | {"status_rumahtangga": "4"}, idbdt=""
        ),
        village.visit(3, household_id=home(3), answers={"hasil_verivali": "5"}, idbdt=f"{3:023}"),
    ]
    said = RecordFile("verdicts", [verdict(1, "1"), verdict(2, "4", source="usulan", idbdt="")])
    take(made, village.write("visits", [said, RecordFile("visits", lines)]).path)
    assert counted(made) == {"a": 1, "f": 1, "e": 1}
    assert berita_acara.read(made, PERIOD).total.valid == 2


def test_order_and_repetition_change_nothing(
    made: Office, village: TestVillage, tmp_path: Path
) -> None:
    """The highest revision stands whichever file came first, twice, or from the archive again."""
    files = [
        sent(village, verdict(1, "1"), verdict(2, "1")),
        sent(village, verdict(1, "2", 2, reason="1")),
        sent(village, verdict(1, "3", 3, twin=home(2)), more=[RecordFile("musdes", [musdes()])]),
    ]
    found = set()
    for order in (files, files[::-1]):
        for file in (*order, *order):
            take(made, file)
        found.add(tuple(sorted(counted(made).items())))
        before = berita_acara.read(made, PERIOD)
        rebuild.rebuild(made, NOW)
        assert berita_acara.read(made, PERIOD) == before
    assert found == {(("belum", 1), ("d", 1))}


def test_two_devices_that_say_two_things_are_told(made: Office, village: TestVillage) -> None:
    """One number, two hashes: one of them stands, the same for every order, and both are counted."""
    one, other = verdict(1, "1"), verdict(1, "2", reason="1")
    take(made, sent(village, one, other))
    assert berita_acara.read(made, PERIOD).villages[0].forks == 1
    assert sum(counted(made).values()) == 1


def test_a_bad_line_costs_only_itself(made: Office, village: TestVillage, tmp_path: Path) -> None:
    """It is set aside with its code, told in the receipt, and the rest goes on."""
    bad = verdict(2, "1").replace(b'"status":"1"', b'"status":"2"')
    stranger = verdict(3, "1", kode_desa="3509122004")
    arrival = take(made, sent(village, verdict(1, "1"), bad, stranger))
    assert arrival.hasil == "sebagian"
    with made.store.read() as session:
        told = [row["code"] for row in office_bundles.results(session, arrival.manifest_sha256)]
    assert told == ["E_RECORD_SCHEMA", "E_SCOPE"]
    assert counted(made) == {"belum": 1}
    assert receipts.issue(made, village.device, later(minutes=1)).path.exists()


def test_the_signed_paper_is_named(made: Office, village: TestVillage, tmp_path: Path) -> None:
    """The report shows which paper, by its hash; a village that opened again is told so."""
    sha256 = hashlib.sha256(PDF).hexdigest()
    paper = AttachmentFile(sha256, "pdf", lambda: PDF)
    file = village.write(
        "visits",
        [RecordFile("musdes", [musdes()])],
        attachments=[paper],
        documents=[("berita-acara", sha256)],
    ).path
    take(made, file)
    (one,) = berita_acara.read(made, PERIOD).villages
    assert (one.papers, one.way) == ((("berita-acara", sha256),), "musyawarah")
    take(made, sent(village, musdes(2, ""), kind="musdes"))
    (one,) = berita_acara.read(made, PERIOD).villages
    assert one.closed_at == ""
    page = tmp_path / "laporan.html"
    report.write(made, page, NOW)
    assert sha256[:12] in page.read_text("utf-8")


def test_a_paper_belongs_to_the_musyawarah_that_names_it(
    made: Office, village: TestVillage
) -> None:
    """Results of an old period, exported later, keep their paper; the manifest's period has none."""
    sha256 = hashlib.sha256(PDF).hexdigest()
    paper = AttachmentFile(sha256, "pdf", lambda: PDF)
    named = [{"kind": "berita-acara", "sha256": sha256}]
    lines = [musdes(period="2026-Q3", papers=named), musdes(papers=[])]
    file = village.write(
        "visits",
        [RecordFile("musdes", lines)],
        attachments=[paper],
        documents=[("berita-acara", sha256)],
    ).path
    take(made, file)
    (old,) = berita_acara.read(made, "2026-Q3").villages
    (new,) = berita_acara.read(made, PERIOD).villages
    assert (old.papers, new.papers) == ((("berita-acara", sha256),), ())


def test_what_became_of_households_is_counted_by_village(
    made: Office, village: TestVillage, tmp_path: Path
) -> None:
    """A split is one, however many went; a wrong reason is set aside; the page says it in words."""
    who = {name: identity.uuid7(NOW) for name in ("a", "b", "new")}
    split = [move("pecah", 1, other=who["new"], person_id=who[name]) for name in ("a", "b")]
    wrong = move("tidak_layak", 3, reason="menolak").replace(b"menolak", b"melawan")
    unfit = move("tidak_layak", 2, reason="sudah_mampu")
    take(made, sent(village, *split, unfit, wrong, kind="moves"))
    (one,) = berita_acara.read(made, PERIOD).villages
    assert one.changes == {("pecah", ""): 1, ("tidak_layak", "sudah_mampu"): 1}
    page = tmp_path / "laporan.html"
    report.write(made, page, NOW)
    assert "Tidak layak: sudah mampu" in page.read_text("utf-8")


def test_the_newest_period_is_the_last_that_begins(made: Office, village: TestVillage) -> None:
    """Asked for none, the office counts November, although Q3 stands behind it as a text."""
    for period in ("2026-Q3", "2026-11"):
        record_id = meeting_records.verdict_id(home(1), period)
        take(made, sent(village, verdict(1, "1", period=period, record_id=record_id)))
    assert berita_acara.read(made).period == "2026-11"
