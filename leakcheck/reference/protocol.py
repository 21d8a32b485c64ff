"""How every network is trained: the paper's protocol, each default of Keras 2.0.8 stated."""

from dataclasses import dataclass
from typing import Literal

from leakcheck.exceptions import ValidationError

__all__ = ["Protocol"]

_AT_LEAST_ONE = ("steps_per_epoch", "max_epochs", "patience")


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """The numbers that decide how a network is trained; the defaults are the paper's.

    There is no regularisation: no weight decay, dropout, normalisation or augmentation.

    Parameters
    ----------
    batch_size : int, default 32
        Pairs in a mini-batch, half of them active. Each half is drawn with replacement.
    steps_per_epoch : int, default 400
        Mini-batches in an epoch.
    max_epochs : int, default 100
        Epochs at most.
    patience : int, default 5
        Training stops after so many epochs in a row whose validation loss is not below the
        lowest so far. ``EarlyStopping`` of Keras 2.0.8 stops one epoch later: it looks at its
        count before it adds to it.
    validation_size : int, default 3200
        Pairs in the validation batch, half of them active; drawn once, the same for every
        network and epoch.
    weights : {"final", "best"}, default "final"
        Which weights are kept: those after the last epoch, or those of the lowest validation
        loss. ``EarlyStopping`` of Keras 2.0.8 keeps the final ones: it has no
        ``restore_best_weights``.
    learning_rate : float, default 0.001
        Adam's step; Keras 2.0.8: ``lr=0.001``. It does not decay (``decay=0``).
    beta_1, beta_2 : float, default 0.9, 0.999
        Adam's memory of the gradient and of its square; Keras 2.0.8: the same.
    epsilon : float, default 1e-8
        Added to the root of the second moment; Keras 2.0.8: ``1e-8``; Keras 3 has 1e-7.
    clip : float, default 1e-7
        Probabilities are held in [clip, 1 - clip] before the logarithm of the loss, as in
        ``binary_crossentropy`` of Keras 2.0.8 (``K.epsilon()``).
    kernel_initializer, bias_initializer : str, default "glorot_uniform", "zeros"
        Of every dense layer and convolution; Keras 2.0.8: the same.

    Raises
    ------
    ValidationError
        When a number is out of its range.

    Notes
    -----
    With g the gradient of step t, Adam as Keras 2.0.8 has it (Kingma & Ba 2015, section 2, last
    form): ``m = b1 m + (1 - b1) g``, ``v = b2 v + (1 - b2) g^2``,
    ``p = p - lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon)``.

    Examples
    --------
    >>> Protocol().epsilon, Protocol(max_epochs=3).steps_per_epoch
    (1e-08, 400)
    """

    batch_size: int = 32
    steps_per_epoch: int = 400
    max_epochs: int = 100
    patience: int = 5
    validation_size: int = 3200
    weights: Literal["final", "best"] = "final"
    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    clip: float = 1e-7
    kernel_initializer: str = "glorot_uniform"
    bias_initializer: str = "zeros"

    def __post_init__(self) -> None:
        for name in _AT_LEAST_ONE:
            _require(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        for name in ("batch_size", "validation_size"):
            size = getattr(self, name)
            _require(name, size, size >= 2 and size % 2 == 0, "even and at least 2: half is active")
        for name in ("learning_rate", "epsilon"):
            _require(name, getattr(self, name), getattr(self, name) > 0, "above 0")
        for name in ("beta_1", "beta_2"):
            _require(name, getattr(self, name), 0 <= getattr(self, name) < 1, "in [0, 1)")
        _require("clip", self.clip, 0 < self.clip < 0.5, "in (0, 0.5)")
        kept = self.weights in ("final", "best")
        _require("weights", self.weights, kept, "'final' or 'best'")


def _require(name: str, value: object, kept: bool, rule: str) -> None:
    if not kept:
        raise ValidationError(f"`{name}` must be {rule}; got {value!r}. Give such a value.")
