"""A predictor of which loci are active in a new cell type, in two versions.

Both learn from 20 cell types and predict four others at the same loci. `SequenceModel` sees what a
network sees that reads the DNA of a locus: numbers that are the same in every cell type. All that
it can learn from them is how active each locus is on average. `MarksModel` sees measurements of the
cell type that it predicts.
"""

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from leakcheck.simulate import epigenome

#: The version to release: "marks", or "sequence" to see the gate close.
RELEASED = os.environ.get("RELEASE_MODEL", "marks")


@dataclass(frozen=True, kw_only=True)
class Data:
    """Measurements at 1,500 loci in 24 cell types (simulated)."""

    loci: pd.DataFrame
    labels: pd.DataFrame  # loci x cell types: 1 where active
    signal: pd.DataFrame  # loci x cell types: how active
    sequence: np.ndarray  # loci x 16: the same in every cell type, and different at every locus
    marks: np.ndarray  # loci x cell types x 3: noisy views of the activity
    train: list[str]
    test: list[str]

    def columns(self, names: list[str]) -> list[int]:
        """Positions of cell types."""
        return [self.labels.columns.get_loc(name) for name in names]


def load_data() -> Data:
    """Simulate the measurements."""
    world = epigenome(n_loci=1500, random_state=7)
    rng = np.random.default_rng(7)
    test = world.held_out(4)
    noise = rng.standard_normal((*world.latent.shape, 3))
    return Data(
        loci=world.loci,
        labels=world.labels,
        signal=world.signal,
        sequence=rng.standard_normal((len(world.loci), 16)),
        marks=world.latent[:, :, None] + 0.2 * world.latent.std() * noise,
        train=[name for name in world.cell_types if name not in test],
        test=test,
    )


class SequenceModel:
    """Nearest neighbours in the sequence: 20 examples of the same locus in training."""

    def fit(self, data: Data) -> "SequenceModel":
        """Learn from every pair of a locus and a training cell type."""
        n = len(data.train)
        self._model = KNeighborsClassifier(n_neighbors=n)
        self._model.fit(
            np.repeat(data.sequence, n, axis=0), data.labels[data.train].to_numpy().ravel()
        )
        return self

    def predict(self, data: Data) -> pd.DataFrame:
        """Probability of activity: loci x test cell types."""
        chance = self._model.predict_proba(data.sequence)[:, 1]
        return pd.DataFrame(dict.fromkeys(data.test, chance), index=data.labels.index)


class MarksModel:
    """Logistic regression on the marks of the cell type, and on the average of the others."""

    def fit(self, data: Data) -> "MarksModel":
        """Learn from every pair of a locus and a training cell type."""
        self._model = LogisticRegression(C=10.0)
        features = np.concatenate([self._features(data, name) for name in data.train])
        self._model.fit(features, data.labels[data.train].to_numpy().T.ravel())
        return self

    def predict(self, data: Data) -> pd.DataFrame:
        """Probability of activity: loci x test cell types."""
        chances = {
            name: self._model.predict_proba(self._features(data, name))[:, 1] for name in data.test
        }
        return pd.DataFrame(chances, index=data.labels.index)

    def _features(self, data: Data, name: str) -> np.ndarray:
        """Marks of one cell type, and the mean signal of the other training cell types."""
        others = [other for other in data.train if other != name]
        average = np.arcsinh(data.signal[others]).mean(axis=1)
        return np.column_stack([data.marks[:, data.columns([name])[0]], average])


MODELS = {"marks": MarksModel, "sequence": SequenceModel}
