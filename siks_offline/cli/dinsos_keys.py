"""`siks dinsos`: accounts, keys, digits read aloud, and the office's own copies."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siks_offline import texts
from siks_offline.cli import output
from siks_offline.cli.dinsos_store import now, opened
from siks_offline.errors import SecretError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


NEW_PASSPHRASE = "SIKS_KATA_SANDI_BARU"  # noqa: S105 - the name of a variable, not a secret
RECOVERY_CODE = "SIKS_KODE_PEMULIHAN"
ACTIONS = ("lihat", "ganti", "ganti-akar", "simpan-akar")


def register(command: Callable[..., Any]) -> None:
    """Add the commands; `command(name, run)` gives the parser of one, its STORE included."""
    parser = command("akun", akun)
    parser.add_argument(
        "--tambah", metavar="NAMA", default="", help=texts.text("cli.dinsos.akun_tambah")
    )
    parser.add_argument(
        "--hapus", metavar="NAMA", default="", help=texts.text("cli.dinsos.akun_hapus")
    )
    parser = command("aturan", aturan)
    parser.add_argument("--persetujuan", type=int, choices=(1, 2))
    parser = command("kunci", kunci)
    # `siks dinsos kunci ganti STORE`: either order of the two words is taken.
    parser.add_argument("tindakan", metavar="|".join(ACTIONS), nargs="?", default="")
    parser.add_argument(
        "--cabut-lama", action="store_true", help=texts.text("cli.dinsos.kunci_cabut")
    )
    parser.add_argument(
        "--akar", metavar="FOLDER", type=Path, help=texts.text("cli.dinsos.kunci_akar")
    )
    parser.add_argument("--ke", metavar="FOLDER", type=Path, help=texts.text("cli.dinsos.kunci_ke"))
    command("uji-eskro", uji_eskro)
    parser = command("suara", suara)
    parser.add_argument("kode_desa", metavar="KODE_DESA")
    parser.add_argument("seq", metavar="NOMOR", type=int)
    parser = command("cadangkan", cadangkan)
    parser.add_argument("--ke", metavar="FILE", type=Path, required=True)
    parser.add_argument(
        "--tanpa-arsip", action="store_true", help=texts.text("cli.dinsos.cadangkan_tanpa")
    )
    command("pulihkan", pulihkan, first="berkas")


def akun(args: argparse.Namespace) -> output.Answer:
    """List the accounts of the office, add one or take one away."""
    from siks_offline.dinsos import accounts

    with opened(args) as office:
        if args.tambah:
            phrase = _new_passphrase(practice=office.practice)
            accounts.add(office, args.tambah, phrase, now())
        if args.hapus:
            accounts.remove(office, args.hapus, now())
        names = accounts.listed(office)
    value = {"akun": names}
    return output.Answer(value, texts.text("cli.dinsos.akun_hasil", akun=", ".join(names)))


def _new_passphrase(*, practice: bool) -> str:
    found = os.environ.get(NEW_PASSPHRASE)
    if found is not None:
        return found
    if practice:
        return output.PRACTICE
    if not sys.stdin.isatty():
        raise SecretError("E_PASSPHRASE_MISSING")
    typed = getpass.getpass(texts.text("cli.dinsos.akun_sandi"))
    if getpass.getpass(texts.text("cli.kata_sandi_ulang")) != typed:
        raise SecretError("E_PASSPHRASE_TWICE")
    return typed


def aturan(args: argparse.Namespace) -> output.Answer:
    """Show or change how many persons approve a new device."""
    from siks_offline.dinsos import pairing

    holds = True
    with opened(args) as office:
        if args.persetujuan is not None:
            holds = pairing.require_approvals(office, args.persetujuan, office.account, now())
        value = {"persetujuan": office.approvals, "berlaku": holds}
    key = "cli.dinsos.aturan_hasil" if holds else "cli.dinsos.aturan_menunggu"
    return output.Answer(value, texts.text(key, **value))


def kunci(args: argparse.Namespace) -> output.Answer:
    """Show the keys, or make new ones and the next key set."""
    from siks_offline.crypto.sshsig import fingerprint
    from siks_offline.dinsos import rotation

    if str(args.store) in ACTIONS:
        args.store, args.tindakan = Path(args.tindakan), str(args.store)
    action = args.tindakan or "lihat"
    if action not in ACTIONS or (action == "simpan-akar") != (args.ke is not None):
        raise UsageError("E_USAGE", pemakaian=f"dinsos kunci {'|'.join(ACTIONS)} STORE")
    taken = ""
    with opened(args) as office:
        if action == "ganti":
            rotation.rotate(office, now(), revoke=args.cabut_lama, root_at=args.akar)
        elif action == "ganti-akar":
            rotation.change_root(office, now(), root_at=args.akar)
        elif action == "simpan-akar":
            taken = str(rotation.take_root_away(office, args.ke, now()))
        value = {
            "versi": office.keyset.version,
            "kunci": fingerprint(office.keys.signing.public),
            "akar": fingerprint(office.root),
            "sidik_jari": office.digits,
        }
    if taken:
        value["akar_disimpan"] = taken
    return output.Answer(value, texts.text("cli.dinsos.kunci_hasil", **value))


def uji_eskro(args: argparse.Namespace) -> output.Answer:
    """Open real bundles with the key in the sealed envelope."""
    from siks_offline.dinsos import escrow

    with opened(args) as office:
        done = escrow.drill(office, _recovery_code(), now())
    value = {"dicoba": done.tried, "tertutup": list(done.closed)}
    key = "cli.dinsos.uji_eskro_rusak" if done.closed else "cli.dinsos.uji_eskro_hasil"
    words = texts.text(key, dicoba=done.tried, tertutup=len(done.closed))
    return output.Answer(value, words, 1 if done.closed else 0)


def _recovery_code() -> str:
    found = os.environ.get(RECOVERY_CODE)
    if found is not None:
        return found
    if not sys.stdin.isatty():
        raise SecretError("E_RECOVERY_CODE")
    return getpass.getpass(texts.text("cli.dinsos.uji_eskro_kode"))


def suara(args: argparse.Namespace) -> output.Answer:
    """Show the ten digits of a file that was accepted whole."""
    from siks_offline.dinsos import pairing, voice

    with opened(args, whole=True) as office:
        kode = pairing.check_village(office, args.kode_desa)
        found = voice.code(office, kode, args.seq, now())
    rows = [
        {
            "kode_suara": one.code,
            "aliran": one.stream,
            "seq": one.seq,
            "kunjungan": one.visits,
            "lampiran": one.attachments,
        }
        for one in found
    ]
    lines = [texts.text("cli.dinsos.suara_baris", **row) for row in rows]
    return output.Answer({"suara": rows}, "\n".join(lines))


def cadangkan(args: argparse.Namespace) -> output.Answer:
    """Write a copy of the office."""
    from siks_offline.dinsos import backup

    with opened(args) as office:
        made = backup.write(office, args.ke, now(), archive=not args.tanpa_arsip)
    value = {
        "berkas": str(args.ke),
        "perangkat": made.devices,
        "asli": made.originals,
        "ditinggal": made.left_out,
    }
    return output.Answer(value, texts.text("cli.dinsos.cadangkan_hasil", **value))


def pulihkan(args: argparse.Namespace) -> output.Answer:
    """Make an office of its copy in an empty folder."""
    from siks_offline.dinsos import backup

    made = backup.restore(
        args.berkas, args.store, output.passphrase(), now(), account=args.akun, url=args.url
    )
    value = {
        "berkas": str(args.berkas),
        "perangkat": made.devices,
        "asli": made.originals,
        "ditinggal": made.left_out,
    }
    return output.Answer(value, texts.text("cli.dinsos.pulihkan_hasil", **value))
