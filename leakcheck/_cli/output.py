"""Reports on the screen and in files."""

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import typer

from leakcheck._files import check_path, write_bytes
from leakcheck.exceptions import ValidationError

if TYPE_CHECKING:
    from leakcheck._report.grid import Grid
    from leakcheck.report import AuditReport

__all__ = [
    "check_outputs",
    "check_report_path",
    "is_terminal",
    "make_folder",
    "passed_words",
    "progress_bar",
    "say",
    "show",
    "write_plots",
]

#: Endings of tables, texts and pictures, which a report is none of.
_NO_REPORTS: Final = {
    ".csv", ".gz", ".md", ".parquet", ".pdf", ".png", ".svg", ".tsv", ".txt", ".xlsx",
}  # fmt: skip
_STYLES: Final = {
    "beats": "green",
    "does-not-beat": "red",
    "inconclusive": "yellow",
    "not-testable": "dim",
}


def say(text: str, *, quiet: bool = False) -> None:
    """Tell the user what happens, on stderr: stdout carries the report alone."""
    if not quiet:
        typer.echo(text, err=True)


def show(report: "AuditReport") -> None:
    """Print the report: with a drawn table on a terminal, as plain text elsewhere."""
    if not is_terminal(sys.stdout):
        typer.echo(str(report))
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from leakcheck._report.grid import Grid  # noqa: PLC0415 - numpy, once it is prepared
    from leakcheck._report.text import WIDTH, block_lines, blocks  # noqa: PLC0415
    from leakcheck.results import TABLES  # noqa: PLC0415

    console = Console(highlight=False, markup=False)
    tables = {name: report.to_frame(name) for name in TABLES}
    for block in blocks(tables, report.settings):
        if isinstance(block, Grid):
            console.print(_drawn(block, console.width))
            console.print()
        else:
            lines = block_lines(block, min(WIDTH, console.width - 1))
            console.print("\n".join(lines), end="\n\n", soft_wrap=True)


def _drawn(grid: "Grid", width: int) -> Any:
    """Grid as a table of Rich, verdicts in colour; intervals go below where it is narrow."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        caption=grid.note or None,
        caption_justify="left",
    )
    for name in grid.header:
        table.add_column(Text(name), overflow="fold")
    between = " [" if max(map(len, grid.lines(10_000))) <= width else "\n["
    for row in grid.rows:
        inks = (_STYLES.get(cell.split(" ")[0], "") for cell in row)
        cells = (cell.replace(" [", between) for cell in row)
        table.add_row(*(Text(cell, style=ink) for cell, ink in zip(cells, inks, strict=True)))
    return table


def is_terminal(stream: IO[str] | None) -> bool:
    """Say whether somebody looks at a stream; a closed one (``>&-``) is None."""
    return stream is not None and stream.isatty()


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Give a function of (done, total) that draws a bar on stderr; None where nobody looks."""
    if quiet or not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("targets", total=None)

        def advance(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        yield advance


def check_outputs(*paths: Path | None, inputs: Sequence[Path | None] = ()) -> None:
    """Refuse files that cannot be written, or that are read, before the audit starts."""
    read = {os.path.realpath(path) for path in inputs if path is not None}
    for path in paths:
        if path is not None and os.fspath(check_path(path)) in read:
            raise ValidationError(
                f"`path` must be another file than the tables that are read; {path} is one of "
                "them and would be lost. Give the report a name of its own."
            )


def check_report_path(path: Path | None) -> None:
    """Refuse to write a report under the name of a table or a picture."""
    if path is not None and path.suffix.lower() in _NO_REPORTS:
        raise ValidationError(
            "`--output` writes the report as JSON, or as HTML to a .html file; "
            f"{path.name} came, which readers would take for something else. Name it "
            f"{path.with_suffix('.json').name}. Markdown is --markdown, pictures are --plots, and "
            "tables come from Python: report.verdict.to_csv(...)."
        )


def write_plots(report: "AuditReport", folder: Path) -> list[Path]:
    """Draw every plot that the report has numbers for, and a page of all, as PNG."""
    from leakcheck._plots.page import figures  # noqa: PLC0415 - matplotlib

    make_folder(folder)
    written = []
    for name, figure in figures(report).items():
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=150)
        path = folder / f"{name}.png"
        write_bytes(path, buffer.getvalue())
        written.append(path)
    return written


def make_folder(folder: Path) -> None:
    """Make a folder, unless something else has its name."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValidationError(
            f"the folder {folder} must be one that can be made; the system says: "
            f"{error.strerror or error}. Give another folder."
        ) from error


def passed_words(
    models: Sequence[str] | None,
    baselines: Sequence[str],
    targets: Sequence[str] | None,
    *,
    per: str,
    min_share: float,
    specific: bool,
) -> str:
    """Say what a gate asked, where the answer is yes."""
    who = " and ".join(models) if models else "every model"
    beat, be = ("beat", "are") if models and len(models) > 1 else ("beats", "is")
    if per == "overall":
        where = f"in the mean of {', '.join(targets) if targets else 'the targets'}"
    elif min_share == 1:
        where = f"at {', '.join(targets) if targets else 'every testable target'}"
    else:
        where = f"at {min_share:.0%} of the testable targets or more"
    rest = f", and {be} cell-type-specific" if specific else ""
    # asked at each target, also where the mean is judged
    rest += " at each" if specific and per == "overall" else " there" if specific else ""
    return f"Passed: {who} {beat} {' and '.join(baselines)} {where}{rest}."
