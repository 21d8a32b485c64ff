"""A small task with a known answer: signals tell the label, a locus's sequence is its own."""

import numpy as np

from leakcheck.reference.architecture import Architecture
from leakcheck.reference.batches import LabelledPairs, TrainingData
from leakcheck.reference.protocol import Protocol

N_LOCI, N_CELL_TYPES, WINDOW, N_MARKS = 120, 4, 64, 3

SIGNAL = Architecture(kind="signal", signal_layers=2, signal_units=8)
DENSE = Architecture(kind="sequence-dense", layers=2, units=8)
CONVOLUTIONAL = Architecture(
    kind="sequence-convolutional", convolutions=2, filters=4, layers=1, units=8
)
BOTH = Architecture(kind="both", layers=1, units=8, signal_layers=1, signal_units=4, joint_units=4)
ALL = (SIGNAL, DENSE, CONVOLUTIONAL, BOTH)

SHORT = Protocol(steps_per_epoch=40, max_epochs=3, validation_size=100)


def pairs_of(labels, cell_types):
    locus = np.repeat(np.arange(len(labels)), len(cell_types))
    cell_type = np.tile(cell_types, len(labels))
    return LabelledPairs(locus=locus, cell_type=cell_type, label=labels[locus, cell_type])


def training_data(seed=0) -> TrainingData:
    """Half of the loci are active in every cell type but for one pair in ten."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 5, (N_LOCI, WINDOW)).astype(np.uint8)
    active = rng.random((N_LOCI, 1)) < 0.5
    labels = active ^ (rng.random((N_LOCI, N_CELL_TYPES)) < 0.1)
    noise = rng.standard_normal((N_LOCI, N_CELL_TYPES, N_MARKS))
    signals = (2.0 * labels[..., None] + noise).astype(np.float32)
    return TrainingData(
        codes=codes,
        signals=signals,
        train=pairs_of(labels, [0, 1, 2]),
        validation=pairs_of(labels, [3]),
    )
