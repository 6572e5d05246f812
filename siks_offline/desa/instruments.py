"""The questionnaires a village can read: those of the program, and those it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siks_offline.desa.rights import action
from siks_offline.errors import WorkbookError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from siks_offline.desa.village import Village
    from siks_offline.instrument.schema import Instrument

DEFAULT = "dtks"
"""The instrument of the program that a village uses while it was given none."""


@action
def active(village: Village) -> Instrument:
    """Return the questionnaire that new visits use."""
    from siks_offline.db import instruments
    from siks_offline.instrument.load import load_shipped

    with village.store.read() as session:
        name = instruments.active(session)
        return load_shipped(DEFAULT) if name is None else of_version(session, name)


def of_version(session: Session, name: tuple[str, str]) -> Instrument:
    """Return the questionnaire of an id and version.

    Raises WorkbookError E_INSTRUMENT_VERSION when neither program nor village has it.
    """
    from siks_offline import paths
    from siks_offline.db import instruments
    from siks_offline.instrument import load

    if name[0] in load.SHIPPED:
        shipped = load.load_shipped(name[0])
        if (shipped.id, shipped.version) == name:
            return shipped
    stored = instruments.read(session, *name)
    if stored is None:
        raise WorkbookError("E_INSTRUMENT_VERSION", isi=name[0], versi=name[1])
    return load.from_bytes(stored.content, stored.sha256, cache=paths.cache())
