"""Losses: exact values and gradients, options, reductions, layouts, bits, errors."""

from __future__ import annotations

import inspect
import itertools
from typing import Any

import numpy as np
import pytest
from harness import isa, threads
from mpmath import mp
from reference import losses, ulp

import nonlin as nl

inf, nan = np.inf, np.nan
DTYPES = (np.float32, np.float64)
ISAS = list(nl.available_isas())
BOUND = 2.0
LENGTHS = (1, 2, 3, 8, 25, 40, 100)
OPTIONS = list(itertools.product((0.0, 0.1), (False, True)))
SPARSE, DENSE = nl.sparse_categorical_cross_entropy, nl.categorical_cross_entropy


def worst(got: Any, exact: Any, dtype: Any, size: Any = None) -> float:
    """The largest error in ULP; with `size`, in ULP of numbers of that size if that is less."""
    errors = []
    for i, (number, e) in enumerate(zip(np.ravel(got), exact, strict=True)):
        a = abs(number) * (1 if e >= 0 else -1) if number == 0 else number  # zeros have no sign
        error = ulp.error(a, e, dtype)
        if size is not None and np.isfinite(a) and not mp.isinf(e):
            unit = mp.ldexp(1, ulp.spacing_exponent(size[i], dtype))
            error = min(error, float(abs(mp.mpf(float(a)) - e) / unit))
        errors.append(error)
    return max(errors)


