"""Training: what fit does, what stops it, optimizers and metrics."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from networks import data, network, two_headed, two_inputs

import nonlin as nl
from nonlin import layers as L  # noqa: N812
from nonlin.models import Loss

if TYPE_CHECKING:
    from pathlib import Path


def test_fit_learns_and_returns_its_history(capsys: pytest.CaptureFixture[str]) -> None:
    x, t = data(300)
    model = network()
    history = model.fit(x, t, epochs=15, batch_size=16, validation_split=0.2)
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert all(len(values) == 15 for values in history.values())
    assert history is model.history
    assert history["loss"][-1] < history["loss"][0] * 0.6
    assert history["val_accuracy"][-1] > 0.75
    shown = capsys.readouterr()
    assert "epoch 15/15" in shown.err
    assert "loss" in shown.err
    assert shown.out == ""
    result = model.evaluate(x, t)
    assert set(result) == {"loss", "accuracy"}
    p = model.predict(x, batch_size=7)
    assert p.shape == (300, 3)
    assert result["accuracy"] == np.mean(p.argmax(1) == t)
    assert abs(result["loss"] - nl.sparse_categorical_cross_entropy(p, t)) < 1e-6
    model.fit(x, t, epochs=1, verbose=False)
    assert capsys.readouterr().err == ""


def test_loss_weights_scale_gradients() -> None:
    x, t = two_inputs()
    steps = []
    for weights in ((1.0, 1.0), (0.5, 2.0)):
        model = two_headed()
        model.compile("sgd", ["mse", "sparse_categorical_cross_entropy"], loss_weights=weights)
        model.fit(x, t, batch_size=80, verbose=False)
        steps.append({name: model.gradients[f"{name}/bias"].copy() for name in ("price", "kind")})
    np.testing.assert_allclose(steps[1]["price"], 0.5 * steps[0]["price"], rtol=1e-6)
    np.testing.assert_allclose(steps[1]["kind"], 2 * steps[0]["kind"], rtol=1e-6)


def test_iterables_of_batches() -> None:
    x, t = data(64)
    batches = [(x[i : i + 16], t[i : i + 16]) for i in range(0, 64, 16)]
    one, other = network(), network()
    one.fit(x, t, batch_size=16, epochs=3, shuffle=False, verbose=False)
    other.fit(batches, epochs=3, verbose=False, validation_data=batches)
    for name, weight in one.weights.items():
        np.testing.assert_array_equal(weight, other.weights[name])
    assert other.evaluate(batches) == other.evaluate(x, t, batch_size=16)
    with pytest.raises(ValueError, match="used up after one epoch"):
        other.fit(iter(batches), epochs=2, verbose=False)
    with pytest.raises(ValueError, match="a pair"):
        other.fit(([x] for _ in range(2)), verbose=False)
    np.testing.assert_array_equal(other.predict(iter([x[:8], x[8:]])), other.predict(x))


TRAINING = """
import numpy as np, nonlin as nl, hashlib
from nonlin import layers as L
random = np.random.default_rng(0)
x = random.standard_normal((512, 300)).astype(np.float32)
t = random.integers(0, 10, 512)
model = nl.Sequential([L.Dense(256, "gelu"), L.BatchNormalization(), L.Dropout(0.1)], seed=4)
model.add(L.Dense(200, "silu"))
model.add(L.Dense(10))
model.compile("adam", "sparse_categorical_cross_entropy")
model.fit(x, t, epochs=2, batch_size=128, verbose=False)
print(hashlib.sha256(b"".join(w.tobytes() for w in model.weights.values())).hexdigest())
"""


def test_one_seed_gives_one_result_with_any_number_of_threads() -> None:
    results = set()
    for threads in ("1", "2", "5"):
        done = subprocess.run(
            [sys.executable, "-c", TRAINING],
            env={"NONLIN_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        )
        results.add(done.stdout)
    assert len(results) == 1


def test_seeds() -> None:
    x, t = data()
    one, same, other = network(1), network(1), network(2)
    for model in (one, same, other):
        model.fit(x, t, epochs=2, verbose=False)
    names = list(one.weights)
    assert all((one.weights[n] == same.weights[n]).all() for n in names)
    assert not (one.weights[names[0]] == other.weights[names[0]]).all()
    first, second = network(None), network(None)
    first.predict(x)
    second.predict(x)
    assert not (first.weights[names[0]] == second.weights[names[0]]).all()


@pytest.mark.parametrize(
    ("x", "t", "text"),
    [
        (np.full((8, 6), np.nan), np.zeros(8, int), "the inputs hold NaN"),
        (np.full((8, 6), 3e38), np.arange(8) % 3, r"in epoch \d, batch 0"),
    ],
)
def test_a_loss_that_is_no_number_stops_fit(x: Any, t: Any, text: str) -> None:
    model = nl.Sequential([L.Dense(4), L.Dense(3)], seed=1)
    model.compile(nl.optimizers.SGD(1e30), "sparse_categorical_cross_entropy")
    with pytest.raises(FloatingPointError, match=text):
        model.fit(x.astype(np.float32), t, epochs=3, verbose=False)


def test_a_learning_rate_that_is_too_high_is_named() -> None:
    model = nl.Sequential([L.Dense(4), L.Dense(1)], seed=1)
    model.compile(nl.optimizers.SGD(1e30), "mse")
    x = np.ones((8, 2), np.float32)
    with pytest.raises(FloatingPointError, match=r"the loss of dense_1 is .* in epoch .*learning"):
        model.fit(x, np.ones(8), epochs=9, verbose=False)


def test_a_single_logit_takes_flat_targets() -> None:
    x, t = data()
    model = nl.Sequential([L.Dense(8, "mish"), L.Dense(1)], seed=1)
    model.compile("adamw", "binary_cross_entropy", ["accuracy"])
    history = model.fit(x, t == 0, epochs=40, verbose=False)
    assert history["accuracy"][-1] > 0.75
    p = model.predict(x)
    assert model.evaluate(x, t == 0)["accuracy"] == np.mean((p[:, 0] > 0) == (t == 0))


class Watching(L.Layer):
    """Passes everything on, and remembers what it was trained on."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.seen: list[Any] = []

    def forward(self, *inputs: Any, training: bool) -> tuple[Any, Any]:
        if training:
            self.seen.append(inputs[0].ravel().copy())
        return inputs[0], None

    def gradient(self, context: Any, grad_output: Any) -> tuple[Any, ...]:
        del context
        return (grad_output,)


