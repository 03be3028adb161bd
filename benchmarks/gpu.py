"""Time what runs on a GPU beside PyTorch and CuPy, and beside a copy on the device, in one run.

    python benchmarks/gpu.py
    python benchmarks/gpu.py --activations gelu silu --dtypes float32 --parts elementwise
    python benchmarks/gpu.py --markdown                # the tables of docs/performance.md

Figures are GB/s: the bytes that a call must read and write, over the time between two events on the
GPU, the median of many repetitions; in brackets the percentage of what the copy reaches. Calls take
turns with buffers of which the L2 cache can hold but a part. Inputs are random (normal, standard
deviation 3). Before nonlin is timed, some results are compared with those of the CPU, bit for bit.
The parts are activations and their backward, softmax and log_softmax of many rows and of one long
one, swiglu, and the time that the host spends on a call for few elements.

Needs a GPU with 8 GB, a build of nonlin with its CUDA module, and PyTorch or CuPy; without them the
status is 2. bfloat16 needs ml_dtypes too.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import math
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import gpu_libraries
import numpy as np
from gpu_libraries import Home, NoGpuError, Peer

import nonlin as nl

Call = Callable[[], object]
PARTS = ("elementwise", "rows", "row", "gated", "call")
ACTIVATIONS = ("relu", "gelu", "silu", "mish", "tanh", "sigmoid", "softplus", "elu")
DTYPES = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}
OURS, COPY, RATIO = "nonlin", "copy", "nonlin / PyTorch"
ROUND = 10  # calls between two looks at the clock
HEAD_START = 8  # copies before each round, of so many bytes
FILLER = 1 << 29
SMALL = 1 << 10


class Stopwatch:
    """Times calls.

    Each round begins with copies on the device. While it makes them the calls get into its queue,
    so that between two events it computes and never waits for the host.
    """

    def __init__(self, home: Home, seconds: float) -> None:
        self._home, self._seconds = home, seconds
        self._filler = [home.empty((FILLER // 4,), "float32") for _ in range(2)]

    def on_device(self, calls: Sequence[Call]) -> float:
        """Return the median seconds of a call; the calls take turns."""
        home, times = self._home, []
        for call in calls:
            call()
        home.synchronize()
        end, turn = perf_counter() + self._seconds, 0
        while not times or perf_counter() < end:
            for _ in range(HEAD_START):
                home.copy(*self._filler)
            marks = []
            for _ in range(ROUND):
                marks.append(home.event())
                calls[turn % len(calls)]()
                marks.append(home.event())
                turn += 1
            home.synchronize()
            times += [home.seconds(*marks[i : i + 2]) for i in range(0, len(marks), 2)]
        return statistics.median(times)

    def on_host(self, call: Call) -> float:
        """Return the median seconds that the host spends on a call, and not the GPU."""
        times = []
        end = perf_counter() + self._seconds
        while len(times) < 2 or perf_counter() < end:
            self._home.synchronize()
            start = perf_counter()
            for _ in range(10 * ROUND):
                call()
            times.append((perf_counter() - start) / (10 * ROUND))
        return statistics.median(times[1:])


@dataclass(frozen=True)
class Case:
    """One function of arrays of one shape and dtype."""

    part: str
    function: str
    backward: bool
    dtype: str
    shape: tuple[int, ...]

    @property
    def inputs(self) -> int:
        """How many arrays are read."""
        return (2 if self.part == "gated" else 1) + self.backward

    @property
    def outputs(self) -> int:
        """How many arrays are written."""
        return 2 if self.part == "gated" and self.backward else 1

    @property
    def bytes(self) -> int:
        """What a call reads and writes."""
        return (self.inputs + self.outputs) * math.prod(self.shape) * DTYPES[self.dtype]

    @property
    def title(self) -> str:
        """What stands before the figures."""
        rows = {"rows": ", rows of {}", "row": ", a row of {}"}.get(self.part, "")
        return f"{self.function}{', backward' * self.backward}{rows.format(self.shape[-1])}"

    def call(self, inputs: Sequence[Any], outputs: Sequence[Any] | None) -> Any:
        """Compute with nonlin, on a GPU or on the CPU."""
        function = getattr(nl, self.function)
        out = outputs[0] if outputs and len(outputs) == 1 else outputs
        if self.function == "prelu" and self.backward:
            out = (out, None)
        return (function.backward if self.backward else function)(*inputs, out=out)


@dataclass(frozen=True)
class Figure:
    """How fast one library does one case."""

    case: Case
    library: str
    seconds: float

    @property
    def speed(self) -> float:
        """Return GB/s."""
        return self.case.bytes / self.seconds * 1e-9


@dataclass
class Buffers:
    """Arrays for as many calls of a case as it takes to fill the cache some times over."""

    case: Case
    inputs: list[tuple[Any, ...]]
    outputs: list[tuple[Any, ...]]

    @classmethod
    def of(cls, case: Case, home: Home) -> Buffers:
        """Fill them."""
        count = min(64, max(2, 1 + -(-4 * home.cache() // case.bytes)))
        inputs, outputs = [], []
        for _ in range(count):
            given = tuple(home.normal(case.shape, case.dtype, 3) for _ in range(case.inputs))
            if case.backward and case.part in {"rows", "row"}:  # starts from the output
                getattr(nl, case.function)(given[1], out=given[1])
            inputs.append(given)
            outputs.append(tuple(home.empty(case.shape, case.dtype) for _ in range(case.outputs)))
        return cls(case, inputs, outputs)

    def calls(self) -> list[Call]:
        """Return nonlin's calls."""
        pairs = zip(self.inputs, self.outputs, strict=True)
        return [lambda i=i, o=o: self.case.call(i, o) for i, o in pairs]  # type: ignore[misc]

    def copies(self, home: Home) -> list[Call]:
        """Return copies of the first input."""
        pairs = zip(self.inputs, self.outputs, strict=True)
        return [lambda i=i, o=o: home.copy(i[0], o[0]) for i, o in pairs]  # type: ignore[misc]

    def check(self, home: Home) -> None:
        """Compare some elements, or rows, with the CPU's results."""
        case, inputs, outputs = self.case, self.inputs[-1], self.outputs[-1]
        case.call(inputs, outputs)
        count = 1000 if len(case.shape) == 1 else 3
        places = np.random.default_rng(0).integers(0, case.shape[0], count)
        expected = case.call([home.some(a, places) for a in inputs], None)
        expected = expected if isinstance(expected, tuple) else (expected,)
        for output, want in zip(outputs, expected, strict=False):  # prelu has one output more
            got = home.some(output, places)
            # Of bfloat16 NumPy's side makes float32 here and there.
            if got.tobytes() != want.astype(got.dtype, copy=False).tobytes():
                sys.exit(f"gpu.py: {case.title}, {case.dtype}: the bits are not those of the CPU")


