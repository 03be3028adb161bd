"""The same training in PyTorch gives the same numbers."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

import nonlin as nl
from nonlin import layers as L  # noqa: N812

FOUND = importlib.util.find_spec("torch") is not None


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
