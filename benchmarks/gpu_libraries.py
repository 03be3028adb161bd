"""Array libraries on a GPU for gpu.py: who makes the arrays, and the same functions elsewhere.

PyTorch makes the arrays, or CuPy where PyTorch is missing. Its events tell the time; all libraries
work in the default stream.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from peers import Array

# Functions whose backward starts from the output in PyTorch.
FROM_OUTPUT = ("sigmoid", "tanh")
# Where the library does not say; no L2 cache is larger yet.
LARGE_CACHE = 128 << 20


class NoGpuError(Exception):
    """There is nothing to measure on; says why."""


class Torch:
    """Arrays and events of PyTorch."""

    def __init__(self, device: str = "cuda") -> None:
        import torch  # noqa: PLC0415

        self.torch, self.device = torch, torch.device(device)
        torch.manual_seed(0)

    def normal(self, shape: Sequence[int], dtype: str, deviation: float) -> Any:
        """Return random numbers."""
        kind = getattr(self.torch, dtype)
        return self.torch.randn(*shape, dtype=kind, device=self.device).mul_(deviation)

    def empty(self, shape: Sequence[int], dtype: str) -> Any:
        """Return an array to write to."""
        return self.torch.empty(*shape, dtype=getattr(self.torch, dtype), device=self.device)

    def copy(self, source: Any, target: Any) -> None:
        """Copy on the device."""
        target.copy_(source)

    def some(self, array: Any, places: Array) -> Array:
        """Return elements, or rows, as an array of NumPy's."""
        found = array[self.torch.from_numpy(places).to(self.device)].cpu()
        if found.dtype == self.torch.bfloat16:
            import ml_dtypes  # noqa: PLC0415

            return found.view(self.torch.int16).numpy().view(ml_dtypes.bfloat16)
        return found.numpy()

    def event(self) -> Any:
        """Note the time at which the GPU gets here."""
        event = self.torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def seconds(self, start: Any, end: Any) -> float:
        """Return the time between two events that are over."""
        return start.elapsed_time(end) * 1e-3

    def synchronize(self) -> None:
        """Wait for the GPU."""
        self.torch.cuda.synchronize()

    def cache(self) -> int:
        """Return the bytes of the L2 cache."""
        known = self.torch.cuda.get_device_properties(self.device)
        return getattr(known, "L2_cache_size", LARGE_CACHE)

    def about(self) -> dict[str, str]:
        """Say what this is."""
        card = self.torch.cuda.get_device_name(self.device)
        return {"card": card, "CUDA": str(self.torch.version.cuda)}


class CuPy:
    """Arrays and events of CuPy."""

    def __init__(self) -> None:
        import cupy  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

        self.cupy = cupy
        self._random = cupy.random.default_rng(0)

    def normal(self, shape: Sequence[int], dtype: str, deviation: float) -> Any:
        """Return random numbers."""
        wide = "float64" if dtype == "float64" else "float32"
        return (self._random.standard_normal(shape, dtype=wide) * deviation).astype(dtype)

    def empty(self, shape: Sequence[int], dtype: str) -> Any:
        """Return an array to write to."""
        return self.cupy.empty(shape, dtype)

    def copy(self, source: Any, target: Any) -> None:
        """Copy on the device."""
        target.data.copy_from_device_async(source.data, source.nbytes)

    def some(self, array: Any, places: Array) -> Array:
        """Return elements, or rows, as an array of NumPy's."""
        return array[self.cupy.asarray(places)].get()

    def event(self) -> Any:
        """Note the time at which the GPU gets here."""
        event = self.cupy.cuda.Event()
        event.record()
        return event

    def seconds(self, start: Any, end: Any) -> float:
        """Return the time between two events that are over."""
        return self.cupy.cuda.get_elapsed_time(start, end) * 1e-3

    def synchronize(self) -> None:
        """Wait for the GPU."""
        self.cupy.cuda.Device().synchronize()

    def cache(self) -> int:
        """Return the bytes of the L2 cache."""
        return self.cupy.cuda.Device().attributes.get("L2CacheSize", LARGE_CACHE)

    def about(self) -> dict[str, str]:
        """Say what this is."""
        runtime = self.cupy.cuda.runtime
        card = runtime.getDeviceProperties(self.cupy.cuda.Device().id)["name"].decode()
        return {"card": card, "CUDA": str(runtime.runtimeGetVersion())}


