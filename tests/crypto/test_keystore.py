"""The keys of a data folder: who opens them, and that no failure ever loses them."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from pathlib import Path

import pyrage
import pytest

from siks_offline.crypto import _whole, age, codes, keystore
from siks_offline.errors import FileError, SecretError

CODE = codes.recovery_code()
WORDS = "lima kata acak di sini"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desa")
    unlocked, recipients = keystore.create(folder, "operator", WORDS, CODE, work_factor=16)
    return folder, unlocked, recipients


@pytest.fixture
def store(made, tmp_path: Path):
    """A fresh copy of a folder with one account, its open keystore and the recipients."""
    folder, unlocked, recipients = made
    return Path(shutil.copytree(folder, tmp_path / "desa")), unlocked, dict(recipients)


def code_of(action, *arguments, **keywords) -> str:
    with pytest.raises((SecretError, FileError)) as refused:
        action(*arguments, **keywords)
    assert refused.value.message != refused.value.code, "no sentence"
    assert "{" not in str(refused.value)
    return refused.value.code


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_an_account_and_the_recovery_code_open_the_same_key(store) -> None:
    """Spaces around, letters' case of the name, Unicode form and grouping do not matter."""
    folder, unlocked, recipients = store
    assert len(unlocked.current) == 32
    assert keystore.unlock(folder, "Operator ", f"  {WORDS}\n") == unlocked
    rescued = keystore.unlock_with_recovery(folder, codes.grouped(CODE, 7, " ").lower())
    assert rescued.keys == unlocked.keys
    assert rescued.identity.recipient == recipients[keystore.RECOVERY]
    assert keystore.accounts(folder) == ["operator"]
    assert recipients["operator"] == unlocked.identity.recipient


def test_a_passphrase_is_the_same_however_its_letters_are_composed(store) -> None:
    """An accent typed as one character or as two."""
    folder, unlocked, recipients = store
    composed, decomposed = "kaf\u00e9 besi jamur tua", "kafe\u0301 besi jamur tua"
    keystore.add_account(folder, unlocked, "budi", decomposed, recipients, work_factor=16)
    assert keystore.unlock(folder, "budi", composed).current == unlocked.current


def test_public_tools_open_everything(store) -> None:
    """A village is not lost with this program: two steps of `age -d` give the database key."""
    folder, unlocked, _ = store
    sealed = files(folder)
    for name, secret in (("operator", WORDS), (keystore.RECOVERY, codes.grouped(CODE))):
        identity = pyrage.passphrase.decrypt(sealed[f"akun/{name}.age"], secret).decode()
        opener = pyrage.x25519.Identity.from_str(identity.strip())
        content = json.loads(pyrage.decrypt(sealed["kunci-1.age"], [opener]))
        expected = {
            "format": "siks-kunci/1",
            "key_version": 1,
            "keys": {"1": unlocked.current.hex()},
        }
        assert content == expected


def test_a_stranger_learns_nothing_and_gets_one_sentence(store) -> None:
    """Wrong passphrase and unknown account read the same."""
    folder, *_ = store
    assert code_of(keystore.unlock, folder, "operator", WORDS + "!") == "E_PASSPHRASE"
    for name in ("budi", "_pemulihan", "../operator", "", "con"):
        assert code_of(keystore.unlock, folder, name, WORDS) == "E_ACCOUNT_UNKNOWN"
    assert SecretError("E_PASSPHRASE").message == SecretError("E_ACCOUNT_UNKNOWN").message
    assert (
        code_of(keystore.unlock_with_recovery, folder, codes.recovery_code()) == "E_RECOVERY_CODE"
    )
    assert code_of(keystore.unlock_with_recovery, folder, "ABC") == "E_RECOVERY_CODE"
    assert code_of(keystore.unlock, folder, "operator", "\udcff" * 12) == "E_PASSPHRASE"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights by folder")
def test_only_the_owner_reads_the_files(store) -> None:
    """Another user of the laptop cannot even try passphrases at leisure."""
    folder, *_ = store
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*.age")}
    assert modes == {0o600}
    assert stat.S_IMODE((folder / "akun").stat().st_mode) == 0o700


