"""What a command says: one JSON object or Indonesian sentences, an exit code, never a traceback."""

from __future__ import annotations

import argparse
import getpass
import json
import logging
import os
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from siks_offline import paths, texts
from siks_offline.errors import SecretError, SiksError, UsageError, frames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siks_offline.model import CellIssue

PASSPHRASE = "SIKS_KATA_SANDI"  # noqa: S105 - the name of a variable, not a secret
LOG_SIZE = 1_000_000
PRACTICE = "latihan"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found: the JSON members of CLI.md, the same for people, the exit code."""

    value: Mapping[str, Any]
    text: str
    code: int = 0


class Parser(argparse.ArgumentParser):
    """An argument parser that speaks Indonesian and raises instead of leaving."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("allow_abbrev", False)
        kwargs.setdefault("formatter_class", _Formatter)
        super().__init__(*args, **kwargs)
        self._positionals.title = texts.text("cli.bantuan.urutan")
        self._optionals.title = texts.text("cli.bantuan.pilihan")
        for action in self._actions:
            if isinstance(action, argparse._HelpAction):
                action.help = texts.text("cli.bantuan.bantuan")

    def error(self, message: str) -> NoReturn:
        """Raise UsageError E_USAGE with the command's own usage line."""
        del message  # argparse says it in English; the usage line says it better
        usage = " ".join(self.format_usage().split())
        raise UsageError("E_USAGE", pemakaian=usage.removeprefix(_usage()).strip())

    def command(self, **kwargs: Any) -> Any:
        """Return the slot for sub-commands of this group."""
        return self.add_subparsers(dest="perintah", metavar="PERINTAH", required=True, **kwargs)


class _Formatter(argparse.HelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: Any = None) -> None:
        super().add_usage(usage, actions, groups, _usage() if prefix is None else prefix)


def _usage() -> str:
    return texts.text("cli.bantuan.pemakaian") + " "


def with_json(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Let a command take `--json` after its name."""
    parser.add_argument("--json", action="store_true", help=texts.text("cli.bantuan.json"))
    return parser


def speak_utf8() -> None:
    """Write UTF-8 whatever the terminal of an old Windows says."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def answer(found: Answer, *, as_json: bool) -> int:
    """Print what a command found and return its exit code."""
    if as_json:
        print(json.dumps(found.value, ensure_ascii=False))
    elif found.text:
        print(found.text)
    sys.stdout.flush()
    return found.code


def refuse(error: SiksError, *, as_json: bool, code: int) -> int:
    """Print a refusal and return its exit code."""
    if as_json:
        print(json.dumps({"galat": fault(error)}, ensure_ascii=False))
    else:
        print(error, file=sys.stderr)
    return code


def fault(error: SiksError) -> dict[str, str]:
    """Return the members of a `galat`."""
    return {"kode": error.code, "pesan": error.message, "tindakan": error.remedy}


def cell(issue: CellIssue) -> dict[str, Any]:
    """Return the members of a `masalah` of a workbook."""
    return {
        "lembar": issue.sheet,
        "baris": issue.row,
        "kolom": issue.column,
        "kode": issue.code,
        "pesan": issue.message,
        "tindakan": issue.remedy,
    }


def confess(error: BaseException, *, as_json: bool) -> int:
    """Tell a bug in one calm sentence with the number under which the log holds it."""
    number = secrets.token_hex(4)
    logged = _log(number, error)
    told = SiksError("E_BUG", nomor=number, log=str(logged))
    return refuse(told, as_json=as_json, code=3)


def _log(number: str, error: BaseException) -> str:
    """Append the traceback, its frames and kinds of errors alone; return the log's path."""
    from logging.handlers import RotatingFileHandler

    path = paths.logs() / "siks.log"
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        log = logging.getLogger("siks_offline.cli.bug")
        log.propagate = False
        target = RotatingFileHandler(path, maxBytes=LOG_SIZE, backupCount=3, encoding="utf-8")
        target.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        log.addHandler(target)
        try:
            log.error("%s\n%s", number, "\n".join(frames(error)))
        finally:
            log.removeHandler(target)
            target.close()
    return str(path)


def hang_up() -> int:
    """End quietly when the reader of our output has gone."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def passphrase(*, twice: bool = False, practice: bool = False) -> str:
    """Return the passphrase of the environment, or ask for it on the terminal.

    A practice world has one that everybody knows.

    Raises SecretError E_PASSPHRASE_MISSING without both, E_PASSPHRASE_TWICE when the second
    typing differs.
    """
    found = os.environ.get(PASSPHRASE)
    if found is not None:
        return found
    if practice:
        return PRACTICE
    if not sys.stdin.isatty():
        raise SecretError("E_PASSPHRASE_MISSING")
    typed = getpass.getpass(texts.text("cli.kata_sandi"))
    if twice and getpass.getpass(texts.text("cli.kata_sandi_ulang")) != typed:
        raise SecretError("E_PASSPHRASE_TWICE")
    return typed
