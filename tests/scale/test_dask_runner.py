"""Tasks on Dask workers: the same results whatever the workers, and whatever happens to them."""

import os
import pickle
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from leakcheck import scale
from leakcheck.base.counts import RankCounts
from leakcheck.base.ranking import ranking_scores
from leakcheck.exceptions import MissingDependencyError, ValidationError
from leakcheck.scale import dask_runner
from leakcheck.scale.dask_runner import DaskRunner, WorkerDiedError
from leakcheck.scale.parquet_wide import ParquetWide
from leakcheck.scale.rank_counts import rank_counts
from leakcheck.scale.source import CorruptPartitionError
from tests.scale.on_disk import World, opened, wide_table

distributed = pytest.importorskip(
    "distributed", reason="distributed is not installed (extra scale)"
)
import cloudpickle  # noqa: E402
import dask  # noqa: E402

# The workers are given what this file defines, for they do not import tests.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


@pytest.fixture(scope="module")
def frail():
    """One worker; a task may not outlive the death of its worker."""
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        runner = DaskRunner("local", n_workers=1)
    yield runner.client
    runner.close()


@pytest.fixture(scope="module")
def pair():
    with DaskRunner(True, n_workers=2) as runner:
        yield runner.client


@pytest.fixture(scope="module")
def four():
    with DaskRunner(None, n_workers=4) as runner:
        yield runner.client


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "w.parquet"
    wide_table(World()).to_parquet(path, row_group_size=20)
    return path


@pytest.fixture(scope="module")
def one_process(path):
    source = opened(path, partition_bytes=3_000)
    return scale.audit(source, train=World().reference).to_json()


def square(number):
    return number**2


def fail_at(bad, kind, number):
    if number == bad:
        raise kind(f"number {number}")
    return number


def fail_once(folder, number):
    marker = Path(folder, str(number))
    if not marker.exists():
        marker.touch()
        raise OSError("the file system was away")
    return number


def die_once(folder, number):
    marker = Path(folder, str(number))
    if number == 3 and not marker.exists():
        marker.touch()
        os._exit(1)
    return number


def die_first(marker, function, item):
    if not Path(marker).exists():
        Path(marker).touch()
        os._exit(1)
    return function(item)


def die(number):
    os._exit(number)


@dataclass(frozen=True)
class Deadly(ParquetWide):
    """The first worker that reads the third piece dies."""

    marker: str = ""

    def read(self, partition):
        if partition.rows.start == 40 and not Path(self.marker).exists():
            Path(self.marker).touch()
            os._exit(1)
        return super().read(partition)


def assert_same_counts(found, expected):
    assert list(found) == list(expected)
    for pair, counts in found.items():
        for name in ("thresholds", "positives", "negatives"):
            np.testing.assert_array_equal(getattr(counts, name), getattr(expected[pair], name))


def test_counts_give_the_metrics_of_all_rows(path):
    world, source = World(), opened(path, partition_bytes=3_000)
    assert len(source.partitions()) == 36
    found = rank_counts(source)
    assert list(found) == [(m, c) for m in ("good", "poor") for c in ("H1", "GM12878")]
    for (model, cell_type), counts in found.items():
        at = world.cell_types.index(cell_type)
        scores = world.models[model][:, at].astype(np.float32)
        expected = ranking_scores(world.labels[:, at] == 1, scores)
        merged = counts.ranking_scores()
        for name in ("average_precision", "expected_average_precision", "auroc"):
            assert getattr(merged, name) == pytest.approx(float(getattr(expected, name)), abs=1e-12)
        whole = RankCounts.from_scores(world.labels[:, at] == 1, scores)
        assert merged == whole.ranking_scores()


def test_counts_refuse_what_has_no_rank(tmp_path):
    table = wide_table(World())
    table["label:K562"] = 0.5
    table.to_parquet(tmp_path / "w.parquet")
    with pytest.raises(ValidationError, match=r"`labels` must be 0 or 1 .* the first is 0\.5"):
        rank_counts(tmp_path / "w.parquet")
    table = wide_table(World())
    table.loc[7, "prediction:good:H1"] = np.inf
    table.to_parquet(tmp_path / "w.parquet")
    with pytest.raises(ValidationError, match="1 of 'good' are infinite"):
        rank_counts(tmp_path / "w.parquet")


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["frail", "pair"])
def test_counts_are_the_same_on_any_number_of_workers(path, workers, request):
    source = opened(path, partition_bytes=3_000)
    client = request.getfixturevalue(workers)
    assert_same_counts(rank_counts(source, client=client), rank_counts(source))


