"""Time every activation beside the same functions of other libraries, in one run, on one thread.

    python benchmarks/elementwise.py
    python benchmarks/elementwise.py --activations gelu silu --dtypes float32 --json times.json
    python benchmarks/elementwise.py --activations relu gelu tanh --dtypes float16 bfloat16

Figures are nanoseconds per element, the best of many repetitions, on random input (normal, standard
deviation 3). All libraries write into an array that is there already; ``copy`` is `numpy.copyto`,
the least that any of them must do. NumPy, SciPy and PyTorch are timed if they are installed (see
peers.py). PyTorch has no derivatives by themselves: its backward is to be compared with nonlin's.

The second part is the cost of a call: an array of 10 elements, beside `numpy.tanh`.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import json
import platform
import statistics
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, thread_time

import numpy as np
from peers import PEERS, Array

import nonlin as nl

with contextlib.suppress(ImportError):
    import ml_dtypes  # noqa: F401  # --dtypes bfloat16

Call = Callable[[], object]
DIRECTIONS = ("value", "derivative", "backward")


@dataclass(frozen=True)
class Time:
    """How long one function of one library takes for one element."""

    activation: str
    direction: str
    library: str
    dtype: str
    size: int
    nanoseconds: float


def best(call: Call, seconds: float, clock: Callable[[], float] = thread_time) -> float:
    """Return the shortest time of one call, in seconds, after trying for so many seconds.

    By default it is the time that this thread computed: what other programs take is not counted.
    """
    call()
    start = clock()
    call()
    # So many calls between two looks at the clock that looking costs nothing.
    repeat = range(max(1, int(2e-4 / max(clock() - start, 1e-7))))
    shortest = float("inf")
    end = perf_counter() + seconds
    while True:
        start = clock()
        for _ in repeat:
            call()
        shortest = min(shortest, (clock() - start) / len(repeat))
        if perf_counter() > end:
            return shortest


def ours(name: str, direction: str, g: Array, x: Array, out: Array) -> Call:
    """Return the call without arguments by which nonlin computes `out`."""
    function = nl.get(name)
    if direction == "value":
        return lambda: function(x, out=out)
    if direction == "derivative":
        return lambda: function.derivative(x, out=out)
    # prelu also sums the gradient of its slope.
    outs = (out, np.empty((), out.dtype)) if name == "prelu" else out
    return lambda: function.backward(g, x, out=outs)


def calls(options: argparse.Namespace, g: Array, x: Array) -> Iterator[tuple[str, str, str, Call]]:
    """Everything to be timed: activation, direction, library, and the call without arguments."""
    out = np.empty_like(x)
    yield "copy", "value", "numpy", lambda: np.copyto(out, x)
    for name in options.activations:
        for direction in options.directions:
            yield name, direction, "nonlin", ours(name, direction, g, x, out)
            for peer in PEERS.get(name, ()):
                call = peer.bind(direction, g, x, out)
                if call is not None:
                    yield name, direction, peer.library, call


def measure(options: argparse.Namespace) -> Iterator[Time]:
    """Time everything that was asked for."""
    random = np.random.default_rng(0)
    for dtype in options.dtypes:
        for size in options.sizes:
            x = random.normal(0, 3, size).astype(dtype)
            g = random.normal(0, 1, size).astype(dtype)
            for name, direction, library, call in calls(options, g, x):
                each = best(call, options.seconds) / size * 1e9
                yield Time(name, direction, library, dtype, size, each)


def table(times: list[Time], dtype: str, size: int) -> str:
    """Show the times for one dtype and size, one activation per line."""
    chosen = [t for t in times if (t.dtype, t.size) == (dtype, size)]
    cells = {(t.activation, t.library, t.direction): t.nanoseconds for t in chosen}
    names = dict.fromkeys(t.activation for t in chosen)
    columns = dict.fromkeys((t.library, t.direction) for t in chosen if t.library == "nonlin")
    columns |= dict.fromkeys((t.library, t.direction) for t in chosen)
    lines = [f"{dtype}, {size} elements, ns per element"]
    lines.append(" " * 18 + "".join(f"{library:>12}" for library, _ in columns))
    lines.append(" " * 18 + "".join(f"{direction:>12}" for _, direction in columns))
    for name in names:
        row = [cells.get((name, *column)) for column in columns]
        lines.append(f"{name:<18}" + "".join(f"{'' if t is None else f'{t:.3f}':>12}" for t in row))
    return "\n".join(lines) + "\n"


def overhead(names: list[str], seconds: float) -> dict[str, float]:
    """Return microseconds for a call with 10 elements, by function."""
    x = np.linspace(-2, 2, 10, dtype=np.float32)
    found = {"numpy.tanh": best(lambda: np.tanh(x), seconds) * 1e6}
    for name in names:
        function = nl.get(name)
        found[name] = best(lambda f=function: f(x), seconds) * 1e6  # type: ignore[misc]
        found[f"{name}.derivative"] = (
            best(lambda f=function.derivative: f(x), seconds) * 1e6  # type: ignore[misc]
        )
    return found


def overhead_text(found: dict[str, float]) -> str:
    """Show the calls beside numpy.tanh: the median and the slowest."""
    ours = {name: t for name, t in found.items() if name != "numpy.tanh"}
    slowest = max(ours, key=ours.__getitem__)
    return (
        f"call with 10 elements, float32: numpy.tanh {found['numpy.tanh']:.2f} us; "
        f"nonlin {statistics.median(ours.values()):.2f} us (median), "
        f"{ours[slowest]:.2f} us (slowest: {slowest})\n"
    )


def machine() -> dict[str, str]:
    """Say what was measured on what."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), "")
    versions = {"nonlin": nl.__version__}
    for library in sorted({peer.library for peers in PEERS.values() for peer in peers}):
        versions[library] = importlib.metadata.version(library)
    return {"cpu": model or platform.processor(), "isa": nl.isa(), **versions}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--activations", nargs="+", metavar="NAME", default=nl.activations())
    parser.add_argument("--directions", nargs="+", choices=DIRECTIONS, default=DIRECTIONS)
    parser.add_argument("--dtypes", nargs="+", default=["float32", "float64"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[1 << 14, 1 << 20])
    parser.add_argument("--seconds", type=float, default=0.03, help="spent on each figure")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = arguments()
    nl.set_num_threads(1)
    print(", ".join(f"{key} {value}" for key, value in machine().items()), end="\n\n")
    times = list(measure(options))
    for dtype in options.dtypes:
        for size in options.sizes:
            print(table(times, dtype, size))
    calls = overhead(options.activations, options.seconds)
    print(overhead_text(calls))
    if options.json:
        result = {
            "machine": machine(),
            "unit": "ns per element",
            "times": [asdict(t) for t in times],
            "microseconds per call with 10 elements": calls,
        }
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
