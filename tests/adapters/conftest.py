"""One small audit, and its numbers in every container."""

import numpy as np
import pandas as pd
import pytest

import leakcheck


class World:
    """Labels, signal and predictions of two models at loci with coordinates."""

    def __init__(self) -> None:
        rng = np.random.default_rng(5)
        n, self.cell_types = 240, ("K562", "H1", "HepG2", "GM12878", "A549")
        chrom = np.repeat([f"chr{i}" for i in range(1, 13)], n // 12)
        start = np.tile(np.arange(n // 12) * 200, 12)
        self.loci = pd.DataFrame({"chrom": chrom, "start": start, "end": start + 200})
        effect = rng.normal(size=(n, 1))
        self.signal = (effect + rng.normal(size=(n, 5))).astype(np.float32).astype(np.float64)
        self.labels = (self.signal > 0).astype(float)
        self.labels[::17, 2] = np.nan
        self.reference = ["K562", "HepG2", "A549"]
        self.models = {}
        for name, noise in (("good", 0.5), ("poor", 3.0)):
            scores = (self.signal + noise * rng.normal(size=(n, 5))).astype(np.float32)
            scores[:, [0, 2, 4]] = np.nan
            self.models[name] = scores.astype(np.float64)

    @property
    def ids(self) -> list[str]:
        """Names of the loci: their intervals."""
        return [f"{c}:{s}-{e}" for c, s, e in self.loci.itertuples(index=False)]

    def build(self, **options: object) -> "leakcheck.EvaluationSet":
        """The set from arrays."""
        options = {"train": self.reference, "signal": self.signal} | options
        return leakcheck.build_evaluation_set(
            self.models, self.labels, self.loci, list(self.cell_types), **options
        )

    def long(self) -> pd.DataFrame:
        """One row per pair."""
        n, m = self.labels.shape
        frame = self.loci.loc[np.repeat(np.arange(n), m)].reset_index(drop=True)
        frame["celltype"] = list(self.cell_types) * n
        frame["label"], frame["signal"] = self.labels.ravel(), self.signal.ravel()
        return frame.assign(**{name: scores.ravel() for name, scores in self.models.items()})


@pytest.fixture(scope="session")
def world() -> World:
    return World()
