"""A whole reproduction killed at any moment, from its first import to its last figure, goes on."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leakcheck.reference.store import Job, Store

pytest.importorskip("tensorflow", reason="the extra `reference` is not installed")

ROOT = Path(__file__).resolve().parents[2]
N_MODELS = 13  # three networks of two tasks in two settings, and one of the Gaussians
KILLS = 4


def start(folder):
    """Begin, or go on."""
    command = [sys.executable, "-m", "tests.reference.very_small", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def finish(folder):
    """Run to the end; seconds that it took."""
    begin = time.monotonic()
    process = start(folder)
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said[-3000:]
    return time.monotonic() - begin


def models(folder):
    """Everything that the finished models say, but the time; each file must be whole."""
    paths = sorted((folder / "models").glob("[!.]*.npz"))
    jobs = [Job(**dict(zip(("task", "trained_in", "model"), path.stem.split("__"), strict=True)))
            for path in paths]  # fmt: skip
    records = [Store(folder).load(job) for job in jobs]
    return {
        record.job: (
            record.seed,
            record.history,
            {name: scores.tobytes() for name, scores in record.predictions.items()},
        )
        for record in records
    }


def tables(folder):
    """Tables without the seconds, and the pages."""
    scores = pd.read_csv(folder / "tables" / "scores.csv").drop(columns="seconds")
    texts = {
        name: (folder / name).read_text()
        for name in ("trends.md", "data.md", "manifest.json", "tables/figure-s3-models.csv")
    }
    return texts | {"scores": scores.to_csv()}


@pytest.mark.slow
def test_it_ends_with_the_same_results(tmp_path):
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    whole = finish(calm)
    expected = models(calm)
    assert len(expected) == N_MODELS
    rng, in_the_middle = np.random.default_rng(7), 0
    for delay in rng.permuted(np.arange(KILLS) + rng.random(KILLS)) * whole / KILLS:
        process = start(killed)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(delay)
        in_the_middle += process.poll() is None
        process.kill()
        process.wait()
        process.stderr.close()
        kept = models(killed)
        assert kept.items() <= expected.items()
    assert in_the_middle >= KILLS // 2
    finish(killed)
    assert models(killed) == expected
    assert tables(killed) == tables(calm)
