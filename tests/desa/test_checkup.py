"""Periksa data finds what was changed: bits of any page, rows, lines of the trail, copies."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from siks_offline.crypto import codes, keystore
from siks_offline.db import audit, engine, households, ledger, meta
from siks_offline.db import checkup as stored
from siks_offline.desa import accounts, checkup, copies, place, staff, visit, wastebin
from siks_offline.desa.checkup import Finding
from siks_offline.desa.village import FolderLock, Village
from siks_offline.desa.village_folder import VillageFolder
from siks_offline.errors import Cancelled, SiksError
from siks_offline.export.canonical import stamp
from siks_offline.instrument import promoted
from tests.desa.kept_village import ACCOUNT, PASSPHRASE, folder, made, village
from tests.desa.test_versions import DESA, LATER, NOW, answers_of, drafted, finish

__all__ = ["folder", "made", "village"]
KEY = os.urandom(32)
HOUSE = "00000000-0000-4000-8000-{:012}"
PERSON = "00000000-0000-4000-8000-0000{:04}{:04}"
PAGE = 4096
H2 = "00000000-0000-4000-8000-000000000002"


def opened(folder: Path) -> Village:
    """A village under a raw key: no keystore, so that a thousand openings cost seconds."""
    about = VillageFolder(folder, DESA, "Sumberejo", True, (ACCOUNT,))
    store = engine.open_village(folder / "app.db", KEY)
    keys: Any = None
    facts = {"bps": "3509120003", "period": "2026-Q4"}
    return Village(about, ACCOUNT, "admin", store, keys, FolderLock(folder), facts)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A village with prelisted, drafted, completed, corrected and thrown-away households."""
    folder = tmp_path_factory.mktemp("utuh")
    engine.create_village(folder / "app.db", KEY).close()
    with opened(folder) as village:
        for number in (1, 2):
            answers = answers_of(number)
            members = promoted.members(answers)
            facts = promoted.columns(answers)
            listed = households.Listed(
                id=HOUSE.format(number),
                idbdt=str(facts.pop("idbdt")) or None,
                facts=households.Facts(**facts),
                answers=answers,
                persons=promoted.persons(
                    answers, [PERSON.format(number, n) for n in range(len(members))]
                ),
            )
            with village.store.write() as session:
                households.upsert_many(session, [listed])
        assert finish(village, HOUSE.format(1), LATER).done
        for number in (3, 4):
            household_id = drafted(village, number)
            assert finish(village, household_id, NOW).done
        again = visit.open_visit(village, household_id, NOW)
        again.state.set("alamat", "JALAN BARU")
        visit.save_draft(village, household_id, again.snapshot(), None, LATER)
        assert finish(village, household_id, LATER).done
        visit.drop_draft(village, drafted(village, 5), LATER)
        drafted(village, 6)
        wastebin.tidy(village, NOW)
        with village.store.write() as session:
            for name in stored.FACTS:
                meta.put(session, name, "x")
            said = {"account": ACCOUNT, "at": stamp(NOW)}
            audit.append(session, action="desa.buat", **said)
            ledger.record_arrival(
                session,
                ledger.Arrival("a" * 64, H2, "keyset", "s", 1, "b" * 64, said["at"]),
            )
            audit.append(session, action="serah.terima.keyset", subject=H2, **said)
    return folder


@pytest.fixture
def target(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "desa"))


def kinds(folder: Path) -> set[str]:
    with opened(folder) as village:
        return {one.kind for one in checkup.check(village, copies=False).findings}


def altered(folder: Path, *statements: str) -> set[str]:
    """What is found after somebody with the key went around the triggers."""
    with opened(folder) as village, village.store.write() as session:
        for table in ("audit", "revision"):
            for event in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{event}"))
    raw = engine.file_engine(folder / "app.db", KEY, keep=False, pragmas=())
    with raw.execution_options(siks_write=True).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    raw.dispose()
    return kinds(folder)


def test_a_whole_village_has_no_findings(target: Path) -> None:
    """Nothing that the program itself does looks like damage."""
    assert kinds(target) == set()


