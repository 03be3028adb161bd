"""The points at which an activation is tested, for each dtype and parameter set."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from mpmath import mp
from numpy.typing import NDArray

from reference.oracle import DIRECTIONS, ENTRIES, Entry, reference
from reference.ulp import finfo, nearest, smallest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reference.precision import Number

Array = NDArray[Any]

# Random points per grid; the fixed ones add about 250.
POINTS = int(os.environ.get("NONLIN_TEST_POINTS", "600"))


def grid(
    name: str, dtype: Any, parameters: Sequence[float] | None = None, count: int | None = None
) -> Array:
    """Points for one activation, without repetitions; every one is an exact number of ``dtype``.

    NaN of both signs, infinities and both zeros included. Without ``parameters``, for the defaults.
    """
    item = ENTRIES[name]
    parameters = item.parameter_sets()[0] if parameters is None else parameters
    count = POINTS if count is None else count
    seed = zlib.crc32(f"{name} {parameters}".encode())
    parts = [
        specials(dtype),
        np.arange(-40, 41).astype(dtype),
        neighbours(item.kinks(*parameters), dtype, 2),
        neighbours(crossings(item, parameters), dtype, 20),
        neighbours(item.points(*parameters), dtype, 1),
        neighbours(tails(name, dtype, parameters), dtype, 3),
        scattered(dtype, count, np.random.default_rng(seed)),
    ]
    return distinct(parts)


def short_grid(name: str, dtype: Any, parameters: Sequence[float], count: int) -> Array:
    """The points most likely to be hard, without the search for tails: for many parameter sets."""
    item = ENTRIES[name]
    random = np.random.default_rng(zlib.crc32(f"{name} {parameters}".encode()))
    sizes = np.abs([p for p in (1.0, *parameters) if p and np.isfinite(p)])
    with np.errstate(over="ignore"):
        scales = random.choice(np.concatenate([sizes, 1 / sizes]), count)
        scaled = (scales * random.uniform(-8, 8, count)).astype(dtype)
    parts = [
        specials(dtype),
        neighbours(item.kinks(*parameters), dtype, 2),
        neighbours(crossings(item, parameters), dtype, 3),
        scaled,
        scattered(dtype, count, random),
    ]
    return distinct(parts)


def distinct(parts: Sequence[Array]) -> Array:
    """All points, each once, in their order."""
    values = np.concatenate(parts)
    bits = values.view(f"u{values.itemsize}")
    return values[np.sort(np.unique(bits, return_index=True)[1])]


def specials(dtype: Any) -> Array:
    """Zeros, infinities, NaN, and both ends of the subnormal and the normal numbers."""
    info = finfo(dtype)
    step = info.smallest_subnormal
    ends = [0, step, 2 * step, info.tiny - step, info.tiny, info.eps, info.max, np.inf, np.nan]
    positive = np.array(ends, dtype)
    return np.concatenate([positive, -positive])


def neighbours(places: Iterable[Any], dtype: Any, reach: int) -> Array:
    """The numbers of ``dtype`` next to each place, ``reach`` of them on both sides."""
    found: list[Any] = []
    for place in places:
        middle = np.array([nearest(mp.mpf(place), dtype)], dtype)
        down = up = middle
        ends = np.array([-np.inf, np.inf], dtype)
        found.append(middle)
        with np.errstate(over="ignore"):
            for _ in range(reach):
                down, up = np.nextafter(down, ends[0]), np.nextafter(up, ends[1])
                found += [down, up]
    points: Array = np.concatenate([np.empty(0, dtype), *found])
    return points[np.isfinite(points)]


def crossings(item: Entry, parameters: Sequence[float]) -> list[Number]:
    """Where the value or the derivative crosses zero, to 50 digits."""
    found = []
    numbers = [mp.mpf(p) for p in parameters]
    for direction, places in (("value", item.zeros), ("derivative", item.turns)):
        formula = item.formulas[direction]
        with mp.workprec(400):
            for guess in places(*parameters):
                near = (mp.mpf(guess), mp.mpf(guess) * (1 + mp.mpf(2) ** -20))
                found.append(
                    mp.findroot(lambda x, f=formula: mp.mpf(f(x, *numbers)), near, tol=1e-80)
                )
    return found


def tails(name: str, dtype: Any, parameters: Sequence[float]) -> list[float]:
    """Where a result leaves the numbers of ``dtype``, or enters the subnormal ones.

    Towards both infinities, the last number whose result is at least the smallest subnormal, and at
    least the smallest normal number; or the first whose result overflows.
    """
    info = finfo(dtype)
    levels = [smallest(dtype), mp.mpf(float(info.tiny)), mp.mpf(float(info.max))]
    found = []
    for direction in DIRECTIONS:
        for sign in (-1, 1):
            for level in levels:
                place = _last_at_least(name, direction, dtype, parameters, sign=sign, level=level)
                if place is not None:
                    found.append(place)
    return found


def last_subnormal(
    name: str, direction: str, dtype: Any, parameters: Sequence[float], sign: int
) -> float | None:
    """The last number towards ``sign`` infinity whose result reaches the smallest subnormal.

    None where the results do not fade to zero, or do so before 2.
    """
    level = smallest(dtype)
    place = _last_at_least(name, direction, dtype, parameters, sign=sign, level=level)
    if place is None or abs(reference(name, direction, place, parameters)) < level:
        return None
    return place


def _last_at_least(
    name: str, direction: str, dtype: Any, parameters: Sequence[float], *, sign: int, level: Number
) -> float | None:
    """The last number whose results lie on the same side of the level as those at 2.

    Bisection over the bit patterns, which are in the order of the numbers.
    """
    integer = f"u{np.dtype(dtype).itemsize}"
    low, high = (int(np.array(v, dtype).view(integer)) for v in (2.0, finfo(dtype).max))

    def number(pattern: int) -> float:
        return sign * float(np.array(pattern, integer).view(dtype))

    def reaches(pattern: int) -> bool:
        return bool(abs(reference(name, direction, number(pattern), parameters)) >= level)

    start = reaches(low)
    if start == reaches(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if reaches(middle) == start:
            low = middle
        else:
            high = middle
    return number(low)


def scattered(dtype: Any, count: int, random: np.random.Generator) -> Array:
    """Random numbers: half over all exponents, the rest even in [-10, 10] and [-100, 100]."""
    info = finfo(dtype)
    exponents = random.integers(info.minexp - info.nmant, info.maxexp, count // 2)
    parts = [
        np.ldexp(random.uniform(1, 2, count // 2), exponents) * random.choice([-1, 1], count // 2),
        random.uniform(-10, 10, count - count // 2 - count // 5),
        random.uniform(-100, 100, count // 5),
    ]
    with np.errstate(over="ignore"):  # what rounds to infinity is welcome too
        return np.concatenate(parts).astype(dtype)
