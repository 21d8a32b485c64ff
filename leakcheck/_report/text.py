"""The report on one screen."""

import textwrap
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

import pandas as pd

from leakcheck._report.answers import answers
from leakcheck._report.chance import level_of_claims
from leakcheck._report.claim import claim
from leakcheck._report.grid import Grid, few_comparisons, verdict_grid
from leakcheck._report.methods import held_out_in_turn
from leakcheck._report.muting import muted_words
from leakcheck._report.rows import distinct, walk
from leakcheck._report.words import clean, interval_level, joined, metric_label, plural
from leakcheck.checks import reading_order
from leakcheck.exceptions import read_more

__all__ = ["WIDTH", "Block", "Paragraph", "block_lines", "blocks", "render"]

WIDTH: Final = 100
_SCREEN: Final = 30

# These say what the answers above them already say: on the screen their codes are enough.
_RESTATED: Final = ("LK001", "LK002", "LK003", "LK011", "LK020", "LK021")


class Paragraph(NamedTuple):
    """Text before anybody chooses its width."""

    text: str
    most: int = 9  # lines; what is left of a longer text is cut
    tail: str = ""  # stands behind the text, and behind the cut

    def lines(self, width: int) -> list[str]:
        """Lines of at most `width` columns."""
        wrapped = textwrap.wrap(
            self.text + self.tail, width, subsequent_indent="  ", break_on_hyphens=False
        )
        if len(wrapped) <= self.most:
            return wrapped
        end = f" ...{self.tail}"
        words = textwrap.wrap(
            wrapped[self.most - 1].strip(),
            width - len(end),
            initial_indent="  " if self.most > 1 else "",
        )
        return [*wrapped[: self.most - 1], words[0] + end]


Block: TypeAlias = "list[Paragraph] | Grid"


def render(tables: dict[str, pd.DataFrame], settings: Mapping[str, Any]) -> str:
    """Blocks as plain text of at most `WIDTH` columns, an empty line between them."""
    return "\n\n".join("\n".join(block_lines(block)) for block in blocks(tables, settings))


def block_lines(block: Block, width: int = WIDTH) -> list[str]:
    """Lines of a block."""
    if isinstance(block, Grid):
        return block.lines(width)
    return [line for paragraph in block for line in paragraph.lines(width)]


def blocks(tables: dict[str, pd.DataFrame], settings: Mapping[str, Any]) -> list[Block]:
    """Parts of the report in reading order: paragraphs, and the table as a grid."""
    before: list[Block] = [
        _head(tables, settings),
        _answers(tables),
        verdict_grid(tables, interval_level(settings)),
        [_words(tables, settings), Paragraph(claim(tables, level_of_claims(settings)))],
    ]
    used = sum(len(block_lines(block)) + 1 for block in before)
    # Two lines are for what is not shown and for what to look at next.
    muted = [Paragraph(words)] if (words := muted_words(settings)) else []
    findings = _findings(tables["findings"], max(1, min(4, _SCREEN - used - 2 - len(muted))))
    return [*before, [*findings, *muted, _next_steps(tables)]]


def _head(tables: dict[str, pd.DataFrame], settings: Mapping[str, Any]) -> list[Paragraph]:
    """Name what was audited; references that were inferred come first."""
    models = distinct(tables["verdict"], "model")
    targets = distinct(tables["verdict"], "target")
    references = settings.get("reference_cell_types", [])
    head = (
        f"leakcheck {settings.get('leakcheck_version', '')}: {plural(len(models), 'model')} at "
        f"{plural(settings.get('n_loci', 0), 'locus', 'loci')}, "
        f"{plural(len(targets), 'target cell type')} ({joined(targets, 4) or 'none'}), "
        f"{plural(len(references), 'reference cell type')}{held_out_in_turn(settings)}"
    )
    note = settings.get("reference_note", "")
    return [*([Paragraph(clean(note), most=2)] if note else []), Paragraph(head)]


def _answers(tables: dict[str, pd.DataFrame]) -> list[Paragraph]:
    """Give the answers, or say that there is none."""
    texts = answers(tables)
    most = 5 if len(texts) < 3 else 4  # two conclusions and both skills take five lines
    found = [Paragraph(text, most=most) for text in texts]
    return found or [Paragraph("No prediction was compared with any label: there is no answer.")]


def _words(tables: dict[str, pd.DataFrame], settings: Mapping[str, Any]) -> Paragraph:
    """Explain the words of the table."""
    verdict = tables["verdict"]
    metrics = [*verdict["metric"].iloc[:1], *verdict["companion_metric"].iloc[:1]]
    both = " and ".join(metric_label(metric) for metric in metrics) or "both metrics"
    legend = (
        f"Skill: 0 = the baseline, 1 = perfect, [{interval_level(settings)} interval]. "
        f"beats: better in {both}, beyond chance. does-not-beat: any gain is below the margin "
        f"{settings['margin']:g}. inconclusive: the data cannot tell."
    )
    if not few_comparisons(verdict):
        legend += (
            " > average 3/4: beats the average at 3 of 4 testable targets. specific: knows more "
            "about the cell type than the references tell."
        )
    return Paragraph(legend)


def _findings(findings: pd.DataFrame, most: int) -> list[Paragraph]:
    """Most important findings, one line each; the same code is shown once."""
    by_code: dict[str, list[Any]] = {}
    for row in reading_order(walk(findings)):
        by_code.setdefault(row.code, []).append(row)
    if not by_code:
        return [Paragraph("Findings: none.")]
    fresh = [code for code in by_code if code not in _RESTATED]
    shown = [_one_line(by_code[code]) for code in fresh[:most]]
    hidden = sorted(code for code in by_code if code not in fresh[:most])
    more = f"More in report.findings: {joined(hidden, 8)}." if hidden else ""
    grave = (code for code, rows in by_code.items() if rows[0].severity != "info")
    first = next(grave, next(iter([*fresh, *by_code])))
    return [*shown, Paragraph(more, most=1, tail=f"{' ' if more else ''}{read_more(first)}")]


def _one_line(rows: list[Any]) -> Paragraph:
    """Put the first finding of a code on one line, with the number of its repeats."""
    first = rows[0]
    place = " ".join(clean(name) for name in (first.model, first.target) if name)
    where = f" ({place})" if place else ""
    line = f"{first.code} {first.severity}: {first.title}{where}. {clean(first.evidence)}"
    return Paragraph(line, most=1, tail=f" (and {len(rows) - 1} more)" if len(rows) > 1 else "")


def _next_steps(tables: dict[str, pd.DataFrame]) -> Paragraph:
    """Say where to look next."""
    strata = ", .strata, .plot_strata()" if len(tables["strata"]) else ""
    return Paragraph(
        f"Look next at report.verdict, .findings, .plot_scores(){strata}, .to_markdown()"
    )
