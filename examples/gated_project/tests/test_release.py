"""What must hold before a model is released."""

import pytest
from predictor import MODELS, RELEASED, load_data
from sklearn.metrics import average_precision_score


@pytest.fixture(scope="module")
def data():
    return load_data()


@pytest.fixture(scope="module")
def predictions(data):
    return MODELS[RELEASED]().fit(data).predict(data)


def test_average_precision_is_high(data, predictions):
    """The usual test. Both versions pass it: most loci behave alike in all cell types."""
    for name in data.test:
        assert average_precision_score(data.labels[name], predictions[name]) > 0.95


@pytest.mark.leakcheck(specific=True)
def test_better_than_what_is_free(data, predictions, leakcheck_audit):
    """Better than the average activity and the nearest cell type, in every test cell type."""
    leakcheck_audit(
        predictions,
        data.labels,
        data.loci,
        train=data.train,
        signal=data.signal,
        name=RELEASED,
    )
