"""The same real audit through every container gives the same JSON."""

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck.adapters import (
    evaluation_set_from_anndata,
    evaluation_set_from_bed,
    evaluation_set_from_bigwig,
    evaluation_set_from_parquet,
    evaluation_set_from_table,
    evaluation_set_from_xarray,
    read_table,
)
from leakcheck.reference.boundaries import PAPER_CELL_TYPES, bins_of, read_boundaries

TARGETS = ("E003", "E116")


class Audit:
    """One audit: loci x cell types, and what two models say of two targets."""

    def __init__(self, loci, ids, cell_types, targets, labels, signal):
        rng = np.random.default_rng(8)
        self.loci, self.ids, self.cell_types = loci, list(ids), list(cell_types)
        self.labels, self.signal = labels, signal
        self.train = [name for name in cell_types if name not in targets]
        seen = [self.cell_types.index(name) for name in self.train]
        average = labels[:, seen].mean(axis=1, keepdims=True)
        self.models = {}
        for name, weight in (("memoriser", 0.0), ("mixture", 0.4)):
            noise = rng.normal(size=labels.shape)
            scores = average + weight * labels + 0.2 * noise
            scores = scores.astype(np.float32).astype(np.float64)
            scores[:, seen] = np.nan
            self.models[name] = scores

    def wide(self, values):
        """A frame of loci x cell types."""
        return pd.DataFrame(values, index=self.ids, columns=self.cell_types)

    def long(self):
        """A row for each pair."""
        n, m = self.labels.shape
        frame = self.loci.assign(id=self.ids).loc[np.repeat(np.arange(n), m)]
        frame = frame.reset_index(drop=True).assign(celltype=self.cell_types * n)
        frame["label"] = self.labels.ravel()
        if self.signal is not None:
            frame["signal"] = self.signal.ravel()
        return frame.assign(**{name: scores.ravel() for name, scores in self.models.items()})

    @property
    def named_loci(self):
        """Intervals by id."""
        return self.loci.set_axis(self.ids)


def by_arrays(audit, folder):
    return leakcheck.build_evaluation_set(
        audit.models, audit.labels, audit.loci.assign(id=audit.ids), audit.cell_types,
        train=audit.train, signal=audit.signal,
    )  # fmt: skip


def by_wide_frames(audit, folder):
    return leakcheck.build_evaluation_set(
        {name: audit.wide(scores) for name, scores in audit.models.items()},
        audit.wide(audit.labels), audit.named_loci, train=audit.train,
        signal=None if audit.signal is None else audit.wide(audit.signal),
    )  # fmt: skip


def options(audit):
    return {"train": audit.train, "signal": None if audit.signal is None else "signal"}


def by_long_frame(audit, folder):
    return evaluation_set_from_table(audit.long(), **options(audit))


def by_csv(audit, folder):
    audit.long().to_csv(folder / "t.csv", index=False)
    return evaluation_set_from_table(read_table(folder / "t.csv"), **options(audit))


def by_parquet(audit, folder):
    audit.long().to_parquet(folder / "t.parquet")
    return evaluation_set_from_parquet(folder / "t.parquet", **options(audit))


def by_polars(audit, folder):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    return evaluation_set_from_table(polars.from_pandas(audit.long()), **options(audit))


def by_lazy_polars(audit, folder):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.from_pandas(audit.long()).lazy()
    return evaluation_set_from_table(frame, **options(audit))


def by_wide_polars(audit, folder):
    polars = pytest.importorskip("polars", reason="polars is not installed")

    def table(values):
        named = audit.named_loci.join(audit.wide(values)).rename_axis("id").reset_index()
        return polars.from_pandas(named)

    return evaluation_set_from_table(
        {name: table(scores) for name, scores in audit.models.items()},
        labels_frame=table(audit.labels),
        signal_frame=None if audit.signal is None else table(audit.signal),
        train=audit.train,
    )


def anndata_of(audit):
    anndata = pytest.importorskip("anndata", reason="anndata is not installed")
    layers = {name: scores.T for name, scores in audit.models.items()}
    if audit.signal is not None:
        layers["signal"] = audit.signal.T
    cells = pd.DataFrame(index=audit.cell_types)
    return anndata.AnnData(audit.labels.T, obs=cells, var=audit.named_loci, layers=layers)


def by_anndata(audit, folder):
    return evaluation_set_from_anndata(
        anndata_of(audit), predictions=list(audit.models), **options(audit)
    )


def by_backed_anndata(audit, folder):
    anndata_of(audit).T.copy().write_h5ad(folder / "t.h5ad")
    return evaluation_set_from_anndata(
        folder / "t.h5ad", predictions=list(audit.models), celltypes_in="var", **options(audit)
    )


def by_xarray(audit, folder):
    xarray = pytest.importorskip("xarray", reason="xarray is not installed")
    arrays = {"label": audit.labels, **audit.models}
    if audit.signal is not None:
        arrays["signal"] = audit.signal
    coords = {"locus": audit.ids, "celltype": audit.cell_types}
    coords |= {name: ("locus", audit.loci[name].to_numpy()) for name in audit.loci}
    dims = ("locus", "celltype")
    data = xarray.Dataset({name: (dims, a) for name, a in arrays.items()}, coords=coords)
    return evaluation_set_from_xarray(data, predictions=list(audit.models), **options(audit))


