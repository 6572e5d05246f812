"""Lines of a questionnaire that the office lacks: which of the two came first does not matter."""

from __future__ import annotations

import hashlib
import random
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from siks_offline.db import office_bundles, office_tables
from siks_offline.dinsos import backup, held, instruments, rebuild, receive, report
from siks_offline.export import bundle, canonical, meeting_records
from siks_offline.export.bundle import AttachmentFile, RecordFile
from siks_offline.instrument import load
from tests.dinsos.district import OfficeKeys, register, village_of
from tests.dinsos.test_berita_acara import PDF, musdes
from tests.dinsos.test_instruments import ANSWERS, workbook
from tests.dinsos.test_receipts import answer
from tests.dinsos.world import (
    KODE,
    NOW,
    PASSPHRASE,
    TestVillage,
    later,
    make_office,
    name,
    paired,
    take,
)

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.dinsos.office import Office

RUNS, RUNS_LONG = 12, 300
OLD: Any = {"instrument": ("uji", "1"), "persons": []}
NEW: Any = {"instrument": ("uji", "2"), "persons": []}
ODD = {"alamat": "JALAN"}
"""An answer that neither workbook has a question for."""


def proposal(number: int, version: str, answers: Any = ANSWERS) -> bytes:
    """A proposal that was typed under a form of the region."""
    body = {
        "answers": answers, "at": canonical.stamp(NOW), "attachments": [], "by": "operator",
        "confirmations": [], "criteria": [], "door": "loket", "household_id": name("rumah", number),
        "instrument": {"id": "uji", "version": version}, "kode_desa": KODE, "number": number,
        "period": "2026-Q4", "persons": [], "record_id": name("usulan", number),
        "registrar": "", "revision": 1,
    }  # fmt: skip
    return meeting_records.seal("proposals", body)[1]


def sent(village: TestVillage, *visits: Any, lines: Any = (), **how: Any) -> Path:
    """A bundle of the DTKS form, whatever its lines were answered under; with a signed paper."""
    files = [RecordFile("visits", list(visits)), RecordFile("proposals", list(lines))]
    files.append(RecordFile("musdes", [musdes()]))
    sha256 = hashlib.sha256(PDF).hexdigest()
    paper = AttachmentFile(sha256, "pdf", lambda: PDF)
    how["documents"] = [("berita-acara", sha256)]
    return village.write("visits", files, [paper], **how).path


