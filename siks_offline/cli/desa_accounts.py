"""`siks desa akun`: who may sign in to a village, their first codes, passphrases, the recovery."""

from __future__ import annotations

import getpass
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import output
from siks_offline.errors import SecretError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from siks_offline.desa.staff import FirstCode
    from siks_offline.desa.village import Village

NEW = "SIKS_KATA_SANDI_BARU"
RECOVERY = "SIKS_KODE_PEMULIHAN"


def register(command: Callable[..., Any]) -> None:
    """Add the command; `command(name, run)` gives its parser, its DESA included."""
    parser = command("akun", akun)
    parser.add_argument(
        "kerja", metavar="KERJA", choices=tuple(RUN), help=texts.text("cli.desa.akun.kerja")
    )
    parser.add_argument("nama", metavar="NAMA", nargs="?", default="")
    parser.add_argument(
        "--peran", metavar="PERAN", default="operator", help=texts.text("cli.desa.akun.peran")
    )
    parser.add_argument(
        "--kertas", metavar="FILE.pdf", type=Path, help=texts.text("cli.desa.akun.kertas")
    )


def akun(args: argparse.Namespace) -> output.Answer:
    """Do what the word after the village says."""
    return RUN[args.kerja](args)


def daftar(args: argparse.Namespace) -> output.Answer:
    """List who may sign in."""
    from siks_offline.desa import staff

    with _open(args) as village:
        found = staff.every(village)
    rows = [{"akun": o.name, "peran": o.role, "kode_masuk": o.first_code} for o in found]
    lines = [
        texts.text(f"cli.desa.akun.{'baris_baru' if o.first_code else 'baris'}", **row)
        for o, row in zip(found, rows, strict=True)
    ]
    return output.Answer({"akun": rows}, "\n".join(lines))


def tambah(args: argparse.Namespace) -> output.Answer:
    """Let one more person in, by a code for their first sign-in."""
    from siks_offline.desa import staff

    with _open(args) as village:
        return _first_code(village, staff.add(village, _name(args), args.peran, _now()), args)


def atur_ulang(args: argparse.Namespace) -> output.Answer:
    """Give somebody who forgot the passphrase a new first code."""
    from siks_offline.desa import staff

    with _open(args) as village:
        return _first_code(village, staff.reset(village, _name(args), _now()), args)


def hapus(args: argparse.Namespace) -> output.Answer:
    """Let somebody in no more, under another database key."""
    from siks_offline.desa import staff

    with _open(args) as village:
        staff.remove(village, _name(args), _now())
        value = {"akun": args.nama, "versi_kunci": village.keys.version}
    return output.Answer(value, texts.text("cli.desa.akun.dihapus", **value))


def masuk_pertama(args: argparse.Namespace) -> output.Answer:
    """Replace a printed first code by a passphrase of one's own."""
    from siks_offline.desa import accounts

    code, new = output.passphrase(), _new_passphrase()
    with accounts.first_sign_in(args.desa, _name(args), code, new, _now()) as village:
        value = {"akun": village.account, "peran": village.role}
    return output.Answer(value, texts.text("cli.desa.akun.masuk", **value))


def ganti_kata_sandi(args: argparse.Namespace) -> output.Answer:
    """Change the passphrase of the account that signs in."""
    from siks_offline.desa import staff

    old = output.passphrase()
    with _open(args, old) as village:
        staff.change_passphrase(village, old, _new_passphrase(), _now())
        value = {"akun": village.account}
    return output.Answer(value, texts.text("cli.desa.akun.diganti", **value))


def kode_pemulihan(args: argparse.Namespace) -> output.Answer:
    """Replace the recovery code by a new one."""
    from siks_offline.desa import staff

    with _open(args) as village:
        code = _kept_code(village.nama_desa, village.kode_desa, village.account, args)
        staff.renew_recovery(village, code, _now())
        value = _recovery(village, code, args)
    return output.Answer(value, texts.text("cli.desa.akun.pemulihan", **value))


