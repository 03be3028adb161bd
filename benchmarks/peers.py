"""The same functions in other libraries, as far as they are installed.

`PEERS` maps the name of an activation to its `Peer` functions. They write into arrays that are
there already, as nonlin does with ``out=``, so that nobody is timed while memory is allocated.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Array = NDArray[Any]


@dataclass(frozen=True)
class Peer:
    """One activation of one library: value(x, y), and backward(g, x, y, d) where there is one.

    Both write their last argument. y is the value at x: some backward functions start from it.
    """

    library: str
    value: Callable[..., object]
    backward: Callable[..., object] | None = None
    convert: Callable[[Array], Any] = lambda array: array

    def bind(self, direction: str, g: Array, x: Array, out: Array) -> Callable[[], object] | None:
        """Return the call without arguments that computes `out`, or None if there is none."""
        g, x, y, out = (self.convert(array) for array in (g, x, np.empty_like(x), out))
        value, backward = self.value, self.backward
        if direction == "value":
            return lambda: value(x, out)
        if direction != "backward" or backward is None:
            return None
        value(x, y)
        return lambda: backward(g, x, y, out)


def ufuncs() -> Iterator[tuple[str, Peer]]:
    """NumPy's and SciPy's."""
    yield "tanh", Peer("numpy", np.tanh)
    yield "exponential", Peer("numpy", np.exp)
    yield "sinusoid", Peer("numpy", np.sin)
    yield "arctan", Peer("numpy", np.arctan)
    yield "relu", Peer("numpy", lambda x, y: np.maximum(x, 0, out=y))
    if importlib.util.find_spec("scipy"):
        import scipy.special as sp  # type: ignore[import-untyped]  # noqa: PLC0415

        yield "sigmoid", Peer("scipy", sp.expit)
        yield "log_sigmoid", Peer("scipy", sp.log_expit)
        if hasattr(sp, "softplus"):
            yield "softplus", Peer("scipy", lambda x, y: sp.softplus(x, out=y))


def torch_operators() -> Iterator[tuple[str, Callable[..., object], Callable[..., object] | None]]:
    """PyTorch's operators in the form that takes the array to write."""
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    a = torch.ops.aten
    yield (
        "relu",
        lambda x, y: a.relu.out(x, out=y),
        lambda g, x, _, d: a.threshold_backward.grad_input(g, x, 0, grad_input=d),
    )
    yield (
        "relu6",
        lambda x, y: a.hardtanh.out(x, 0, 6, out=y),
        lambda g, x, _, d: a.hardtanh_backward.grad_input(g, x, 0, 6, grad_input=d),
    )
    yield (
        "leaky_relu",
        lambda x, y: a.leaky_relu.out(x, 0.01, out=y),
        lambda g, x, _, d: a.leaky_relu_backward.grad_input(g, x, 0.01, False, grad_input=d),
    )
    yield (
        "hard_tanh",
        lambda x, y: a.hardtanh.out(x, -1, 1, out=y),
        lambda g, x, _, d: a.hardtanh_backward.grad_input(g, x, -1, 1, grad_input=d),
    )
    yield (
        "hard_sigmoid",
        lambda x, y: a.hardsigmoid.out(x, out=y),
        lambda g, x, _, d: a.hardsigmoid_backward.grad_input(g, x, grad_input=d),
    )
    yield (
        "hard_silu",
        lambda x, y: a.hardswish.out(x, out=y),
        lambda g, x, _, d: a.hardswish_backward.out(g, x, out=d),
    )
    yield (
        "hard_shrink",
        lambda x, y: a.hardshrink.out(x, 0.5, out=y),
        lambda g, x, _, d: a.hardshrink_backward.grad_input(g, x, 0.5, grad_input=d),
    )
    yield (
        "soft_shrink",
        lambda x, y: a.softshrink.out(x, 0.5, out=y),
        lambda g, x, _, d: a.softshrink_backward.grad_input(g, x, 0.5, grad_input=d),
    )
    yield (
        "threshold",
        lambda x, y: a.threshold.out(x, 0, 0, out=y),
        lambda g, x, _, d: a.threshold_backward.grad_input(g, x, 0, grad_input=d),
    )
    yield (
        "sigmoid",
        lambda x, y: a.sigmoid.out(x, out=y),
        lambda g, _, y, d: a.sigmoid_backward.grad_input(g, y, grad_input=d),
    )
    yield "log_sigmoid", lambda x, y: a.log_sigmoid.out(x, out=y), None
    yield (
        "tanh",
        lambda x, y: a.tanh.out(x, out=y),
        lambda g, _, y, d: a.tanh_backward.grad_input(g, y, grad_input=d),
    )
    yield (
        "softplus",
        lambda x, y: a.softplus.out(x, out=y),
        lambda g, x, _, d: a.softplus_backward.grad_input(g, x, 1, 20, grad_input=d),
    )
    yield (
        "elu",
        lambda x, y: a.elu.out(x, out=y),
        lambda g, x, _, d: a.elu_backward.grad_input(g, 1, 1, 1, False, x, grad_input=d),
    )
    yield "celu", lambda x, y: a.celu.out(x, out=y), None
    yield (
        "silu",
        lambda x, y: a.silu.out(x, out=y),
        lambda g, x, _, d: a.silu_backward.grad_input(g, x, grad_input=d),
    )
    yield (
        "gelu",
        lambda x, y: a.gelu.out(x, out=y),
        lambda g, x, _, d: a.gelu_backward.grad_input(g, x, grad_input=d),
    )
    yield (
        "gelu_tanh",
        lambda x, y: a.gelu.out(x, approximate="tanh", out=y),
        lambda g, x, _, d: a.gelu_backward.grad_input(g, x, approximate="tanh", grad_input=d),
    )
    yield "mish", lambda x, y: a.mish.out(x, out=y), None
    yield "exponential", lambda x, y: a.exp.out(x, out=y), None
    yield "sinusoid", lambda x, y: a.sin.out(x, out=y), None
    yield "arctan", lambda x, y: a.atan.out(x, out=y), None


def collect() -> dict[str, list[Peer]]:
    """Every peer of every activation."""
    peers: dict[str, list[Peer]] = {}
    for name, peer in ufuncs():
        peers.setdefault(name, []).append(peer)
    if importlib.util.find_spec("torch"):
        from torch import bfloat16, from_numpy  # noqa: PLC0415

        def convert(array: Array) -> Any:
            # PyTorch does not know the dtype of ml_dtypes.
            foreign = array.dtype.kind == "V"
            return from_numpy(array.view(np.int16)).view(bfloat16) if foreign else from_numpy(array)

        for name, value, backward in torch_operators():
            peers.setdefault(name, []).append(Peer("torch", value, backward, convert))
    return peers


PEERS = collect()
