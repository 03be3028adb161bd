"""The exact gated units and their gradients, from the entries of the oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpmath import mp

from reference.oracle import ENTRIES, reference

if TYPE_CHECKING:
    from reference.precision import Number

ACTIVATION = {
    "glu": "sigmoid", "bilinear": "linear", "reglu": "relu", "geglu": "gelu", "swiglu": "silu",
}  # fmt: skip


def _at(name: str, direction: str, a: float) -> Number:
    activation = ACTIVATION[name]
    return reference(activation, direction, a, list(ENTRIES[activation].defaults.values()))


def value(name: str, a: float, b: float) -> Number:
    """act(a) b."""
    with mp.workprec(200):
        return _at(name, "value", a) * mp.mpf(b)


def gradients(name: str, grad_output: float, a: float, b: float) -> tuple[Number, Number]:
    """What a and b get of a gradient."""
    with mp.workprec(200):
        g = mp.mpf(grad_output)
        return g * mp.mpf(b) * _at(name, "derivative", a), g * _at(name, "value", a)
