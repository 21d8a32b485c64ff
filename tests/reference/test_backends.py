"""Keras on another backend: JAX trains as TensorFlow does, and says that it was JAX."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="the extra `reference` is not installed")

from leakcheck.reference.experiment import _versions
from leakcheck.reference.runtime import backend, chosen_backend
from tests.reference import plain_training

ROOT = Path(__file__).resolve().parents[2]
CHOSEN_AND_TAKEN = """
import sys
from leakcheck.exceptions import MissingDependencyError
from leakcheck.reference import runtime
chosen = runtime.chosen_backend()
assert "keras" not in sys.modules
try:
    runtime.load_keras()
    print(chosen, runtime.backend())
except MissingDependencyError as error:
    print(chosen, str(error).split("`")[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX is not installed: pip install jax"
)
def test_jax_trains_as_tensorflow_does(tmp_path):
    weights, results = tmp_path / "weights.npz", tmp_path / "results.npz"
    starts = plain_training.first_weights()
    np.savez(weights, **starts)
    command = [sys.executable, "-m", "tests.reference.plain_training", weights, results]
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    theirs = dict(np.load(results))
    ours = plain_training.trained(starts)
    for name, value in ours.items():
        if name.endswith("/loop"):
            assert (value, theirs[name]) == ("GraphLoop", "PlainLoop")
        elif name.endswith("/losses"):
            np.testing.assert_allclose(theirs[name], value, rtol=1e-3, err_msg=name)
            assert theirs[name][2] == theirs[name][0]  # a new start forgets everything
        else:
            np.testing.assert_allclose(theirs[name], value, atol=2e-3, err_msg=name)
    np.testing.assert_array_equal(theirs["fit/0"], theirs["fit/1"])
    versions = json.loads(str(theirs["versions"]))
    assert versions["backend"] == "jax"
    assert versions["jax"]
    assert "tensorflow" not in versions


def test_a_record_names_the_backend_that_keras_runs_on(monkeypatch):
    assert backend() == "tensorflow"
    versions = _versions()
    assert versions["backend"] == "tensorflow"
    assert versions["tensorflow"] == sys.modules["tensorflow"].__version__
    monkeypatch.setattr("leakcheck.reference.experiment.backend", lambda: "numpy")
    assert _versions()["numpy"] == np.__version__
    assert "tensorflow" not in _versions()


@pytest.mark.parametrize(
    ("variable", "stored", "chosen"),
    [
        ("jax", '{"backend": "torch"}', "jax"),
        ("", '{"backend": "torch"}', "torch"),
        (None, '{"backend": "torch"}', "torch"),
        (None, "{", "tensorflow"),
        (None, "{}", "tensorflow"),
        (None, None, "tensorflow"),
    ],
)
def test_the_backend_is_known_before_keras_is_loaded(
    tmp_path, monkeypatch, variable, stored, chosen
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    if variable is not None:
        monkeypatch.setenv("KERAS_BACKEND", variable)
    if stored is not None:
        (tmp_path / "keras.json").write_text(stored)
    assert chosen_backend() == chosen


@pytest.mark.slow
def test_keras_reads_the_same_places(tmp_path):
    """What Keras itself takes, or misses, in a process that has loaded nothing yet."""
    for variable, stored in ((None, "torch"), ("jax", "torch"), (None, None)):
        home = tmp_path / f"{variable}-{stored}"
        home.mkdir()
        if stored:
            (home / "keras.json").write_text(json.dumps({"backend": stored}))
        environment = {k: v for k, v in os.environ.items() if k != "KERAS_BACKEND"}
        environment |= {"KERAS_HOME": str(home)}
        environment |= {"KERAS_BACKEND": variable} if variable else {}
        done = subprocess.run(
            [sys.executable, "-c", CHOSEN_AND_TAKEN],
            env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        chosen, taken = done.stdout.split()
        assert chosen == taken == (variable or stored or "tensorflow")
