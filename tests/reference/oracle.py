"""The exact value and derivative of every activation, one entry each.

To add an activation, add an entry: its name, its value and its derivative as a textbook writes them
(any cancellation is paid for with more bits), then by keyword what applies:

- ``<parameter>=<default>`` for each parameter, in their order;
- ``more``: further parameter sets to test;
- ``kinks``: where the formula changes; the points there and next to them are tested;
- ``zeros``, ``turns``: about where the value and the derivative cross zero (relative accuracy is
  hardest there); refined here, and tested with 20 neighbours on both sides;
- ``points``: anything else worth testing;
- ``odd=True``: f(x) is about f'(0) x near 0, so that the sign of a zero is kept;
- ``limits``: f(-inf), f(inf), f'(-inf), f'(inf), where they are not seen at +-2**4000.

Conventions, where a choice had to be made:

- Parameters are the exact float64 numbers that are passed, float32 data or not. The one exception
  is hard_sigmoid's default alpha, read as the fraction 1/6, which no float64 is: only with the
  exact 1/6 the edges lie at -3 and 3.
- The domain of soft_exponential with alpha < 0 is 1 - alpha (x + alpha) > 0: NaN outside, -inf (the
  derivative: inf) on its border.
- A derivative at a kink follows the documented convention, noted in the formula by ``<`` or ``<=``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mpmath import mp

from reference.precision import Number, settle

Formula = Callable[..., Number]
Places = Callable[..., Sequence[Any]]
DIRECTIONS = ("value", "derivative")


@dataclass(frozen=True)
class Entry:
    """One activation: see the module's description."""

    name: str
    formulas: dict[str, Formula]
    defaults: dict[str, float]
    more: tuple[tuple[float, ...], ...]
    kinks: Places
    zeros: Places
    turns: Places
    points: Places
    odd: bool
    limits: Callable[..., Sequence[float] | None]

    def parameter_sets(self) -> list[tuple[float, ...]]:
        """The defaults, then the further ones."""
        return [tuple(self.defaults.values()), *self.more]


ENTRIES: dict[str, Entry] = {}
_CACHE: dict[tuple[str, str, float, tuple[float, ...]], Number] = {}
_FAR = mp.ldexp(1, 4000)  # stands for infinity: beyond float64, even times its smallest number


def nowhere(*_: float) -> tuple[()]:
    """No places."""
    return ()


def at(*places: Any) -> Places:
    """The same places whatever the parameters."""
    return lambda *_: places


def entry(
    name: str,
    value: Formula,
    derivative: Formula,
    /,
    *,
    more: Sequence[tuple[float, ...]] = (),
    kinks: Places = nowhere,
    zeros: Places = nowhere,
    turns: Places = nowhere,
    points: Places = nowhere,
    odd: bool = False,
    limits: Callable[..., Sequence[float] | None] = lambda *_: None,
    **parameters: float,
) -> None:
    """Add an activation."""
    formulas = {"value": value, "derivative": derivative}
    ENTRIES[name] = Entry(
        name, formulas, parameters, tuple(more), kinks, zeros, turns, points, odd, limits
    )


def reference(name: str, direction: str, x: float, parameters: Sequence[float] = ()) -> Number:
    """The exact result for a float ``x`` as an mpmath number, right to 40 digits."""
    x = float(x)
    key = (name, direction, x, tuple(parameters))
    if key not in _CACHE:
        _CACHE[key] = exactly(*key)
    return _CACHE[key]


def exactly(name: str, direction: str, x: float, parameters: Sequence[float]) -> Number:
    """As ``reference``, which remembers the results."""
    item = ENTRIES[name]
    if math.isnan(x):
        return mp.nan
    exact = mp.mpf(x)
    if math.isinf(x):
        limits = item.limits(*parameters)
        if limits is not None:
            return mp.mpf(limits[2 * DIRECTIONS.index(direction) + (x > 0)])
        exact = _FAR if x > 0 else -_FAR
    numbers = [mp.mpf(p) for p in parameters]
    result = settle(lambda: item.formulas[direction](exact, *numbers))
    with mp.workprec(200):
        return +result


def zero_sign(name: str, direction: str, x: float, parameters: Sequence[float] = ()) -> int:
    """The sign that a zero result at ``x`` must have, or 0 if it is free."""
    kept = ENTRIES[name].odd and direction == "value" and x == 0
    if kept and reference(name, "derivative", x, parameters) > 0:
        return int(math.copysign(1, x))
    return 0


# --- words of the formulas -----------------------------------------------------------------------

exp, expm1, log1p, sqrt, tanh, cosh = mp.exp, mp.expm1, mp.log1p, mp.sqrt, mp.tanh, mp.cosh
inf = math.inf