def test_orders_of_samples() -> None:
    """New in each epoch, all samples once; in the given order without shuffling."""
    x = np.arange(40, dtype=np.float32)[:, None]
    for shuffle in (True, False):
        watching = Watching()
        model = nl.Sequential([watching, L.Dense(1)], seed=1)
        model.compile("sgd", Loss("mse"))
        options = {"batch_size": 16, "shuffle": shuffle, "validation_split": 0.25}
        history = model.fit(x / 40, x, epochs=2, verbose=False, **options)
        first, second = np.concatenate(watching.seen[:2]), np.concatenate(watching.seen[2:])
        assert sorted(first) == sorted(second) == (x[:30, 0] / 40).tolist()
        assert (first == np.sort(first)).all() == (not shuffle)
        assert (first == second).all() == (not shuffle)
        assert "val_loss" in history
    frozen = nl.Sequential([L.Dense(1)], seed=1)
    frozen.compile(nl.optimizers.SGD(0.0), "mse")
    loss = frozen.fit(x, x, batch_size=16, verbose=False)["loss"][0]  # 16, 16 and 8 samples
    assert loss == pytest.approx(frozen.evaluate(x, x)["loss"], rel=1e-6)


def test_what_models_share_is_copied() -> None:
    x, t = data()
    optimizer, metric = nl.optimizers.Adam(), nl.metrics.get("mae")
    results = []
    for _ in range(2):
        model = nl.Sequential([L.Dense(1)], seed=1)
        model.compile(optimizer, "mse", [metric])
        model.fit(x, t, verbose=False)
        results.append(model.weights["dense/kernel"].copy())
        assert model.optimizer.step == 3
    np.testing.assert_array_equal(*results)
    start = L.Input([6])
    model = nl.Model(start, [L.Dense(1, name="a")(start), L.Dense(1, name="b")(start)], seed=1)
    model.compile("sgd", "mse", [metric])
    logs = model.evaluate(x, [t, t + 100])
    assert logs["b_mae"] > logs["a_mae"] + 50


