"""The command line: parses, calls the library, formats.

Exit codes: 0 passed, 1 a gate failed, 2 bad input.
"""

import enum
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import leakcheck
from leakcheck._cli.exits import BROKEN, exit_codes, exit_if_full
from leakcheck._cli.explain import explain
from leakcheck._cli.inputs import (
    locus_columns,
    of_models,
    parameters_of_models,
    train_argument,
)
from leakcheck._cli.output import (
    check_outputs,
    check_report_path,
    make_folder,
    passed_words,
    progress_bar,
    say,
    show,
    write_plots,
)
from leakcheck._cli.read import Tables, read_inputs
from leakcheck._cli.reproduce import reproduce
from leakcheck._cli.workers import processes
from leakcheck._cpu import prepare_numpy

if TYPE_CHECKING:
    from leakcheck.report import AuditReport

__all__ = ["app", "main"]

app = typer.Typer(
    name="leakcheck",
    epilog="Exit codes: 0 passed, 1 a gate failed, 2 bad input.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Form(enum.Enum):
    """Form of a table of predictions."""

    AUTO = "auto"
    LONG = "long"
    WIDE = "wide"


class LabelKind(enum.Enum):
    """What labels must be."""

    BINARY = "binary"
    CONTINUOUS = "continuous"


class Per(enum.Enum):
    """What a gate asks of: each target cell type, or the mean over them."""

    CELLTYPE = "celltype"
    OVERALL = "overall"


class SignalTransform(enum.Enum):
    """Transformation of the signal before averaging."""

    ARCSINH = "arcsinh"
    NONE = "none"


def main() -> None:
    """Run the command line; a fault of leakcheck itself exits with 70, never with 1."""
    prepare_numpy()
    try:
        app()
    except Exception as error:  # whatever it is, it must not look like a failed gate
        exit_if_full(error)
        traceback.print_exc()
        typer.echo("This is a fault of leakcheck. Please report it with the lines above.", err=True)
        sys.exit(BROKEN)


def _print_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        typer.echo(f"leakcheck {leakcheck.__version__}")
        raise typer.Exit


@app.callback()
def _common(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Compare models that predict across cell types with what you get for free."""


@app.command()
def audit(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TABLE", help="Predictions (CSV, TSV, Parquet; .gz too), with labels or not."
        ),
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Write the report as JSON, or as HTML to a .html file."
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write the report as one HTML file, for any browser.")
    ] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a section for a model card.")] = None,
    plots: Annotated[Path | None, typer.Option(help="Folder to write plots to (PNG).")] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Table of labels, where they are not in TABLE.")
    ] = None,
    signal: Annotated[
        str | None, typer.Option(help="Continuous activity beside labels: a column or a table.")
    ] = None,
    prediction: Annotated[
        list[str] | None,
        typer.Option(help="Column of a model's predictions; repeat for several models."),
    ] = None,
    label: Annotated[str | None, typer.Option(help="Column of labels.")] = None,
    positive_label: Annotated[
        str | None, typer.Option(help="Label that means active, where labels are not 0 and 1.")
    ] = None,
    label_kind: Annotated[
        LabelKind | None, typer.Option(help="What the labels must be. Default: as they look.")
    ] = None,
    loci: Annotated[
        str | None, typer.Option(help="Column of locus ids, or: chrom,start,end.")
    ] = None,
    celltype: Annotated[str | None, typer.Option(help="Column of cell types.")] = None,
    train: Annotated[
        list[str] | None,
        typer.Option(
            help="Reference cell types: E001,E002, or @file with one in each line, or "
            "leave-one-out; repeat for more."
        ),
    ] = None,
    train_column: Annotated[
        str | None, typer.Option(help="Column that is true where a row was used to train.")
    ] = None,
    blocks_column: Annotated[
        str | None,
        typer.Option(help="Column of blocks, the units of resampling. Default: chromosomes."),
    ] = None,
    strata_column: Annotated[
        str | None,
        typer.Option(help="Column of strata. Default: how many references are active there."),
    ] = None,
    similarity: Annotated[
        str | None,
        typer.Option(
            help="Nearest cell type: its name, or a table of similarities or features with cell "
            "types in its first column. Default: from labels of other blocks."
        ),
    ] = None,
    form: Annotated[Form, typer.Option(help="Form of TABLE.")] = Form.AUTO,
    separator: Annotated[
        str | None,
        typer.Option(help="Character between fields, or tab. Default: as the suffix says."),
    ] = None,
    signal_transform: Annotated[
        SignalTransform, typer.Option(help="Transformation of the signal before averaging.")
    ] = SignalTransform.ARCSINH,
    margin: Annotated[
        float, typer.Option(help="Skill below which a win is of no practical use.")
    ] = 0.05,
    confidence_level: Annotated[
        float, typer.Option(help="Confidence of each bound of an interval.")
    ] = 0.95,
    metrics: Annotated[
        list[str] | None,
        typer.Option(help="Metric in the table of scores; repeat for several. Default: all."),
    ] = None,
    families: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL=FAMILY",
            help="Family of a model; repeat for each. Families are compared in every stratum.",
        ),
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL=NUMBER",
            help="Number of parameters of a model, for --plots; repeat for each.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes that audit targets side by side.")
    ] = 1,
    mute: Annotated[
        list[str] | None,
        typer.Option(help="Code of findings to leave out, such as LK018; repeat for several."),
    ] = None,
    gate: Annotated[
        bool, typer.Option("--gate", help="Exit with 1 unless every model beats both baselines.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing but errors and warnings.")
    ] = False,
) -> None:
    """Audit a table of predictions."""
    with exit_codes():
        named = (Path(text) for text in (signal, similarity) if text is not None)
        check_outputs(output, html, markdown, inputs=(table, labels, *named))
        check_report_path(output)
        sizes = parameters_of_models(parameters)
        data, further = read_inputs(
            Tables(table, labels, signal, similarity, separator),
            blocks=blocks_column,
            strata=strata_column,
            families=of_models("--families", families),
            positive_label=positive_label,
            locus=locus_columns(loci),
            train=train_argument(train, train_column),
            train_column=train_column,
            predictions=prediction,
            label=label,
            label_kind=None if label_kind is None else label_kind.value,
            celltype=celltype,
            form=form.value,
        )
        with processes(workers) as executor, progress_bar(quiet=quiet) as progress:
            report = leakcheck.audit(
                data,
                executor=executor,
                margin=margin,
                confidence_level=confidence_level,
                metrics=metrics,
                parameters=sizes,
                signal_transform=signal_transform.value,
                progress=progress,
                **further,
            )
        if mute:
            report = report.muted(*mute, reason="--mute")
        _write(report, output=output, html=html, markdown=markdown, plots=plots, quiet=quiet)
        if not quiet:
            show(report)
        if gate:
            report.raise_if_failed()


def _write(
    report: "AuditReport",
    *,
    output: Path | None,
    html: Path | None,
    markdown: Path | None,
    plots: Path | None,
    quiet: bool,
) -> None:
    """Write the files that were asked for, and name them on stderr."""
    written = []
    if output is not None:
        as_html = output.suffix.lower() in {".html", ".htm"}
        (report.to_html if as_html else report.to_json)(output)
        written.append(output)
    if html is not None:
        report.to_html(html)
        written.append(html)
    if markdown is not None:
        report.to_markdown(markdown)
        written.append(markdown)
    if plots is not None:
        written += write_plots(report, plots)
    for path in written:
        say(f"Wrote {path}", quiet=quiet)


@app.command()
def gate(
    report: Annotated[
        Path, typer.Argument(metavar="REPORT", help="JSON that `leakcheck audit -o` wrote.")
    ],
    *,
    baseline: Annotated[
        list[str] | None,
        typer.Option(
            help="Baseline to beat; repeat for each. "
            "Default: average-activity and nearest-celltype."
        ),
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Model that must pass; repeat. Default: all.")
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="Judge under this margin instead of the report's.")
    ] = None,
    min_share: Annotated[
        float, typer.Option(help="Share of testable targets that must pass.")
    ] = 1.0,
    specific: Annotated[
        bool, typer.Option("--specific", help="Also ask for cell-type-specific.")
    ] = False,
    adjusted: Annotated[
        bool, typer.Option("--adjusted", help="Also ask for adjusted p-values (Holm).")
    ] = False,
    target: Annotated[
        list[str] | None,
        typer.Option(help="Target cell type that is looked at; repeat. Default: all."),
    ] = None,
    per: Annotated[
        Per, typer.Option(help="Ask at each target, or once of the mean over the targets.")
    ] = Per.CELLTYPE,
) -> None:
    """Judge a stored report: exit code 0 or 1."""
    with exit_codes():
        from leakcheck._report.json import loads, read  # noqa: PLC0415 - numpy, once prepared
        from leakcheck.verdicts import PRIMARY_BASELINES  # noqa: PLC0415

        baselines = baseline or list(PRIMARY_BASELINES)
        # once: it may be a pipe
        tables, settings = loads(read(report, "REPORT"), "REPORT")
        leakcheck.AuditReport(**tables, settings=settings).raise_if_failed(
            baselines,
            margin=margin,
            min_share=min_share,
            specific=specific,
            adjusted=adjusted,
            models=model,
            targets=target,
            per=per.value,
        )
        typer.echo(
            passed_words(
                model, baselines, target, per=per.value, min_share=min_share, specific=specific
            )
        )


@app.command()
def demo(
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the report and its plots.")
    ] = Path("leakcheck-demo"),
    seed: Annotated[int, typer.Option(help="Seed of the simulated epigenome.")] = 0,
) -> None:
    """See the pitfall caught on simulated data."""
    with exit_codes():
        from leakcheck.simulate import demo_inputs  # noqa: PLC0415 - numpy, once it is prepared

        make_folder(output)
        with progress_bar(quiet=False) as progress:
            report = leakcheck.audit(**demo_inputs(seed), progress=progress)
        show(report)
        _write(
            report,
            output=output / "report.json",
            html=output / "report.html",
            markdown=output / "report.md",
            plots=output,
            quiet=False,
        )


app.command()(reproduce)
app.command()(explain)
