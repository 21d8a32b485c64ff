"""The tutorials on real data still print what the site shows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "docs" / "tutorials" / "sources").glob("*.md"))


@pytest.mark.slow
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_what_is_stored_is_what_it_prints(path, real_data):
    if path.stem == "roadmap-expression":
        pytest.importorskip("keras", reason="networks need the extra `reference`")
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            str(ROOT / "docs" / "run_tutorials.py"),
            "--check",
            path.stem,
        ],
        env={**os.environ, "LEAKCHECK_DATA": str(real_data), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
