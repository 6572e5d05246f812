"""`python -m siks_offline`: the window."""

from __future__ import annotations

import gc
import sys

READ_SHEET = "--baca-lembar"
"""Hidden: this process is the limited child that parses a workbook (export/sheet_child.py)."""


def main(arguments: list[str] | None = None) -> int:
    """Start the window, or be the child that reads a sheet; the child never loads Qt."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == [READ_SHEET]:
        from siks_offline.export.sheet_child import main as read_sheet

        return read_sheet(words[1:])
    # Nothing made while starting is thrown away, so collecting waits for the first paint (app.py).
    gc.disable()
    # Light modules before Qt: what is imported after it passes PySide's import hook.
    import siks_offline.desa.village_folder
    import siks_offline.ui  # noqa: F401 - eases that hook
    from siks_offline.app import main as window

    return window(words)


if __name__ == "__main__":
    sys.exit(main())
