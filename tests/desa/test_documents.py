"""The papers of a village: whole, counted once, masked unless somebody says why."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siks_offline import nik
from siks_offline.crypto import codes
from siks_offline.db import audit
from siks_offline.desa import accounts, closing, documents, final_list, meeting, visit
from siks_offline.errors import Cancelled, StoreError
from siks_offline.export import meeting_paper, paper_pages, paper_parts, paper_text
from siks_offline.instrument import checks
from siks_offline.latihan import people
from siks_offline.meeting import (
    COLUMNS,
    FINAL,
    OF_PRELIST,
    AgendaLine,
    Column,
    Meeting,
    Sitting,
    Source,
    Tally,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siks_offline.desa.village import Village

NOW = datetime(2026, 11, 22, 3, 42, tzinfo=UTC)
SITTING = Sitting("", "", 0, "Balai desa", "2026-11-20", "09:00", "Ketua", "Kepala Desa")

needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext is absent"
)


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    with accounts.create_village(
        tmp_path / "desa",
        kode_desa="3509122003",
        nama_desa="Sumberejo",
        account="ani",
        passphrase="latihan",
        recovery_code=codes.recovery_code(),
        now=NOW,
        practice=True,
        bps="3509120003",
    ) as made:
        for at in range(2):
            answers = people.household(at, 3, "3509122003", NOW.date()).answers
            id_, _ = visit.add_household(made, NOW)
            opened = visit.open_visit(made, id_, NOW)
            state = type(opened.state)(made.instrument, answers, now=NOW)
            for issue in [one for one in checks.issues(state) if one.level == "konfirmasi"]:
                state.confirm(issue.path, issue.rule, "sesuai kertas")
            assert visit.complete(made, id_, state, NOW).done
        yield made


def words(path: Path) -> str:
    """What a reader finds on all pages."""
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return done.stdout.decode()


def line(number: int, column: Column) -> AgendaLine:
    """A household that stands in a column of the count."""
    source: Source = "prelist" if column in OF_PRELIST else "usulan"
    status = {"pindah": "2", "tidak_ditemukan": "2", "ganda": "3", "usulan_gugur": "2"}.get(
        column, "1" if source == "prelist" else "4"
    )
    said = Verdict(
        str(number), "2026-Q4", status,
        reason={"pindah": "1", "tidak_ditemukan": "2", "usulan_gugur": "3"}.get(column, ""),
        twin="x" if status == "3" else "",
        able="1" if column in ("mampu", "usulan_mampu") else "",
    )  # fmt: skip
    return AgendaLine(
        str(number), source, "", "", f"35091245037{number:05}", f"WARGA {number}", "Jalan", "",
        "001", "002", 3, None if column in ("belum", "usulan_belum") else said,
    )  # fmt: skip


@given(st.lists(st.sampled_from(COLUMNS), max_size=60))
def test_every_household_is_on_the_list_of_all_and_on_no_two_results(columns: list[Column]) -> None:
    """BNBA has each once; prelist akhir, not found and able share none, and say what the count says."""
    lines = [line(number, column) for number, column in enumerate(columns)]
    assert [one.column for one in lines] == columns
    on = {
        name: [one.id for one in lines if not wanted or one.column in wanted]
        for name, wanted in meeting_paper.ANNEXES
    }
    assert sorted(on["bnba"]) == sorted(one.id for one in lines)
    results = Counter(on["akhir"] + on["tidak_ditemukan"] + on["mampu"])
    assert not results or max(results.values()) == 1
    assert len(on["akhir"]) == sum(column in FINAL for column in columns)


@pytest.mark.parametrize("paper", ["a4", "f4"])
def test_a_long_list_numbers_its_pages_and_loses_nobody(paper: str) -> None:
    """Each of many rows is laid out on one page, whole numbers on one line."""
    lines = [line(number, "ditemukan") for number in range(150)]
    count = Counter(one.column for one in lines)
    whole = Meeting(
        "2026-Q4", "musyawarah", 1, "2026-11-20T04:00:00Z", "ani", "", (SITTING,),
        Tally({name: count[name] for name in COLUMNS}), (),
    )  # fmt: skip
    head = paper_pages.Letterhead("Kabupaten Jember", "Ambulu", "Desa Sumberejo")
    office = meeting_paper.Office(head, "Jawa Timur", "3509122003", "3509120003")
    how = meeting_paper.Printing(paper)  # type: ignore[arg-type]
    made = meeting_paper.minutes(office, whole, lines, how)
    found = made.pdf()
    assert len(re.findall(rb"/Type /Page\b", found)) == made.count > 8
    assert made.pdf() == found, "the same paper twice is the same file"


def test_a_number_is_never_broken_into_lines() -> None:
    """Row 10,000, sixteen digits and an ID of 23 fit into the columns that have them."""
    annex = [("10000", 0), ("3" * 16, 1), (nik.mask("3" * 16), 1), ("0" * 23, 2)]
    prelist = [("10000", 0), ("3" * 16, 5)]
    for columns, page, numbers in (
        (meeting_paper.annex_columns(), 210, annex),
        (meeting_paper.prelist_columns(), 297, prelist),
    ):
        share = (page - 2 * paper_pages.MARGIN) / sum(one.share for one in columns)
        for digits, at in numbers:
            room = (columns[at].share * share - 2 * paper_pages._PAD) * paper_parts.MM
            assert paper_text.wrapped(digits, paper_pages._SMALL, room, 4) == (digits,)


@given(st.text(max_size=80), st.integers(20, 200))
def test_wrapped_words_stay_within_their_room(said: str, room: int) -> None:
    """No line is wider than its column, unless one letter is."""
    for part in paper_text.wrapped(said, 8, room, 4):
        assert len(part) == 1 or paper_text.width(part, 8) <= room + 0.01


@needs_pdftotext
def test_numbers_are_masked_until_a_reason_is_given_and_the_reason_is_kept(
    village: Village, tmp_path: Path
) -> None:
    """The list of all hides NIK; with a reason it shows them, and the audit says who and why."""
    out = tmp_path / "bnba.pdf"
    numbers = [one.nik_krt for one in meeting.lines(village, meeting.agenda(village)).values()]
    assert len(numbers) == 2
    assert not documents.write(village, "bnba", out, NOW).whole
    assert not any(number in words(out) for number in numbers)
    told = subprocess.run(["pdfinfo", out], capture_output=True, check=True, text=True).stdout
    assert re.search(r"^Author:\s*$", told, re.MULTILINE), "who printed is the trail's to tell"
    with pytest.raises(StoreError, match="E_PAPER_REASON"):
        documents.write(village, "bnba", out, NOW, reason="ya")
    assert documents.write(village, "bnba", out, NOW, reason="diminta camat").whole
    assert all(number in words(out) for number in numbers)
    with village.store.read() as session:
        [last] = audit.lines(session, newest=1)
    assert (last.action, last.account) == ("cetak", "ani")
    assert "diminta camat" in last.detail
    assert '"utuh":true' in last.detail


@needs_pdftotext
def test_results_are_drafts_until_the_musyawarah_is_closed(
    village: Village, tmp_path: Path
) -> None:
    """Before the close a paper of results says so; afterwards it does not."""
    village.practice = False  # whose own mark would stand in the place of the draft's
    meeting.put_sitting(village, SITTING, NOW)
    for id_ in meeting.agenda(village):
        meeting.decide(village, id_, Verdict("", "", "4", able="2"), NOW)
    out = tmp_path / "ba.pdf"
    assert documents.write(village, "berita-acara", out, NOW).draft
    before = out.read_bytes()
    closing.close(village, NOW)
    assert not documents.write(village, "berita-acara", out, NOW).draft
    assert len(out.read_bytes()) < len(before)
    assert "Sumberejo (3509122003)" in words(out)
    for kind in ("undangan", "daftar-hadir", "sptjm"):
        pages = documents.write(village, kind, out, NOW).pages
        assert (pages, "Desa Desa" in words(out)) == (1, False), kind


@needs_pdftotext
def test_a_filled_form_shows_the_answers_and_the_number_that_opens_it(
    village: Village, tmp_path: Path
) -> None:
    """Names and codes in words, and the household's barcode in digits."""
    [id_, *_] = final_list.ids(village, "semua")
    out = tmp_path / "isian.pdf"
    documents.write(village, "isian", out, NOW, of=id_, paper="f4")
    printed = words(out)
    assert final_list.barcode(id_) in printed
    [name] = [one.nama_krt for one in meeting.lines(village, [id_]).values()]
    assert name in printed
    assert "Kepala" in printed


def test_a_cancelled_paper_leaves_no_file(village: Village, tmp_path: Path) -> None:
    """Cancel is asked for while a paper is laid out or drawn; nothing is written then."""

    def stop(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        documents.write(village, "prelist-awal", tmp_path / "p.pdf", NOW, progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["desa"]


def test_the_letterhead_is_kept_in_clean_lines(village: Village) -> None:
    """What is typed comes back in one line each."""
    wanted = documents.Stationery("Jalan Raya\n 1", "0331 1", "  SITI  ", "")
    assert documents.put_stationery(village, wanted, NOW).address == "Jalan Raya 1"
    assert documents.stationery(village).leader == "SITI"
