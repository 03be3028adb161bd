"""The correctly rounded results of half precision, as tests/sweep/halves.py has found them.

A line of halves.txt: dtype, function, direction, digest of the correctly rounded results at all
65536 numbers, and those inputs at which nonlin rounds the other way: it rounds to float32 first,
and may end on the border between two halves. Inputs are patterns in hexadecimal, or runs of them;
behind them stands whether the right pattern is nonlin's + 1 or - 1.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

import nonlin as nl

Array = NDArray[Any]
DTYPES: dict[str, Any] = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16}
NAN = {"float16": 0x7E00, "bfloat16": 0x7FC0}
DIRECTIONS = ("value", "derivative", "backward")
GRADIENT = -0.7  # rounded to the dtype
FILE = Path(__file__).with_name("halves.txt")


class Line(NamedTuple):
    """What the file says of one function."""

    digest: str
    exceptions: dict[int, int]  # pattern of the input: what nonlin's pattern lacks


def every_number(dtype: Any) -> Array:
    """Every pattern once; NaN quiet, for NumPy warns of others."""
    x = np.arange(1 << 16).astype(np.uint16).view(dtype)
    with np.errstate(invalid="ignore"):
        x[np.isnan(x)] = np.nan
    return x


def patterns(y: Array) -> NDArray[np.uint16]:
    """The bits, one pattern for all NaN."""
    y = y.copy()
    y[np.isnan(y)] = np.nan
    return y.view(np.uint16)


def digest(y: Array) -> str:
    """A few digits that tell results apart."""
    return hashlib.sha256(patterns(y).astype("<u2").tobytes()).hexdigest()[:20]


def results(name: str, x: Array) -> tuple[Array, ...]:
    """What nonlin computes, in the order of the directions."""
    function, grad = getattr(nl, name), np.array(GRADIENT, x.dtype)
    back = function.backward(np.broadcast_to(grad, x.shape), x)
    return function(x), function.derivative(x), back[0] if isinstance(back, tuple) else back


def line(dtype: str, name: str, direction: str, right: Array, got: Array) -> str:
    """Write a line; wrong results must be neighbours of the right ones."""
    lacks = patterns(right).astype(int) - patterns(got)
    if np.abs(lacks).max() > 1:
        message = f"{name} {direction} at {np.flatnonzero(np.abs(lacks) > 1)} is wrong"
        raise ValueError(message)
    wrong = np.flatnonzero(lacks)
    ends = np.flatnonzero((np.diff(wrong) != 1) | (np.diff(lacks[wrong]) != 0))
    runs = np.split(wrong, ends + 1) if wrong.size else []
    words = [
        f"{run[0]:04x}" + f"-{run[-1]:04x}" * (run.size > 1) + ("+" if lacks[run[0]] > 0 else "-")
        for run in runs
    ]
    return " ".join([dtype, name, direction, digest(right), *words])


def replace(lines: list[str]) -> None:
    """Put lines into the file, instead of those of the same functions and directions."""
    old = FILE.read_text().splitlines() if FILE.exists() else []
    merged = {tuple(text.split()[:3]): text for text in (*old, *lines)}
    FILE.write_text("\n".join(merged[key] for key in sorted(merged)) + "\n")


def read() -> dict[tuple[str, str, str], Line]:
    """Return the lines by dtype, function and direction."""
    found = {}
    for text in FILE.read_text().splitlines():
        dtype, name, direction, right, *runs = text.split()
        exceptions = {}
        for run in runs:
            first, _, last = run[:-1].partition("-")
            inputs = range(int(first, 16), int(last or first, 16) + 1)
            exceptions |= dict.fromkeys(inputs, int(f"{run[-1]}1"))
        found[dtype, name, direction] = Line(right, exceptions)
    return found
