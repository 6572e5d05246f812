"""A recovery that the power cuts off: whoever signs in next can still have all it would have saved.

What must be there cannot be a state that was told, as for other acts: before the recovery the file
was damaged. So each state is gone on with as a person would, and compared with what the recovery
that nothing stopped brought back.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from siks_offline.errors import SiksError
from tests.crash import campaign, world
from tests.crash.acts import ACTS
from tests.crash.judge import Left, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from siks_offline.desa.village import Village

Kept = tuple[frozenset[str], frozenset[tuple[str, ...]]]
"""Hashes of revisions, rows of drafts."""


def mended(origin: Path, folder: Path, count: int, seed: int = 1) -> campaign.Result:
    """Record a recovery, cut it so often, and recover again from what is left."""
    root = folder / "jalan"
    campaign.copy_world(origin, root)
    with world.profile(root):
        ACTS["mend"].prepare(root)
    run = campaign.record("mend", root, folder, {}, [])
    with world.profile(root), world.opened(root / world.DESA) as village:
        wanted = _kept(village)
    assert all(wanted), "nothing was written after the copy"
    result = campaign.Result("mend")
    place = folder / "keadaan"
    known: dict[tuple[int, bool], Verdict] = {}
    with world.profile(place):
        for tree, told, where in campaign.states(run, count, seed):
            left = Left(tree, place)
            key = (left.likeness(world.DESA), any("done" in json.loads(one) for one in told))
            if key not in known:
                known[key] = run.judge.judge(left, [], sign_in=False)
                _go_on(left.folder() / world.DESA, wanted, known[key], done=key[1])
            result.add(known[key], where)
    return result


def _go_on(folder: Path, wanted: Kept, verdict: Verdict, *, done: bool) -> None:
    """Sign in; where that is refused, recover; compare."""
    from siks_offline.db import audit
    from siks_offline.desa import recovery

    try:
        try:
            village = world.opened(folder)
        except SiksError as error:
            if done or error.code not in recovery.CODES:
                raise
            newest = recovery.choices(folder)[0].path
            recovery.put_back(folder, newest, "operator", world.world.PASSPHRASE, world.NOW)
            village = world.opened(folder)
        with village:
            kept = _kept(village)
            with village.store.read() as session:
                line = audit.verify(session)
    except SiksError as error:
        verdict.broken.append(f"{error.code} at {error.facts}")
        return
    for name, has, should in zip(("revisions", "drafts"), kept, wanted, strict=True):
        if has != should:
            verdict.lost.append(f"{len(should - has)} {name}, {len(has - should)} too many")
    if line is not None:
        verdict.broken.append(f"the trail breaks at line {line}")


def _kept(village: Village) -> Kept:
    with village.store.read() as session:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        revisions = driver.execute("SELECT sha256 FROM revision").fetchall()
        drafts = driver.execute("SELECT household_id, path, value FROM draft_value").fetchall()
    return frozenset(one for (one,) in revisions), frozenset(map(tuple, drafts))
