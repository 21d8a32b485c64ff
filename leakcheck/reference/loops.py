"""Many steps of training in one call: a TensorFlow graph loop, and plain Keras for the others."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from leakcheck.reference import protocol as protocols
from leakcheck.reference.architecture import Architecture
from leakcheck.reference.batches import Inputs
from leakcheck.reference.first_convolution import FirstConvolution
from leakcheck.reference.parameters import N_BASES
from leakcheck.reference.runtime import backend, load_keras, load_tensorflow

__all__ = ["GraphLoop", "Loop", "PlainLoop", "batch_labels", "is_compiled", "make_loop"]

# Rows scored at once: bounded by what a convolution of 256 filters over 2 kb needs, 2 MB a row.
_SIGNAL_ROWS = 1 << 16
_SEQUENCE_ROWS = 64
# Networks of sequence up to this size are compiled: at 2 kb, up to 32 units.
_COMPILED_PARAMETERS = 400_000
# Steps in one call where a step takes long: Ctrl-C is heard between two calls.
_SLOW_STEPS = 50


class Loop(Protocol):
    """Trains one network; the weights can be set to start anew."""

    model: Any
    steps_per_call: int

    def start(self, weights: list[NDArray[np.float32]]) -> None:
        """Begin with these weights and an optimiser without memory."""

    def train(self, inputs: Inputs) -> float:
        """Train on whole mini-batches, row after row; the sum of their losses."""

    def scores(self, inputs: Inputs) -> NDArray[np.float32]:
        """Probabilities, one a row."""


def make_loop(architecture: Architecture, model: Any, protocol: protocols.Protocol) -> Loop:
    """Choose how a network is trained fastest.

    Parameters
    ----------
    architecture : Architecture
        What `model` is.
    model : keras.Model
        The network.
    protocol : Protocol
        The optimiser's numbers and the batch.

    Returns
    -------
    Loop
        With TensorFlow a `GraphLoop`, else a `PlainLoop`.

    Notes
    -----
    Chosen by measurement on two cores; ``python -m benchmarks.training`` measures what was chosen
    against ``model.fit``, in one run. Small networks do so little a step that everything but
    arithmetic must go: XLA makes one piece of machine code of an epoch. It is faster than
    TensorFlow's own graph for networks of signals of any size and for few dense units over 2 kb.
    The more units, the less: TensorFlow's kernels use every core. XLA's convolutions on a CPU are
    slower than TensorFlow's, so those networks are not compiled; the first of their convolutions
    is computed as `FirstConvolution` says.
    """
    if backend() != "tensorflow":
        return PlainLoop(architecture, model, protocol)
    return GraphLoop(architecture, model, protocol, compiled=is_compiled(architecture, model))


def is_compiled(architecture: Architecture, model: Any) -> bool:
    """Whether XLA compiles the loop of a network; see the notes of `make_loop`."""
    if architecture.convolutions:
        return False
    return not architecture.uses_sequence or model.count_params() <= _COMPILED_PARAMETERS


class GraphLoop:
    """Steps of training in one TensorFlow graph, no Python between them.

    Parameters
    ----------
    architecture : Architecture
        What `model` is.
    model : keras.Model
        The network.
    protocol : Protocol
        The optimiser's numbers and the batch.
    compiled : bool
        Whether XLA compiles the loop.
    """

    def __init__(
        self,
        architecture: Architecture,
        model: Any,
        protocol: protocols.Protocol,
        *,
        compiled: bool,
    ) -> None:
        self.model = model
        self.steps_per_call = _steps_per_call(protocol, quick=compiled)
        self._rows = _rows_at_once(architecture)
        self._protocol = protocol
        self._tf = tf = load_tensorflow()
        self._network = FirstConvolution(model) if architecture.convolutions else _call(model)
        self._weights = [variable.value for variable in model.trainable_variables]
        self._moments = [
            (tf.Variable(tf.zeros_like(w)), tf.Variable(tf.zeros_like(w))) for w in self._weights
        ]
        self._step = tf.Variable(0.0)
        self._labels = tf.constant(batch_labels(protocol.batch_size))
        self._train = self._traced(self._many_steps, jit_compile=compiled)
        self._score = self._traced(self._forward)

    def _traced(self, work: Callable[[list[Any]], Any], **options: Any) -> Any:
        """Make a graph of a method.

        TensorFlow warns of functions that it traces again and again, and takes one method of many
        loops for one function; a partial function is each time its own.
        """
        return self._tf.function(partial(work), autograph=False, reduce_retracing=True, **options)

    def start(self, weights: list[NDArray[np.float32]]) -> None:
        """Begin with these weights and an optimiser without memory."""
        self.model.set_weights(weights)
        self._step.assign(0.0)
        for moments in self._moments:
            for moment in moments:
                moment.assign(self._tf.zeros_like(moment))

    def train(self, inputs: Inputs) -> float:
        """Train on whole mini-batches, row after row; the sum of their losses."""
        size = self._protocol.batch_size
        parts = [part.reshape(-1, size, *part.shape[1:]) for part in _parts(inputs)]
        return float(self._train([self._tf.constant(part) for part in parts]))

    def scores(self, inputs: Inputs) -> NDArray[np.float32]:
        """Probabilities, one a row."""
        n = len(_parts(inputs)[0])
        pieces = [inputs.rows(slice(i, i + self._rows)) for i in range(0, n, self._rows)]
        found = [
            self._score([self._tf.constant(part) for part in _parts(piece)]).numpy()[:, 0]
            for piece in pieces
        ]
        return np.concatenate(found)

    def _forward(self, parts: list[Any]) -> Any:
        """Probabilities of a batch; bases become one-hot here and nowhere are kept so."""
        tf = self._tf
        read = [
            tf.one_hot(part, N_BASES) if part.dtype == tf.uint8 else part  # 4 gives no base
            for part in parts
        ]
        return self._network(read)

    def _many_steps(self, parts: list[Any]) -> Any:
        tf = self._tf

        def body(i: Any, total: Any) -> tuple[Any, Any]:
            return i + 1, total + self._one_step([part[i] for part in parts])

        n_steps = tf.shape(parts[0])[0]
        return tf.while_loop(lambda i, _: i < n_steps, body, (0, tf.constant(0.0)))[1]

    def _one_step(self, parts: list[Any]) -> Any:
        with self._tf.GradientTape() as tape:
            loss = _clipped_loss(self._labels, self._forward(parts), self._protocol.clip)
        self._apply(tape.gradient(loss, self._weights))
        return loss

    def _apply(self, gradients: list[Any]) -> None:
        """Adam in one pass over the weights: TensorFlow's kernel has the form of `Protocol`."""
        tf, numbers = self._tf, self._protocol
        self._step.assign_add(1.0)
        powers = [tf.pow(beta, self._step) for beta in (numbers.beta_1, numbers.beta_2)]
        rows = zip(self._weights, self._moments, gradients, strict=True)
        for weight, (first, second), gradient in rows:
            tf.raw_ops.ResourceApplyAdam(
                var=weight.handle,
                m=first.handle,
                v=second.handle,
                beta1_power=powers[0],
                beta2_power=powers[1],
                lr=numbers.learning_rate,
                beta1=numbers.beta_1,
                beta2=numbers.beta_2,
                epsilon=numbers.epsilon,
                grad=gradient,
            )


