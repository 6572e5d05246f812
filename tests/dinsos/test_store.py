"""The office store itself: one schema on both engines, the rule of heads, the audit chain."""

from __future__ import annotations

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from siks_offline.crypto import attempts, keystore
from siks_offline.db import migrate, office_visits
from siks_offline.db import office as store_office
from siks_offline.db.engine import DINSOS
from siks_offline.db.office_tables import metadata
from siks_offline.dinsos import match, office
from siks_offline.errors import SiksError
from tests.dinsos.world import NOW, PASSPHRASE, make_office

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.dinsos.office import Office


def test_migrated_schema_is_the_models_schema(made: Office) -> None:
    """The history of steps leads to what the tables say, on both engines."""
    with made.store.read() as session:
        assert migrate.differences(session.connection(), DINSOS, metadata) == []


def revision(chance: random.Random, known: list[dict]) -> dict:
    """A revision of one of few visits that names some of the known ones, rightly or wrongly."""
    kode, visit, home = chance.choice("12"), chance.choice("vw"), chance.choice("hi")
    period = chance.choice(("2026-Q3", "2026-Q4"))
    parents = sorted({one["sha256"] for one in chance.sample(known, min(len(known), 2))})
    sha256 = hashlib.sha256(
        repr((kode, visit, home, period, parents, len(known))).encode()
    ).hexdigest()
    return {
        "sha256": sha256,
        "visit_id": visit,
        "household_id": home,
        "kode_desa": kode,
        "period": period,
        "parents": parents,
    }


def test_store_finds_the_heads_that_the_rule_names(made: Office) -> None:
    """The query for heads and the rule on plain values agree on tangled histories."""
    chance = random.Random(7)
    known: list[dict] = []
    for _ in range(120):
        known.append(revision(chance, known[-12:]))
    columns = [column.name for column in metadata.tables["revisions"].columns]
    numbers = {"revision", "anggota"}
    rows = [
        {name: one.get(name, 1 if name in numbers else "") for name in columns} for one in known
    ]
    parents = [
        {"sha256": one["sha256"], "parent": parent} for one in known for parent in one["parents"]
    ]
    with made.store.write() as session:
        office_visits.add_revisions(session, rows, parents, [], [])
        found = {row["sha256"] for row in office_visits.heads(session)}
    assert found == match.heads_of(known)


def test_audit_chain_shows_a_changed_line(made: Office) -> None:
    """A line that was changed or taken out breaks the chain at its place."""
    with made.store.write() as session:
        for number in range(5):
            made.record(session, NOW, "uji", str(number))
        lines = store_office.audit_lines(session)
    assert store_office.broken_audit(lines) is None
    changed = [dict(line) for line in lines]
    changed[2]["subject"] = "lain"
    assert store_office.broken_audit(changed) == 3
    assert store_office.broken_audit(lines[:2] + lines[3:]) == 4


def test_escrow_opens_with_the_recovery_code_alone(tmp_path: Path) -> None:
    """The escrow key is not among what an account's passphrase opens."""
    from siks_offline.crypto import age

    made, code = office.create(tmp_path / "dinsos", "3509", PASSPHRASE, NOW)
    made.close()
    path = tmp_path / "dinsos" / "kunci" / "eskro-1.age"
    daily = keystore.unlock(tmp_path / "dinsos", "dinsos", PASSPHRASE)
    with pytest.raises(SiksError):
        keystore.fetch(path, daily)
    recovered = keystore.unlock_with_recovery(tmp_path / "dinsos", code)
    escrow = age.Identity.parse(keystore.fetch(path, recovered).decode())
    assert made.keyset.escrow == (escrow.recipient,)


def test_office_opens_only_with_its_own(tmp_path: Path) -> None:
    """A wrong passphrase, another folder, a URL too much: each is refused by its code."""
    make_office(tmp_path / "dinsos").close()
    with pytest.raises(SiksError) as refused:
        office.open_office(tmp_path / "dinsos", "bukan kata sandinya")
    assert refused.value.code == "E_PASSPHRASE"
    with pytest.raises(SiksError) as refused:
        office.open_office(tmp_path, PASSPHRASE)
    assert refused.value.code == "E_NOT_OFFICE"
    with pytest.raises(SiksError) as refused:
        office.open_office(tmp_path / "dinsos", PASSPHRASE, url="postgresql+psycopg://x@/y")
    assert refused.value.code == "E_OFFICE_URL"
    with pytest.raises(SiksError) as refused:
        make_office(tmp_path / "dinsos")
    assert refused.value.code == "E_FOLDER_TAKEN"


def test_lockout_of_an_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sixth wrong try waits, the right passphrase too; an unknown account is told the same."""
    running = 1000.0
    monkeypatch.setattr(attempts.Attempts.__init__, "__defaults__", (lambda: running,))
    folder = tmp_path / "dinsos"
    make_office(folder).close()

    def tried(passphrase: str, account: str = "") -> str:
        try:
            office.open_office(folder, passphrase, account=account).close()
        except SiksError as refused:
            return refused.code
        return ""

    for account in ("", "tak-ada"):
        seen = [tried("bukan kata sandinya", account) for _ in range(attempts.FREE + 1)]
        assert seen == ["E_PASSPHRASE"] * 4 + ["E_SIGN_IN_WAIT"] * 2
    assert tried(PASSPHRASE) == "E_SIGN_IN_WAIT"
    running += 1.1
    assert tried(PASSPHRASE) == ""
    assert tried("bukan kata sandinya") == "E_PASSPHRASE"


def test_commands_at_once_are_let_in_one_after_the_other(tmp_path: Path) -> None:
    """Eight with the right passphrase are no eight wrong tries."""
    folder = tmp_path / "dinsos"
    make_office(folder).close()
    known = office.read_folder(folder)
    with ThreadPoolExecutor(8) as pool:
        let_in = [pool.submit(office.unlock_counted, known, "dinsos", PASSPHRASE) for _ in range(8)]
    assert len({one.result().current for one in let_in}) == 1
