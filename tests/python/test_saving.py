"""Models as files and configurations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from networks import data, network, two_headed, two_inputs

import nonlin as nl
from nonlin import layers as L  # noqa: N812
from nonlin.models import Loss

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("safetensors")


@pytest.mark.parametrize("make", [network, two_headed])
def test_saved_and_loaded_bit_for_bit(make: Any, tmp_path: Path) -> None:
    """Training goes on as it would have without a pause, noise and optimizer included."""
    x, t = data(64) if make is network else two_inputs()
    whole, first = make(), make()
    whole.fit(x, t, epochs=6, verbose=False)
    first.fit(x, t, epochs=3, verbose=False)
    path = tmp_path / "model.safetensors"
    first.save(path)
    second = nl.Model.load(path)
    assert type(second) is type(first)
    assert second.get_config() == first.get_config()
    second.fit(x, t, epochs=6, initial_epoch=3, verbose=False)
    assert second.optimizer.step == whole.optimizer.step
    for name, weight in whole.weights.items():
        np.testing.assert_array_equal(weight, second.weights[name])
    for name, slots in whole.optimizer.state.items():
        for slot, array in slots.items():
            np.testing.assert_array_equal(array, second.optimizer.state[name][slot])
    assert whole.evaluate(x, t) == second.evaluate(x, t)


def test_config_is_json_and_makes_the_same_graph() -> None:
    model = two_headed()
    again = nl.Model.from_config(json.loads(json.dumps(model.get_config())))
    assert again.get_config() == model.get_config()
    assert again.summary() == model.summary()
    x, _ = two_inputs(5)
    for a, b in zip(model.predict(x), again.predict(x), strict=True):
        np.testing.assert_array_equal(a, b)  # one seed, one beginning


def test_own_activation_in_a_saved_model(tmp_path: Path) -> None:
    nl.register("bent", lambda x: x + x**2 / 8, lambda x: 1 + x / 4, overwrite=True)
    model = nl.Sequential([L.Dense(4, "bent"), L.Dense(1)], seed=1)
    x = np.ones((3, 2), np.float32)
    expected = model.predict(x)
    model.save(tmp_path / "m")
    np.testing.assert_array_equal(nl.Model.load(tmp_path / "m").predict(x), expected)


def test_a_layer_that_is_used_twice_is_saved_as_such(tmp_path: Path) -> None:
    act, twice = L.ReLU(), L.Dense(4)
    model = nl.Sequential([L.Dense(4), act, twice, act, twice, L.Dense(1)], seed=1)
    x = data()[0]
    expected = model.predict(x)
    model.save(tmp_path / "m")
    again = nl.Model.load(tmp_path / "m")
    assert [a.name for a in again.layers] == [a.name for a in model.layers]
    np.testing.assert_array_equal(again.predict(x), expected)
    assert model.count_params() == again.count_params() == 28 + 20 + 5


def test_numbers_and_arrays_of_numpy_are_saved(tmp_path: Path) -> None:
    x, t = data()
    model = nl.Sequential(
        [
            L.Dense(np.int64(5), kernel_initializer=np.float32(0.1), seed=np.int64(3)),
            L.ELU(alpha=np.float32(0.3)),
            L.Activation("leaky_relu", slc=slice(np.int64(2), None), args=(np.float64(0.2),)),
            L.Dropout(np.float32(0.25)),
            L.BatchNormalization(momentum=np.float32(0.5)),
            L.PReLU(np.float32(0.5), shared_axes=np.array([1])),
            L.Dense(3),
        ],
        seed=np.int64(1),
    )
    weights = np.array([1.0, 2.0, 0.5], np.float32)
    loss = Loss("sparse_categorical_cross_entropy", class_weight=weights, ignore_class=np.int64(9))
    model.compile(
        nl.optimizers.SGD(np.float32(0.1), np.float32(0.5)), loss, loss_weights=[np.float32(2)]
    )
    model.fit(x, t, verbose=False)
    model.save(tmp_path / "m")
    again = nl.Model.load(tmp_path / "m")
    assert again.get_config() == json.loads(json.dumps(model.get_config()))
    assert again.evaluate(x, t) == model.evaluate(x, t)
    assert again.losses[0].options["class_weight"] == weights.tolist()
    for one in (model, again):
        one.fit(x, t, verbose=False)
    for name, weight in model.weights.items():
        np.testing.assert_array_equal(again.weights[name], weight)


def halves(by: float) -> Any:
    def half(predictions: Any, targets: Any) -> Any:
        return by * (predictions - targets)

    return half


class OwnLoss:
    """Half the squared error."""

    def value_and_gradient(self, predictions: Any, targets: Any) -> Any:
        error = predictions - targets
        return np.mean(error**2) / 2, error / error.size


def falling(step: int) -> float:
    return 0.1 / (1 + step)


def mostly_ones(shape: tuple[int, ...], random: np.random.Generator) -> Any:
    return 1 + random.standard_normal(shape) / 8


def off(predictions: Any, targets: Any) -> Any:
    return np.abs(predictions - targets)


OWN = {
    "OwnLoss": OwnLoss,
    "falling": falling,
    "mostly_ones": mostly_ones,
    "off": off,
    "mine": nl.metrics.Metric("mine", off),
}


def test_what_is_ones_own_is_saved_by_name(tmp_path: Path) -> None:
    x, t = data()

    def made() -> nl.Model:
        model = nl.Sequential([L.Dense(1, kernel_initializer=mostly_ones)], seed=1)
        optimizer = nl.optimizers.SGD(falling, momentum=0.5)
        model.compile(optimizer, OwnLoss(), [off, OWN["mine"], "mse"])
        return model

    whole, first = made(), made()
    whole.fit(x, t, epochs=4, verbose=False)
    first.fit(x, t, epochs=2, verbose=False)
    path = tmp_path / "m"
    first.save(path)
    for own in (OWN, {**OWN, "OwnLoss": OwnLoss()}):
        again = nl.Model.load(path, custom_objects=own)
        assert again.get_config() == first.get_config()
        assert again.optimizer.step == first.optimizer.step
        again.fit(x, t, epochs=4, initial_epoch=2, verbose=False)
        np.testing.assert_array_equal(again.weights["dense/kernel"], whole.weights["dense/kernel"])
        assert again.evaluate(x, t) == whole.evaluate(x, t)
    for name in OWN:
        rest = {key: value for key, value in OWN.items() if key != name}
        with pytest.raises(
            ValueError, match=rf"load: .*m: '{name}' is .*custom_objects={{'{name}'"
        ):
            nl.Model.load(path, rest)
    words = json.loads(json.dumps(first.get_config()))
    np.testing.assert_array_equal(
        nl.Model.from_config(words, OWN).weights["dense/kernel"], made_weights(made())
    )


def made_weights(model: nl.Model) -> Any:
    model.build([6])
    return model.weights["dense/kernel"]


def test_an_activation_that_is_not_registered_at_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nl.register("gone", lambda x: x, np.ones_like, overwrite=True)
    model = nl.Sequential([L.Dense(2, "gone")])
    model.build([3])
    model.save(tmp_path / "m")
    monkeypatch.delitem(nl.registry._own, "gone")
    with pytest.raises(ValueError, match=r"load: .*m: layer dense: .*'gone'.*nl\.register, before"):
        nl.Model.load(tmp_path / "m")


class OwnSGD(nl.optimizers.SGD):
    pass


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"metrics": [lambda p, t: p - t]}, "metrics.dense is <function .*lambda.* no name"),
        ({"optimizer": nl.optimizers.SGD(lambda _: 0.1)}, "learning_rate is <function.* no name"),
        ({"optimizer": OwnSGD()}, "OwnSGD: only the optimizers of nonlin can be saved"),
        ({"initializer": lambda shape, _: np.ones(shape)}, "dense.kernel_initializer is <function"),
        ({"metrics": [halves(0.5), halves(2)]}, "two objects are named half"),
    ],
)
def test_what_cannot_be_saved_leaves_the_old_file(options: Any, text: str, tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"old")
    model = nl.Sequential([L.Dense(1, kernel_initializer=options.pop("initializer", "ones"))])
    model.build([2])
    model.compile(**{"optimizer": "sgd", "loss": "mse", **options})
    with pytest.raises(ValueError, match=text):
        model.save(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_midway_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(tensors: Any, path: Path, metadata: Any) -> None:
        del tensors, metadata
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("safetensors.numpy.save_file", full_disk)
    path = tmp_path / "m"
    path.write_bytes(b"old")
    model = network()
    model.build([6])
    with pytest.raises(OSError, match="No space left"):
        model.save(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    model = network()
    model.build([6])
    with pytest.raises(OSError, match=r"save: .*nowhere.* cannot be written"):
        model.save(tmp_path / "nowhere" / "m")


def test_files_that_are_no_models(tmp_path: Path) -> None:
    from safetensors import safe_open  # noqa: PLC0415
    from safetensors.numpy import load_file, save_file  # noqa: PLC0415

    model = network()
    model.fit(*data(), verbose=False)
    path = tmp_path / "model"
    model.save(path)
    whole, tensors = path.read_bytes(), load_file(path)
    with safe_open(path, "numpy") as file:
        metadata = file.metadata()
    with pytest.raises(FileNotFoundError):
        nl.Model.load(tmp_path / "nothing")
    with pytest.raises(TypeError, match="PathLike"):
        nl.Model.load(3)
    for content in (b"", b"nothing", whole[:20], whole[:-5]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"load: .*model is no model, or damaged"):
            nl.Model.load(path)
    for name in ("weights/dense/kernel", "optimizer/first/dense/kernel"):
        for changed in ({}, {name: tensors[name][:1]}):
            rest = {k: v for k, v in tensors.items() if k != name}
            save_file({**rest, **changed}, path, metadata)
            with pytest.raises(ValueError, match=rf"load: .*model lacks .*{name} of shape \(6, 16"):
                nl.Model.load(path)
    for config in ("{", "{}", "[]", metadata["config"].replace('"units"', '"unit"')):
        save_file(tensors, path, {**metadata, "config": config})
        with pytest.raises(ValueError, match=r"load: .*model"):
            nl.Model.load(path)
    save_file(tensors, path)
    with pytest.raises(ValueError, match=r"load: .*model is not a model that nonlin saved"):
        nl.Model.load(path)


def test_layer_classes_with_names_of_ours() -> None:
    ours = L.base.classes["Dense"]
    for name in ("Dense", "ReLU", "GLU", "Input"):
        with pytest.raises(ValueError, match=f"class {name}: nonlin has a layer of this name"):
            type(name, (L.Layer,), {})
    assert L.base.classes["Dense"] is ours is L.Dense
    for _ in range(2):  # as notebooks do
        own = type("OwnDense", (L.Dense,), {})
        assert L.base.classes["OwnDense"] is own
    del L.base.classes["OwnDense"]
