"""Every script of examples/ runs by itself and shows what it is about."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

#: script -> what its output must hold
SHOWN = {
    "activity_count_strata.py": "average-activity   AUROC 0.9",
    "catch_a_memoriser.py": "memoriser, at all 4 targets: consistent with memorisation.",
    "continuous_labels.py": "does-not-beat",
    "from_anndata.py": "network",
    "from_bigwig.py": "it beats the nearest cell type",
    "from_keras.py": "epoch 4 skill over the average activity 0.",
    "from_parquet.py": "does-not-beat (worse)",
    "from_scikit_learn.py": "specific",
    "families_of_models.py": "signal is better in",
    "leave_one_out.py": "supervised-ceiling",
    "within_a_locus.py": "memoriser         0.500 [0.500, 0.500] p = 1",
}


def test_every_script_is_run_here():
    assert sorted(path.name for path in EXAMPLES.glob("*.py")) == sorted(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_script(name, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert SHOWN[name] in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_strata_can_be_drawn(tmp_path):
    picture = tmp_path / "strata.png"
    script = str(EXAMPLES / "activity_count_strata.py")
    subprocess.run([sys.executable, script, str(picture)], check=True, capture_output=True)
    assert picture.stat().st_size > 10_000
