"""Limits of memory, and stretches that are smaller than the data."""

import numpy as np
import pytest
from numpy.lib import NumpyVersion

import leakcheck
from leakcheck.exceptions import ValidationError
from leakcheck.scale.budget import Budget, parse_bytes
from leakcheck.scale.loci_of_part import _intervals
from leakcheck.scale.loci_table import _check_fits
from leakcheck.scale.progress import show_progress
from leakcheck.scale.runner import LocalRunner
from tests.scale.worlds import both_reports, make_source


@pytest.mark.parametrize("first", [0, 80], ids=["whole", "none in the first stretch"])
def test_ties_are_counted_range_by_range_where_memory_is_small(monkeypatch, first):
    from leakcheck.scale import prepare, store  # noqa: PLC0415 - parts of them are replaced below

    source = make_source()
    for table in source.predictions.values():
        table[:] = np.round(table, 2)
        table[:first] = np.nan
    monkeypatch.setattr(store, "CHUNK", 64)
    expected, _ = both_reports(source)
    seen = []
    whole = prepare._edges

    def edges(store, model, target, n_parts):
        seen.append(n_parts)
        return whole(store, model, target, 4)

    monkeypatch.setattr(prepare, "_edges", edges)
    _, found = both_reports(source)
    assert seen
    assert found == expected


@pytest.mark.parametrize("memory", ["1 KiB", 1000, "10 MB"])
def test_too_little_memory_is_refused_before_anything_is_read(memory):
    source = make_source(n=300)
    seen = []
    source.read = seen.append
    with pytest.raises(ValidationError, match=r"`memory` must be at least .* for these data"):
        leakcheck.scale.audit(source, memory=memory)
    assert not seen


@pytest.mark.parametrize("memory", [0, -1, "", "much", "0 GiB", True, None, 1.5])
def test_what_is_no_amount_is_refused(memory):
    with pytest.raises(ValidationError, match="`memory` must be a number of bytes above 0"):
        parse_bytes(memory)


def test_a_column_that_does_not_fit_is_refused_with_the_least_limit():
    least = 208 if NumpyVersion(np.__version__) < "2.5.0" else 246  # which copies on the way
    with pytest.raises(ValidationError, match=f"`memory` must be at least {least} MiB to hold one"):
        Budget(1 << 26).require_sort(10_000_000, 4)
    with pytest.raises(ValidationError, match="`memory` must hold ids while they are put in order"):
        _check_fits(2, 1, "ids")
    _check_fits(1, 1, "ids")


def test_a_runner_tells_how_far_it_is():
    heard = []
    items = LocalRunner().map(str, [3, 4], done=lambda *pair: heard.append(pair), what="items")
    assert items == LocalRunner().map(str, [3, 4]) == ["3", "4"]
    assert heard == [(1, 2), (2, 2)]


def test_bars_are_shown_where_they_are_wanted(capsys):
    with show_progress(wanted=True) as bars:
        done = bars("targets")
        done(1, 2)
        done(2, 2)
    assert "2/2" in capsys.readouterr().out
    with show_progress(wanted=False) as bars:
        bars("targets")(1, 2)
    assert capsys.readouterr().out == ""


def test_odd_intervals_are_read_by_the_border():
    frame = make_source(n=200).loci
    plain = _intervals(frame)
    texts = _intervals(frame.assign(start=frame["start"].astype(float)))
    assert all(np.array_equal(a, b) for a, b in zip(plain, texts, strict=True))


def test_a_disk_that_is_too_small_is_refused_and_left_as_it_was(tmp_path, monkeypatch):
    class Usage:
        free = 10

    monkeypatch.setattr("leakcheck.scale.files.shutil.disk_usage", lambda folder: Usage)
    with pytest.raises(ValidationError, match="disk"):
        leakcheck.scale.audit(make_source(n=300), scratch=tmp_path)
    assert list(tmp_path.iterdir()) == []
