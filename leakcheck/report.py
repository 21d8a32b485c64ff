"""Floor 6: what an audit returns, and the forms in which it can be read, kept and judged."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from leakcheck import plots
from leakcheck._files import write_text
from leakcheck._report import gate, html, json, judge, markdown, text
from leakcheck.exceptions import ValidationError
from leakcheck.results import TABLES, build_table, has_types_of
from leakcheck.verdicts import PRIMARY_BASELINES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["AuditReport"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AuditReport:
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
        if name not in TABLES:
            raise ValidationError(
                f"`name` must be one of {sorted(TABLES)}; it is {name!r}. Choose one of these."
            )
        table: pd.DataFrame = getattr(self, name).copy()
        return table

    def passed(
        self,
        baseline: str | Sequence[str] = PRIMARY_BASELINES,
        *,
        margin: float | None = None,
        min_share: float = 1.0,
        specific: bool = False,
        adjusted: bool = False,
        models: str | Sequence[str] | None = None,
    ) -> bool:
        """Say whether every model beats every named baseline at enough targets.

        Parameters
        ----------
        baseline : str or sequence of str
            Baselines that must be beaten.
        margin : float, optional
            Judge under this margin instead of the report's own. A win that may be smaller than
            the margin (flag ``negligible``) does not pass.
        min_share : float, default 1.0
            Share of the testable targets at which each baseline must be beaten, in (0, 1].
        specific : bool, default False
            Also ask for ``cell-type-specific`` at that share of targets.
        adjusted : bool, default False
            Also ask for a p-value that holds after Holm's correction over targets.
        models : str or sequence of str, optional
            Models that must pass; default all.

        Returns
        -------
        bool
            False where nothing could be tested: a gate never passes on nothing.

        Raises
        ------
        ValidationError
            When a name is not in the report, or a number is out of range.
        """
        failed, _ = self._failed(
            baseline,
            margin=margin,
            min_share=min_share,
            specific=specific,
            adjusted=adjusted,
            models=models,
        )
        return not failed

    def raise_if_failed(
        self,
        baseline: str | Sequence[str] = PRIMARY_BASELINES,
        *,
        margin: float | None = None,
        min_share: float = 1.0,
        specific: bool = False,
        adjusted: bool = False,
        models: str | Sequence[str] | None = None,
    ) -> None:
        """Raise where `passed` would say False.

        Parameters
        ----------
        baseline : str or sequence of str
            As for `passed`, like all others.
        margin : float, optional
            Judge under this margin instead of the report's own.
        min_share : float, default 1.0
            Share of the testable targets at which each baseline must be beaten.
        specific : bool, default False
            Also ask for ``cell-type-specific``.
        adjusted : bool, default False
            Also ask for adjusted p-values.
        models : str or sequence of str, optional
            Models that must pass; default all.

        Raises
        ------
        GateError
            With the model, the baseline, both values, the difference with its interval, the
            verdict and what to look at next. It is an `AssertionError` too, for test suites.
        ValidationError
            When a name is not in the report, or a number is out of range.
        """
        failed, judged = self._failed(
            baseline,
            margin=margin,
            min_share=min_share,
            specific=specific,
            adjusted=adjusted,
            models=models,
        )
        if failed:
            raise gate.gate_error(failed, margin=judged.settings["margin"], adjusted=adjusted)

    def _failed(
        self,
        baseline: str | Sequence[str],
        *,
        margin: float | None,
        min_share: float,
        specific: bool,
        adjusted: bool,
        models: str | Sequence[str] | None,
    ) -> tuple[list[gate.Condition], "AuditReport"]:
        """Conditions that do not hold, and the report as judged under `margin`."""
        judged = self if margin is None else self.judge(margin)
        failed = gate.failed_conditions(
            judged.verdict,
            baselines=[baseline] if isinstance(baseline, str) else list(baseline),
            models=[models] if isinstance(models, str) else models,
            min_share=min_share,
            specific=specific,
            alpha=self._alpha if adjusted else None,
        )
        return failed, judged

    @property
    def _alpha(self) -> float:
        """Level of one-sided tests."""
        return 1.0 - float(self.settings["confidence_level"])

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
        """
        judge.check_margin(margin)
        settings = {**self.settings, "margin": float(margin)}
        tables = judge.judged_tables(self._tables(), self.settings, margin)
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
        models = self.verdict["model"].nunique()
        targets = self.verdict["target"].nunique()
        return f"<AuditReport: {models} models x {targets} targets; print() it for the answer>"

    def _repr_html_(self) -> str:
        """Give the summary as an HTML table, for notebooks."""
        return html.summary_table(self.summary)


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