class OwnLoss:
    """A loss whose gradient is what a test says."""

    def __init__(self, gradient: Any) -> None:
        self.gradient = gradient

    def value_and_gradient(self, predictions: Any, targets: Any) -> Any:
        del targets
        return 0.5, self.gradient(predictions)


@pytest.mark.parametrize(
    ("gradient", "error"),
    [
        (lambda p: p.astype(complex), TypeError),
        (lambda p: p[:, 0], TypeError),
        (lambda p: "text", TypeError),  # noqa: ARG005
        (lambda p: p * np.nan, FloatingPointError),
    ],
)
def test_gradients_of_losses_that_are_none(gradient: Any, error: Any) -> None:
    x, t = data()
    model = nl.Sequential([L.Dense(1)], seed=1)
    model.compile("sgd", OwnLoss(gradient))
    with pytest.raises(error, match="fit: the loss of dense gave a gradient"):
        model.fit(x, t, verbose=False)
    model.compile("sgd", OwnLoss(lambda p: p.astype(np.float64)))
    model.fit(x, t, verbose=False)
    assert model.gradients["dense/kernel"].dtype == np.float32


def test_callbacks_stop_training() -> None:
    x, t = data()
    model = network()
    seen = []

    def stop(model: nl.Model, epoch: int, logs: dict[str, float]) -> bool:
        assert logs["loss"] > 0
        assert model.optimizer.step > 0
        seen.append(epoch)
        return epoch == 3

    model.fit(x, t, epochs=9, verbose=False, callbacks=[stop])
    assert seen == [0, 1, 2, 3]
    model.fit(x, t, epochs=9, verbose=False, callbacks=stop)
    assert seen[4:] == seen[:4]
    step = model.optimizer.step
    with pytest.raises(TypeError, match=r"callbacks=.* are not all functions"):
        model.fit(x, t, verbose=False, callbacks=[stop, None])  # type: ignore[list-item]
    assert model.optimizer.step == step


def test_optimizers_by_their_formulas() -> None:
    """In float64, entry by entry, as the papers write them."""
    random = np.random.default_rng(0)
    w, gradients = random.standard_normal(200_000), random.standard_normal((5, 200_000))
    for optimizer in (
        nl.optimizers.SGD(0.1), nl.optimizers.SGD(0.1, 0.9), nl.optimizers.SGD(0.1, 0.9, True),
        nl.optimizers.SGD(0.1, 0.9, weight_decay=0.2),
        nl.optimizers.Adam(0.01), nl.optimizers.AdamW(0.01, weight_decay=0.1),
    ):  # fmt: skip
        got, expected = w.copy(), w.copy()
        v, m, s = (np.zeros_like(w) for _ in range(3))
        for t, g in enumerate(gradients, 1):
            optimizer.apply({"w": got}, {"w": g})
            if isinstance(optimizer, nl.optimizers.Adam):
                m = 0.9 * m + 0.1 * g
                s = 0.999 * s + 0.001 * g**2
                expected = expected * (1 - 0.01 * optimizer.weight_decay) - 0.01 * (
                    m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-7)
                )
            else:
                expected *= 1 - 0.1 * optimizer.weight_decay
                v = optimizer.momentum * v - 0.1 * g
                expected += optimizer.momentum * v - 0.1 * g if optimizer.nesterov else v
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-14)
    falling = nl.optimizers.SGD(lambda step: 1.0 / (step + 1))
    got = np.zeros(1)
    for _ in range(3):
        falling.apply({"w": got}, {"w": np.ones(1)})
    assert got[0] == pytest.approx(-(1 + 1 / 2 + 1 / 3))