def weights_of(length: int) -> Any:
    weights = np.random.default_rng(length).random(length) * 3
    weights[length // 2] = 0.0 if length > 2 else 1.0
    return weights


def logits_of(length: int, scale: float, dtype: Any, rows: int = 3) -> Any:
    rng = np.random.default_rng([length, int(np.log2(scale) + 99)])
    x = (rng.standard_normal((rows, length)) * scale).astype(dtype)
    x[0, -1] = x[0, 0]
    if length > 3:
        x[1, 1] = -inf
    return x


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [0.1, 3.0, 40.0, 1e3, 1e30])
def test_classes(scale: float, dtype: Any) -> None:
    for length in LENGTHS:
        x = logits_of(length, scale, dtype)
        ids = np.array([0, length - 1, length // 2])
        for smoothing, weighted in OPTIONS:
            weights = weights_of(length).tolist() if weighted else None
            loss, gradient = SPARSE.value_and_gradient(
                x, ids, label_smoothing=smoothing, class_weight=weights, reduction="none"
            )
            alone = SPARSE(x, ids, label_smoothing=smoothing, class_weight=weights,
                           reduction="none")  # fmt: skip
            np.testing.assert_array_equal(alone, loss)
            for row, k, got, slope in zip(x, ids, loss, gradient, strict=True):
                one = [float(i == k) for i in range(length)]
                q = losses.smoothed(one, smoothing, weights)
                exact, slopes, size = losses.cross_entropy(row.tolist(), q)
                assert worst([got], [exact], dtype) <= BOUND
                plain = smoothing == 0
                assert worst(slope, slopes, dtype, None if plain else size) <= BOUND


@pytest.mark.parametrize("dtype", DTYPES)
def test_soft_targets(dtype: Any) -> None:
    for length, scale in itertools.product(LENGTHS, (3.0, 1e3, 1e30)):
        x = logits_of(length, scale, dtype)
        t = np.random.default_rng(length).random(x.shape).astype(dtype)
        if length > 3:
            t[1, 1] = 0  # where the logit is -inf
        t[2] /= t[2].sum()
        for smoothing, weighted in OPTIONS:
            weights = weights_of(length).tolist() if weighted else None
            options = {"label_smoothing": smoothing, "class_weight": weights}
            loss, gradient = DENSE.value_and_gradient(x, t, reduction="none", **options)
            np.testing.assert_array_equal(DENSE(x, t, reduction="none", **options), loss)
            for row, targets, got, slope in zip(x, t, loss, gradient, strict=True):
                q = losses.smoothed(targets.tolist(), smoothing, weights)
                exact, slopes, size = losses.cross_entropy(row.tolist(), q)
                assert worst([got], [exact], dtype) <= BOUND
                assert worst(slope, slopes, dtype, size) <= BOUND


def test_reference_gradients_are_derivatives() -> None:
    row, q = [0.3, -1.2, 2.0], losses.smoothed([0.2, 0.0, 0.9], 0.1, [1.0, 2.0, 0.5])
    _, gradient, _ = losses.cross_entropy(row, q)
    for k in range(3):
        slope = mp.diff(
            lambda x, k=k: losses.cross_entropy([x if i == k else row[i] for i in range(3)], q)[0],
            row[k],
        )
        assert abs(slope - gradient[k]) < 1e-9
    for function, x in ((losses.binary, 0.7), (losses.binary_of_probability, 0.3)):
        slope = mp.diff(lambda x, f=function: f(x, 0.25, 3.0)[0], x)
        assert abs(slope - function(x, 0.25, 3.0)[1]) < 1e-9


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_hot_is_the_class(dtype: Any) -> None:
    rng = np.random.default_rng(0)
    for length in (2, 10, 30, 200):
        x = (rng.standard_normal((20, length)) * 8).astype(dtype)
        ids = rng.integers(0, length, 20)
        one = np.eye(length, dtype=dtype)[ids]
        for smoothing, weighted in OPTIONS:
            options = {
                "label_smoothing": smoothing,
                "class_weight": weights_of(length) if weighted else None,
                "reduction": "none",
            }
            for got, expected in zip(
                SPARSE.value_and_gradient(x, ids, **options),
                DENSE.value_and_gradient(x, one, **options),
                strict=True,
            ):
                np.testing.assert_array_equal(got, expected)


# logits, target: loss, gradient
EDGES: list[tuple[list[float], int, float, list[float]]] = [
    ([1000.0, 0.0], 1, 1000.0, [1.0, -1.0]),
    ([1000.0, 0.0], 0, 0.0, [0.0, 0.0]),
    ([1e30, -1e30], 0, 0.0, [0.0, 0.0]),
    ([1e30, 1e30, 0.0], 1, 0.6931471805599453, [0.5, -0.5, 0.0]),
    ([-inf, 3.0], 1, 0.0, [0.0, 0.0]),
    ([-inf, 3.0], 0, inf, [-1.0, 1.0]),
    ([-inf, -inf], 0, nan, [nan, nan]),
    ([inf, 0.0], 0, nan, [nan, nan]),
    ([nan, 0.0], 1, nan, [nan, nan]),
    ([5.0], 0, 0.0, [0.0]),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("length", [0, 40])
def test_edge_rows(length: int, dtype: Any) -> None:
    """Short ones and, filled up with -inf, long ones; beside a row that does not notice."""
    for row, target, exact, slopes in EDGES:
        fill = [-inf] * (length and length - len(row))
        x = np.array([row + fill, [0.25] * len(row + fill)], dtype)
        zero = nan if np.isnan(exact) else 0.0
        one = np.eye(x.shape[1])[[target, 0]]
        for loss, gradient in (
            SPARSE.value_and_gradient(x, [target, 0], reduction="none"),
            DENSE.value_and_gradient(x, one, reduction="none"),
        ):
            np.testing.assert_array_equal(loss[0], dtype(exact))
            np.testing.assert_array_equal(gradient[0], np.array(slopes + [zero] * len(fill), dtype))
            assert np.isfinite(loss[1])
            assert np.isfinite(gradient[1]).all()


def test_next_to_certain() -> None:
    """Loss and gradient of a nearly certain class have all their digits."""
    for dtype, gap in ((np.float32, 40.0), (np.float32, 90.0), (np.float64, 40.0),
                       (np.float64, 700.0)):  # fmt: skip
        x = np.array([gap, 0.0], dtype)
        loss, gradient = SPARSE.value_and_gradient(x, 0)
        exact, slopes, _ = losses.cross_entropy(x.tolist(), [1, 0])
        assert worst([loss], [exact], dtype) <= 1
        assert worst(gradient, slopes, dtype) <= 1


def binary_points(dtype: Any) -> Any:
    x = [0.0, 1e-30, -1e-8, 0.5, -1.0, 3.0, -20.0, 50.0, -90.0, 100.0, 1000.0, -1000.0, 1e30, -1e30]
    x += [
        88.0,
        -103.0,
        700.0,
        -745.0,
        712.797,
        740.0,
        -760.0,
        760.0,
        *np.random.default_rng(1).normal(0, 9, 40).tolist(),
    ]
    return np.array(x, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_binary(dtype: Any) -> None:
    f = nl.binary_cross_entropy
    x = binary_points(dtype)
    for target, weight in itertools.product((0.0, 1.0, 0.25, 0.9), (None, 0.0, 3.7, 1e30)):
        t = np.full(x.shape, target, dtype)
        loss, gradient = f.value_and_gradient(x, t, pos_weight=weight, reduction="none")
        factor = 1.0 if weight is None else weight
        exact = [losses.binary(a, b, factor) for a, b in zip(x.tolist(), t.tolist(), strict=True)]
        assert worst(loss, [e[0] for e in exact], dtype) <= BOUND
        assert worst(gradient, [e[1] for e in exact], dtype, [e[2] for e in exact]) <= BOUND
    assert f(1000.0, 0.0) == 1000
    assert f(-1000.0, 1.0) == 1000
    assert f(dtype(100), dtype(0)) == 100


@pytest.mark.parametrize("dtype", DTYPES)
def test_binary_edges(dtype: Any) -> None:
    f = nl.binary_cross_entropy
    x = np.array([inf, inf, -inf, -inf, nan, 0.0, inf], dtype)
    t = np.array([1, 0, 0, 1, 0, 1, 0.5], dtype)
    loss, gradient = f.value_and_gradient(x, t, reduction="none")
    half = dtype(np.log(2.0))
    np.testing.assert_array_equal(loss, np.array([0, inf, 0, inf, nan, half, inf], dtype))
    np.testing.assert_array_equal(gradient, np.array([0, 1, 0, -1, nan, -0.5, 0.5], dtype))
    assert f(x[:4], t[:4]) == inf
    assert np.isnan(f(x, t))
    p = np.array([0, 0, 1, 1, nan, 0.5, 5e-324], dtype)
    t = np.array([0, 1, 1, 0, 0, 1, 1], dtype)
    loss, gradient = f.value_and_gradient(p, t, from_logits=False, reduction="none")
    tiny = 744.4400719213812 if dtype == np.float64 else inf
    np.testing.assert_array_equal(loss, np.array([0, inf, 0, inf, nan, half, tiny], dtype))
    np.testing.assert_array_equal(gradient, np.array([1, -inf, -1, inf, nan, -2, -inf], dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_binary_of_probabilities(dtype: Any) -> None:
    f = nl.binary_cross_entropy
    least, epsilon = float(np.finfo(dtype).tiny), float(np.finfo(dtype).epsneg)
    p = [0.0, least, 1e-30, 1e-8, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999, 1 - epsilon, 1.0]
    p = np.array(p + np.random.default_rng(0).random(40).tolist(), dtype)
    for target, weight in itertools.product((0.0, 1.0, 0.25, 0.75), (None, 0.0, 3.7)):
        t = np.full(p.shape, target, dtype)
        loss, gradient = f.value_and_gradient(
            p, t, from_logits=False, pos_weight=weight, reduction="none"
        )
        factor = 1.0 if weight is None else weight
        exact = [losses.binary_of_probability(a, target, factor) for a in p.tolist()]
        assert worst(loss, [e[0] for e in exact], dtype) <= BOUND
        assert worst(gradient, [e[1] for e in exact], dtype, [e[2] for e in exact]) <= BOUND


@pytest.mark.parametrize("dtype", DTYPES)
def test_mean_squared_error(dtype: Any) -> None:
    f = nl.mean_squared_error
    rng = np.random.default_rng(0)
    for count, scale in itertools.product((1, 7, 23, 24, 100, 1000), (1e-3, 1.0, 1e10)):
        p = (rng.standard_normal(count) * scale).astype(dtype)
        t = (p + rng.standard_normal(count)).astype(dtype)
        loss, gradient = f.value_and_gradient(p, t, reduction="none")
        exact = [losses.squared(a, b) for a, b in zip(p.tolist(), t.tolist(), strict=True)]
        assert worst(loss, [e[0] for e in exact], dtype) <= 1
        assert worst(gradient, [e[1] for e in exact], dtype) <= 1
        total = mp.fsum(e[0] for e in exact)
        assert worst([f(p, t, reduction="sum")], [total], dtype) <= 1
        loss, gradient = f.value_and_gradient(p, t)
        assert worst([loss], [total / count], dtype) <= 1
        assert worst(gradient, [e[1] / count for e in exact], dtype) <= 1
    x = np.array([inf, -inf, nan, inf], dtype)
    t = np.array([0, 0, 0, inf], dtype)
    loss, gradient = f.value_and_gradient(x, t, reduction="none")
    np.testing.assert_array_equal(loss, np.array([inf, inf, nan, nan], dtype))
    np.testing.assert_array_equal(gradient, np.array([inf, -inf, nan, nan], dtype))
    assert f(x[:2], t[:2]) == inf
    assert np.isnan(f(x, t))


def problem(name: str, dtype: Any, shape: tuple[int, ...] = (6, 5, 30)) -> tuple[Any, Any]:
    """Predictions and targets with the classes along the last axis."""
    rng = np.random.default_rng(4)
    x = (rng.standard_normal(shape) * 4).astype(dtype)
    if name == "sparse_categorical_cross_entropy":
        return x, rng.integers(0, shape[-1], shape[:-1])
    return x, rng.random(shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", losses.NAMES)
def test_reductions(name: str, dtype: Any) -> None:
    f = getattr(nl, name)
    x, t = problem(name, dtype)
    losses_, slopes = f.value_and_gradient(x, t, reduction="none")
    assert losses_.shape == ((6, 5) if "categorical" in name else x.shape)
    assert losses_.dtype == slopes.dtype == dtype
    total, sum_slopes = f.value_and_gradient(x, t, reduction="sum")
    np.testing.assert_array_equal(sum_slopes, slopes)
    epsilon = np.finfo(dtype).eps
    np.testing.assert_allclose(total, losses_.sum(dtype=np.float64), rtol=2 * epsilon)
    mean, mean_slopes = f.value_and_gradient(x, t)
    assert isinstance(mean, dtype)
    np.testing.assert_allclose(mean, losses_.mean(dtype=np.float64), rtol=2 * epsilon)
    np.testing.assert_allclose(mean_slopes, slopes / losses_.size, rtol=4 * epsilon)
    for reduction, value in (("none", losses_), ("sum", total), ("mean", mean)):
        np.testing.assert_array_equal(f(x, t, reduction=reduction), value)


@pytest.mark.parametrize("dtype", DTYPES)
def test_ignored_rows(dtype: Any) -> None:
    """They are 0, whatever they hold, and the others as if alone."""
    x, ids = problem("sparse_categorical_cross_entropy", dtype, (40, 30))
    for ignore, smoothing, weighted in itertools.product((-100, 3), (0.0, 0.2), (False, True)):
        ids_here = ids.copy()
        ids_here[::4] = ignore
        kept = ids_here != ignore
        x_here = x.copy()
        x_here[~kept, 2] = nan
        options: dict[str, Any] = {
            "label_smoothing": smoothing,
            "class_weight": weights_of(30) if weighted else None,
        }
        for reduction in ("none", "sum", "mean"):
            options["reduction"] = reduction
            loss, gradient = SPARSE.value_and_gradient(
                x_here, ids_here, ignore_class=ignore, **options
            )
            alone, slopes = SPARSE.value_and_gradient(x[kept], ids_here[kept], **options)
            if reduction == "none":
                assert (loss[~kept] == 0).all()
                loss = loss[kept]
            np.testing.assert_allclose(loss, alone, rtol=2 * np.finfo(dtype).eps)
            assert (gradient[~kept] == 0).all()
            np.testing.assert_array_equal(gradient[kept], slopes)
    loss, gradient = SPARSE.value_and_gradient(x, np.full(40, -1), ignore_class=-1)
    assert np.isnan(loss)
    assert (gradient == 0).all()
    assert SPARSE(x, np.full(40, -1), ignore_class=-1, reduction="sum") == 0


def test_weighted_mean() -> None:
    """Over the weights of the targets' classes, smoothed or not."""
    x, ids = problem("sparse_categorical_cross_entropy", np.float64, (40, 30))
    weights = weights_of(30)
    for smoothing in (0.0, 0.3):
        options = {"label_smoothing": smoothing, "class_weight": weights}
        rows = SPARSE(x, ids, reduction="none", **options)
        np.testing.assert_allclose(SPARSE(x, ids, **options), rows.sum() / weights[ids].sum(),
                                   rtol=1e-14)  # fmt: skip
    _, none = SPARSE.value_and_gradient(x, ids, class_weight=weights, reduction="none")
    _, mean = SPARSE.value_and_gradient(x, ids, class_weight=weights)
    np.testing.assert_allclose(mean, none / weights[ids].sum(), rtol=1e-14)


@pytest.mark.parametrize("name", ["categorical_cross_entropy", "sparse_categorical_cross_entropy"])
def test_axes_and_strides(name: str) -> None:
    f = getattr(nl, name)
    sparse = name.startswith("sparse")
    for dtype, length in itertools.product(DTYPES, (4, 30)):
        x, t = problem(name, dtype, (6, 5, length))
        weights = weights_of(length)
        options = {"label_smoothing": 0.1, "class_weight": weights}
        expected = f.value_and_gradient(x, t, reduction="none", **options)
        reduced = f.value_and_gradient(x, t, **options)
        for axis in (0, 1, 2, -3, -2, -1):
            for layout in (np.array, np.asfortranarray, lambda a: np.repeat(a, 2, -1)[..., ::2]):
                moved = layout(np.moveaxis(x, -1, axis))
                targets = layout(t if sparse else np.moveaxis(t, -1, axis))
                loss, gradient = f.value_and_gradient(
                    moved, targets, axis, reduction="none", **options
                )
                np.testing.assert_array_equal(loss, expected[0])
                assert gradient.shape == moved.shape
                np.testing.assert_array_equal(np.moveaxis(gradient, axis, -1), expected[1])
                assert f(moved, targets, axis, **options) == reduced[0]
        strided = np.repeat(weights, 3)[::3]
        again = f(x, t, reduction="none", label_smoothing=0.1, class_weight=strided)
        np.testing.assert_array_equal(again, expected[0])
        flipped = f(x[:, ::-1], t[:, ::-1], reduction="none", **options)
        np.testing.assert_array_equal(flipped, expected[0][:, ::-1])
        single, slope = f.value_and_gradient(x[0, 0], t[0, 0], **options)
        np.testing.assert_array_equal(slope.shape, (length,))
        if not sparse:
            assert single == expected[0][0, 0]


@pytest.mark.parametrize("name", losses.NAMES)
def test_bits(name: str) -> None:
    """The same on every ISA, at any length, stride and number of threads."""
    f = getattr(nl, name)
    for dtype, length in itertools.product(DTYPES, (3, 23, 24, 131, 1000)):
        x, t = problem(name, dtype, (37, length))
        options: dict[str, Any] = {}
        if "categorical" in name:
            options = {"label_smoothing": 0.1, "class_weight": weights_of(length)}
        elif name == "binary_cross_entropy":
            options = {"pos_weight": weights_of(length)}
        for extra in ({}, options):
            with isa("scalar"):
                expected = f.value_and_gradient(x, t, **extra)
            for name_of_isa in ISAS:
                with isa(name_of_isa):
                    for layout in (np.array, np.asfortranarray):
                        loss, gradient = f.value_and_gradient(layout(x), layout(t), **extra)
                        np.testing.assert_array_equal(loss, expected[0])
                        np.testing.assert_array_equal(gradient, expected[1])
                        assert f(layout(x), layout(t), **extra) == expected[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", losses.NAMES)
def test_threads(name: str) -> None:
    f = getattr(nl, name)
    for shape in ((1, 150_001), (3000, 50)):
        x, t = problem(name, np.float32, shape)
        with threads(1):
            expected = f.value_and_gradient(x, t)
        for count in (2, 3):
            with threads(count):
                loss, gradient = f.value_and_gradient(x, t)
                assert loss == expected[0]
                np.testing.assert_array_equal(gradient, expected[1])
                assert f(x, t) == loss


def test_dtypes() -> None:
    for name in losses.NAMES:
        f = getattr(nl, name)
        for dtype in (np.float16, np.float32, np.float64):
            x, t = problem(name, dtype, (3, 4))
            loss, gradient = f.value_and_gradient(x, t)
            assert loss.dtype == gradient.dtype == dtype
        x, t = problem(name, np.float32, (3, 4))
        assert f(x.astype(">f4"), t) == f(x, t)
        assert f((x * 3).astype(np.int64), t).dtype == np.float64
        for wrong in (x.astype(complex), x.astype(object), x.astype(np.longdouble)):
            with pytest.raises(TypeError, match=f"^{name}: dtype .* is not supported"):
                f(wrong, t)
    half = np.linspace(-9, 9, 41).astype(np.float16)
    loss, gradient = SPARSE.value_and_gradient(half, 7)
    exact, slopes, _ = losses.cross_entropy(half.tolist(), [float(i == 7) for i in range(41)])
    assert worst([loss], [exact], np.float16) <= 0.51
    assert worst(gradient, slopes, np.float16) <= 0.51
    # Targets take the dtype of the logits.
    assert DENSE(np.ones((2, 3), np.float32), np.eye(3)[:2]).dtype == np.float32
    ids = np.array([0, 1, 2])
    for kind in (np.int8, np.uint8, np.uint64, ">i4"):
        assert SPARSE(np.eye(3), ids.astype(kind)) == SPARSE(np.eye(3), ids)


def test_empty() -> None:
    for reduction, shape in (("none", (0,)), ("sum", ()), ("mean", ())):
        ids = np.zeros(0, np.int64)
        loss, gradient = SPARSE.value_and_gradient(np.zeros((0, 3)), ids, reduction=reduction)
        assert np.shape(loss) == shape
        assert gradient.shape == (0, 3)
        for f in (nl.mean_squared_error, nl.binary_cross_entropy):
            loss, gradient = f.value_and_gradient(np.zeros(0), np.zeros(0), reduction=reduction)
            assert np.shape(loss) == shape
            assert reduction != "sum" or loss == 0
            assert reduction != "mean" or np.isnan(loss)
            assert gradient.shape == (0,)
    with pytest.raises(ValueError, match="without a class along axis -1"):
        SPARSE(np.zeros((2, 0)), [0, 0])


def test_inputs_stay() -> None:
    x, t = problem("categorical_cross_entropy", np.float32)
    ids = np.full((6, 5), -1)
    copies = x.copy(), t.copy(), ids.copy()
    for f in (DENSE, nl.mean_squared_error, nl.binary_cross_entropy):
        f.value_and_gradient(x, t)
    SPARSE.value_and_gradient(x, ids, ignore_class=-1)
    for array, copy in zip((x, t, ids), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_no_floating_point_warning() -> None:
    x = np.array([[1e30, -1e30, inf], [nan, -inf, 0], [1e-40, -103, 88]], np.float32)
    with np.errstate(all="raise"):
        SPARSE.value_and_gradient(x, [0, 1, 2])
        DENSE.value_and_gradient(x, np.eye(3))
        nl.binary_cross_entropy.value_and_gradient(x, np.eye(3))
        nl.mean_squared_error.value_and_gradient(x, np.eye(3))
        SPARSE(x, [7, 7, 7], ignore_class=7)
        nl.mean_squared_error(np.full(3, 6e4, np.float16), np.zeros(3))


@pytest.mark.parametrize("name", losses.NAMES)
def test_signatures_and_documentation(name: str) -> None:
    f = getattr(nl, name)
    assert f.__name__ == name
    assert inspect.signature(f).parameters == inspect.signature(f.value_and_gradient).parameters
    assert "reduction" in inspect.signature(f).parameters
    text = inspect.getdoc(f)
    for section in ("Parameters", "Returns", "Raises", "Notes"):
        assert text.count(f"\n{section}\n{'-' * len(section)}\n") == 1
    assert "| gradient" in text
    assert name in f.value_and_gradient.__doc__
