"""Losses beside PyTorch's, and what they say of arguments that are wrong."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from reference import losses

import nonlin as nl

inf, nan = np.inf, np.nan
SPARSE, DENSE = nl.sparse_categorical_cross_entropy, nl.categorical_cross_entropy


def test_with_pytorch() -> None:
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    rng = np.random.default_rng(9)
    x, ids = rng.standard_normal((20, 7, 3)) * 5, rng.integers(0, 7, (20, 3))
    soft, weights = rng.random((20, 7, 3)), rng.random(7) + 0.1
    ids[::5] = 2

    def compare(got: tuple[Any, Any], loss: Any, leaf: Any) -> None:
        np.testing.assert_allclose(got[0], loss.detach().numpy(), rtol=1e-12, atol=1e-14)
        loss.sum().backward()
        np.testing.assert_allclose(got[1], leaf.grad.numpy(), rtol=1e-9, atol=1e-14)

    for reduction, smoothing, weighted, ignore in itertools.product(
        ("mean", "sum", "none"), (0.0, 0.15), (False, True), (None, 2)
    ):
        leaf = torch.tensor(x, requires_grad=True)
        options = {
            "reduction": reduction,
            "label_smoothing": smoothing,
            "weight": torch.tensor(weights) if weighted else None,
        }
        ours = {
            "reduction": reduction,
            "label_smoothing": smoothing,
            "class_weight": weights if weighted else None,
        }
        loss = functional.cross_entropy(
            leaf, torch.tensor(ids), ignore_index=-100 if ignore is None else ignore, **options
        )
        compare(SPARSE.value_and_gradient(x, ids, 1, ignore_class=ignore, **ours), loss, leaf)
        if ignore is None:
            leaf = torch.tensor(x, requires_grad=True)
            loss = functional.cross_entropy(leaf, torch.tensor(soft), **options)
            compare(DENSE.value_and_gradient(x, soft, 1, **ours), loss, leaf)
    for reduction, pos_weight in itertools.product(("mean", "sum", "none"), (None, weights[:3])):
        leaf = torch.tensor(x, requires_grad=True)
        loss = functional.binary_cross_entropy_with_logits(
            leaf,
            torch.tensor(soft),
            reduction=reduction,
            pos_weight=None if pos_weight is None else torch.tensor(pos_weight),
        )
        f = nl.binary_cross_entropy
        compare(
            f.value_and_gradient(x, soft, reduction=reduction, pos_weight=pos_weight), loss, leaf
        )
        leaf = torch.tensor(x, requires_grad=True)
        loss = functional.mse_loss(leaf, torch.tensor(soft), reduction=reduction)
        compare(nl.mean_squared_error.value_and_gradient(x, soft, reduction=reduction), loss, leaf)
    p = rng.random((20, 7, 3))
    leaf = torch.tensor(p, requires_grad=True)
    loss = functional.binary_cross_entropy(leaf, torch.tensor(soft))
    compare(nl.binary_cross_entropy.value_and_gradient(p, soft, from_logits=False), loss, leaf)


# what is wrong: the error, and a part of its text
ERRORS: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("sparse", {"targets": [0, 3]}, ValueError, r"targets holds 3; allowed .* in \[0, 3\)"),
    ("sparse", {"targets": [-1, 0]}, ValueError, "targets holds -1; allowed are"),
    ("sparse", {"targets": [-1, 0], "ignore_class": -2}, ValueError, "and ignore_class=-2"),
    ("sparse", {"targets": [0.0, 1.0]}, TypeError, "targets has dtype float64; pass integers in"),
    ("sparse", {"targets": [True, False]}, TypeError, "targets has dtype bool"),
    ("sparse", {"targets": [0]}, ValueError, r"shape \(1,\); pass one class .*, shape \(2,\)"),
    ("sparse", {"targets": [[0], [1]]}, ValueError, r"targets has shape \(2, 1\)"),
    ("sparse", {"ignore_class": 1.0}, TypeError, "ignore_class is a float; pass an int"),
    ("sparse", {"ignore_class": True}, TypeError, "ignore_class is a bool"),
    ("sparse", {"class_weight": [1, 1]}, ValueError, r"shape \(2,\); pass .* the 3 classes"),
    ("sparse", {"class_weight": [1, nan, 1]}, ValueError, "class_weight holds nan; allowed are"),
    ("sparse", {"class_weight": [1, -2, 1]}, ValueError, "class_weight holds -2.0; allowed are"),
    ("sparse", {"class_weight": [1, inf, 1]}, ValueError, "class_weight holds inf; allowed are"),
    ("sparse", {"class_weight": "abc"}, TypeError, "class_weight has dtype str"),
    ("sparse", {"class_weight": {0: 1.0}}, TypeError, "class_weight is a dict; pass a list, in"),
    ("sparse", {"label_smoothing": 1.0}, ValueError, r"=1.0 is not .*; pass a number in \[0, 1\)"),
    ("sparse", {"label_smoothing": -0.1}, ValueError, "label_smoothing=-0.1 is not allowed"),
    ("sparse", {"label_smoothing": nan}, ValueError, "label_smoothing=nan is not allowed"),
    ("sparse", {"label_smoothing": "a"}, TypeError, "label_smoothing is a str"),
    ("sparse", {"reduction": "average"}, ValueError, "reduction='average' is not allowed; .* \"m"),
    ("sparse", {"axis": 2}, ValueError, "axis 2 is out of bounds"),
    ("sparse", {"axis": 1.0}, TypeError, "axis is a float"),
    ("sparse", {"axis": None}, ValueError, "axis=None is not one axis"),
    ("dense", {"targets": np.ones((2, 4))}, ValueError, r"\(2, 4\); pass the shape of logits"),
    ("dense", {"targets": np.full((2, 3), -0.5)}, ValueError, "targets holds -0.5; allowed are"),
    ("dense", {"targets": np.full((2, 3), nan)}, ValueError, "targets holds nan; allowed are"),
    ("dense", {"reduction": None}, ValueError, "reduction=None is not allowed"),
    ("dense", {"axis": (0, 1)}, ValueError, r"axis=\(0, 1\) is not one axis"),
    ("mse", {"targets": np.ones(3)}, ValueError, "targets has shape .*; pass the shape of predict"),
    ("mse", {"reduction": "max"}, ValueError, "reduction='max' is not allowed"),
    ("binary", {"targets": np.full((2, 3), 1.5)}, ValueError, "targets holds 1.5; allowed are"),
    ("binary", {"targets": np.full((2, 3), nan)}, ValueError, "targets holds nan; allowed are"),
    ("binary", {"pos_weight": -1.0}, ValueError, "pos_weight holds -1.0; allowed are"),
    ("binary", {"pos_weight": nan}, ValueError, "pos_weight holds nan; allowed are"),
    ("binary", {"pos_weight": [1.0, 1.0]}, ValueError, r"pos_weight has shape \(2,\), which does"),
    ("binary", {"from_logits": False, "predictions": np.full((2, 3), 1.25)}, ValueError,
     r"predictions holds 1.25; .* probabilities in \[0, 1\]"),
    ("binary", {"from_logits": False, "predictions": np.full((2, 3), -0.5)}, ValueError,
     "predictions holds -0.5"),
]  # fmt: skip
FULL = dict(zip(("mse", "binary", "dense", "sparse"), losses.NAMES, strict=True))


@pytest.mark.parametrize(("short", "arguments", "error", "text"), ERRORS)
def test_errors(short: str, arguments: dict[str, Any], error: type[Exception], text: str) -> None:
    name = FULL[short]
    first = "logits" if "categorical" in name else "predictions"
    targets: Any = [0, 2] if short == "sparse" else np.full((2, 3), 0.25)
    given = {first: np.zeros((2, 3)), "targets": targets, **arguments}
    f = getattr(nl, name)
    for call in (f, f.value_and_gradient):
        with pytest.raises(error, match=text) as raised:
            call(**given)
        assert str(raised.value).startswith(f"{name}: ")