def sigmoid(x: Number) -> Number:
    return 1 / (1 + exp(-x))


def softplus(x: Number) -> Number:
    return log1p(exp(x))


def clip(x: Number, low: Number, high: Number) -> Number:
    return min(max(x, low), high)


def leaky(x: Number, slope: Number) -> Number:
    return x if x >= 0 else slope * x


def normal_pdf(x: Number) -> Number:
    return exp(-x * x / 2) / sqrt(2 * mp.pi)


def normal_cdf(x: Number) -> Number:
    # Far out mpmath's erfc is slow, or overflows. There the result has only a sign and an exponent:
    # the term left out is 1e20 times smaller, but the number below exp(-1e19).
    return normal_pdf(x) / -x if x < -1e10 else mp.erfc(-x / sqrt(2)) / 2


def squareplus(x: Number, b: Number) -> Number:
    root = sqrt(x * x + b)
    return (x + root) / 2 if x >= 0 else b / (root - x) / 2


def silu_derivative(x: Number, b: Number) -> Number:
    return sigmoid(b * x) * (1 + b * x * sigmoid(-b * x))


def fraction(x: Number) -> Number:
    return mp.mpf(1) / 6 if x == 1 / 6 else x


def gelu_tanh_slope(x: Number) -> tuple[Number, Number]:
    """x * sigmoid(2u) is x (1 + tanh u) / 2: 2u and its derivative."""
    root, cubic = sqrt(8 / mp.pi), mp.mpf("0.044715")
    return root * (x + cubic * x**3), root * (1 + 3 * cubic * x**2)


def gelu_tanh_derivative(x: Number) -> Number:
    u, du = gelu_tanh_slope(x)
    return sigmoid(u) * (1 + x * du * sigmoid(-u))


def soft_exponential(x: Number, a: Number) -> Number:
    if a < 0:
        rest = 1 - a * a - a * x
        return mp.nan if rest < 0 else -mp.inf if rest == 0 else -mp.log(rest) / a
    return (exp(a * x) + (a * a - 1)) / a if a > 0 else x


def soft_exponential_derivative(x: Number, a: Number) -> Number:
    if a < 0:
        rest = 1 - a * a - a * x
        return mp.nan if rest < 0 else mp.inf if rest == 0 else 1 / rest
    return exp(a * x)


# Entries are set by hand, two to four lines each; not every formula needs all of its arguments.
# fmt: off
# ruff: noqa: ARG005

# --- piecewise linear and quadratic --------------------------------------------------------------

entry("linear", lambda x, a: a * x, lambda x, a: a, slope=1.0, odd=True,
      more=[(0.5,), (-2.0,), (3.7,), (0.0,)])
entry("binary_step", lambda x, t: 1 if x > t else 0, lambda x, t: 0,
      threshold=0.0, more=[(0.5,), (-1.25,)], kinks=lambda t: [t])
entry("relu", lambda x: max(x, 0), lambda x: 1 if x > 0 else 0, kinks=at(0))
entry("relu6", lambda x: clip(x, 0, 6), lambda x: 1 if 0 < x < 6 else 0, kinks=at(0, 6))
entry("squared_relu", lambda x: max(x, 0) ** 2, lambda x: 2 * max(x, 0), kinks=at(0))
entry("leaky_relu", leaky, lambda x, a: 1 if x > 0 else a,
      negative_slope=0.01, more=[(0.2,), (-0.5,), (2.0,), (0.0,)], kinks=at(0), odd=True)
entry("leaky_relu6", lambda x, a: min(leaky(x, a), 6),
      lambda x, a: 0 if leaky(x, a) >= 6 else 1 if x > 0 else a,
      negative_slope=0.01, more=[(0.2,), (2.0,), (0.0,), (-0.5,), (-3.0,),
                                   (-0.9999999999999996,)],
      kinks=lambda a: [0, 6, 6 / a] if a < 0 else [0, 6], odd=True)
entry("prelu", leaky, lambda x, a: 1 if x > 0 else a,
      negative_slope=0.25, more=[(0.01,), (-0.5,), (1.5,)], kinks=at(0), odd=True)
entry("general_relu", lambda x, a, top, t: min(x, top) if x >= t else a * (x - t),
      lambda x, a, top, t: a if x <= t else 1 if x < top else 0,
      negative_slope=0.0, max_value=inf, threshold=0.0, odd=True,
      more=[(0.1, 6.0, 0.0), (0.25, inf, 1.0), (-0.5, 2.0, -1.0), (0.3, 4.0, 0.7)],
      kinks=lambda a, top, t: [t, *([top] if top < inf else [])])
