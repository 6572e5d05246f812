"""Ceremonies of a village's accounts: one more, one again, a passphrase, the recovery code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from siks_offline.desa import staff
from siks_offline.desa.ceremony import Ceremony, Field, Step
from siks_offline.errors import SecretError
from siks_offline.model import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from siks_offline.desa.village import Village

PAPER = Field("kertas", "save", optional=True)


class _FirstCode(Ceremony):
    """Shows the code of a first sign-in and prints it."""

    def __init__(self, village: Village) -> None:
        super().__init__()
        self._village = village

    def _made(self, first: staff.FirstCode) -> None:
        self._first = first
        self.changes = Changes(accounts=True)
        self.facts |= {
            "akun": first.name,
            "kode": first.code,
            "nama_berkas": f"kode-masuk-{first.name}.pdf",
        }

    @property
    def may_go_back(self) -> bool:
        """Never from the code: its account is made."""
        return super().may_go_back and self.step.name != "kode"

    def take_kode(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Print the code where the person wants it."""
        if typed.get(PAPER.name):
            _print(self._village, "masuk", self._first.name, self._first.code, typed[PAPER.name])


class AddAccount(_FirstCode):
    """One more person who may sign in."""

    NAME: ClassVar[str] = "akun_tambah"
    STEPS: ClassVar[tuple[Step, ...]] = (
        Step("siapa", (Field("nama"), Field("peran", "choice", staff.ROLES))),
        Step("kode", (PAPER,), shows="kode"),
        Step("selesai"),
    )

    def take_siapa(self, typed: Mapping[str, str], now: datetime) -> None:
        """Make the account."""
        self._made(staff.add(self._village, typed["nama"], typed["peran"], now))


class ResetAccount(_FirstCode):
    """A new first code for somebody who forgot the passphrase."""

    NAME: ClassVar[str] = "akun_ulang"
    STEPS: ClassVar[tuple[Step, ...]] = (
        Step("yakin"),
        Step("kode", (PAPER,), shows="kode"),
        Step("selesai"),
    )

    def __init__(self, village: Village, name: str) -> None:
        super().__init__(village)
        self._name = name
        self.facts["akun"] = name

    def take_yakin(self, _typed: Mapping[str, str], now: datetime) -> None:
        """Take the old passphrase away."""
        self._made(staff.reset(self._village, self._name, now))


class ChangePassphrase(Ceremony):
    """Another passphrase for the account that is signed in."""

    NAME: ClassVar[str] = "kata_sandi"
    STEPS: ClassVar[tuple[Step, ...]] = (
        Step(
            "ganti",
            (Field("lama", "secret"), Field("baru", "new_secret"), Field("ulang", "secret")),
        ),
        Step("selesai"),
    )

    def __init__(self, village: Village) -> None:
        from siks_offline.crypto import passphrase

        super().__init__()
        self._village = village
        self.near = (village.nama_desa, village.account)
        self.facts["usul"] = passphrase.draw()

    def take_ganti(self, typed: Mapping[str, str], now: datetime) -> None:
        """Wrap the account anew."""
        same_twice(typed)
        staff.change_passphrase(self._village, typed["lama"], typed["baru"], now)


class Recovery(Ceremony):
    """Shows a new recovery code, prints it, and has two groups of it typed back."""

    NAME: ClassVar[str] = "pemulihan"
    STEPS: ClassVar[tuple[Step, ...]] = (
        Step("tunjuk", (PAPER,), shows="kode"),
        Step("ulang", (Field("satu"), Field("dua"))),
        Step("selesai"),
    )

    def __init__(self, village: Village) -> None:
        from siks_offline.crypto import codes

        super().__init__()
        self._village = village
        self._code = codes.recovery_code()
        self._groups = codes.drawn_groups(self._code)
        self.facts |= recovery_facts(self._code, self._groups, village.kode_desa)

    def take_tunjuk(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Print the code where the person wants it."""
        if typed.get(PAPER.name):
            _print(self._village, "pemulihan", self._village.account, self._code, typed["kertas"])

    def take_ulang(self, typed: Mapping[str, str], now: datetime) -> None:
        """Compare the groups, then let the new code take the place of the old."""
        from siks_offline.crypto import codes

        codes.check_groups(self._code, self._groups, (typed["satu"], typed["dua"]))
        staff.renew_recovery(self._village, self._code, now)


def recovery_facts(code: str, groups: tuple[int, int], kode_desa: str) -> dict[str, str]:
    """Return what the steps of a recovery code tell."""
    from siks_offline.crypto import codes

    return {
        "kode": codes.grouped(code),
        "satu": str(groups[0]),
        "dua": str(groups[1]),
        "nama_berkas": f"kode-pemulihan-{kode_desa}.pdf",
    }


def same_twice(typed: Mapping[str, str]) -> None:
    """Refuse a new passphrase whose second typing differs. Raises SecretError."""
    if typed["baru"] != typed["ulang"]:
        raise SecretError("E_PASSPHRASE_TWICE")


def _print(village: Village, kind: str, account: str, code: str, target: str) -> None:
    from siks_offline.export import handover_paper

    handover_paper.write_code(
        Path(target),
        "masuk" if kind == "masuk" else "pemulihan",
        nama_desa=village.nama_desa,
        kode_desa=village.kode_desa,
        account=account,
        code=code,
        practice=village.practice,
    )
