"""What cannot be done with arrays on a GPU says why, and what to do."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import device_arrays
import numpy as np
import pytest

import nonlin as nl
from nonlin import _backend, metrics

if TYPE_CHECKING:
    from libraries import Library

X = np.ones((3, 4), np.float32)
IDS = np.zeros(3, np.int64)
# Calls with two arrays, of which the first is put on another device than the second.
PAIRS: dict[str, Any] = {
    "gelu.backward": nl.gelu.backward,
    "leaky_relu": nl.leaky_relu,
    "prelu.backward": lambda a, b: nl.prelu.backward(a, b, 0.1),
    "softmax.backward": nl.softmax.backward,
    "maxout.backward": lambda a, b: nl.maxout.backward(a[:, :2], b, 2),
    "hardmax.backward": nl.hardmax.backward,
    "swiglu": nl.swiglu,
    "swiglu.backward": lambda a, b: nl.swiglu.backward(a, b, b),
    "bias_activation": lambda a, b: nl.bias_activation(a, b[0], "relu"),
    "bias_activation.backward": lambda a, b: nl.bias_activation.backward(a, b, b[0], "relu"),
    "mean_squared_error": nl.mean_squared_error,
    "binary_cross_entropy": nl.binary_cross_entropy,
    "categorical_cross_entropy": nl.categorical_cross_entropy,
    "mae": metrics.mean_absolute_error,
    "out": lambda a, b: nl.gelu(a, out=b),
    "prelu out": lambda a, b: nl.prelu.backward(a, a, a[0], out=(None, b[0])),
    "softmax out": lambda a, b: nl.softmax(a, out=b),
    "swiglu out": lambda a, b: nl.swiglu(a, a, out=b),
    "where": lambda a, b: nl.softmax(a, where=b > 0),
}


@pytest.mark.parametrize("name", PAIRS)
def test_arrays_in_two_places(library: Library, name: str) -> None:
    words = r"\w+(\[\d\])? is a .* on .*; pass both in one library on one device"
    pairs = [(library.put(X), X), (X, library.put(X))]
    if name == "leaky_relu" and library.kind is not device_arrays.Array:
        pairs.pop()  # NumPy can convert a tensor that is on the host after all
    for pair in pairs:
        with pytest.raises(TypeError, match=words):
            PAIRS[name](*pair)


@pytest.mark.parametrize("name", PAIRS)
def test_arrays_on_two_devices(name: str) -> None:
    pair = device_arrays.made(X, 0), device_arrays.made(X, 1)
    with pytest.raises(TypeError, match=r"on cuda:0, .* on cuda:1; pass both"):
        PAIRS[name](*pair)


def test_classes_in_two_places(library: Library) -> None:
    with pytest.raises(TypeError, match=r"logits is a .* on cuda:0, targets is a numpy.ndarray on"):
        nl.sparse_categorical_cross_entropy(library.put(X), IDS)
    model = nl.Sequential([nl.layers.Dense(4)])
    model.compile("sgd", "sparse_categorical_cross_entropy")
    with pytest.raises(TypeError, match=r"targets is a numpy\.ndarray on cpu"):
        model.fit(library.put(X), IDS, verbose=False)


def test_layers_with_inputs_in_two_places(library: Library) -> None:
    with pytest.raises(TypeError, match=r"add: input 0 is .*input 1 is"):
        nl.layers.Add()([library.put(X), X])


def test_read_only_and_misshapen_results() -> None:
    there = device_arrays.made(X)
    readonly = device_arrays.Array(X.copy(), readonly=True)
    for call in (nl.softmax, nl.swiglu, nl.maxout):
        given = (
            (there, there) if call is nl.swiglu else (there, 1) if call is nl.maxout else (there,)
        )
        with pytest.raises(ValueError, match="out is read-only"):
            call(*given, out=readonly)
        with pytest.raises(ValueError, match="out has shape"):
            call(*given, out=device_arrays.made(X[:2]))


def test_dtypes_that_are_not_supported(library: Library) -> None:
    numbers = library.put(X.astype(np.complex64))
    for call in (nl.gelu, nl.softmax, nl.glu, lambda a: nl.mean_squared_error(a, a)):
        with pytest.raises(TypeError, match="complex64 is not supported"):
            call(numbers)
    with pytest.raises(TypeError, match="targets has dtype float32; pass integers"):
        nl.sparse_categorical_cross_entropy(library.put(X), library.put(X[:, 0]))


def test_values_that_are_not_allowed(library: Library) -> None:
    with pytest.raises(ValueError, match="targets holds 7; allowed are classes in"):
        nl.sparse_categorical_cross_entropy(library.put(X), library.put(IDS + 7))
    with pytest.raises(ValueError, match=r"targets holds 2\.0; allowed"):
        nl.binary_cross_entropy(library.put(X), library.put(2 * X))
    with pytest.raises(ValueError, match=r"predictions holds 2\.0; with from_logits=False"):
        nl.binary_cross_entropy(library.put(2 * X), library.put(X), from_logits=False)
    model = nl.Sequential([nl.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(FloatingPointError, match="the inputs hold NaN"):
        model.fit(library.put(X * np.nan), library.put(X[:, :1]), verbose=False)


def test_tensors_that_require_a_gradient(library: Library) -> None:
    x = library.put(X)
    if library.kind is device_arrays.Array:
        pytest.skip("these cannot")
    x.requires_grad_()
    calls = [nl.gelu, nl.softmax, nl.glu, lambda a: nl.mean_squared_error(a, a), nl.layers.Dense(1)]
    for call in calls:
        with pytest.raises(TypeError, match=r"requires a gradient, .*\.detach\(\)"):
            call(x)


def test_without_the_compiled_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nonlin._gpu", None)
    there = device_arrays.made(X)
    calls = [nl.gelu, nl.softmax, nl.glu, lambda a: nl.mean_squared_error(a, a), nl.layers.Dense(1)]
    for call in calls:
        with pytest.raises(TypeError, match=r"lives on a CUDA device, .* no CUDA backend; copy it"):
            call(there)


def test_without_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    there = device_arrays.made(X)
    for devices, reason in (("0", "no CUDA-capable device"), ("-1", "driver version is insuff")):
        monkeypatch.setenv("NONLIN_SIMULATED_DEVICES", devices)
        for name in ("gelu", "softmax", "glu"):
            with pytest.raises(
                RuntimeError, match=rf"{name}: CUDA device 0 cannot be used: .*{reason}"
            ):
                getattr(nl, name)(there)


def test_without_array_api_compat(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    if library.kind is device_arrays.Array:
        pytest.skip("these have a namespace of their own")
    monkeypatch.setattr(_backend, "_namespaces", {})
    monkeypatch.setitem(sys.modules, "array_api_compat", None)
    with pytest.raises(ImportError, match=r"array-api-compat: pip install nonlin\[gpu\]"):
        nl.softmax(library.put(X))


def test_nothing_is_imported_for_arrays_on_the_host() -> None:
    code = (
        "import sys, numpy as np, nonlin as nl; nl.softmax(nl.gelu(np.ones(3)));"
        "nl.layers.Dense(2)(np.ones((2, 3)));"
        "others = {'nonlin._gpu', 'nonlin._cuda', 'torch', 'cupy', 'array_api_compat'};"
        "print(others & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_memory_of_a_device_can_be_described() -> None:
    there = device_arrays.made(X, 1)
    assert there.__dlpack_device__() == (2, 1)
    assert "dltensor" in repr(there.__dlpack__())
    with pytest.raises(TypeError, match="implicit conversion"):
        np.asarray(there)
