"""A village on a new laptop: chosen, its first account made, then made ready, in two ceremonies.

Nothing is on the disk before the last step of the first ceremony but which village was chosen and
how far the person came (`mulai.json`, nothing secret or personal). The village then notes by itself
what is left of the second; a power cut at any step loses that step only.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from siks_offline.desa import staff
from siks_offline.desa.account_ceremonies import PAPER, recovery_facts, same_twice
from siks_offline.desa.ceremony import Ceremony, Field, Row, Step
from siks_offline.desa.rights import action
from siks_offline.errors import FileError, StoreError, UsageError
from siks_offline.model import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from siks_offline.desa.village import Village
    from siks_offline.wilayah import Wilayah

LEFT: Final = "mulai"
"""Name of the fact that keeps the next step of Settling; absent when nothing is left."""
MEMORY: Final = "mulai.json"
MOST_FOUND: Final = 9
NAMES, INVITATION = "cari", "undangan"
PRACTICE, WORK = "latihan", "langsung"


class FirstRun(Ceremony):
    """From the notice to an open village; `root` is where villages lie."""

    NAME: ClassVar[str] = "mulai"
    STEPS: ClassVar[tuple[Step, ...]] = (
        Step("tujuan"),
        Step("asal", (Field("asal", "choice", (NAMES, INVITATION)),)),
        Step("cari", (Field("nama"),)),
        Step("pilih", (Field("nomor"),)),
        Step("admin", (Field("akun"), Field("baru", "new_secret"), Field("ulang", "secret"))),
        Step("pemulihan", (PAPER,), shows="kode"),
        Step("ulang", (Field("satu"), Field("dua"))),
        Step("selesai"),
    )

    def __init__(self, root: Path) -> None:
        from siks_offline.crypto import passphrase

        super().__init__()
        self._root = root
        self._found: list[Wilayah] = []
        self._code = ""
        self._groups = (0, 0)
        self._account = self._passphrase = ""
        self.village: Village | None = None
        """The village, open, once it is made."""
        self.facts["usul"] = passphrase.draw()
        self._remember_again()

    @property
    def by_invitation(self) -> bool:
        """Whether the village is to come from an invitation, which is the pairing's affair."""
        return self.facts.get("asal") == INVITATION

    def go_on(self, typed: Mapping[str, str], now: datetime, *rest: Any) -> None:
        """Do the step, then note how far the person came."""
        super().go_on(typed, now, *rest)
        self._keep()

    def take_asal(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Note where the village comes from."""
        self.facts["asal"] = typed["asal"]

    def take_cari(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Find desa by the names of desa, kecamatan and kabupaten, or by the code.

        Raises UsageError E_DESA_NOT_FOUND.
        """
        from siks_offline import wilayah

        words = typed["nama"].strip()
        if words.replace(".", "").isdigit():
            self._found = [wilayah.find(wilayah.parse(words))]
        else:
            self._found = wilayah.search(words, limit=MOST_FOUND)
        if not self._found:
            raise UsageError("E_DESA_NOT_FOUND", kata=words[:40])
        self.rows = tuple(
            Row("note", f"{number}  {_named(one)}") for number, one in enumerate(self._found, 1)
        )

    def take_pilih(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Choose one of those found. Raises UsageError E_NUMBER_LIST, StoreError E_VILLAGE_HERE."""
        number = typed["nomor"].strip()
        if not number.isdigit() or not 1 <= int(number) <= len(self._found):
            raise UsageError("E_NUMBER_LIST", banyak=len(self._found))
        self._choose(self._found[int(number) - 1].kode)
        self.rows = ()

    def take_admin(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Check the first account and its passphrase, and draw the recovery code."""
        from siks_offline.crypto import codes, keystore, passphrase

        same_twice(typed)
        self._account = keystore.account_name(typed["akun"])
        passphrase.check_passphrase(typed["baru"], (*self.near, self._account))
        self._passphrase = typed["baru"]
        if not self._code:
            self._code = codes.recovery_code()
            self._groups = codes.drawn_groups(self._code)
            self.facts |= recovery_facts(self._code, self._groups, self.facts["kode_desa"])

    def take_pemulihan(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Print the recovery code where the person wants it."""
        from siks_offline.export import handover_paper

        if typed.get(PAPER.name):
            handover_paper.write_code(
                Path(typed[PAPER.name]),
                "pemulihan",
                nama_desa=self.facts["desa"],
                kode_desa=self.facts["kode_desa"],
                account=self._account,
                code=self._code,
            )

    def take_ulang(self, typed: Mapping[str, str], now: datetime) -> None:
        """Compare the groups, then make the village: whole or not at all."""
        from siks_offline.crypto import codes
        from siks_offline.desa import accounts

        codes.check_groups(self._code, self._groups, (typed["satu"], typed["dua"]))
        folder = self._folder(self.facts["kode_desa"])
        self.village = accounts.create_village(
            folder,
            kode_desa=self.facts["kode_desa"],
            nama_desa=self.facts["desa"],
            account=self._account,
            passphrase=self._passphrase,
            recovery_code=self._code,
            now=now,
            first_run=Settling.STEPS[0].name,
        )
        self._passphrase = self._code = ""

    # --- inside -----------------------------------------------------------------------------------

    def _choose(self, kode: str) -> None:
        from siks_offline import wilayah

        self._folder(kode)
        place = wilayah.find(kode)
        self.near = (place.desa, place.kecamatan)
        self.facts |= {
            "kode_desa": kode,
            "desa": place.desa,
            "tempat": _named(place),
        }

    def _folder(self, kode: str) -> Path:
        from siks_offline.desa.joining import folder_for

        folder, known = folder_for(self._root, kode)
        if known:
            raise StoreError("E_VILLAGE_HERE", kode=kode)
        return folder

    def _keep(self) -> None:
        """Note how far the person came; what was secret is asked again."""
        from siks_offline.export import files

        path = self._root / MEMORY
        if self.village is not None:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return
        kept = {"langkah": self.step.name, "kode_desa": self.facts.get("kode_desa", "")}
        with suppress(FileError, OSError):  # only a comfort
            self._root.mkdir(parents=True, exist_ok=True)
            files.write_whole(path, json.dumps(kept, sort_keys=True).encode(), private=True)

    def _remember_again(self) -> None:
        """Stand where a person stood before the program ended; later steps begin at the account."""
        names = [step.name for step in self.STEPS]
        try:
            kept = json.loads((self._root / MEMORY).read_bytes())
            at, kode = names.index(kept["langkah"]), str(kept["kode_desa"])
        except (OSError, ValueError, TypeError, KeyError):
            return
        last = names.index("admin")
        if at == names.index("pilih"):
            at -= 1  # what was found is to be looked for again
        if at >= last:
            try:
                self._choose(kode)
            except (StoreError, UsageError):
                return
        self._at = min(at, last)


class Settling(Ceremony):
    """What a new village may want at once: colleagues, a second place for copies, practice."""

    NAME: ClassVar[str] = "siapkan"
    STEPS: ClassVar[tuple[Step, ...]] = (
        Step("operator", (Field("nama", optional=True), Field("peran", "choice", staff.ROLES))),
        Step("kode", (PAPER, Field("lagi", "tick")), shows="kode"),
        Step("cadangan", (Field("tempat", "folder", optional=True),)),
        Step("latihan", (Field("lalu", "choice", (WORK, PRACTICE)),)),
        Step("selesai"),
    )

    def __init__(self, village: Village) -> None:
        super().__init__()
        self._village = village
        self._first: staff.FirstCode | None = None
        self.wants_practice = False
        names = [step.name for step in self.STEPS]
        left = village.first_run
        self._at = names.index(left) if left in names and left != "kode" else 0

    @property
    def may_go_back(self) -> bool:
        """Never from a code: its account is made."""
        return super().may_go_back and self.step.name != "kode" and self._at > 1

    def go_on(self, typed: Mapping[str, str], now: datetime, *rest: Any) -> None:
        """Do the step, then note in the village what is left."""
        super().go_on(typed, now, *rest)
        keep_left(self._village, "" if self.ended else self.step.name)

    def go_back(self) -> None:
        """Stand at the step before; the code of an account that was added is not shown again."""
        super().go_back()
        if self.step.name == "kode":
            super().go_back()
            self._at = 0

    def take_operator(self, typed: Mapping[str, str], now: datetime) -> None:
        """Let a colleague in, or pass this by."""
        if not typed.get("nama", "").strip():
            self._at += 1  # no code to show
            return
        self._first = staff.add(self._village, typed["nama"], typed["peran"], now)
        self.changes = Changes(accounts=True)
        self.facts |= {
            "akun": self._first.name,
            "kode": self._first.code,
            "nama_berkas": f"kode-masuk-{self._first.name}.pdf",
        }

    def take_kode(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Print the code where the person wants it; ask for another colleague when there is one."""
        from siks_offline.export import handover_paper

        assert self._first is not None
        if typed.get(PAPER.name):
            handover_paper.write_code(
                Path(typed[PAPER.name]),
                "masuk",
                nama_desa=self._village.nama_desa,
                kode_desa=self._village.kode_desa,
                account=self._first.name,
                code=self._first.code,
                practice=self._village.practice,
            )
        if typed.get("lagi"):
            self._at -= 2

    def take_cadangan(self, typed: Mapping[str, str], now: datetime) -> None:
        """Write a first copy to the second place, if one is there."""
        from siks_offline.desa import backup

        if typed.get("tempat"):
            name = f"cadangan-{self._village.kode_desa}-{now.astimezone():%Y-%m-%d}.siksbak"
            backup.write(self._village, Path(typed["tempat"]) / name, now)

    def take_latihan(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Note whether the person wants to practise first."""
        self.wants_practice = typed["lalu"] == PRACTICE


@action
def keep_left(village: Village, step: str) -> None:
    """Note which step of Settling is next; an empty one says that nothing is left."""
    from siks_offline.db import meta

    with village.store.write() as session:
        meta.put(session, LEFT, step or None)
    village.first_run = step


def _named(place: Wilayah) -> str:
    return f"{place.desa}, {place.kecamatan}, {place.kabupaten}"