def test_a_changed_passphrase_replaces_the_old_one_and_keeps_the_keys(store) -> None:
    """Only the account's own small file changes."""
    folder, unlocked, _ = store
    before = files(folder)
    keystore.change_passphrase(folder, "operator", WORDS, "kambing besi jamur", work_factor=16)
    after = files(folder)
    assert [name for name in after if after[name] != before[name]] == ["akun/operator.age"]
    assert keystore.unlock(folder, "operator", "kambing besi jamur") == unlocked
    assert code_of(keystore.unlock, folder, "operator", WORDS) == "E_PASSPHRASE"
    wrong = code_of(keystore.change_passphrase, folder, "operator", WORDS, "kambing besi jamur dua")
    assert wrong == "E_PASSPHRASE"


def test_a_new_account_needs_nobody_else_s_passphrase(store) -> None:
    """An open session adds it; everyone who could open before still can."""
    folder, unlocked, recipients = store
    recipient = keystore.add_account(folder, unlocked, "Budi.S", WORDS, recipients, work_factor=16)
    assert keystore.accounts(folder) == ["budi.s", "operator"]
    budi = keystore.unlock(folder, "budi.s", WORDS)
    assert (budi.keys, budi.identity.recipient) == (unlocked.keys, recipient)
    assert keystore.unlock(folder, "operator", WORDS).keys == unlocked.keys
    assert keystore.unlock_with_recovery(folder, CODE).keys == unlocked.keys
    again = code_of(keystore.add_account, folder, unlocked, "budi.s", WORDS, recipients)
    assert again == "E_ACCOUNT_EXISTS"


def test_an_account_that_is_no_recipient_any_more_is_closed(store) -> None:
    """Its own file opens, the keys do not: the person is told to ask, not that data are damaged."""
    folder, unlocked, recipients = store
    keystore.add_account(folder, unlocked, "budi", WORDS, recipients, work_factor=16)
    keystore.add_account(folder, unlocked, "citra", WORDS, recipients, work_factor=16)
    assert code_of(keystore.unlock, folder, "budi", WORDS) == "E_ACCOUNT_CLOSED"
    assert keystore.unlock(folder, "citra", WORDS).keys == unlocked.keys


def test_nobody_is_locked_out_by_a_forgetful_caller(store) -> None:
    """Recipients without the recovery identity or the open account are a bug, not a key file."""
    folder, unlocked, recipients = store
    before = files(folder)
    for kept in ({}, {"operator": recipients["operator"]}):
        with pytest.raises(ValueError, match="recipients"):
            keystore.add_account(folder, unlocked, "budi", WORDS, kept)
    assert files(folder) == before


@pytest.mark.parametrize(
    "name", ["_x", ".x", "a/b", "a b", "con", "nul.x", "x" * 33, "é", "", "a."]
)
def test_account_names_are_file_names_everywhere(store, name: str) -> None:
    """A folder copied to any system keeps its accounts, and no name leaves the folder."""
    folder, unlocked, recipients = store
    code = code_of(keystore.add_account, folder, unlocked, name, WORDS, recipients)
    assert code == "E_ACCOUNT_NAME"


@pytest.mark.parametrize(
    "weak",
    ["", "pendek", "sebelas.sbl", "            ", "passwordpassword", "katasandi1234",
     "Rahasia-Rahasia", "Indonesia 2026", "3509124107850003", "3509 1241 0785 0003",
     "081234567890", "abcdefghijklmnop", "987654321098", "qwertyuiopas", "aaaaaaaaaaaaaa",
     "ababababababab", "Bismillah 123"],
)  # fmt: skip
def test_weak_passphrases_are_refused_outside_practice(store, weak: str) -> None:
    """Short ones, common words with digits, runs of the keyboard, and numbers from cards."""
    folder, unlocked, recipients = store
    before = files(folder)
    arguments = (folder, unlocked, "budi", weak, recipients)
    assert code_of(keystore.add_account, *arguments) == "E_PASSPHRASE_WEAK"
    assert (
        code_of(keystore.change_passphrase, folder, "operator", WORDS, weak) == "E_PASSPHRASE_WEAK"
    )
    assert code_of(keystore.create, folder / "baru", "a", weak, CODE) == "E_PASSPHRASE_WEAK"
    assert files(folder) == before


