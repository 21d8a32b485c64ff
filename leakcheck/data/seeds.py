"""A seed, or what else an option takes in its place, as a generator of random numbers."""

from typing import Any

import numpy as np

from leakcheck.exceptions import ValidationError

__all__ = ["generator_of"]


def generator_of(random_state: Any) -> np.random.Generator:
    """Give the generator of a seed; numpy says which there are, this says whose fault it is."""
    try:
        return np.random.default_rng(random_state)
    except (TypeError, ValueError) as error:
        raise ValidationError(
            "`random_state` must be a whole number, 0 or more, or a numpy Generator; "
            f"{random_state!r} came. Give for example random_state=0."
        ) from error
