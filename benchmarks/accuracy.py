"""Largest error of every activation, beside the same functions of other libraries.

    python benchmarks/accuracy.py
    python benchmarks/accuracy.py --activations gelu silu --points 5000 --dtype float64
    python benchmarks/accuracy.py --within 4        # leaves out the tails

Figures are units in the last place: 0.5 is a correctly rounded result, 1e7 has no right digit left
in float32. Each is the largest over the points of tests/reference/grid.py: random ones over all
exponents, the tails down to the last subnormal number, the surroundings of every kink and of the
zeros of value and derivative. The exact results are those of tests/reference/oracle.py, with mpmath
(`pip install mpmath`). PyTorch's backward, with a gradient of 1, stands for its derivative.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import numpy as np
from peers import PEERS, Array

import nonlin as nl

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from reference import ulp
from reference.grid import grid
from reference.oracle import reference

WORTH_COMPARING = [name for name in nl.activations() if name in PEERS]


def largest_error(name: str, direction: str, x: Array, got: Array) -> float:
    """Return the largest distance from the exact results. The sign of a zero does not count."""
    parameters = tuple(nl.get(name).parameters.values())
    worst = 0.0
    for point, y in zip(map(float, x), map(float, got), strict=True):
        exact = reference(name, direction, point, parameters)
        signed = math.copysign(0, exact) if y == 0 else y
        worst = max(worst, ulp.error(signed, exact, x.dtype))
    return worst


def results(name: str, direction: str, x: Array) -> dict[str, Array]:
    """Compute the same in every library."""
    function = nl.get(name)
    found = {"nonlin": function(x) if direction == "value" else function.derivative(x)}
    for peer in PEERS.get(name, ()):
        out = np.empty_like(x)
        call = peer.bind("value" if direction == "value" else "backward", np.ones_like(x), x, out)
        if call is not None:
            with np.errstate(all="ignore"):
                call()
            found[peer.library] = out
    return found


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--activations", nargs="+", metavar="NAME", default=WORTH_COMPARING)
    parser.add_argument("--points", type=int, default=1000, help="random points per function")
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    parser.add_argument("--within", type=float, default=np.inf, help="only |x| up to this")
    options = parser.parse_args()
    libraries = ["nonlin", *sorted({p.library for peers in PEERS.values() for p in peers})]
    print(f"{'':<30}" + "".join(f"{library:>10}" for library in libraries))
    for name in options.activations:
        x = grid(name, np.dtype(options.dtype), None, options.points)
        x = x[np.isfinite(x) & (np.abs(x) <= options.within)]
        for direction in ("value", "derivative"):
            errors = {
                library: f"{largest_error(name, direction, x, got):.3g}"
                for library, got in results(name, direction, x).items()
            }
            cells = "".join(f"{errors.get(library, ''):>10}" for library in libraries)
            print(f"{name:<18}{direction:<12}{cells}", flush=True)


if __name__ == "__main__":
    main()
