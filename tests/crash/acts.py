"""The actions that are cut off: `python -m tests.crash.acts ACT FOLDER WORDS`, told line by line.

The program runs as a child under strace. Each commit that returned, and each action that ended, is
one line of JSON in WORDS: from then on the person has been told, and nothing of it may be lost.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.crash import world
from tests.crash.world import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

Tell = Callable[..., None]
NEARLY_OVER = timedelta(days=650)
"""After this a device's key is to be renewed."""


@dataclass(frozen=True, slots=True)
class Act:
    """One of the village's actions; `run` does it, telling what a person is told."""

    name: str
    run: Callable[[Path, Tell], None]
    village: str = world.DESA
    """The folder below the world that the action works on or makes."""
    prepare: Callable[[Path], None] = lambda _root: None
    """What has to happen to the world before, outside the log."""


def _minutes(number: int) -> Any:
    return NOW + timedelta(minutes=number + 1)


def _ids(village: Any) -> list[str]:
    from siks_offline.export import identity

    return [
        identity.household_id(village.kode_desa, world.household(number).idbdt)
        for number in range(world.HOUSEHOLDS)
    ]


def _complete(village: Any, household_id: str, answers: dict[str, Any], number: int) -> None:
    from siks_offline.desa import visit
    from siks_offline.instrument import checks
    from siks_offline.instrument.engine import FormState

    state = FormState(village.instrument, answers, now=_minutes(number))
    for issue in checks.issues(state):
        if issue.level == "konfirmasi":
            state.confirm(issue.path, issue.rule, "sudah diperiksa pada dokumen keluarga")
    done = visit.complete(village, household_id, state, _minutes(number))
    assert done.done, done.issues


def save_one(village: Any) -> None:
    """Complete one visit that is still open."""
    number = world.FILLED
    _complete(village, _ids(village)[number], world.household(number).answers, number)


def save(root: Path, tell: Tell) -> None:
    """Complete every visit that is still open."""
    with world.opened(root / world.DESA) as village:
        for number in range(world.FILLED, world.HOUSEHOLDS):
            _complete(village, _ids(village)[number], world.household(number).answers, number)
            tell(done=number)


def edit(root: Path, tell: Tell) -> None:
    """Take completed visits up again, keep a draft, complete them."""
    from siks_offline.desa import visit

    with world.opened(root / world.DESA) as village:
        for turn in range(2):
            for number in range(world.FILLED):
                household_id = _ids(village)[number]
                open_ = visit.open_visit(village, household_id, _minutes(number))
                open_.state.set("alamat", f"Dusun Baru Gang {turn} No. {number}")
                visit.save_draft(village, household_id, open_.snapshot(), None, _minutes(number))
                _complete(village, household_id, open_.state.answers(), number)
                tell(done=number)


def autosave(root: Path, tell: Tell) -> None:
    """Type an address letter by letter, kept after each, and throw one draft away."""
    from siks_offline.desa import visit

    with world.opened(root / world.DESA) as village:
        for number in (world.FILLED, world.FILLED + 1):
            household_id = _ids(village)[number]
            open_ = visit.open_visit(village, household_id, NOW)
            for count in range(1, 12):
                typed = "Dusun Krajan"[:count]
                if count % 3 == 0:
                    open_.state.set("alamat", typed)
                visit.save_draft(
                    village, household_id, open_.snapshot(), ("alamat", typed), _minutes(count)
                )
                tell(done=count)
        visit.drop_draft(village, _ids(village)[world.FILLED], NOW)


def load(root: Path, tell: Tell) -> None:
    """Load a second prelist from Excel, then take in an answer of the Dinsos."""
    from siks_offline.desa import arrivals, prelist

    with world.opened(root / world.DESA) as village:
        found = prelist.preview(village, root / world.BOOK)
        prelist.load(village, found, NOW)
        tell(done="prelist")
        arrivals.accept(village, root / world.ANSWER, NOW)
        tell(done="balasan")


def export(root: Path, tell: Tell) -> None:
    """Export to a stick twice, with a visit completed in between."""
    from siks_offline.desa import handover

    with world.opened(root / world.DESA) as village:
        for turn, number in enumerate((world.FILLED, world.FILLED + 1)):
            _complete(village, _ids(village)[number], world.household(number).answers, number)
            done = handover.export(village, root / world.STICK, _minutes(turn))
            for part in done.parts:
                tell(files=[f"{world.STICK}/{part.path.name}", f"desa/ekspor/{part.path.name}"])


def backup(root: Path, tell: Tell) -> None:
    """Write a copy over an earlier one, complete a visit, write it again."""
    from siks_offline.desa import backup as backups

    with world.opened(root / world.DESA) as village:
        for turn, number in enumerate((world.FILLED, world.FILLED + 1)):
            backups.write(village, root / world.STICK / world.COPY, _minutes(turn))
            tell(files=[f"{world.STICK}/{world.COPY}"])
            _complete(village, _ids(village)[number], world.household(number).answers, number)
        backups.write(village, root / world.COPY, NOW)
        tell(files=[world.COPY])