Home = Torch | CuPy


def home() -> Home:
    """Return who makes the arrays."""
    if importlib.util.find_spec("torch"):
        import torch  # noqa: PLC0415

        if torch.cuda.is_available():
            return Torch()
    if importlib.util.find_spec("cupy"):
        import cupy  # noqa: PLC0415

        try:
            if cupy.cuda.runtime.getDeviceCount():
                return CuPy()
        except cupy.cuda.runtime.CUDARuntimeError as error:
            message = f"CuPy finds no GPU: {error}"
            raise NoGpuError(message) from None
    installed = [name for name in ("torch", "cupy") if importlib.util.find_spec(name)]
    message = f"{' and '.join(installed)} found no GPU" if installed else "needs PyTorch or CuPy"
    raise NoGpuError(message)


def driver() -> str:
    """Return the version of the driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return "unknown"
    command = [program, "--query-gpu=driver_version", "--format=csv,noheader"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout.split() or ["unknown"])[0]


def torch_functions() -> dict[str, tuple[Callable[..., Any], Callable[..., Any]]]:
    """Value and backward in PyTorch, by name; backward takes what nonlin's takes."""
    import torch  # noqa: PLC0415

    f, a = torch.nn.functional, torch.ops.aten
    return {
        "relu": (torch.relu, lambda g, x: a.threshold_backward(g, x, 0)),
        "leaky_relu": (f.leaky_relu, lambda g, x: a.leaky_relu_backward(g, x, 0.01, False)),
        "hard_silu": (f.hardswish, a.hardswish_backward),
        "gelu": (f.gelu, a.gelu_backward),
        "silu": (f.silu, a.silu_backward),
        "mish": (f.mish, a.mish_backward),
        "tanh": (torch.tanh, a.tanh_backward),
        "sigmoid": (torch.sigmoid, a.sigmoid_backward),
        "softplus": (f.softplus, lambda g, x: a.softplus_backward(g, x, 1, 20)),
        "elu": (f.elu, lambda g, x: a.elu_backward(g, 1, 1, 1, False, x)),
        "softmax": (
            lambda x: torch.softmax(x, -1),
            lambda g, y: a._softmax_backward_data(g, y, -1, y.dtype),  # noqa: SLF001
        ),
        "log_softmax": (
            lambda x: torch.log_softmax(x, -1),
            lambda g, y: a._log_softmax_backward_data(g, y, -1, y.dtype),  # noqa: SLF001
        ),
        "swiglu": (
            lambda x, b: f.silu(x) * b,
            lambda g, x, b: (a.silu_backward(g * b, x), g * f.silu(x)),
        ),
    }