@pytest.mark.slow
def test_counts_are_the_same_when_a_worker_dies(path, tmp_path, pair):
    source = opened(path, partition_bytes=3_000)
    fields = {name: getattr(source, name) for name in source.__dataclass_fields__}
    deadly = Deadly(**fields, marker=str(tmp_path / "died"))
    found = rank_counts(deadly, client=pair)
    assert (tmp_path / "died").exists()
    assert_same_counts(found, rank_counts(source))


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["frail", "pair", "four"])
def test_the_report_is_the_same_on_any_number_of_workers(
    path, one_process, tmp_path, workers, request
):
    source = opened(path, partition_bytes=3_000)
    client = request.getfixturevalue(workers)
    found = scale.audit(source, train=World().reference, client=client, scratch=tmp_path)
    assert found.to_json() == one_process
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_report_is_the_same_when_a_worker_dies_in_every_stage(
    path, one_process, tmp_path, pair, monkeypatch
):
    submit = DaskRunner._submit

    def deadly(self, function, items, what):
        return submit(self, partial(die_first, str(tmp_path / what), function), items, what)

    monkeypatch.setattr(DaskRunner, "_submit", deadly)
    source = opened(path, partition_bytes=3_000)
    found = scale.audit(source, train=World().reference, client=pair)
    assert len(list(tmp_path.iterdir())) >= 3
    assert found.to_json() == one_process


@pytest.mark.slow
def test_a_corrupt_piece_is_named_through_dask(path, tmp_path, pair):
    copy = tmp_path / "w.parquet"
    copy.write_bytes(path.read_bytes())
    source = opened(copy, partition_bytes=3_000)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 4 : len(whole) // 3] = bytes(len(whole) // 3 - len(whole) // 4)
    copy.write_bytes(whole)
    with pytest.raises(CorruptPartitionError) as here:
        rank_counts(source)
    with pytest.raises(CorruptPartitionError) as there:
        rank_counts(source, client=pair)
    assert str(there.value) == str(here.value)
    with pytest.raises(CorruptPartitionError, match=r"row group \d+ cannot be read"):
        scale.audit(source, train=World().reference, client=pair, scratch=tmp_path)
    assert list(tmp_path.iterdir()) == [copy]  # nothing is left behind


@pytest.mark.slow
def test_results_come_in_order_and_progress_is_told(four):
    told = []
    runner = DaskRunner(four)
    found = runner.map(square, range(40), done=lambda n, total: told.append((n, total)))
    assert found == [n**2 for n in range(40)]
    assert told == [(n, 40) for n in range(1, 41)]
    assert runner.map(square, []) == []
    assert runner.reduce(square, sum, range(100)) == sum(n**2 for n in range(100))
    runner.close()
    assert four.status == "running"  # it was given, so it is not ours to close


def wait(seconds, number):
    time.sleep(seconds)
    return os.getpid()


