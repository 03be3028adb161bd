"""The libraries whose arrays the tests put on a GPU: the simulated one, PyTorch and CuPy.

Without a GPU tensors of PyTorch stay on the host; only nonlin is told that they are not.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import device_arrays
import numpy as np
import pytest

from nonlin import _backend

if TYPE_CHECKING:
    from collections.abc import Callable


class Library:
    """How arrays of NumPy get to a device and back."""

    def __init__(self, kind: type, put: Callable[[Any], Any]) -> None:
        self.kind, self._put = kind, put

    def put(self, value: Any) -> Any:
        """Return arrays, in lists and dicts too, on the device; others as they are."""
        if isinstance(value, dict):
            return {name: self.put(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.put(one) for one in value)
        return self._put(value) if isinstance(value, np.ndarray | np.generic) else value

    def check(self, got: Any, expected: Any, label: str = "", **tolerance: float) -> None:
        """Compare numbers, dtype and shape; everything is to be on the device."""
        if isinstance(expected, dict):
            got, expected = list(got.values()), list(expected.values())
        if isinstance(expected, list | tuple):
            assert len(got) == len(expected), label
            for one, other in zip(got, expected, strict=True):
                self.check(one, other, label, **tolerance)
            return
        assert type(got) is self.kind, label
        expected = np.asarray(expected)
        assert _backend.dtype_name(got) == expected.dtype.name, label
        host = _backend.to_host(got)
        if tolerance:
            np.testing.assert_allclose(host, expected, err_msg=label, **tolerance)
        else:
            np.testing.assert_array_equal(host, expected, err_msg=label, strict=True)


def pytorch(monkeypatch: pytest.MonkeyPatch) -> Library:
    """Tensors that nonlin takes for those on a GPU."""
    pytest.importorskip("array_api_compat")
    torch = pytest.importorskip("torch")
    before = _backend.place
    monkeypatch.setattr(
        _backend, "place", lambda a: "cuda:0" if isinstance(a, torch.Tensor) else before(a)
    )
    return Library(torch.Tensor, lambda a: torch.asarray(np.asarray(a), copy=True))


def simulated(_: pytest.MonkeyPatch) -> Library:
    """Arrays of the standard."""
    return Library(device_arrays.Array, device_arrays.made)


def pytorch_on_device(_: pytest.MonkeyPatch) -> Library:
    """Tensors on a GPU."""
    pytest.importorskip("nonlin._cuda")
    pytest.importorskip("array_api_compat")
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("PyTorch finds no GPU")
    return Library(torch.Tensor, lambda a: torch.asarray(np.asarray(a), device="cuda", copy=True))


def cupy_on_device(_: pytest.MonkeyPatch) -> Library:
    """Arrays of CuPy."""
    pytest.importorskip("nonlin._cuda")
    pytest.importorskip("array_api_compat")
    cupy = pytest.importorskip("cupy")
    return Library(cupy.ndarray, cupy.asarray)


built = importlib.util.find_spec("nonlin._cuda") is not None
on_devices = (pytorch_on_device, cupy_on_device) if built else ()
every = (simulated, pytorch, *on_devices)
