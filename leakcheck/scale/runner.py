"""Floor 6: who runs the tasks of an audit: this process, or others."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

__all__ = ["LocalRunner", "Runner"]

T = TypeVar("T")


class Runner(Protocol):
    """Calls a function for each of some items; what comes back is in their order."""

    def map(
        self,
        function: Callable[[Any], T],
        items: Sequence[Any],
        *,
        done: Callable[[int, int], None] | None = None,
        what: str = "tasks",
    ) -> list[T]:
        """Call `function` with each item; `done` hears how many of how many are done."""


class LocalRunner:
    """Runs tasks one after another in this process."""

    def map(
        self,
        function: Callable[[Any], T],
        items: Sequence[Any],
        *,
        done: Callable[[int, int], None] | None = None,
        what: str = "tasks",
    ) -> list[T]:
        """Call a function for each item.

        Parameters
        ----------
        function : callable
            What to call.
        items : sequence
            Its arguments.
        done : callable, optional
            Called with (items done, items in all).
        what : str
            What the items are; read by runners that show them.

        Returns
        -------
        list
            Results in the order of the items.
        """
        found = []
        for number, item in enumerate(items, start=1):
            found.append(function(item))
            if done is not None:
                done(number, len(items))
        return found
