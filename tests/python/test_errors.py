"""Wrong calls say what is wrong, where, and what to do."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
import pytest
from api import arguments, every_function, function, qualified, results, sample

import nonlin as nl
from nonlin import _backend

PARAMETERS = [(a, p) for a in _backend.catalogue() for p in a.parameters]
DIRECTIONS = ("value", "derivative", "backward", "value_and_derivative")
SCALARS = (float, np.float64, np.array, lambda v: np.array(v, np.float32))


def beyond(bound: float) -> float:
    """A power of two, exact in every dtype, that is larger than the bound's magnitude."""
    return math.ldexp(1, math.frexp(bound)[1] + 1) if abs(bound) > 1 else 2.0


def outside(parameter: Any) -> list[float]:
    found = [math.nan]
    if not parameter.low_included:
        found.append(parameter.low)
    if not parameter.high_included:
        found.append(parameter.high)
    if math.isfinite(parameter.low):
        found += [-beyond(parameter.low), -math.inf]
    if math.isfinite(parameter.high):
        found += [beyond(parameter.high), math.inf]
    return found


@pytest.mark.parametrize(
    ("activation", "parameter"), PARAMETERS, ids=[f"{a.name}-{p.name}" for a, p in PARAMETERS]
)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_scalar_outside_its_domain(activation: Any, parameter: Any, direction: str) -> None:
    call, x = function(activation.name, direction), sample()
    for value in outside(parameter):
        for kind in SCALARS:
            with pytest.raises(ValueError, match="is not allowed; pass a") as caught:
                call(*arguments(direction, x), **{parameter.name: kind(value)})
            prefix = f"{qualified(activation.name, direction)}: {parameter.name}={value}"
            assert str(caught.value).startswith(prefix)
        # Arrays are the caller's to check.
        call(*arguments(direction, x), **{parameter.name: np.full(x.size, value)})


@pytest.mark.parametrize(
    ("activation", "parameter"), PARAMETERS, ids=[f"{a.name}-{p.name}" for a, p in PARAMETERS]
)
def test_ends_that_belong_to_the_domain(activation: Any, parameter: Any) -> None:
    ends = [parameter.low] * parameter.low_included + [parameter.high] * parameter.high_included
    others = {"max_value": math.inf, "min_value": -math.inf} if activation.ordered else {}
    for value in ends:
        function(activation.name, "value")(1.0, **{**others, parameter.name: value})


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_swapped_interval(direction: str) -> None:
    call = function("hard_tanh", direction)
    args = arguments(direction, 1.0)
    for low, high in ((2, 1), (2.0, np.float32(1)), (np.array(2.0), 1)):
        with pytest.raises(ValueError, match=r"min_value=2.* exceeds max_value=1.*; pass min"):
            call(*args, low, high)
    with pytest.raises(ValueError, match="exceeds max_value"):
        call(*args, min_value=2.0)
    call(*args, 1.0, 1.0)
    call(*args, np.array([2.0]), 1.0)


def test_too_large_an_integer() -> None:
    with pytest.raises(ValueError, match=r"slope=10000000\.\.\. is not allowed; pass any finite"):
        nl.linear(1.0, 10**400)


@every_function
def test_bad_out(name: str, direction: str) -> None:
    call, args = function(name, direction), arguments(direction, sample())
    outs = [np.zeros_like(r) for r in results(call(*args))]
    read_only = outs[0].copy()
    read_only.flags.writeable = False
    for bad, words in ((read_only, "read-only"), (np.zeros(3, np.float32), "broadcast")):
        out = (bad, *outs[1:])
        with pytest.raises(ValueError, match=words):
            call(*args, out=out if len(out) > 1 else bad)


def test_shapes_that_do_not_broadcast() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        nl.elu(np.zeros(3), np.ones(2))
    with pytest.raises(ValueError, match="inhomogeneous"):
        nl.elu([[1.0], [2.0, 3.0]])


