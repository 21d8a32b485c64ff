import numpy as np
import pytest

from leakcheck import _cpu
from leakcheck.base import _sorting, ranking_in_place
from leakcheck.base.ranking import ranking_scores
from leakcheck.base.ranking_in_place import bytes_beside, ranking_scores_in_place

N = 200_000
RNG = np.random.default_rng(0)
SCORES = {
    "float32": RNG.standard_normal(N).astype(np.float32),
    "float64": RNG.standard_normal(N),
    "probabilities": RNG.random(N),
    "float64 of 32 bits": RNG.standard_normal(N).astype(np.float32).astype(np.float64),
    "few levels": RNG.integers(0, 20, N) / 19,
    "ties, and zeros of both signs": np.round(RNG.standard_normal(N), 3),
    "float32 that no code fits": (RNG.standard_normal(N) * 10.0 ** RNG.integers(-37, 37, N)).astype(
        np.float32
    ),
    "float64 that no code fits": RNG.standard_normal(N) * 10.0 ** RNG.integers(-300, 300, N),
    "few": RNG.standard_normal(7),
    "one": np.zeros(1),
}
BESIDE = {"float32 that no code fits": 8 * N, "float64 that no code fits": 48 * N}


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("kind", SCORES)
def test_scores_are_those_of_a_column_that_is_kept(kind, share):
    scores, asked = SCORES[kind].copy(), []
    labels = np.random.default_rng(1).random(scores.size) < share
    kept = labels.copy()
    found = ranking_scores_in_place(labels, scores, require=asked.append)
    np.testing.assert_array_equal(found, ranking_scores(labels, SCORES[kind]))
    np.testing.assert_array_equal(labels, kept)
    assert asked == ([BESIDE[kind]] if kind in BESIDE else [])


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_keys_take_the_memory_of_the_scores(kind, monkeypatch):
    scores, seen = SCORES[kind].copy(), []
    sort = ranking_in_place.sort_keys
    monkeypatch.setattr(
        ranking_in_place,
        "sort_keys",
        lambda keys: seen.append(np.shares_memory(keys, scores)) or sort(keys),
    )
    ranking_scores_in_place(np.arange(N) % 3 == 0, scores, require=print)
    assert seen == [True]


def test_what_is_refused_is_not_made():
    def refuse(n_bytes):
        raise MemoryError(n_bytes)

    scores = SCORES["float32 that no code fits"].copy()
    with pytest.raises(MemoryError, match=str(8 * N)):
        ranking_scores_in_place(np.ones(N, dtype=bool), scores, require=refuse)


@pytest.mark.parametrize(
    ("is_slow", "has_radix", "expected"),
    [(False, True, [0, 4]), (True, True, [4, 8]), (True, False, [0, 4])],
)
def test_a_radix_sort_takes_memory_beside(is_slow, has_radix, expected, monkeypatch):
    monkeypatch.setattr(_cpu, "numpy_sorts_slowly", lambda: is_slow)
    sort = (lambda keys: keys.sort()) if has_radix else None
    monkeypatch.setattr(_sorting, "compiled_radix_sort", lambda: sort)
    assert [bytes_beside(4), bytes_beside(8)] == expected
