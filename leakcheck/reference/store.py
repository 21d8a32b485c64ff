"""Finished models on disk: one file for each, whole or absent, in a folder of one configuration."""

import contextlib
import io
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from leakcheck._files import write_bytes, write_text
from leakcheck.exceptions import ValidationError
from leakcheck.reference.npz_files import DAMAGE, open_npz

__all__ = ["Job", "Record", "Store", "open_store"]

_MANIFEST: Final = "manifest.json"
_FOLDER: Final = "models"
_SCHEMA: Final = 1
_STALE_SECONDS: Final = 3600
_SCORES: Final = "scores of "
#: Named first where configurations differ: what the user chose, before what follows from it.
_CHOSEN: Final = ("preset.name", "seed", "backend")


@dataclass(frozen=True, kw_only=True, order=True)
class Job:
    """One model to be trained.

    Attributes
    ----------
    task : str
        Name of the data set.
    trained_in : str
        Setting of the training.
    model : str
        Name of the architecture, unique within a sweep.
    """

    task: str
    trained_in: str
    model: str

    @property
    def name(self) -> str:
        """Name of the model's file, without its ending."""
        return "__".join((self.task, self.trained_in, self.model))


@dataclass(frozen=True, kw_only=True, eq=False)
class Record:
    """Everything that is kept of a finished model.

    Attributes
    ----------
    job : Job
        Which model it is.
    family : str
        Kind of input: "signal", "sequence" or "both".
    configuration : mapping
        Architecture and protocol, as JSON values.
    seed : int
        Seed of its initial weights and its batches.
    n_parameters : int
        Trainable parameters.
    seconds : float
        Time of the training.
    history : sequence of mapping
        One mapping for each epoch: losses of training and validation.
    predictions : mapping of str to ndarray of float32, shape (n,)
        Setting to the scores of its test pairs, in their order.
    versions : mapping of str to str
        Packages that the numbers depend on.
    """

    job: Job
    family: str
    configuration: Mapping[str, Any]
    seed: int
    n_parameters: int
    seconds: float
    history: tuple[Mapping[str, float], ...]
    predictions: Mapping[str, NDArray[np.float32]]
    versions: Mapping[str, str]


class Store:
    """The finished models of one configuration; see `open_store`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, job: Job) -> Path:
        """Give the file of a model."""
        return self.folder / _FOLDER / f"{job.name}.npz"

    def has(self, job: Job) -> bool:
        """Say whether a model is finished."""
        return self.path(job).is_file()

    def save(self, record: Record) -> None:
        """Write a model's file, beside and renamed."""
        told = asdict(record.job) | {
            "family": record.family,
            "configuration": record.configuration,
            "seed": record.seed,
            "n_parameters": record.n_parameters,
            "seconds": record.seconds,
            "history": list(record.history),
            "versions": dict(record.versions),
        }
        arrays = {_SCORES + name: scores for name, scores in record.predictions.items()}
        buffer = io.BytesIO()
        np.savez(buffer, about=np.array(json.dumps(told)), **arrays)  # type: ignore[arg-type]
        write_bytes(self.path(record.job), buffer.getvalue())

    def load(self, job: Job) -> Record:
        """Read a finished model.

        Raises
        ------
        ValidationError
            When there is no such file, or it is not one that `save` wrote.
        """
        path = self.path(job)
        try:
            with open_npz(path) as file:
                told = json.loads(str(file["about"]))
                scores = {
                    name.removeprefix(_SCORES): file[name]
                    for name in file.files
                    if name.startswith(_SCORES)
                }
            found = Job(**{name: told.pop(name) for name in ("task", "trained_in", "model")})
            return Record(job=found, predictions=scores, history=tuple(told.pop("history")), **told)
        except DAMAGE as error:
            raise ValidationError(
                f"`store` must hold a whole file of each finished model; {path} cannot be read: "
                f"{error}. Delete it, and the sweep will train that model again."
            ) from error


def open_store(folder: Path, configuration: Mapping[str, Any]) -> Store:
    """Open the folder of a sweep, or make it.

    Parameters
    ----------
    folder : Path
        Where the sweep keeps its files.
    configuration : mapping
        All that the results depend on, as JSON values: preset, data and seed.

    Returns
    -------
    Store
        With the models that were finished under the same configuration.

    Raises
    ------
    ValidationError
        When the folder has results of another configuration, or cannot be made.
    """
    wanted = json.loads(json.dumps({"schema": _SCHEMA, **configuration}))
    try:
        (folder / _FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValidationError(
            f"`output` must be a folder that can be made; {folder} cannot: "
            f"{error.strerror or error}. Give another folder."
        ) from error
    manifest = folder / _MANIFEST
    if manifest.exists():
        _check_same(_read(manifest), wanted, folder)
    else:
        write_text(manifest, json.dumps(wanted, indent=1) + "\n")
    _remove_stale(folder / _FOLDER)
    return Store(folder)


def _read(manifest: Path) -> dict[str, Any]:
    """Configuration that the folder's results were made under."""
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValidationError(
            f"`output` must have a readable {_MANIFEST}; {manifest} is not: {error}. Give another "
            "folder, or delete this one."
        ) from error
    return found if isinstance(found, dict) else {}


def _check_same(found: Mapping[str, Any], wanted: Mapping[str, Any], folder: Path) -> None:
    """Refuse a folder with results of another configuration."""
    before, now = _flat(found), _flat(wanted)
    differ = [name for name in {*before, *now} if before.get(name) != now.get(name)]
    if differ:
        first = min(differ, key=lambda name: (name not in _CHOSEN, name))
        raise ValidationError(
            f"`output` must be empty or hold results of the same configuration; {folder} holds "
            f"results of another: {len(differ)} settings differ, the first is {first} "
            f"({_told(before.get(first))} there, {_told(now.get(first))} now). Give another "
            "folder, or the settings of that one."
        )


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Dotted name -> value of everything inside a JSON value."""
    if isinstance(value, Mapping):
        items = [(str(key), part) for key, part in value.items()]
    elif isinstance(value, list):
        items = [(str(place), part) for place, part in enumerate(value)]
    else:
        return {name: value}
    dot = f"{name}." if name else ""
    return {k: v for key, part in items for k, v in _flat(part, dot + key).items()}


def _told(value: Any) -> str:
    """Value for a message."""
    return "nothing" if value is None else json.dumps(value)[:60]


def _remove_stale(folder: Path) -> None:
    """Remove what a killed process left half written; what is young may be of a live one."""
    for path in folder.glob(".*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()