def test_metrics() -> None:
    t = np.array([0, 2, 1, 1])
    p = np.eye(3)[[0, 2, 2, 1]]
    assert nl.metrics.accuracy(p, t).tolist() == [True, True, False, True]
    assert nl.metrics.accuracy(p, np.eye(3)[t]).mean() == 0.75
    assert nl.metrics.binary_accuracy([0.2, -1.0], [1, 1]).tolist() == [True, False]
    assert nl.metrics.binary_accuracy([0.2, 0.7], [1, 1], threshold=0.5).mean() == 0.5
    y = np.random.default_rng(0).standard_normal(1000) + 1e4
    q = y + 0.1 * np.random.default_rng(1).standard_normal(1000)
    exact = 1 - np.square(q - y).sum() / np.square(y - y.mean()).sum()
    assert nl.metrics.r2(q, y) == pytest.approx(exact, rel=1e-9)
    metric = nl.metrics.get("r2")
    for k in range(0, 1000, 7):
        metric.update(q[k : k + 7], y[k : k + 7])
    assert metric.result() == pytest.approx(exact, rel=1e-9)


def test_ignored_and_weighted_targets_count_as_in_all_samples_at_once() -> None:
    x, t = data(100)
    t = np.where(np.arange(100) % 3 == 0, -1, t)
    t[32:64] = -1  # a batch of nothing else
    loss = Loss("sparse_categorical_cross_entropy", ignore_class=-1, class_weight=[1.0, 5.0, 0.2])
    model = nl.Sequential([L.Dense(3)], seed=1)
    model.compile(nl.optimizers.SGD(0.0), loss, ["accuracy"])
    logs = model.fit(x, t, batch_size=32, shuffle=False, verbose=False)
    p, counted = model.predict(x), t != -1
    for result in (
        {name: values[0] for name, values in logs.items()},
        model.evaluate(x, t, batch_size=32),
    ):
        assert result["loss"] == pytest.approx(loss(p, t), rel=1e-6)
        assert result["accuracy"] == np.mean((p.argmax(1) == t)[counted])
    model.compile("adam", loss)
    model.fit(x, t, batch_size=32, shuffle=False, verbose=False)
    assert model.optimizer.step == 3, "nothing is learned from ignored targets"
    assert np.isnan(model.evaluate(x[32:64], t[32:64])["loss"])
    start = L.Input([6])
    heads = nl.Model(start, [L.Dense(3, name="a")(start), L.Dense(1, name="b")(start)], seed=1)
    heads.compile("adam", [loss, "mse"], loss_weights=[1.0, 0.5])
    logs = heads.evaluate(x, [t, t])
    assert logs["loss"] == pytest.approx(logs["a_loss"] + 0.5 * logs["b_loss"])
    logs = heads.evaluate(x[32:64], [t[32:64], t[32:64]])
    assert np.isnan(logs["a_loss"])
    assert logs["loss"] == pytest.approx(0.5 * logs["b_loss"])


def test_numbers_of_numpy_are_numbers() -> None:
    x, t = data()
    start = L.Input(np.array([6]))
    head = L.Dense(np.int64(3), kernel_initializer=np.float32(0.1), seed=np.int16(1))
    model = nl.Model(start, head(start), seed=np.int32(1))
    optimizer = nl.optimizers.SGD(
        np.float32(0.1), momentum=np.float64(0.5), weight_decay=np.int8(0)
    )
    model.compile(optimizer, "sparse_categorical_cross_entropy")
    assert (model.weights["dense/kernel"] == np.float32(0.1)).all()
    counts = {"epochs": np.int64(3), "initial_epoch": np.uint8(1), "batch_size": np.int32(16)}
    history = model.fit(x, t, seed=np.int64(3), validation_split=np.float32(0.5), **counts)
    assert len(history["val_loss"]) == 2
    assert type(model.optimizer.learning_rate) is type(model.optimizer.momentum) is float


