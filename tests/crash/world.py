"""The village to crash: paired, with a list, visits, a copy and an answer of its Dinsos."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from siks_offline.crypto import age
from siks_offline.errors import SiksError
from siks_offline.instrument.load import load_shipped
from siks_offline.latihan import people, world

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from siks_offline.desa.village import Village

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HOUSEHOLDS = 8
FILLED = 3
MORE = 6
DESA = "desa"
STICK = "usb"
PROFILE = "profil"
BOOK = "tambahan.xlsx"
COPY = "cadangan.siksbak"
ANSWER = "balasan.siks"
NEW_WORDS = "kata sandi kedua untuk latihan"
CODES = "kode.txt"
"""Two recovery codes, the second of which takes the place of the first."""


def household(number: int) -> people.Household:
    """One of the village's invented households, with all its answers."""
    kode = world.KODE_DESA
    return people.household(number, 1, kode, world.TODAY, world.practice_bps(kode))


def build(root: Path) -> None:
    """Make the folder that every run begins with; takes some seconds."""
    from siks_offline.desa import accounts, backup, handover
    from siks_offline.dinsos import office, receipts, receive

    root.mkdir(parents=True, exist_ok=True)
    made = root.parent / f"{root.name}-pembuatan"
    for name in (STICK, PROFILE):
        (root / name).mkdir()
    load_shipped.cache_clear()  # or the profile would lack what another test has had read
    with profile(root):
        world.build(made, households=HOUSEHOLDS, percent=round(100 * FILLED / HOUSEHOLDS), now=NOW)
        people.write_prelist(
            root / BOOK, [household(n) for n in range(HOUSEHOLDS, HOUSEHOLDS + MORE)]
        )
        with accounts.open_village(made / DESA, world.ACCOUNT, world.PASSPHRASE) as village:
            (part,) = handover.export(village, made / STICK, NOW).parts
            backup.write(village, root / COPY, NOW)
        with office.open_office(made / "dinsos", world.PASSPHRASE) as dinsos:
            arrival = receive.accept(dinsos, part.path, NOW)
            told = receipts.deliver(dinsos, [arrival], made / STICK, NOW)
            told[arrival.manifest_sha256].rename(root / ANSWER)
        (made / DESA).rename(root / DESA)
    shutil.rmtree(made)


@contextmanager
def profile(root: Path) -> Iterator[None]:
    """Let the person's profile lie in the folder too, so that it is part of what crashes."""
    before = os.environ.get("SIKS_DATA")
    os.environ["SIKS_DATA"] = str(root / PROFILE)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SIKS_DATA"]
        else:
            os.environ["SIKS_DATA"] = before


def opened(folder: Path, passphrase: str = world.PASSPHRASE) -> Village:
    """Open a village as its only account."""
    from siks_offline.desa import accounts

    return accounts.open_village(folder, world.ACCOUNT, passphrase)


_SCRYPT = age.Scrypt


def remember_scrypt() -> None:
    """Work out each pair of file and passphrase once: hours of scrypt would show nothing more."""
    known: dict[tuple[bytes, str], bytes | SiksError] = {}
    real = age.decrypt_with_passphrase

    def remembered(data: bytes, passphrase: str, **limits: Any) -> bytes:
        key = (hashlib.sha256(data).digest(), passphrase)
        if key not in known:
            try:
                known[key] = real(data, passphrase, **limits)
            except SiksError as error:
                known[key] = error
        found = known[key]
        if isinstance(found, SiksError):
            raise found
        return found

    age.decrypt_with_passphrase = remembered


class _Quick:
    """Stands in for scrypt in what is sealed from now on."""

    wanted = True

    def __init__(self, **about: Any) -> None:
        self._about = about

    def derive(self, secret: bytes) -> bytes:
        if not _Quick.wanted:
            return _SCRYPT(**self._about).derive(secret)
        return hashlib.sha256(self._about["salt"] + secret).digest()


def quicken_scrypt() -> None:
    """Seal with a hash in place of scrypt, which makes no call that could fail; open both."""
    real = age.decrypt_with_passphrase

    def either(data: bytes, passphrase: str, **limits: Any) -> bytes:
        try:
            return real(data, passphrase, **limits)
        except SiksError:
            _Quick.wanted = False
            try:
                return real(data, passphrase, **limits)
            finally:
                _Quick.wanted = True

    age.Scrypt = _Quick  # type: ignore[misc, assignment]
    age.decrypt_with_passphrase = either
    remember_scrypt()


def connect(path: Path, key: bytes) -> Any:
    """Open a store's file with the driver alone: nothing migrated, nothing set."""
    import sqlcipher3.dbapi2

    driver: Any = sqlcipher3.dbapi2  # a compiled module without type stubs
    connection = driver.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    return connection


def connect_with(path: Path, keys: Mapping[int, bytes]) -> Any:
    """Open a store's file with the newest of these keys that fits: a change may have been cut."""
    for version in sorted(keys, reverse=True)[:-1]:
        connection = connect(path, keys[version])
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except Exception:  # noqa: BLE001 - an older key, then
            connection.close()
        else:
            return connection
    return connect(path, keys[min(keys)])


def digest(connection: Any) -> str:
    """Hash of every row of every table of a driver's connection, the search index aside."""
    found = hashlib.sha256()
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    for (name,) in names.fetchall():
        if "_fts" in name or name.startswith("sqlite_"):
            continue
        rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
        found.update(repr((name, sorted(map(repr, rows)))).encode())
    return found.hexdigest()
