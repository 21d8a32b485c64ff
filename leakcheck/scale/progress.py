"""Floor 6: a bar on the terminal with the time left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Progress", "show_progress"]

#: Given a name for what is done, gives what hears (done, in all).
Progress = Callable[[str], Callable[[int, int], None]]


@contextmanager
def show_progress(wanted: bool) -> Iterator[Progress]:
    """Show a bar for each stage of an audit.

    Parameters
    ----------
    wanted : bool
        Whether to show anything.

    Yields
    ------
    callable
        Takes the name of a stage and gives a function of (tasks done, tasks in all).
    """
    if not wanted:
        yield lambda name: lambda done, total: None
        return
    from rich import progress as rich  # noqa: PLC0415 - slow to import

    columns = (
        rich.TextColumn("{task.description}"),
        rich.BarColumn(),
        rich.MofNCompleteColumn(),
        rich.TimeElapsedColumn(),
        rich.TextColumn("left"),
        rich.TimeRemainingColumn(),
    )
    with rich.Progress(*columns) as bar:

        def stage(name: str) -> Callable[[int, int], None]:
            task = bar.add_task(name, total=None)
            return lambda done, total: bar.update(task, completed=done, total=total)

        yield stage