def test_what_still_stands_in_the_log_of_writes_is_no_damage(target: Path, tmp_path: Path) -> None:
    """After a power cut pages may stand in the -wal alone; the check reads them where they are."""
    after = tmp_path / "sesudah"
    with opened(target) as village:
        for length in (5_000, 300_000):
            with village.store.write() as session:
                meta.put(session, "panjang", "A" * length)
        shutil.copytree(target, after)
    log, file = (after / "app.db-wal").read_bytes(), bytearray((after / "app.db").read_bytes())
    pages = {int.from_bytes(log[at : at + 4]) for at in range(32, len(log), 24 + PAGE)}
    torn = next(page for page in sorted(pages) if 1 < page <= len(file) // PAGE)
    file[torn * PAGE - PAGE // 2] ^= 1
    (after / "app.db").write_bytes(file)
    assert kinds(after) == set()


def test_every_flipped_bit_is_found(whole: Path, tmp_path: Path, long_form: bool) -> None:
    """R8: whatever page a bit lies in, used or not; 1,000 of them in the long form."""
    seed = random.Random(20261122)
    content = (whole / "app.db").read_bytes()
    folder = tmp_path / "desa"
    folder.mkdir()
    missed = []
    for _ in range(1000 if long_form else 150):
        at, bit = seed.randrange(len(content)), 1 << seed.randrange(8)
        damaged = bytearray(content)
        damaged[at] ^= bit
        for left in folder.glob("app.db*"):
            left.unlink()
        (folder / "app.db").write_bytes(bytes(damaged))
        try:
            found = kinds(folder)
        except SiksError as error:
            found = {error.code}
        if not found & {"halaman", "E_DB_DAMAGED", "E_DB_KEY", "E_DB_FOREIGN"}:
            missed.append((at, bit, found))
    assert missed == []


ROWS = {
    "household": {"rujukan"},
    "household_prelist": {"prelist"},
    "household_search": {"pencarian"},
    "person": {"rumah_tangga", "prelist"},
    "visit": {"rujukan"},
    "revision": {"revisi_hilang", "kunjungan"},
    "draft": {"draf"},
    "draft_value": {"draf"},
    "audit": {"jejak"},
    "meta WHERE key = 'period'": {"fakta"},
    "arrival": {"kedatangan"},
}


@pytest.mark.parametrize("table", ROWS)
def test_a_dropped_row_is_found(target: Path, table: str) -> None:
    """A row taken out with the key in hand leaves another that no longer agrees."""
    statement = "DELETE FROM " + table
    if "WHERE" not in table:
        statement += " WHERE rowid = (SELECT min(rowid) FROM " + table + ")"
    assert altered(target, statement) & ROWS[table]


CHANGES = {
    "UPDATE revision SET line = replace(line, 'JALAN BARU', 'JALAN LAMA')": "revisi",
    "UPDATE visit SET answers = replace(answers, 'JALAN BARU', 'JALAN LAMA')": "kunjungan",
    "UPDATE household SET nama_krt = 'ORANG LAIN' WHERE revisi > 0": "rumah_tangga",
    "UPDATE household SET nama_krt = 'ORANG LAIN' WHERE id = '" + H2 + "'": "prelist",
    "UPDATE household_prelist SET answers = replace(answers, '1', '2') WHERE household_id = '"
    + H2
    + "'": "prelist",
    "UPDATE person SET nik = '3509120000000001'": "rumah_tangga",
    "UPDATE household_search SET words = 'x'": "pencarian",
    "UPDATE household SET kirim = 'diterima' WHERE kerja = 'selesai'": "tanda_terima",
    "UPDATE draft_value SET value = 'X' WHERE path = 'alamat'": "draf",
    "UPDATE draft SET confirmations = '[]', typing_path = 'alamat'": "draf",
    "UPDATE audit SET account = 'lain' WHERE seq = 3": "jejak",
    "UPDATE audit SET seq = 0 - seq WHERE seq = 2": "jejak",
    "INSERT INTO draft_value VALUES ('"
    + H2
    + "','dtks','2020.1','alamat','X','operator','')": "draf",
}


@pytest.mark.parametrize("statement", CHANGES)
def test_an_altered_row_is_found(target: Path, statement: str) -> None:
    """Changed with the key in hand, each kind by the row it must agree with."""
    assert CHANGES[statement] in altered(target, statement)


def test_a_trail_that_was_cut_is_found_by_what_left_the_folder(target: Path) -> None:
    """The head noted elsewhere names the line that is gone; the chain alone cannot."""
    from siks_offline.db import audit, ledger

    with opened(target) as village:
        with village.store.write() as session:
            seq, head = audit.head(session)
            ledger.start_stream(
                session,
                ledger.Stream("s", "d", b"", "", b"", "", next_seq=2, last_manifest="m"),
            )
            ledger.record_export(
                session,
                ledger.Export("m", "b", "visits", "s", 1, "x.siks", "", 0, "", "", audit_seq=seq,
                              audit_head=head),
            )  # fmt: skip
        place.remember(village)
    assert kinds(target) == set()
    cut = "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"
    assert altered(target, cut) == {"jejak"}
    # The list of exports cut as well: what is kept outside the folder still tells.
    assert altered(target, "UPDATE export SET audit_seq = NULL") == {"jejak"}


def test_copies_are_checked_byte_by_byte(village: Village) -> None:
    """A flipped bit anywhere in a copy is found, also where a zip would not look; so is a gap."""
    copies.keep(village, "masuk", NOW)
    drafted(village, 9)
    copies.keep(village, "berkala", LATER)
    assert checkup.check(village).findings == ()
    newest, oldest = copies.kept(village.folder)
    content = bytearray(newest.path.read_bytes())
    seed = random.Random(7)
    for _ in range(40):
        at, bit = seed.randrange(len(content)), 1 << seed.randrange(8)
        content[at] ^= bit
        newest.path.write_bytes(bytes(content))
        found = checkup.check(village).findings
        assert [(one.kind, one.subject) for one in found] == [("cadangan", newest.path.name)]
        content[at] ^= bit
    newest.path.write_bytes(bytes(content))
    oldest.path.unlink()
    [found_one] = checkup.check(village).findings
    assert found_one.kind == "cadangan_hilang"
    assert oldest.path.name in found_one.words


def test_every_flipped_bit_of_the_keystore_is_found(village: Village) -> None:
    """Keys, each account's file, the recovery code's and the marker: nobody else can open them."""
    files = {
        "kunci-1.age": Finding("kunci", "kunci-1.age"),
        f"akun/{ACCOUNT}.age": Finding("kunci_akun", ACCOUNT),
        "akun/budi.age": Finding("kunci_akun", "budi"),
        "akun/_pemulihan.age": Finding("kunci_akun", "_pemulihan"),
        "siks.json": Finding("penanda", "siks.json"),
    }
    staff.add(village, "budi", "operator", NOW)
    assert checkup.check(village).findings == ()
    seed = random.Random(20261122)
    for name, finding in files.items():
        path = village.folder / name
        whole = path.read_bytes()
        for _ in range(60):
            at, bit = seed.randrange(len(whole)), 1 << seed.randrange(8)
            path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            assert list(checkup._keystore(village)) == [finding], (name, at, bit)
        assert checkup.check(village).findings == (finding,)
        assert finding.subject in finding.words
        path.write_bytes(whole)
    (village.folder / "akun/budi.age").unlink()
    assert checkup.check(village).findings == (Finding("kunci_akun", "budi"),)


def test_what_the_program_writes_into_the_keystore_is_no_damage(village: Village) -> None:
    """Passphrases, codes, people let in and out: each leaves files that are as they were noted."""
    staff.add(village, "budi", "operator", NOW)
    staff.add(village, "cici", "admin", NOW)
    staff.reset(village, "budi", LATER)
    staff.change_passphrase(village, PASSPHRASE, "lesung bertalu sampai petang", LATER)
    staff.renew_recovery(village, codes.recovery_code(), LATER)
    staff.remove(village, "budi", LATER)
    assert checkup.check(village).findings == ()
    keystore.change_passphrase(village.folder, "operator", "lesung bertalu sampai petang", PASSPHRASE,
                               practice=True)  # fmt: skip
    assert checkup.check(village).findings == (Finding("kunci_akun", "operator"),)
    folder = village.folder
    village.close()
    with accounts.open_village(folder, ACCOUNT, PASSPHRASE) as again:
        assert checkup.check(again).findings == (), "a file that its owner opened is whole"


def test_a_check_can_be_stopped(target: Path) -> None:
    """The person's wish ends it, and the village goes on."""

    def stop(_done: int, _total: int) -> None:
        raise Cancelled

    with opened(target) as village:
        with pytest.raises(Cancelled):
            checkup.check(village, stop, copies=False)
        assert checkup.check(village, copies=False).findings == ()
