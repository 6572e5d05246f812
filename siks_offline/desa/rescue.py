"""The way back in when an admin's passphrase is forgotten: the recovery code, which is replaced."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from siks_offline.desa.account_ceremonies import PAPER, recovery_facts, same_twice
from siks_offline.desa.ceremony import Ceremony, Field, Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from siks_offline.desa.village import Village
    from siks_offline.desa.village_folder import VillageFolder


class Rescue(Ceremony):
    """Nothing changes before the new code was typed back; then all does at once."""

    NAME: ClassVar[str] = "lupa"
    STEPS: ClassVar[tuple[Step, ...]] = (
        Step("kode", (Field("akun"), Field("pemulihan"))),
        Step("sandi", (Field("baru", "new_secret"), Field("ulang", "secret"))),
        Step("tunjuk", (PAPER,), shows="kode"),
        Step("ulang", (Field("satu"), Field("dua"))),
        Step("selesai"),
    )

    def __init__(self, folder: VillageFolder) -> None:
        from siks_offline.crypto import codes, passphrase

        super().__init__()
        self._folder = folder
        self._new = codes.recovery_code()
        self._groups = codes.drawn_groups(self._new)
        self.village: Village | None = None
        """The village, open, at the end."""
        self.facts |= recovery_facts(self._new, self._groups, folder.kode_desa)
        self.facts["usul"] = passphrase.draw()

    def take_kode(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Check the code as it was printed; whether it opens the village is seen at the end."""
        from siks_offline.crypto import codes, keystore

        self._account = keystore.account_name(typed["akun"])
        self._used = codes.check_recovery_code(typed["pemulihan"])
        self.near = (self._folder.nama_desa, self._account)

    def take_sandi(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Check the new passphrase."""
        from siks_offline.desa import accounts

        same_twice(typed)
        accounts.check_passphrase(typed["baru"], self._folder, self._account)
        self._passphrase = typed["baru"]

    def take_tunjuk(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Print the new recovery code where the person wants it."""
        from siks_offline.export import handover_paper

        if typed.get(PAPER.name):
            handover_paper.write_code(
                Path(typed[PAPER.name]),
                "pemulihan",
                nama_desa=self._folder.nama_desa,
                kode_desa=self._folder.kode_desa,
                account=self._account,
                code=self._new,
                practice=self._folder.practice,
            )

    def take_ulang(self, typed: Mapping[str, str], now: datetime) -> None:
        """Open the village with the code; give the admin the passphrase, the paper its new code."""
        from siks_offline.crypto import codes
        from siks_offline.desa import accounts

        codes.check_groups(self._new, self._groups, (typed["satu"], typed["dua"]))
        self.village = accounts.recover(
            self._folder.path, self._used, self._account, self._passphrase, self._new, now
        )
        self._passphrase = self._used = self._new = ""
