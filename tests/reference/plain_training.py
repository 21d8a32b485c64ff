"""The same training on any backend: from given weights, on the same mini-batches.

Run as a module in a process of its own, with ``KERAS_BACKEND`` set:
``python -m tests.reference.plain_training WEIGHTS.npz RESULTS.npz``.
"""

import json
import sys

import numpy as np

from leakcheck.reference.batches import Balanced, Inputs
from leakcheck.reference.experiment import _versions
from leakcheck.reference.loops import make_loop
from leakcheck.reference.models import build
from leakcheck.reference.protocol import Protocol
from leakcheck.reference.training import fit, predict
from tests.reference.training_data import ALL, SHORT, SIGNAL, training_data

DATA = training_data()
PROTOCOL = Protocol(steps_per_epoch=15, epsilon=1e-4)


def network(architecture):
    """A network whose weights are the same each time, though not on every backend."""
    return build(architecture, window=DATA.window, n_marks=DATA.n_marks, seed=1)


def first_weights():
    """Initial weights of every network, by name and place."""
    return {
        f"{architecture.name}/{place}": weight
        for architecture in ALL
        for place, weight in enumerate(network(architecture).get_weights())
    }


def trained(starts):
    """Losses of three epochs, weights and scores after them; the third is a new start."""
    found = {}
    for architecture in ALL:
        loop = make_loop(architecture, network(architecture), PROTOCOL)
        n_weights = len(loop.model.get_weights())
        first = [starts[f"{architecture.name}/{place}"] for place in range(n_weights)]
        batches = Balanced(pairs=DATA.train, protocol=PROTOCOL, seed=0)
        inputs = [
            Inputs.of(architecture, DATA, DATA.train.take(batches.epoch(number).ravel()))
            for number in (1, 2)
        ]
        loop.start(first)
        losses = [loop.train(one) for one in inputs]
        found |= {
            f"{architecture.name}/weights/{place}": weight
            for place, weight in enumerate(loop.model.get_weights())
        }
        found[f"{architecture.name}/scores"] = loop.scores(
            Inputs.of(architecture, DATA, DATA.validation)
        )
        loop.start(first)
        found[f"{architecture.name}/losses"] = np.array([*losses, loop.train(inputs[0])])
        found[f"{architecture.name}/loop"] = np.array(type(loop).__name__)
    return found


def main(weights: str, results: str) -> None:
    """Train everything; keep it with the versions."""
    with np.load(weights) as file:
        found = trained(dict(file))
    fitted = [fit(SIGNAL, DATA, SHORT, seed=3) for _ in range(2)]
    signals = DATA.signals[:, 3]
    found |= {f"fit/{i}": predict(one, signals=signals) for i, one in enumerate(fitted)}
    np.savez(results, versions=np.array(json.dumps(_versions())), **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
