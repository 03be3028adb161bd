"""The exact results of the functions along an axis, for one row, as a textbook writes them.

Each function takes a row of floats and returns mpmath numbers, right to far more digits than
float64 has. NaN and inf in the row make all results NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

from mpmath import mp

Number = Any
Row = Sequence[float]
DIGITS = (
    400  # e^-1100, the least that counts beside 1, has 480 fewer: sums are taken exactly enough
)


def _exact(row: Row, temperature: float) -> list[Number] | None:
    if any(isnan(x) or x == float("inf") for x in row) or all(x == float("-inf") for x in row):
        return None
    return [mp.mpf(x) / mp.mpf(temperature) for x in row]


def _all_nan(row: Row) -> list[Number]:
    return [mp.nan for _ in row]


def softmax(row: Row, temperature: float = 1.0) -> list[Number]:
    """e^x over the sum of e^x."""
    with mp.workdps(DIGITS):
        z = _exact(row, temperature)
        if z is None:
            return _all_nan(row)
        top = max(z)
        terms = [mp.exp(a - top) for a in z]
        total = mp.fsum(terms)
        return [t / total for t in terms]


def softmin(row: Row, temperature: float = 1.0) -> list[Number]:
    """Softmax of the negative row."""
    return softmax([-x for x in row], temperature)


def log_softmax(row: Row, temperature: float = 1.0) -> list[Number]:
    """The logarithm of softmax."""
    with mp.workdps(DIGITS):
        z = _exact(row, temperature)
        if z is None:
            return _all_nan(row)
        top = max(z)
        first = z.index(top)
        rest = mp.fsum(mp.exp(a - top) for i, a in enumerate(z) if i != first)
        return [a - top - mp.log1p(rest) for a in z]


def logsumexp(row: Row, temperature: float = 1.0) -> Number:
    """log of the sum of e^x."""
    if any(isnan(x) for x in row):
        return mp.nan
    if not row or all(x == float("-inf") for x in row):
        return -mp.inf
    if any(x == float("inf") for x in row):
        return mp.inf
    with mp.workdps(DIGITS):
        z = [mp.mpf(x) / mp.mpf(temperature) for x in row]
        top = max(z)
        return top + mp.log(mp.fsum(mp.exp(a - top) for a in z))


def sparsemax(row: Row, temperature: float = 1.0) -> list[Number]:
    """By sorting, as in the paper: the support is the longest prefix with 1 + k z_k > sum of z."""
    with mp.workdps(DIGITS):
        z = _exact(row, temperature)
        if z is None:
            return _all_nan(row)
        ordered = sorted((a for a in z if a != -mp.inf), reverse=True)
        for k in range(len(ordered), 0, -1):
            total = mp.fsum(ordered[:k])
            if 1 + k * ordered[k - 1] > total:
                tau = (total - 1) / k
                return [max(a - tau, mp.mpf(0)) for a in z]
        raise AssertionError


def entmax15(row: Row, temperature: float = 1.0) -> list[Number]:
    """By sorting: for a support of k, tau is the smaller root of sum (z - tau)^2 = 1."""
    with mp.workdps(DIGITS):
        z = _exact(row, temperature)
        if z is None:
            return _all_nan(row)
        z = [a / 2 for a in z]
        ordered = sorted((a for a in z if a != -mp.inf), reverse=True)
        for k in range(len(ordered), 0, -1):
            mean = mp.fsum(ordered[:k]) / k
            spread = mp.fsum((a - mean) ** 2 for a in ordered[:k])
            if spread > 1:
                continue
            tau = mean - mp.sqrt((1 - spread) / k)
            if ordered[k - 1] > tau:
                return [max(a - tau, mp.mpf(0)) ** 2 for a in z]
        raise AssertionError


def softmax_backward(grad: Row, output: Row, temperature: float = 1.0) -> list[Number]:
    """The product of the gradient with softmax's Jacobian, diag(y) - y y^T."""
    with mp.workdps(DIGITS):
        g, y = [mp.mpf(a) for a in grad], [mp.mpf(a) for a in output]
        dot = mp.fsum(a * b for a, b in zip(g, y, strict=True))
        return [b * (a - dot) / mp.mpf(temperature) for a, b in zip(g, y, strict=True)]


def log_softmax_backward(grad: Row, output: Row, temperature: float = 1.0) -> list[Number]:
    """The product of the gradient with log_softmax's Jacobian, I - 1 p^T."""
    with mp.workdps(DIGITS):
        total = mp.fsum(mp.mpf(a) for a in grad)
        return [
            (mp.mpf(a) - mp.exp(mp.mpf(b)) * total) / mp.mpf(temperature)
            for a, b in zip(grad, output, strict=True)
        ]


def sparsemax_backward(grad: Row, output: Row, temperature: float = 1.0) -> list[Number]:
    """The gradient less its mean on the support."""
    return _weighted_backward(grad, [float(y != 0) for y in output], temperature)


def entmax15_backward(grad: Row, output: Row, temperature: float = 1.0) -> list[Number]:
    """The gradient less its mean weighted by the root of the output, times that root."""
    with mp.workdps(DIGITS):
        return _weighted_backward(grad, [mp.sqrt(mp.mpf(y)) for y in output], temperature)


def _weighted_backward(grad: Row, weights: Sequence[Number], temperature: float) -> list[Number]:
    with mp.workdps(DIGITS):
        dot = mp.fsum(mp.mpf(g) * w for g, w in zip(grad, weights, strict=True))
        mean = dot / mp.fsum(weights)
        return [
            w * (mp.mpf(g) - mean) / mp.mpf(temperature) for g, w in zip(grad, weights, strict=True)
        ]


FORWARD: dict[str, Callable[..., list[Number]]] = {
    "softmax": softmax,
    "softmin": softmin,
    "log_softmax": log_softmax,
    "sparsemax": sparsemax,
    "entmax15": entmax15,
}