def result(made: Office, path: Path) -> tuple[str, int, int, int, list[str]]:
    """What stands of a file: its result, lines taken, waiting and refused, codes of lines."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with made.store.read() as session:
        row = office_bundles.bundle_of_file(session, sha256)
        assert row is not None
        codes = [one["code"] for one in office_bundles.results(session, row["manifest_sha256"])]
    return row["result"], row["accepted"], row["held"], row["rejected"], codes


def judged(made: Office) -> dict[str, Any]:
    """All that the office concluded from the files; not when they came or were told of.

    Nor which of several files brought a photo first.
    """
    left_out = {"received_at", "reported", "file_sha256"}
    names = ("bundles", "results", "parents", "photos", "records", "documents", "attachments")
    found: dict[str, Any] = {"rows": report.households(made), "held": len(held.listed(made))}
    with made.store.read() as session:
        for one in names:
            table = office_tables.metadata.tables[one]
            kept = [column for column in table.columns if column.name not in left_out]
            found[one] = sorted(map(repr, session.execute(select(*kept)).all()))
    return found


def test_lines_are_judged_again_when_their_workbook_comes(made: Office, tmp_path: Path) -> None:
    """What the workbook knows goes in, what it cannot have is refused for that; the rest waits.

    The village is told by the next answer, as it is of every change.
    """
    village = paired(made, tmp_path / "desa")
    lines = [
        village.visit(1),
        village.visit(2, answers=ANSWERS, **OLD),
        village.visit(3, answers=ODD, **OLD),
        village.visit(4, answers=ANSWERS, **NEW),
    ]
    path = sent(village, *lines, lines=[proposal(5, "1"), proposal(6, "2"), proposal(7, "1", ODD)])
    unknown = "H_INSTRUMENT_UNKNOWN"
    arrival = take(made, path)
    assert (arrival.hasil, arrival.held, arrival.warnings) == ("sebagian", 3, (unknown,))
    assert result(made, path) == ("partly", 1, 3, 0, ["", *[unknown] * 6])
    waits = [{"id": "uji", "versi": version, "berkas": 1} for version in ("1", "2")]
    assert held.awaited(made) == waits
    first = answer(made, village, tmp_path)
    assert [one.code for one in first.visits] == ["", *[unknown] * 6]
    assert [one.result for one in first.visits] == ["accepted", *["held"] * 6]

    done = instruments.install(made, workbook(tmp_path), later(hours=1))
    assert (done.new, done.released) == (True, 1)
    told = ["", "", "E_RECORD_SCHEMA", unknown, unknown, "E_RECORD_SCHEMA"]
    assert result(made, path) == ("partly", 2, 1, 1, told)
    second = answer(made, village, tmp_path)
    assert [one.code for one in second.visits] == told

    assert instruments.install(made, workbook(tmp_path, "2"), later(hours=2)).released == 1
    assert result(made, path) == (
        "partly",
        3,
        0,
        1,
        ["", "", "E_RECORD_SCHEMA", "", "E_RECORD_SCHEMA"],
    )
    assert held.retry(made, later(hours=3)) == 0, "nothing waits any more"
    before = judged(made)
    rebuild.rebuild(made, later(hours=4))
    assert judged(made) == before


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, OfficeKeys, list[Path]]:
    """An office before the first file, and files of a village that wait in every way."""
    folder = tmp_path_factory.mktemp("kabupaten")
    with make_office(folder / "kantor") as made:
        keys = OfficeKeys(
            made.store.key, made.keys.signing.seed, tuple(map(str, made.keys.identities))
        )
        village = village_of(made.keyset, folder / "desa", KODE)
        register(made, village)
    books = [workbook(folder, version) for version in ("1", "2")]
    named = [
        {"id": "uji", "version": path.stem[-1], "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in books
    ]  # fmt: skip
    files = [
        sent(village, village.visit(1), village.visit(2, answers=ANSWERS, **OLD)),
        sent(village, village.visit(3, answers=ODD, **OLD), lines=[proposal(4, "1")]),
        sent(village, village.visit(5, answers=ANSWERS, **NEW), village.visit(6, **NEW | {"answers": ODD})),
        sent(village, village.visit(7, answers=ANSWERS, **NEW), instrument=named[0]),
        sent(village, village.visit(8, answers=ANSWERS, **OLD), instrument=named[1], lines=[proposal(9, "2")]),
        sent(village, village.visit(1, instrument=("tidak-ada", "9"))),
    ]  # fmt: skip
    return folder / "kantor", keys, [*books, *files]


def give(made: Office, path: Path) -> None:
    """Hand over a workbook or a bundle."""
    if path.suffix == ".xlsx":
        instruments.install(made, path, NOW)
    else:
        take(made, path)


def test_the_same_set_gives_the_same_store(
    district: tuple[Path, OfficeKeys, list[Path]], tmp_path: Path, long_form: bool
) -> None:
    """Workbooks and bundles in any order, some twice, some never: one store, and the rebuilt one."""
    template, keys, every = district
    outcomes: dict[frozenset[Path], Any] = {}
    for run in range(RUNS_LONG if long_form else RUNS):
        noise = random.Random(run // 3)  # three ways of each choice
        chosen = [path for path in every if noise.random() < 0.8]
        way = [*chosen, *(path for path in chosen if noise.random() < 0.2)]
        random.Random(run).shuffle(way)
        folder = tmp_path / str(run)
        shutil.copytree(template, folder)
        with keys.open(folder) as made:
            for path in way:
                give(made, path)
            stands = judged(made)
            assert outcomes.setdefault(frozenset(chosen), stands) == stands, run
            rebuild.rebuild(made, NOW)
            assert judged(made) == stands, run
        shutil.rmtree(folder)
    assert len(outcomes) > 2


def test_stopped_anywhere_the_next_command_goes_on(
    district: tuple[Path, OfficeKeys, list[Path]], tmp_path: Path, long_form: bool
) -> None:
    """Whatever fails while a workbook is installed, every file was judged with it or without."""
    template, keys, every = district
    books, files = every[:2], every[2:]

    class Stop(BaseException):
        pass

    def office(name: str) -> Office:
        shutil.copytree(template, tmp_path / name)
        made = keys.open(tmp_path / name)
        for path in files:
            take(made, path)
        return made

    with office("utuh") as made:
        instruments.install(made, books[0], NOW)
        wanted = judged(made)
    step = 1
    while True:
        made, left = office(str(step)), step

        def reached(*_: Any) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Stop

        event.listen(made.store.engine, "before_cursor_execute", reached)
        try:
            instruments.install(made, books[0], NOW)
        except Stop:
            pass
        finally:
            event.remove(made.store.engine, "before_cursor_execute", reached)
        ended = left > 0
        for path in files:
            assert result(made, path)[1] in {0, 1, 2}
        instruments.install(made, books[0], NOW)
        assert judged(made) == wanted, step
        made.close()
        shutil.rmtree(tmp_path / str(step))
        if ended:
            break
        step += 1 if long_form else 17
    assert step > 40


def test_a_workbook_that_comes_while_a_file_is_opened_counts(
    made: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another command may install it between the judging of the manifest and that of the lines."""
    village = paired(made, tmp_path / "desa")
    path = sent(village, village.visit(1, answers=ANSWERS, **OLD))
    real = bundle.open_bundle

    def slow(*words: Any) -> Any:
        found = real(*words)
        instruments.install(made, workbook(tmp_path), NOW)
        return found

    monkeypatch.setattr(receive.bundle, "open_bundle", slow)
    assert take(made, path).hasil == "diterima"


