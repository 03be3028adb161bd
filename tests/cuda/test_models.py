"""Layers, models and training on a GPU: as on the host, with everything there."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import device_arrays
import numpy as np
import pytest
from layer_cases import CASES, call, identify, samples
from networks import data, network, two_headed, two_inputs

import nonlin as nl
from nonlin import _backend
from nonlin import layers as L  # noqa: N812

if TYPE_CHECKING:
    from pathlib import Path

    from libraries import Library

# Matrix products and sums of another library add in another order.
CLOSE = {"rtol": 1e-11, "atol": 1e-13}
CLOSE32 = {"rtol": 1e-3, "atol": 5e-3}


def exact(library: Library, tolerance: dict[str, float]) -> dict[str, float]:
    """No tolerance where NumPy computes what is not ours."""
    return {} if library.kind is device_arrays.Array else tolerance


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("case", CASES, ids=identify)
def test_layers(library: Library, case: Any, training: bool) -> None:
    layer, shapes = case
    layer.forget()  # another test may have left its weights
    there, inputs = copy.deepcopy(layer), samples(shapes)
    expected, got = call(layer, inputs, training), call(there, library.put(inputs), training)
    close = exact(library, CLOSE)
    library.check(got, expected, **close)
    up = np.random.default_rng(1).standard_normal(expected.shape)
    library.check(there.backward(library.put(up)), layer.backward(up), **close)
    library.check(there.weights, layer.weights, **close)
    library.check(there.gradients, layer.gradients, **close)


@pytest.mark.parametrize(
    "optimizer",
    [
        nl.optimizers.SGD(0.05, weight_decay=0.01),
        nl.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        nl.optimizers.Adam(),
        nl.optimizers.AdamW(),
    ],
    ids=lambda one: type(one).__name__,
)
def test_training(library: Library, optimizer: Any, tmp_path: Path) -> None:
    x, y = data()
    here, there = (network(optimizer=optimizer) for _ in range(2))
    close = exact(library, CLOSE32)
    options: dict[str, Any] = {"epochs": 3, "validation_split": 0.2, "verbose": False}
    expected = here.fit(x, y, **options)
    got = there.fit(library.put(x), library.put(y), **options)
    assert got.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(got[name], values, **(close or {"rtol": 0}))
    library.check(there.weights, here.weights, **close)
    for slots in there.optimizer.state.values():
        assert {type(a) for a in slots.values()} <= {library.kind}
    prediction = there.predict(library.put(x), batch_size=40)
    library.check(prediction, here.predict(x, batch_size=40), **close)
    loss = there.evaluate(library.put(x), library.put(y))["loss"]
    assert loss == pytest.approx(here.evaluate(x, y)["loss"], rel=1e-4)
    there.save(tmp_path / "model")
    loaded = nl.Model.load(tmp_path / "model")
    for name, weight in there.weights.items():
        np.testing.assert_array_equal(loaded.weights[name], _backend.to_host(weight), strict=True)
    # Weights and the optimizer's state go where the data is.
    options |= {"epochs": 4, "initial_epoch": 3}
    there.fit(library.put(x), library.put(y), **options)
    loaded.fit(library.put(x), library.put(y), **options)
    library.check(loaded.weights, there.to("cpu").weights, **close)


def test_several_inputs_and_heads(library: Library) -> None:
    x, y = two_inputs()
    here, there = two_headed(), two_headed()
    close = exact(library, CLOSE32)
    expected = here.fit(x, y, epochs=2, verbose=False)
    got = there.fit(library.put(x), library.put(y), epochs=2, verbose=False)
    for name, values in expected.items():
        np.testing.assert_allclose(got[name], values, **(close or {"rtol": 0}))
    outputs = there(library.put(x))
    library.check(outputs, here(x), **close)
    ups = [np.ones((80, 1), np.float32), np.ones((80, 3), np.float32)]
    library.check(there.backward(library.put(ups)), here.backward(ups), **close)
    pairs = [({k: v[i : i + 20] for k, v in x.items()}, {k: v[i : i + 20] for k, v in y.items()})
             for i in range(0, 80, 20)]  # fmt: skip
    assert there.fit(library.put(pairs), verbose=False)["loss"][0] == pytest.approx(
        here.fit(pairs, verbose=False)["loss"][0], rel=1e-4
    )


def test_inspection(library: Library) -> None:
    x, y = data()
    here, there = network(), network()
    for given in ((x,), (x, y)):
        expected, got = nl.inspect(here, *given), nl.inspect(there, *library.put(given))
        for one, other in zip(got, expected, strict=True):
            assert (one.layer, one.units, one.dead) == (other.layer, other.units, other.dead)
            assert one.mean == pytest.approx(other.mean, rel=1e-4, abs=1e-6)
            assert one.gradient == pytest.approx(other.gradient, rel=1e-4, abs=1e-6)


def test_weights_move(library: Library) -> None:
    layer = L.Dense(2, kernel_initializer="ones")
    x = np.ones((3, 4), np.float32)
    there = library.put(x)
    library.check(layer(there), layer.to("cpu")(x))
    assert type(layer.weights["kernel"]) is np.ndarray
    layer.to(there)
    with pytest.raises(TypeError, match=r'dense: weights is a .* on cuda:0, .*\.to\("cpu"\)'):
        layer(x)
    layer(there)
    with pytest.raises(TypeError, match=r"dense: weights is a .* gradient is a numpy\.ndarray on"):
        layer.backward(np.ones((3, 2), np.float32))
    # Numbers may come from anywhere.
    layer.weights["kernel"] = np.full((4, 2), 2.0)
    library.check(layer(there), np.full((3, 2), 8, np.float32))
    layer.to("cpu").weights["kernel"] = library.put(np.full((4, 2), 3.0))
    assert (layer(x) == 12).all()


def test_weights_that_are_not_there_yet_go_to_the_first_input(library: Library) -> None:
    x, _ = data()
    model = network().to(library.put(x))
    library.check(model(library.put(x)), network()(x), **exact(library, CLOSE32))


def test_all_memory_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []

    def allocate(size: int, device: int) -> Any:
        assert device == 1
        given.append(np.empty(size, np.uint8))
        return given[-1]

    monkeypatch.setattr(device_arrays, "allocate", allocate)
    x, y = (device_arrays.made(a, 1) for a in data())
    model = network()
    model.fit(x, y, verbose=False)
    for array in (*model.weights.values(), *model.gradients.values(), model(x)):
        assert array.number == 1
        assert any(np.may_share_memory(array.memory, memory) for memory in given)


def test_own_layer_and_activation(library: Library) -> None:
    class Doubled(L.Layer):
        def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
            del training
            assert type(inputs[0]) is library.kind
            return inputs[0] * 2.0, None

        def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
            del context
            return (grad_output * 2.0,)

    nl.register("bent", lambda x: x + x * x, lambda x: 1.0 + 2.0 * x, overwrite=True)
    x, y = data()
    model = nl.Sequential([L.Dense(4, "bent"), Doubled(), L.Dense(3)], seed=1)
    model.compile("sgd", "sparse_categorical_cross_entropy")
    history = model.fit(library.put(x), library.put(y), epochs=3, verbose=False)
    assert history["loss"][-1] < history["loss"][0]


def test_seeds_give_the_same_weights(library: Library) -> None:
    here, there = network(), network()
    x, _ = data()
    here(x)
    there(library.put(x))
    library.check(there.weights, here.weights)


def test_losses_and_metrics_of_models(library: Library) -> None:
    x, y = data()
    for loss, metrics, targets in (
        (nl.Loss("sparse_categorical_cross_entropy", ignore_class=1), ["accuracy"], y),
        (nl.Loss("sparse_categorical_cross_entropy", class_weight=[1, 2, 3]), [], y),
        (nl.Loss("categorical_cross_entropy", class_weight=[1, 2, 3]), ["accuracy"], np.eye(3)[y]),
        ("binary_cross_entropy", ["accuracy", "mae"], np.eye(3, dtype=np.float32)[y]),
        ("mse", ["mse", "r2"], np.eye(3, dtype=np.float32)[y]),
    ):
        here, there = (nl.Sequential([L.Dense(3)], seed=1) for _ in range(2))
        for model in (here, there):
            model.compile("adam", loss, metrics)
        expected = here.fit(x, targets, epochs=2, verbose=False)
        got = there.fit(library.put(x), library.put(targets), epochs=2, verbose=False)
        for name, values in expected.items():
            np.testing.assert_allclose(got[name], values, rtol=1e-4)
