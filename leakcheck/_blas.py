"""Matrix products on one thread, so that the number of cores changes no bit of a result."""

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["one_blas_thread"]


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep BLAS to one thread, inside a ``with`` block or a decorated function.

    With more threads it cuts products in other places, and sums round in another way: a report
    would depend on the cores of the machine, and a worker's on how its cluster set it up.

    Examples
    --------
    >>> with one_blas_thread():
    ...     pass
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - imported where it is used

    with threadpool_limits(limits=1, user_api="blas"):
        yield
