"""How far ``leakcheck reproduce`` is: files that come, tracks that are read, models that train."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from leakcheck._cli.output import is_terminal, say

if TYPE_CHECKING:
    from leakcheck.reference.sweep import Event

__all__ = ["fetching", "line_of", "say_track", "training"]


def say_track(name: str, done: int, total: int) -> None:
    """Tell which track is read."""
    say(f"[{done + 1}/{total}] {name}")


@contextmanager
def fetching(*, quiet: bool) -> "Iterator[Callable[[str, int, int], None] | None]":
    """Tell what is fetched: a bar of bytes on a terminal, else a line for each file."""
    if quiet:
        yield None
    elif is_terminal(sys.stderr):
        with _byte_bar() as report:
            yield report
    else:
        yield _say_once()


def _say_once() -> Callable[[str, int, int], None]:
    """Say each file when its first bytes come, however often it is told of."""
    told = ""

    def report(name: str, _here: int, total: int) -> None:
        nonlocal told
        if name != told:
            told = name
            say(f"Fetching {name}" + (f" ({total / 1e6:,.1f} MB)" if total else ""))

    return report


@contextmanager
def _byte_bar() -> "Iterator[Callable[[str, int, int], None]]":
    """Draw the bytes of the file that comes, with speed and time left."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns: list[Any] = [
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
        TextColumn("left"), TimeRemainingColumn(),
    ]  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("", total=None, visible=False)
        told = ""

        def report(name: str, here: int, total: int) -> None:
            nonlocal told
            if name != told:
                told = name
                bars.reset(bar, description=name, total=None, visible=True)
            bars.update(bar, completed=here, total=total or None)

        yield report


@contextmanager
def training(*, quiet: bool) -> "Iterator[Callable[[Event], None] | None]":
    """Tell how far a sweep is: a bar on a terminal, else a line for each model."""
    if quiet:
        yield None
    elif is_terminal(sys.stderr):
        with _bar() as report:
            yield report
    else:
        start = time.monotonic()
        yield lambda event: say(line_of(event, time.monotonic() - start))


def line_of(event: "Event", seconds: float) -> str:
    """One model in one line."""
    job = event.job
    name = f"{job.task} {job.trained_in} {job.model}"
    how = f"{event.seconds:.1f} s"
    if event.failure is not None:
        how = f"FAILED: {event.failure.reason}"
    left = ""
    if 0 < event.share < 1:
        left = f"; {_duration(seconds * (1 / event.share - 1))} left"
    return f"[{event.n_done}/{event.n_total}] {name}: {how}{left}"


def _duration(seconds: float) -> str:
    """Time in a form that is read at a glance."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


@contextmanager
def _bar() -> "Iterator[Callable[[Event], None]]":
    """Draw a bar with the time left, by the cost of what is left."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns: list[Any] = [
        TextColumn("{task.fields[count]}"), BarColumn(), TextColumn("{task.percentage:.0f}%"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
        TextColumn("{task.description}"),
    ]  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("", total=1.0, count="models")

        def report(event: "Event") -> None:
            if event.failure is not None:
                bars.console.print(line_of(event, 0.0), markup=False, highlight=False)
            count = f"{event.n_done}/{event.n_total} models"
            bars.update(bar, completed=event.share, count=count, description=event.job.model)

        yield report
