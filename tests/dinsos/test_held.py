"""Held files and what people say of them: the same end whatever came first."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from siks_offline.dinsos import held, instruments, pairing, rebuild, report
from siks_offline.errors import SiksError
from siks_offline.export import keyset
from tests.dinsos.test_instruments import ANSWERS, workbook
from tests.dinsos.test_receipts import answer
from tests.dinsos.test_waiting import OLD
from tests.dinsos.world import KODE, later, paired, take

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.dinsos.office import Office
    from tests.dinsos.world import TestVillage


def waiting(village: TestVillage, book: Path) -> Path:
    """A file of a questionnaire that the office lacks."""
    sha256 = hashlib.sha256(book.read_bytes()).hexdigest()
    named = {"id": "uji", "version": "1", "sha256": sha256}
    return village.send([village.visit(1, answers=ANSWERS, **OLD)], instrument=named)


@pytest.mark.parametrize("first", ["workbook", "release"])
def test_a_release_and_a_workbook_may_come_in_any_order(
    made: Office, tmp_path: Path, first: str
) -> None:
    """A file that was held for both goes in when the second of them is there."""
    village, book = paired(made, tmp_path / "desa"), workbook(tmp_path)
    path = waiting(village, book)
    pairing.revoke(made, KODE, "laptop hilang", later(hours=1))
    manifest = take(made, path, later(hours=2)).manifest_sha256

    def released() -> None:
        held.release(made, manifest, later(hours=3), digits=keyset.manifest_digits(manifest))

    def installed() -> None:
        instruments.install(made, book, later(hours=3))

    one, other = (installed, released) if first == "workbook" else (released, installed)
    one()
    assert len(held.listed(made)) == 1
    other()
    assert held.listed(made) == []
    before = report.households(made)
    assert len(before) == 1
    rebuild.rebuild(made, later(hours=4))
    assert report.households(made) == before


def test_a_refusal_outlives_the_workbook_and_a_rebuild(made: Office, tmp_path: Path) -> None:
    """For good is for good, and the village is told who refused it, not what it had waited for."""
    village, book = paired(made, tmp_path / "desa"), workbook(tmp_path)
    manifest = take(made, waiting(village, book)).manifest_sha256
    held.reject(made, manifest, "salah berkas", later(hours=1))
    instruments.install(made, book, later(hours=2))
    for _ in range(2):
        assert report.households(made) == []
        told = answer(made, village, tmp_path).bundles[-1]
        assert (told.result, told.code, told.rejected) == ("rejected", "E_HELD_REFUSED", 1)
        rebuild.rebuild(made, later(hours=3))


@pytest.mark.parametrize("what", ["reject", "release"])
def test_a_word_that_comes_too_late_changes_nothing(
    made: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The file was let in, or refused, between the finding of it and the word."""
    village, book = paired(made, tmp_path / "desa"), workbook(tmp_path)
    manifest = take(made, waiting(village, book)).manifest_sha256
    real = held._find

    def slow(*words: Any) -> Any:
        found = real(*words)
        monkeypatch.setattr(held, "_find", real)
        if what == "reject":
            instruments.install(made, book, later(hours=1))
        else:
            held.reject(made, manifest, "salah berkas", later(hours=1))
        return found

    monkeypatch.setattr(held, "_find", slow)
    said = partial(held.release, made, manifest)
    if what == "reject":
        said = partial(held.reject, made, manifest, "salah berkas")
    with pytest.raises(SiksError) as late:
        said(later(hours=2))
    assert late.value.code == "E_HELD_UNKNOWN"
    households, told = report.households(made), answer(made, village, tmp_path).bundles[-1].result
    assert (len(households), told) == ((1, "accepted") if what == "reject" else (0, "rejected"))
    rebuild.rebuild(made, later(hours=3))
    assert report.households(made) == households
