"""Ceremonies of this device's keys: renewal, pairing again, a lost laptop, another root."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from siks_offline.desa.ceremony import Ceremony, Field, Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from siks_offline.desa.village import Village


class Renewal(Ceremony):
    """The next key of this device, asked for before the present one ends."""

    NAME = "perbarui"
    STEPS = (Step("keadaan"), Step("simpan", (Field("berkas", "save"),)), Step("selesai"))

    def __init__(self, village: Village) -> None:
        super().__init__()
        self._village = village

    def begin(self, now: datetime) -> None:
        """Read until when the present key serves."""
        from siks_offline.desa import renewal

        self._standing = renewal.standing(self._village, now)
        self.facts = {
            "sampai": day(self._standing.valid_until),
            "mulai": day(self._standing.renew_from),
            "nama_berkas": f"perbarui-kunci-{self._village.kode_desa}.siks",
        }

    def take_keadaan(self, _typed: Mapping[str, str], _now: datetime) -> None:
        """Go on only when the time for it has come."""
        from siks_offline.desa import renewal

        renewal.require_time(self._standing)

    def take_simpan(self, typed: Mapping[str, str], now: datetime) -> None:
        """Write the request."""
        from siks_offline.desa import renewal

        made = renewal.renew(self._village, Path(typed["berkas"]), now)
        self.facts |= {"berkas": str(made.path), "kunci": made.key}


class PairingAgain(Ceremony):
    """New keys for a village that is open here, by a new letter of the Dinsos."""

    NAME: ClassVar[str] = "pasang_ulang"
    STEPS: ClassVar[tuple[Step, ...]] = (
        Step("undangan", (Field("berkas", "open"),)),
        Step("kode", (Field("kode"),)),
        Step("simpan", (Field("berkas", "save"),)),
        Step("selesai", shows="angka"),
    )

    def __init__(self, village: Village, invitation: Path | None = None) -> None:
        super().__init__()
        self._village = village
        self._file = invitation
        self.facts["nama_berkas"] = f"pendaftaran-{village.kode_desa}.siks"
        self.facts["usul_berkas"] = "" if invitation is None else str(invitation)

    def take_undangan(self, typed: Mapping[str, str], now: datetime) -> None:
        """Read the invitation and see that it is for this village."""
        from siks_offline.desa import pairing

        self._file = Path(typed["berkas"])
        self._found = pairing.read(self._village, self._file, now)

    def take_kode(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Check the letter's code."""
        from siks_offline.export import invitation

        invitation.require_code(self._found, typed["kode"])
        self._code = typed["kode"]

    def take_simpan(self, typed: Mapping[str, str], now: datetime) -> None:
        """Make the new keys and write their enrolment."""
        from siks_offline.desa import pairing

        made = pairing.answer(self._village, self._found, self._code, Path(typed["berkas"]), now)
        self.facts |= {"berkas": str(made.path), "angka": made.fingerprint}


class LostLaptop(PairingAgain):
    """What is to be done after a laptop was lost, up to the new keys of this one."""

    NAME = "hilang"
    STEPS = (Step("lapor"), *PairingAgain.STEPS)

    def begin(self, now: datetime) -> None:
        """Read what the Dinsos will ask on the telephone."""
        from siks_offline.desa import handover, households

        del now
        sent = handover.exports(self._village)
        self.facts |= {
            "kode_desa": self._village.kode_desa,
            "nomor": sent[0].seq if sent else "-",
            "hari": day(sent[0].at) if sent else "-",
            "jumlah": households.counts(self._village).total,
        }


class AnotherRoot(Ceremony):
    """A new root of the Dinsos, trusted by its thirty digits heard on the telephone."""

    NAME = "akar"
    STEPS = (
        Step("undangan", (Field("berkas", "open"),)),
        Step("angka", (Field("angka"),)),
        Step("selesai", shows="angka"),
    )

    def __init__(self, village: Village, invitation: Path | None = None) -> None:
        super().__init__()
        self._village = village
        self.facts["usul_berkas"] = "" if invitation is None else str(invitation)

    def take_undangan(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Read the invitation."""
        from siks_offline.export import invitation

        self._file = Path(typed["berkas"])
        invitation.read(self._file)

    def take_angka(self, typed: Mapping[str, str], now: datetime) -> None:
        """Compare the digits and trust the root from now on."""
        from siks_offline.crypto import codes
        from siks_offline.desa import trust
        from siks_offline.export.keyset import root_digits

        found = trust.accept(self._village, self._file, typed["angka"], now)
        digits = root_digits(found.id, found.root)
        self.facts |= {"angka": codes.grouped(digits, 5, " "), "versi": found.version}


def day(stamp: str) -> str:
    """Write the day of a moment as people here do; a moment that is not known gives a dash."""
    return "-".join(reversed(stamp[:10].split("-"))) if stamp else "-"