class PlainLoop:
    """The same training by ``model.fit``, for any backend of Keras.

    Parameters
    ----------
    architecture : Architecture
        What `model` is.
    model : keras.Model
        The network; it is compiled here.
    protocol : Protocol
        The optimiser's numbers and the batch.
    """

    def __init__(
        self, architecture: Architecture, model: Any, protocol: protocols.Protocol
    ) -> None:
        self.model = model
        self.steps_per_call = _steps_per_call(protocol, quick=not architecture.uses_sequence)
        self._rows = _rows_at_once(architecture)
        self._protocol = protocol
        self._keras = load_keras()
        self._compile()

    def start(self, weights: list[NDArray[np.float32]]) -> None:
        """Begin with these weights and an optimiser without memory."""
        # Not compiled anew: what the backend has compiled for the network before is kept.
        for variable in self.model.optimizer.variables:
            variable.assign(self._keras.ops.zeros(variable.shape, variable.dtype))
        self.model.optimizer.learning_rate = self._protocol.learning_rate
        self.model.set_weights(weights)

    def train(self, inputs: Inputs) -> float:
        """Train on whole mini-batches, row after row; the sum of their losses."""
        batches = self._batches(inputs)
        history = self.model.fit(batches, epochs=1, shuffle=False, verbose=0)
        return float(history.history["loss"][0]) * len(batches)

    def scores(self, inputs: Inputs) -> NDArray[np.float32]:
        """Probabilities, one a row."""
        n = len(_parts(inputs)[0])
        pieces = [inputs.rows(slice(i, i + self._rows)) for i in range(0, n, self._rows)]
        found = [self.model.predict_on_batch(_one_hot_parts(piece))[:, 0] for piece in pieces]
        return np.concatenate(found)

    def _compile(self) -> None:
        numbers = self._protocol
        adam = self._keras.optimizers.Adam(
            learning_rate=numbers.learning_rate,
            beta_1=numbers.beta_1,
            beta_2=numbers.beta_2,
            epsilon=numbers.epsilon,
        )
        self.model.compile(adam, lambda true, p: _clipped_loss(true, p, numbers.clip))

    def _batches(self, inputs: Inputs) -> Any:
        size, labels = self._protocol.batch_size, batch_labels(self._protocol.batch_size)
        n_steps = len(_parts(inputs)[0]) // size

        class Batches(self._keras.utils.PyDataset):  # type: ignore[name-defined,misc]
            """Mini-batches in order, one-hot when they are asked for."""

            def __len__(self) -> int:
                return n_steps

            def __getitem__(self, i: int) -> tuple[Any, NDArray[np.float32]]:
                return _one_hot_parts(inputs.rows(slice(i * size, (i + 1) * size))), labels

        return Batches()


