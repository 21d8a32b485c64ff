"""Tasks from a simulated genome: written as files into a cache, then read like real ones."""

import contextlib
import hashlib
import inspect
import json
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import leakcheck
from leakcheck.exceptions import ValidationError
from leakcheck.reference.presets import find_preset

__all__ = ["simulated_folder"]

_COMPLETE = "layout.json"
_STALE_SECONDS: Final = 3600


def simulated_folder(
    cache: Path, preset: str = "small", genome: Mapping[str, Any] | None = None
) -> Path:
    """Write a simulated genome into the cache, unless it is there.

    Parameters
    ----------
    cache : pathlib.Path
        Folder of folders; made if it does not exist.
    preset : {"tiny", "small", "paper"}
        Whose `leakcheck.reference.presets.Preset.genome` are the arguments of
        `leakcheck.simulate.write_genome`.
    genome : mapping of str to object, optional
        Further arguments of it, which go before those of the preset.

    Returns
    -------
    pathlib.Path
        The folder of the genome; its name holds a digest of every argument.

    Raises
    ------
    ValidationError
        When the preset or an argument is unknown, or the seed is not a whole number.
    """
    arguments = _arguments(preset, genome or {})
    folder = Path(cache) / f"simulated-{preset}-{_digest(arguments)}"
    if (folder / _COMPLETE).is_file():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(folder.parent)
    beside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        leakcheck.simulate.write_genome(beside, **arguments)
        _put(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def _remove_stale(cache: Path) -> None:
    """Remove genomes that a killed process left half written; a young one may be a live one's."""
    for beside in cache.glob(".simulated-*.tmp"):
        with contextlib.suppress(OSError):  # another process may be removing it
            youngest = max(path.stat().st_mtime for path in (beside, *beside.rglob("*")))
            if time.time() - youngest > _STALE_SECONDS:
                shutil.rmtree(beside, ignore_errors=True)


def _put(beside: Path, folder: Path) -> None:
    """Rename a finished folder; where another process was first, its equal work stands."""
    try:
        beside.rename(folder)
    except OSError:
        if not (folder / _COMPLETE).is_file():
            raise


def _arguments(preset: str, genome: Mapping[str, Any]) -> dict[str, Any]:
    """Every argument of the generator, defaults too, so that the digest covers them."""
    parameters = inspect.signature(leakcheck.simulate.write_genome).parameters
    defaults = {name: p.default for name, p in parameters.items() if name != "folder"}
    unknown = [name for name in genome if name not in defaults]
    if unknown:
        raise ValidationError(
            f"`genome` must name arguments of `write_genome`; {len(unknown)} are none, the first "
            f"is {unknown[0]!r}. They are {', '.join(defaults)}."
        )
    chosen = {**defaults, **find_preset(preset).genome, **genome}
    if not isinstance(chosen["random_state"], int):
        raise ValidationError(
            "`random_state` must be a whole number, so that the cache can tell genomes apart; "
            f"{chosen['random_state']!r} came. Give a seed."
        )
    chosen["tree"] = chosen["tree"] or leakcheck.simulate.Tree()
    chosen["marks"] = chosen["marks"] or leakcheck.simulate.MarkModel()
    return chosen


def _digest(arguments: Mapping[str, Any]) -> str:
    """Short name of a set of arguments and of the version that wrote the files."""
    plain = {name: _plain(value) for name, value in arguments.items()}
    text = json.dumps({"version": leakcheck.__version__, **plain}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(value: Any) -> Any:
    """What JSON can hold."""
    if hasattr(value, "__dataclass_fields__"):
        return asdict(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [float(item) for item in value]
    return value
