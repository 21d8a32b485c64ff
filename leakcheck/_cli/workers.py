"""Processes that audit targets side by side."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["processes"]


@contextmanager
def processes(n: int) -> Iterator["Executor | None"]:
    """Start so many processes, which end with the ``with`` block; None where one is asked for.

    They are started anew, not forked: this process has threads, of the progress bar for one, whose
    locks a fork would keep for ever.
    """
    if n == 1:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - imported where it is used
    from multiprocessing import get_context  # noqa: PLC0415

    with ProcessPoolExecutor(n, mp_context=get_context("spawn")) as pool:
        yield pool