def pulihkan(args: argparse.Namespace) -> output.Answer:
    """Sign in with the recovery code: an admin gets a new passphrase, the code is replaced."""
    from siks_offline.desa import accounts
    from siks_offline.desa.village_folder import read_folder

    folder = read_folder(args.desa)
    name = _name(args)
    used = os.environ.get(RECOVERY)
    if used is None:
        used = _asked("cli.desa.akun.kode_lama")
    new = _new_passphrase()
    code = _kept_code(folder.nama_desa, folder.kode_desa, name, args)
    with accounts.recover(args.desa, used, name, new, code, _now()) as village:
        value = _recovery(village, code, args)
    return output.Answer(value, texts.text("cli.desa.akun.pemulihan", **value))


RUN: dict[str, Callable[[argparse.Namespace], output.Answer]] = {
    "daftar": daftar,
    "tambah": tambah,
    "hapus": hapus,
    "atur-ulang": atur_ulang,
    "masuk-pertama": masuk_pertama,
    "ganti-kata-sandi": ganti_kata_sandi,
    "kode-pemulihan": kode_pemulihan,
    "pulihkan": pulihkan,
}


def _now() -> datetime:
    return datetime.now(UTC)


def _open(args: argparse.Namespace, passphrase: str | None = None) -> Village:
    from siks_offline.desa import accounts
    from siks_offline.desa.village_folder import read_folder

    read_folder(args.desa)
    secret = output.passphrase() if passphrase is None else passphrase
    return accounts.open_village(args.desa, args.akun, secret)


def _name(args: argparse.Namespace) -> str:
    if not args.nama:
        raise UsageError("E_USAGE", pemakaian=f"siks desa akun DESA {args.kerja} NAMA")
    return str(args.nama)


def _asked(key: str) -> str:
    if not sys.stdin.isatty():
        raise SecretError("E_PASSPHRASE_MISSING")
    return getpass.getpass(texts.text(key))


def _new_passphrase() -> str:
    """Return the new passphrase: of the environment, else typed twice after a proposal."""
    from siks_offline.crypto import passphrase

    found = os.environ.get(NEW)
    if found is not None:
        return found
    if sys.stdin.isatty():
        print(texts.text("cli.desa.akun.usul", usul=passphrase.draw()), file=sys.stderr)
    typed = _asked("cli.desa.akun.baru")
    if _asked("cli.kata_sandi_ulang") != typed:
        raise SecretError("E_PASSPHRASE_TWICE")
    return typed


def _kept_code(nama_desa: str, kode_desa: str, account: str, args: argparse.Namespace) -> str:
    """Return a new recovery code that stands on paper, two groups of it typed back.

    Without a terminal the paper must be named, for nobody could copy the code by hand.
    """
    from siks_offline.crypto import codes
    from siks_offline.export import handover_paper

    code = codes.recovery_code()
    if args.kertas is not None:
        handover_paper.write_code(
            args.kertas,
            "pemulihan",
            nama_desa=nama_desa,
            kode_desa=kode_desa,
            account=account,
            code=code,
        )
    elif not sys.stdin.isatty():
        raise UsageError("E_USAGE", pemakaian=f"siks desa akun DESA {args.kerja} --kertas FILE.pdf")
    if sys.stdin.isatty():
        print(texts.text("cli.desa.akun.tulis", kode=codes.grouped(code)), file=sys.stderr)
        groups = codes.drawn_groups(code)
        typed = [_asked_group(number) for number in groups]
        codes.check_groups(code, groups, typed)
    return code


def _asked_group(number: int) -> str:
    print(texts.text("cli.desa.akun.kelompok", nomor=number), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline()


def _recovery(village: Village, code: str, args: argparse.Namespace) -> dict[str, str]:
    from siks_offline.crypto import codes

    return {
        "akun": village.account,
        "kode_pemulihan": codes.grouped(code),
        "kertas": str(args.kertas or ""),
    }


def _first_code(village: Village, made: FirstCode, args: argparse.Namespace) -> output.Answer:
    from siks_offline.export import handover_paper

    if args.kertas is not None:
        handover_paper.write_code(
            args.kertas,
            "masuk",
            nama_desa=village.nama_desa,
            kode_desa=village.kode_desa,
            account=made.name,
            code=made.code,
            practice=village.practice,
        )
    value = {
        "akun": made.name,
        "peran": made.role,
        "kode_masuk": made.code,
        "kertas": str(args.kertas or ""),
    }
    return output.Answer(value, texts.text("cli.desa.akun.kode", **value))