def _call(model: Any) -> Callable[[list[Any]], Any]:
    """Let a model take a list of inputs where it has only one."""
    return lambda parts: model(parts if len(parts) > 1 else parts[0])


def batch_labels(size: int) -> NDArray[np.float32]:
    """Labels of every mini-batch: the active half first, (size, 1)."""
    return np.repeat(np.array([[1], [0]], dtype=np.float32), size // 2, axis=0)


def _clipped_loss(labels: Any, probabilities: Any, clip: float) -> Any:
    """Mean binary cross-entropy of probabilities held in [clip, 1 - clip]."""
    ops = load_keras().ops
    p = ops.clip(probabilities, clip, 1 - clip)
    return -ops.mean(labels * ops.log(p) + (1 - labels) * ops.log(1 - p))


def _parts(inputs: Inputs) -> list[NDArray[Any]]:
    """What the network takes, in its order."""
    return [part for part in (inputs.codes, inputs.signals) if part is not None]


def _one_hot_parts(inputs: Inputs) -> Any:
    bases = np.arange(N_BASES, dtype=np.uint8)
    parts = [
        (part[..., None] == bases).astype(np.float32) if part is inputs.codes else part
        for part in _parts(inputs)
    ]
    return tuple(parts) if len(parts) > 1 else parts[0]


def _steps_per_call(protocol: protocols.Protocol, *, quick: bool) -> int:
    """Steps between two looks at the keyboard: a whole epoch where that is a matter of seconds."""
    steps = protocol.steps_per_epoch
    return steps if quick else min(steps, _SLOW_STEPS)


def _rows_at_once(architecture: Architecture) -> int:
    return _SEQUENCE_ROWS if architecture.uses_sequence else _SIGNAL_ROWS
