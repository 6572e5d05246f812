"""What an operator sees: the only part of the program that knows Qt."""

from __future__ import annotations

import sys

import PySide6.QtCore  # noqa: F401 - brings the import hook that is eased below


def ease_imports() -> None:
    """Spare every later import the reading of its source, on an old disk hundreds of files.

    PySide looks into each module that is imported after it, to see whether it may ask for one of
    its switches (``from __feature__ import ...``). This program asks for none, so the answer is
    known. A PySide without that hook, or with another, is left as it is.
    """
    feature = sys.modules.get("shibokensupport.feature")
    if feature is not None and callable(getattr(feature, "_mod_uses_pyside", None)):
        feature._mod_uses_pyside = lambda _module: False  # type: ignore[attr-defined]


ease_imports()
