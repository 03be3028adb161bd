"""Metrics: numbers that say how good predictions are, over all batches of an epoch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ._backend import namespace, to_host, together
from ._rows import plain

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Metric",
    "accuracy",
    "binary_accuracy",
    "mean_absolute_error",
    "mean_squared_error",
    "r2",
]


class Metric:
    """Adds up what a function of (predictions, targets) returns for each sample.

    One number for a whole batch counts as that of each of its samples.

    Parameters
    ----------
    name : str
    function : callable
        Takes predictions and targets; returns an array of numbers whose first axis is the batch,
        one for each number of the predictions, or a single one.
    """

    def __init__(self, name: str, function: Callable[[Any, Any], Any]) -> None:
        self.name = name
        self._function = function
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self._sum, self._count = 0.0, 0

    def update(self, predictions: Any, targets: Any) -> None:
        """Add the samples of a batch."""
        values = np.asarray(to_host(self._function(predictions, targets)), np.float64)
        shape = np.shape(predictions)
        if values.ndim == 0:
            values = np.broadcast_to(values, shape[:1])
        elif values.shape[:1] != shape[:1] and values.size != math.prod(shape):
            message = (
                f"metric {self.name}: got shape {values.shape} for predictions of {shape}; return "
                "a number for each sample, or one for the batch"
            )
            raise ValueError(message)
        self._sum += float(values.sum())
        self._count += values.size

    def result(self) -> float:
        """Return the mean over all samples; NaN if there were none."""
        return self._sum / self._count if self._count else float("nan")


class _R2(Metric):
    """1 - (sum of squared errors) / (sum of squared deviations from the mean target)."""

    def __init__(self) -> None:
        super().__init__("r2", lambda p, t: p - t)

    def reset(self) -> None:
        self._n, self._mean, self._spread, self._errors = 0, 0.0, 0.0, 0.0

    def update(self, predictions: Any, targets: Any) -> None:
        predictions, targets = _of_one_shape("r2", predictions, targets)
        p, t = (np.asarray(to_host(a), np.float64).ravel() for a in (predictions, targets))
        self._errors += float(np.square(p - t).sum())
        # T. Chan, G. Golub, R. LeVeque, 1979: two samples put together
        if t.size:
            mean, n = float(t.mean()), self._n + t.size
            shift = mean - self._mean
            self._spread += float(np.square(t - mean).sum()) + shift**2 * self._n * t.size / n
            self._mean += shift * t.size / n
            self._n = n

    def result(self) -> float:
        return 1 - self._errors / self._spread if self._spread else float("nan")


def accuracy(predictions: Any, targets: Any) -> Any:
    """Return for each sample whether the largest prediction is that of the target's class.

    Parameters
    ----------
    predictions : array_like, shape (batch, ..., classes)
        Logits or probabilities.
    targets : array_like, shape (batch, ...) or that of the predictions
        Class numbers, or one-hot rows.

    Returns
    -------
    ndarray of bool, shape (batch, ...)
    """
    p, t = plain("accuracy", predictions), plain("accuracy", targets)
    if p.shape[-1:] in {(), (1,)}:
        shape = tuple(p.shape)
        message = f"accuracy: predictions of shape {shape} have one class; use binary_accuracy"
        raise ValueError(message)
    if t.shape not in {p.shape, p.shape[:-1]}:
        shapes = tuple(t.shape), tuple(p.shape)
        message = f"accuracy: targets has shape {shapes[0]}; predictions have {shapes[1]}"
        raise ValueError(message)
    argmax = namespace(p).argmax
    return argmax(p, axis=-1) == (argmax(t, axis=-1) if t.shape == p.shape else t)


def binary_accuracy(predictions: Any, targets: Any, threshold: float = 0.0) -> Any:
    """Return for each number whether it is on the side of the threshold that the target says.

    Parameters
    ----------
    predictions : array_like
        Logits; for probabilities pass ``threshold=0.5``.
    targets : array_like, of the same shape
        0 and 1.
    threshold : float, default 0
        Above it a prediction says 1.

    Returns
    -------
    ndarray of bool, of the same shape
    """
    p, t = _of_one_shape("binary_accuracy", predictions, targets)
    return (p > threshold) == (t > 0.5)  # noqa: PLR2004


def _of_one_shape(name: str, predictions: Any, targets: Any) -> tuple[Any, Any]:
    together(name, predictions=predictions, targets=targets)
    p, t = plain(name, predictions), plain(name, targets)
    if p.shape != t.shape:
        shapes = f"{tuple(p.shape)} and {tuple(t.shape)}"
        message = f"{name}: predictions and targets have the shapes {shapes}; pass one shape"
        raise ValueError(message)
    return p, t


def _errors(name: str, predictions: Any, targets: Any) -> tuple[Any, Any]:
    p, t = _of_one_shape(name, predictions, targets)
    xp = namespace(p)
    return xp, xp.subtract(p, t, dtype=xp.float64)


def mean_absolute_error(predictions: Any, targets: Any) -> Any:
    """Return |prediction - target| of each number."""
    xp, errors = _errors("mean_absolute_error", predictions, targets)
    return xp.abs(errors)


def mean_squared_error(predictions: Any, targets: Any) -> Any:
    """Return (prediction - target)^2 of each number."""
    xp, errors = _errors("mean_squared_error", predictions, targets)
    return xp.square(errors)


def r2(predictions: Any, targets: Any) -> float:
    """Return the coefficient of determination of all predictions, as of one list of numbers."""
    metric = _R2()
    metric.update(predictions, targets)
    return metric.result()


_table: dict[str, Callable[[], Metric]] = {
    "accuracy": lambda: Metric("accuracy", accuracy),
    "binary_accuracy": lambda: Metric("binary_accuracy", binary_accuracy),
    "mean_absolute_error": lambda: Metric("mean_absolute_error", mean_absolute_error),
    "mae": lambda: Metric("mae", mean_absolute_error),
    "mean_squared_error": lambda: Metric("mean_squared_error", mean_squared_error),
    "mse": lambda: Metric("mse", mean_squared_error),
    "r2": _R2,
}


def get(metric: Any) -> Metric:
    """Find a metric: a name, a `Metric`, or a function that returns a number for each sample.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, str) and metric in _table:
        return _table[metric]()
    if callable(metric):
        return Metric(getattr(metric, "__name__", "metric"), metric)
    message = f"metric={metric!r} is not known; pass a function or one of {', '.join(_table)}"
    raise ValueError(message)
