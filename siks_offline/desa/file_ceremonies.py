"""Ceremonies of files: out to the stick, a look at it afterwards, answers in, digits heard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from siks_offline.desa.ceremony import Ceremony, Field, Row, Step, Tone
from siks_offline.desa.key_ceremonies import day
from siks_offline.errors import StoreError
from siks_offline.model import Changes
from siks_offline.texts import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from siks_offline.desa.arrivals import Foreseen
    from siks_offline.desa.village import Village
    from siks_offline.errors import BundleError

TARGETS: Final = ("usb", "surel", "wa")
LOOKED: Final[Mapping[str, Tone]] = {"utuh": "done", "rusak": "fault", "tidak_ada": "confirm"}


class Export(Ceremony):
    """Choose by which road it travels and where it is written, then write it."""

    NAME = "ekspor"
    STEPS = (
        Step(
            "tujuan",
            (
                Field("ukuran", "choice", TARGETS),
                Field("paspor", "tick"),
                Field("semua", "tick"),
                Field("tanpa_hasil", "tick"),
            ),
        ),
        Step("tempat", (Field("folder", "folder"),)),
        Step("selesai"),
    )

    def __init__(self, village: Village) -> None:
        super().__init__()
        self._village = village

    def begin(self, now: datetime) -> None:
        """Read how much is due."""
        from siks_offline.desa import handover

        del now
        self.facts["jumlah"] = handover.due(self._village)

    def take_tujuan(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Keep what was chosen."""
        self._chosen = dict(typed)

    def take_tempat(self, typed: Mapping[str, str], now: datetime) -> None:
        """Write the files, each read back, with their passports."""
        from siks_offline.desa import handover, parts, stick

        done = handover.export(
            self._village,
            Path(typed["folder"]),
            now,
            everything=bool(self._chosen.get("semua")),
            without_results=bool(self._chosen.get("tanpa_hasil")),
            target=parts.TARGETS[self._chosen["ukuran"]],
            progress=self.progress,
        )
        if not done.parts:
            raise StoreError("E_NOTHING_DUE")
        self.changes = done.changes
        papers = stick.passports(self._village, done.parts, now) if self._chosen["paspor"] else []
        key = "ui.upacara.ekspor.selesai.baris"
        self.rows = (
            *(
                Row(
                    "done",
                    text(
                        key,
                        berkas=one.path.name,
                        nomor=one.seq,
                        kunjungan=one.visits,
                        lampiran=one.attachments,
                        mb=f"{max(one.size / 1e6, 0.01):.2f}".replace(".", ","),
                    ),
                )
                for one in done.parts
            ),
            *(Row("note", text(f"{key}_paspor", berkas=paper.name)) for paper in papers),
        )
        self.facts |= {"jumlah": done.visits, "berkas": len(done.parts), "tempat": typed["folder"]}


class LookAtStick(Ceremony):
    """After the stick was put in again: read every file back and compare it with its record."""

    NAME = "usb"
    STEPS = (Step("tempat", (Field("folder", "folder"),)), Step("selesai"))

    def __init__(self, village: Village) -> None:
        super().__init__()
        self._village = village

    def take_tempat(self, typed: Mapping[str, str], _now: datetime) -> None:
        """Read the folder."""
        from siks_offline.desa import stick

        found = stick.look(self._village, Path(typed["folder"]))
        self.rows = tuple(
            Row(
                LOOKED[one.result],
                text(f"ui.upacara.usb.selesai.{one.result}", berkas=one.name, nomor=one.seq),
            )
            for one in found
        )
        whole = sum(one.result == "utuh" for one in found)
        self.facts = {"utuh": whole, "lain": len(found) - whole}


