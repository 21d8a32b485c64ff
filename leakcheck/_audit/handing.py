"""The work of an audit, handed to other processes once."""

import mmap
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from leakcheck.exceptions import ValidationError

__all__ = ["handed"]

#: Arrays begin at multiples of a cache line.
_ALIGNMENT = 64


@contextmanager
def handed(
    work: Callable[[Sequence[str]], Any], executor: Executor | None
) -> Iterator[Callable[[Sequence[str]], Any]]:
    """Give work in the form in which an executor gets it, while it is needed.

    Other processes of this machine map its arrays from one file, instead of being sent a copy with
    every batch of targets. Other executors get the work itself.

    Parameters
    ----------
    work : callable
        Audits targets; can be pickled where the executor has processes.
    executor : concurrent.futures.Executor or None
        Who does it.

    Yields
    ------
    callable
        Does the same.

    Raises
    ------
    ValidationError
        When processes cannot be sent a function that the user gave.
    """
    if not isinstance(executor, ProcessPoolExecutor):
        yield work
        return
    # On Windows a worker that still maps the file keeps it from being deleted.
    with TemporaryDirectory(prefix="leakcheck-", ignore_cleanup_errors=True) as folder:
        yield _write(work, Path(folder, "work"))


@dataclass(frozen=True)
class _Handed:
    """Work in a file, whose path is all that is sent."""

    path: Path
    ends: tuple[int, ...]  # of the object without its arrays, then of each array

    def __call__(self, targets: Sequence[str]) -> Any:
        """Do the work on some targets."""
        return _read(self)(targets)


def _write(work: Callable[[Sequence[str]], Any], path: Path) -> _Handed:
    """Write the work: the object, then its arrays."""
    arrays: list[pickle.PickleBuffer] = []
    try:
        plain = pickle.dumps(work, protocol=5, buffer_callback=arrays.append)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ValidationError(
            "an `executor` of processes must be able to import the functions that other arguments "
            f"are, `strata` for one; {error} came. Define the function in a module, or give a "
            "ThreadPoolExecutor."
        ) from error
    parts: list[bytes | memoryview] = [plain, *(array.raw() for array in arrays)]
    ends = []
    with path.open("wb") as file:
        for part in parts:
            file.write(bytes(-file.tell() % _ALIGNMENT))
            file.write(part)
            ends.append(file.tell())
    return _Handed(path, tuple(ends))


@lru_cache(maxsize=1)
def _read(handed: _Handed) -> Callable[[Sequence[str]], Any]:
    """Read the work, once in each process; what is written to its arrays stays there."""
    with handed.path.open("rb") as file:
        content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    starts = [0, *(end + -end % _ALIGNMENT for end in handed.ends[:-1])]
    plain, *arrays = (content[start:end] for start, end in zip(starts, handed.ends, strict=True))
    # Nobody else writes this file: its folder is the user's own, and new.
    work: Callable[[Sequence[str]], Any] = pickle.loads(plain, buffers=arrays)  # noqa: S301
    return work
