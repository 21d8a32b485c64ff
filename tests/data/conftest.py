import numpy as np
import pandas as pd
import pytest

from leakcheck.data import EvaluationSet, build_evaluation_set

CELL_TYPES = ("E001", "E002", "E003", "E004")


class Example:
    """Labels of 24 loci x 4 cell types, and predictions of E003 by two models."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.loci = [f"chr{1 + i % 3}:{1000 * i}-{1000 * i + 200}" for i in range(24)]
        self.cell_types = CELL_TYPES
        self.labels = (rng.random((24, 4)) < 0.5).astype(float)
        self.scores = {model: np.full((24, 4), np.nan) for model in ("first", "second")}
        for scores in self.scores.values():
            scores[:, 2] = rng.random(24)
        self.train = ["E001", "E002", "E004"]

    def wide(self, values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(values, index=self.loci, columns=list(self.cell_types))

    @property
    def wide_labels(self) -> pd.DataFrame:
        return self.wide(self.labels)

    @property
    def wide_preds(self) -> pd.DataFrame:
        """Predictions of E003 alone, as a model of one cell type gives them."""
        return self.wide(self.scores["first"])[["E003"]]

    @property
    def table(self) -> pd.DataFrame:
        """One row per pair, locus by locus."""
        return pd.DataFrame(
            {
                "locus": np.repeat(np.array(self.loci, dtype=object), 4),
                "celltype": np.tile(np.array(self.cell_types, dtype=object), 24),
                "label": self.labels.ravel(),
                "first": self.scores["first"].ravel(),
                "second": self.scores["second"].ravel(),
                "reference": np.tile([True, True, False, True], 24),
            }
        )

    @property
    def columns(self) -> tuple[pd.Series, ...]:
        """The long form: predictions, labels, loci, cell types."""
        return tuple(self.table[name] for name in ("first", "label", "locus", "celltype"))

    @property
    def intervals(self) -> pd.DataFrame:
        """One row per locus, with a column that is ignored."""
        parts = [locus.replace("-", ":").split(":") for locus in self.loci]
        frame = pd.DataFrame(parts, columns=["chrom", "start", "end"])
        return frame.astype({"start": int, "end": int}).assign(strand="+")

    @property
    def multi_index(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_frame(self.intervals[["chrom", "start", "end"]])


@pytest.fixture
def example() -> Example:
    return Example()


@pytest.fixture
def long(example):
    """Build from the long table with some arguments replaced."""

    def build(*, drop_train=False, **replaced):
        table = example.table
        arguments = {
            "preds": table["first"].to_numpy(),
            "labels": table["label"].to_numpy(),
            "loci": table["locus"].to_numpy(),
            "celltypes": table["celltype"].to_numpy(),
            "train": None if drop_train else example.train,
        }
        return build_evaluation_set(**(arguments | replaced))

    return build


@pytest.fixture
def wide(example):
    def build(**replaced):
        arguments = {
            "preds": example.wide_preds,
            "labels": example.wide_labels,
            "train": example.train,
        }
        return build_evaluation_set(**(arguments | replaced))

    return build


@pytest.fixture
def expected(example) -> EvaluationSet:
    """What every form of the example must give."""
    return build_evaluation_set(example.wide_preds, example.wide_labels, train=example.train)
