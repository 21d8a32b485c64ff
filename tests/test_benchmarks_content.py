"""What benchmarks measure: the script's numbers, parts, slopes and peers. Nothing here is timed."""

import numpy as np
import pytest

from benchmarks import _measure, _parts, growth, peers, script
from benchmarks import audit as audit_benchmark
from benchmarks._rows import Row
from benchmarks._worlds import world


def test_the_script_gives_the_numbers_of_the_audit():
    data = world(4_000, 2, n_cell_types=12)
    found = script.audit(data.preds, data.labels, data.loci, script.Clock())
    numbers = audit_benchmark.numbers_of(audit_benchmark.audit(data))
    for target, own in found.items():
        for key, value in own.items():
            tolerance = 0.02 if key.startswith("information") else 1e-9
            assert value == pytest.approx(numbers[target][key], abs=tolerance), (target, key)
    assert len(found["C01"]) > 100


def test_the_script_leaves_out_loci_that_are_active_in_none_or_all_as_the_audit_does():
    y, count = np.tile([0, 1], 4), np.repeat([1, 2, 3, 3], 2)
    found = script.by_stratum(y, {"model": np.arange(8.0)}, count, 3)
    assert {key.split(",")[0] for key in found} == {"stratum 1", "stratum 2"}


def test_the_scripts_time_grows_as_measured_and_at_most_with_the_loci():
    plan = audit_benchmark.Plan(1_600, 6, 1, (100, 400), 2, None)
    small = {"fixed": 5.0, "both": 2.0, "linear": 1.0, "steeper": 1.0, "noise": 5.0}
    large = {"fixed": 5.0, "both": 5.0, "linear": 4.0, "steeper": 16.0, "noise": 4.9}
    found = audit_benchmark.extrapolated([small, large], plan)
    expected = {"fixed": 5.0, "both": 17.0, "linear": 16.0, "steeper": 64.0, "noise": 4.9}
    assert found == pytest.approx({stage: 3 * value for stage, value in expected.items()})


def test_the_world_is_the_same_twice_and_in_genome_order():
    first, second = world(500, 3, n_cell_types=5), world(500, 3, n_cell_types=5)
    for one, other in zip(first, second, strict=True):
        assert one.equals(other)
    assert first.labels.shape == (500, 5)
    assert first.preds.dtypes.unique().tolist() == [np.float32]
    assert (first.loci.groupby("chrom")["start"].diff().dropna() == 200).all()
    assert first.loci["chrom"].nunique() == 22


def test_time_of_kernels_and_libraries_goes_to_the_part_that_called_them():
    root = _parts._ROOT
    strata = (f"{root}stratified.py", 1, "strata_rows")
    ranking = (f"{root}metrics.py", 1, "evaluate")
    kernel = (f"{root}base/_keys.py", 1, "encode")
    sort = ("~", 0, "<method 'sort'>")
    stats = {
        strata: (1, 1, 0.0, 4.0, {}),
        ranking: (1, 1, 0.0, 1.0, {}),
        kernel: (2, 2, 0.0, 5.0, {strata: (1, 1, 0.0, 4.0), ranking: (1, 1, 0.0, 1.0)}),
        sort: (2, 2, 5.0, 5.0, {kernel: (2, 2, 5.0, 5.0)}),
    }
    assert _parts._Callers(stats).of(sort) == pytest.approx({"strata": 0.8, "ranking": 0.2})
    alone = {sort: (1, 1, 1.0, 1.0, {sort: (1, 1, 1.0, 1.0)})}
    assert _parts._Callers(alone).of(sort) == {"other": 1.0}


def test_parts_of_an_audit_make_the_whole():
    data = world(400, 1, n_cell_types=6)
    found = _parts.seconds_by_part(lambda: audit_benchmark.audit(data))
    parts = {part for _, part in _parts.PARTS}
    assert parts <= set(found)
    assert all(seconds >= 0 for seconds in found.values())


@pytest.mark.parametrize(("power", "passed"), [(1.0, True), (1.3, False)])
def test_growth_is_the_slope_of_the_logarithms(monkeypatch, power, passed):
    sizes = (10_000, 100_000, 1_000_000)
    rows = [Row(name=f"work, {n:,} rows", peer="", ratio=1.0, ours=n**power, n=n) for n in sizes]
    again = []
    monkeypatch.setattr(growth, "_again", lambda name, measured: again.append(name) or measured)
    row = growth._slope("work", rows)
    assert row.ratio == pytest.approx(power)
    assert row.passed == passed
    assert again == ([] if passed else ["work"])


def test_peers_that_are_not_installed_keep_their_lines(monkeypatch):
    monkeypatch.setattr(peers, "_absent", lambda module: True)
    data = peers.draw(500)
    rows = [*peers._torchmetrics(data), *peers._fairlearn(data, True), *peers._seqleak(data)]
    assert len(rows) == 6
    assert {row.skipped for row in rows} == {"not installed"}
    assert len({row.key for row in rows}) == 6


def test_peers_that_differ_in_their_numbers_are_not_timed(monkeypatch):
    monkeypatch.setattr(_measure, "cpu_times", None)
    with pytest.raises(AssertionError, match="work, a peer"):
        peers._pair("work", peers.draw(50), lambda: 1.0, lambda: 1.1, peer="a peer")
