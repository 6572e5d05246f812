"""Lists of people for reports: results of the visits, differences, trouble with NIK.

Each gives the headings of its columns and its rows of texts.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from siks_offline import paths, texts, wilayah
from siks_offline.desa.rights import action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siks_offline.desa.village import Village
    from siks_offline.instrument.schema import Instrument
    from siks_offline.progress import Progress

_FACT: Final = "fakta."
Listed = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]


@cache
def book() -> Mapping[str, Any]:
    """Return which questions reports count, from resources/laporan.toml."""
    with (paths.resources() / "laporan.toml").open("rb") as file:
        return tomllib.load(file)


def area(rt: str, rw: str) -> str:
    """Return how an RT is called: 003/001, also where a counter wrote 3/1."""
    rt, rw = wilayah.padded(rt), wilayah.padded(rw)
    return f"{rt}/{rw}" if rw else rt


def label(instrument: Instrument, question: str, code: str) -> str:
    """Return the words of a code, the code itself where the questionnaire has none."""
    if question not in instrument.questions:
        return code
    return next((one.label for one in instrument.options(question) if one.code == code), code)


def _titles(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(texts.text(f"laporan.kolom.{name}") for name in names)


@action
def results(village: Village, progress: Progress) -> Listed:
    """The result list of verivali in the columns that the ministry's programs print."""
    from siks_offline.db import households, matching

    columns: Mapping[str, str] = book()["daftar"]
    place = _place(village)
    rows = []
    with village.store.read() as session:
        ids = households.find(session, order="rw")
        lines = households.lines(session, ids)
        answers = matching.answers(session, ids, village.period)
        for number, (id_, line) in enumerate(lines.items(), start=1):
            if number % 500 == 0:
                progress(number, len(lines))
            said = answers.get(id_, {})
            facts = {"nomor": str(number), **place, "kerja": texts.text(f"ui.kerja.{line.kerja}")}
            row = []
            for source in columns.values():
                name = source.removeprefix(_FACT)
                if source != name:
                    row.append(facts[name] if name in facts else str(getattr(line, name)))
                    continue
                value = str(said.get(source, ""))
                row.append(label(village.instrument, source, value) if value else "")
            rows.append(tuple(row))
    return tuple(columns), tuple(rows)


def _place(village: Village) -> dict[str, str]:
    names = ("provinsi", "kabupaten", "kecamatan", "desa")
    if not wilayah.exists(village.kode_desa):
        return dict.fromkeys(names, "") | {"desa": village.nama_desa}
    here = wilayah.find(village.kode_desa)
    return {name: getattr(here, name) for name in names}


@action
def differing(village: Village) -> Listed:
    """Where matching files and the village differ, and what was decided."""
    from siks_offline.desa import differences

    names = ("nama", "nik", "rt", "sumber", "hal", "desa", "mereka", "rinci", "putusan", "alasan")
    rows = [
        (
            one.nama, one.nik, area(one.rt, one.rw), texts.text(f"padan.sumber.{one.kind}"),
            texts.text(f"padan.hal.{one.field}"), one.ours, one.theirs, one.detail,
            texts.text(f"padan.putusan.{one.decision}"), one.reason,
        )
        for one in differences.listed(village)
    ]  # fmt: skip
    return _titles(names), tuple(rows)


@action
def troubled(village: Village) -> Listed:
    """The fifteen kinds of trouble with NIK, row by row."""
    from siks_offline.desa import nik_problems

    rows = [
        (
            texts.text(f"masalah_nik.jenis.{kind}"), one.nama, one.nik, area(one.rt, one.rw),
            one.words,
        )
        for kind, of in nik_problems.found(village).items()
        for one in of
    ]  # fmt: skip
    return _titles(("masalah", "nama", "nik", "rt", "rinci")), tuple(rows)
