"""Sessions a developer runs; `nox -l` lists them. They work on Windows as well."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

nox.options.sessions = ["lint", "types", "test"]
nox.options.reuse_existing_virtualenvs = True

LOCK = "requirements/test.lock"
PIP_AUDIT = "pip-audit==2.10.1"  # needs much that nothing else here does, so in no lock


def _install(session: nox.Session, lock: str = LOCK) -> None:
    session.install("--require-hashes", "--no-deps", "-r", lock)
    session.install("--no-deps", "--editable", ".")


@nox.session
def fmt(session: nox.Session) -> None:
    """Write all code in the one format."""
    _install(session)
    session.run("ruff", "format", ".")
    session.run("ruff", "check", "--fix", ".")


@nox.session
def lint(session: nox.Session) -> None:
    """Format, lint and import rules."""
    _install(session)
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Strict types."""
    _install(session)
    session.run("mypy")


@nox.session
def test(session: nox.Session) -> None:
    """All tests in their short form; `nox -s test -- --long` for the long one."""
    _install(session)
    session.run("pytest", "-n", "2", *session.posargs, env={"QT_QPA_PLATFORM": "offscreen"})


@nox.session
def ui(session: nox.Session) -> None:
    """Grab every screen into a folder, to be looked at."""
    _install(session)
    folder = session.posargs[0] if session.posargs else "build/layar"
    session.run("python", "-m", "tests.ui.grab", folder, env={"QT_QPA_PLATFORM": "offscreen"})


@nox.session
def layar(session: nox.Session) -> None:
    """Draw the matrix of screens into build/layar and look for what is cut, covered or pale."""
    _install(session)
    folder = session.posargs or ["build/layar"]
    session.run("python", "-m", "tests.ui.layar", *folder, env={"QT_QPA_PLATFORM": "offscreen"})


@nox.session
def bench(session: nox.Session) -> None:
    """Speed and memory, as ratios against a named baseline in the same run."""
    _install(session)
    for script in sorted(Path("tests/bench").glob("bench_*.py")):
        session.run("python", str(script), env={"QT_QPA_PLATFORM": "offscreen"})


@nox.session
def audit(session: nox.Session) -> None:
    """Known holes in what is locked, and build/sbom.json (CycloneDX); asks the network.

    A package that no service knows was not checked, and fails as that: silence is no safety.
    """
    session.run("python", "tools/sbom.py", "build/sbom.json")
    session.install(PIP_AUDIT)
    locks = [f"requirements/{part}.lock" for part in ("app", "test", "build")]
    session.run("python", "tools/holes.py", *locks)


@nox.session
def safety(session: nox.Session) -> None:
    """The acceptance checks S1-S16 as one table; strace and poppler must be installed."""
    _install(session)
    session.install(PIP_AUDIT)
    session.run(
        "python", "-m", "tests.safety", *session.posargs, env={"QT_QPA_PLATFORM": "offscreen"}
    )


@nox.session
def build(session: nox.Session) -> None:
    """Freeze the program, hold it to 200 MB, and let the frozen program check itself."""
    _install(session, "requirements/build.lock")
    session.run("pyinstaller", "--noconfirm", "--clean", "build.spec")
    folder = Path("dist/siks-offline")
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    size = sum(file.stat().st_size for file in files)
    session.log(f"{size / 1e6:.1f} MB in {folder}")
    if size > 200_000_000:
        session.error(f"the frozen program is {size / 1e6:.1f} MB, more than 200 MB")
    ending = ".exe" if sys.platform == "win32" else ""
    world = Path(session.create_tmp()) / "latihan"
    if not world.exists():
        session.run(str(folder / f"siks{ending}"), "latihan", str(world), external=True)
    session.run(
        str(folder / f"siks-offline{ending}"),
        "--periksa-diri",
        "--data",
        str(world),
        env={
            "SIKS_KATA_SANDI": "latihan",
            "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        },
        external=True,
    )
