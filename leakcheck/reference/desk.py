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
from leakcheck.reference.read_data import count_table, data_markdown
from leakcheck.reference.results import Audited, audit_models, baseline_table, score_table
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
_COMPARED: Final = {"signal", "sequence"}


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
    strata: pd.DataFrame | None = None
    audited: list[Audited] = field(default_factory=list)
    finished: str = ""

    def audit(self, records: Sequence[Record], n_models: int) -> None:
        """Audit every task in every setting, and keep reports and tables.

        Parameters
        ----------
        records : sequence of Record
            Every finished model of this configuration, whichever figures are drawn: a table is
            never cut to the figures of the last call.
        n_models : int
            Models of the whole preset.
        """
        self.finished = f"{len(records)} of {n_models} models are finished."
        groups: dict[tuple[str, str], list[Record]] = {}
        for record in records:
            groups.setdefault((record.job.task, record.job.trained_in), []).append(record)
        found = groups.pop((GAUSSIANS, GAUSSIANS), [])
        if found:
            self.gaussians = gaussian_table(found, self.preset.gaussians, self.seed)
        for (name, trained_in), group in groups.items():
            split = make_split(self.tasks[name], cast("TrainedIn", trained_in))
            for setting, pairs in split.test.items():
                self._keep(audit_models(self.tasks[name], setting, pairs, group))
        if self.audited:
            self.scores = score_table(self.audited, groups)
            self._table(self.scores, "scores")
        self._compare_families()

    def _compare_families(self) -> None:
        """Test signal against sequence inside groups of loci, where there are both."""
        for one in self.audited:
            families = set(one.report.settings["families"].values())
            if (one.task, one.setting) == (EXPRESSION, STRATA_SETTING) and families >= _COMPARED:
                self.strata, self.tests = family_strata(one.report), family_tests(one.report)
                self._table(self.strata, "figure-s3-models")

    def tell_data(self) -> None:
        """Write what was read, left out and chosen, and what is free at the tested loci."""
        self._table(count_table(self.tasks), "counts")
        self._table(baseline_table(self.tasks), "baselines")
        self._page("data.md", data_markdown(self.tasks))

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
            raise _nothing("finished models of expression or TAD boundaries", "none is")
        return draw_complexity(self.scores), self.scores

    def _figure_s1(self) -> "tuple[Figure, pd.DataFrame]":
        """Marks in two dimensions."""
        if EXPRESSION not in self.tasks:
            raise _nothing("the task expression", f"the data have {', '.join(self.tasks)}")
        table = embed_marks(self.tasks[EXPRESSION], n_points=self.preset.n_embedded, seed=self.seed)
        return draw_embedding(table), table

    def _figure_s2(self) -> "tuple[Figure, pd.DataFrame]":
        """Two Gaussians."""
        if self.gaussians is None:
            raise _nothing("finished networks of the two Gaussians", "none is")
        return draw_gaussians(self.gaussians), self.gaussians

    def _figure_s3(self) -> "tuple[Figure, pd.DataFrame]":
        """Families within groups of loci."""
        if self.strata is None or self.tests is None:
            raise _nothing("finished models of expression, of signal and of sequence", "one lacks")
        if not len(self.strata):
            raise _nothing("groups of loci with ten of each class", "none has")
        return draw_strata(self.strata, self.tests), self.tests

    def write_trends(self) -> pd.DataFrame:
        """Measure the trends and write them."""
        trends = compute_trends(self.scores, self.tests, self.gaussians)
        self._table(trends, "trends")
        self._page("trends.md", trends_markdown(trends, self._about()))
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
        head = f"Preset {self.preset.name}, seed {self.seed}. {self.preset.about}"
        return f"{head} {sizes}. {self.finished}".strip()

    def _n_fitting(self, task: Task) -> int:
        """Count the networks that the inputs of a task allow."""
        fitting = self.preset.architectures(
            window=task.window, n_marks=len(task.marks), seed=self.seed
        )
        return len(fitting)

    def _page(self, name: str, text: str) -> None:
        """Write a page."""
        path = self.output / name
        write_text(path, text)
        self.files.append(path)

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


def _nothing(needed: str, came: str) -> ValidationError:
    """What to say where a figure has nothing to show."""
    return ValidationError(
        f"it must have {needed}; {came}. Give data with more loci and inputs, or, where models "
        "failed or were left out, start the command again without naming figures."
    )
