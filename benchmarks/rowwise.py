"""Time the functions along an axis beside other libraries, in one run, on one thread.

    python benchmarks/rowwise.py
    python benchmarks/rowwise.py --lengths 10 1000 --functions softmax --seconds 1
    python benchmarks/rowwise.py --axis 0

Figures are nanoseconds per element of float32 rows of random numbers (normal, standard deviation
2), the best of many repetitions. PyTorch, SciPy, ONNX Runtime and JAX (compiled) are timed if they
are installed; all of them, and nonlin, allocate their results. JAX computes in threads of its own:
its time is what a clock on the wall shows.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
from collections.abc import Callable, Iterator
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any

import numpy as np
from elementwise import best

import nonlin as nl

if TYPE_CHECKING:
    from peers import Array

Call = Callable[[], object]
FUNCTIONS = (
    "softmax", "log_softmax", "logsumexp", "logsumexp near 0", "softmax.backward", "sparsemax",
    "entmax15",
)  # fmt: skip


def ours(x: Array, axis: int) -> dict[str, Call]:
    """Return nonlin's calls."""
    y, logs = nl.softmax(x, axis), nl.log_softmax(x, axis)
    g = np.random.default_rng(1).standard_normal(x.shape).astype(x.dtype)
    return {
        "softmax": lambda: nl.softmax(x, axis),
        "log_softmax": lambda: nl.log_softmax(x, axis),
        "logsumexp": lambda: nl.logsumexp(x, axis),
        "logsumexp near 0": lambda: nl.logsumexp(logs, axis),
        "softmax.backward": lambda: nl.softmax.backward(g, y, axis),
        "sparsemax": lambda: nl.sparsemax(x, axis),
        "entmax15": lambda: nl.entmax15(x, axis),
    }


def torch_calls(x: Array, axis: int) -> dict[str, Call]:
    """Return PyTorch's."""
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    t = torch.from_numpy(x)
    y, g = torch.softmax(t, axis), torch.randn_like(t)
    backward = torch.ops.aten._softmax_backward_data  # noqa: SLF001
    return {
        "softmax": lambda: torch.softmax(t, axis),
        "log_softmax": lambda: torch.log_softmax(t, axis),
        "logsumexp": lambda: torch.logsumexp(t, axis),
        "softmax.backward": lambda: backward(g, y, axis, torch.float32),
    }


def scipy_calls(x: Array, axis: int) -> dict[str, Call]:
    """Return SciPy's."""
    import scipy.special as sp  # type: ignore[import-untyped]  # noqa: PLC0415

    return {
        "softmax": lambda: sp.softmax(x, axis=axis),
        "log_softmax": lambda: sp.log_softmax(x, axis=axis),
        "logsumexp": lambda: sp.logsumexp(x, axis=axis),
    }


def onnxruntime_calls(x: Array, axis: int) -> dict[str, Call]:
    """Return ONNX Runtime's."""
    import onnx  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
    import onnxruntime  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1

    def bind(operator: str) -> Call:
        kind, shape = onnx.TensorProto.FLOAT, [None, None]
        graph = onnx.helper.make_graph(
            [onnx.helper.make_node(operator, ["x"], ["y"], axis=axis)],
            "rows",
            [onnx.helper.make_tensor_value_info("x", kind, shape)],
            [onnx.helper.make_tensor_value_info("y", kind, shape)],
        )
        opset = [onnx.helper.make_opsetid("", 13)]
        model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=8)
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return lambda: session.run(None, {"x": x})

    return {"softmax": bind("Softmax"), "log_softmax": bind("LogSoftmax")}


def jax_calls(x: Array, axis: int) -> dict[str, Call]:
    """Return JAX's."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
    import jax  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    t = jax.numpy.asarray(x)

    def bind(function: Any) -> Call:
        compiled = jax.jit(function)
        return lambda: compiled(t).block_until_ready()

    return {
        "softmax": bind(lambda a: jax.nn.softmax(a, axis)),
        "log_softmax": bind(lambda a: jax.nn.log_softmax(a, axis)),
        "logsumexp": bind(lambda a: jax.nn.logsumexp(a, axis)),
    }


def peers(x: Array, axis: int) -> Iterator[tuple[str, dict[str, Call]]]:
    """Libraries, and their calls by function."""
    yield "nonlin", ours(x, axis)
    for module, calls in (
        ("torch", torch_calls),
        ("onnxruntime", onnxruntime_calls),
        ("scipy", scipy_calls),
        ("jax", jax_calls),
    ):
        if importlib.util.find_spec(module):
            yield module, calls(x, axis)


def clock(library: str) -> Callable[[], float]:
    """Return what to measure the library's time with."""
    return perf_counter if library == "jax" else thread_time


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--functions", nargs="+", choices=FUNCTIONS, default=FUNCTIONS)
    parser.add_argument("--lengths", nargs="+", type=int, default=[10, 100, 1000, 10000])
    parser.add_argument("--axis", type=int, choices=[0, -1], default=-1, help="of the rows")
    parser.add_argument("--size", type=int, default=1 << 19, help="elements in all rows")
    parser.add_argument("--seconds", type=float, default=0.3, help="spent on each figure")
    options = parser.parse_args()
    nl.set_num_threads(1)
    for length in options.lengths:
        shape = max(1, options.size // length), length
        x = (np.random.default_rng(0).standard_normal(shape) * 2).astype(np.float32)
        if options.axis == 0:
            x = x.T.copy()
        libraries: dict[str, dict[str, Any]] = dict(peers(x, options.axis))
        print(f"rows of {length} along axis {options.axis}, ns per element")
        print(" " * 18 + "".join(f"{library:>12}" for library in libraries))
        for function in options.functions:
            cells = [
                f"{best(calls[function], options.seconds, clock(library)) / x.size * 1e9:.3f}"
                if function in calls
                else ""
                for library, calls in libraries.items()
            ]
            print(f"{function:<18}" + "".join(f"{cell:>12}" for cell in cells))
        print()


if __name__ == "__main__":
    main()
