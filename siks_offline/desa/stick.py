"""What goes with exported files and comes after them: data passports, and a look at the stick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from siks_offline.desa.handover import Part
    from siks_offline.desa.village import Village

Found = Literal["utuh", "rusak", "tidak_ada"]


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of an export as it lies on a medium; `name` is its present one."""

    name: str
    seq: int
    result: Found


@action
def passports(village: Village, done: Sequence[Part], now: datetime) -> list[Path]:
    """Write the data passport of each exported file beside it; return them. Raises FileError."""
    from siks_offline.crypto.sshsig import SigningKey, fingerprint
    from siks_offline.desa.gate import VillageGate
    from siks_offline.export import handover_paper

    seed = VillageGate(village).stream.signing_seed
    key = fingerprint(SigningKey.from_seed(seed).public)
    written = []
    for part in done:
        path = part.path.with_suffix(".paspor.pdf")
        handover_paper.write_passport(
            path,
            handover_paper.Passport(
                kode_desa=village.kode_desa,
                nama_desa=village.nama_desa,
                file_name=part.path.name,
                seq=part.seq,
                part=part.number,
                parts=part.count,
                created=now.strftime("%d-%m-%Y %H:%M UTC"),
                sender=village.account,
                key=key,
                visits=part.visits,
                attachments=part.attachments,
                size=part.size,
                manifest_sha256=part.manifest_sha256,
                practice=village.practice,
            ),
        )
        written.append(path)
    return written


@action
def look(village: Village, folder: Path) -> list[FileLine]:
    """Compare the files of a folder with the exports that are recorded, by their bytes.

    Names do not matter to what is whole. A file that bears the name of an export and not its bytes
    is *rusak*; parts of the newest export that are not there are *tidak_ada*. Files of others are
    passed over. Raises FileError.
    """
    from siks_offline.db import ledger
    from siks_offline.export import files

    with village.store.read() as session:
        sent = [one for one in ledger.exports(session) if one.type == "visits"]
    by_hash = {one.file_sha256: one for one in sent}
    by_name = {one.file_name: one for one in sent}
    found: list[FileLine] = []
    whole: set[str] = set()
    with files.errors(folder, reading=True):
        here = sorted(path for path in folder.iterdir() if path.is_file())
    for path in here:
        known = by_name.get(path.name)
        sizes = {one.size for one in sent}
        with files.errors(path, reading=True):
            if known is None and path.stat().st_size not in sizes:
                continue
        one = by_hash.get(files.sha256_of(path))
        if one is not None:
            whole.add(one.file_sha256)
            found.append(FileLine(path.name, one.seq, "utuh"))
        elif known is not None:
            found.append(FileLine(path.name, known.seq, "rusak"))
    named = {line.name for line in found}
    newest = [one for one in sent if one.at == sent[0].at and one.stream == sent[0].stream]
    found += [
        FileLine(one.file_name, one.seq, "tidak_ada")
        for one in reversed(newest)
        if one.file_sha256 not in whole and one.file_name not in named
    ]
    return found
