"""Keras is loaded quietly, the user's settings are kept, threads are what was asked for."""

import importlib.util
import os
import subprocess
import sys
import types

import pytest

from leakcheck.exceptions import MissingDependencyError, ValidationError
from leakcheck.reference import runtime

pytest.importorskip("tensorflow", reason="the extra `reference` is not installed")

UNSET = ("TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND", "LEAKCHECK_THREADS")


def run_python(code, **variables):
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


LOADS = "from leakcheck.reference import runtime; runtime.load_keras(); import tensorflow as tf; "


@pytest.mark.slow
def test_loading_says_nothing_and_threads_are_set_from_the_environment():
    code = LOADS + (
        "runtime.set_threads(); tf.constant(1); "
        "print(tf.config.threading.get_intra_op_parallelism_threads(), runtime.backend())"
    )
    found = run_python(code, LEAKCHECK_THREADS="1")
    assert found.stderr == ""
    assert found.stdout.split() == ["1", "tensorflow"]


@pytest.mark.slow
def test_a_backend_that_is_not_installed_is_named():
    if importlib.util.find_spec("jax") is not None:
        pytest.skip("JAX is installed here")
    code = "from leakcheck.reference import runtime; runtime.load_keras()"
    found = run_python(code, KERAS_BACKEND="jax")
    assert "MissingDependencyError: `jax` is needed" in found.stderr
    assert "KERAS_BACKEND=jax" in found.stderr


@pytest.fixture
def unloaded(monkeypatch):
    """As if Keras had not been imported, with a fake one to import."""
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)

    def fake(name="jax", shout=b""):
        def import_optional(module, **_):
            os.write(2, shout)
            return types.SimpleNamespace(
                backend=types.SimpleNamespace(backend=lambda: name), module=module
            )

        monkeypatch.setattr(runtime, "import_optional", import_optional)

    return fake


NOISE = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    b"I0000 00:00:1795372255.724666   10068 cudart_stub.cc:31] Could not find cuda drivers.\n"
)


def test_noise_is_held_back_and_all_else_passed_on(unloaded, capfd):
    unloaded(shout=NOISE + b"a message that matters\n")
    assert runtime.load_keras().module == "keras"
    assert capfd.readouterr().err == "a message that matters\n"
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "2"


def test_who_has_set_the_level_hears_everything(unloaded, monkeypatch, capfd):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    unloaded(shout=NOISE)
    runtime.load_keras()
    assert capfd.readouterr().err == NOISE.decode()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"


def test_standard_error_is_back_after_a_failure(unloaded, monkeypatch, capfd):
    def fails(module, **_):
        os.write(2, NOISE + b"why\n")
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(runtime, "import_optional", fails)
    with pytest.raises(
        MissingDependencyError,
        match=r"KERAS_BACKEND=torch and is not installed.*in the clone.*'\.\[reference\]'",
    ):
        runtime.load_keras()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "why\nafter\n"


def test_another_missing_module_is_not_taken_for_the_backend(unloaded, monkeypatch):
    def fails(module, **_):
        raise ModuleNotFoundError("No module named 'h5py'", name="h5py")

    monkeypatch.setattr(runtime, "import_optional", fails)
    with pytest.raises(ModuleNotFoundError, match="h5py"):
        runtime.load_keras()


def test_devices_are_looked_for_with_tensorflow_only(unloaded, monkeypatch):
    looked = []
    monkeypatch.setattr(runtime, "_find_devices", lambda: looked.append(True))
    unloaded("torch")
    runtime.load_keras()
    assert looked == []
    unloaded("tensorflow")
    runtime.load_keras()
    assert looked == [True]


@pytest.mark.parametrize("threads", [0, -1, 1.5, "two"])
def test_threads_must_be_a_whole_number(threads):
    with pytest.raises(ValidationError, match="`threads` must be a whole number from 1"):
        runtime.set_threads(threads)


def test_threads_of_the_environment_are_checked(monkeypatch):
    monkeypatch.setenv("LEAKCHECK_THREADS", "many")
    with pytest.raises(ValidationError, match="`LEAKCHECK_THREADS` must be a whole number"):
        runtime.set_threads()


def test_no_threads_asked_for_leaves_all_as_it_is(monkeypatch):
    monkeypatch.delenv("LEAKCHECK_THREADS", raising=False)
    asked = []
    monkeypatch.setattr(runtime, "backend", lambda: asked.append(True))
    runtime.set_threads()
    assert asked == []  # nothing was loaded


def test_tensorflow_that_runs_keeps_its_threads():
    tf = runtime.load_tensorflow()
    tf.constant(1)  # from here on the number is settled
    settled = tf.config.threading.get_intra_op_parallelism_threads()
    with pytest.raises(ValidationError, match="`threads` must be the same for all of a process"):
        runtime.set_threads(settled + 7)
    assert tf.config.threading.get_intra_op_parallelism_threads() == settled


def test_the_same_number_again_is_no_error(monkeypatch):
    tf = runtime.load_tensorflow()
    told = []
    monkeypatch.setattr(tf.config.threading, "get_intra_op_parallelism_threads", lambda: 3)
    monkeypatch.setattr(tf.config.threading, "set_intra_op_parallelism_threads", told.append)
    runtime.set_threads(3)
    assert told == []


def test_torch_is_told(monkeypatch):
    told = []
    monkeypatch.setattr(runtime, "backend", lambda: "torch")
    torch = types.SimpleNamespace(set_num_threads=told.append)
    monkeypatch.setattr(runtime, "import_optional", lambda *_, **__: torch)
    runtime.set_threads(2)
    assert told == [2]


def test_jax_is_left_alone(monkeypatch):
    monkeypatch.setattr(runtime, "backend", lambda: "jax")
    monkeypatch.setattr(runtime, "import_optional", lambda *_, **__: pytest.fail("no import"))
    runtime.set_threads(2)


@pytest.mark.parametrize("absent", ["keras", "tensorflow"])
def test_what_is_not_installed_is_named_before_anything_is_loaded(monkeypatch, absent):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.setattr(runtime, "_is_installed", lambda name: name != absent)
    with pytest.raises(MissingDependencyError, match=rf"`{absent}` is needed.*\[reference\]"):
        runtime.require_backend()
    monkeypatch.setattr(runtime, "_is_installed", lambda _name: True)
    runtime.require_backend()


def test_a_module_is_looked_for_and_not_loaded():
    assert runtime._is_installed("tensorflow")
    assert not runtime._is_installed("leakcheck_has_no_such_module")


@pytest.mark.parametrize("ask", [runtime.require_backend, runtime.load_keras])
def test_a_backend_that_is_none_is_refused(unloaded, monkeypatch, ask):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(ValidationError, match=r"`KERAS_BACKEND` must be one of.*'theano' came"):
        ask()