@pytest.mark.parametrize(
    "good",
    ["lima kata acak di sini", "K7QM-2X9D-4TPW-3HVN", "kucing1kucing2anjing", "  dua belas hrf ",
     "12345678901234567890987"],
)  # fmt: skip
def test_reasonable_passphrases_pass(good: str) -> None:
    """Words, printed codes, long numbers that are on no card."""
    assert keystore.check_passphrase(good) is None, "nothing is raised"


def test_practice_folders_take_any_passphrase(tmp_path: Path) -> None:
    """A practice world is opened with one simple word."""
    made, _ = keystore.create(tmp_path, "operator", "latihan", CODE, work_factor=16, practice=True)
    assert keystore.unlock(tmp_path, "operator", "latihan") == made


def test_keys_are_never_made_over_keys(store) -> None:
    """A second set-up in the same folder would make the village's data unreadable."""
    folder, *_ = store
    before = files(folder)
    assert code_of(keystore.create, folder, "lain", WORDS, CODE) == "E_KEYSTORE_EXISTS"
    assert files(folder) == before


def test_a_mistyped_recovery_code_makes_no_keystore(tmp_path: Path) -> None:
    """A code that does not stand on the paper would be found out only in need."""
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    assert code_of(keystore.create, tmp_path, "operator", WORDS, wrong) == "E_RECOVERY_CODE"
    assert files(tmp_path) == {}


def test_damaged_files_are_named(store) -> None:
    """The message says which file to bring back from a backup."""
    folder, _, _ = store
    sealed = files(folder)
    keys, account = folder / "kunci-1.age", folder / "akun/operator.age"
    for damaged in (b"", sealed["kunci-1.age"][:-1], sealed["kunci-1.age"] + b"x", bytes(70_000)):
        keys.write_bytes(damaged)
        with pytest.raises(SecretError) as refused:
            keystore.unlock(folder, "operator", WORDS)
        assert refused.value.code == "E_KEYSTORE_DAMAGED"
        assert "kunci-1.age" in refused.value.message
    keys.unlink()
    assert code_of(keystore.unlock, folder, "operator", WORDS) == "E_KEYSTORE_DAMAGED"
    for damaged in (b"", sealed["akun/operator.age"][:-1], sealed["kunci-1.age"]):
        account.write_bytes(damaged)
        assert code_of(keystore.unlock, folder, "operator", WORDS) == "E_KEYSTORE_DAMAGED"
    account.write_bytes(age.encrypt_with_passphrase(b"x", WORDS, 10))
    assert code_of(keystore.unlock, folder, "operator", WORDS) == "E_KEYSTORE_PARAM"
    account.write_bytes(age.encrypt_with_passphrase(b"bukan kunci", WORDS, 16))
    assert code_of(keystore.unlock, folder, "operator", WORDS) == "E_KEYSTORE_DAMAGED"


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"format":"siks-kunci/2","key_version":1,"keys":{"1":"' + b"00" * 32 + b'"}}',
     b'{"format":"siks-kunci/1","key_version":2,"keys":{"1":"' + b"00" * 32 + b'"}}',
     b'{"format":"siks-kunci/1","key_version":1,"keys":{"1":"00"}}',
     b'{"format":"siks-kunci/1","key_version":1,"keys":{}}',
     b'{"format":"siks-kunci/1","key_version":1,"keys":{"1":5}}', b"[" * 5000],
)  # fmt: skip
def test_a_key_file_with_other_contents_is_damaged(store, content: bytes) -> None:
    """Nothing but 32-byte keys by version ever reaches the database."""
    folder, _, recipients = store
    (folder / "kunci-1.age").write_bytes(age.encrypt(content, list(recipients.values())))
    assert code_of(keystore.unlock, folder, "operator", WORDS) == "E_KEYSTORE_DAMAGED"


def test_while_a_database_is_rekeyed_both_keys_are_at_hand(store) -> None:
    """Stopped between two versions, whichever key the database has is in the open keystore."""
    folder, unlocked, recipients = store
    newer = keystore.Unlocked(unlocked.identity, {**unlocked.keys, 2: os.urandom(32)})
    keystore.seal_keys(folder, newer, recipients.values())
    opened = keystore.unlock(folder, "operator", WORDS)
    assert opened.keys == newer.keys
    assert (opened.version, opened.current) == (2, newer.keys[2])
    (folder / "kunci-2.age").write_bytes(b"rusak")
    assert keystore.unlock(folder, "operator", WORDS).keys == unlocked.keys