def test_arguments_of_fit_that_are_wrong() -> None:
    x, t = data(8)
    model = network()
    for options, error, text in (
        ({"epochs": 2.5}, TypeError, "fit: epochs is a float"),
        ({"batch_size": 2.5}, TypeError, "fit: batch_size is a float"),
        ({"batch_size": True}, TypeError, "fit: batch_size is a bool"),
        ({"initial_epoch": -1}, ValueError, "fit: initial_epoch=-1"),
        ({"initial_epoch": 3, "epochs": 3}, ValueError, "epochs=3 .*above initial_epoch, 3"),
        ({"seed": -1}, ValueError, "fit: seed=-1"),
        ({"validation_split": "half"}, TypeError, "fit: validation_split is a str"),
        ({"validation_split": 0.95}, ValueError, "0.95 of 8 samples leaves none on one side"),
        (
            {"validation_split": 0.5, "validation_data": (x, t)},
            ValueError,
            "validation_split and validation_data are both given",
        ),
    ):
        with pytest.raises(error, match=text):
            model.fit(x, t, verbose=False, **options)
    for make, error, text in (
        (lambda: L.Input(4), TypeError, r"Input: shape=4 is not allowed.*\[4\]"),
        (lambda: L.Input([None, 3]), TypeError, "Input: shape is a NoneType"),
        (lambda: L.Input([-1]), ValueError, "Input: shape=-1"),
        (lambda: L.Dense(1, seed=-1), ValueError, "Dense: seed=-1"),
        (lambda: nl.Sequential(seed=1.5), TypeError, "sequential: seed is a float"),
        (lambda: nl.optimizers.SGD("fast"), ValueError, "learning_rate='fast'"),
        (lambda: nl.optimizers.SGD(momentum=abs), ValueError, "momentum="),
    ):
        with pytest.raises(error, match=text):
            make()


def test_metrics_of_one_name_are_numbered() -> None:
    x, t = data()
    model = nl.Sequential([L.Dense(1)], seed=1)
    metrics = [lambda p, t: p - t, lambda p, t: t - p, nl.metrics.Metric("loss", lambda p, _: p)]
    model.compile("sgd", "mse", metrics)
    logs = model.evaluate(x, t)
    assert list(logs) == ["loss", "<lambda>", "<lambda>_1", "loss_1"]
    assert logs["<lambda>"] == pytest.approx(-logs["<lambda>_1"])


@pytest.mark.parametrize("activation", ["sigmoid", "hard_sigmoid"])
def test_binary_accuracy_of_probabilities(activation: str) -> None:
    x, t = data()
    target = (t == 0)[:, None]
    model = nl.Sequential([L.Dense(1, activation), L.Dropout(0.5)], seed=1)
    p = model.predict(x)
    for loss in ("mse", OwnLoss(lambda p: p), Loss("binary_crossentropy", from_logits=False)):
        model.compile("sgd", loss, "binary_accuracy")
        expected = np.mean((p > 0.5) == target)
        assert model.evaluate(x, target)["binary_accuracy"] == expected


def test_accuracy_along_the_axis_of_the_loss() -> None:
    x = np.random.default_rng(0).standard_normal((20, 3, 5)).astype(np.float32)
    t = np.random.default_rng(1).integers(0, 3, (20, 5))
    right = x.argmax(1) == t
    for options, targets, expected in (
        ({}, t, right.mean()),
        ({"ignore_class": 1}, t, right[t != 1].mean()),
    ):
        model = nl.Sequential([L.Linear()])
        loss = Loss("sparse_categorical_cross_entropy", axis=1, **options)
        model.compile("sgd", loss, ["accuracy"])
        assert model.evaluate(x, targets, batch_size=7)["accuracy"] == pytest.approx(expected)
    model.compile("sgd", Loss("categorical_cross_entropy", axis=1), ["accuracy"])
    one_hot = np.moveaxis(np.eye(3, dtype=np.float32)[t], -1, 1)
    assert model.evaluate(x, one_hot)["accuracy"] == pytest.approx(right.mean())