def cases(options: argparse.Namespace, dtype: str) -> Iterator[Case]:
    """Everything to be timed with one dtype, but for the small call."""
    for size in options.sizes:
        for part, names, shapes in (
            ("elementwise", options.activations, [(size,)]),
            ("gated", ["swiglu"], [(size,)]),
            ("rows", ["softmax", "log_softmax"], [(size // n, n) for n in options.lengths]),
            ("row", ["softmax"], [(1, options.long_row)] if size == options.sizes[0] else []),
        ):
            for name in names if part in options.parts else ():
                for shape in shapes:
                    for backward in (False,) if part == "row" else (False, True):
                        yield Case(part, name, backward, dtype, shape)


def measure(
    options: argparse.Namespace, home: Home, peers: Sequence[Peer], watch: Stopwatch
) -> Iterator[Figure]:
    """Time everything; the copy comes first for each dtype and size."""
    for dtype in options.dtypes:
        for size in options.sizes:
            case = Case(COPY, COPY, False, dtype, (size,))
            yield Figure(case, OURS, watch.on_device(Buffers.of(case, home).copies(home)))
        for case in cases(options, dtype):
            buffers = Buffers.of(case, home)
            buffers.check(home)
            yield Figure(case, OURS, watch.on_device(buffers.calls()))
            for peer in peers:
                calls = peer.bind(case.function, backward=case.backward, sets=buffers.inputs)
                if calls:
                    yield Figure(case, peer.library, watch.on_device(calls))


def twice(options: argparse.Namespace, home: Home, watch: Stopwatch) -> str:
    """Time the same twice, with arrays of its own each time: what differences mean nothing."""
    case = Case(
        "elementwise", options.activations[0], False, options.dtypes[0], (options.sizes[0],)
    )
    speeds = [Figure(case, OURS, watch.on_device(Buffers.of(case, home).calls())).speed
              for _ in range(2)]  # fmt: skip
    apart = 100 * abs(speeds[0] / speeds[1] - 1)
    shown = " and ".join(f"{speed:.0f}" for speed in speeds)
    return f"noise: {case.title}, {case.dtype}, twice: {shown} GB/s, {apart:.1f} % apart"


@dataclass
class Table:
    """Figures to print."""

    title: str
    columns: list[str]
    rows: list[tuple[str, list[str]]]

    def text(self) -> str:
        """Return lines for a terminal."""
        head = f"{'':<38}" + "".join(f"{c:>18}" for c in self.columns)
        lines = [f"{n:<38}" + "".join(f"{c:>18}" for c in cells) for n, cells in self.rows]
        return "\n".join([self.title, head, *lines]) + "\n"

    def markdown(self) -> str:
        """Return the table for a page."""
        head = [f"| {self.title} | {' | '.join(self.columns)} |"]
        head.append("|---|" + "--:|" * len(self.columns))
        lines = [f"| {name} | {' | '.join(cells)} |" for name, cells in self.rows]
        return "\n".join(head + lines) + "\n"


def tables(figures: Sequence[Figure], libraries: Sequence[str]) -> Iterator[Table]:
    """Make one table for each dtype and number of elements."""
    columns = [*libraries, *([RATIO] if "PyTorch" in libraries else [])]
    copies = {(f.case.dtype, f.case.shape[0]): f.speed for f in figures if f.case.part == COPY}
    one_row = [f for f in figures if f.case.part == "row"]
    for (dtype, size), copy in copies.items():
        of_dtype = [f for f in figures if f.case.dtype == dtype and f not in one_row]
        chosen = [f for f in of_dtype if math.prod(f.case.shape) == size]
        title = f"{dtype}, {size} elements, GB/s (percent of copy)"
        yield Table(title, columns, lines(chosen, columns, copy))
    if one_row:
        titled = [f"{f.case.dtype}, {f.case.title}" for f in one_row]
        rows = lines(one_row, columns, None, titled)
        yield Table("one row, GB/s", columns, rows)


def lines(
    figures: Sequence[Figure],
    columns: Sequence[str],
    copy: float | None,
    titles: Sequence[str] | None = None,
) -> list[tuple[str, list[str]]]:
    """Return a title and the cells for each case."""
    found: dict[str, dict[str, float]] = {}
    for figure, title in zip(figures, titles or [f.case.title for f in figures], strict=True):
        found.setdefault(title, {})[figure.library] = figure.speed
    rows = []
    for title, speeds in found.items():
        cells = {
            library: f"{speed:.0f}" + (f" ({100 * speed / copy:.0f} %)" if copy else "")
            for library, speed in speeds.items()
        }
        if "PyTorch" in speeds:
            cells[RATIO] = f"{speeds[OURS] / speeds['PyTorch']:.2f}"
        rows.append((title, [cells.get(column, "") for column in columns]))
    return rows


def small_calls(home: Home, watch: Stopwatch) -> Table:
    """Time the host: tanh of few elements into an array that is there already."""
    x, y = home.normal((SMALL,), "float32", 1), home.empty((SMALL,), "float32")
    calls: dict[str, Call] = {OURS: lambda: nl.tanh(x, out=y)}
    if isinstance(home, gpu_libraries.Torch):
        calls["PyTorch"] = lambda: home.torch.tanh(x, out=y)
    else:
        calls["CuPy"] = lambda: home.cupy.tanh(x, out=y)
    cells = [f"{watch.on_host(call) * 1e6:.1f}" for call in calls.values()]
    return Table("microseconds of the host", list(calls), [(f"tanh of {SMALL} numbers", cells)])


def about(home: Home) -> str:
    """Say what was measured on what."""
    versions = {**home.about(), "driver": gpu_libraries.driver(), "nonlin": nl.__version__}
    for name in ("torch", "triton", "cupy"):
        if importlib.util.find_spec(name):
            module = importlib.import_module(name)
            versions[name] = getattr(module, "__version__", "")
    return ", ".join(f"{key} {value}" for key, value in versions.items())


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--activations", nargs="+", metavar="NAME", default=ACTIVATIONS)
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=list(DTYPES))
    parser.add_argument("--sizes", nargs="+", type=int, default=[1 << 26], help="elements")
    parser.add_argument("--lengths", nargs="+", type=int, default=[128, 512, 2048, 8192, 32768])
    parser.add_argument("--long-row", type=int, default=1 << 23)
    parser.add_argument(
        "--libraries", nargs="*", choices=gpu_libraries.PEERS, default=list(gpu_libraries.PEERS)
    )
    parser.add_argument("--seconds", type=float, default=0.2, help="spent on each figure")
    parser.add_argument("--markdown", action="store_true", help="print tables for a page")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    return parser.parse_args()


def refused(why: str) -> int:
    """Say why there is nothing to measure."""
    print(f"gpu.py: nothing to measure: {why}", file=sys.stderr)
    return 2


def main() -> int:
    """Measure and print."""
    options = arguments()
    try:
        home = gpu_libraries.home()
    except NoGpuError as error:
        return refused(str(error))
    if importlib.util.find_spec("nonlin._cuda") is None:
        return refused("nonlin has been built without its CUDA module (see docs/gpu.md)")
    if "bfloat16" in options.dtypes and not importlib.util.find_spec("ml_dtypes"):
        print("bfloat16 is skipped: no ml_dtypes to compare with the CPU")
        options.dtypes = [d for d in options.dtypes if d != "bfloat16"]
    peers = list(gpu_libraries.peers(options.libraries, home))
    watch = Stopwatch(home, options.seconds)
    print(about(home), end="\n\n", flush=True)
    figures = list(measure(options, home, peers, watch))
    made = list(tables(figures, [OURS, *(p.library for p in peers)]))
    if "call" in options.parts:
        made.append(small_calls(home, watch))
    for table in made:
        print(table.markdown() if options.markdown else table.text())
    print(twice(options, home, watch))
    if options.json:
        result = {"machine": about(home), "figures": [asdict(f) for f in figures]}
        options.json.write_text(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
