"""Compare half precision, at every one of its 65536 numbers, with the correctly rounded result.

    python tests/sweep/halves.py                       # all functions, half an hour of two CPUs
    python tests/sweep/halves.py gelu --keep FOLDER

Value, derivative, and the gradient of ``GRADIENT`` are compared for the default parameters. What is
found goes to tests/reference/halves.txt, which tests/python/test_halves.py reads: of each function
a digest of the correctly rounded results, and the inputs at which nonlin's are not. In a folder
given with ``--keep`` the exact results stay, for the next run.

A zero whose sign is free (see reference/ulp.py) counts as nonlin has it.
"""

from __future__ import annotations

import argparse
import math
import sys
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
from mpmath import mp

sys.path[:0] = [str(Path(__file__).parents[1])]
from reference import halves, ulp  # noqa: E402
from reference.oracle import ENTRIES, exactly, zero_sign  # noqa: E402
from reference.precision import PRECISIONS  # noqa: E402

import nonlin as nl  # noqa: E402

TOLERANCE, TINY = mp.ldexp(1, -48), mp.ldexp(1, -200)
Task = tuple[str, str, Path | None]


def number(name: str, direction: str, x: float, expected: float) -> Any:
    """The exact result, right to 48 bits at least.

    Evaluated once, where nonlin's float64 result, whose formula is another, agrees to 48 bits, or
    is as good as 0 to a half; else as often as the oracle finds necessary.
    """
    parameters = ENTRIES[name].parameter_sets()[0]
    if math.isfinite(x):
        mp.prec = PRECISIONS[1]
        found = mp.mpf(ENTRIES[name].formulas[direction](mp.mpf(x), *map(mp.mpf, parameters)))
        if mp.isfinite(found) and abs(found - expected) <= abs(found) * TOLERANCE:
            return found
        if max(abs(found), abs(expected)) < TINY and mp.sign(found) == math.copysign(1, expected):
            return found
    return exactly(name, direction, x, parameters)


def pattern(exact: Any, dtype: str) -> int:
    """The bits of a number correctly rounded to a half, NaN apart."""
    sign, whole, exponent, length = exact._mpf_
    significant, least, beyond = ulp.FORMATS[dtype]
    infinity = 0x7FFF & -(1 << (significant - 1))
    if mp.isinf(exact):
        return infinity + (0x8000 if exact < 0 else 0)
    if whole == 0 or exponent + length < least:  # less than half of the least number
        return 0x8000 * sign
    if exponent + length > beyond:
        return infinity + 0x8000 * sign
    # In units of the last place, the number's own or the least: cut, and the rest compared.
    last_place = max(exponent + length - significant, least)
    shift = last_place - exponent
    units, rest = (whole << -shift, 0) if shift <= 0 else divmod(whole, 1 << shift)
    if shift > 0 and 2 * rest + (units & 1) > 1 << shift:
        units += 1
    # Patterns count on from one exponent to the next.
    found = ((last_place - least) << (significant - 1)) + units
    return min(found, infinity) + 0x8000 * sign


def exact(name: str, dtype: str) -> dict[str, Any]:
    """Every result twice, as a half's bits and as float64; and where a zero's sign is free."""
    x = halves.every_number(halves.DTYPES[dtype])
    parameters = ENTRIES[name].parameter_sets()[0]
    grad = mp.mpf(float(np.array(halves.GRADIENT, x.dtype)))
    found: dict[str, Any] = {}
    for way in halves.DIRECTIONS:
        found[way] = np.full(x.size, halves.NAN[dtype], np.uint16)
        found[f"{way} wide"] = np.full(x.size, np.nan)
        found[f"{way} free"] = np.zeros(x.size, bool)
    function = getattr(nl, name)
    points = x.astype(np.float64)
    values, slopes = function(points).tolist(), function.derivative(points).tolist()
    for i, point in enumerate(points.tolist()):
        value = number(name, "value", point, values[i])
        slope = number(name, "derivative", point, slopes[i])
        for way, result in zip(halves.DIRECTIONS, (value, slope, slope * grad), strict=True):
            if mp.isnan(result):
                continue
            found[way][i] = pattern(result, dtype)
            found[f"{way} wide"][i] = result
            if result == 0:
                sign = zero_sign(name, way, point, parameters) if way == "value" else 0
                found[way][i] = 0x8000 * (sign < 0)
                found[f"{way} free"][i] = sign == 0
    return found


def kept(task: Task) -> tuple[str, str, dict[str, Any]]:
    """Return the exact results, from the folder if they are there."""
    name, dtype, folder = task
    file = None if folder is None else folder / f"{name}-{dtype}.npz"
    if file is not None and file.exists():
        with np.load(file) as arrays:
            return name, dtype, dict(arrays)
    found = exact(name, dtype)
    if file is not None:
        np.savez_compressed(file, **found)
    return name, dtype, found


def compared(name: str, dtype_name: str, found: dict[str, Any]) -> list[str]:
    """Return the lines of the file for one function, and print what they mean."""
    dtype = halves.DTYPES[dtype_name]
    x = halves.every_number(dtype)
    lines = []
    for way, got in zip(halves.DIRECTIONS, halves.results(name, x), strict=True):
        right, wide = found[way].view(dtype), found[f"{way} wide"]
        free = found[f"{way} free"] & (got == 0)
        right[free] = got[free]
        wrong = np.flatnonzero(halves.patterns(got) != halves.patterns(right))
        finite = np.isfinite(wide) & np.isfinite(got)
        bits, least, _ = ulp.FORMATS[dtype_name]
        spacing = np.ldexp(1.0, np.maximum(np.frexp(wide[finite])[1] - bits, least))
        errors = np.abs(got[finite].astype(np.float64) - wide[finite]) / spacing
        worst = f"{errors.max():.6f} ULP at {float(x[finite][errors.argmax()]):g}"
        print(f"{dtype_name:8} {name:16} {way:10} {wrong.size:3} wrong, at most {worst}")
        lines.append(halves.line(dtype_name, name, way, right, got))
    sys.stdout.flush()
    return lines


def main() -> None:
    """Sweep and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", default=list(ENTRIES), metavar="NAME")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--only-exact", action="store_true", help="fill the folder, nothing else")
    options = parser.parse_args()
    tasks = [(name, dtype, options.keep) for dtype in halves.DTYPES for name in options.names]
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    with Pool() as pool:
        for result in pool.imap(kept, tasks, chunksize=1):
            if not options.only_exact:
                halves.replace(compared(*result))


if __name__ == "__main__":
    main()
