"""Matrix products on one thread, so that the number of cores changes no bit of a result."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

__all__ = ["one_blas_thread"]


@dataclass
class _Process:
    """What holds for the whole process."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    n_blocks: int = 0  # being run
    limits: Any = None  # what the first of them changed


_process = _Process()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep BLAS to one thread, inside a ``with`` block or a decorated function.

    With more threads it cuts products in other places, and sums round in another way: a report
    would depend on the cores of the machine, and a worker's on how its cluster set it up. Blocks
    may overlap, in one thread of Python or in several: the first sets the limit, which takes a
    look at every library of the process, and the last to end lifts it.

    Examples
    --------
    >>> with one_blas_thread():
    ...     pass
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - imported where it is used

    with _process.lock:
        if not _process.n_blocks:
            _process.limits = threadpool_limits(limits=1, user_api="blas")
        _process.n_blocks += 1
    try:
        yield
    finally:
        with _process.lock:
            _process.n_blocks -= 1
            if not _process.n_blocks:
                _process.limits.restore_original_limits()
