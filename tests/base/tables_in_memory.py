"""Cross-fitted ridge on columns in memory, where an audit reads them chunk by chunk."""

import numpy as np

from leakcheck.base._ridge_tables import Regression
from leakcheck.base.chunks import Layout, Runs
from leakcheck.base.folded_features import FoldedFeatures
from leakcheck.base.level_columns import RowGroups
from leakcheck.base.ridge import Together


def folded(features, folds, *, chunk_rows=None, groups=None, **more):
    """A table of features; each fold is one block."""
    layout = Layout.of(Runs.of_codes(folds), np.arange(folds.max() + 1), chunk_rows)
    rows = np.ascontiguousarray(features.T)
    if groups is not None:
        small = groups.astype(np.uint8)
        groups = RowGroups(int(groups.max()) + 1, lambda chunk: small[chunk.rows])
    n_columns = features.shape[1]
    return FoldedFeatures.of(
        layout, lambda chunk: rows[:, chunk.rows], n_columns, groups=groups, **more
    )


def predicted(table, fits, responses, extras=None):
    """Predictions of fits on one table; all rows are in the table's order, (n, m) for each."""
    extras = [None] * len(fits) if extras is None else extras
    asked = [
        Regression(fit, in_order(own), None if extra is None else in_order(extra))
        for fit, own, extra in zip(fits, responses, extras, strict=True)
    ]
    together = Together(asked)
    parts = [together.predict(chunk) for chunk in table.layout.chunks]
    return [np.concatenate(rows, axis=1).T for rows in zip(*parts, strict=True)]


def in_order(columns):
    """Reads columns that are in the order of the table already."""
    rows = np.ascontiguousarray(columns.T)
    return lambda chunk: rows[:, chunk.places]