def test_a_form_of_this_program_needs_no_workbook(made: Office, tmp_path: Path) -> None:
    """A line is taken under any questionnaire that the program brings, met before or not."""
    village, form = paired(made, tmp_path / "desa"), load.load_shipped("regsosek")
    assert instruments.listed(made) == []
    line = village.visit(1, answers={}, persons=[], instrument=(form.id, form.version))
    assert take(made, sent(village, line)).hasil == "diterima"
    kept = {(one.id, one.version): one.content for one in instruments.listed(made)}
    assert kept[form.id, form.version]


def test_a_form_of_an_earlier_program_is_still_held_to(
    made: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program that brought it kept its workbook: the next one judges its lines alike."""
    village, form = paired(made, tmp_path / "desa"), load.load_shipped("dtks")
    take(made, sent(village, village.visit(1)))
    odd = sent(village, village.visit(2, answers={"bukan_pertanyaan": "1"}))
    newer = [("dtks", "2099.1", "0" * 64)]
    monkeypatch.setattr(instruments, "shipped", lambda: newer)
    monkeypatch.setattr(instruments, "SHIPPED", ())
    take(made, odd)
    assert result(made, odd)[-1] == ["E_RECORD_SCHEMA"]
    found = instruments.read(made, form.id, form.version, form.sha256)
    assert found is not None
    assert found.sha256 == form.sha256


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
def test_what_waited_is_asked_for_again_by_an_office_without_its_archive(
    made: Office, tmp_path: Path
) -> None:
    """Nobody could judge it there any more; the numbers count as never received."""
    village = paired(made, tmp_path / "desa")
    unknown = {"id": "dtks", "sha256": "0" * 64, "version": "2099.1"}
    take(made, village.send([village.visit(1)]))
    take(made, village.send([village.visit(2)], instrument=unknown))
    take(made, sent(village, village.visit(3), village.visit(4, answers=ANSWERS, **OLD)))
    take(made, village.send([village.visit(5)]))
    backup.write(made, tmp_path / "salinan.siksdinsos", later(hours=1), archive=False)
    copy = (tmp_path / "salinan.siksdinsos", tmp_path / "lain")
    with backup.restore(*copy, PASSPHRASE, later(hours=2)) and open_copy(copy[1]) as again:
        assert held.listed(again) == []
        assert held.retry(again, later(hours=3)) == 0
        assert [seq for _, seq in answer(again, village, tmp_path).missing] == [3, 4]
        assert len(report.households(again)) == 3, "what had gone in stands"


def open_copy(folder: Path) -> Office:
    from siks_offline.dinsos.office import open_office

    return open_office(folder, PASSPHRASE)


# Offices of earlier programs --------------------------------------------------------------------


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
def test_lines_that_an_earlier_program_refused_are_judged_again(
    made: Office, tmp_path: Path
) -> None:
    """It did not note which questionnaire they wait for: they are looked at, and noted."""
    village = paired(made, tmp_path / "desa")
    path = sent(village, village.visit(1), village.visit(2, answers=ANSWERS, **OLD))
    arrival = take(made, path)
    with made.store.write() as session:
        office_bundles.set_counts(session, arrival.manifest_sha256, waits="[]")
    assert held.retry(made, later(hours=1)) == 1
    assert held.retry(made, later(hours=1)) == 0
    instruments.install(made, workbook(tmp_path), later(hours=2))
    assert result(made, path)[0] == "accepted"
