"""One small data set, written in every form that a source reads, and a source read as a whole."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd

from leakcheck.data import build_evaluation_set
from leakcheck.scale.open import open_source
from tests.adapters.conftest import World

__all__ = ["World", "assembled", "assert_same", "opened", "wide_table"]


def wide_table(world, *, dtype=np.float32):
    """One row a locus; the reference has no columns of predictions."""
    columns = {}
    for at, name in enumerate(world.cell_types):
        columns[f"label:{name}"] = world.labels[:, at]
        columns[f"signal:{name}"] = world.signal[:, at]
        for model, scores in world.models.items():
            if not np.isnan(scores[:, at]).all():
                columns[f"prediction:{model}:{name}"] = scores[:, at].astype(dtype)
    return pd.concat([world.loci, pd.DataFrame(columns)], axis=1)


def opened(path, *, partition_bytes=4_000, **options):
    """A source that was sent to another process, in pieces far smaller than users may ask for."""
    source = pickle.loads(pickle.dumps(open_source(path, **options)))  # noqa: S301
    return replace(source, partition_bytes=partition_bytes)


def assembled(source):
    """All parts put together: every pair must come once, and every locus."""
    shape = (source.n_loci, len(source.cell_types))
    seen = np.zeros(shape, dtype=int)
    labels = np.full(shape, np.nan)
    scores = {m: np.full(shape, np.nan, dtype=source.score_dtypes[m]) for m in source.models}
    signal = np.full(shape, np.nan) if source.has_signal else None
    loci, tally = [], {}
    for partition in source.partitions():
        part = source.read(partition)
        assert (part.rows, part.columns) == (partition.rows, partition.columns)
        assert (part.loci is not None) == partition.has_loci
        assert partition.n_bytes > 0
        place = np.ix_(range(part.rows.start, part.rows.stop), part.columns)
        seen[place] += 1
        labels[place] = part.labels
        for model in source.models:
            assert part.predictions[model].dtype == source.score_dtypes[model]
            scores[model][place] = part.predictions[model]
        if signal is not None:
            signal[place] = part.signal
        if part.loci is not None:
            assert sum(map(len, loci)) == part.rows.start
            loci.append(part.loci.astype({"chrom": object}) if "chrom" in part.loci else part.loci)
        for name, count in part.tally.items():
            tally[name] = tally.get(name, 0) + count
    assert (seen == 1).all()
    for model in source.models:
        predicted = np.flatnonzero(~np.isnan(scores[model]).all(axis=0)).tolist()
        assert set(predicted) <= set(source.predicted[model])
    return pd.concat(loci, ignore_index=True), labels, scores, signal, source.notes(tally)


def assert_same(source, expected, **options):
    """A source read as a whole makes the evaluation set that came from memory."""
    loci, labels, scores, signal, _ = assembled(source)
    found = build_evaluation_set(
        scores,
        labels,
        loci["id"].tolist() if list(loci.columns) == ["id"] else loci,
        list(source.cell_types),
        signal=signal,
        families=dict(source.families) or None,
        label_kind=source.label_kind,
        **options,
    )
    assert found.loci.equals(expected.loci)
    assert found.cell_types == expected.cell_types
    assert found.models == expected.models
    assert found.families == expected.families
    assert found.label_kind == expected.label_kind
    np.testing.assert_array_equal(found.labels, expected.labels)
    for model in found.models:
        assert found.predictions[model].dtype == expected.predictions[model].dtype
        np.testing.assert_array_equal(found.predictions[model], expected.predictions[model])
    assert (found.signal is None) == (expected.signal is None)
    if found.signal is not None:
        np.testing.assert_array_equal(found.signal, expected.signal)
