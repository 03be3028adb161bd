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
    """A factor of 1e20 makes e^-150 a float32 number. Promised for factors up to 2^93."""
    x = np.linspace(0, -230, length).astype(np.float32)
    for g, temperature in ((9e27, 1.0), (-1e25, 1.0), (1e12, 1.0), (2.0, 1e-20), (-9e28, 10.0)):
        given, grad = x * np.float32(temperature), np.float32(g)
        factor = mp.mpf(float(grad)) / mp.mpf(temperature)
        exact = [factor * p for p in rows.softmax(given.tolist(), temperature)]
        got = nl.logsumexp.backward(grad, given, temperature=temperature)
        for a, e in zip(got, exact, strict=True):
            assert ulp.error(a, e, np.float32) <= 1
    p = rows.softmax(x.tolist())
    rest = mp.fsum(p[1:])
    for weight in (9e27, 1e8):
        loss, slope = nl.sparse_categorical_cross_entropy.value_and_gradient(
            x, np.int64(0), class_weight=np.full(length, weight), reduction="sum"
        )
        assert ulp.error(loss, -weight * mp.log1p(-rest), np.float32) <= 2
        for a, e in zip(slope, [-weight * rest, *(weight * q for q in p[1:])], strict=True):
            assert ulp.error(a, e, np.float32) <= 2


def test_a_row_does_not_notice_the_others() -> None:
    """Not even gradients and targets that are huge or NaN."""
    x = np.random.default_rng(0).standard_normal((4, 50)).astype(np.float32)
    for odd in (1e13, 1e38, np.nan, np.inf):
        grad = np.ones(4, np.float32)
        expected = nl.logsumexp.backward(grad, x)
        grad[3] = odd
        np.testing.assert_array_equal(nl.logsumexp.backward(grad, x)[:3], expected[:3])
    targets = np.full_like(x, 0.02)
    for odd in (1e13, 1e30):
        loss = nl.categorical_cross_entropy.value_and_gradient
        _, expected = loss(x, targets, reduction="sum")
        other = targets.copy()
        other[3, 0] = odd
        np.testing.assert_array_equal(loss(x, other, reduction="sum")[1][:3], expected[:3])


@pytest.mark.parametrize("temperature", [1e-30, 1e-13, 0.3, 1.0, 1e13, 1e30])
def test_every_way_to_call_gives_the_same_bits(temperature: float) -> None:
    x = np.random.default_rng(0).standard_normal((3, 300)) * 3 * temperature
    for dtype in DTYPES:
        given = x.astype(dtype)
        for function in (nl.softmax, nl.softmin, nl.log_softmax, nl.sparsemax, nl.entmax15):
            y = function(given, temperature=temperature)
            for args, options in (((given, (1,)), {}), ((given,), {"where": True}),
                                  ((given.astype(given.dtype.newbyteorder()),), {})):  # fmt: skip
                got = function(*args, temperature=temperature, **options)
                np.testing.assert_array_equal(got, y)


def test_short_rows_with_few_numbers_behind_them() -> None:
    """They are turned, so that many go to the kernel at once."""
    rng = np.random.default_rng(3)
    for shape in ((300, 10, 2), (40, 5, 3, 2), (100, 30, 15)):
        x = rng.standard_normal(shape).astype(np.float32)
        grad = rng.standard_normal(shape).astype(np.float32)
        mask = rng.random(shape) < 0.8
        moved = [np.moveaxis(a, 1, -1).copy() for a in (x, grad, mask)]
        for y, expected in (
            (nl.softmax(x, 1), nl.softmax(moved[0])),
            (nl.softmax(x, 1, where=mask), nl.softmax(moved[0], where=moved[2])),
            (nl.softmax.backward(grad, x, 1), nl.softmax.backward(moved[1], moved[0])),
        ):
            np.testing.assert_array_equal(np.moveaxis(y, 1, -1), expected)
            assert y.flags.c_contiguous
        out = np.empty(shape, np.float32)
        assert nl.log_softmax(x, 1, out=out) is out
        np.testing.assert_array_equal(np.moveaxis(out, 1, -1), nl.log_softmax(moved[0]))
        total = nl.logsumexp(x, 1)
        np.testing.assert_array_equal(total, nl.logsumexp(moved[0]))
        np.testing.assert_array_equal(nl.logsumexp(x, 1, keepdims=True), total[:, None])
        np.testing.assert_array_equal(
            np.moveaxis(nl.logsumexp.backward(total, x, 1), 1, -1),
            nl.logsumexp.backward(total, moved[0]),
        )
