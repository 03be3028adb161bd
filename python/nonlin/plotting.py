"""Pictures of activations; needs matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import check_result
from ._parameters import Range, checked
from .fused import keywords
from .registry import get

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["plot"]

# Nothing that is drawn rises by so much of the picture's height between two points but in a jump.
_JUMP = 0.05
_POINTS = 2401
# Not in the middle, which x - mean(x) leaves as it is.
_PROBE = slice(_POINTS // 3, _POINTS // 3 + 1)
_ENDS = [Range(end, -np.inf, np.inf, low_included=False) for end in ("low", "high")]
# What is beyond is cut off, if most is between.
_BOTTOM, _TOP = -3.0, 4.0


@np.errstate(all="ignore")  # what is infinite or NaN leaves a gap
def plot(
    *activations: Any,
    low: float = -6.0,
    high: float = 6.0,
    derivative: bool = True,
    axes: Any = None,
    **parameters: Any,
) -> Any:
    """Draw activations f, and their derivatives f' dashed, into one picture.

    Parameters
    ----------
    *activations : str or callable
        Names, or functions of an array; f' is drawn of those that have a method ``derivative``.
    low, high : float, default -6 and 6
        Between which x.
    derivative : bool, default True
        Whether f' is drawn too.
    axes : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    **parameters
        Of the activations, such as ``alpha=0.5``; each takes those that it has.

    Returns
    -------
    matplotlib.figure.Figure
        A new one is not pyplot's, so that ``plt.show()`` does not show it: in a script, pass
        ``axes=plt.gca()``. In a notebook, after ``%matplotlib inline``, it is shown as the value of
        a cell.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If there is nothing to draw, no activation has one of the parameters, or a function does not
        return one number for each x, or none that is finite.
    TypeError
        If `axes` are none.

    Examples
    --------
    >>> import nonlin as nl
    >>> nl.plot("gelu", "relu").savefig("gelu.png")  # doctest: +SKIP

    >>> import matplotlib.pyplot as plt  # doctest: +SKIP
    >>> nl.plot("gelu", axes=plt.gca())  # doctest: +SKIP
    >>> plt.show()  # doctest: +SKIP
    """
    low, high = (checked("plot", end, x) for end, x in zip(_ENDS, (low, high), strict=True))
    if not activations or not low < high:
        message = f"plot: pass the names of activations, and low={low} below high={high}"
        raise ValueError(message)
    if not (axes is None or hasattr(axes, "axhline")):
        message = f"plot: axes is a {type(axes).__name__}; pass one Axes, such as plt.gca()"
        raise TypeError(message)
    functions = [get(a) for a in activations]
    known = {p for f in functions for p in keywords(f)}
    if set(parameters) - known:
        message = f"plot: none of these activations has {sorted(set(parameters) - known)}"
        raise ValueError(message)
    axes = new_axes("plot") if axes is None else axes
    x = np.linspace(low, high, _POINTS)
    drawn: list[Any] = []
    lines: list[Any] = []
    axes.axhline(0, color="0.8", linewidth=0.8)
    axes.axvline(0, color="0.8", linewidth=0.8)
    for k, function in enumerate(functions):
        own = {p: v for p, v in parameters.items() if p in keywords(function)}
        name = getattr(function, "name", getattr(function, "__name__", "f"))
        curves = [(function, "-", name)]
        if derivative and hasattr(function, "derivative"):
            curves.append((function.derivative, "--", f"{name}'"))
        for curve, style, label in curves:
            y = np.asarray(curve(x, **own))
            check_result(f"plot: {label}", y, x.shape)
            if not np.allclose(curve(x[_PROBE], **own), y[_PROBE], equal_nan=True):
                message = f"plot: {label} of a number is not always the same; it cannot be drawn"
                raise ValueError(message)
            lines += axes.plot(x, y, style, color=f"C{k}", label=label)
            drawn.append(y)
    if not any(np.isfinite(y).any() for y in drawn):
        message = f"plot: nothing is finite between low={low} and high={high}"
        raise ValueError(message)
    bottom, top = _height(drawn)
    for line, y in zip(lines, drawn, strict=True):
        line.set_ydata(_cut(y, top - bottom))
    axes.set(xlim=(low, high), ylim=(bottom, top), xlabel="x")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return axes.figure


def new_axes(function: str, **options: Any) -> Any:
    """Return the axes of a new figure, which belongs to no window."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        message = f"{function} needs matplotlib: pip install nonlin[plot]"
        raise ImportError(message) from None
    figure = Figure(figsize=options.pop("figsize", (6, 3.2)), layout="constrained")
    return figure.subplots(**options)


def _height(curves: Sequence[Any]) -> tuple[float, float]:
    """Return the limits: around what is near 0, or around all if that is not most of it."""
    shown = np.concatenate(curves)
    shown = shown[np.isfinite(shown)]
    bottom, top = float(shown.min()), float(shown.max())
    if np.mean((shown >= _BOTTOM) & (shown <= _TOP)) > 1 / 2:
        bottom, top = max(bottom, _BOTTOM), min(top, _TOP)
    margin = max(0.2, 0.03 * (top - bottom))
    return bottom - margin, top + margin


def _cut(y: Any, height: float) -> Any:
    """Leave a gap where a curve jumps, so that no vertical line is drawn there."""
    rises = np.abs(np.diff(y, prepend=y[:1]))
    # Beside a jump the curve rises little; where it is steep, it is steep for more than one step.
    around = np.maximum(np.roll(rises, 1), np.roll(rises, -1))
    jumps = (rises > _JUMP * height) & (rises > 10 * around)
    return np.where(jumps, np.nan, y)
