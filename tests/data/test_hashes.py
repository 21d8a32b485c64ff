"""Hashes of content: the same however numbers came, other for other numbers."""

import numpy as np
import pytest

from leakcheck.data.hashes import ColumnHash, LociHash, forms_of, hash_matrix, hash_text

RNG = np.random.default_rng(0)
BITS = np.where(RNG.random((501, 3)) < 0.1, np.nan, RNG.integers(0, 2, (501, 3)))
SINGLE = RNG.random((501, 2), dtype=np.float32)
DOUBLE = RNG.random((501, 2))


@pytest.mark.parametrize(
    ("matrix", "form"), [(BITS, "bits"), (SINGLE, "single"), (DOUBLE, "double"), (BITS > 0, "bits")]
)
def test_the_narrowest_form_is_found(matrix, form):
    assert forms_of(matrix) == [form] * matrix.shape[1]
    assert forms_of(matrix[:0]) == ["bits"] * matrix.shape[1]


def test_a_form_that_shows_late_is_found():
    late = np.zeros((400, 2))
    late[399, 1] = 0.1
    assert forms_of(late) == ["bits", "double"]
    late[399, 1] = 1e300
    assert forms_of(late) == ["bits", "double"]


@pytest.mark.parametrize("matrix", [BITS, SINGLE, DOUBLE])
def test_type_layout_and_chunks_change_nothing(matrix, monkeypatch):
    expected = hash_matrix(matrix)
    assert hash_matrix(np.asfortranarray(matrix.astype(np.float64))) == expected
    negated = -matrix.astype(np.float64)
    assert hash_matrix(-1.0 * negated) == expected  # with -0.0 for 0.0
    monkeypatch.setattr("leakcheck.data.hashes._HASHED", 24)
    assert hash_matrix(matrix) == expected


def test_whole_numbers_hash_as_floats_do():
    assert hash_matrix(np.array([[1, 0], [0, 1]])) == hash_matrix(np.eye(2))
    assert hash_matrix(np.eye(2, dtype=bool)) == hash_matrix(np.eye(2))


@pytest.mark.parametrize("matrix", [BITS, SINGLE, DOUBLE])
def test_any_other_number_changes_the_hash(matrix):
    other = matrix.copy()
    other[250, 1] = 1 - np.nan_to_num(other[250, 1])
    assert hash_matrix(other) != hash_matrix(matrix)
    assert hash_matrix(matrix[::-1]) != hash_matrix(matrix)
    assert hash_matrix(matrix[:, ::-1]) != hash_matrix(matrix)


def test_a_missing_label_is_no_zero():
    column = np.array([[0.0], [1.0]])
    assert hash_matrix(np.array([[np.nan], [1.0]])) != hash_matrix(column)


@pytest.mark.parametrize("step", [1, 3, 8, 13, 500])
def test_rows_may_come_in_turn(step):
    for matrix, form in ((BITS, "bits"), (SINGLE, "single"), (DOUBLE, "double")):
        whole, parts = ColumnHash(form), ColumnHash(form)
        whole.update(matrix[:, 0])
        for low in range(0, len(matrix), step):
            parts.update(matrix[low : low + step, 0])
        assert parts.digest() == whole.digest()


def test_loci_may_come_in_turn_and_texts_do_not_run_together():
    whole, parts = LociHash(has_coordinates=True), LociHash(has_coordinates=True)
    columns = [np.arange(4), np.arange(4) * 10, np.arange(4) * 10 + 5]
    whole.update(list("abcd"), *columns)
    parts.update(["a"], *(one[:1] for one in columns))
    parts.update(["b", "c", "d"], *(one[1:] for one in columns))
    assert parts.hexdigest(["x"]) == whole.hexdigest(["x"])
    assert parts.hexdigest(["y"]) != whole.hexdigest(["x"])
    assert hash_text(["ab", "c"]) != hash_text(["a", "bc"])
