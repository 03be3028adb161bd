"""The exact losses and gradients, for one row or one element, as a textbook writes them.

mpmath numbers, right to far more digits than float64 has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpmath import mp

if TYPE_CHECKING:
    from collections.abc import Sequence

Number = Any
NAMES = (
    "mean_squared_error",
    "binary_cross_entropy",
    "categorical_cross_entropy",
    "sparse_categorical_cross_entropy",
)
DIGITS = 400  # 1 - p, down to the least number that float64 has, is a plain difference


def smoothed(
    targets: Sequence[float], smoothing: float = 0.0, weights: Sequence[float] | None = None
) -> list[Number]:
    """The targets that label smoothing and class weights make of given ones."""
    with mp.workdps(DIGITS):
        s, n = mp.mpf(smoothing), len(targets)
        mixed = [(1 - s) * mp.mpf(t) + s / n for t in targets]
        return [q * mp.mpf(w) for q, w in zip(mixed, weights or [1.0] * n, strict=True)]


def probabilities(row: Sequence[float]) -> tuple[list[Number], Number]:
    """Softmax, and the logarithm of the sum of e^x."""
    with mp.workdps(DIGITS):
        x = [mp.mpf(a) for a in row]
        total = mp.fsum(mp.exp(a) for a in x)
        return [mp.exp(a) / total for a in x], mp.log(total)


def cross_entropy(
    row: Sequence[float], targets: Sequence[Number]
) -> tuple[Number, list[Number], list[Number]]:
    """Minus the sum of q log p; its gradient p sum(q) - q; the size of the gradient's terms."""
    with mp.workdps(DIGITS):
        p, log_total = probabilities(row)
        pairs = list(zip(row, targets, strict=True))
        loss = mp.fsum(q * (log_total - mp.mpf(x)) for x, q in pairs if q != 0)
        total = mp.fsum(targets)
        gradient = [a * total - q for a, q in zip(p, targets, strict=True)]
        size = [a * (total - q) + q * (1 - a) for a, q in zip(p, targets, strict=True)]
        return loss, gradient, size


def binary(x: float, t: float, weight: float = 1.0) -> tuple[Number, Number, Number]:
    """Loss of a logit, gradient, size of the gradient's terms."""
    with mp.workdps(DIGITS):
        x, t, weight = mp.mpf(x), mp.mpf(t), mp.mpf(weight)
        positive, negative = 1 / (1 + mp.exp(-x)), 1 / (1 + mp.exp(x))
        loss = weight * t * mp.log1p(mp.exp(-x)) + (1 - t) * mp.log1p(mp.exp(x))
        one, zero = weight * t * negative, (1 - t) * positive
        return loss, zero - one, zero + one


def binary_of_probability(p: float, t: float, weight: float = 1.0) -> tuple[Number, Number, Number]:
    """Loss of a probability, gradient, size of the gradient's terms."""
    with mp.workdps(DIGITS):
        p, t, weight = mp.mpf(p), mp.mpf(t), mp.mpf(weight)
        one = (mp.mpf(0), mp.mpf(0))
        zero = one
        if weight * t != 0:
            one = (-weight * t * mp.log(p), weight * t / p) if p != 0 else (mp.inf, mp.inf)
        if t != 1:
            zero = (-(1 - t) * mp.log(1 - p), (1 - t) / (1 - p)) if p != 1 else (mp.inf, mp.inf)
        return one[0] + zero[0], zero[1] - one[1], zero[1] + one[1]


def squared(p: float, t: float) -> tuple[Number, Number]:
    """Square of the difference, gradient."""
    with mp.workdps(DIGITS):
        d = mp.mpf(p) - mp.mpf(t)
        return d * d, 2 * d
