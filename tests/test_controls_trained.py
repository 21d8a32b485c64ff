"""Controls on models that are really trained: a memoriser of loci, and one that reads a signal."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor

import leakcheck
from leakcheck.controls import average_feature, random_features, read_control, shuffle_labels
from leakcheck.features_check import constant_features, count_distinguished_loci

N_TARGETS = 4


class Task:
    """Rows of all pairs: a sequence-like input of the locus, a signal of the pair, labels."""

    def __init__(self):
        self.world = leakcheck.simulate.epigenome(n_loci=900, n_cell_types=16, random_state=4)
        self.targets = self.world.held_out(N_TARGETS)
        labels = self.world.labels
        names = np.array(labels.columns, dtype=object)
        self.locus = np.repeat(np.array(labels.index, dtype=object), len(names))
        self.cell_type = np.tile(names, len(labels))
        self.y = labels.to_numpy().ravel().astype(float)
        self.train = ~np.isin(self.cell_type, self.targets)
        rng = np.random.default_rng(0)
        self.sequence = np.repeat(rng.standard_normal((len(labels), 12)), len(names), axis=0)
        self.signal = (self.world.latent + 0.3 * rng.standard_normal(labels.shape)).reshape(-1, 1)

    def audit(self, model, X, y=None):
        """Train on the training rows (on other labels, if given), audit on the true ones."""
        y = self.y[self.train] if y is None else y
        model.fit(X[self.train], y)
        test = ~self.train
        predicted = pd.DataFrame(
            {"locus": self.locus[test], "c": self.cell_type[test], "p": model.predict(X[test])}
        ).pivot(index="locus", columns="c", values="p")
        labels = self.world.labels
        references = [name for name in labels.columns if name not in self.targets]
        return leakcheck.audit(
            {"m": predicted.loc[labels.index]}, labels, self.world.loci, train=references
        )


@pytest.fixture(scope="module")
def task():
    return Task()


def memoriser():
    """All rows of a locus are at distance 0: their mean label is what it predicts."""
    return KNeighborsRegressor(16 - N_TARGETS)


@pytest.fixture(scope="module")
def memory(task):
    return task.audit(memoriser(), task.sequence)


@pytest.fixture(scope="module")
def reader(task):
    return task.audit(LinearRegression(), task.signal)


def test_what_could_be_memorised_is_seen(task):
    X = np.hstack([task.sequence, task.signal])
    found = constant_features(X, task.locus, task.cell_type)
    assert found["tells_loci_apart"].tolist() == [True] * 12 + [False]
    assert count_distinguished_loci(X, task.locus, task.cell_type) == (900, 900)


def test_the_memoriser_does_as_well_on_random_features(task, memory):
    control = task.audit(memoriser(), random_features(task.locus, 12))
    assert read_control(memory, control, control="random-features").verdict == "stays"


def test_the_memoriser_does_as_well_on_labels_shuffled_within_loci(task, memory):
    y = shuffle_labels(task.y[task.train], task.locus[task.train], task.cell_type[task.train],
                       within="locus")  # fmt: skip
    control = task.audit(memoriser(), task.sequence, y)
    assert read_control(memory, control, control="labels-within-locus").verdict == "stays"


def test_nothing_is_left_of_it_on_labels_shuffled_within_cell_types(task, memory):
    y = shuffle_labels(task.y[task.train], task.locus[task.train], task.cell_type[task.train],
                       within="celltype")  # fmt: skip
    control = task.audit(memoriser(), task.sequence, y)
    assert read_control(memory, control, control="labels-within-celltype").verdict == "gone"


def test_the_average_as_input_is_all_that_it_knows(task, memory, reader):
    X = average_feature(task.y, task.locus, task.cell_type, train=task.train)[:, None]
    control = task.audit(LinearRegression(), X)
    found = read_control(memory, control, control="average-input", tolerance=0.15)
    assert found.verdict == "stays"
    # A model that reads the cell type keeps nearly all of it too: that is the pitfall, and why the
    # words send the reader to the verdict.
    honest = read_control(reader, control, control="average-input", tolerance=0.15)
    assert "verdict against the average activity" in honest.words


def test_the_reader_needs_its_signal(task, reader):
    control = task.audit(LinearRegression(), random_features(task.locus, 1))
    assert read_control(reader, control, control="random-features").verdict == "gone"
