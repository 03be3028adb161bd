"""Minimax polynomials of src/nonlin: how every coefficient there was made.

    python tools/coefficients.py            # all fits
    python tools/coefficients.py log1p      # those whose name contains the word

Each fit prints its maximal relative error (with the coefficients as rounded) and its coefficients,
lowest first, as C hexadecimal floats; fits with `parts > 0` print the first ones as (hi, lo).
Method: Remez exchange in 60-digit arithmetic; needs mpmath and NumPy.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mpmath as mp
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

mp.mp.dps = 60


@dataclass
class Fit:
    """Approximate f by a polynomial of the given degree in t on [low, high].

    The error counted is |poly - f| * weight(t); by default the weight is 1/|f|.
    """

    name: str
    f: Callable[[mp.mpf], mp.mpf]
    low: mp.mpf
    high: mp.mpf
    degree: int
    parts: int = 0
    weight: Callable[[mp.mpf], mp.mpf] | None = None
    fixed: tuple[mp.mpf, ...] = ()  # leading coefficients that are given


def remez(fit: Fit, rounds: int = 12) -> list[mp.mpf]:
    """Coefficients of the minimax polynomial (without the fixed ones)."""
    low, high, skip = mp.mpf(fit.low), mp.mpf(fit.high), len(fit.fixed)
    n = fit.degree - skip + 1
    cache: dict[mp.mpf, mp.mpf] = {}

    def target(t: mp.mpf) -> mp.mpf:
        if t not in cache:
            cache[t] = fit.f(t)
        return cache[t]

    weight = fit.weight or (lambda t: 1 / abs(target(t)))
    nodes = [
        (low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (n - k) / n) for k in range(n + 1)
    ]
    coefficients: list[mp.mpf] = []
    for _ in range(rounds):
        matrix, right = mp.matrix(n + 1), mp.matrix(n + 1, 1)
        for i, t in enumerate(nodes):
            for j in range(n):
                matrix[i, j] = t ** (j + skip)
            matrix[i, n] = (-1) ** i / weight(t)
            right[i] = target(t) - sum(c * t**j for j, c in enumerate(fit.fixed))
        solution = mp.lu_solve(matrix, right)
        coefficients = list(fit.fixed) + [solution[j] for j in range(n)]
        level = abs(solution[n])

        def error(t: mp.mpf, c: list[mp.mpf] = coefficients) -> mp.mpf:
            return (mp.polyval(c[::-1], t) - target(t)) * weight(t)

        # New nodes: the extremum between each pair of sign changes, on a fine Chebyshev grid.
        count = 24 * n
        grid = [
            (low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * k / count)
            for k in range(count + 1)
        ]
        groups: list[tuple[mp.mpf, mp.mpf]] = []
        for t in grid:
            e = error(t)
            if groups and mp.sign(groups[-1][1]) == mp.sign(e):
                if abs(e) > abs(groups[-1][1]):
                    groups[-1] = (t, e)
            else:
                groups.append((t, e))
        if len(groups) < n + 1:
            break
        while len(groups) > n + 1:
            groups.pop(0 if abs(groups[0][1]) < abs(groups[-1][1]) else -1)
        nodes = [t for t, _ in groups]
        if max(abs(e) for _, e in groups) < level * mp.mpf("1.02"):
            break
    return coefficients


def hexadecimal(c: mp.mpf) -> str:
    text = float(c).hex()
    mantissa, exponent = text.split("p")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}p{int(exponent)}"


def report(fit: Fit) -> None:
    exact = remez(fit)
    rounded, words = [], []
    for k, c in enumerate(exact):
        hi = mp.mpf(float(c))
        lo = mp.mpf(float(c - hi)) if k < fit.parts else mp.mpf(0)
        rounded.append(hi + lo)
        words.append(hexadecimal(hi) + (f", {hexadecimal(lo)}" if k < fit.parts else ""))
    weight = fit.weight or (lambda t: 1 / abs(fit.f(t)))
    worst = mp.mpf(0)
    for k in range(401):
        t = fit.low + (fit.high - fit.low) * mp.mpf(k) / 400
        worst = max(worst, abs(mp.polyval(rounded[::-1], t) - fit.f(t)) * weight(t))
    bits = mp.nstr(mp.log(worst, 2), 4) if worst else "-inf"
    print(f"{fit.name}: degree {fit.degree}, error 2^{bits}")
    for word in words:
        print(f"    {word},")
    print()


def log1p_tail(z: mp.mpf) -> mp.mpf:
    """(log1p(u) - 2 s) / s^3 with s = u / (2 + u), z = s^2."""
    if z < mp.mpf("1e-3"):
        return mp.fsum(2 * z**k / mp.mpf(2 * k + 3) for k in range(30))
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) - 2 * s) / s**3


def atan_tail(z: mp.mpf) -> mp.mpf:
    """(atan(t) - t) / t^3, z = t^2."""
    if z < mp.mpf("1e-3"):
        return mp.fsum((-1) ** (k + 1) * z**k / mp.mpf(2 * k + 3) for k in range(30))
    t = mp.sqrt(z)
    return (mp.atan(t) - t) / t**3


def tanh_shrink_tail(z: mp.mpf) -> mp.mpf:
    """(x - tanh x) / x^3, z = x^2."""
    if z < mp.mpf("1e-4"):
        with mp.workdps(90):
            x = mp.sqrt(z + mp.mpf("1e-60"))
            return (x - mp.tanh(x)) / x**3
    x = mp.sqrt(z)
    return (x - mp.tanh(x)) / x**3


def sin_tail(z: mp.mpf) -> mp.mpf:
    """(sin r - r) / r^3, z = r^2."""
    return mp.fsum((-1) ** (k + 1) * z**k / mp.factorial(2 * k + 3) for k in range(25))


def cos_tail(z: mp.mpf) -> mp.mpf:
    """(cos r - 1 + r^2/2) / r^4, z = r^2."""
    return mp.fsum((-1) ** k * z**k / mp.factorial(2 * k + 4) for k in range(25))


def sinc_slope(z: mp.mpf) -> mp.mpf:
    """(x cos x - sin x) / x^3, z = x^2."""
    return mp.fsum(
        (-1) ** (k + 1) * z**k * (2 * k + 2) / mp.factorial(2 * k + 3) for k in range(25)
    )


def erfcx(z: mp.mpf) -> mp.mpf:
    return mp.exp(z * z) * mp.erfc(z)


GELU_ROOT = mp.findroot(lambda x: mp.ncdf(x) + x * mp.npdf(x), mp.mpf("-0.7517915246935644574579"))


def gelu_tail(kappa: int) -> Callable[[mp.mpf], mp.mpf]:
    """G(t) = erfcx(a / sqrt 2) (a + kappa) / 2 with a = kappa (1 + t) / (1 - t)."""

    def g(t: mp.mpf) -> mp.mpf:
        a = kappa * (1 + t) / (1 - t)
        return erfcx(a / mp.sqrt(2)) * (a + kappa) / 2

    return g


def gelu_slope(kappa: int) -> Callable[[mp.mpf], mp.mpf]:
    """J(t) = (a / sqrt(2 pi) - erfcx(a / sqrt 2) / 2) / (a - r), a as in gelu_tail, -r the root."""

    def j(t: mp.mpf) -> mp.mpf:
        a = kappa * (1 + t) / (1 - t)
        r = -GELU_ROOT
        if abs(a - r) < mp.mpf("1e-25"):
            a = r + mp.mpf("1e-25")
        return (a / mp.sqrt(2 * mp.pi) - erfcx(a / mp.sqrt(2)) / 2) / (a - r)

    return j


def mapped(a: float, kappa: int) -> mp.mpf:
    return (mp.mpf(a) - kappa) / (mp.mpf(a) + kappa)


LN2 = mp.log(2)
EIGHTH = mp.tan(mp.pi / 8)
SINGLE = LN2 / 16 * mp.mpf("1.001")  # half a step of the eight-entry table
HALF_STEP = mp.mpf("0.501")
WIDE = LN2 / 2 * mp.mpf("1.0001")


def exp_tail(first: int) -> Callable[[mp.mpf], mp.mpf]:
    """e^r without its first terms, over r^first."""
    return lambda r: mp.fsum(r**k / mp.factorial(k + first) for k in range(30))


FITS = [
    # math/exp.h; in float64 data's table steps Taylor's coefficients do
    Fit("exp f32w: (e^r - 1 - r) / r^2", exp_tail(2), -WIDE, WIDE, 5),
    # math/exp_single.h, relative to r; coefficients are rounded to float32 there
    Fit(
        "exp f32: (e^r - 1 - r - r^2/2) / r^3",
        exp_tail(3),
        -SINGLE,
        SINGLE,
        1,
        weight=lambda r: max(abs(r), mp.mpf("1e-3")) ** 2,
    ),
    # rowwise/weights.h, where all are divided by the first
    Fit("weights f32: 2^(f/8)", lambda f: 2 ** (f / 8), -HALF_STEP, HALF_STEP, 3),
    # math/log1p.h
    Fit("log1p f32w", log1p_tail, mp.mpf(0), mp.mpf(1) / 9, 4),
    Fit("log1p f64", log1p_tail, mp.mpf(0), mp.mpf(1) / 9, 9),
    # math/atan.h
    Fit("atan f32w", atan_tail, mp.mpf(0), EIGHTH**2 * mp.mpf("1.001"), 5),
    Fit("atan f64", atan_tail, mp.mpf(0), EIGHTH**2 * mp.mpf("1.001"), 11),
    # elementwise/tanh_shrink.h
    Fit("tanh_shrink f32w", tanh_shrink_tail, mp.mpf(0), mp.mpf(1), 8),
    Fit("tanh_shrink f64", tanh_shrink_tail, mp.mpf(0), mp.mpf(1), 16, parts=3),
    # math/trig.h
    Fit("sin f32w", sin_tail, mp.mpf(0), (mp.pi / 4) ** 2 * mp.mpf("1.01"), 3),
    Fit("cos f32w", cos_tail, mp.mpf(0), (mp.pi / 4) ** 2 * mp.mpf("1.01"), 3),
    Fit("sin f64", sin_tail, mp.mpf(0), (mp.pi / 4) ** 2 * mp.mpf("1.01"), 6),
    Fit("cos f64", cos_tail, mp.mpf(0), (mp.pi / 4) ** 2 * mp.mpf("1.01"), 6),
    # elementwise/sinc.h
    Fit("sinc slope f64", sinc_slope, mp.mpf(0), mp.mpf(1), 8, parts=2),
    # math/normal.h
    Fit("gelu G f32w", gelu_tail(4), mapped(0, 4), mapped(14.8, 4), 10),
    Fit("gelu G f64", gelu_tail(4), mapped(0, 4), mapped(39, 4), 24, parts=5),
    # to 20, where even the largest float32 gradient times the slope has vanished
    Fit("gelu J f32w", gelu_slope(4), mapped(0, 4), mapped(20, 4), 9),
    Fit("gelu J f64", gelu_slope(4), mapped(0, 4), mapped(39, 4), 22, parts=4),
]


def shared_factor() -> None:
    """Print the table of rowwise/weights.h: f 2^(j/8), f such that all are nearly float32."""
    steps = [float(mp.mpf(2) ** (mp.mpf(j) / 8)) for j in range(8)]
    first = np.arange(2**23, int(2**23 * steps[1]), dtype=np.float64) / 2**23
    errors = [(v.astype(np.float32) - v) / v for v in (first * step for step in steps)]
    low, high = np.minimum.reduce(errors), np.maximum.reduce(errors)
    best = int(np.argmin(high - low))
    factor = mp.mpf(first[best]) * (1 + mp.mpf(float(high[best] + low[best])) / 2)
    print(f"weights f32: f = {hexadecimal(factor)}, within 2^{np.log2(high - low)[best] - 1:.2f}")
    for j, step in enumerate(steps):
        bits = np.float32(first[best] * step).view(np.uint32) - np.uint32(j << 20)
        print(f"    {hexadecimal(mp.mpf(float(bits.view(np.float32))))},")
    print()


def main() -> None:
    words = sys.argv[1:]
    if not words or "weights" in words:
        shared_factor()
    for fit in FITS:
        if not words or any(word in fit.name for word in words):
            report(fit)


if __name__ == "__main__":
    main()
