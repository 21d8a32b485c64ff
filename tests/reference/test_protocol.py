"""The numbers of the training."""

import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference.protocol import Protocol


def test_the_defaults_are_the_paper_s_and_those_of_keras_2_0_8():
    assert vars(Protocol()) == {
        "batch_size": 32,
        "steps_per_epoch": 400,
        "max_epochs": 100,
        "patience": 5,
        "validation_size": 3200,
        "weights": "final",
        "learning_rate": 0.001,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-8,
        "clip": 1e-7,
        "kernel_initializer": "glorot_uniform",
        "bias_initializer": "zeros",
    }


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("batch_size", 31, "even and at least 2"),
        ("validation_size", 0, "even and at least 2"),
        ("steps_per_epoch", 0, "at least 1"),
        ("max_epochs", 0, "at least 1"),
        ("patience", 0, "at least 1"),
        ("learning_rate", 0.0, "above 0"),
        ("epsilon", -1e-8, "above 0"),
        ("beta_1", 1.0, r"in \[0, 1\)"),
        ("beta_2", -0.1, r"in \[0, 1\)"),
        ("clip", 0.5, r"in \(0, 0.5\)"),
        ("weights", "last", "'final' or 'best'"),
    ],
)
def test_numbers_out_of_range_are_refused(name, value, rule):
    with pytest.raises(ValidationError, match=f"`{name}` must be {rule}"):
        Protocol(**{name: value})
