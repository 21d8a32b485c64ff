"""The command ``leakcheck reproduce``: the paper's models and figures."""

import enum
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leakcheck._cli.exits import GATE_FAILED, exit_codes
from leakcheck._cli.output import make_folder, say
from leakcheck._cli.reproduce_progress import fetching, say_track, training
from leakcheck.exceptions import ValidationError

if TYPE_CHECKING:
    import pandas as pd

    from leakcheck.reference.reproduce import Reproduction
    from leakcheck.reference.task import Task

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
    marks: Annotated[
        str | None,
        typer.Option(
            metavar="MARK,...",
            help="Tracks to read, DNase too where there is one. Default: five histone marks.",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that train.")] = 1,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Threads of each; default its share of the processor."),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(min=0, help="Seed of all that is random but the validation batch."),
    ] = 0,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing but errors and warnings.")
    ] = False,
) -> None:
    """Train the paper's models, audit them and draw its figures."""
    with exit_codes():
        from leakcheck.reference import presets, runtime, sources  # noqa: PLC0415 - slow
        from leakcheck.reference import reproduce as whole  # noqa: PLC0415

        chosen = presets.find_preset(preset.value)
        wanted = whole.check_figures(figures or [])
        runtime.require_backend()  # before gigabytes are fetched
        make_folder(output)
        folder = cache or output / "data"
        make_folder(folder)
        say(f"Reading the data: {data}", quiet=quiet)
        simulated = data == "simulated"
        asked = None if marks is None else _names(marks)
        with fetching(quiet=quiet) as fetched:
            tasks = sources.load_tasks(
                data,
                cache=folder,
                preset=chosen.name,
                marks=asked,
                genome={"random_state": seed} if simulated else None,
                progress=None if simulated or quiet else say_track,
                fetch_progress=fetched,
            )
        _tell_absent(tasks, asked or ())
        with training(quiet=quiet) as report:
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


def _names(listed: str) -> tuple[str, ...]:
    """Names between commas."""
    names = tuple(name.strip() for name in listed.split(",") if name.strip())
    if not names:
        raise ValidationError(
            f"`--marks` must name a mark; {listed!r} came. Write them like H3K4me3,DNase."
        )
    return names


def _tell_absent(tasks: Mapping[str, "Task"], asked: Sequence[str]) -> None:
    """Say which of the marks that were asked for no cell type of a task has."""
    for name, task in tasks.items():
        absent = [mark for mark in asked if mark not in task.marks]
        if absent:
            say(f"Left out of {name}, for no cell type has a track: {', '.join(absent)}")


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
