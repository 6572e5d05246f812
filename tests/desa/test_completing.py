"""Completing a visit: what no longer applies goes then, with notice, and never travels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from siks_offline.db import visits
from siks_offline.desa import checkup, filling, households, meeting, visit
from siks_offline.instrument import checks
from siks_offline.instrument.engine import FormState
from tests.desa.test_versions import LATER, NOW, answers_of, drafted, finish, village

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.village import Village

__all__ = ["village"]


def test_a_file_of_answers_gets_the_same_notice(village: Village, tmp_path: Path) -> None:
    """Filling from a file completes as the window does, and names what went."""
    answers = answers_of(2)
    man = next(one for one in answers["anggota"] if one["jnskel"] == "1")
    man["sta_hamil"] = "1"
    asked = FormState(village.instrument, answers, now=NOW)
    soft = [
        {"jalur": one.path, "aturan": one.rule, "alasan": "diperiksa"}
        for one in checks.issues(asked)
    ]
    line = {"rumah_tangga": None, "jawaban": answers, "konfirmasi": soft, "selesai": True}
    file = tmp_path / "jawaban.jsonl"
    file.write_text(json.dumps(line), "utf-8")
    (row,) = filling.fill(village, file, NOW)
    assert (row.result, row.cleared) == ("selesai", asked.cleared())
    assert len(row.cleared) == 1


def test_skipped_answers_stay_until_completion_and_are_then_cleared_with_notice(
    village: Village,
) -> None:
    """A head who is a man is not asked about a pregnancy: the answer is kept, told of, and gone."""
    members = answers_of(2)["anggota"]
    at = next(n for n, one in enumerate(members, 1) if one["jnskel"] == "1")
    path = f"anggota[{at}].sta_hamil"
    household_id = drafted(village, 2, **{path: "1"})
    opened = visit.open_visit(village, household_id, NOW).state
    assert not opened.relevant(path)
    assert (opened.value(path), opened.cleared()) == ("1", (path,))
    assert "sta_hamil" not in opened.answers(final=True)["anggota"][at - 1]
    done = finish(village, household_id, LATER)
    assert done.done
    assert done.cleared == (path,)
    with village.store.read() as session:
        (revision,) = visits.every_revision(session)
    assert "sta_hamil" not in json.loads(revision.line)["answers"]["anggota"][at - 1]
    again = visit.open_visit(village, household_id, LATER).state
    assert (again.value(path), again.cleared()) == ("", ())


def test_a_draft_names_its_household_in_every_list(village: Village) -> None:
    """A household that no prelist knew is not nameless until it is completed."""
    said = answers_of(2)
    told = said["nama_krt"], said["alamat"], said["rt"]
    id_ = drafted(village, 2)
    for lines in (households.lines(village, [id_]), meeting.lines(village, [id_])):
        assert (lines[id_].nama_krt, lines[id_].alamat, lines[id_].rt) == told
    assert checkup.check(village, copies=False).findings == ()
