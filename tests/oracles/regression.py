"""Transformations of columns before a regression, written as in a textbook."""

import numpy as np
from scipy import stats


def normal_scores(values):
    """Standard normal quantiles of the mean ranks, each in the middle of its share."""
    return stats.norm.ppf((stats.rankdata(values) - 0.5) / len(values))


def standardised(columns):
    """Columns of mean 0 and variance 1; constant ones become 0."""
    spread = columns.std(axis=0)
    return (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1)