def rows_of(audit, values):
    """Lines of one cell type; what is not known has none."""
    triples = audit.loci.itertuples(index=False)
    return [(*x, v) for x, v in zip(triples, values.tolist(), strict=True) if not np.isnan(v)]


def files(audit, grid, folder, write):
    """One file for each cell type that has values."""
    folder.mkdir()
    columns = dict(zip(audit.cell_types, grid.T, strict=True))
    return {
        name: write(folder / name, rows_of(audit, values))
        for name, values in columns.items()
        if not np.isnan(values).all()
    }


def by_bed(audit, folder):
    def write(path, rows):
        path.write_text("".join(f"{c}\t{s}\t{e}\t.\t{v!r}\n" for c, s, e, v in rows))
        return path

    return evaluation_set_from_bed(
        {name: files(audit, scores, folder / name, write) for name, scores in audit.models.items()},
        files(audit, audit.labels, folder / "labels", write),
        train=audit.train,
    )


def by_bed_overlap(audit, folder):
    def write(path, rows):
        path.write_text("".join(f"{c}\t{s}\t{e}\t.\t{v!r}\n" for c, s, e, v in rows))
        return path

    calls = np.where(audit.labels == 1, 1.0, np.nan)
    return evaluation_set_from_bed(
        {name: files(audit, scores, folder / name, write) for name, scores in audit.models.items()},
        files(audit, calls, folder / "labels", write),
        labels_from="overlap",
        train=audit.train,
    )


def by_bigwig(audit, folder):
    pybigwig = pytest.importorskip("pyBigWig", reason="pyBigWig is not installed")

    def write(path, rows):
        chroms, starts, ends, values = (list(column) for column in zip(*rows, strict=True))
        with pybigwig.open(str(path), "w") as track:
            track.addHeader([(name, 250_000_000) for name in dict.fromkeys(chroms)])
            track.addEntries(chroms, starts, ends=ends, values=values)
        return path

    found = evaluation_set_from_bigwig(
        {name: files(audit, scores, folder / name, write) for name, scores in audit.models.items()},
        files(audit, audit.labels, folder / "labels", write),
        audit.loci,
        missing="nan",
        active_above=0.5,
        train=audit.train,
    )
    # The means of a track of 0 and 1 are a signal that says what the labels say.
    np.testing.assert_array_equal(found.signal, found.labels)
    return leakcheck.build_evaluation_set(
        dict(found.predictions), found.labels, found.loci, list(found.cell_types),
        train=audit.train,
    )  # fmt: skip


CONTAINERS = [
    by_wide_frames, by_long_frame, by_csv, by_parquet, by_polars, by_lazy_polars,
    by_wide_polars, by_anndata, by_backed_anndata,
    by_xarray,
]  # fmt: skip


def json_of(data):
    return leakcheck.audit(data).to_json()


@pytest.fixture(scope="module")
def genes(expression):
    """Expression of 18,915 genes in 56 cell types."""
    labels = expression.active.astype(float)
    loci = expression.loci.reset_index(drop=True)
    return Audit(loci, expression.genes, expression.cell_types, TARGETS, labels, expression.rpkm)


@pytest.fixture(scope="module")
def boundaries(real_data):
    """TAD boundaries of seven cell types in bins of 40 kb, on 22 chromosomes."""
    sizes = pd.read_csv(real_data / "bioframe" / "hg19.seqinfo.tsv", sep="\t", index_col="name")
    bins = bins_of({f"chr{i}": int(sizes["length"][f"chr{i}"]) for i in range(1, 23)})
    paths = {
        name: real_data / "tad-40kb" / f"{source}.bed" for name, source in PAPER_CELL_TYPES.items()
    }
    labels = read_boundaries(paths, bins).astype(float)
    # bigWig tracks are read base by base: 20 Mb of each chromosome are enough here.
    near = np.flatnonzero(bins.end <= 20_020_000)
    bins = bins.take(near)
    loci = pd.DataFrame({"chrom": bins.chrom, "start": bins.start, "end": bins.end})
    return Audit(loci, bins.ids, list(paths), ("H1",), labels[near], None)


@pytest.fixture(scope="module")
def expected(genes, boundaries):
    return {"genes": json_of(by_arrays(genes, None)), "tads": json_of(by_arrays(boundaries, None))}


@pytest.mark.parametrize("container", CONTAINERS)
def test_expression(genes, expected, container, tmp_path):
    assert json_of(container(genes, tmp_path)) == expected["genes"]


@pytest.mark.parametrize("container", [*CONTAINERS, by_bed, by_bed_overlap, by_bigwig])
def test_boundaries(boundaries, expected, container, tmp_path):
    assert json_of(container(boundaries, tmp_path)) == expected["tads"]
