"""A loss with its options, as a model keeps it."""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import losses
from .._backend import to_host

if TYPE_CHECKING:
    from ..layers import Layer

_ALIASES = {
    "mse": "mean_squared_error",
    "binary_crossentropy": "binary_cross_entropy",
    "categorical_crossentropy": "categorical_cross_entropy",
    "sparse_categorical_crossentropy": "sparse_categorical_cross_entropy",
}


class Loss:
    """A loss of `nonlin`, by name, with options.

    Parameters
    ----------
    name : str
        "mean_squared_error", "binary_cross_entropy", "categorical_cross_entropy" or
        "sparse_categorical_cross_entropy", or Keras's names of them.
    **options
        Of that function, such as ``label_smoothing=0.1``.

    Examples
    --------
    >>> from nonlin.models import Loss
    >>> Loss("mse")
    Loss('mean_squared_error')
    """

    def __init__(self, name: str, **options: Any) -> None:
        self.name = _ALIASES.get(name, name)
        if self.name not in losses.__all__:
            message = f"loss={name!r} is not known; pass one of {', '.join(losses.__all__)}"
            raise ValueError(message)
        if "reduction" in options:
            message = f"loss={name!r}: models take the mean; leave out reduction="
            raise ValueError(message)
        self._function = getattr(losses, self.name)
        _, _, *known = inspect.signature(self._function).parameters
        allowed = [option for option in known if option != "reduction"]
        if not set(options) <= set(allowed):
            message = f"loss={name!r} has the options {allowed}; got {sorted(options)}"
            raise ValueError(message)
        self.options = options

    def __repr__(self) -> str:
        words = [repr(self.name), *(f"{k}={v!r}" for k, v in self.options.items())]
        return f"Loss({', '.join(words)})"

    def __call__(self, predictions: Any, targets: Any) -> float:
        """Return the loss."""
        return float(self._function(predictions, targets, **self.options))

    def value_and_gradient(self, predictions: Any, targets: Any) -> tuple[float, Any]:
        """Return the loss and its gradient with respect to the predictions."""
        value, grad = self._function.value_and_gradient(predictions, targets, **self.options)
        return float(value), grad

    def weight(self, predictions: Any, targets: Any) -> float:
        """Return the sum of the weights over which the loss is a mean."""
        del predictions
        by_class = self.options.get("class_weight")
        weighted = by_class is not None and self.name == "sparse_categorical_cross_entropy"
        if self.ignored is None and not weighted:
            return float(math.prod(np.shape(targets)))
        counted = to_host(targets)
        if self.ignored is not None:
            counted = counted[counted != self.ignored]
        return float(np.take(to_host(by_class), counted).sum() if weighted else counted.size)

    @property
    def ignored(self) -> int | None:
        """The target that does not count."""
        return self.options.get("ignore_class")

    @property
    def axis(self) -> Any:
        """The axis of the classes."""
        return self.options.get("axis", -1)

    @property
    def is_binary(self) -> bool:
        """Whether targets answer yes-no questions."""
        return self.name == "binary_cross_entropy"

    def get_config(self) -> dict[str, Any]:
        """Return the name and the options."""
        return {"name": self.name, "options": self.options}


def refuse_probabilities(head: Layer, loss: Any) -> None:
    """Refuse a head that makes probabilities for a loss that makes them itself."""
    if not isinstance(loss, Loss) or loss.name == "mean_squared_error":
        return
    if loss.options.get("from_logits", True) and head.activation_name in {"sigmoid", "softmax"}:
        message = (
            f"compile: {loss.name} takes logits, but {head.name} ends with {head.activation_name}; "
            "leave that out"
        )
        raise ValueError(message)


class _Own:
    """A loss of the user's."""

    is_binary = False
    ignored = None
    axis = -1

    def __init__(self, function: Any) -> None:
        self._function = function

    def __call__(self, predictions: Any, targets: Any) -> float:
        return float(self._function.value_and_gradient(predictions, targets)[0])

    def value_and_gradient(self, predictions: Any, targets: Any) -> tuple[float, Any]:
        value, grad = self._function.value_and_gradient(predictions, targets)
        return float(value), grad

    def weight(self, predictions: Any, targets: Any) -> float:
        del targets
        return float(len(predictions))

    def get_config(self) -> Any:
        return self._function


def get(loss: Any) -> Any:
    """Find a loss: a name, a `Loss`, a function of `nonlin`, or what has value_and_gradient."""
    if isinstance(loss, str):
        return Loss(loss)
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, dict):
        return Loss(loss["name"], **loss["options"])
    name = getattr(loss, "name", None)
    if isinstance(name, str) and getattr(losses, name, None) is loss:
        return Loss(name)
    if hasattr(loss, "value_and_gradient"):
        return _Own(loss)
    message = (
        f"loss={loss!r} is not known; pass a name, a Loss, or an object with a method "
        "value_and_gradient(predictions, targets)"
    )
    raise ValueError(message)