def test_further_secrets_are_kept_for_the_same_accounts(store) -> None:
    """An office's signing key opens with any account's session, and not with another folder's."""
    folder, unlocked, recipients = store
    path = folder / "kunci/penandatangan.age"
    keystore.keep(path, b"benih", unlocked, list(recipients.values()))
    assert keystore.fetch(path, keystore.unlock_with_recovery(folder, CODE)) == b"benih"
    stranger = keystore.Unlocked(age.Identity.generate(), unlocked.keys)
    assert code_of(keystore.fetch, path, stranger) == "E_ACCOUNT_CLOSED"
    assert code_of(keystore.fetch, folder / "tidak-ada.age", unlocked) == "E_KEYSTORE_DAMAGED"
    assert (
        code_of(keystore.keep, path, b"x", stranger, list(recipients.values()))
        == "E_KEYSTORE_UNPROVEN"
    )
    assert keystore.fetch(path, unlocked) == b"benih"


@pytest.mark.parametrize("step", ["open", "write", "fsync", "prove", "replace"])
@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "E_DISK_FULL"), (errno.EACCES, "E_NO_RIGHTS"), (errno.EIO, "E_FILE")],
)
def test_a_failing_disk_leaves_the_earlier_keys(store, monkeypatch, step, number, code) -> None:
    """Whichever step of writing fails: one clear message, the old file whole, nothing new beside it."""
    folder, unlocked, recipients = store
    before = files(folder)

    def fail(*_arguments, **_keywords):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        if step == "open":
            patch.setattr(_whole.os, "open", fail)
        elif step == "write":
            patch.setattr(
                _whole,
                "open",
                lambda descriptor, _mode: os.close(descriptor) or fail(),
                raising=False,
            )
        elif step == "fsync":
            patch.setattr(_whole.os, "fsync", fail)
        elif step == "prove":
            patch.setattr(Path, "read_bytes", fail)
        else:
            patch.setattr(Path, "replace", fail)
        path = folder / "kunci-1.age"
        with pytest.raises(FileError) as refused:
            keystore.keep(path, b"lain", unlocked, list(recipients.values()))
        assert refused.value.code == code
    assert files(folder) == before
    assert keystore.unlock(folder, "operator", WORDS) == unlocked


def test_a_disk_that_lies_is_noticed_before_the_old_file_goes(store, monkeypatch) -> None:
    """What is read back must open; else the earlier file stays and the person is told."""
    folder, unlocked, recipients = store
    before = files(folder)
    true_read = Path.read_bytes
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda path: true_read(path)[:-1] + b"\0")
        path = folder / "kunci-1.age"
        kept = (path, b"lain", unlocked, list(recipients.values()))
        assert code_of(keystore.keep, *kept) == "E_KEYSTORE_UNPROVEN"
        changed = (folder, "operator", WORDS, "kambing besi jamur")
        assert code_of(keystore.change_passphrase, *changed) == "E_KEYSTORE_UNPROVEN"
    assert files(folder) == before


def test_a_left_over_part_of_an_interrupted_write_is_no_hindrance(store) -> None:
    """After a power cut the next write goes through, and parts are never read as keys."""
    folder, unlocked, recipients = store
    for name in ("kunci-1.age.part", "kunci-2.age.part", "akun/budi.age.part"):
        (folder / name).write_bytes(b"setengah")
    assert keystore.accounts(folder) == ["operator"]
    assert keystore.unlock(folder, "operator", WORDS) == unlocked
    keystore.add_account(folder, unlocked, "budi", WORDS, recipients, work_factor=16)
    assert keystore.unlock(folder, "budi", WORDS).keys == unlocked.keys
    assert not (folder / "kunci-1.age.part").exists()


def test_the_open_keystore_does_not_show_its_keys(store) -> None:
    """A log line or a traceback with the value in it gives nothing away."""
    _, unlocked, _ = store
    shown = repr(unlocked)
    assert str(unlocked.identity) not in shown
    assert unlocked.current.hex() not in shown
    assert repr(unlocked.current) not in shown
