"""Losses and their gradients, both from one pass over the logits or predictions."""

from __future__ import annotations

import inspect
import math
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, cast

import numpy as np

from . import _backend, _rows, _targets
from ._errors import one_of
from ._parameters import Range, checked
from ._public import WORDS, publish

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "binary_cross_entropy",
    "categorical_cross_entropy",
    "mean_squared_error",
    "sparse_categorical_cross_entropy",
]

_P = ParamSpec("_P")
# Called with gradient=True it gives loss and gradient, else the loss and None.
_Computation = partial[tuple[Any, Any]]


class _Loss(Protocol[_P]):
    """A loss that can also give its gradient."""

    def __call__(self, *args: _P.args, **options: _P.kwargs) -> Any: ...

    def value_and_gradient(self, *args: _P.args, **options: _P.kwargs) -> tuple[Any, Any]: ...


_REDUCTIONS = ("mean", "sum", "none")
_SMOOTHING = Range("label_smoothing", 0, 1, high_included=False)
_WORDS = {
    "logits": f"""\
logits : array_like
    With an axis of classes.
    {WORDS["kept"]}""",
    "axis": """\
axis : int, default -1
    The axis of the classes.""",
    "label_smoothing": """\
label_smoothing : float, default 0
    In [0, 1): this part of a target is spread over all classes alike.""",
    "reduction": """\
reduction : {{"mean", "sum", "none"}}, default "mean"
    Mean or sum of the losses of {parts}, or no reduction: an array of the shape of""",
    "returned": """\
scalar, or ndarray for "none"
    Of the dtype of `{argument}`.""",
    "gradient": """\
``{name}.value_and_gradient`` takes the same arguments and
returns a tuple: the loss, and its gradient (positive sign) with respect to the {argument}, in
their shape and dtype. The gradient is that of the reduced loss: for "mean" it is divided as the
loss is. Both are at most 2 ULP off; of a gradient with several terms, 2 ULP of the largest.

The losses of {parts} are added in one order, that of the C layout, in float64.""",
}


def _loss(argument: str, parts: str) -> Callable[[Callable[_P, _Computation]], _Loss[_P]]:
    """Make a loss of a function that checks its arguments and says what is to be computed."""

    def decorate(prepare: Callable[_P, _Computation]) -> _Loss[_P]:
        @wraps(prepare)
        def loss(*args: _P.args, **options: _P.kwargs) -> Any:
            with np.errstate(all="ignore"):
                return prepare(*args, **options)(gradient=False)[0]

        @wraps(prepare, assigned=["__annotations__"])
        def value_and_gradient(*args: _P.args, **options: _P.kwargs) -> tuple[Any, Any]:
            """Loss and gradient with respect to the {argument}: a tuple.

            Arguments: see `{name}`.
            """
            with np.errstate(all="ignore"):
                return prepare(*args, **options)(gradient=True)

        for member, annotation in ((loss, Any), (value_and_gradient, tuple[Any, Any])):
            signature = inspect.signature(prepare).replace(return_annotation=annotation)
            cast("Any", member).__signature__ = signature
        name = prepare.__name__
        words = {"argument": argument, "parts": parts}
        words |= {key: text.format(name=name, **words) for key, text in _WORDS.items()}
        made: _Loss[_P] = publish(name, loss, {"value_and_gradient": value_and_gradient}, **words)
        return made

    return decorate


@_loss("predictions", "the elements")
def mean_squared_error(predictions: Any, targets: Any, *, reduction: str = "mean") -> _Computation:
    """Square of the difference between predictions and targets.

    Parameters
    ----------
    predictions : array_like
        Of any shape.
        {kept}
    targets : array_like
        Of the shape of `predictions`; there is no broadcasting. They are converted to the dtype of
        `predictions`, as those of all losses are.
    {reduction}
        `predictions`.

    Returns
    -------
    {returned}

    Raises
    ------
    {unsupported}
    ValueError
        If shapes differ, or `reduction` is none of the above.

    Notes
    -----
    {gradient}

    | loss = (p - t)^2
    | gradient = 2 (p - t)
    """
    name = "mean_squared_error"
    one_of(name, "reduction", reduction, _REDUCTIONS)
    p, t = _targets.pair(name, "predictions", predictions, targets)
    return partial(_pointwise, name, "squared_error", p, t, weight=None, reduction=reduction)