def cupy_functions() -> dict[str, tuple[Callable[..., Any], Callable[..., Any]]]:
    """Value and backward as a textbook writes them, each fused into one kernel by CuPy."""
    import cupy as cp  # noqa: PLC0415
    from cupyx.scipy.special import (  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
        erf,
    )

    def sigmoid(x: Any) -> Any:
        return 1 / (1 + cp.exp(-x))

    def tanh(x: Any) -> Any:
        return cp.tanh(x)

    def phi(x: Any) -> Any:
        return 0.5 * (1 + erf(x * 0.5**0.5))

    def mish_slope(x: Any) -> Any:
        t = tanh(cp.log1p(cp.exp(x)))
        return t + x * sigmoid(x) * (1 - t * t)

    def silu_slope(x: Any) -> Any:
        return sigmoid(x) * (1 + x * (1 - sigmoid(x)))

    formulas: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "relu": (lambda x: cp.maximum(x, 0), lambda g, x: cp.where(x > 0, g, 0 * g)),
        "gelu": (
            lambda x: x * phi(x),
            lambda g, x: g * (phi(x) + x * cp.exp(-0.5 * x * x) * (2 * np.pi) ** -0.5),
        ),
        "silu": (lambda x: x * sigmoid(x), lambda g, x: g * silu_slope(x)),
        "mish": (lambda x: x * tanh(cp.log1p(cp.exp(x))), lambda g, x: g * mish_slope(x)),
        "tanh": (tanh, lambda g, x: g * (1 - tanh(x) * tanh(x))),
        "sigmoid": (sigmoid, lambda g, x: g * sigmoid(x) * (1 - sigmoid(x))),
        "softplus": (lambda x: cp.log1p(cp.exp(x)), lambda g, x: g * sigmoid(x)),
        "elu": (
            lambda x: cp.where(x > 0, x, cp.expm1(x)),
            lambda g, x: cp.where(x > 0, g, g * cp.exp(x)),
        ),
        "swiglu": (
            lambda a, b: a * sigmoid(a) * b,
            lambda g, a, b: (g * b * silu_slope(a), g * a * sigmoid(a)),
        ),
    }
    return {name: (cp.fuse(value), cp.fuse(back)) for name, (value, back) in formulas.items()}


class Peer:
    """The functions of one library, as calls without arguments.

    Unlike nonlin they allocate their results, in memory that their library has at hand.
    """

    def __init__(self, library: str, functions: dict[str, Any]) -> None:
        self.library, self._functions = library, functions

    def bind(self, name: str, *, backward: bool, sets: Sequence[Sequence[Any]]) -> list[Any]:
        """Return a call for each set of inputs; none for what the library does not have."""
        if name not in self._functions:
            return []
        value, function = self._functions[name]
        sets = [self.arrays(inputs) for inputs in sets]
        if backward and name in FROM_OUTPUT and self.library != "CuPy fuse":
            sets = [(g, value(x)) for g, x in sets]
        run = self.prepared(function if backward else value)
        return [lambda inputs=inputs: run(*inputs) for inputs in sets] if sets[0] else []

    def arrays(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """Return the library's views of arrays; none if it does not know their dtype."""
        return inputs

    def prepared(self, function: Any) -> Any:
        """Return what is called instead of a function."""
        return function


class Compiled(Peer):
    """torch.compile."""

    def prepared(self, function: Any) -> Any:
        """Compile, for the shapes and dtype of the first call."""
        import torch  # noqa: PLC0415

        def run(*inputs: Any) -> Any:
            return function(*inputs)

        torch.compiler.reset()  # else it stops compiling after some shapes
        return torch.compile(run, dynamic=False)


class Fused(Peer):
    """CuPy's fuse, on the memory of the arrays of others."""

    def arrays(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """Return CuPy's views."""
        import cupy  # noqa: PLC0415

        if str(inputs[0].dtype).endswith("bfloat16"):
            return ()
        return [cupy.from_dlpack(a) for a in inputs]


PEERS = {"torch": "PyTorch", "compile": "torch.compile", "cupy": "CuPy fuse"}


def peers(names: Sequence[str], where: Home) -> Iterator[Peer]:
    """Return the libraries that are installed; say which are not."""
    for name in names:
        missing = [m for m in {"compile": ["torch", "triton"]}.get(name, [name])
                   if not importlib.util.find_spec(m)]  # fmt: skip
        if missing or (name != "cupy" and isinstance(where, CuPy)):
            print(f"{PEERS[name]} is skipped: no {' and '.join(missing) or 'GPU for it'}")
        elif name == "torch":
            yield Peer(PEERS[name], torch_functions())
        elif name == "compile":
            yield Compiled(PEERS[name], torch_functions())
        else:
            yield Fused(PEERS[name], cupy_functions())
