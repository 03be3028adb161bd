"""Rows of thousands of entries: exact results, and every way that they can lie in memory.

Their entries have few distinct values, so that mpmath needs few exponentials.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from harness import isa, threads
from mpmath import mp
from reference import rows, ulp

import nonlin as nl

DTYPES = (np.float32, np.float64)
# Around the lengths at which a row is cut into chunks, kept in a buffer, or shared by threads.
LENGTHS = (2047, 2048, 2049, 5000, 32768, 32769, 70001, 1 << 20)


def sample(length: int, dtype: Any) -> tuple[Any, Any]:
    """Some values, and for every entry of a row the index of its value."""
    rng = np.random.default_rng(length)
    values = (rng.standard_normal(60) * 5).astype(dtype)
    return values, rng.integers(0, len(values), length)


def total(values: Any, places: Any) -> Any:
    """The sum of e^x over a row."""
    counts = np.bincount(places, minlength=len(values))
    terms = (int(n) * mp.exp(mp.mpf(float(v))) for v, n in zip(values, counts, strict=True))
    return mp.fsum(terms)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("length", LENGTHS)
def test_exact(length: int, dtype: Any) -> None:
    values, places = sample(length, dtype)
    x = values[places]
    with mp.workdps(60):
        sum_of_row = total(values, places)
        soft = [mp.exp(mp.mpf(float(v))) / sum_of_row for v in values]
        log_soft = [mp.mpf(float(v)) - mp.log(sum_of_row) for v in values]
    for function, exact in ((nl.softmax, soft), (nl.log_softmax, log_soft)):
        y = function(x)
        for k, e in enumerate(exact):
            (found,) = set(y[places == k].tolist()) or {None}  # one value has one result
            assert found is None or ulp.error(dtype(found), e, dtype) <= 2, k
    assert ulp.error(nl.logsumexp(x), mp.log(sum_of_row), dtype) <= 1


def layouts(x: Any) -> dict[str, Any]:
    """Arrays of shape (rows, length) that hold `x` in other ways."""
    count, length = x.shape
    gaps = np.zeros((count, 2 * length), x.dtype)
    gaps[:, ::2] = x
    wide = np.zeros((length, count + 3), x.dtype)
    wide[:, 1 : count + 1] = x.T
    return {
        "columns": np.array(x, order="F"),
        "some columns": wide[:, 1 : count + 1].T,
        "gaps": gaps[:, ::2],
        "backwards": x[:, ::-1].copy()[:, ::-1],
        "gaps between columns": np.repeat(x.T.copy(), 3, axis=1)[:, ::3].T,
    }


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmax.backward", "sparsemax"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_layouts_have_the_same_bits(name: str, dtype: Any) -> None:
    function = nl.softmax.backward if "." in name else getattr(nl, name)
    rng = np.random.default_rng(5)
    for count, length in ((1, 40), (5, 24), (37, 100), (17, 3000), (3, 40000), (20, 9000)):
        x = (rng.standard_normal((count, length)) * 3).astype(dtype)
        grad = rng.standard_normal((count, length)).astype(dtype)
        first = (grad,) if "." in name else ()
        expected = function(*first, x)
        for kind, given in layouts(x).items():
            for set_name in nl.available_isas():
                for number in (1, 3):
                    with isa(set_name), threads(number):
                        got = function(*first, given)
                    np.testing.assert_array_equal(got, expected, f"{kind} {set_name} {count}")
            out = layouts(np.zeros_like(x))[kind]
            function(*first, x, out=out)
            np.testing.assert_array_equal(out, expected, f"to {kind} {count}")
            function(*first, given, out=given)
            np.testing.assert_array_equal(given, expected, f"{kind} in place {count}")


def test_a_broadcast_gradient() -> None:
    y = nl.softmax(np.random.default_rng(0).standard_normal((7, 500)).astype(np.float32))
    for grad in (np.float32(1.5), np.arange(7, dtype=np.float32)[:, None]):
        full = np.broadcast_to(grad, y.shape)
        np.testing.assert_array_equal(
            nl.softmax.backward(full, y), nl.softmax.backward(full.copy(), y)
        )


@pytest.mark.parametrize("length", [4, 60])
def test_gradients_that_show_the_smallest_probabilities(length: int) -> None:
    """A factor of 1e20 and more makes e^-150 a float32 number."""
    x = np.linspace(0, -230, length).astype(np.float32)
    for g, temperature in ((3e38, 1.0), (-1e25, 1.0), (1e12, 1.0), (2.0, 1e-20), (-1e30, 10.0)):
        given, grad = x * np.float32(temperature), np.float32(g)
        factor = mp.mpf(float(grad)) / mp.mpf(temperature)
        exact = [factor * p for p in rows.softmax(given.tolist(), temperature)]
        got = nl.logsumexp.backward(grad, given, temperature=temperature)
        for a, e in zip(got, exact, strict=True):
            assert ulp.error(a, e, np.float32) <= 1
    p = rows.softmax(x.tolist())
    rest = mp.fsum(p[1:])
    for weight in (1e30, 1e8):
        loss, slope = nl.sparse_categorical_cross_entropy.value_and_gradient(
            x, np.int64(0), class_weight=np.full(length, weight), reduction="sum"
        )
        assert ulp.error(loss, -weight * mp.log1p(-rest), np.float32) <= 2
        for a, e in zip(slope, [-weight * rest, *(weight * q for q in p[1:])], strict=True):
            assert ulp.error(a, e, np.float32) <= 2