@_loss("predictions", "the elements")
def binary_cross_entropy(
    predictions: Any,
    targets: Any,
    *,
    from_logits: bool = True,
    pos_weight: Any = None,
    reduction: str = "mean",
) -> _Computation:
    """Binary cross-entropy of logits or probabilities.

    Parameters
    ----------
    predictions : array_like
        Logits of any shape; with ``from_logits=False`` probabilities in [0, 1]. Dtypes as in
        `mean_squared_error`.
    targets : array_like
        Numbers in [0, 1], of the shape of `predictions`.
    from_logits : bool, default True
        Whether `predictions` are logits. Prefer them: a probability close to 1 has been rounded,
        and its distance from 1 has lost its digits.
    pos_weight : float or array_like, optional
        Weight of the targets' positive part: not negative, broadcasts to `predictions`.
    {reduction}
        `predictions`.

    Returns
    -------
    {returned}

    Raises
    ------
    {unsupported}
    ValueError
        If shapes do not fit, targets or probabilities lie outside [0, 1], `pos_weight` is negative,
        infinite or NaN, or `reduction` is none of the above.

    Notes
    -----
    {gradient}

    With the weight a, of logits x and of probabilities p:

    | loss = a t log(1 + exp(-x)) + (1 - t) log(1 + exp(x))
    | gradient = (1 - t) sigmoid(x) - a t sigmoid(-x)
    | loss = -a t log(p) - (1 - t) log(1 - p)
    | gradient = (1 - t) / (1 - p) - a t / p

    No probability is rounded to 1 on the way: x = 1000, t = 0 gives 1000. A vanishing factor t or
    1 - t removes its term, even an infinite one.
    """
    name = "binary_cross_entropy"
    one_of(name, "reduction", reduction, _REDUCTIONS)
    p, t = _targets.pair(name, "predictions", predictions, targets)
    _targets.check_range(name, "targets", t, 1.0)
    if not from_logits:
        wrong = (p < 0) | (p > 1)  # NaN passes: it makes the loss NaN
        if _backend.call("any", wrong):
            value = _backend.to_host(p[wrong])[0]
            message = (
                f"{name}: predictions holds {value}; with from_logits=False allowed are "
                "probabilities in [0, 1]"
            )
            raise ValueError(message)
    weight = _targets.weights(name, "pos_weight", 1.0 if pos_weight is None else pos_weight, p)
    if weight.ndim:
        weight = _rows.fitted(name, "pos_weight", weight, p.shape)
    kernel = "logistic_loss" if from_logits else "binary_loss"
    return partial(_pointwise, name, kernel, p, t, weight=weight, reduction=reduction)


@_loss("logits", "the rows")
def categorical_cross_entropy(
    logits: Any,
    targets: Any,
    axis: int = -1,
    *,
    label_smoothing: float = 0.0,
    class_weight: Any = None,
    reduction: str = "mean",
) -> _Computation:
    """Softmax cross-entropy with a target for every class: one-hot or soft.

    Parameters
    ----------
    {logits}
    targets : array_like
        Numbers that are not negative, of the shape of `logits`. They need not sum to 1.
    {axis}
    {label_smoothing}
    class_weight : array_like, optional
        One weight for each class, not negative; the targets are multiplied by it.
    {reduction}
        `logits` without `axis`. The mean is over the number of rows.

    Returns
    -------
    {returned}

    Raises
    ------
    TypeError
        If a dtype is not supported, `axis` is no integer, or arrays live in several places.
    ValueError
        If shapes do not fit, a target or weight is negative or NaN, or an option is not one of the
        above.

    Notes
    -----
    {gradient}

    With n classes, targets t, smoothing s, weights w and p = softmax(x):

    | q_k = w_k ((1 - s) t_k + s / n)
    | loss = -sum_k q_k log(p_k)
    | gradient_k = p_k sum_j q_j - q_k

    A class with q_k = 0 adds nothing, even where its logit is -inf. Nothing cancels: the gradient
    of a target of 1 whose probability is nearly 1 has all its digits. A row of logits with NaN or
    inf, or with nothing but -inf, gives NaN.
    """
    name = "categorical_cross_entropy"
    one_of(name, "reduction", reduction, _REDUCTIONS)
    x, t = _targets.pair(name, "logits", logits, targets)
    options = _classes(name, x, axis, label_smoothing, class_weight)
    most = np.finfo(_rows.working(_rows.dtype_of(name, [x]))).max
    _targets.check_range(name, "targets", t, float(most))
    rows = math.prod(x.shape) // x.shape[options["axis"]]
    options |= {"divisor": float(rows), "reduction": reduction}
    return partial(_of_rows, name, "cross_entropy", x, t, **options)


