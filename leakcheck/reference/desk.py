"""What a reproduction leaves behind: reports, tables, figures and trends, from finished models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import pandas as pd

from leakcheck._files import write_text
from leakcheck.exceptions import ValidationError
from leakcheck.reference.figures.complexity import draw_complexity
from leakcheck.reference.figures.embedding import draw_embedding, embed_marks
from leakcheck.reference.figures.gaussians import draw_gaussians
from leakcheck.reference.figures.strata import draw_strata, family_strata, family_tests
from leakcheck.reference.figures.style import save_figure
from leakcheck.reference.gaussians import GAUSSIANS, gaussian_table
from leakcheck.reference.presets import Preset
from leakcheck.reference.results import Audited, audit_models, score_table
from leakcheck.reference.settings import TrainedIn, make_split
from leakcheck.reference.store import Record
from leakcheck.reference.task import Task
from leakcheck.reference.trends import compute_trends, trends_markdown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EXPRESSION", "FIGURES", "STRATA_SETTING", "Desk"]

#: Figures of the paper that are drawn.
FIGURES: Final = ("1", "S1", "S2", "S3")
EXPRESSION: Final = "expression"
#: Setting of Figure S3.
STRATA_SETTING: Final = "cross-cell-type"
_COMPARED: Final = ("signal", "sequence")


@dataclass(kw_only=True)
class Desk:
    """Writes tables, reports and figures, and remembers which.

    Attributes
    ----------
    output : Path
        Folder; it must exist.
    tasks : mapping of str to Task
        Data.
    preset : Preset
        What was run.
    seed : int
        Seed of the sweep.
    files : list of Path
        What was written.
    skipped : list of str
        Figures that could not be drawn, with the reason.
    """

    output: Path
    tasks: Mapping[str, Task]
    preset: Preset
    seed: int
    files: list[Path] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    scores: pd.DataFrame | None = None
    tests: pd.DataFrame | None = None
    gaussians: pd.DataFrame | None = None
    audited: list[Audited] = field(default_factory=list)

    def audit(self, records: Sequence[Record], figures: Sequence[str]) -> None:
        """Audit every task in every setting, and keep reports and tables."""
        groups: dict[tuple[str, str], list[Record]] = {}
        for record in records:
            groups.setdefault((record.job.task, record.job.trained_in), []).append(record)
        found = groups.pop((GAUSSIANS, GAUSSIANS), [])
        if found:
            self.gaussians = gaussian_table(found, self.preset.gaussians, self.seed)
        for (name, trained_in), group in groups.items():
            split = make_split(self.tasks[name], cast("TrainedIn", trained_in))
            for setting, pairs in split.test.items():
                if setting == STRATA_SETTING or "1" in figures:
                    self._keep(audit_models(self.tasks[name], setting, pairs, group))
        if self.audited:
            self.scores = score_table(self.audited, groups)
            self._table(self.scores, "scores")

    def _keep(self, one: Audited) -> None:
        """Write a report."""
        self.audited.append(one)
        path = self._folder("reports") / f"{one.task}-{one.setting}.json"
        one.report.to_json(path)
        self.files.append(path)

    def draw(self, name: str) -> None:
        """Draw a figure, or say why it cannot be."""
        draw = {"1": self._figure_1, "S1": self._figure_s1}
        draw |= {"S2": self._figure_s2, "S3": self._figure_s3}
        try:
            figure, table = draw[name]()
        except ValidationError as error:
            self.skipped.append(f"Figure {name}: {error}")
            return
        title = "figure-1d-i" if name == "1" else f"figure-{name.lower()}"
        self.files += save_figure(figure, table, self._folder("figures"), title)

    def _figure_1(self) -> "tuple[Figure, pd.DataFrame]":
        """Score against number of parameters."""
        if self.scores is None:
            raise _nothing("models of the tasks")
        return draw_complexity(self.scores), self.scores

    def _figure_s1(self) -> "tuple[Figure, pd.DataFrame]":
        """Marks in two dimensions."""
        if EXPRESSION not in self.tasks:
            raise _nothing("expression data")
        table = embed_marks(self.tasks[EXPRESSION], n_points=self.preset.n_embedded, seed=self.seed)
        return draw_embedding(table), table

    def _figure_s2(self) -> "tuple[Figure, pd.DataFrame]":
        """Two Gaussians."""
        if self.gaussians is None:
            raise _nothing("networks of the two Gaussians")
        return draw_gaussians(self.gaussians), self.gaussians

    def _figure_s3(self) -> "tuple[Figure, pd.DataFrame]":
        """Families within groups of loci."""
        reports = [
            one.report
            for one in self.audited
            if (one.task, one.setting) == (EXPRESSION, STRATA_SETTING)
        ]
        if not reports or not set(_COMPARED) <= set(reports[0].settings["families"].values()):
            raise _nothing("models of expression of both signal and sequence")
        values, tests = family_strata(reports[0]), family_tests(reports[0])
        if not len(values):
            raise _nothing("group of loci with ten of each class")
        self.tests = tests
        self._table(values, "figure-s3-models")
        return draw_strata(values, tests), tests

    def write_trends(self) -> pd.DataFrame:
        """Measure the trends and write them."""
        trends = compute_trends(self.scores, self.tests, self.gaussians)
        self._table(trends, "trends")
        path = self.output / "trends.md"
        write_text(path, trends_markdown(trends, self._about()))
        self.files.append(path)
        return trends

    def _about(self) -> str:
        """What was run, for the head of the trends."""
        n_networks = len(self.preset.every_network(self.seed))
        sizes = "; ".join(
            f"{name}: {task.n_loci} loci x {len(task.cell_types)} cell types, window "
            f"{task.window} bp, {len(task.marks)} marks, {self._n_fitting(task)} of {n_networks} "
            "networks fit these inputs"
            for name, task in self.tasks.items()
        )
        return f"Preset {self.preset.name}, seed {self.seed}. {self.preset.about} {sizes}."

    def _n_fitting(self, task: Task) -> int:
        """Count the networks that the inputs of a task allow."""
        fitting = self.preset.architectures(
            window=task.window, n_marks=len(task.marks), seed=self.seed
        )
        return len(fitting)

    def _table(self, table: pd.DataFrame, name: str) -> None:
        """Write a table."""
        path = self._folder("tables") / f"{name}.csv"
        write_text(path, table.to_csv(index=False, lineterminator="\n", float_format="%.6g"))
        self.files.append(path)

    def _folder(self, name: str) -> Path:
        """Give a folder of the output."""
        folder = self.output / name
        folder.mkdir(exist_ok=True)
        return folder


def _nothing(what: str) -> ValidationError:
    """What to say where a figure has nothing to show."""
    return ValidationError(f"there is no {what}. Give data with it, and finish the sweep.")
