"""How weights begin: functions of a shape and a source of random numbers, by name.

Sources: X. Glorot, Y. Bengio, AISTATS 2010; K. He et al., arXiv:1502.01852; Y. LeCun et al.,
Efficient BackProp, 1998; A. Saxe et al., arXiv:1312.6120.
"""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    Initializer = Callable[[tuple[int, ...], np.random.Generator], Any]


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    if len(shape) < 2:  # noqa: PLR2004
        return (shape or (1,))[0], (shape or (1,))[0]
    return math.prod(shape[:-1]), shape[-1]


def _scaled(scale: float, fan: str, distribution: str) -> Initializer:
    def initialize(shape: tuple[int, ...], random: np.random.Generator) -> Any:
        inputs, outputs = _fans(shape)
        count = inputs if fan == "in" else (inputs + outputs) / 2
        deviation = math.sqrt(scale / max(count, 1))
        if distribution == "normal":
            return random.normal(0, deviation, shape)
        limit = math.sqrt(3) * deviation
        return random.uniform(-limit, limit, shape)

    return initialize


def _orthogonal(shape: tuple[int, ...], random: np.random.Generator) -> Any:
    rows, columns = math.prod(shape[:-1]), shape[-1]
    q, r = np.linalg.qr(random.standard_normal((max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r))
    return (q if rows >= columns else q.T).reshape(shape)


def constant(value: float) -> Initializer:
    """Return an initializer that gives one number."""
    return lambda shape, _: np.full(shape, value)


_table: dict[str, Initializer] = {
    "zeros": constant(0.0),
    "ones": constant(1.0),
    "glorot_uniform": _scaled(1, "average", "uniform"),
    "glorot_normal": _scaled(1, "average", "normal"),
    "he_uniform": _scaled(2, "in", "uniform"),
    "he_normal": _scaled(2, "in", "normal"),
    "lecun_uniform": _scaled(1, "in", "uniform"),
    "lecun_normal": _scaled(1, "in", "normal"),
    "orthogonal": _orthogonal,
}


def names() -> list[str]:
    """Return the names of the initializers."""
    return list(_table)


def known(initializer: Any) -> Any:
    """Return an initializer as it is given, if `get` finds it."""
    get(initializer)
    return initializer


def get(initializer: Any) -> Initializer:
    """Find an initializer: a name, a number that all weights get, or a callable.

    Raises
    ------
    ValueError
        If it is none of them.
    """
    if isinstance(initializer, str) and initializer in _table:
        return _table[initializer]
    if isinstance(initializer, numbers.Real):
        return constant(float(initializer))
    if callable(initializer):
        made: Initializer = initializer
        return made
    message = (
        f"initializer={initializer!r} is not known; pass a number, a function of shape and "
        f"random generator, or one of {', '.join(_table)}"
    )
    raise ValueError(message)
