"""Metrics: numbers that say how good predictions are, over all batches of an epoch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

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
        values = np.asarray(self._function(predictions, targets), np.float64)
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
        _same_shape("r2", predictions, targets)
        t = np.asarray(targets, np.float64).ravel()
        self._errors += float(np.square(np.asarray(predictions, np.float64).ravel() - t).sum())
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
    p, t = np.asarray(predictions), np.asarray(targets)
    if p.shape[-1:] in {(), (1,)}:
        message = f"accuracy: predictions of shape {p.shape} have one class; use binary_accuracy"
        raise ValueError(message)
    if t.shape not in {p.shape, p.shape[:-1]}:
        message = f"accuracy: targets has shape {t.shape}; predictions have {p.shape}"
        raise ValueError(message)
    return p.argmax(-1) == (t.argmax(-1) if t.shape == p.shape else t)


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
    _same_shape("binary_accuracy", predictions, targets)
    return (np.asarray(predictions) > threshold) == (np.asarray(targets) > 0.5)  # noqa: PLR2004


def _same_shape(name: str, predictions: Any, targets: Any) -> None:
    if np.shape(predictions) != np.shape(targets):
        shapes = f"{np.shape(predictions)} and {np.shape(targets)}"
        message = f"{name}: predictions and targets have the shapes {shapes}; pass one shape"
        raise ValueError(message)


def mean_absolute_error(predictions: Any, targets: Any) -> Any:
    """Return |prediction - target| of each number."""
    _same_shape("mean_absolute_error", predictions, targets)
    return np.abs(np.subtract(predictions, targets, dtype=np.float64))


def mean_squared_error(predictions: Any, targets: Any) -> Any:
    """Return (prediction - target)^2 of each number."""
    _same_shape("mean_squared_error", predictions, targets)
    return np.square(np.subtract(predictions, targets, dtype=np.float64))


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
