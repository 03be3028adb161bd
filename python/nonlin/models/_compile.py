"""What `Model.compile` takes, as one for each output."""

from __future__ import annotations

import copy
import math
import numbers
from collections import Counter
from typing import TYPE_CHECKING, Any

from .. import metrics as _metrics
from .._backend import namespace
from . import _losses
from .graph import free_name

if TYPE_CHECKING:
    from ..layers import Layer

# Activations above 0.5 where their input is above 0.
_PROBABILITIES = ("sigmoid", "hard_sigmoid")


def losses(loss: Any, names: list[str], heads: list[Layer]) -> list[Any]:
    """Return the losses."""
    if loss is None:
        message = "compile: loss is missing; pass a name, or one for each output"
        raise ValueError(message)
    found = [_losses.get(one) for one in _each("loss", loss, names)]
    for head, one in zip(heads, found, strict=True):
        _losses.refuse_probabilities(head, one)
    return found


def factors(loss_weights: Any, names: list[str]) -> list[float]:
    """Return the factors of the losses."""
    given = _each("loss_weights", 1.0 if loss_weights is None else loss_weights, names)
    for factor in given:
        if not isinstance(factor, numbers.Real) or not 0 <= float(factor) < math.inf:
            message = (
                f"compile: loss_weights={loss_weights!r} are not allowed; pass finite numbers that "
                "are not negative"
            )
            raise ValueError(message)
    return [float(factor) for factor in given]


def wanted_metrics(given: Any, names: list[str]) -> list[list[Any]]:
    """Return the metrics as they were given."""
    by_name = given if isinstance(given, dict) else dict.fromkeys(names, given)
    if not set(by_name) <= set(names):
        message = f"compile: metrics are for {sorted(by_name)}; the outputs are {names}"
        raise ValueError(message)
    several = [by_name.get(name) or () for name in names]
    return [list(own) if isinstance(own, list | tuple) else [own] for own in several]


def metrics(
    wanted: list[list[Any]], found: list[Any], heads: list[Layer], names: list[str]
) -> list[list[_metrics.Metric]]:
    """Return the metrics, under names of which the history has each once."""
    made = [
        [_metric(m, loss, head) for m in own]
        for own, loss, head in zip(wanted, found, heads, strict=True)
    ]
    shown = ["loss"]
    for own, name in zip(made, names, strict=True):
        taken = ["loss"]
        for metric in own:
            metric.name = free_name(metric.name, taken)
            taken.append(metric.name)
        shown += [f"{name}_{one}" for one in taken] if len(names) > 1 else taken[1:]
    counts = Counter([*shown, *(f"val_{one}" for one in shown)])
    twice = [one for one, count in counts.items() if count > 1]
    if twice:
        message = f"compile: the history would have {twice} twice; rename an output or a metric"
        raise ValueError(message)
    return made


def _metric(metric: Any, loss: Any, head: Layer) -> _metrics.Metric:
    """Find a metric, which compares as the loss and the head do."""
    if metric == "binary_accuracy" or (metric == "accuracy" and loss.is_binary):
        logits = head.activation_name not in _PROBABILITIES and (
            not loss.is_binary or loss.options.get("from_logits", True)
        )
        threshold = 0.0 if logits else 0.5
        return _metrics.Metric(
            metric, lambda p, t: _metrics.binary_accuracy(p, t, threshold=threshold)
        )
    if metric == "accuracy":
        return _Accuracy(loss.axis, loss.ignored)
    return copy.copy(_metrics.get(metric))  # one for each output


class _Accuracy(_metrics.Metric):
    """Accuracy along the axis of a loss, of the targets that it does not ignore."""

    def __init__(self, axis: int, ignored: int | None) -> None:
        super().__init__("accuracy", _metrics.accuracy)
        self._axis, self._ignored = axis, ignored

    def update(self, predictions: Any, targets: Any) -> None:
        moveaxis = namespace(predictions).moveaxis
        p = moveaxis(predictions, self._axis, -1)
        t = moveaxis(targets, self._axis, -1) if targets.ndim == p.ndim else targets
        if self._ignored is not None:
            counted = t != self._ignored
            p, t = p[counted], t[counted]
        super().update(p, t)


def _each(what: str, given: Any, names: list[str]) -> list[Any]:
    """Return one for each output, of what is given for one, for all, or by name."""
    if isinstance(given, dict) and set(given) != set(names):
        message = f"compile: {what} is for {sorted(given)}; the outputs are {names}"
        raise ValueError(message)
    if isinstance(given, dict):
        return [given[name] for name in names]
    if isinstance(given, list | tuple):
        if len(given) != len(names):
            message = f"compile: {what} has {len(given)} entries for the outputs {names}"
            raise ValueError(message)
        return list(given)
    return [given] * len(names)
