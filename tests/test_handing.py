"""Work that is handed to other processes: once, from a file, and the same."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from leakcheck import ValidationError
from leakcheck._audit.handing import _read, handed
from leakcheck._cli.workers import processes
from tests.worlds import small_world


class Work:
    """Adds up rows of arrays, and counts how often it was pickled."""

    pickled = 0

    def __init__(self):
        self.table = np.arange(12.0).reshape(3, 4)
        self.columns = np.asfortranarray(self.table)
        self.flags = np.array([True, False, True])

    def __getstate__(self):
        Work.pickled += 1
        return self.__dict__

    def __call__(self, names):
        self.table += 1  # no other process sees it
        return [float(self.columns[self.flags].sum()) for _ in names]


@pytest.fixture
def pool():
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


def test_processes_map_the_arrays_from_one_file(pool):
    work = Work()
    before = Work.pickled
    with handed(work, pool) as given:
        path = given.path
        content = path.read_bytes()
        found = list(pool.map(given, [["a"], ["b", "c"], ["d"]]))
        assert given(["a"]) == found[0]
        mine = _read(given)
        assert np.array_equal(mine.table, work.table + 1)
        assert mine.columns.flags.f_contiguous
        for array in (mine.table, mine.columns, mine.flags):
            assert not array.flags.owndata
            assert array.ctypes.data % 64 == 0
        assert _read(given) is mine
        assert path.read_bytes() == content
    assert found == [[44.0], [44.0, 44.0], [44.0]]
    assert Work.pickled == before + 1
    assert not path.parent.exists()


@pytest.mark.parametrize("threads", [True, False])
def test_others_get_the_work_itself(threads):
    work = Work()
    with ThreadPoolExecutor(1) as pool, handed(work, pool if threads else None) as given:
        assert given is work


def test_a_function_that_processes_cannot_import_is_refused(pool):
    world = small_world()
    with pytest.raises(ValidationError, match=r"`executor` of processes .*lambda.* ThreadPoolEx"):
        world.audit(executor=pool, strata=lambda data, target: np.zeros(len(data.loci)))


def test_one_process_is_this_one_and_more_are_others():
    with processes(1) as executor:
        assert executor is None
    with processes(2) as executor:
        assert list(executor.map(abs, [-1, 2])) == [1, 2]
