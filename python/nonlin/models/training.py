"""The training loop."""

from __future__ import annotations

import math
import secrets
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .._backend import call, cast, is_finite, kind, on_device
from . import _data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .model import Model


class History(dict[str, list[float]]):
    """Numbers for each epoch, by name."""

    def add(self, logs: dict[str, float]) -> None:
        """Append the numbers of one epoch."""
        for name, value in logs.items():
            self.setdefault(name, []).append(value)


@dataclass(frozen=True)
class Run:
    """The arguments of `Model.fit` that are no data."""

    batch_size: int
    epochs: int
    verbose: bool
    validation_split: float | None
    validation_data: Any
    shuffle: bool
    initial_epoch: int
    seed: int | None
    deterministic: bool | None
    callbacks: Sequence[Callable[[Any, int, dict[str, float]], Any]]


class _Totals:
    """Mean losses and metrics over all batches that were seen, as over their samples at once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._losses = np.zeros(len(model.losses))
        self._weights = np.zeros(len(model.losses))
        for metric in self._metrics():
            metric.reset()

    def _metrics(self) -> list[Any]:
        return [metric for metrics in self._model.metrics for metric in metrics]

    def add(
        self, losses: list[float], weights: list[float], outputs: list[Any], targets: list[Any]
    ) -> None:
        # What has no weight has no mean.
        self._losses += [a * w if w else 0.0 for a, w in zip(losses, weights, strict=True)]
        self._weights += weights
        for metrics, p, t in zip(self._model.metrics, outputs, targets, strict=True):
            for metric in metrics:
                metric.update(p, t)

    def logs(self, prefix: str = "") -> dict[str, float]:
        """Return the numbers by name; of several outputs, each has its own besides the sum."""
        model = self._model
        with np.errstate(invalid="ignore"):
            means = self._losses / self._weights
        seen = self._weights > 0 if self._weights.any() else slice(None)
        total = np.dot(means[seen], np.array(model.loss_weights)[seen])
        logs = {f"{prefix}loss": float(total)}
        several = len(means) > 1
        for name, mean, metrics in zip(model.output_names, means, model.metrics, strict=True):
            own = f"{name}_" if several else ""
            if several:
                logs[f"{prefix}{own}loss"] = float(mean)
            logs.update({f"{prefix}{own}{m.name}": m.result() for m in metrics})
        return logs


def fit(model: Model, x: Any, y: Any, run: Run) -> History:
    """Train; see `Model.fit`."""
    # What overflows shows in the loss.
    with _one_thread(run), np.errstate(over="ignore", invalid="ignore"):
        return _fit(model, x, y, run)


def _fit(model: Model, x: Any, y: Any, run: Run) -> History:
    batches = _source(model, "fit", x, y, run.batch_size)
    validation = None
    if run.validation_split is not None:
        if not isinstance(batches, _data.Arrays):
            message = "fit: validation_split needs arrays; pass validation_data"
            raise ValueError(message)
        batches, validation = batches.split("fit", run.validation_split)
    if run.validation_data is not None:
        pair = run.validation_data
        is_pair = isinstance(pair, list | tuple) and not _data.are_batches(pair)
        if is_pair and len(pair) != 2:  # noqa: PLR2004
            message = "fit: validation_data must be a pair (x, y), or an iterable of batches"
            raise ValueError(message)
        vx, vy = pair if is_pair else (pair, None)
        validation = _source(model, "fit: validation_data", vx, vy, run.batch_size)
    seed = secrets.randbits(64) if run.seed is None else run.seed
    model.history = history = History()
    arrays: Any = None  # there may be none before the first batch
    for epoch in range(run.initial_epoch, run.epochs):
        random = np.random.default_rng([seed, 1, epoch]) if run.shuffle else None
        totals = _Totals(model)
        with _progress(run, batches, epoch) as bar:
            for number, (given, targets) in enumerate(batches.batches(random)):
                step = _step(model, given, targets or [], epoch, number)
                arrays = arrays or (model.weights, model.gradients)
                if any(step[1]):
                    model.optimizer.apply(*arrays)
                totals.add(*step)
                bar.update(1)
            _check_weights(model, epoch)
            logs = totals.logs()
            if validation is not None:
                logs |= _evaluate(model, validation, "val_")
            bar.set_postfix_str(", ".join(f"{k} {v:.4f}" for k, v in logs.items()))
        history.add(logs)
        answers = [callback(model, epoch, logs) for callback in run.callbacks]
        if True in answers:
            break
    return history


def _one_thread(run: Run) -> AbstractContextManager[Any]:
    """Let BLAS, whose sums depend on its number of threads, use one."""
    if run.deterministic is False or (run.deterministic is None and run.seed is None):
        return nullcontext()
    try:
        from threadpoolctl import threadpool_limits  # noqa: PLC0415
    except ImportError:
        if run.deterministic is None:
            return nullcontext()
        message = "fit: deterministic=True needs threadpoolctl: pip install nonlin[models]"
        raise ImportError(message) from None
    limits: AbstractContextManager[Any] = threadpool_limits(1, "blas")
    return limits


def _step(
    model: Model, given: list[Any], targets: list[Any], epoch: int, number: int
) -> tuple[list[float], list[float], list[Any], list[Any]]:
    """Set the gradients; return losses, their weights, outputs and targets."""
    arrays = model.graph.arrays("fit", given)
    outputs, contexts = model.graph.forward(arrays, training=True, keep=True)
    shaped = shaped_targets(outputs, targets)
    losses, grads = [], []
    weights = _weights(model, outputs, shaped)
    for name, loss, factor, weight, p, t in zip(
        model.output_names, model.losses, model.loss_weights, weights, outputs, shaped, strict=True
    ):
        value, grad = loss.value_and_gradient(p, t)
        if weight and not math.isfinite(value):
            message = (
                f"fit: the loss of {name} is {value} in epoch {epoch}, batch {number}; "
                + _cause(given, targets, model)
            )
            raise FloatingPointError(message)
        losses.append(value)
        grads.append(_checked(name, grad, p) * float(factor))
    model.graph.backward(contexts, grads, of_inputs=False)
    return losses, weights, outputs, shaped


def _weights(model: Model, outputs: list[Any], targets: list[Any]) -> list[float]:
    return [a.weight(p, t) for a, p, t in zip(model.losses, outputs, targets, strict=True)]


def _checked(name: str, grad: Any, output: Any) -> Any:
    """Refuse the gradient of a loss that is none of the output."""
    found = isinstance(grad, np.ndarray) or on_device(grad)
    if not found or grad.shape != output.shape or kind(grad) != "f":
        given = f"{grad.dtype} {tuple(grad.shape)}" if found else type(grad).__name__
        message = (
            f"fit: the loss of {name} gave a gradient {given}; it must be of real floating-point "
            f"numbers of the output's shape, {tuple(output.shape)}"
        )
        raise TypeError(message)
    if not is_finite(grad):
        message = f"fit: the loss of {name} gave a gradient with NaN or infinite numbers"
        raise FloatingPointError(message)
    return cast(grad, output.dtype)


def _cause(given: list[Any], targets: list[Any], model: Model) -> str:
    for what, arrays in (("inputs", given), ("targets", targets)):
        if not all(map(is_finite, arrays)):
            return f"the {what} hold NaN or infinite numbers"
    return _broken_weight(model) or (
        "all weights are finite: look for an overflow, and try a lower learning rate"
    )


def _broken_weight(model: Model) -> str:
    for name, weight in model.weights.items():
        if not is_finite(weight):
            return f"the weight {name} has become infinite or NaN: try a lower learning rate"
    return ""


def _check_weights(model: Model, epoch: int) -> None:
    """Refuse weights that the last step of an epoch broke: no loss has shown it yet."""
    broken = _broken_weight(model)
    if broken:
        message = f"fit: after epoch {epoch} {broken}"
        raise FloatingPointError(message)


def shaped_targets(outputs: list[Any], targets: list[Any]) -> list[Any]:
    """Give targets (batch,) of an output (batch, 1) its shape."""
    return [
        call("reshape", t, p.shape) if p.shape == (*t.shape, 1) else t
        for p, t in zip(outputs, targets, strict=True)
    ]


def _source(model: Model, function: str, x: Any, y: Any, size: int) -> Any:
    return _data.source(function, model, x, y, targets=True, batch_size=size)


def evaluate(model: Model, function: str, x: Any, y: Any, batch_size: int) -> dict[str, float]:
    """Return loss and metrics; see `Model.evaluate`."""
    return _evaluate(model, _source(model, function, x, y, batch_size))


def _evaluate(model: Model, batches: Any, prefix: str = "") -> dict[str, float]:
    totals = _Totals(model)
    for given, targets in batches.batches():
        arrays = model.graph.arrays("evaluate", given)
        outputs, _ = model.graph.forward(arrays, training=False, keep=False)
        shaped = shaped_targets(outputs, targets)
        losses = [loss(p, t) for loss, p, t in zip(model.losses, outputs, shaped, strict=True)]
        totals.add(losses, _weights(model, outputs, shaped), outputs, shaped)
    return totals.logs(prefix)


class _Lines:
    """Progress without tqdm: a line for each epoch."""

    def __init__(self, title: str) -> None:
        self._title = title

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def update(self, count: int) -> None: ...

    def set_postfix_str(self, text: str) -> None:
        if self._title:
            sys.stderr.write(f"{self._title}: {text}\n")


def _progress(run: Run, batches: Any, epoch: int) -> Any:
    title = f"epoch {epoch + 1}/{run.epochs}"
    if not run.verbose:
        return _Lines("")
    try:
        from tqdm.auto import tqdm  # noqa: PLC0415
    except ImportError:
        return _Lines(title)
    try:
        total = len(batches)
    except TypeError:
        total = None
    return tqdm(total=total, desc=title, unit="batch", file=sys.stderr)
