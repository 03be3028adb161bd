"""What layers and models take as data: arrays of any kind, lists, iterables of batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from networks import data, network, two_headed, two_inputs

import nonlin as nl
from nonlin import layers as L  # noqa: N812


class Foreign:
    """An array of another library."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.array, dtype, copy=copy)


def results(x: Any, t: Any, **options: Any) -> list[Any]:
    """All that a model says of some data, and nothing but that."""
    model = network()
    history = model.fit(x, t, epochs=2, verbose=False, **options)
    inputs = x.array if isinstance(x, Foreign) else x
    if t is None:
        return [history, model.evaluate(x)]
    return [history, model.evaluate(x, t), model.predict(x).tolist(), model(inputs).tolist()]


def test_several_arrays_for_one_input() -> None:
    """They are no batch, whether the model is built or not."""
    x = data()[0]
    for model in (nl.Sequential([L.Dense(3)]), nl.Sequential([L.Input([6]), L.Dense(3)])):
        with pytest.raises(ValueError, match="call: inputs are 2 arrays of 2 axes; pass one array"):
            model([x, x])
        assert model([x[0], x[1]]).shape == (2, 3)


def test_arrays_of_other_libraries_and_lists() -> None:
    x, t = data()
    whole = results(x, t, validation_data=(x, t))
    for kind in (Foreign, list, np.ndarray.tolist):
        assert results(kind(x), kind(t), validation_data=[kind(x), kind(t)]) == whole
    assert results([x], [t], validation_data=([x], [t])) == whole
    named = {"input": Foreign(x)}, {"dense_1": Foreign(t)}
    assert results(*named, validation_data=named)[1:3] == whole[1:3]
    layer = L.Dense(2, seed=1)
    np.testing.assert_array_equal(layer(Foreign(x)), layer(x))
    np.testing.assert_array_equal(layer.backward(Foreign(layer(x))), layer.backward(layer(x)))
    np.testing.assert_array_equal(L.Add()([Foreign(x), Foreign(x)]), x + x)
    np.testing.assert_array_equal(L.Add()((x.tolist(), x)), x + x)
    assert L.ReLU()([np.float32(1), np.float32(-1)]).tolist() == [1, 0]
    (a, b), targets = two_inputs()[0].values(), two_inputs()[1]
    model = two_headed()
    expected = model.evaluate([a, b], targets)
    given = [Foreign(targets["price"]), targets["kind"].tolist()]
    assert model.evaluate((Foreign(a), b.tolist()), given) == expected


def test_masked_arrays_are_refused() -> None:
    x, t = data()
    masked, model = np.ma.masked_array(x), network()
    for call in (
        lambda: L.Dense(1)(masked),
        lambda: L.Add()([x, masked]),
        lambda: model.fit(masked, t),
        lambda: model.fit(x, np.ma.masked_array(t)),
        lambda: model.fit([(masked, t)]),
        lambda: model.predict([masked]),
        lambda: model(masked),
        lambda: nl.inspect(model, masked),
    ):
        with pytest.raises(TypeError, match=r"masked arrays are not supported; pass array\.data"):
            call()


def test_iterables_of_batches_build_a_model() -> None:
    """The first batch is not lost, and targets can be given by name."""
    x, t = data(64)
    batches = [(x[i : i + 16], t[i : i + 16]) for i in range(0, 64, 16)]
    one, other, third = network(), network(), network()
    one.fit(x, t, batch_size=16, shuffle=False, verbose=False)
    other.fit((batch for batch in batches), verbose=False)
    third.fit(iter([(a, {"dense_1": b}) for a, b in batches]), verbose=False)
    for name, weight in one.weights.items():
        np.testing.assert_array_equal(weight, other.weights[name])
        np.testing.assert_array_equal(weight, third.weights[name])
    fresh, same = network(), network()
    np.testing.assert_array_equal(fresh.predict(iter([x[:8], x[8:]])), same.predict(x))
    assert network().evaluate(iter(batches)) == network().evaluate(batches)


def test_the_name_of_an_input_is_known_before_the_model_is_built() -> None:
    x, t = data()
    model = nl.Sequential([L.Input([6], name="x"), L.Dense(3)], seed=1)
    model.compile("sgd", "sparse_categorical_cross_entropy")
    model.fit({"x": x}, t, verbose=False)
    assert model.input_names == ["x"]


def test_validation_data_is_a_pair() -> None:
    x, t = data()
    for wrong in ((x, t, t), [x, t, t], (x,)):
        with pytest.raises(ValueError, match=r"validation_data must be a pair \(x, y\)"):
            network().fit(x, t, validation_data=wrong, verbose=False)


def test_batches_of_any_kind_of_pairs() -> None:
    x, t = data(64)
    pairs = [(x[:32], t[:32]), (x[32:], t[32:])]
    expected = results(pairs, None)[:2]
    for batches in ([list(p) for p in pairs], tuple(pairs), tuple(list(p) for p in pairs)):
        model = network()
        assert model.fit(batches, epochs=2, verbose=False) == expected[0]
        assert model.evaluate(batches) == expected[1]
    nested = [[a.tolist(), b.tolist()] for a, b in pairs]
    assert network().fit(nested, epochs=2, verbose=False) == expected[0]
    for wrong in (x, x.tolist(), [x, x], [[1, 2], [3, 4]], []):
        with pytest.raises(ValueError, match=r"no targets; pass y, or a list of pairs \(x, y\)"):
            network().fit(wrong, verbose=False)


def test_one_sample_in_a_list() -> None:
    random = np.random.default_rng(0)
    for shape, inputs in (((6,), [6]), ((2, 3), [2, 3]), ((6,), None)):
        x = random.standard_normal((3, *shape)).astype(np.float32)
        layers = [L.Flatten(), L.Dense(2)]
        model = nl.Sequential([*([L.Input(inputs)] if inputs else []), *layers], seed=1)
        first = model.predict([x[0]])
        np.testing.assert_allclose(first, model.predict(list(x))[:1], rtol=1e-6)
        np.testing.assert_array_equal(first, model([x[0]]))
        np.testing.assert_array_equal(model.predict([x]), model.predict(x))
    numbers = nl.Sequential([L.Input([]), L.ReLU()])
    np.testing.assert_array_equal(numbers.predict([np.array([1.0, -1.0])]), [1, 0])


def test_ragged_lists_name_the_argument() -> None:
    x, _ = data()
    ragged, model = [[1, 2], [3]], network()
    for call, what in (
        (lambda: L.Dense(1, name="here")(ragged), "here"),
        (lambda: model.predict(ragged), "predict: inputs"),
        (lambda: model.fit(x, ragged), "fit: targets"),
        (lambda: nl.softmax(ragged), "softmax"),
    ):
        with pytest.raises(ValueError, match=f"{what}: this is no array, .* different shapes"):
            call()
