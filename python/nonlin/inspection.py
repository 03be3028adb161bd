"""What the units of a model do with some data: dead, saturated, sparse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _backend
from .models import Model, _data
from .models.graph import copied
from .models.training import shaped_targets
from .plotting import new_axes

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Inspection", "LayerReport", "inspect"]

# A slope below this share of the steepest one, or of 1, hardly lets a gradient through.
_SATURATED = 0.01


@dataclass(frozen=True)
class LayerReport:
    """What one layer did with the data.

    Attributes
    ----------
    layer, activation : str
        Its name, and that of its activation, if it has one.
    units : int
        The length of the last axis of its output.
    dead : int or None
        Units whose derivative was 0 for every sample: no gradient reaches their weights. None
        without an elementwise activation; so is `saturated`.
    saturated : float or None
        Share of the numbers at which the derivative is below 1 % of its maximum, or below 0.01
        where that is more than 1.
    sparsity : float
        Share of the outputs that are exactly 0.
    mean, deviation : float
        Of the outputs.
    gradient : float
        Root of the mean square of the gradient with respect to the outputs.
    """

    layer: str
    activation: str
    units: int
    dead: int | None
    saturated: float | None
    sparsity: float
    mean: float
    deviation: float
    gradient: float


class Inspection(list[LayerReport]):
    """The reports of a model's layers; as text a table.

    ``inspection["dense_1"]`` finds a layer by its name.
    """

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        for report in self:
            if report.layer == key:
                return report
        message = f"there is no layer {key!r}; there are {[r.layer for r in self]}"
        raise KeyError(message)

    def __str__(self) -> str:
        rows = [tuple(f.name for f in fields(LayerReport))]
        for report in self:
            share = ["-" if s is None else f"{s:.1%}" for s in (report.saturated, report.sparsity)]
            rows.append(
                (
                    report.layer,
                    report.activation or "-",
                    str(report.units),
                    "-" if report.dead is None else str(report.dead),
                    *share,
                    f"{report.mean:.3g}",
                    f"{report.deviation:.3g}",
                    f"{report.gradient:.2e}",
                )
            )
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(w) if k < 2 else cell.rjust(w)  # noqa: PLR2004
                for k, (cell, w) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        )

    __repr__ = __str__

    def plot(self) -> Any:
        """Draw the shares of dead units, saturated numbers and zeros, and the gradients.

        Returns
        -------
        matplotlib.figure.Figure
        """
        names = [report.layer for report in self]
        places = np.arange(len(names))
        left, right = new_axes(
            "Inspection.plot", figsize=(10, 1.2 + 0.4 * len(names)), ncols=2, sharey=True
        )
        shares = {
            "dead units": [(r.dead or 0) / max(r.units, 1) for r in self],
            "saturated": [r.saturated or 0 for r in self],
            "zeros": [r.sparsity for r in self],
        }
        for k, (label, values) in enumerate(shares.items()):
            left.barh(places + (k - 1) * 0.25, values, 0.25, label=label)
        left.set(xlim=(0, 1), yticks=places, yticklabels=names, xlabel="share")
        left.invert_yaxis()
        left.legend(frameon=False)
        gradients = [r.gradient for r in self]
        right.barh(places, gradients, 0.5, color="0.4")
        if any(g > 0 for g in gradients):
            right.set_xscale("log")
        right.set_xlabel("gradient (root mean square)")
        for axes in (left, right):
            axes.spines[["top", "right"]].set_visible(False)
        return left.figure


def inspect(model: Model, x: Any, y: Any = None) -> Inspection:
    """Report what each layer of a model does with some data.

    Parameters
    ----------
    model : Model
    x : array_like, or list or dict of arrays
        Inputs, as one batch of finite numbers. Noise is left out.
    y : array_like, or list or dict of arrays, optional
        Targets. With them, gradients are those of the loss of the compiled model; without, those
        of the sum of the outputs.

    Returns
    -------
    Inspection
        A report for each use of a layer: "dense", and "dense (2)" where it is used again. Numbers
        that weights have made NaN or infinite are in it as such.

    Raises
    ------
    RuntimeError
        If there are targets, and the model was not compiled.
    ValueError, TypeError
        If arrays do not fit, are empty, or hold NaN or infinite numbers.

    Examples
    --------
    >>> import numpy as np
    >>> import nonlin as nl
    >>> model = nl.Sequential([nl.layers.Dense(100, "relu"), nl.layers.Dense(1)], seed=1)
    >>> x = np.random.default_rng(1).standard_normal((200, 20))
    >>> report = nl.inspect(model, x)["dense"]
    >>> report.dead, round(report.sparsity, 1)
    (0, 0.5)
    """
    if not isinstance(model, Model):
        message = (
            f"inspect: model is a {type(model).__name__}; pass a Model, and then x; layers can be "
            "put into one, such as nl.Sequential"
        )
        raise TypeError(message)
    if isinstance(x, Iterator):
        message = "inspect: x is an iterator; pass one batch as arrays"
        raise TypeError(message)
    if y is not None and model.optimizer is None:
        message = "inspect: compile the model first, or leave out y"
        raise RuntimeError(message)
    xs, ys = _data.taken("inspect", model, x, y, targets=y is not None)
    _data.Arrays("inspect", xs, ys, 1)  # refuses what has no samples
    graph = model.graph
    arrays = graph.arrays("inspect", xs)
    for what, given in (("inputs", xs), ("targets", ys or [])):
        if not all(map(_backend.is_finite, given)):
            message = f"inspect: the {what} hold NaN or infinite numbers; take those samples out"
            raise ValueError(message)
    before = {name: copied(gradient) for name, gradient in model.gradients.items()}
    try:
        with np.errstate(all="ignore"):
            return _inspected(model, arrays, ys)
    finally:
        model.gradients.update(before)


def _inspected(model: Model, arrays: list[Any], targets: list[Any] | None) -> Inspection:
    graph = model.graph
    values: dict[Any, Any] = {}
    grads: dict[Any, Any] = {}
    outputs, contexts = graph.forward(arrays, training=False, keep=True, observe=values)
    slopes = {node: node.layer.slope(contexts[node]) for node in contexts}
    if targets is None:
        tops = [_backend.namespace(output).ones_like(output) for output in outputs]
    else:
        tops = [
            _backend.cast(loss.value_and_gradient(p, t)[1], p.dtype) * weight
            for loss, weight, p, t in zip(
                model.losses,
                model.loss_weights,
                outputs,
                shaped_targets(outputs, targets),
                strict=True,
            )
        ]
    graph.backward(contexts, tops, observe=grads)
    return Inspection(
        _report(name, node.layer, values[node], slopes[node], grads.get(node))
        for node, name in _names(graph, slopes)
    )


def _names(graph: Any, nodes: Iterable[Any]) -> Iterator[tuple[Any, str]]:
    """Name the uses of layers: "dense", and "dense (2)" for the second use of that layer."""
    uses: Counter[Any] = Counter()
    for node in nodes:
        uses[node.layer] += 1
        name = graph.names[node.layer]
        yield node, name if uses[node.layer] == 1 else f"{name} ({uses[node.layer]})"


def _report(name: str, layer: Any, output: Any, slope: Any, grad: Any) -> LayerReport:
    dead, saturated = None, None
    output = _backend.to_host(output)
    if slope is not None:
        steepest, local = slope
        local = np.abs(_backend.to_host(local))
        dead = int(np.count_nonzero((local == 0).reshape(-1, local.shape[-1]).all(axis=0)))
        saturated = float(np.mean(local <= _SATURATED * min(steepest, 1.0)))
    wide = output.astype(np.float64)
    return LayerReport(
        layer=name,
        activation=layer.activation_name,
        units=output.shape[-1],
        dead=dead,
        saturated=saturated,
        sparsity=float(np.mean(output == 0)),
        mean=float(wide.mean()),
        deviation=float(wide.std()),
        gradient=0.0
        if grad is None
        else float(np.sqrt(np.mean(np.square(_backend.to_host(grad), dtype=np.float64)))),
    )
