"""ONNX's own test cases for the operators that nonlin has: another's inputs and expectations."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import nonlin as nl

# Its import may warn of what other packages deprecate.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("onnx")
    from onnx import helper
    from onnx.backend.test.case.node import collect_testcases


def reduce_log_sum_exp(x: Any, axes: Any = None, *, keepdims: int = 1) -> Any:
    axis = None if axes is None or axes.size == 0 else tuple(axes.tolist())
    return nl.logsumexp(x, axis, keepdims=bool(keepdims))


def softmax_cross_entropy(
    scores: Any, labels: Any, weights: Any = None, *, reduction: str = "mean", **ignored: int
) -> Any:
    return nl.sparse_categorical_cross_entropy(
        scores,
        labels,
        axis=1,
        class_weight=weights,
        ignore_class=ignored.get("ignore_index"),
        reduction=reduction,
    )


def swiglu(a: Any, b: Any, *, alpha: float = 1.0) -> Any:
    return nl.silu(a, beta=alpha) * b if alpha != 1 else nl.swiglu(a, b, gate="first")


FUNCTIONS = {
    "Softmax": nl.softmax,
    "LogSoftmax": nl.log_softmax,
    "Hardmax": nl.hardmax,
    "Sigmoid": nl.sigmoid,
    "Tanh": nl.tanh,
    "Relu": nl.relu,
    "LeakyRelu": nl.leaky_relu,
    "PRelu": nl.prelu,
    "Elu": nl.elu,
    "Selu": nl.selu,
    "Celu": nl.celu,
    "Mish": nl.mish,
    "HardSigmoid": nl.hard_sigmoid,
    "HardSwish": nl.hard_silu,
    "Softplus": nl.softplus,
    "Softsign": nl.softsign,
    "ThresholdedRelu": nl.thresholded_relu,
    "Gelu": nl.gelu,
    "Swish": nl.silu,
    "ReduceLogSumExp": reduce_log_sum_exp,
    "SoftmaxCrossEntropyLoss": softmax_cross_entropy,
    "SwiGLU": swiglu,
}
# What ONNX assumes where a node says nothing, if nonlin does not.
DEFAULTS = {"HardSigmoid": {"alpha": 0.2, "beta": 0.5}}
RENAMED = {
    ("LeakyRelu", "alpha"): "negative_slope",
    ("ThresholdedRelu", "alpha"): "threshold",
    ("Swish", "alpha"): "beta",
}


@pytest.fixture(scope="module")
def cases() -> dict[str, list[Any]]:
    """Operator: its cases. Making them takes ONNX some seconds, and overflows here and there."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        every = collect_testcases(None)
    found: dict[str, list[Any]] = {operator: [] for operator in FUNCTIONS}
    for case in every:
        # ONNX writes some of its operators out as graphs of others, too.
        operators = [node.op_type for node in case.model.graph.node]
        if len(operators) == 1 and operators[0] in found:
            found[operators[0]].append(case)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("operator", FUNCTIONS)
def test_operator(operator: str, cases: dict[str, list[Any]]) -> None:
    assert cases[operator]
    for case in cases[operator]:
        (node,) = case.model.graph.node
        options: dict[str, Any] = dict(DEFAULTS.get(operator, {}))
        for attribute in node.attribute:
            value = helper.get_attribute_value(attribute)
            name = RENAMED.get((operator, attribute.name), attribute.name)
            options[name] = value.decode() if isinstance(value, bytes) else value
        if operator == "Selu" and options:
            continue  # other constants than those of the paper
        for inputs, expected in case.data_sets:
            if any(x.dtype.kind == "V" for x in inputs):
                continue  # bfloat16
            # A cross-entropy may have the logarithms of the probabilities as another output.
            got = FUNCTIONS[operator](*inputs, **options)
            assert got.shape == expected[0].shape
            assert got.dtype == expected[0].dtype
            np.testing.assert_allclose(
                got, expected[0], rtol=case.rtol, atol=case.atol, err_msg=case.name
            )
