"""Functions along an axis: exact rows, edge rows, axes and layouts, masks, dtypes, bits."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from harness import isa, threads
from mpmath import mp
from reference import rows, ulp

import nonlin as nl

inf, nan = np.inf, np.nan
FORWARD = list(rows.FORWARD)
DTYPES = (np.float32, np.float64)
ISAS = list(nl.available_isas())
# Of sparsemax and entmax15, whose entries are differences, absolute to the row's sum of 1.
BOUND = 2.0
SOFTMAX_BOUND = {"float32": 1.25, "float64": 2.0}
LENGTHS = (1, 2, 3, 7, 8, 9, 16, 23, 24, 25, 31, 33, 64, 100, 129, 300)


def sample(length: int, scale: float, dtype: Any, seed: int = 0) -> np.ndarray[Any, Any]:
    """A row of normal numbers, two of them equal."""
    row = np.random.default_rng([seed, length]).standard_normal(length) * scale
    row[-1] = row[0]
    return row.astype(dtype)


def worst(got: Any, exact: Any, dtype: Any, *, absolute: bool) -> float:
    errors = []
    for number, e in zip(np.ravel(got), exact, strict=True):
        a = abs(number) * (1 if e >= 0 else -1) if number == 0 else number  # zeros have no sign
        error = ulp.error(a, e, dtype)
        if absolute and not mp.isnan(e) and np.isfinite(a):
            unit = mp.ldexp(1, -51)
            error = min(error, float(abs(mp.mpf(float(a)) - e) / unit))
        errors.append(error)
    return max(errors)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FORWARD)
def test_rows(name: str, dtype: Any) -> None:
    function, absolute = getattr(nl, name), name in {"sparsemax", "entmax15"}
    for length, scale in itertools.product(LENGTHS, (0.1, 3.0, 10.0, 40.0, 1e4)):
        for temperature in (1.0, 0.3):
            x = sample(length, scale, dtype)
            exact = rows.FORWARD[name](x.tolist(), temperature)
            got = function(x, temperature=temperature)
            error = worst(got, exact, dtype, absolute=absolute)
            softmax = name in {"softmax", "softmin"}
            bound = SOFTMAX_BOUND[np.dtype(dtype).name] if softmax else BOUND
            assert error <= bound, (length, scale, temperature)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_few_distinct_entries(name: str) -> None:
    """The rounding of one weight, if it is most of the sum, would show in all other entries."""
    function = getattr(nl, name)
    rng = np.random.default_rng(11)
    for length, seed in itertools.product((2, 9, 40, 700), range(30)):
        values = rng.standard_normal(2 + seed % 3) * 6
        x = rng.choice(values, length).astype(np.float32)
        exact = rows.FORWARD[name](x.tolist())
        assert worst(function(x), exact, np.float32, absolute=False) <= 2, (length, seed)


@pytest.mark.parametrize("shift", [30, 34, 34.6, 36, 140, 1000, -33, -36, -150, -1e4])
def test_rows_away_from_zero(shift: float) -> None:
    """Whether the maximum is near 0 or not, and beside rows of the other kind, the bits are one."""
    rng = np.random.default_rng(12)
    for length in (5, 60, 3000):
        x = (rng.standard_normal((11, length)) * 3).astype(np.float32)
        x[::2] += np.float32(shift)
        x[3, 1], x[5, 2], x[7, 0] = nan, -inf, inf
        y = nl.softmax(x)
        for row, got in zip(x, y, strict=True):
            np.testing.assert_array_equal(nl.softmax(row), got)
        if length < 100:
            for k in (0, 1, 2, 8):
                exact = rows.softmax(x[k].tolist())
                assert worst(y[k], exact, np.float32, absolute=False) <= 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_logsumexp(dtype: Any) -> None:
    for length, scale in itertools.product(LENGTHS, (0.1, 3.0, 40.0, 1e4, 1e30)):
        for temperature in (1.0, 0.3):
            x = sample(length, scale, dtype)
            exact = rows.logsumexp(x.tolist(), temperature)
            assert ulp.error(nl.logsumexp(x, temperature=temperature), exact, dtype) <= 1


def test_logsumexp_of_log_probabilities_is_nearly_zero() -> None:
    for length in (2, 3, 10, 100):
        x = nl.log_softmax(sample(length, 3.0, np.float32))
        exact = rows.logsumexp(x.tolist())
        assert abs(exact) < 1e-6
        assert ulp.error(nl.logsumexp(x), exact, np.float32) <= 1


def test_logsumexp_of_rows_with_and_without_cancellation() -> None:
    """Each as by itself, and on both sides of 1, below which rows are computed with more digits."""
    for length in (2, 10, 100):
        x = np.stack([sample(length, 1.0, np.float32, seed) for seed in range(40)])
        x -= (nl.logsumexp(x, 1) * np.linspace(0, 2, 40, dtype=np.float32))[:, None]
        y = nl.logsumexp(x, 1)
        assert 0 < (abs(y) < 1).sum() < 40
        for row, got in zip(x, y, strict=True):
            assert got == nl.logsumexp(row)
            assert ulp.error(got, rows.logsumexp(row.tolist()), np.float32) <= 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_tails_reach_the_last_subnormal_number(dtype: Any) -> None:
    least = {np.float32: -103.97, np.float64: -745.13}[dtype]
    x = np.array([0.0, least, least * 0.99, least / 2, least * 1.01, -1e30], dtype)
    exact = rows.softmax(x.tolist())
    got = nl.softmax(x)
    assert 0 < got[1] < 4 * np.finfo(dtype).smallest_subnormal
    assert worst(got, exact, dtype, absolute=False) <= BOUND


def test_log_softmax_next_to_zero() -> None:
    assert nl.log_softmax(np.array([20, 0], np.float32)).tolist() == [
        ulp.nearest(e, np.float32) for e in rows.log_softmax([20.0, 0.0])
    ]
    x = np.array([40.0, 0.0])
    assert worst(nl.log_softmax(x), rows.log_softmax([40.0, 0.0]), np.float64, absolute=False) <= 1


# row: softmax, log_softmax, logsumexp
EDGES: list[tuple[list[float], list[float], list[float], float]] = [
    ([-inf, -inf], [nan, nan], [nan, nan], -inf),
    ([inf, 0.0], [nan, nan], [nan, nan], inf),
    ([inf, -inf], [nan, nan], [nan, nan], inf),
    ([nan, 0.0], [nan, nan], [nan, nan], nan),
    ([nan, inf], [nan, nan], [nan, nan], nan),
    ([-inf, 3.0], [0.0, 1.0], [-inf, 0.0], 3.0),
    ([1e30, 1e30, 0.0], [0.5, 0.5, 0.0], [-0.6931471805599453, -0.6931471805599453, -1e30], 1e30),
    ([5.0], [1.0], [0.0], 5.0),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("length", [0, 40])
def test_edge_rows(length: int, dtype: Any) -> None:
    """Short ones and, filled up with -inf, long ones; beside a row that does not notice."""
    for row, soft, log_soft, total in EDGES:
        fill = [-inf] * (length and length - len(row))
        x = np.array([row + fill, [0.25] * len(row + fill)], dtype)
        lost = bool(np.isnan(soft[0]))
        for function, exact, nothing in (
            (nl.softmax, soft, 0.0),
            (nl.log_softmax, log_soft, -inf),
        ):
            got = function(x)
            expected = np.array(exact + [nan if lost else nothing] * len(fill), dtype)
            np.testing.assert_array_equal(got[0], expected)
            assert np.isfinite(got[1]).all()
        np.testing.assert_array_equal(nl.logsumexp(x)[0], dtype(total))


@pytest.mark.parametrize("name", [*FORWARD, "hardmax"])
def test_empty_and_single(name: str) -> None:
    function = getattr(nl, name)
    assert function(np.zeros((3, 0))).shape == (3, 0)
    assert function(np.zeros((0, 3))).shape == (0, 3)
    one = 0.0 if name == "log_softmax" else 1.0
    assert function(7.0) == one
    assert np.shape(function(7.0)) == ()
    assert function(np.full((2, 1), -3.0)).tolist() == [[one], [one]]
    if name != "hardmax":
        assert function.backward([1e9], function([5.0])).tolist() == [0]


@pytest.mark.parametrize("name", FORWARD)
def test_axes(name: str) -> None:
    function = getattr(nl, name)
    x = np.random.default_rng(1).standard_normal((3, 4, 30, 5)).astype(np.float32)
    for axis in range(-4, 4):
        expected = np.moveaxis(function(np.moveaxis(x, axis, -1).copy()), -1, axis)
        np.testing.assert_array_equal(function(x, axis), expected)
    merged = function(np.moveaxis(x, (0, 2), (2, 3)).reshape(4, 5, 90)).reshape(4, 5, 3, 30)
    np.testing.assert_array_equal(function(x, (0, 2)), np.moveaxis(merged, (2, 3), (0, 2)))
    np.testing.assert_array_equal(function(x, (2, 0)), function(x, (0, 2)))
    np.testing.assert_array_equal(function(x, None), function(x.ravel()).reshape(x.shape))
    grad = np.random.default_rng(2).standard_normal(x.shape).astype(np.float32)
    y = function(x, 1)
    turned = function.backward(np.moveaxis(grad, 1, -1).copy(), np.moveaxis(y, 1, -1).copy())
    np.testing.assert_array_equal(function.backward(grad, y, 1), np.moveaxis(turned, -1, 1))


def test_reduced_shapes() -> None:
    x = np.random.default_rng(1).standard_normal((3, 4, 5))
    for axis, shape, kept in (
        (-1, (3, 4), (3, 4, 1)),
        (0, (4, 5), (1, 4, 5)),
        ((0, 2), (4,), (1, 4, 1)),
        (None, (), (1, 1, 1)),
    ):
        y = nl.logsumexp(x, axis)
        assert np.shape(y) == shape
        assert nl.logsumexp(x, axis, keepdims=True).shape == kept
        expected = np.log(np.exp(x).sum(axis))
        np.testing.assert_allclose(y, expected, rtol=1e-13)
        p = nl.softmax(x, axis)
        for grad in (np.ones(shape), np.ones(kept)):
            np.testing.assert_allclose(nl.logsumexp.backward(grad, x, axis), p, rtol=1e-14)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FORWARD)
def test_masks(name: str, dtype: Any) -> None:
    """Masked entries get exactly 0 (-inf), whatever they hold; the others as if alone."""
    function, nothing = getattr(nl, name), -inf if name == "log_softmax" else 0.0
    rng = np.random.default_rng(3)
    for length in (5, 40, 150):
        x = (rng.standard_normal((9, length)) * 4).astype(dtype)
        mask = rng.random((9, length)) < 0.6
        mask[4] = False
        x[~mask] = rng.choice([nan, inf, -inf, 1e30, 0.0], (~mask).sum())
        for array, kept in ((x, mask), (np.asfortranarray(x), np.asfortranarray(mask))):
            y = function(array, where=kept)
            assert (y[~mask] == nothing).all()
            for row, keep, got in zip(x, mask, y, strict=True):
                if keep.any():
                    exact = rows.FORWARD[name](row[keep].tolist())
                    absolute = name in {"sparsemax", "entmax15"}
                    assert worst(got[keep], exact, dtype, absolute=absolute) <= 2
    shared = np.arange(150) % 2 == 0
    np.testing.assert_array_equal(
        function(x, where=shared), function(x, where=np.broadcast_to(shared, x.shape))
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "sparsemax", "entmax15"])
def test_backward(name: str, dtype: Any) -> None:
    """Against the exact Jacobian at the given output, entry by entry."""
    exact_backward = getattr(rows, f"{name}_backward")
    for length in (1, 3, 16, 33, 200):
        for temperature in (1.0, 0.3):
            y = getattr(nl, name)(sample(length, 2.0, dtype))
            grad = np.random.default_rng(length).standard_normal(length).astype(dtype)
            got = getattr(nl, name).backward(grad, y, temperature=temperature)
            exact = exact_backward(grad.tolist(), y.tolist(), temperature)
            assert worst(got, exact, dtype, absolute=False) <= 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_gradient_of_an_entry_that_is_nearly_certain(dtype: Any) -> None:
    """What log_softmax knows of 1 - p, its gradient keeps."""
    for gap in (2.0, 15.0, 17.0, 30.0, 40.0, 80.0):
        y = nl.log_softmax(np.array([gap, 0.0, -1.0], dtype))
        for grad in ([-1.0, 0.0, 0.0], [-1.0, 0.25, 0.0], [0.5, -0.5, 3.0]):
            got = nl.log_softmax.backward(np.array(grad, dtype), y)
            exact = rows.log_softmax_backward(grad, y.tolist())
            assert worst(got, exact, dtype, absolute=False) <= 1, (gap, grad)


def test_softmin_is_softmax_of_the_negative() -> None:
    x, grad = sample(100, 3.0, np.float32), sample(100, 1.0, np.float32, 1)
    np.testing.assert_array_equal(nl.softmin(x), nl.softmax(-x))
    y = nl.softmin(x)
    np.testing.assert_array_equal(nl.softmin.backward(grad, y), -nl.softmax.backward(grad, y))


def test_gradients_where_the_output_vanishes() -> None:
    y = nl.softmax(np.array([0.0, -inf, 1.0]))
    assert nl.softmax.backward([1.0, nan, 2.0], y)[1] == 0
    assert np.isfinite(nl.softmax.backward([1.0, nan, 2.0], y)).all()
    y = nl.log_softmax(np.array([0.0, -inf, 1.0]))
    assert nl.log_softmax.backward([1.0, inf, 2.0], y)[1] == 0
    assert np.isfinite(nl.log_softmax.backward([1.0, inf, 2.0], y)).all()
    assert nl.sparsemax.backward([1.0, nan, 2.0], nl.sparsemax([0.0, -9.0, 0.5]))[1] == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_gradients_that_overflow(dtype: Any) -> None:
    """Infinite, not NaN."""
    large = float(np.finfo(dtype).max)
    grad = np.array([large, -large, 0.0], dtype)
    y = nl.softmax(np.zeros(3, dtype))
    for name in ("softmax", "sparsemax", "entmax15"):
        dx = getattr(nl, name).backward(grad, y, temperature=1e-3)
        assert dx.tolist() == [inf, -inf, 0], name
    dx = nl.log_softmax.backward(grad, nl.log_softmax(np.zeros(3, dtype)), temperature=1e-3)
    assert dx.tolist() == [inf, -inf, 0]
    for g in (large, inf):
        dx = nl.logsumexp.backward(dtype(g), np.array([0.0, 0.0], dtype), temperature=1e-3)
        assert dx.tolist() == [inf, inf]


def test_hardmax_and_maxout() -> None:
    assert nl.hardmax([[1, 3, 3, 2], [0, -1, -2, -3]]).tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]
    assert nl.hardmax([1.0, 3.0, 2.0], where=[True, False, True]).tolist() == [0, 0, 1]
    assert np.isnan(nl.hardmax([1.0, nan, 2.0])).all()
    assert nl.hardmax.backward([1.0, 2.0], [0.0, 1.0]).tolist() == [0, 0]
    x = np.random.default_rng(0).standard_normal((4, 12, 3)).astype(np.float32)
    y = nl.maxout(x, 4, axis=1)
    np.testing.assert_array_equal(y, x.reshape(4, 3, 4, 3).max(2))
    grad = np.random.default_rng(1).standard_normal(y.shape).astype(np.float32)
    dx = nl.maxout.backward(grad, x, 4, axis=1)
    expected = np.where(x.reshape(4, 3, 4, 3) == y[:, :, None], grad[:, :, None], 0)
    np.testing.assert_array_equal(dx, expected.reshape(x.shape))
    assert nl.maxout.backward([5.0], [2.0, 2.0], 2).tolist() == [5, 0]
    assert np.isnan(nl.maxout([nan, 1.0, 2.0, 3.0], 2)).tolist() == [True, False]
    with pytest.raises(ValueError, match="pool_size=5 does not divide the 12 features of axis 1"):
        nl.maxout(x, 5, axis=1)
    with pytest.raises(ValueError, match=r"maxout.backward: out has shape \(2, 4, 12, 3\)"):
        nl.maxout.backward(grad, x, 4, axis=1, out=np.empty((2, *x.shape), x.dtype))


def test_softmax2d() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    np.testing.assert_array_equal(nl.softmax2d(x), nl.softmax(x, 1))
    np.testing.assert_array_equal(nl.softmax2d(x[0]), nl.softmax(x[0], 0))
    np.testing.assert_array_equal(nl.softmax2d.backward(x, nl.softmax2d(x)),
                                  nl.softmax.backward(x, nl.softmax(x, 1), 1))  # fmt: skip
    with pytest.raises(ValueError, match="softmax2d: x has 2 axes"):
        nl.softmax2d(x[0, 0])


def test_gumbel_softmax() -> None:
    x = np.log(np.array([0.2, 0.3, 0.5], np.float32))
    many = np.broadcast_to(x, (20000, 3))
    hard = nl.gumbel_softmax(many, hard=True, seed=5)
    assert hard.dtype == np.float32
    np.testing.assert_allclose(hard.mean(0), [0.2, 0.3, 0.5], atol=0.015)
    soft = nl.gumbel_softmax(many, 0.5, seed=5)
    np.testing.assert_array_equal(nl.hardmax(soft), hard)
    np.testing.assert_array_equal(nl.gumbel_softmax(many, 0.5, seed=5), soft)
    generator = np.random.default_rng(5)
    np.testing.assert_array_equal(nl.gumbel_softmax(many, 0.5, seed=generator), soft)
    assert (nl.gumbel_softmax(many, 0.5, seed=generator) != soft).any()
    grad = nl.gumbel_softmax.backward(np.ones_like(soft), soft, temperature=0.5)
    np.testing.assert_allclose(grad, 0, atol=1e-6)
    mask = np.array([True, False, True])
    for hard_or_not in (False, True):
        masked = nl.gumbel_softmax(many, hard=hard_or_not, where=mask, seed=5)
        assert (masked[:, 1] == 0).all()
        np.testing.assert_allclose(masked.sum(1), 1, rtol=1e-6)
    assert (nl.gumbel_softmax(x, where=False, seed=5) == 0).all()
    # Half precision is rounded once.
    small = many[:50].astype(np.float16)
    expected = nl.gumbel_softmax(small.astype(np.float32), seed=5).astype(np.float16)
    np.testing.assert_array_equal(nl.gumbel_softmax(small, seed=5), expected)
    out = np.empty_like(small)
    assert nl.gumbel_softmax(small, seed=5, out=out) is out
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("name", FORWARD)
def test_bits(name: str) -> None:
    """A row has the same bits on every ISA, at any length of the batch, stride and thread count."""
    function = getattr(nl, name)
    rng = np.random.default_rng(7)
    for dtype, length in itertools.product(DTYPES, (3, 8, 23, 24, 60, 131, 1000, 4500)):
        x = (rng.standard_normal((37, length)) * 5).astype(dtype)
        grad = rng.standard_normal(x.shape).astype(dtype)
        with isa("scalar"):
            expected = function(x)
            slopes = function.backward(grad, expected)
        for name_of_isa in ISAS:
            with isa(name_of_isa):
                for layout in (np.array, np.asfortranarray, lambda a: np.repeat(a, 2, 1)[:, ::2]):
                    y = layout(expected)
                    np.testing.assert_array_equal(function(layout(x)), expected)
                    np.testing.assert_array_equal(function.backward(layout(grad), y), slopes)
                np.testing.assert_array_equal(function(x[5]), expected[5])
                turned = x[::-1, ::-1]
                np.testing.assert_array_equal(function(turned), function(turned.copy()))


@pytest.mark.slow
def test_one_huge_row_and_many_rows_on_threads() -> None:
    rng = np.random.default_rng(8)
    huge = rng.standard_normal((1, (1 << 20) + 77)).astype(np.float32)
    many = rng.standard_normal((5000, 40)).astype(np.float32)
    for function in (nl.softmax, nl.log_softmax, nl.logsumexp, nl.sparsemax):
        with threads(1):
            expected = function(huge), function(many)
        for count in (2, 3, 7):
            with threads(count):
                np.testing.assert_array_equal(function(huge), expected[0])
                np.testing.assert_array_equal(function(many), expected[1])
    total = nl.softmax(huge).sum(dtype=np.float64)
    assert abs(total - 1) < 2.0**-23
    flat = nl.softmax(np.zeros(1 << 20, np.float32))
    assert (flat == 2.0**-20).all()


def test_dtypes() -> None:
    for function in (nl.softmax, nl.logsumexp, nl.hardmax, nl.sparsemax):
        for dtype in (np.float16, np.float32, np.float64):
            assert function(np.ones((2, 3), dtype)).dtype == dtype
        for dtype in (np.bool, np.int8, np.uint16, np.int32, np.int64):
            expected = np.exp(np.ones(2, dtype)).dtype
            assert function(np.ones((2, 3), dtype)).dtype == expected
        assert function(np.ones(3, ">f4")).dtype == np.float32
        for wrong in (np.ones(2, complex), np.ones(2, object), np.array(["a"]), np.longdouble([1])):
            with pytest.raises(TypeError, match=f"^{function.name}: dtype .* is not supported"):
                function(wrong)
    half = np.linspace(-9, 9, 41).astype(np.float16)
    exact = rows.softmax(half.tolist())
    assert worst(nl.softmax(half), exact, np.float16, absolute=False) <= 0.51
    assert nl.softmax.backward(np.ones(3, np.float32), np.ones(3)).dtype == np.float64


@pytest.mark.parametrize("dtype", DTYPES)
def test_equal_entries_share_equally(dtype: Any) -> None:
    """The right part of 1, however many and wherever they are."""
    for n in (*range(1, 70), 1000, 2047, 2048, 2049, 5000, 40_000):
        for value in (0.0, 1.0, -3.7, 40.0, 5e4):
            y = nl.softmax(np.full(n, value, dtype))
            if value == 0 or n.bit_count() == 1:
                assert (y == dtype(1 / n)).all(), (n, value)
            np.testing.assert_array_max_ulp(y, np.full(n, dtype(1 / n)), maxulp=1)


def test_no_floating_point_warning() -> None:
    x = np.array([[1e30, -1e30, inf], [nan, -inf, 0], [1e-40, -103, 88]], np.float32)
    with np.errstate(all="raise"):
        for name in FORWARD:
            y = getattr(nl, name)(x)
            getattr(nl, name).backward(x, y)
        nl.logsumexp(x)
        nl.logsumexp.backward(np.ones(3), x)
        nl.hardmax(x)


def test_sums_next_to_the_end_of_float32() -> None:
    """Without a maximum subtracted, sums reach 2^118 and more: inverses keep their digits."""
    rng = np.random.default_rng(13)
    for top in np.linspace(28, 36, 60):
        x = (rng.standard_normal(rng.integers(2, 40)) + top).astype(np.float32)
        assert worst(nl.softmax(x), rows.softmax(x.tolist()), np.float32, absolute=False) <= 2


@pytest.mark.parametrize("period", [1, 2, 8, 16])
def test_many_large_entries(period: int) -> None:
    """Nor do sums of second parts overflow: these are equal, or large with one sign in a lane."""
    rng = np.random.default_rng(period)
    for _ in range(40):
        few = rng.uniform(28, 36, period).astype(np.float32)
        x = np.tile(few, 2064 // period)
        y = nl.softmax(x)
        exact = np.exp(x.astype(np.longdouble) - x.max())
        exact /= exact.sum()
        assert np.abs(y / exact - 1).max() < 2.0**-23
        np.testing.assert_array_equal(nl.softmax(x[:, None], axis=0)[:, 0], y)
    x = np.tile(np.float32([34.52696, 34.52783]), 1000)
    assert np.isfinite(nl.softmax(x)).all()


def test_results_that_overflow() -> None:
    big = np.array([1e308, -1e308, 0.0])
    np.testing.assert_array_equal(nl.log_softmax(big), [0, -inf, -1e308])
    far = nl.log_softmax([1.7e308, -1.7e308], temperature=1e30)
    np.testing.assert_allclose(far, [0, -3.4e278])
    np.testing.assert_array_equal(nl.log_softmax([1e300, -1e300], temperature=1e-30), [0, -inf])
    assert nl.logsumexp([1e300, -1e300], temperature=1e-30) == inf
    assert nl.logsumexp([-1e300, -1e300], temperature=1e-30) == -inf
    np.testing.assert_array_equal(nl.maxout([inf, 1.0, -inf, -inf], 2), [inf, -inf])
    assert np.signbit(nl.maxout([-0.0, -0.0], 2)).all()
    half = np.array([65504, -65504], np.float16)
    np.testing.assert_array_equal(nl.log_softmax(half), [0, -inf])


@pytest.mark.parametrize("name", FORWARD)
def test_rows_without_entries(name: str) -> None:
    function = getattr(nl, name)
    mask = np.array([[True, True], [False, False]])
    y = function(np.ones((2, 2)), where=mask)
    assert (function.backward(np.ones((2, 2)), y)[1] == 0).all()
    for shape, axis in (((0, 3, 4), (1, 2)), ((2, 0, 4), (0, 2)), ((0, 3), ())):
        assert function(np.zeros(shape), axis).shape == shape


def test_masks_of_any_bytes_and_of_minus_infinity() -> None:
    mask = np.array([200, 1, 0, 2], np.uint8).view(bool)
    third = np.float32(1 / 3)
    y = nl.softmax(np.zeros(4, np.float32), where=mask)
    np.testing.assert_array_equal(y, [third, third, 0, third])
    np.testing.assert_array_equal(nl.hardmax([5.0, -inf], where=[False, True]), [0, 1])


def test_a_python_number_changes_no_dtype() -> None:
    x = np.ones(4, np.float32)
    assert nl.softmax.backward(1.0, x).dtype == np.float32
    assert nl.logsumexp.backward(1.0, x).dtype == np.float32
    assert nl.maxout.backward(1.0, x, 2).dtype == np.float32
    with pytest.raises(TypeError, match=r"^maxout: pool_size is a float; pass an int"):
        nl.maxout(x, 2.0)