entry("hard_tanh", clip, lambda x, low, high: 1 if low < x < high else 0,
      min_value=-1.0, max_value=1.0, more=[(0.0, 6.0), (-0.1, 2.5), (1.0, 1.0), (-3.0, -2.0)],
      kinks=lambda low, high: [low, high], odd=True)
entry("hard_sigmoid", lambda x, a, b: clip(fraction(a) * x + b, 0, 1),
      lambda x, a, b: fraction(a) if 0 < fraction(a) * x + b < 1 else 0,
      alpha=1 / 6, beta=0.5,
      more=[(0.2, 0.5), (0.25, 0.5), (0.5, 0.25), (0.125, 0.0), (0.3, 0.35), (0.7, 0.3),
            (1e-9, 0.3)],
      kinks=lambda a, b: [-b / fraction(a), (1 - b) / fraction(a)])
entry("hard_silu", lambda x: x * clip((x + 3) / 6, 0, 1),
      lambda x: 0 if x <= -3 else (2 * x + 3) / 6 if x < 3 else 1, kinks=at(-3, 3),
      turns=at(-1.5), odd=True)
entry("hard_shrink", lambda x, t: x if abs(x) > t else 0, lambda x, t: 1 if abs(x) > t else 0,
      threshold=0.5, more=[(0.1,), (2.0,), (0.0,)], kinks=lambda t: [-t, t])
entry("soft_shrink", lambda x, t: mp.sign(x) * max(abs(x) - t, 0),
      lambda x, t: 1 if abs(x) > t else 0,
      threshold=0.5, more=[(0.1,), (2.0,), (0.0,)], kinks=lambda t: [-t, t])
entry("threshold", lambda x, t, v: x if x > t else v, lambda x, t, v: 1 if x > t else 0,
      threshold=0.0, value=0.0, more=[(0.1, 20.0), (-1.0, 0.5), (1.0, -0.1)],
      kinks=lambda t, v: [t])
entry("thresholded_relu", lambda x, t: x if x > t else 0, lambda x, t: 1 if x > t else 0,
      threshold=1.0, more=[(0.0,), (0.3,), (2.0,)], kinks=lambda t: [t])
entry("sparse_plus", lambda x: 0 if x <= -1 else (x + 1) ** 2 / 4 if x < 1 else x,
      lambda x: clip((x + 1) / 2, 0, 1), kinks=at(-1, 1))
entry("sparse_sigmoid", lambda x: clip((x + 1) / 2, 0, 1),
      lambda x: mp.mpf(1) / 2 if -1 < x < 1 else 0, kinks=at(-1, 1))
entry("sqnl", lambda x: x - x * abs(x) / 4 if abs(x) < 2 else mp.sign(x),
      lambda x: max(1 - abs(x) / 2, 0), kinks=at(-2, 2), odd=True)

# --- bounded -------------------------------------------------------------------------------------

entry("sigmoid", sigmoid, lambda x: sigmoid(x) * sigmoid(-x))
entry("log_sigmoid", lambda x: -softplus(-x), lambda x: sigmoid(-x))
entry("tanh", tanh, lambda x: 1 / cosh(x) ** 2, odd=True)
entry("scaled_tanh", lambda x, a, b: a * tanh(b * x), lambda x, a, b: a * b / cosh(b * x) ** 2,
      alpha=1.7159, beta=2 / 3, odd=True,
      more=[(1.0, 0.5), (2.0, 2.0), (-1.5, 0.75), (0.3, 3.0), (1e30, 1e-30), (1e-30, 1e30)])
entry("softsign", lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2,
      kinks=at(0), odd=True)
entry("arctan", mp.atan, lambda x: 1 / (1 + x * x), odd=True)
entry("isru", lambda x, a: x / sqrt(1 + a * x * x), lambda x, a: 1 / sqrt(1 + a * x * x) ** 3,
      alpha=1.0, more=[(0.5,), (2.0,), (3.0,), (1e-30,), (1e30,)], odd=True)
entry("gaussian", lambda x: exp(-x * x), lambda x: -2 * x * exp(-x * x))
# The points are the float32 and the float64 number closest to a multiple of pi/2.
entry("sinusoid", mp.sin, mp.cos, odd=True, limits=at(*[math.nan] * 4),
      zeros=at(mp.pi, -2 * mp.pi, 3 * mp.pi, 100 * mp.pi), turns=at(mp.pi / 2, -3 * mp.pi / 2),
      points=at(16367173 * 2.0**72, 6381956970095103 * 2.0**797, 1e22, 1e300))
