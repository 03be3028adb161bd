"""What is particular to kernels on a device: views, outputs in the way, how arrays get there."""

from __future__ import annotations

import threading
from typing import Any

import device_arrays
import dlpack
import numpy as np
import pytest
from device_arrays import made

import nonlin as nl

X = np.random.default_rng(3).standard_normal((6, 10)).astype(np.float32)


def host(array: Any) -> Any:
    return array.memory


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a[::-1, ::2],
        lambda a: a[1:, 3:],
        lambda a: a.T,
        lambda a: a[2],
        lambda a: a[2, 3],
        lambda a: a[:0],
        lambda a: a[:, None, ..., None],
    ],
)
def test_views(view: Any) -> None:
    x = view(X)
    there = view(made(X))
    for function in (nl.gelu, nl.mish.derivative, lambda a: nl.elu.backward(a, a, 0.5)):
        np.testing.assert_array_equal(host(function(there)), function(x), strict=True)
    if x.ndim:
        for axis in range(x.ndim):
            if x.shape[axis]:
                got = host(nl.softmax(there, axis))
                np.testing.assert_array_equal(got, nl.softmax(x, axis), strict=True)


def test_results_in_the_way_of_inputs() -> None:
    x = X.ravel()
    for where_in, where_out in (((0, 50), (1, 51)), ((5, 55), (0, 50)), ((0, 60, 2), (0, 30))):
        buffer = made(x)
        out = buffer[slice(*where_out)]
        assert nl.gelu(buffer[slice(*where_in)], out=out) is out
        np.testing.assert_array_equal(host(out), nl.gelu(x[slice(*where_in)]))
    buffer = made(x)
    _, slope = nl.gelu.value_and_derivative(buffer, out=(buffer, None))
    np.testing.assert_array_equal(host(buffer), nl.gelu(x))
    np.testing.assert_array_equal(host(slope), nl.gelu.derivative(x))


def test_results_of_another_dtype() -> None:
    out = made(np.zeros(X.shape))
    assert nl.gelu(made(X), out=out) is out
    np.testing.assert_array_equal(host(out), nl.gelu(X).astype(np.float64))


def test_many_dimensions() -> None:
    x = X.reshape(1, 1, 1, 1, 1, 6, 1, 5, 2)  # those of 1 do not count
    np.testing.assert_array_equal(host(nl.gelu(made(x))), nl.gelu(x), strict=True)
    x = np.linspace(-3, 3, 512, dtype=np.float32).reshape((2,) * 9)
    np.testing.assert_array_equal(host(nl.gelu(made(x))), nl.gelu(x), strict=True)
    np.testing.assert_array_equal(host(nl.softmax(made(x), 3)), nl.softmax(x, 3), strict=True)
    with pytest.raises(ValueError, match="gelu: arrays of more than 8 dimensions"):
        nl.gelu(device_arrays.Array(x.T))


def test_empty_arrays() -> None:
    empty = made(np.zeros(0, np.float32))
    for result in nl.gelu.value_and_derivative(empty):
        assert result.shape == (0,)
    for gradient in nl.glu.backward(made(np.zeros((0, 2))), made(np.zeros((0, 4)))):
        assert gradient.shape[0] == 0


def test_a_number_beside_parameters_on_the_device() -> None:
    alpha = np.array([1, 2], np.float32)
    np.testing.assert_array_equal(
        host(nl.elu(-0.5, made(alpha))), nl.elu(np.float32(-0.5), alpha), strict=True
    )


def test_out_of_row_functions() -> None:
    x = X.reshape(3, 5, 4)
    for axis in (0, 1, 2):
        there = made(x)
        for out in (made(np.zeros_like(x)), made(x.astype(np.float64)), there):
            assert nl.softmax(there, axis, out=out) is out
            np.testing.assert_array_equal(host(out), nl.softmax(x, axis).astype(out.dtype))


