"""Floor 6: the controls that a referee would ask for, and how to read them."""

from leakcheck.controls.average import average_feature
from leakcheck.controls.random_inputs import random_features, random_sequences
from leakcheck.controls.reading import CONTROLS, ControlReading, read_control
from leakcheck.controls.shuffling import shuffle_labels

__all__ = [
    "CONTROLS",
    "ControlReading",
    "average_feature",
    "random_features",
    "random_sequences",
    "read_control",
    "shuffle_labels",
]
