"""The first convolution and its pooling in a form that TensorFlow computes faster on a CPU.

Of a network over 2 kb, the first convolution has by far the largest output, and the gradient of
max pooling alone takes a fifth of a step. Here one product is made for each of the four places in
a pooling window, the largest of the four is taken, and bias and ReLU follow on what is left: the
same numbers, for ``max(relu(x + b))`` is ``relu(max(x) + b)``, and the first of equal places gets
the gradient, as in TensorFlow's max pooling.
"""

from typing import Any

from leakcheck.reference.architecture import KERNEL, POOL
from leakcheck.reference.parameters import N_BASES
from leakcheck.reference.runtime import load_keras, load_tensorflow

__all__ = ["FirstConvolution"]


class FirstConvolution:
    """A convolutional network, computed in two parts that share its weights.

    Parameters
    ----------
    model : keras.Model
        Its first layers are the sequence, a convolution of kernel 8 and max pooling of 4.
    """

    def __init__(self, model: Any) -> None:
        self._tf = load_tensorflow()
        layers = load_keras().layers
        convolution = next(x for x in model.layers if isinstance(x, layers.Conv1D))
        pooling = next(x for x in model.layers if isinstance(x, layers.MaxPooling1D))
        self._kernel, self._bias = convolution.kernel, convolution.bias
        self._positions = pooling.output.shape[1]
        others = [x for x in model.inputs if x.name != "sequence"]
        self._rest = load_keras().Model([pooling.output, *others], model.output)

    def __call__(self, parts: list[Any]) -> Any:
        """Probabilities of one-hot sequences (batch, window, 4) and what else the network takes."""
        bases, *others = parts
        return self._rest([self._pooled(bases), *others])

    def _pooled(self, bases: Any) -> Any:
        """Convolve, pool and rectify: (batch, positions, filters)."""
        tf = self._tf
        filters = self._bias.shape[0]
        kernel = tf.reshape(self._kernel, (KERNEL * N_BASES, filters))
        first, second, third, fourth = (
            tf.matmul(self._frames(bases, place), kernel) for place in range(POOL)
        )
        largest = tf.maximum(tf.maximum(first, second), tf.maximum(third, fourth))
        rectified = tf.nn.relu(tf.nn.bias_add(largest, self._bias))
        return tf.reshape(rectified, (-1, self._positions, filters))

    def _frames(self, bases: Any, place: int) -> Any:
        """What the kernel sees at one place of every pooling window: (batch x positions, 32).

        The kernel is twice as long as the pooling: a frame is two neighbouring stretches of four.
        """
        tf, n = self._tf, self._positions
        stretch = bases[:, place : place + POOL * (n + 1)]
        fours = tf.reshape(stretch, (-1, n + 1, POOL * N_BASES))
        return tf.reshape(tf.concat([fours[:, :n], fours[:, 1:]], axis=2), (-1, KERNEL * N_BASES))