@every_function
def test_wrong_arguments(name: str, direction: str) -> None:
    call, args = function(name, direction), arguments(direction, 1.0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'nonsense'"):
        call(*args, nonsense=1)
    with pytest.raises(TypeError, match=rf"^{name}.*positional argument"):
        call(*args, 1.0, 1.0, 1.0, 1.0)
    with pytest.raises(TypeError, match="missing"):
        call()


@pytest.mark.parametrize("approximate", ["erf", True, None, ["tanh"]])
def test_unknown_approximation(approximate: Any) -> None:
    with pytest.raises(ValueError, match=r'^gelu.derivative: .*"none", "tanh", "quick"'):
        nl.gelu.derivative(1.0, approximate=approximate)
    with pytest.raises(TypeError, match="approximate"):
        nl.gelu_tanh(1.0, approximate="tanh")  # type: ignore[call-arg]


def test_what_is_no_array() -> None:
    for wrong in ({1.0}, {1: 2.0}, (x for x in [1.0])):
        kind = type(wrong).__name__
        text = f"^%s is a {kind}; pass a number, a list or an array$"
        for call, what in (
            (nl.elu, "elu: x"), (nl.gelu.derivative, "gelu.derivative: x"),
            (nl.softmax, "softmax: this"), (nl.layers.Dense(3), "dense: this"),
            (lambda x: nl.mean_squared_error(1.0, x), "mean_squared_error: this"),
        ):  # fmt: skip
            with pytest.raises(TypeError, match=text % what):
                call(wrong)
    assert nl.relu(np.asarray([Decimal("1.5")], np.float64)) == 1.5
    with pytest.raises(TypeError, match=r"np\.asarray"):
        nl.relu(Decimal("1.5"))


def test_nodes_are_no_arrays() -> None:
    node = nl.layers.Dense(3)(nl.layers.Input([20]))
    for call in (nl.gelu, nl.gelu.derivative, nl.softmax, nl.swiglu, nl.Sequential().predict):
        with pytest.raises(
            TypeError, match=r"dense, shape \(3,\)> has no numbers yet; call a layer"
        ):
            call(node)


class OnDevice:
    """Looks like a CUDA array, by one protocol or the other; converting it would be a copy."""

    def __init__(self, protocol: str, device: int = 2) -> None:
        if protocol == "dlpack":
            self.__dlpack_device__ = lambda: (device, 0)

    def __array__(self, *_: Any, **__: Any) -> Any:
        return np.ones(2)


class WithInterface(OnDevice):
    __cuda_array_interface__: ClassVar = {"shape": (2,), "typestr": "<f4", "version": 3}


class WithGradient(OnDevice):
    @property
    def __cuda_array_interface__(self) -> Any:
        raise RuntimeError


@every_function
def test_cuda_arrays_are_refused(name: str, direction: str) -> None:
    for array in (OnDevice("dlpack"), OnDevice("dlpack", 13), WithInterface(""), WithGradient("")):
        with pytest.raises(TypeError, match=r"lives on a CUDA device, and this build .* has no"):
            function(name, direction)(*arguments(direction, array))


def test_arrays_of_other_libraries_on_the_host_are_converted() -> None:
    assert nl.relu(OnDevice("dlpack", 1)).tolist() == [1, 1]
    assert nl.relu(OnDevice("")).tolist() == [1, 1]


def test_isa() -> None:
    before = nl.isa()
    assert before in nl.available_isas()
    assert nl.available_isas()[-1] == "scalar"
    try:
        for name in nl.available_isas():
            nl.set_isa(name)
            assert nl.isa() == name
        with pytest.raises(ValueError, match=r"\"sse9\" is not available .*scalar"):
            nl.set_isa("sse9")
        assert nl.isa() == "scalar"
    finally:
        nl.set_isa(before)


def test_threads() -> None:
    before = nl.num_threads()
    try:
        nl.set_num_threads(3)
        assert nl.num_threads() == 3
        nl.set_num_threads(0)
        assert nl.num_threads() >= 1
        with pytest.raises(ValueError, match="count is -1; give at least 1"):
            nl.set_num_threads(-1)
        for wrong in (1.5, "2", None, 10**20):
            with pytest.raises(
                TypeError, match=rf"count={wrong!r} is not allowed; pass an int, 0 f"
            ):
                nl.set_num_threads(wrong)  # type: ignore[arg-type]
    finally:
        nl.set_num_threads(before)


@pytest.mark.parametrize("isa", ["sse9", "AVX2", ""])
def test_unknown_isa_in_the_environment(isa: str) -> None:
    command = [sys.executable, "-c", "import nonlin"]
    done = subprocess.run(
        command, env={**os.environ, "NONLIN_ISA": isa}, capture_output=True, text=True, check=False
    )
    if not isa:
        assert done.returncode == 0
    else:
        assert done.returncode != 0
        line = done.stderr.splitlines()[-1]
        assert line.startswith(f"ImportError: NONLIN_ISA={isa} is not available")
        assert all(name in line for name in nl.available_isas())