def test_metrics_of_a_batch_and_of_what_is_none() -> None:
    x, t = data(70)
    model = nl.Sequential([L.Dense(1)], seed=1)
    model.compile("sgd", "mse", [lambda p, t: np.abs(p - t).mean(), "mae"])
    logs = model.evaluate(x, t, batch_size=32)  # 32, 32 and 6 samples
    assert logs["<lambda>"] == pytest.approx(logs["mae"], rel=1e-6)
    model.compile("sgd", "mse", lambda p, t: (p - t)[:3])
    with pytest.raises(ValueError, match=r"metric <lambda>: got shape \(3, 1\) for .*\(70, 1\)"):
        model.evaluate(x, t)
    model.compile("sgd", "mse", {"dense": "mae"})
    assert set(model.evaluate(x, t)) == {"loss", "mae"}


def test_names_of_the_history_are_unique() -> None:
    start = L.Input([6])
    for names in (("val", "b"), ("val_b", "b")):
        model = nl.Model(start, [L.Dense(1, name=name)(start) for name in names])
        with pytest.raises(ValueError, match=r"history would have \['val_.*loss'\] twice; rename"):
            model.compile("sgd", "mse")
    nl.Sequential([L.Dense(1, name="val")]).compile("sgd", "mse")


def test_weights_that_no_loss_has_shown_broken() -> None:
    x, t = data(8)
    for rate in (np.nan, -1.0, np.inf, "fast"):
        model = nl.Sequential([L.Dense(1)], seed=1)
        model.compile(nl.optimizers.SGD(lambda _, rate=rate: rate), "mse")
        with pytest.raises(ValueError, match=r"SGD: learning_rate=.* is not allowed"):
            model.fit(x, t, verbose=False)
        assert np.isfinite(model.weights["dense/kernel"]).all()
    model = nl.Sequential([L.Dense(1)], seed=1)
    model.compile(nl.optimizers.SGD(1e38), "mse")
    with pytest.raises(FloatingPointError, match=r"fit: after epoch 0 the weight dense/.*learning"):
        model.fit(1e3 * x, t, verbose=False)


def test_layers_that_are_not_trained(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    x, t = data()
    layers = [L.Dense(4, trainable=False), L.BatchNormalization(), L.PReLU(), L.Dense(3)]
    model = nl.Sequential([L.Input([6]), *layers], seed=1)
    layers[1].trainable = False
    model.compile(nl.optimizers.AdamW(0.1), "sparse_categorical_cross_entropy")
    before = {name: weight.copy() for name, weight in model.weights.items()}
    model.fit(x, t, verbose=False)
    model.save(tmp_path / "m")
    again = nl.Model.load(tmp_path / "m")
    assert [a.trainable for a in again.layers] == [False, False, True, True]
    again.fit(x, t, verbose=False)
    for name, weight in again.weights.items():
        assert np.array_equal(weight, before[name]) == name.startswith(("dense/", "batch"))
    layers[0].trainable = True
    model.fit(x, t, verbose=False)
    assert not np.array_equal(model.weights["dense/kernel"], before["dense/kernel"])
    with pytest.raises(TypeError, match="Dense: trainable='no' is not allowed; pass True or False"):
        L.Dense(3, trainable="no")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Dense: trainable=0 is not allowed"):
        layers[0].trainable = 0  # type: ignore[assignment]


def test_layers_that_know_nothing_of_trainable_are_loaded(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")

    class Twice(L.Layer):
        def __init__(self, name: str | None = None, dtype: str = "float32", seed: Any = None):
            super().__init__(name=name, dtype=dtype, seed=seed)

        def forward(self, x: Any, *, training: bool) -> tuple[Any, Any]:
            del training
            return 2 * x, None

    nl.Sequential([L.Input([6]), Twice()]).save(tmp_path / "m")
    model = nl.Model.load(tmp_path / "m", custom_objects={"Twice": Twice})
    assert model.predict(np.ones((1, 6)))[0, 0] == 2
