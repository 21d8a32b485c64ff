"""What one part cannot know of the others when it is read."""

import numpy as np
import pytest

import leakcheck
from leakcheck.exceptions import ValidationError
from tests.scale.worlds import both_reports, make_source


def with_a_huge_score(labels):
    """In the second part, whose labels are 0 or missing."""
    source = make_source(dtype=np.float64)
    source.labels = labels(source)
    source.labels[211:422] = 0
    source.predictions["memoriser"][300, 0] = -1e200
    return source


def test_a_huge_score_where_labels_are_0_is_refused_for_those_of_other_parts():
    source = with_a_huge_score(lambda one: one.continuous)
    message = r"`preds\['memoriser'\]` must be below 1e\+75 in size when labels are real numbers"
    with pytest.raises(ValidationError, match=f"^{message}"):
        leakcheck.audit(**source.in_memory())
    with pytest.raises(ValidationError, match=f"^In rows 211 to 422, .*: {message}.* row 89, "):
        leakcheck.scale.audit(source)


def test_a_huge_score_is_fine_where_all_labels_are_binary():
    expected, found = both_reports(with_a_huge_score(lambda one: one.labels))
    assert found == expected
