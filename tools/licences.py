"""Write docs/licences.md: the licence of every package that a lock names, and what it is for.

`python tools/licences.py` writes it; with `--periksa` it only tells whether it is current. Packages
of another system are not installed here; what their metadata says stands in `SAID`.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
TARGET: Final = ROOT / "docs" / "licences.md"
PARTS: Final = (("app", "application"), ("test", "tests"), ("build", "build"))
SAID: Final = {
    "charset-normalizer": "MIT",
    "colorama": "BSD-3-Clause",
    "coverage": "Apache-2.0",
    "distlib": "PSF-2.0",
    "macholib": "MIT",
    "pefile": "MIT",
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
    "pyinstaller": "GPL-2.0-or-later with an exception for what it packs",
    "pyinstaller-hooks-contrib": "GPL-2.0-or-later; what it packs: Apache-2.0",
    "pyrage": "MIT",
    "pyside6-essentials": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "pywin32-ctypes": "BSD-3-Clause",
    "pyxform": "BSD-2-Clause",
    "shiboken6": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "sqlcipher3": "Zlib; SQLCipher in it: BSD-3-Clause",
    "tzdata": "Apache-2.0",
}
"""Where the metadata give no clear word, or are not here; looked up at the package's source."""
_LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*])?==(\S+)", re.MULTILINE)
_SHORT = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_HEAD = """# Licences

Every package that a lock in `requirements/` names, with its licence; written by
`python tools/licences.py`. SIKS Offline itself is under MIT. What the frozen program carries is
marked *application*; PySide6 and Qt are used under the LGPL and stay replaceable files.

| Package | Version | Licence | For |
|---|---|---|---|
"""


def locked() -> dict[str, tuple[str, str]]:
    """Version and first use of every locked package by its name."""
    found: dict[str, tuple[str, str]] = {}
    for part, use in PARTS:
        lock = (ROOT / "requirements" / f"{part}.lock").read_text(encoding="utf-8")
        for name, version in _LOCKED.findall(lock):
            found.setdefault(name, (version, use))
    return dict(sorted(found.items()))


def licence(name: str) -> str:
    """What a package says of its licence. Raises LookupError when nobody says it."""
    if name in SAID:
        return SAID[name]
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        raise LookupError(f"{name} is not installed: add its licence to SAID") from None
    if said := about.get("License-Expression"):
        return said
    kinds = [
        _SHORT.get(kind.rpartition(" :: ")[2], kind.rpartition(" :: ")[2])
        for kind in about.get_all("Classifier") or []
        if kind.startswith("License :: ")
    ]
    if not kinds:
        raise LookupError(f"{name} does not say its licence: add it to SAID")
    return ", ".join(kinds)


def page() -> str:
    """The whole page as text."""
    lines = (
        f"| {name} | {version} | {licence(name)} | {use} |\n"
        for name, (version, use) in locked().items()
    )
    return _HEAD + "".join(lines)


def main(words: list[str]) -> int:
    """Write the page, or tell whether it is current."""
    wanted = page()
    if "--periksa" in words:
        return int(not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != wanted)
    TARGET.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