entry("sinc", lambda x: mp.sin(x) / x if x else 1,
      lambda x: (x * mp.cos(x) - mp.sin(x)) / x**2 if x else 0, limits=at(0, 0, 0, 0),
      zeros=at(mp.pi, -mp.pi, 2 * mp.pi, 3 * mp.pi, 100 * mp.pi),
      turns=at(4.4934094579, -4.4934094579, 7.7252518369, 10.904121659, 14.066193913),
      points=at(16367173 * 2.0**72, 6381956970095103 * 2.0**797, 1e22, 1e300))
entry("tanh_shrink", lambda x: x - tanh(x), lambda x: tanh(x) ** 2)
entry("exponential", exp, exp)

# --- smooth rectifiers ---------------------------------------------------------------------------

SELU_ALPHA, SELU_SCALE = "1.6732632423543772848170429916717", "1.0507009873554804934193349852946"

entry("softplus", lambda x, b: softplus(b * x) / b, lambda x, b: sigmoid(b * x),
      beta=1.0, more=[(0.5,), (2.0,), (3.3,), (1e-30,), (1e30,)])
entry("squareplus", squareplus, lambda x, b: squareplus(x, b) / sqrt(x * x + b),
      b=4.0, more=[(1.0,), (0.25,), (0.1,), (1e-30,), (100.0,)])
entry("elu", lambda x, a: x if x > 0 else a * expm1(x), lambda x, a: 1 if x > 0 else a * exp(x),
      alpha=1.0, more=[(0.5,), (2.0,), (0.3,), (1e-30,), (1e30,)], kinks=at(0), odd=True)
entry("selu", lambda x: mp.mpf(SELU_SCALE) * (x if x > 0 else mp.mpf(SELU_ALPHA) * expm1(x)),
      lambda x: mp.mpf(SELU_SCALE) * (1 if x > 0 else mp.mpf(SELU_ALPHA) * exp(x)), kinks=at(0),
      odd=True)
entry("celu", lambda x, a: x if x > 0 else a * expm1(x / a),
      lambda x, a: 1 if x > 0 else exp(x / a),
      alpha=1.0, more=[(0.5,), (2.0,), (0.3,), (1e-30,), (1e30,)], kinks=at(0), odd=True)
entry("isrlu", lambda x, a: x if x >= 0 else x / sqrt(1 + a * x * x),
      lambda x, a: 1 if x >= 0 else 1 / sqrt(1 + a * x * x) ** 3,
      alpha=1.0, more=[(0.5,), (2.0,), (3.0,), (1e-30,), (1e30,)], kinks=at(0), odd=True)
entry("silu", lambda x, b: x * sigmoid(b * x), silu_derivative, odd=True,
      beta=1.0, more=[(0.5,), (2.0,), (1.702,), (1.5,), (-1.5,), (0.3,), (1e-30,), (1e30,),
                      (0.87679655117106,)],  # float32 has a number very close to its root
      turns=lambda b: [-1.2784645427610738 / b])
entry("gelu", lambda x: x * normal_cdf(x), lambda x: normal_cdf(x) + x * normal_pdf(x),
      turns=at(-0.75179152469356446), odd=True)
entry("gelu_tanh", lambda x: x * sigmoid(gelu_tanh_slope(x)[0]), gelu_tanh_derivative,
      turns=at(-0.75246142200715), odd=True)
entry("gelu_quick", lambda x: x * sigmoid(mp.mpf("1.702") * x),
      lambda x: silu_derivative(x, mp.mpf("1.702")),
      turns=at(-0.75115425544129), odd=True)
entry("mish", lambda x: x * tanh(softplus(x)),
      lambda x: tanh(softplus(x)) + x * sigmoid(x) / cosh(softplus(x)) ** 2,
      turns=at(-1.1924312145154952), odd=True)
entry("bent_identity", lambda x: (sqrt(x * x + 1) - 1) / 2 + x,
      lambda x: x / sqrt(x * x + 1) / 2 + 1, odd=True)
entry("soft_exponential", soft_exponential, soft_exponential_derivative,
      alpha=0.0, more=[(0.5,), (-0.5,), (1.0,), (-1.0,), (0.1,), (-0.1,), (0.3,),
                       (2.0,), (-2.0,), (-30.0,), (1e-20,), (1e-27,),
                       # float64 numbers very close to the root, or to the border
                       (0.22727660284763168,), (-2.4400302737635493e-06,)], odd=True,
      kinks=lambda a: [1 / a - a] if a < 0 else [],
      zeros=lambda a: [math.log1p(-a * a) / a] if 0 < a < 1 else [-a] if a < 0 else [],
      limits=lambda a: (math.nan, inf, math.nan, 0) if a < 0 else None)