def test_results_that_are_refused() -> None:
    x, y = made(X), made(X)
    for out in (y, (y,)):
        with pytest.raises(TypeError, match="out must be a tuple of 2 arrays or None"):
            nl.gelu.value_and_derivative(x, out=out)
    longer = made(np.zeros(41, np.float32))
    flat = made(X.reshape(-1)[:40])
    with pytest.raises(ValueError, match="the two arrays of out share memory"):
        nl.gelu.value_and_derivative(flat, out=(longer[:40], longer[1:]))
    for out in ((y, y), (y, y[::-1])):
        with pytest.raises(ValueError, match="the two arrays of out share memory"):
            nl.gelu.value_and_derivative(x, out=out)
    with pytest.raises(TypeError, match="out would need a cast from float32 to int32"):
        nl.gelu(x, out=made(np.zeros(X.shape, np.int32)))
    with pytest.raises(TypeError, match="from float32 to float64, with casting='no'"):
        nl.gelu(x, out=made(np.zeros(X.shape)), casting="no")
    with pytest.raises(TypeError, match="from float32 to int32"):
        nl.gelu(x, out=made(np.zeros(X.shape, np.int32)), where=made(X > 0))
    with pytest.raises(TypeError, match="from float64 to float32, with casting='safe'"):
        nl.gelu(made(X.astype(np.float64)), out=made(X), casting="safe")
    with pytest.raises(ValueError, match="casting must be one of"):
        nl.gelu(x, out=y, casting="nonsense")
    windows = np.lib.stride_tricks.as_strided(np.zeros(16, np.float32), X.shape, (4, 4))
    with pytest.raises(ValueError, match="elements of out share memory"):
        nl.gelu(x, out=device_arrays.Array(windows))
    repeated = device_arrays.Array(np.broadcast_to(np.zeros(10, np.float32), X.shape))
    with pytest.raises(ValueError, match="elements of out share memory"):
        nl.gelu(x, out=repeated)
    with pytest.raises(ValueError, match=r"out has shape \(6, 9\); the result has \(6, 10\)"):
        nl.gelu(x, out=y[:, 1:])


def test_unaligned_arrays_are_refused() -> None:
    odd = np.zeros(41, np.uint8)[1:].view(np.float32)
    with pytest.raises(ValueError, match="not aligned to its items; copy it"):
        nl.gelu(device_arrays.Array(odd))


def test_two_threads() -> None:
    """Rows of different lengths want different amounts of shared memory of one kernel."""
    failures = []

    def work(length: int) -> None:
        x = np.linspace(-1, 1, length, dtype=np.float32).reshape(1, -1)
        expected = nl.softmax(x)
        same = (np.array_equal(host(nl.softmax(made(x))), expected) for _ in range(30))
        if not all(same):
            failures.append(length)

    threads = [threading.Thread(target=work, args=(length,)) for length in (15000, 30000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


class Described:
    """An array with the CUDA array interface alone."""

    def __init__(self, array: Any, **changes: Any) -> None:
        self.array, self.changes = array, changes
        self.shape, self.dtype = array.shape, array.dtype

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return self.array.__cuda_array_interface__ | self.changes

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        del api_version
        return device_arrays.namespace

    device = "device 0"
    __array_ufunc__ = None


def test_the_cuda_array_interface() -> None:
    for array in (made(X), made(X)[::-1, ::2]):
        given = Described(array, stream=2)
        np.testing.assert_array_equal(host(nl.gelu(given)), nl.gelu(host(array)))
    for type_ in ("|V", "", "<f4x", "<c8"):
        with pytest.raises(TypeError, match=r"unknown type|pass data|not supported"):
            nl.gelu(Described(made(X), typestr=type_))
    with pytest.raises(TypeError, match="mask"):
        nl.gelu(Described(made(X), mask=made(X > 0)))
    out = Described(made(X), data=(host(made(X)).ctypes.data, True))
    with pytest.raises(ValueError, match="gelu: out is read-only"):
        nl.gelu(Described(made(X)), out=out)


def test_every_capsule_is_deleted_once() -> None:
    there = made(X)
    before = len(dlpack._alive)
    for _ in range(3):
        nl.gelu(there)
        nl.softmax(there)
        with pytest.raises(ValueError, match="do not fit together"):
            nl.gelu.backward(there, there[:, 1:])
    assert len(dlpack._alive) == before


class Versioned(device_arrays.Array):
    """An array that knows DLPack 1."""

    def __dlpack__(self, *, max_version: Any = None, **options: Any) -> Any:
        assert max_version == (1, 0)
        assert options == {"stream": 1}
        return dlpack.versioned(self.memory, self.number, read_only=self.readonly)


def test_versions_of_dlpack() -> None:
    before = len(dlpack._alive)
    there = Versioned(X.copy())
    np.testing.assert_array_equal(host(nl.gelu(there)), nl.gelu(X))
    np.testing.assert_array_equal(host(nl.gelu(Versioned(X, readonly=True))), nl.gelu(X))
    with pytest.raises(ValueError, match="gelu: out is read-only"):
        nl.gelu(there, out=Versioned(X, readonly=True))
    assert len(dlpack._alive) == before


def test_errors_of_the_library_come_through() -> None:
    class Broken(device_arrays.Array):
        def __dlpack__(self, **_: Any) -> Any:
            message = "not now"
            raise BufferError(message)

    with pytest.raises(BufferError, match="not now"):
        nl.gelu(Broken(X))


def test_the_second_device() -> None:
    there = made(X, 1)
    got = nl.gelu(there)
    assert got.number == 1
    np.testing.assert_array_equal(host(got), nl.gelu(X))
