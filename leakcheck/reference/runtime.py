"""Keras and its backend, loaded quietly, and the number of threads."""

import contextlib
import importlib.util
import json
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from leakcheck._optional import import_optional, with_extra
from leakcheck.exceptions import MissingDependencyError, ValidationError

__all__ = [
    "backend",
    "chosen_backend",
    "load_keras",
    "load_tensorflow",
    "require_backend",
    "set_threads",
]

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_THREADS = "LEAKCHECK_THREADS"
_PURPOSE = "to train the reference networks"
_BACKENDS = ("tensorflow", "jax", "torch")
# Lines of TensorFlow's own log before its level is read: "I0000 00:00:1795372255.724666 ...".
_NOISE = re.compile(rb"^(?:[IWE]\d{4} |WARNING: All log messages before absl::InitializeLog)")


def load_keras() -> Any:
    """Import Keras 3 without the messages that its backend prints while it is loaded.

    Returns
    -------
    module
        ``keras``, with the backend that ``KERAS_BACKEND`` names; TensorFlow where nothing does.

    Raises
    ------
    MissingDependencyError
        When Keras or the backend is not installed.
    ValidationError
        When the backend is none that trains networks.

    Notes
    -----
    ``TF_CPP_MIN_LOG_LEVEL`` is set to 2 where the user has not set it; where it is set, every
    message is passed on.
    """
    if "keras" in sys.modules:
        return sys.modules["keras"]
    _check_backend()
    try:
        with _quiet():
            keras = import_optional("keras", extra="reference", purpose=_PURPOSE)
            if keras.backend.backend() == "tensorflow":
                _find_devices()
    except ModuleNotFoundError as error:
        if error.name not in _BACKENDS:
            raise
        raise _no_backend(error.name) from error
    return keras


def require_backend() -> None:
    """Refuse to begin without Keras and its backend, before data are fetched; loads neither.

    Raises
    ------
    MissingDependencyError
        When Keras or the backend is not installed.
    ValidationError
        When the backend is none that trains networks.
    """
    name = _check_backend()
    if not _is_installed("keras"):
        raise MissingDependencyError(
            f"`keras` is needed {_PURPOSE} and is not installed. Install it "
            f"{with_extra('reference')}"
        )
    if not _is_installed(name):
        raise _no_backend(name)


def _check_backend() -> str:
    """Name of the chosen backend, which must be one that trains networks."""
    name = chosen_backend()
    if name not in _BACKENDS:
        raise ValidationError(
            f"`KERAS_BACKEND` must be one of {', '.join(_BACKENDS)}; {name!r} came, from the "
            "environment or from keras.json. Leave it out for tensorflow."
        )
    return name


def _is_installed(module: str) -> bool:
    """Whether a module is loaded or could be, without loading it."""
    return module in sys.modules or importlib.util.find_spec(module) is not None


def _no_backend(name: str) -> MissingDependencyError:
    """What to say where a backend is absent."""
    return MissingDependencyError(
        f"`{name}` is needed {_PURPOSE} with KERAS_BACKEND={name} and is not installed. "
        f"Install it, or install TensorFlow {with_extra('reference')}"
    )


def load_tensorflow() -> Any:
    """Import TensorFlow, which `load_keras` has loaded where it is the backend."""
    load_keras()
    return import_optional("tensorflow", extra="reference", purpose=_PURPOSE)


def backend() -> str:
    """Name of Keras's backend: ``"tensorflow"``, ``"jax"`` or ``"torch"``."""
    return str(load_keras().backend.backend())


def chosen_backend() -> str:
    """Name of the backend that Keras takes in a new process, without loading either.

    Returns
    -------
    str
        What ``KERAS_BACKEND`` says, else ``keras.json`` in Keras's own folder (``KERAS_HOME``, or
        ``.keras`` at home), else ``"tensorflow"``: Keras's own order.

    Examples
    --------
    >>> chosen_backend() == backend()
    True
    """
    named = os.environ.get("KERAS_BACKEND")
    if named:
        return named
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    try:
        return str(json.loads((home / "keras.json").read_text("utf-8"))["backend"])
    except (OSError, ValueError, KeyError, TypeError):
        return "tensorflow"


def set_threads(threads: int | None = None) -> None:
    """Say how many threads one operation of the backend may use.

    Parameters
    ----------
    threads : int, optional
        When absent, the environment variable ``LEAKCHECK_THREADS``; without it nothing changes
        and the backend takes every core.

    Raises
    ------
    ValidationError
        When `threads` is below 1 or no whole number, or TensorFlow already runs with another
        number, which it cannot change any more.

    Notes
    -----
    JAX has no such setting at run time: give it ``XLA_FLAGS`` or ``taskset``.
    """
    wanted = _wanted(threads)
    if wanted is None:
        return
    if backend() == "tensorflow":
        _set_tensorflow_threads(wanted)
    elif backend() == "torch":
        import_optional("torch", extra="reference", purpose=_PURPOSE).set_num_threads(wanted)


def _wanted(threads: int | None) -> int | None:
    given = os.environ.get(_THREADS, "") if threads is None else str(threads)
    if not given:
        return None
    if not given.isdecimal() or int(given) < 1:
        name = _THREADS if threads is None else "threads"
        raise ValidationError(
            f"`{name}` must be a whole number from 1; got {given!r}. Leave it out for every core."
        )
    return int(given)


def _set_tensorflow_threads(wanted: int) -> None:
    threading = load_tensorflow().config.threading
    if threading.get_intra_op_parallelism_threads() == wanted:
        return
    try:
        threading.set_intra_op_parallelism_threads(wanted)
    except RuntimeError as error:
        running = threading.get_intra_op_parallelism_threads() or "its own choice of"
        raise ValidationError(
            f"`threads` must be the same for all of a process; got {wanted} where TensorFlow "
            f"runs with {running} threads. Set it before the first network is built."
        ) from error


def _find_devices() -> None:
    """Look for a GPU now, while the complaint about not finding one is held back."""
    tensorflow = import_optional("tensorflow", extra="reference", purpose=_PURPOSE)
    tensorflow.config.list_physical_devices()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what TensorFlow writes while it is loaded, unless the user set its log level."""
    if _LEVEL in os.environ:
        yield
        return
    os.environ[_LEVEL] = "2"
    with warnings.catch_warnings(), _filtered_stderr():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _filtered_stderr() -> Iterator[None]:
    """Keep the process's standard error in a file, then pass on what is not noise.

    The messages come from C++, before anything in Python could set their level.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        before = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(before, 2)
            os.close(before)
            kept.seek(0)
            for line in kept:
                if not _NOISE.match(line):
                    os.write(2, line)
