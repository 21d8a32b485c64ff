"""The radix sort of the extra `fast`: the order that numpy gives, compiled and not."""

import builtins
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from leakcheck import _cpu
from leakcheck.base import _radix, _sorting
from leakcheck.base._radix import compiled_radix_sort, radix_sort
from leakcheck.base._sorting import sort_keys
from leakcheck.base.ranking import ranking_scores

RNG = np.random.default_rng(0)
KEYS = {
    "none": np.array([], dtype=np.uint32),
    "one": np.array([7], dtype=np.uint64),
    "equal": np.full(50, 2**63, dtype=np.uint64),
    "one digit": RNG.integers(0, 256, 300).astype(np.uint32) << np.uint32(8),
    "uint32": RNG.integers(0, 2**32, 400, dtype=np.uint32),
    "uint64": RNG.integers(0, 2**64, 400, dtype=np.uint64),
    "long ties": np.repeat(np.array([3, 2**40, 5], dtype=np.uint64), [200, 90, 1]),
    "floats": np.sort(RNG.random(3000)).astype(np.float32).view(np.uint32)[::-1].copy(),
    "ends": np.array([2**64 - 1, 0, 2**63, 2**63 - 1, 1], dtype=np.uint64),
}


@pytest.fixture
def fresh():
    """What is remembered of numba and the processor is forgotten, before and after."""
    compiled_radix_sort.cache_clear()
    yield
    compiled_radix_sort.cache_clear()


@pytest.fixture(params=[8, 16_384])
def part(request, monkeypatch):
    """Keys are parted, and sorted as one part."""
    monkeypatch.setattr(_radix, "_PART", request.param)


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize("name", KEYS)
def test_it_sorts_as_numpy_does(name):
    keys = KEYS[name].copy()
    radix_sort(keys)
    assert_array_equal(keys, np.sort(KEYS[name]))


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize("name", KEYS)
def test_compiled_it_sorts_as_numpy_does(name):
    pytest.importorskip("numba")
    keys = KEYS[name].copy()
    compiled_radix_sort()(keys)
    assert_array_equal(keys, np.sort(KEYS[name]))


@pytest.mark.parametrize("kind", [np.uint32, np.uint64])
def test_many_keys_go_to_more_keys_a_part(kind, monkeypatch):
    monkeypatch.setattr(_radix, "_PART", 8)
    monkeypatch.setattr(_radix, "_MOST_PARTS", 4)
    keys = RNG.integers(0, np.iinfo(kind).max, 500, dtype=kind)
    sizes = []

    def sort_part(one, *rest):
        sizes.append(one.size)
        _radix._sort_part(one, *rest)

    expected = np.sort(keys)
    radix_sort(keys, _radix._Loops(sort_part=sort_part))
    assert_array_equal(keys, expected)
    assert len(sizes) <= 4
    assert sum(sizes) == 500


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
def test_scores_are_the_same_to_the_last_bit_where_numpy_sorts_slowly(kind, monkeypatch):
    pytest.importorskip("numba")
    rng = np.random.default_rng(0)
    labels, scores = rng.random(20_000) < 0.3, (1e6 * rng.standard_normal(20_000)).astype(kind)
    expected = ranking_scores(labels, scores)
    monkeypatch.setattr(_cpu, "numpy_sorts_slowly", lambda: True)
    called = []
    compiled = compiled_radix_sort()
    monkeypatch.setattr(
        _sorting, "compiled_radix_sort", lambda: lambda keys: called.append(compiled(keys))
    )
    assert ranking_scores(labels, scores) == expected
    assert called


def test_numpy_sorts_where_it_sorts_well_or_there_is_little_to_sort(monkeypatch):
    monkeypatch.setattr(_sorting, "compiled_radix_sort", lambda: pytest.fail("not asked for"))
    for slow, size in ((False, 20_000), (True, 100)):
        monkeypatch.setattr(_cpu, "numpy_sorts_slowly", lambda slow=slow: slow)
        keys = RNG.integers(0, 2**32, size, dtype=np.uint32)
        expected = np.sort(keys)
        sort_keys(keys)
        assert_array_equal(keys, expected)


@pytest.mark.usefixtures("fresh")
def test_numpy_sorts_where_the_extra_is_absent(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(_cpu, "numpy_sorts_slowly", lambda: True)
    assert compiled_radix_sort() is None
    keys = RNG.integers(0, 2**32, 20_000, dtype=np.uint32)
    expected = np.sort(keys)
    sort_keys(keys)
    assert_array_equal(keys, expected)


def test_it_is_compiled_without_a_cache_where_nothing_can_be_written():
    class Numba:
        def __init__(self):
            self.asked = []

        def njit(self, **options):
            self.asked.append(options)
            if options.get("cache"):
                raise RuntimeError("cannot cache function: no locator available")
            return lambda function: function

    numba = Numba()
    assert _radix._jit(numba, builtins.abs) is builtins.abs
    assert numba.asked == [{"cache": True, "nogil": True}, {"nogil": True}]