class Taking(Ceremony):
    """A file of the Dinsos: what it would change, and after a yes the change itself."""

    NAME = "terima"
    STEPS = (Step("isi"), Step("selesai"))

    def __init__(self, village: Village, path: Path) -> None:
        super().__init__()
        self._village = village
        self._path = path
        self.facts["berkas"] = path.name

    def begin(self, now: datetime) -> None:
        """Judge the file; nothing is written."""
        from siks_offline.desa import arrivals

        found = arrivals.look(self._village, self._path, now)
        self.rows = tuple(_foreseen(one) for one in found)
        self.facts["bagian"] = len(found)

    def take_isi(self, _typed: Mapping[str, str], now: datetime) -> None:
        """Take the file in."""
        from siks_offline.desa import arrivals

        taken = arrivals.accept(self._village, self._path, now, self.progress)
        self.changes = taken.changes
        told: tuple[tuple[str, int, Tone], ...] = (
            ("diterima", taken.accepted, "done"),
            ("ditahan", taken.held, "confirm"),
            ("ditolak", taken.rejected, "fault"),
        )
        rows = [
            Row(tone, text(f"ui.upacara.terima.selesai.{name}", jumlah=count))
            for name, count, tone in told
            if count
        ]
        if taken.missing:
            numbers = ", ".join(map(str, taken.missing))
            rows.append(Row("fault", text("ui.serah.kurang", nomor=numbers)))
        if taken.news is not None:
            rows.append(Row("confirm", _news(taken.news.version, taken.news.digits)))
        if "prelist" in taken.kinds:
            rows.append(Row("done", text("ui.serah.prelist_masuk")))
        if not rows:
            same = set(taken.kinds) == {"sudah"}
            key = "ui.serah.sudah_masuk" if same else "ui.serah.berkas_masuk"
            rows.append(Row("done", text(key)))
        rows += [Row("confirm", _refused(one)) for one in taken.refused]
        self.rows = tuple(rows)


def _refused(fault: BundleError) -> str:
    return text("ui.serah.bagian_ditolak", sebab=fault.message, kode=fault.code)


def _news(version: int, digits: str) -> str:
    key = "ui.upacara.terima.akar_baru" if digits else "ui.upacara.terima.kunci_baru"
    return text(key, versi=version, angka=digits)


def _foreseen(one: Foreseen) -> Row:
    """Say what one part of a file would change."""
    from siks_offline.desa import arrivals

    if one.kind == arrivals.REFUSED and one.fault is not None:
        return Row("confirm", _refused(one.fault))
    words = text(f"ui.upacara.terima.isi.{one.kind}", nomor=one.seq, **one.counts)
    if one.missing:
        numbers = ", ".join(map(str, one.missing))
        words = f"{words} {text('ui.serah.kurang', nomor=numbers)}"
    if one.news is not None:
        words = f"{words} {_news(one.news.version, one.news.digits)}"
    tone: Tone = "note"
    if one.counts.get("ditolak") or one.missing:
        tone = "fault"
    elif one.counts.get("ditahan") or one.kind == arrivals.STALE:
        tone = "confirm"
    return Row(tone, words)


class Voice(Ceremony):
    """Ten digits said on the telephone stand for a receipt until its file comes."""

    NAME = "suara"
    STEPS = (Step("kode", (Field("kode"),)), Step("selesai"))

    def __init__(self, village: Village) -> None:
        super().__init__()
        self._village = village

    def begin(self, now: datetime) -> None:
        """Read which files wait for an answer and how many tries are left."""
        from siks_offline.desa import handover, voice

        del now
        self.facts["sisa"] = voice.tries_left(self._village)
        waiting = [one for one in handover.exports(self._village) if one.status == "sent"]
        self.rows = tuple(
            Row(
                "note",
                text(
                    "ui.upacara.suara.kode.baris",
                    nomor=one.seq,
                    hari=day(one.at),
                    kunjungan=one.visits,
                ),
            )
            for one in waiting
        )

    def take_kode(self, typed: Mapping[str, str], now: datetime) -> None:
        """Compare the digits."""
        from siks_offline.desa import voice

        try:
            heard = voice.confirm(self._village, typed["kode"], now)
        finally:
            self.facts["sisa"] = voice.tries_left(self._village)
        self.changes = Changes(handover=True) | heard.changes
        self.rows = ()
        self.facts |= {"nomor": heard.seq, "berkas": heard.file_name, "jumlah": heard.visits}
