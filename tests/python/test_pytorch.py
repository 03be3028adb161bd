"""The same training in PyTorch gives the same numbers."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

import nonlin as nl
from nonlin import layers as L  # noqa: N812

FOUND = importlib.util.find_spec("torch") is not None


pytestmark = pytest.mark.skipif(not FOUND, reason="needs torch")


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


# Ours, and the class and arguments of PyTorch's. Its SGD adds the decay to the gradient, which is
# the same without momentum.
OPTIMIZERS: dict[str, tuple[nl.optimizers.Optimizer, str, dict[str, Any]]] = {
    "nesterov": (
        nl.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        "SGD",
        {"lr": 0.05, "momentum": 0.9, "nesterov": True},
    ),
    "decay": (
        nl.optimizers.SGD(0.05, weight_decay=0.2),
        "SGD",
        {"lr": 0.05, "weight_decay": 0.2},
    ),
    "adam": (
        nl.optimizers.Adam(0.01, beta_1=0.8, beta_2=0.95, epsilon=1e-3),
        "Adam",
        {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-3},
    ),
    "adamw": (
        nl.optimizers.AdamW(0.01, epsilon=1e-8, weight_decay=0.1),
        "AdamW",
        {"lr": 0.01, "weight_decay": 0.1},
    ),
}


def in_pytorch(ours: nl.Model) -> Any:
    """Return the network of the test below, with the same weights."""
    import torch  # noqa: PLC0415

    class Theirs(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.shared, self.trunk = torch.nn.Linear(5, 6), torch.nn.Linear(12, 7)
            self.normal = torch.nn.BatchNorm1d(7)
            self.yes, self.kind = torch.nn.Linear(7, 1), torch.nn.Linear(7, 3)

        def forward(self, a: Any, b: Any) -> Any:
            gelu, silu = torch.nn.functional.gelu, torch.nn.functional.silu
            sides = torch.cat([gelu(self.shared(a)), silu(gelu(self.shared(b)))], 1)
            trunk = self.trunk(sides)
            both = torch.tanh(self.normal(trunk)) + trunk
            return self.yes(both), self.kind(both)

    theirs = Theirs().double()
    with torch.no_grad():
        for name in ("shared", "trunk", "yes", "kind"):
            for weight, mine in (("weight", "kernel"), ("bias", "bias")):
                values = ours.weights[f"{name}/{mine}"].T.copy()
                getattr(getattr(theirs, name), weight).copy_(torch.from_numpy(values))
    return theirs


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_graph_as_in_pytorch(optimizer: str) -> None:
    """Two inputs, a layer used twice, two heads whose losses have weights."""
    import torch  # noqa: PLC0415

    random = np.random.default_rng(1)
    a, b = random.standard_normal((48, 5)), random.standard_normal((48, 5))
    yes, kind = random.integers(0, 2, 48), random.integers(0, 3, 48)
    f = {"dtype": "float64"}
    first, second = L.Input([5], "a", **f), L.Input([5], "b", **f)
    shared = L.Dense(6, "gelu", name="shared", **f)
    sides = [shared(first), L.SiLU(**f)(shared(second))]
    trunk = L.Dense(7, name="trunk", **f)(L.Concatenate(**f)(sides))
    normal = L.BatchNormalization(epsilon=1e-5, momentum=0.9, name="normal", **f)
    both = L.Add(**f)([L.Tanh(**f)(normal(trunk)), trunk])
    heads = [L.Dense(1, name="yes", **f)(both), L.Dense(3, name="kind", **f)(both)]
    ours = nl.Model([first, second], heads, seed=1)
    theirs = in_pytorch(ours)
    mine, kind_of_theirs, arguments = OPTIMIZERS[optimizer]
    losses = ["binary_cross_entropy", "sparse_categorical_cross_entropy"]
    ours.compile(mine, losses, loss_weights=[0.3, 1.7])
    options = {"epochs": 6, "batch_size": 16, "shuffle": False, "verbose": False}
    history = ours.fit([a, b], [yes, kind], **options)
    stepper = getattr(torch.optim, kind_of_theirs)(theirs.parameters(), **arguments)
    variance = np.ones(7)
    expected = []
    for _ in range(6):
        totals = np.zeros(3)
        for k in range(0, 48, 16):
            x, z, t, c = (torch.from_numpy(v[k : k + 16]) for v in (a, b, yes, kind))
            before = theirs.normal.running_var.numpy().copy()
            stepper.zero_grad()
            p, q = theirs(x, z)
            parts = (
                torch.nn.functional.binary_cross_entropy_with_logits(p[:, 0], t.double()),
                torch.nn.functional.cross_entropy(q, c),
            )
            total = 0.3 * parts[0] + 1.7 * parts[1]
            total.backward()
            stepper.step()
            totals += [v.item() / 3 for v in (total, *parts)]
            # Its running variance is made of sums over n - 1, that of Keras and ours over n.
            unbiased = (theirs.normal.running_var.numpy() - 0.9 * before) / 0.1
            variance = 0.9 * variance + 0.1 * unbiased * 15 / 16
        expected.append(totals)
    names = ("loss", "yes_loss", "kind_loss")
    np.testing.assert_allclose(np.transpose([history[name] for name in names]), expected, rtol=1e-9)
    for name in ("shared", "trunk", "yes", "kind"):
        theirs_weight = getattr(theirs, name).weight.detach().numpy().T
        np.testing.assert_allclose(
            ours.weights[f"{name}/kernel"], theirs_weight, rtol=1e-7, atol=1e-10
        )
    mean = theirs.normal.running_mean.numpy()
    np.testing.assert_allclose(normal.weights["moving_mean"], mean, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(normal.weights["moving_variance"], variance, rtol=1e-7)
    theirs.eval()
    with torch.no_grad():
        theirs.normal.running_var.copy_(torch.from_numpy(variance))
        predicted = theirs(torch.from_numpy(a), torch.from_numpy(b))
    for one, other in zip(ours.predict([a, b]), predicted, strict=True):
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-6, atol=1e-9)
