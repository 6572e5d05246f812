"""Write the parts of the program as a CycloneDX list: `python tools/sbom.py build/sbom.json`.

Names, versions and hashes are those of requirements/app.lock, licences those of docs/licences.md:
the list needs neither the network nor an environment, and says the same on every machine.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
LOCK: Final = ROOT / "requirements" / "app.lock"
_ENTRY = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*])?==([^\s;]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_ROW = re.compile(r"^\| ([^ |]+) \| [^|]+ \| ([^|]+) \| application \|$", re.MULTILINE)


def components(lock: str, licences: str) -> list[dict[str, Any]]:
    """Return the packages of a lock's text, with the licences that the page of them gives."""
    said = dict(_ROW.findall(licences))
    found = []
    for entry in re.split(r"\n(?=[a-z0-9])", lock):
        named = _ENTRY.match(entry)
        if named is None:
            continue
        name, version = named.groups()
        purl = f"pkg:pypi/{name}@{version}"
        found.append(
            {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": version,
                "purl": purl,
                "licenses": [{"license": {"name": said[name]}}],
                "hashes": [{"alg": "SHA-256", "content": one} for one in _HASH.findall(entry)],
            }
        )
    return found


def document() -> dict[str, Any]:
    """Return the whole list."""
    licences = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "siks-offline"}},
        "components": components(LOCK.read_text(encoding="utf-8"), licences),
    }


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document(), indent=1) + "\n", encoding="utf-8")
