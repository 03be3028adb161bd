"""The same bits wherever an element stands.

Alone or in a body, at any position, length, stride, alignment and byte order, in place or over a
part of the input, on every instruction set, with any number of threads and however a parameter is
passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from harness import (
    DIRECTIONS,
    DTYPES,
    NAMES,
    Array,
    assert_same_bits,
    call,
    gradients,
    isa,
    outputs,
    parameter_sets,
    sample,
    threads,
)
from layouts import LAYOUTS, LENGTH, PARAMETER_LAYOUTS
from reference.grid import grid
from reference.oracle import ENTRIES

import nonlin as nl

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL = pytest.mark.parametrize("name", NAMES)
ALL_ISAS = pytest.mark.parametrize("isa_name", nl.available_isas())


class Case:
    """One function, direction, dtype and parameter set, with its data and its expected bits."""

    def __init__(self, name: str, direction: str, dtype: Any, parameters: Sequence[float]) -> None:
        self.name, self.direction, self.parameters = name, direction, parameters
        self.label = f"{name} {direction} {np.dtype(dtype).name} {parameters}"
        self.x = sample(name, dtype, LENGTH, parameters)
        self.grad = gradients(dtype, LENGTH)
        self.expected = self(self.x, self.grad)

    def __call__(
        self, x: Array, grad: Array | None = None, out: tuple[Array, ...] | None = None
    ) -> tuple[Array, ...]:
        return call(self.name, self.direction, x, grad, self.parameters, out=out)

    def check(self, got: Sequence[Array], where: slice, label: str) -> None:
        for one, expected in zip(got, self.expected, strict=True):
            assert_same_bits(one, expected[where], f"{self.label}: {label}")


def cases(name: str) -> list[Case]:
    return [
        Case(name, direction, dtype, parameters)
        for direction in DIRECTIONS
        for dtype in DTYPES
        for parameters in parameter_sets(name)
    ]


@ALL
def test_every_isa_gives_the_same_bits(name: str) -> None:
    for dtype in DTYPES:
        for parameters in ENTRIES[name].parameter_sets():
            x = grid(name, dtype, parameters)
            for direction in DIRECTIONS:
                results = {}
                for isa_name in nl.available_isas():
                    with isa(isa_name):
                        grad = gradients(dtype, x.size)
                        results[isa_name] = call(name, direction, x, grad, parameters)
                first = results[nl.available_isas()[0]]
                for isa_name, other in results.items():
                    for one, same in zip(other, first, strict=True):
                        label = f"{direction} {x.dtype} {parameters} {isa_name}"
                        assert_same_bits(one, same, label)


@ALL_ISAS
@ALL
def test_position_and_length(name: str, isa_name: str) -> None:
    with isa(isa_name):
        for case in cases(name):
            places = [(i, 1) for i in range(LENGTH)]
            places += [(start, n) for n in range(71) for start in (0, 1, LENGTH - n)]
            for start, n in places:
                where = slice(start, start + n)
                case.check(case(case.x[where], case.grad[where]), where, f"{n} at {start}")


@ALL_ISAS
@ALL
def test_layouts(name: str, isa_name: str) -> None:
    with isa(isa_name):
        for case in cases(name):
            for layout in LAYOUTS:
                x, grad = layout(case.x), layout(case.grad)
                got = [y.ravel() for y in case(x, grad)]
                case.check(got, slice(None), f"{layout.__name__} input")
                if case.name == "prelu" and case.direction == "backward":
                    continue
                out = tuple(layout(case.x) for _ in range(outputs(case.direction)))
                case(x, grad, out)
                case.check([y.ravel() for y in out], slice(None), f"{layout.__name__} everywhere")
                plain = (case.x.reshape(x.shape), case.grad.reshape(x.shape))
                case(*plain, out)
                case.check([y.ravel() for y in out], slice(None), f"{layout.__name__} output")


@ALL_ISAS
@ALL
def test_repeated_element(name: str, isa_name: str) -> None:
    with isa(isa_name):
        for case in cases(name):
            for i in range(0, LENGTH, 5):
                one = slice(i, i + 1)
                got = case(np.broadcast_to(case.x[one], 67), np.broadcast_to(case.grad[one], 67))
                for y, expected in zip(got, case.expected, strict=True):
                    assert_same_bits(y, np.repeat(expected[one], 67), f"{case.label} stride 0")


@ALL_ISAS
@ALL
def test_in_place_and_overlapping(name: str, isa_name: str) -> None:
    """An output over the input, or over part of it, reads as if the input had been copied first."""
    with isa(isa_name):
        for case in cases(name):
            if outputs(case.direction) > 1 or (name == "prelu" and case.direction == "backward"):
                continue
            for shift in (0, 1, 3, 17, -1, -3, -17):
                x = case.x.copy()
                source = slice(max(0, -shift), LENGTH - max(0, shift))
                target = slice(max(0, shift), LENGTH - max(0, -shift))
                got = case(x[source], case.grad[source], (x[target],))
                case.check(got, source, f"output moved by {shift}")
                case.check((x[target],), source, f"output moved by {shift}")
            x = case.x.copy()
            case(x, case.grad, (x[::-1],))
            case.check((x[::-1],), slice(None), "reversed over itself")
            grad = case.grad.copy()
            if case.direction == "backward":
                case(case.x, grad, (grad,))
                case.check((grad,), slice(None), "over the gradient")


@ALL
def test_two_outputs_in_place(name: str) -> None:
    for case in cases(name):
        if outputs(case.direction) == 2:
            for position in range(2):
                x = case.x.copy()
                other = np.empty_like(x)
                out = (x, other) if position == 0 else (other, x)
                case(x, None, out)
                case.check(out, slice(None), f"output {position} in place")


@pytest.mark.parametrize("name", [name for name in NAMES if ENTRIES[name].defaults])
def test_parameters_as_arrays(name: str) -> None:
    sets = ENTRIES[name].parameter_sets()
    for case in cases(name):

        def compute(parameters: Sequence[Any], case: Case = case) -> tuple[Array, ...]:
            return call(case.name, case.direction, case.x, case.grad, parameters)

        for way in PARAMETER_LAYOUTS:
            got = compute([way(p) for p in case.parameters])
            case.check(got, slice(None), f"parameters {way.__name__}")
        # A different set for each element gives what each set gives alone.
        mixed = compute([np.resize(np.array(column), LENGTH) for column in zip(*sets, strict=True)])
        for i, parameters in enumerate(sets):
            own = slice(i, None, len(sets))
            for got_one, expected in zip(mixed, compute(parameters), strict=True):
                assert_same_bits(got_one[own], expected[own], f"{case.label}: mixed parameters")


def check_threads(name: str, counts: Sequence[int], directions: Sequence[str], size: int) -> None:
    for dtype in (np.float32, np.float64):
        for direction in directions:
            case = Case(name, direction, dtype, parameter_sets(name)[0])
            x, grad = np.resize(case.x, size), np.resize(case.grad, size)
            expected = [np.resize(y, size) for y in case.expected]
            for count in counts:
                with threads(count):
                    got = case(x, grad)
                for one, same in zip(got, expected, strict=True):
                    assert_same_bits(one, same, f"{case.label}: {count} threads")


@ALL
def test_thread_counts(name: str) -> None:
    check_threads(name, (1, 2, 5), ("value", "derivative", "backward"), (1 << 20) + 13)


@ALL_ISAS
@pytest.mark.parametrize("name", ["relu", "gelu", "elu"])
def test_thread_counts_of_every_isa(name: str, isa_name: str) -> None:
    with isa(isa_name):
        check_threads(name, (2, 5), DIRECTIONS, (1 << 18) + 13)


def test_threads_and_strided_parameters() -> None:
    size = (1 << 20) + 13
    x, slope = np.resize(np.linspace(-9, 9, 1001), size), np.resize([0.5, 2.0, 0.25], size)
    with threads(1):
        expected = nl.elu(x, slope)
    for count in (2, 5):
        with threads(count):
            assert_same_bits(nl.elu(x, slope), expected, f"{count} threads")
            assert_same_bits(nl.elu(x[::-1], slope[::-1])[::-1], expected, f"{count} backwards")
