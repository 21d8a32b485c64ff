"""An audit from every form on disk is the audit of the same data in memory, to the last bit."""

import json

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck import scale
from leakcheck.adapters import evaluation_set_from_bigwig, evaluation_set_from_parquet
from tests.scale.on_disk import World, wide_table


@pytest.fixture(scope="module")
def world():
    return World()


def content(report):
    """All of a report but how it was made."""
    found = json.loads(report.to_json())
    found["settings"].pop("scale", None)
    return found


def sorted_table(world):
    order = {name: at for at, name in enumerate(world.cell_types)}
    return world.long().sort_values("celltype", key=lambda c: c.map(order), kind="stable")


@pytest.mark.parametrize("train", [World().reference, None], ids=["named", "inferred"])
@pytest.mark.parametrize("signal", [None, "signal"])
def test_long_parquet(world, tmp_path, train, signal):
    path = tmp_path / "long.parquet"
    sorted_table(world).to_parquet(path, row_group_size=50, index=False)
    expected = leakcheck.audit(evaluation_set_from_parquet(path, train=train, signal=signal))
    options = {} if signal is None else {"signal": signal}
    options["partition_bytes"] = 1 << 16
    assert content(scale.audit(path, train=train, options=options)) == content(expected)


def test_parquet_in_folders_by_cell_type(world, tmp_path):
    path = tmp_path / "hive"
    sorted_table(world).to_parquet(path, partition_cols=["celltype"], index=False)
    expected = leakcheck.audit(evaluation_set_from_parquet(path, train=world.reference))
    assert content(scale.audit(path, train=world.reference)) == content(expected)


def test_wide_parquet(world, tmp_path):
    path = tmp_path / "wide.parquet"
    wide_table(world).to_parquet(path, row_group_size=30)
    models = {name: scores.astype(np.float32) for name, scores in world.models.items()}
    expected = leakcheck.audit(
        models, world.labels, world.loci, list(world.cell_types),
        train=world.reference, signal=world.signal,
    )  # fmt: skip
    assert content(scale.audit(path, train=world.reference)) == content(expected)


def test_zarr(world, tmp_path):
    pytest.importorskip("zarr", minversion="3", reason="zarr is not installed (extra scale)")
    from tests.scale.test_zarr_source import plain  # noqa: PLC0415

    path = plain(world, tmp_path / "d.zarr", chunks=(50, 2))
    expected = leakcheck.audit(world.build(signal=None))
    assert content(scale.audit(path, train=world.reference)) == content(expected)


@pytest.mark.parametrize("active_above", [None, 0.6])
def test_bigwig(tmp_path, active_above):
    pytest.importorskip("pyBigWig", reason="pyBigWig is not installed (extra bigwig)")
    from tests.scale.test_bigwig_source import track  # noqa: PLC0415

    lengths = {f"chr{number}": 6_000 + 200 * number for number in range(1, 13)}
    cells = ["K562", "H1", "A549", "HepG2", "GM12878"]
    labels = {
        name: track(tmp_path / f"{name}.bw", seed, lengths, everywhere=True)
        for seed, name in enumerate(cells)
    }
    scores = {"net": {"H1": track(tmp_path / "net.bw", 20, lengths, everywhere=True)}}
    rows = [(c, s, s + 200) for c, n in lengths.items() for s in range(0, n - 199, 200)]
    bins = pd.DataFrame(rows, columns=["chrom", "start", "end"])
    options = {"missing": "nan", "active_above": active_above}
    references = [name for name in cells if name != "H1"]
    expected = leakcheck.audit(
        evaluation_set_from_bigwig(scores, labels, bins, train=references, **options)
    )
    found = scale.audit(
        {"labels": labels, "predictions": scores},
        options={"bin_size": 200, **options},
        train=references,
    )
    assert content(found) == content(expected)
    assert "LK045" in set(found.findings["code"])