@pytest.mark.slow
@pytest.mark.parametrize("n_tasks", [4, 12])
def test_every_worker_gets_its_share(four, n_tasks):
    found = DaskRunner(four).map(partial(wait, 0.3), range(n_tasks))
    assert sorted(Counter(found).values()) == [n_tasks // 4] * 4


@pytest.mark.slow
def test_local_workers_keep_freed_memory_as_this_process_does(pair):
    found = pair.run(os.environ.get, "MALLOC_TRIM_THRESHOLD_")
    assert set(found.values()) == {os.environ.get("MALLOC_TRIM_THRESHOLD_")}


@pytest.mark.slow
def test_errors_come_as_they_were_raised(pair):
    runner = DaskRunner(pair, retries=0)
    with pytest.raises(ValidationError, match="number 5"):
        runner.map(partial(fail_at, 5, ValidationError), range(20))
    with pytest.raises(ValidationError, match="number 5"):
        runner.reduce(partial(fail_at, 5, ValidationError), sum, range(20))
    with pytest.raises(ZeroDivisionError, match="number 5"):
        runner.map(partial(fail_at, 5, ZeroDivisionError), range(20))
    assert runner.map(square, range(3)) == [0, 1, 4]


@pytest.mark.slow
def test_what_failed_for_a_moment_is_tried_again(pair, tmp_path):
    assert DaskRunner(pair).map(partial(fail_once, str(tmp_path)), range(4)) == [0, 1, 2, 3]


@pytest.mark.slow
def test_a_task_whose_worker_died_runs_again(pair, tmp_path):
    assert DaskRunner(pair).map(partial(die_once, str(tmp_path)), range(8)) == list(range(8))
    assert (tmp_path / "3").exists()


@pytest.mark.slow
def test_a_task_that_kills_every_worker_is_named(frail):
    with pytest.raises(WorkerDiedError, match=r"given task 1 of 1 \(targets\) died .* less|more"):
        DaskRunner(frail).map(die, [1], what="targets")


@pytest.mark.slow
def test_an_address_is_enough(pair, tmp_path):
    with DaskRunner(pair.scheduler.address) as runner:
        runner.check_folder(tmp_path)
        assert list(tmp_path.iterdir()) == []
        assert runner.map(square, [3]) == [9]
    assert runner.client.status == "closed"
    assert pair.status == "running"


@pytest.mark.parametrize("error", [OSError("nobody answers"), ValueError("missing port number")])
def test_an_address_without_a_scheduler_is_refused(monkeypatch, error):
    def refuse(*_, **__):
        raise error

    # Not a real attempt: a client that failed to connect is noisy when it is collected.
    monkeypatch.setattr(distributed.Client, "__init__", refuse)
    monkeypatch.setattr(distributed.Client, "__del__", lambda _: None)
    with pytest.raises(ValidationError) as caught:
        DaskRunner("tcp://10.0.0.1:8786")
    assert str(caught.value) == (
        "`client` must be the address of a running scheduler; 'tcp://10.0.0.1:8786' gives none "
        f"({error}). Write it as tcp://host:port, or leave it out."
    )


@pytest.mark.slow
def test_workers_must_see_the_folder_and_have_the_same_version(pair, tmp_path, monkeypatch):
    runner = DaskRunner(pair)
    monkeypatch.setattr(pair, "run", lambda f, *a: {"tcp://a": False, "tcp://b": False})
    with pytest.raises(ValidationError, match=r"`scratch` must be a folder .* 2 of 2 workers"):
        runner.check_folder(tmp_path)
    monkeypatch.setattr(pair, "run", lambda f: {"tcp://a": dask_runner._version(), "tcp://b": "0"})
    with pytest.raises(ValidationError, match=r"1 of 2 workers have another, .* tcp://b with 0"):
        DaskRunner(pair)


@pytest.mark.parametrize(
    ("client", "options", "message"),
    [
        (7, {}, "it is a int. For a cluster object pass"),
        ("local", {"n_workers": 0}, "`n_workers` must be a whole number, at least 1; it is 0"),
        ("local", {"retries": -1}, "`retries` must be a whole number, at least 0"),
        ("local", {"retries": True}, "`retries` must be a whole number"),
    ],
)
def test_clients_that_are_none(client, options, message):
    with pytest.raises(ValidationError, match=message):
        DaskRunner(client, **options)


def test_a_cluster_that_no_client_reaches_is_ended(monkeypatch):
    ended = []

    class Cluster:
        def close(self):
            ended.append(self)

    class Client(distributed.Client):
        def __init__(self, *_, **__):
            raise TimeoutError("no answer")

    monkeypatch.setattr(distributed, "LocalCluster", lambda **_: Cluster())
    monkeypatch.setattr(distributed, "Client", Client)
    with pytest.raises(TimeoutError, match="no answer"):
        DaskRunner(n_workers=1)
    assert len(ended) == 1


@pytest.mark.slow
def test_a_client_for_coroutines_is_refused(pair, monkeypatch):
    monkeypatch.setattr(type(pair), "asynchronous", property(lambda _: True))
    with pytest.raises(ValidationError, match="must be synchronous"):
        DaskRunner(pair)


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingDependencyError, match=r"pip install '\.\[scale\]'"):
        DaskRunner()


def test_an_answer_is_a_result_or_an_error_of_leakcheck():
    settled, merged = dask_runner._settled, dask_runner._merged
    assert settled(square, 3) == (None, 9)
    error, value = settled(partial(fail_at, 1, ValidationError), 1)
    assert value is None
    assert str(pickle.loads(pickle.dumps(error))) == "number 1"  # noqa: S301
    assert merged(sum, [(None, 1), (None, 2)]) == (None, 3)
    assert merged(sum, [(None, 1), (error, None)]) == (error, None)
    with pytest.raises(ZeroDivisionError):
        settled(partial(fail_at, 1, ZeroDivisionError), 1)


def test_counts_fold_as_a_tree(path):
    source = opened(path, partition_bytes=3_000)
    larger = replace(source, partition_bytes=1 << 25)
    assert len(larger.partitions()) == 1
    assert_same_counts(rank_counts(source), rank_counts(larger))
