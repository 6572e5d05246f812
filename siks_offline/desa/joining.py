"""The steps by which a person joins a village to its Dinsos, each checked before the next.

Nothing is made before the last step: `pair` does it all, after the recovery code was read back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siks_offline.errors import SecretError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from siks_offline.desa.pairing import Paired
    from siks_offline.export.invitation import Read


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation says to a person; `until` is an ISO day, `known` a village held here."""

    kode_desa: str
    nama_desa: str
    practice: bool
    until: str
    known: bool


class Joining:
    """One invitation on its way to an enrolment. `root` is where villages lie."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._found: Read | None = None
        self._file: Path | None = None
        self._letter_code = ""
        self._account = ""
        self._passphrase = ""
        self._recovery_code = ""
        self.known = False
        """Whether the village is here already: then its account opens it, and nothing is made."""
        self.folder = root
        self.groups = (0, 0)
        """Which two groups of the recovery code are to be typed back, counted from 1."""

    def take_invitation(self, file: Path, now: datetime) -> Invited:
        """Read an invitation.

        Raises BundleError E_NOT_INVITATION, E_INVITATION, E_INVITE_EXPIRED, E_SIG_*; FileError.
        """
        from siks_offline.export import invitation

        found = invitation.read(file)
        invitation.require_time(found, now)
        self._found, self._file = found, file
        self._letter_code = ""
        self.folder, self.known = folder_for(self._root, found.invitation.kode_desa)
        return Invited(
            kode_desa=found.invitation.kode_desa,
            nama_desa=found.invitation.nama_desa,
            practice=found.invitation.practice,
            until=f"{found.invitation.expires_at.astimezone():%Y-%m-%d}",
            known=self.known,
        )

    def take_code(self, code: str) -> None:
        """Check the letter's code. Raises SecretError E_CODE_FORMAT, BundleError E_INVITE_CODE."""
        from siks_offline.export import invitation

        assert self._found is not None
        invitation.require_code(self._found, code)
        self._letter_code = code

    def take_account(self, account: str, passphrase: str, again: str) -> None:
        """Check an account's name and passphrase, and draw the recovery code of a new village.

        Raises SecretError E_ACCOUNT_NAME, E_PASSPHRASE_TWICE, E_PASSPHRASE_WEAK; for a village that
        is here E_PASSPHRASE comes later, when it is opened.
        """
        from siks_offline.crypto import codes, keystore
        from siks_offline.crypto.passphrase import check_passphrase

        assert self._found is not None
        name = keystore.account_name(account)
        if not self.known:
            if passphrase != again:
                raise SecretError("E_PASSPHRASE_TWICE")
            if not self._found.invitation.practice:
                near = (self._found.invitation.nama_desa, name)
                check_passphrase(passphrase, near)
        self._account, self._passphrase = name, passphrase
        if not self._recovery_code:
            self._recovery_code = codes.recovery_code()
            self.groups = codes.drawn_groups(self._recovery_code)

    @property
    def recovery_code(self) -> str:
        """The recovery code in groups, for the person to write down."""
        from siks_offline.crypto import codes

        return codes.grouped(self._recovery_code)

    def take_groups(self, first: str, second: str) -> None:
        """Check the two groups typed back. Raises SecretError E_RECOVERY_GROUPS."""
        from siks_offline.crypto import codes

        codes.check_groups(self._recovery_code, self.groups, (first, second))

    def pair(self, target: Path, now: datetime) -> Paired:
        """Make the village if it is new, and write its enrolment. Raises as `pairing.pair`."""
        from siks_offline.desa import pairing

        assert self._file is not None
        return pairing.pair(
            self.folder,
            self._file,
            letter_code=self._letter_code,
            account=self._account,
            passphrase=self._passphrase,
            target=target,
            now=now,
            recovery_code=self._recovery_code,
        )


def folder_for(root: Path, kode_desa: str) -> tuple[Path, bool]:
    """Return the folder of a village under a root, and whether it is there."""
    from siks_offline.desa.village_folder import MARKER, list_villages

    for village in list_villages(root):
        if village.kode_desa == kode_desa:
            return village.path, True
    above = root.parent if (root / MARKER).exists() else root
    names = (kode_desa, *(f"{kode_desa}-{number}" for number in range(2, 100)))
    return next(above / name for name in names if not _taken(above / name)), False


def _taken(folder: Path) -> bool:
    """Whether something stands there; what a power cut left half made is cleared by the making."""
    from siks_offline.paths import UNFINISHED

    return folder.exists() and not (folder / UNFINISHED).exists()
