"""The command ``leakcheck reproduce``: the paper's models and figures."""

import enum
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leakcheck._cli.exits import GATE_FAILED, exit_codes
from leakcheck._cli.output import make_folder, say

if TYPE_CHECKING:
    import pandas as pd

    from leakcheck.reference.reproduce import Reproduction
    from leakcheck.reference.sweep import Event

__all__ = ["reproduce"]

_MOST_LISTED = 20


class PresetName(enum.Enum):
    """Size of a reproduction."""

    TINY = "tiny"
    SMALL = "small"
    PAPER = "paper"


def reproduce(
    figures: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FIGURES]...", help="Of: 1 S1 S2 S3. Default: all."),
    ] = None,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder; a sweep that was stopped goes on there.")
    ],
    preset: Annotated[
        PresetName, typer.Option(help="How many networks are trained, and for how long.")
    ] = PresetName.TINY,
    data: Annotated[
        str,
        typer.Option(
            metavar="DIR|simulated|roadmap|roadmap-lite",
            help="Where the data come from; a folder holds files that were downloaded.",
        ),
    ] = "simulated",
    cache: Annotated[
        Path | None, typer.Option(help="Folder for downloads and data. Default: OUTPUT/data.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that train.")] = 1,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Threads of each; default its share of the processor."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything.")] = 0,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing but errors and warnings.")
    ] = False,
) -> None:
    """Train the paper's models, audit them and draw its figures."""
    with exit_codes():
        from leakcheck.reference import presets, sources  # noqa: PLC0415 - numpy, once prepared
        from leakcheck.reference import reproduce as whole  # noqa: PLC0415

        chosen = presets.find_preset(preset.value)
        wanted = whole.check_figures(figures or [])
        make_folder(output)
        folder = cache or output / "data"
        make_folder(folder)
        say(f"Reading the data: {data}", quiet=quiet)
        simulated = data == "simulated"
        tasks = sources.load_tasks(
            data,
            cache=folder,
            preset=chosen.name,
            genome=dict(chosen.genome) if simulated and chosen.genome else None,
            progress=None if simulated or quiet else _say_step,
        )
        with progress(quiet=quiet) as report:
            made = whole.reproduce(
                output,
                tasks,
                chosen,
                figures=wanted,
                workers=workers,
                threads=threads,
                seed=seed,
                report=report,
                say=lambda text: say(text, quiet=quiet),
            )
        _tell(made, output, quiet=quiet)
        if made.outcome.failures:
            raise typer.Exit(GATE_FAILED)


@contextmanager
def progress(*, quiet: bool) -> "Iterator[Callable[[Event], None] | None]":
    """Tell how far a sweep is: a bar on a terminal, else a line for each model."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        start = time.monotonic()
        yield lambda event: say(_line(event, time.monotonic() - start))


def _line(event: "Event", seconds: float) -> str:
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


def _say_step(what: str, done: int, total: int) -> None:
    """Tell what is fetched or read."""
    say(f"[{done + 1}/{total}] {what}")


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
                bars.console.print(_line(event, 0.0), markup=False, highlight=False)
            count = f"{event.n_done}/{event.n_total} models"
            bars.update(bar, completed=event.share, count=count, description=event.job.model)

        yield report


def _tell(made: "Reproduction", output: Path, *, quiet: bool) -> None:
    """Print the trends on stdout; what went wrong on stderr, even when quiet."""
    if not quiet and len(made.trends):
        typer.echo(_trends_text(made.trends))
    for reason in made.skipped:
        say(f"Not drawn: {reason}")
    failures = made.outcome.failures
    if failures:
        say(f"{len(failures)} models failed; start the command again to try them once more:")
        for failure in failures[:_MOST_LISTED]:
            job = failure.job
            say(f"  {job.task} {job.trained_in} {job.model}: {failure.reason}")
        if len(failures) > _MOST_LISTED:
            say(f"  and {len(failures) - _MOST_LISTED} more")
    say(f"Wrote {len(made.files)} files to {output}", quiet=quiet)


def _trends_text(trends: "pd.DataFrame") -> str:
    """Trends as aligned lines."""
    rows = [
        (
            str(row.where),
            str(row.trend),
            f"{row.value:.3g}",
            str(row.bound),
            "holds" if row.holds else "does not hold",
        )
        for row in trends.itertuples(index=False)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    )