def renewal(root: Path, tell: Tell) -> None:
    """Ask for the device's next key, near the end of the present one; ask for it again."""
    from siks_offline.desa import gate
    from siks_offline.desa import renewal as renewals

    with world.opened(root / world.DESA) as village:
        for _ in range(2):
            number = gate.VillageGate(village).stream.next_seq
            name = f"siks-{village.kode_desa}-{number:06}-perbarui.siks"
            renewals.renew(village, root / world.STICK / name, NOW + NEARLY_OVER)
            tell(files=[f"{world.STICK}/{name}"])


def restore(root: Path, tell: Tell) -> None:
    """Restore a copy into an empty folder."""
    from siks_offline.desa import backup as backups

    backups.restore(root / world.COPY, root / "pulih", "operator", "latihan", NOW)
    tell(village="pulih")


def first_run(root: Path, tell: Tell) -> None:
    """Make a new village."""
    from siks_offline.crypto import codes
    from siks_offline.desa import accounts

    made = accounts.create_village(
        root / "baru",
        kode_desa="3509122003",
        nama_desa="Desa Baru",
        account="operator",
        passphrase="latihan",
        recovery_code=codes.recovery_code(),
        now=NOW,
        practice=True,
    )
    with made:
        tell(village="baru")


def passphrase(root: Path, tell: Tell) -> None:
    """Change the passphrase, and complete a visit under the new one."""
    from siks_offline.crypto import keystore

    folder = root / world.DESA
    keystore.change_passphrase(folder, "operator", "latihan", world.NEW_WORDS, practice=True)
    tell(passphrase=world.NEW_WORDS)
    with world.opened(folder, world.NEW_WORDS) as village:
        number = world.FILLED
        _complete(village, _ids(village)[number], world.household(number).answers, number)
        tell(done=number)


def reset(root: Path, tell: Tell) -> None:
    """Get in by the recovery code: a new passphrase, a new code; complete a visit."""
    from siks_offline.desa import accounts

    old, new = (root / world.CODES).read_text().split()
    folder = root / world.DESA
    with accounts.recover(folder, old, "operator", world.NEW_WORDS, new, NOW) as village:
        tell(passphrase=world.NEW_WORDS, code=new)
        save_one(village)
        tell(done="kunjungan")


def mend(root: Path, tell: Tell) -> None:
    """Put the newest copy in a damaged file's place, with what can be saved of that file."""
    from siks_offline.desa import recovery

    folder = root / world.DESA
    newest = recovery.choices(folder)[0].path
    recovery.put_back(folder, newest, "operator", "latihan", NOW)
    tell(done="pulih")


def removal(root: Path, tell: Tell) -> None:
    """Let a colleague in, then in no more: the file gets another key; complete a visit under it."""
    from siks_offline.desa import staff

    with world.opened(root / world.DESA) as village:
        staff.add(village, "budi", "operator", NOW)
        tell(done="tambah")
        staff.remove(village, "budi", NOW)
        tell(done="hapus")
        number = world.FILLED
        _complete(village, _ids(village)[number], world.household(number).answers, number)
        tell(done=number)


def migration(root: Path, tell: Tell) -> None:
    """Open a village that an older program left."""
    with world.opened(root / world.DESA):
        tell(done="skema")


def reopen(root: Path, tell: Tell) -> None:
    """Sign in after a crash: what the program does by itself before the person does anything."""
    del tell
    for name in (world.DESA, "pulih", "baru"):
        if (root / name / "siks.json").is_file():
            for words in ("latihan", world.NEW_WORDS):
                try:
                    world.opened(root / name, words).close()
                except Exception:  # noqa: BLE001 - judged later, by another program
                    continue


def age_store(root: Path) -> None:
    """Give the village's file the schema of the first version, its rows kept."""
    from siks_offline.db import engine, migrate

    with world.opened(root / world.DESA) as village:
        key = village.store.key
    old = engine.file_engine(root / "lama.db", key, keep=False)
    with old.execution_options(siks_write=True).begin() as connection:
        migrate.upgrade(connection, engine.DESA, "0001")
        tables = "SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger', 'index')"
        known = set(connection.exec_driver_sql(tables).scalars())
    old.dispose()
    engine.remove(root / "lama.db")
    now = engine.file_engine(root / world.DESA / "app.db", key, keep=False)
    with now.execution_options(siks_write=True).begin() as connection:
        later = "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'index', 'table')"
        for kind, name in connection.exec_driver_sql(later).all():
            if name not in known and not name.startswith("sqlite_"):
                connection.exec_driver_sql(f'DROP {kind} IF EXISTS "{name}"')
        connection.exec_driver_sql("ALTER TABLE draft DROP COLUMN sha256")
        connection.exec_driver_sql(f"UPDATE {engine.DESA.version_table} SET version_num = '0001'")
    now.dispose()


