"""Numbers right to 40 digits, whatever cancels in the formula that makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mpmath import mp

if TYPE_CHECKING:
    from collections.abc import Callable

# mpmath has no type stubs: its numbers are Any to the type checker.
Number = Any

# The last two are enough for the worst there is: x - tanh(x) at the smallest float64 cancels 2150
# bits.
PRECISIONS = (160, 320, 640, 1280, 2560, 5120)
AGREEMENT = 136  # bits, 40.9 digits
OUT_OF_SIGHT = 100_000  # a binary exponent; nobody sees the digits of a number so small or large


def settle(formula: Callable[[], Number]) -> Number:
    """Evaluate ``formula`` with more and more bits until two results agree to 40 digits.

    A zero may be a difference whose small term was lost in both evaluations, so it is believed only
    when even the highest precision gives it; infinity and NaN, when two precisions give them.
    """
    previous = mp.zero
    for bits in PRECISIONS:
        with mp.workprec(bits):
            current = mp.mpf(formula())
            if not mp.isfinite(current):
                if str(current) == str(previous):
                    return current
                previous = current
                continue
            if previous and current and mp.sign(current) == mp.sign(previous):
                if min(abs(mp.mag(current)), abs(mp.mag(previous))) > OUT_OF_SIGHT:
                    return current
                if abs(current - previous) <= mp.ldexp(abs(current), -AGREEMENT):
                    return current
        previous = current
    if previous != 0:
        message = "the formula cancels too much: write it in another form"
        raise ArithmeticError(message)
    return previous
