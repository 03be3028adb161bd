"""Models: training, saving, what stops them, and the same numbers as another library."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import nonlin as nl
from nonlin import layers as L  # noqa: N812
from nonlin.models import Loss

if TYPE_CHECKING:
    from pathlib import Path

FOUND = importlib.util.find_spec("torch") is not None


def data(samples: int = 96, features: int = 6, classes: int = 3) -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    x = random.standard_normal((samples, features)).astype(np.float32)
    return x, (x[:, :classes] + 0.3 * random.standard_normal((samples, classes))).argmax(1)


def network(seed: int | None = 1, **options: Any) -> nl.Sequential:
    model = nl.Sequential(
        [L.Dense(16), L.BatchNormalization(), L.PReLU(), L.Dropout(0.2), L.Dense(3)], seed=seed
    )
    model.compile(
        options.get("optimizer", "adam"), "sparse_categorical_cross_entropy", ["accuracy"]
    )
    return model


def two_headed(seed: int | None = 2) -> nl.Model:
    a, b = L.Input([4], name="a"), L.Input([2, 2], name="b")
    both = L.Concatenate()([L.Dense(8, "gelu")(a), L.Dense(8, "silu")(L.Flatten()(b))])
    trunk = L.Dense(8, "tanh", name="trunk")(both)
    price = L.Dense(1, name="price")(L.Add()([trunk, L.SwiGLU()(L.Dense(16)(trunk))]))
    kind = L.Dense(3, name="kind")(trunk)
    model = nl.Model([a, b], [price, kind], seed=seed)
    model.compile(
        nl.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        {"price": "mse", "kind": Loss("sparse_categorical_cross_entropy", label_smoothing=0.1)},
        {"price": ["mae", "r2"], "kind": ["accuracy"]},
        loss_weights={"price": 0.5, "kind": 2.0},
    )
    return model


def two_inputs(samples: int = 80) -> tuple[dict[str, Any], dict[str, Any]]:
    random = np.random.default_rng(3)
    a = random.standard_normal((samples, 4)).astype(np.float32)
    b = random.standard_normal((samples, 2, 2)).astype(np.float32)
    kind = (a[:, :3] + b.reshape(samples, 4)[:, :3]).argmax(1)
    return {"a": a, "b": b}, {"price": a.sum(1) * b[:, 0, 0], "kind": kind}


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


def test_several_inputs_and_outputs() -> None:
    x, t = two_inputs()
    model = two_headed()
    history = model.fit(x, t, epochs=30, batch_size=20, verbose=False)
    assert list(history) == [
        "loss", "price_loss", "price_mae", "price_r2", "kind_loss", "kind_accuracy",
    ]  # fmt: skip
    last = {name: values[-1] for name, values in history.items()}
    assert abs(last["loss"] - (0.5 * last["price_loss"] + 2 * last["kind_loss"])) < 1e-6
    assert last["loss"] < history["loss"][0] / 1.5
    price, kind = model.predict(x)
    assert price.shape == (80, 1)
    assert kind.shape == (80, 3)
    assert model.evaluate(x, t)["price_r2"] == pytest.approx(nl.metrics.r2(price[:, 0], t["price"]))
    in_order = model.predict([x["a"], x["b"]])
    np.testing.assert_array_equal(in_order[0], price)
    assert len(model.layers) == 10
    assert "trunk" in model.summary()


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


def test_gradients_of_a_graph() -> None:
    """A layer that is used twice gets both gradients; so does a node."""
    start = L.Input([3], dtype="float64")
    shared = L.Dense(3, "tanh", dtype="float64")
    middle = shared(shared(start))
    out = L.Add(dtype="float64")([middle, L.Softplus(dtype="float64")(middle)])
    model = nl.Model(start, out, seed=5)
    x = np.random.default_rng(0).standard_normal((4, 3))
    up = np.random.default_rng(1).standard_normal((4, 3))
    model(x)
    dx = model.backward(up)
    for array, gradient in ((x, dx), (shared.weights["kernel"], shared.gradients["kernel"].copy())):
        for place in np.ndindex(array.shape):
            value = array[place]
            array[place] = value + 1e-6
            above = (model(x) * up).sum()
            array[place] = value - 1e-6
            numeric = (above - (model(x) * up).sum()) / 2e-6
            array[place] = value
            assert abs(numeric - gradient[place]) < 1e-7
    model.backward(up)
    with pytest.raises(RuntimeError, match="call the model first"):
        model.backward(up)


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
    (tmp_path / "other").write_bytes(b"nothing")
    with pytest.raises(Exception, match=r"(?i)header"):
        nl.Model.load(tmp_path / "other")


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


def test_what_does_not_fit() -> None:
    x, t = data()
    model = network()
    for arguments, error, text in (
        ((x, t[:-1]), ValueError, "do not have one number of samples"),
        ((x,), ValueError, "there are no targets"),
        ((x[:0], t[:0]), ValueError, "there are no samples"),
        ((x.astype("U"), t), TypeError, "fit: input: the input has dtype"),
        ((x.astype(complex), t), TypeError, "complex"),
        ((x, t + 5), ValueError, "allowed are classes"),
        (({"x": x}, t), ValueError, "inputs are for"),
        ((3.0, t), TypeError, "x is a float"),
    ):
        with pytest.raises(error, match=text):
            model.fit(*arguments, verbose=False)
    model.predict(x)
    with pytest.raises(ValueError, match=r"input: .*\(batch, 6\), got \(batch, 5\)"):
        model.predict(x[:, :5])
    for options, text in (
        ({"batch_size": 0}, "batch_size=0"),
        ({"validation_split": 2.0}, "validation_split=2.0"),
    ):
        with pytest.raises(ValueError, match=text):
            model.fit(x, t, verbose=False, **options)
    with pytest.raises(RuntimeError, match="compile the model first"):
        nl.Sequential([L.Dense(1)]).fit(x, t)
    with pytest.raises(ValueError, match="several layers are named"):
        nl.Sequential([L.Dense(1, name="a"), L.Dense(1, name="a")]).build([2])
    a, b = L.Input([2]), L.Input([2], name="b")
    with pytest.raises(ValueError, match="not among the inputs"):
        nl.Model(a, L.Add()([a, b]))
    for options, text in (
        ({"loss": "hinge"}, "hinge"), ({"loss": None}, "loss is missing"),
        ({"loss": "mse", "optimizer": "lion"}, "lion"),
        ({"loss": "mse", "metrics": ["f1"]}, "f1"),
        ({"loss": {"a": "mse"}}, "the outputs are"),
        ({"loss": ["mse", "mse"]}, "2 entries"),
        ({"loss": Loss("mse"), "loss_weights": [1, 2]}, "2 entries"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=text):
            model.compile(**options)
    with pytest.raises(ValueError, match="take the mean"):
        Loss("mse", reduction="sum")
    for make in (
        lambda: nl.optimizers.SGD(-1.0),
        lambda: nl.optimizers.SGD(momentum=1.0),
        lambda: nl.optimizers.Adam(beta_1=1.0),
        lambda: nl.optimizers.Adam(epsilon=np.nan),
    ):
        with pytest.raises(ValueError, match="pass"):
            make()


def test_a_single_logit_takes_flat_targets() -> None:
    x, t = data()
    model = nl.Sequential([L.Dense(8, "mish"), L.Dense(1)], seed=1)
    model.compile("adamw", "binary_cross_entropy", ["accuracy"])
    history = model.fit(x, t == 0, epochs=40, verbose=False)
    assert history["accuracy"][-1] > 0.75
    p = model.predict(x)
    assert model.evaluate(x, t == 0)["accuracy"] == np.mean((p[:, 0] > 0) == (t == 0))


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


def test_heads_that_make_probabilities() -> None:
    for activation, loss in (
        ("sigmoid", "binary_crossentropy"),
        ("softmax", "categorical_crossentropy"),
    ):
        model = nl.Sequential([L.Dense(3, activation)])
        with pytest.raises(ValueError, match=f"takes logits, but dense ends with {activation}"):
            model.compile("sgd", loss)
    model = nl.Sequential([L.Dense(1, "sigmoid")], seed=1)
    model.compile("sgd", Loss("binary_cross_entropy", from_logits=False), ["accuracy"])
    x, t = data()
    p = model.predict(x)
    assert model.evaluate(x, t == 0)["accuracy"] == np.mean((p[:, 0] > 0.5) == (t == 0))
    a, head = L.Input([2]), L.Dense(1)
    heads = [head(a), head(a)]
    with pytest.raises(ValueError, match="two outputs come from one layer"):
        nl.Model(a, heads)


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


def test_optimizers_by_their_formulas() -> None:
    """In float64, entry by entry, as the papers write them."""
    random = np.random.default_rng(0)
    w, gradients = random.standard_normal(200_000), random.standard_normal((5, 200_000))
    for optimizer in (
        nl.optimizers.SGD(0.1), nl.optimizers.SGD(0.1, 0.9), nl.optimizers.SGD(0.1, 0.9, True),
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


@pytest.mark.skipif(not FOUND, reason="needs torch")
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("loss", ["classes", "squares"])
def test_as_pytorch(optimizer: str, loss: str) -> None:
    """The same network, weights, batches and steps: losses and weights agree in float64."""
    import torch  # noqa: PLC0415

    random = np.random.default_rng(0)
    x = random.standard_normal((60, 7))
    t = random.integers(0, 4, 60) if loss == "classes" else random.standard_normal((60, 4))
    options = {"dtype": "float64"}
    layers = [
        L.Dense(9, **options), L.BatchNormalization(epsilon=1e-5, momentum=0.9, **options),
        L.GELU(**options), L.Dense(6, "tanh", **options), L.PReLU(shared_axes=[1], **options),
        L.Dense(5, "softplus", **options), L.Dense(4, **options),
    ]  # fmt: skip
    ours = nl.Sequential(layers, seed=1)
    ours.build([7])
    parts = [
        torch.nn.Linear(7, 9), torch.nn.BatchNorm1d(9), torch.nn.GELU(), torch.nn.Linear(9, 6),
        torch.nn.Tanh(), torch.nn.PReLU(), torch.nn.Linear(6, 5), torch.nn.Softplus(threshold=100),
        torch.nn.Linear(5, 4),
    ]  # fmt: skip
    theirs = torch.nn.Sequential(*parts).double()
    linear = [m for m in theirs if isinstance(m, torch.nn.Linear)]
    dense = [a for a in layers if isinstance(a, L.Dense)]
    with torch.no_grad():
        for m, a in zip(linear, dense, strict=True):
            m.weight.copy_(torch.from_numpy(a.weights["kernel"].T.copy()))
            m.bias.copy_(torch.from_numpy(a.weights["bias"].copy()))
    name = "sparse_categorical_cross_entropy" if loss == "classes" else "mean_squared_error"
    criterion = torch.nn.CrossEntropyLoss() if loss == "classes" else torch.nn.MSELoss()
    if optimizer == "sgd":
        ours.compile(nl.optimizers.SGD(0.05, momentum=0.9), name)
        step = torch.optim.SGD(theirs.parameters(), 0.05, momentum=0.9)
    else:
        ours.compile(nl.optimizers.Adam(0.01, epsilon=1e-8), name)
        step = torch.optim.Adam(theirs.parameters(), 0.01)
    history = ours.fit(x, t, epochs=10, batch_size=20, shuffle=False, verbose=False)
    losses = []
    for _ in range(10):
        total = 0.0
        for k in range(0, 60, 20):
            step.zero_grad()
            value = criterion(
                theirs(torch.from_numpy(x[k : k + 20])), torch.from_numpy(t[k : k + 20])
            )
            value.backward()
            step.step()
            total += value.item() / 3
        losses.append(total)
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-8)
    for m, a in zip(linear, dense, strict=True):
        np.testing.assert_allclose(
            a.weights["kernel"], m.weight.detach().numpy().T, rtol=1e-6, atol=1e-8
        )
    theirs.eval()
    np.testing.assert_allclose(  # running variances differ: PyTorch's is of n - 1
        layers[1].weights["moving_mean"], parts[1].running_mean.numpy(), rtol=1e-6, atol=1e-8
    )