def print_codes(root: Path) -> None:
    """Give the village a recovery code that is known, and draw the next one."""
    from siks_offline.crypto import codes
    from siks_offline.desa import staff

    drawn = [codes.recovery_code() for _ in range(2)]
    (root / world.CODES).write_text(" ".join(drawn))
    with world.opened(root / world.DESA) as village:
        staff.replace_recovery(village, drawn[0])


def damage(root: Path) -> None:
    """Make a copy, work on, and lose a page as the power goes."""
    from siks_offline.desa import copies, visit
    from siks_offline.desa import village as places

    folder = root / world.DESA
    with world.opened(folder) as village:
        copies.keep(village, "masuk", NOW)
        save_one(village)
        household_id = _ids(village)[world.FILLED + 1]
        open_ = visit.open_visit(village, household_id, NOW)
        open_.state.set("alamat", "Sesudah cadangan")
        visit.save_draft(village, household_id, open_.snapshot(), None, NOW)
    content = bytearray((folder / places.DATABASE).read_bytes())
    at = len(content) // 2 // 4096 * 4096
    content[at : at + 4096] = bytes(4096)
    (folder / places.DATABASE).write_bytes(content)
    (folder / places.MARK).touch()


def forget_instruments(root: Path) -> None:
    """Leave the profile of a program that has read no questionnaire yet."""
    shutil.rmtree(root / world.PROFILE / "cache")


ACTS = {
    act.name: act
    for act in (
        Act("save", save, prepare=forget_instruments),
        Act("edit", edit),
        Act("autosave", autosave),
        Act("backup", backup),
        Act("restore", restore, village="pulih"),
        Act("export", export),
        Act("renewal", renewal),
        Act("import", load),
        Act("migration", migration, prepare=age_store),
        Act("passphrase", passphrase),
        Act("reset", reset, prepare=print_codes),
        Act("removal", removal),
        Act("first-run", first_run, village="baru"),
        Act("mend", mend, prepare=damage),
        Act("reopen", reopen),
    )
}

NAMES = [name for name in ACTS if name not in {"mend", "reopen"}]
"""Acts that are cut off and judged alike; of the others one is what follows, one what mends."""

UNKNOWN = "?"
"""A state that was told but could not be read."""


def watch(root: Path, tell: Tell) -> None:
    """Tell of every commit that returned: which village, and a hash of all it then holds."""
    from siks_offline.db import engine

    real = engine.Store.write

    @contextmanager
    def write(self: engine.Store, within: Any = None) -> Iterator[Any]:
        with real(self, within) as session:
            yield session
        if within is not None:  # the end of the outer one commits
            return
        assert self.path is not None
        of = self.path.parent.relative_to(root).as_posix()
        try:
            with self.read() as session:
                driver = session.connection().connection.driver_connection
                found = world.digest(driver)
        except Exception:  # noqa: BLE001 - a fault that was meant for the act met this reading
            found = UNKNOWN
        tell(state=found, of=of)

    engine.Store.write = write  # type: ignore[method-assign]


def weaken(weakness: str) -> None:
    """Take a safety away, only to show that the simulator sees what is lost without it.

    `NORMAL` and `OFF` are values of PRAGMA synchronous, `names` syncs no folder, `bytes` no file of
    our own. The program has no such way. Databases are checkpointed often in any case, so that
    cuts fall into that too.
    """
    from siks_offline.db import engine

    synchronous = weakness if weakness in {"NORMAL", "OFF"} else "FULL"
    pragmas = [one for one in engine.PRAGMAS if "synchronous" not in one]
    more = (f"PRAGMA synchronous={synchronous}", "PRAGMA wal_autocheckpoint=30")
    engine.PRAGMAS = (*pragmas, *more)  # type: ignore[misc]
    engine.file_engine.__kwdefaults__["pragmas"] = engine.PRAGMAS
    real = os.fsync

    def fsync(descriptor: int) -> None:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        if not (weakness == "bytes" or (weakness == "names" and folder)):
            real(descriptor)

    os.fsync = fsync


def main(name: str, folder: str, words: str, weakness: str = "") -> None:
    root = Path(folder)
    spoken = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    def tell(**facts: Any) -> None:
        os.write(spoken, json.dumps(facts).encode() + b"\n")

    weaken(weakness)
    with world.profile(root):
        watch(root, tell)
        ACTS[name].run(root, tell)


if __name__ == "__main__":
    main(*sys.argv[1:])