@_loss("logits", "the rows")
def sparse_categorical_cross_entropy(
    logits: Any,
    targets: Any,
    axis: int = -1,
    *,
    label_smoothing: float = 0.0,
    class_weight: Any = None,
    ignore_class: int | None = None,
    reduction: str = "mean",
) -> _Computation:
    """Softmax cross-entropy with one class for every row.

    Parameters
    ----------
    {logits}
    targets : array_like of int
        A class in [0, n) for every row: of the shape of `logits` without `axis`.
    {axis}
    {label_smoothing}
    class_weight : array_like, optional
        One weight for each class, not negative.
    ignore_class : int, optional
        Rows with this target, which need not be a class, have loss and gradient 0 and do not count
        in the mean.
    {reduction}
        `targets`. The mean is over the weights of the targets' classes, as in PyTorch; of no row it
        is NaN, with gradient 0.

    Returns
    -------
    {returned}

    Raises
    ------
    TypeError
        If a dtype is not supported, targets, `axis` or `ignore_class` are no integers, or arrays
        live in several places.
    ValueError
        If shapes do not fit, a target is no class, a weight is negative or NaN, or an option is not
        one of the above.

    Notes
    -----
    {gradient}

    With n classes, the target y, smoothing s, weights w and p = softmax(x):

    | q_k = w_k ((1 - s) [k = y] + s / n)
    | loss = -sum_k q_k log(p_k)
    | gradient_k = p_k sum_j q_j - q_k

    Otherwise as `categorical_cross_entropy`.
    """
    name = "sparse_categorical_cross_entropy"
    one_of(name, "reduction", reduction, _REDUCTIONS)
    x = _targets.data(name, logits)
    options = _classes(name, x, axis, label_smoothing, class_weight)
    ids = _targets.ids(name, targets, x, options["axis"], ignore_class)
    counted, weight = ids[ids >= 0], options["weight"]
    total = float(len(counted))
    if weight.ndim:
        total = float(np.sum(_backend.to_host(weight[counted])))  # in NumPy's order
    options |= {"divisor": total, "reduction": reduction}
    return partial(_of_rows, name, "class_cross_entropy", x, ids, **options)


def _classes(name: str, x: Any, axis: Any, smoothing: Any, weight: Any) -> dict[str, Any]:
    """Check what both losses over classes take."""
    place = _targets.class_axis(name, x, axis)
    return {
        "axis": place,
        "smoothing": checked(name, _SMOOTHING, smoothing),
        "weight": _targets.class_weight(name, weight, x, place),
    }


def _of_rows(
    name: str,
    kernel: str,
    x: Any,
    targets: Any,
    *,
    weight: Any,
    axis: int,
    smoothing: float,
    divisor: float,
    reduction: str,
    gradient: bool,
) -> tuple[Any, Any]:
    dtype = _rows.dtype_of(name, [x])
    work = _rows.working(dtype)
    sparse = kernel == "class_cross_entropy"
    mean = reduction == "mean"
    behind = (1,) * (x.ndim - 1 - axis)
    weight = _rows.fitted(name, "class_weight", weight, (x.shape[axis],), x)
    if weight.ndim and behind:
        weight = _backend.call("reshape", weight, (-1, *behind))
    function = _backend.kernel(f"{kernel}_with_gradient" if gradient else kernel)
    results = _backend.route(function, logits=x)(
        _backend.cast(x, work),
        targets if sparse else _backend.cast(targets, work),
        weight,
        smoothing,
        divisor if mean and divisor > 0 else 1.0,
        axis=-1 - len(behind),
    )
    slope, losses = results if gradient else (None, results)
    if reduction != "none":
        # On the host, wherever they come from: in NumPy's order.
        total = np.sum(np.ravel(_backend.to_host(losses)).astype(np.float64))
        losses = _backend.beside(total / np.float64(divisor) if mean else total, x)
    return _rows.delivered(losses, dtype), None if slope is None else _rows.delivered(slope, dtype)


def _pointwise(
    name: str, kernel: str, p: Any, t: Any, *, weight: Any, reduction: str, gradient: bool
) -> tuple[Any, Any]:
    dtype = _rows.dtype_of(name, [p])
    work = _rows.working(dtype)
    # All elements are one row; without a reduction each is one.
    size = math.prod(p.shape)
    shape = (size, 1) if reduction == "none" else (size,)
    operands = [_backend.call("reshape", _backend.cast(a, work), shape) for a in (p, t)]
    if weight is not None:
        flat = weight if weight.ndim == 0 else _backend.call("reshape", weight, shape)
        operands.append(_rows.fitted(name, "pos_weight", flat, shape, p))
    divisor = float(size) if reduction == "mean" else 1.0
    slope, loss = _backend.route(_backend.kernel(kernel), predictions=p)(*operands, divisor)
    if reduction == "none":
        loss = _backend.call("reshape", loss, p.shape)
    slope = _backend.call("reshape", slope, p.shape)
    return _rows.delivered(loss, dtype), _rows.delivered(slope, dtype) if gradient else None
