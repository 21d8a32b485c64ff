"""Floor 6: what an audit returns, and the forms in which it can be read, kept and judged."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from leakcheck import plots
from leakcheck._files import write_text
from leakcheck._html.page import first_screen, page
from leakcheck._report import json, judge, markdown, text
from leakcheck._report.gated import GatedReport
from leakcheck._report.muting import CheckedReport, without_muted
from leakcheck.data.wording import counted
from leakcheck.exceptions import ValidationError
from leakcheck.results import TABLES, build_table, empty_table, has_types_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["AuditReport"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AuditReport(GatedReport, CheckedReport):
    """Everything that an audit found, as tidy tables and the settings they were made with.

    ``print(report)`` gives the answer on one screen. A report holds aggregates only: no label and
    no score of a single locus, so it stays small and can be shared.

    Attributes
    ----------
    scores : pandas.DataFrame
        Metrics of models, baselines and bounds at each target.
    verdict : pandas.DataFrame
        Each model at each target against each baseline: difference, skill, intervals, verdict.
    information : pandas.DataFrame
        Whether each model knows anything about each target that the reference cell types do not,
        with the utility and the conclusion in words.
    strata : pandas.DataFrame
        Metrics within groups of loci of equal activity count.
    comparisons : pandas.DataFrame
        Families of models against each other within strata.
    findings : pandas.DataFrame
        Coded observations about input, design and results, each with a remedy.
    design : pandas.DataFrame
        For each target: which setting was tested, and what the baselines were made of.
    summary : pandas.DataFrame
        Verdicts of each model against each baseline, counted over targets, and the mean skill.
    within_locus : pandas.DataFrame
        The chance that a model orders two targets at a locus as their labels do.
    settings : mapping
        JSON values: margin, confidence level, versions, checksums of the input and the rest.
    ranks : pandas.DataFrame
        Quartiles of the rank of each model's scores along the rank of the average activity.

    Raises
    ------
    ValidationError
        When a table has other columns than its own, or settings are no JSON values or lack the
        margin or the confidence level.

    Notes
    -----
    The columns of every table are in `leakcheck.results.TABLES`. Undefined numbers are NaN, with
    the reason in the column `reason`.
    """

    scores: pd.DataFrame
    verdict: pd.DataFrame
    information: pd.DataFrame
    strata: pd.DataFrame
    comparisons: pd.DataFrame
    findings: pd.DataFrame
    design: pd.DataFrame
    summary: pd.DataFrame
    within_locus: pd.DataFrame
    settings: Mapping[str, Any]
    ranks: pd.DataFrame = field(default_factory=lambda: empty_table("ranks"))

    def __post_init__(self) -> None:
        """Give tables the types of their schema, and settings those of JSON."""
        for name in TABLES:
            object.__setattr__(self, name, _conformed(name, getattr(self, name)))
        object.__setattr__(self, "settings", json.plain_settings(self.settings))
        for name in ("margin", "confidence_level"):
            if not isinstance(self.settings.get(name), float):
                raise ValidationError(
                    f"`settings` must hold the float {name!r}; it holds "
                    f"{self.settings.get(name)!r}. Take the settings of an audit."
                )

    def to_frame(self, name: str = "verdict") -> pd.DataFrame:
        """Return a copy of one table.

        Parameters
        ----------
        name : str, default "verdict"
            A key of `leakcheck.results.TABLES`.

        Returns
        -------
        pandas.DataFrame
            A table of its own: changing it leaves the report alone.

        Raises
        ------
        ValidationError
            When there is no such table.
        """
        if name not in list(TABLES):  # a list: also for what cannot be hashed
            raise ValidationError(
                f"`name` must be one of {sorted(TABLES)}; it is {name!r}. Choose one of these."
            )
        table: pd.DataFrame = getattr(self, name).copy()
        return table

    def judge(self, margin: float) -> "AuditReport":
        """Judge the stored numbers again under another margin.

        Parameters
        ----------
        margin : float
            Skill below which a win is of no practical use, in [0, 1).

        Returns
        -------
        AuditReport
            With verdicts, flags, counts, utility, conclusions and the findings that follow from
            them under that margin. All other numbers are the same.

        Raises
        ------
        ValidationError
            When `margin` is not in [0, 1).
        """
        judge.check_margin(margin)
        settings = {**self.settings, "margin": float(margin)}
        tables = judge.judged_tables(self._tables(), self.settings, margin)
        tables["findings"] = without_muted(tables["findings"], self.settings.get("muted", {}))
        return replace(self, settings=settings, **tables)

    def _tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name."""
        return {name: getattr(self, name) for name in TABLES}

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Write the report as JSON, from which `from_json` makes an equal one.

        Parameters
        ----------
        path : path-like, optional
            File to write, at once and whole. Without it the text is returned.

        Returns
        -------
        str or None
            The text, where no `path` was given.

        Raises
        ------
        ValidationError
            When the file cannot be written.

        Notes
        -----
        Strict JSON: undefined numbers are ``null``, infinite ones ``"Infinity"`` or
        ``"-Infinity"``. Every float comes back with the same bits.
        """
        return _give(json.dumps(self._tables(), self.settings), path)

    @classmethod
    def from_json(cls, path_or_text: str | os.PathLike[str]) -> "AuditReport":
        """Read a report that `to_json` or ``leakcheck audit -o`` wrote.

        Parameters
        ----------
        path_or_text : path-like or str
            A file, or the JSON text itself.

        Returns
        -------
        AuditReport
            Equal to the one that was written, to the last bit of every number.

        Raises
        ------
        ValidationError
            When it is not a whole report of a schema version that this release knows.
        """
        tables, settings = json.loads(json.read(path_or_text))
        return cls(**tables, settings=settings)

    def to_html(
        self, path: str | os.PathLike[str] | None = None, *, docs: str | None = None
    ) -> str | None:
        """Write the report as one HTML file that needs no network and no other file.

        Parameters
        ----------
        path : path-like, optional
            File to write, at once and whole. Without it the text is returned.
        docs : str, optional
            Address of the documentation, such as ``https://example.org/leakcheck/``: codes of
            findings then link to their pages. Without it the page itself is under each finding.

        Returns
        -------
        str or None
            The text, where no `path` was given.

        Raises
        ------
        ValidationError
            When the file cannot be written.

        Notes
        -----
        The file stays below 2 MB whatever the size of the audit: of many models it shows the
        best and the worst, of many targets a part, evenly chosen, and says so. Names of models,
        targets and loci are text in it, whatever they hold.

        Examples
        --------
        >>> from leakcheck import audit
        >>> from leakcheck.simulate import demo_inputs
        >>> audit(**demo_inputs()).to_html()[:15]
        '<!DOCTYPE html>'
        """
        return _give(page(self._tables(), self.settings, docs), path)

    def to_markdown(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Write a section for a model card: verdicts, strata, methods, caveats and citation.

        Parameters
        ----------
        path : path-like, optional
            File to write, at once and whole. Without it the text is returned.

        Returns
        -------
        str or None
            The text, where no `path` was given.

        Raises
        ------
        ValidationError
            When the file cannot be written.
        """
        return _give(markdown.render(self._tables(), self.settings), path)

    def plot_scores(self, metric: str | None = None, *, ax: "Axes | None" = None) -> "Axes":
        """Draw models against baselines at each target; see `leakcheck.plots.plot_scores`."""
        return plots.plot_scores(self, metric, ax=ax)

    def plot_strata(
        self,
        target: str | None = None,
        metric: str | None = None,
        *,
        axes: "Sequence[Axes] | None" = None,
    ) -> "Sequence[Axes]":
        """Draw families of models within strata; see `leakcheck.plots.plot_strata`."""
        return plots.plot_strata(self, target, metric, axes=axes)

    def plot_complexity(
        self,
        target: str | None = None,
        *,
        parameters: Mapping[str, float] | None = None,
        ax: "Axes | None" = None,
    ) -> "Axes":
        """Draw scores against numbers of parameters; see `leakcheck.plots.plot_complexity`."""
        return plots.plot_complexity(self, target, parameters=parameters, ax=ax)

    def __str__(self) -> str:
        """Give the answer on one screen."""
        return text.render(self._tables(), self.settings)

    def __repr__(self) -> str:
        """Give the size of the report in one line."""
        models = counted(self.verdict["model"].nunique(), "model")
        targets = counted(self.verdict["target"].nunique(), "target")
        return f"<AuditReport: {models} x {targets}; print() it for the answer>"

    def _repr_html_(self) -> str:
        """Give the first screen of the page, for notebooks."""
        return first_screen(self._tables(), self.settings)


def _conformed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Table with exactly the columns, types and index of its schema, whatever pandas inferred."""
    if list(table.columns) != list(TABLES[name]):
        raise ValidationError(
            f"`{name}` must have the columns {list(TABLES[name])}; it has {list(table.columns)}. "
            "Make it with `leakcheck.results.build_table`."
        )
    if has_types_of(name, table):
        return table.copy()
    return build_table(name, {column: table[column].to_numpy() for column in TABLES[name]})


def _give(content: str, path: str | os.PathLike[str] | None) -> str | None:
    """Return the content, or write it where a path is given."""
    if path is None:
        return content
    write_text(path, content)
    return None
