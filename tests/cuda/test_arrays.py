"""Every function gives on a GPU what it gives on the host, in the caller's kind of array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from harness import DIRECTIONS, NAMES, call, gradients, outputs, parameter_sets, sample

import nonlin as nl
from nonlin import _backend, metrics

if TYPE_CHECKING:
    from libraries import Library

RANDOM = np.random.default_rng(1)
X = (3 * RANDOM.standard_normal((4, 6, 2))).astype(np.float32)
G = RANDOM.standard_normal(X.shape).astype(np.float32)
MASK = RANDOM.random(X.shape) > 0.3
PROBABILITIES = nl.sigmoid(G)
IDS = RANDOM.integers(0, 6, (4, 2))


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_elementwise(library: Library, name: str, direction: str) -> None:
    for dtype in (np.float16, np.float32, np.float64):
        x, grad = sample(name, dtype, 60).reshape(3, 20), gradients(dtype, 60).reshape(3, 20)
        for parameters in parameter_sets(name):
            given = x, grad, parameters
            expected = call(name, direction, *given)
            library.check(call(name, direction, *library.put(given)), expected)
            outs = tuple(np.zeros_like(x) for _ in range(outputs(direction)))
            put = library.put(outs)
            if (name, direction) != ("prelu", "backward"):
                results = call(name, direction, *library.put(given), out=put)
                assert all(a is b for a, b in zip(results, put, strict=True))
                library.check(put, expected)


@pytest.mark.parametrize("name", ["gelu", "relu", "elu"])
def test_bfloat16(library: Library, name: str) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = library.put(X)
    narrow = _backend.namespace(x).astype(x, "bfloat16")
    wide = _backend.to_host(narrow)
    for function in (getattr(nl, name), nl.softmax):
        got = function(narrow)
        assert _backend.dtype_name(got) == "bfloat16"
        expected = function(wide).astype(ml_dtypes.bfloat16).astype(np.float32)
        np.testing.assert_array_equal(_backend.to_host(got), expected)


def test_options_of_ufuncs(library: Library) -> None:
    x, mask = library.put(X), library.put(MASK)
    expected = nl.gelu(X, out=np.ones_like(X), where=MASK)
    library.check(nl.gelu(x, out=library.put(np.ones_like(X)), where=mask), expected)
    first, second = library.put(np.ones_like(X)), library.put(np.ones_like(X))
    pair = nl.gelu.value_and_derivative(x, out=(first, second), where=mask)
    assert pair[0] is first
    library.check(first, expected)
    library.check(nl.gelu(x, approximate="tanh"), nl.gelu_tanh(X))
    library.check(nl.gelu(library.put(np.arange(5))), nl.gelu(np.arange(5)))
    library.check(nl.gelu(x, dtype=np.float64), nl.gelu(X, dtype=np.float64))
    slopes = np.linspace(0.1, 0.6, 6, dtype=np.float32)[:, None]
    library.check(nl.leaky_relu(x, library.put(slopes)), nl.leaky_relu(X, slopes))


@pytest.mark.parametrize("shape", [(), (2,), (6, 1), (1, 6, 2), (4, 6, 2)])
def test_slope_of_prelu(library: Library, shape: tuple[int, ...]) -> None:
    slope = np.full(shape, 0.2, np.float32)
    given, put = (G, X, slope), library.put((G, X, slope))
    expected = nl.prelu.backward(*given)
    library.check(nl.prelu.backward(*put), expected, rtol=1e-6)
    outs = library.put((np.empty_like(X), np.empty_like(slope)))
    assert nl.prelu.backward(*put, out=outs)[0] is outs[0]
    library.check(outs, expected, rtol=1e-6)
    masked = nl.prelu.backward(*given, out=(np.ones_like(X), None), where=MASK)
    out = (library.put(np.ones_like(X)), None)
    library.check(nl.prelu.backward(*put, out=out, where=library.put(MASK)), masked, rtol=1e-5)


ROWS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *((name, (X,), {}) for name in ("softmax", "softmin", "log_softmax", "sparsemax", "entmax15")),
    *(
        (f"{name}.backward", (G, getattr(nl, name)(X)), {"temperature": 2.0})
        for name in ("softmax", "softmin", "log_softmax", "sparsemax", "entmax15")
    ),
    ("softmax", (X,), {"axis": 1, "temperature": 0.5}),
    ("softmax", (X,), {"axis": (0, 2)}),
    ("softmax", (X,), {"axis": None, "where": MASK}),
    ("softmax", (np.arange(6),), {}),
    ("logsumexp", (X,), {"axis": 1, "keepdims": True}),
    ("logsumexp", (X,), {"axis": (0, 1), "where": MASK}),
    ("logsumexp.backward", (G[:, 0], X), {"axis": 1}),
    ("logsumexp.backward", (2.0, X), {"axis": 1, "where": MASK}),
    ("softmax2d", (X,), {}),
    ("softmax2d.backward", (G, nl.softmax2d(X)), {}),
    ("gumbel_softmax", (X,), {"seed": 3}),
    ("gumbel_softmax", (X,), {"seed": 3, "hard": True, "axis": 1}),
    ("hardmax", (X,), {"axis": 1}),
    ("hardmax.backward", (G, X), {}),
    ("maxout", (X, 3), {"axis": 1}),
    ("maxout.backward", (G[:, :2], X, 3), {"axis": 1}),
    *((name, (X,), {}) for name in nl.gated.__all__),
    *((name, (X, G), {"gate": "first"}) for name in nl.gated.__all__),
    *((f"{name}.backward", (G[:, :3], X, None, 1), {}) for name in nl.gated.__all__),
    *((f"{name}.backward", (G, X, G), {}) for name in nl.gated.__all__),
    *(("bias_activation", (X, G[0, 0], name), {}) for name in nl.activations()),
    *(("bias_activation.backward", (G, X, G[0, :, 0], n), {"axis": 1}) for n in nl.activations()),
    ("bias_activation", (X, np.float32(0.5), "leaky_relu"), {"negative_slope": 0.3}),
    ("bias_activation", (X, G[0, :, 0], "elu"), {"axis": 1, "alpha": G[0, 0]}),
    ("bias_activation", (X, G[0, 0], "gelu"), {"approximate": "quick"}),
]


def member(path: str) -> Any:
    name, _, direction = path.partition(".")
    return getattr(getattr(nl, name), direction) if direction else getattr(nl, name)


@pytest.mark.parametrize(
    ("path", "given", "options"), ROWS, ids=lambda v: v if type(v) is str else ""
)
def test_along_axes(
    library: Library, path: str, given: tuple[Any, ...], options: dict[str, Any]
) -> None:
    for dtype in (np.float16, np.float32, np.float64):
        typed = tuple(
            a.astype(dtype) if isinstance(a, np.ndarray) and a.dtype == np.float32 else a
            for a in given
        )
        expected = member(path)(*typed, **options)
        got = member(path)(*library.put(typed), **library.put(options))
        library.check(got, expected, path)
        if not isinstance(expected, tuple) and path != "bias_activation.backward":
            out = library.put(np.empty_like(expected))
            assert member(path)(*library.put(typed), **library.put(options), out=out) is out
            library.check(out, expected, path)


LOSSES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("mean_squared_error", (X, G), {}),
    ("binary_cross_entropy", (X, PROBABILITIES), {"pos_weight": 2.0}),
    ("binary_cross_entropy", (X, PROBABILITIES), {"pos_weight": np.array([2.0, 0.5])}),
    ("binary_cross_entropy", (PROBABILITIES, PROBABILITIES), {"from_logits": False}),
    ("categorical_cross_entropy", (X, PROBABILITIES, 1), {"label_smoothing": 0.1}),
    ("categorical_cross_entropy", (X, PROBABILITIES), {"class_weight": [1.0, 2.0]}),
    ("sparse_categorical_cross_entropy", (X, IDS, 1), {}),
    (
        "sparse_categorical_cross_entropy",
        (X, IDS, 1),
        {"class_weight": np.arange(6), "ignore_class": 2},
    ),
]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("name", "given", "options"), LOSSES)
def test_losses(library: Library, name: str, given: Any, options: Any, dtype: Any) -> None:
    given = (given[0].astype(dtype), *given[1:])
    loss = getattr(nl, name)
    for reduction in ("mean", "sum", "none"):
        for function in (loss, loss.value_and_gradient):
            expected = function(*given, **options, reduction=reduction)
            got = function(*library.put(given), **options, reduction=reduction)
            library.check(got, expected, reduction)


def test_metrics(library: Library) -> None:
    classes = X[:, :, 0].argmax(1)
    for function, given in (
        (metrics.accuracy, (X[:, :, 0], classes)),
        (metrics.accuracy, (X, G)),
        (metrics.binary_accuracy, (X, PROBABILITIES)),
        (metrics.mean_absolute_error, (X, G)),
        (metrics.mean_squared_error, (X, G)),
    ):
        library.check(function(*library.put(given)), function(*given))
        metric = metrics.Metric("one", function)
        metric.update(*library.put(given))
        assert metric.result() == np.mean(function(*given), dtype=np.float64)
    assert metrics.r2(*library.put((X, G))) == metrics.r2(X, G)


@pytest.mark.parametrize("number", [2.0, np.float32(2), np.array(2.0, np.float32)])
def test_gradients_that_are_a_number(library: Library, number: Any) -> None:
    for path, given in (
        ("gelu.backward", (X,)),
        ("prelu.backward", (X, 0.2)),
        ("softmax.backward", (X,)),
        ("hardmax.backward", (X,)),
        ("maxout.backward", (X, 2)),
        ("glu.backward", (X,)),
        ("bias_activation.backward", (X, 0.5, "elu")),
    ):
        expected = member(path)(number, *given)
        library.check(member(path)(number, *library.put(given)), expected, path)


def test_empty_arrays(library: Library) -> None:
    for shape in ((0,), (0, 3), (3, 0)):
        x = np.zeros(shape, np.float32)
        library.check(nl.gelu(library.put(x)), nl.gelu(x))
        if shape[-1]:
            library.check(nl.softmax(library.put(x)), nl.softmax(x))
        loss = nl.mean_squared_error(library.put(x), library.put(x), reduction="sum")
        library.check(loss, np.float32(0))


def test_registered_functions(library: Library) -> None:
    cube = nl.register("cube", lambda x: x * x * x, lambda x: 3.0 * x * x, overwrite=True)
    x, grad = library.put(X), library.put(G)
    library.check(cube(x), cube(X))
    library.check(cube.backward(grad, x), cube.backward(G, X))
    library.check(cube(x, out=library.put(np.empty_like(X))), cube(X))
