"""A source of arrays in memory, cut into partitions, and the same data for `leakcheck.audit`."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from leakcheck.scale import Part, Partition


@dataclass
class ArraySource:
    """Implements `leakcheck.scale.Source` over arrays of loci x cell types."""

    labels: np.ndarray
    predictions: dict[str, np.ndarray]
    loci: pd.DataFrame
    cell_types: tuple[str, ...]
    signal: np.ndarray | None = None
    rows_each: int = 1000
    columns_each: int = 100
    families: dict[str, str] = field(default_factory=dict)
    label_kind: Any = None

    @property
    def n_loci(self):
        return len(self.labels)

    @property
    def models(self):
        return tuple(self.predictions)

    @property
    def has_signal(self):
        return self.signal is not None

    @property
    def score_dtypes(self):
        return {
            name: "float32" if values.dtype in (np.float16, np.float32) else "float64"
            for name, values in self.predictions.items()
        }

    @property
    def predicted(self):
        return {
            name: tuple(np.flatnonzero(~np.isnan(values).all(axis=0)).tolist())
            for name, values in self.predictions.items()
        }

    def partitions(self):
        found = []
        for low in range(0, self.n_loci, self.rows_each):
            rows = slice(low, min(low + self.rows_each, self.n_loci))
            for first in range(0, len(self.cell_types), self.columns_each):
                columns = range(first, min(first + self.columns_each, len(self.cell_types)))
                found.append(
                    Partition(
                        name=f"rows {rows.start} to {rows.stop}, cell types from {first}",
                        rows=rows,
                        columns=tuple(columns),
                        n_bytes=64 * (rows.stop - low) * len(columns),
                        has_loci=first == 0,
                    )
                )
        return tuple(found)

    def read(self, partition):
        rows, columns = partition.rows, list(partition.columns)
        return Part(
            rows=rows,
            columns=partition.columns,
            loci=self.loci.iloc[rows] if partition.has_loci else None,
            labels=self.labels[rows][:, columns],
            predictions={
                name: values[rows][:, columns].astype(self.score_dtypes[name])
                for name, values in self.predictions.items()
            },
            signal=None if self.signal is None else self.signal[rows][:, columns],
        )

    def notes(self, tally):
        return ()

    def in_memory(self) -> dict[str, Any]:
        """The same data as arguments of `leakcheck.audit`."""
        intervals = "chrom" in self.loci.columns
        arguments: dict[str, Any] = {
            "preds": dict(self.predictions),
            "labels": self.labels,
            "loci": self.loci if intervals else self.loci["id"].tolist(),
            "celltypes": list(self.cell_types),
        }
        if self.signal is not None:
            arguments["signal"] = self.signal
        if self.families:
            arguments["families"] = self.families
        return arguments
