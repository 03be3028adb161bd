"""Train models on the data sets that scikit-learn ships, and test them on samples they never saw.

    python examples/models.py
    python examples/models.py digits diabetes --verbose

digits     ten classes: a network with batch normalisation and dropout
cancer     a yes-no question: breast cancer, one logit, by cross-validation
diabetes   a number: progression of the disease, beside linear regression, by cross-validation
halves     two inputs, the halves of a digit, and two heads: which digit, and whether it is even
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.datasets import (  # type: ignore[import-untyped]
    load_breast_cancer,
    load_diabetes,
    load_digits,
)
from sklearn.linear_model import LinearRegression  # type: ignore[import-untyped]
from sklearn.model_selection import (  # type: ignore[import-untyped]
    KFold,
    StratifiedKFold,
    train_test_split,
)
from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

import nonlin as nl
from nonlin.layers import BatchNormalization, Concatenate, Dense, Dropout, Input

if TYPE_CHECKING:
    from collections.abc import Callable


def split_digits() -> tuple[Any, Any, Any, Any]:
    """Three quarters of the digits to train on, one quarter to be tested with."""
    pixels, labels = load_digits(return_X_y=True)
    scaled = (pixels / 16).astype(np.float32)
    return tuple(train_test_split(scaled, labels, test_size=0.25, stratify=labels, random_state=0))


def digits(verbose: bool) -> str:
    """Ten classes."""
    x, test_x, t, test_t = split_digits()
    first = [Dense(256), BatchNormalization(), nl.layers.GELU(), Dropout(0.5)]
    model = nl.Sequential([*first, Dense(128, "silu"), Dropout(0.3), Dense(10)], seed=1)
    model.compile(nl.optimizers.Adam(0.002), "sparse_categorical_cross_entropy", ["accuracy"])
    model.fit(x, t, epochs=60, verbose=verbose)
    return f"{model.evaluate(test_x, test_t)['accuracy']:.2%} of {len(test_t)} digits are read"


def cancer(verbose: bool) -> str:
    """A yes-no question, each fifth of the samples seen by a model of the others."""
    x, benign = load_breast_cancer(return_X_y=True)
    right = 0.0
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(x, benign):
        scaler = StandardScaler().fit(x[train])
        model = nl.Sequential([Dense(64, "mish"), Dropout(0.3), Dense(1)], seed=1)
        optimizer = nl.optimizers.AdamW(0.003, weight_decay=1.0)
        model.compile(optimizer, "binary_cross_entropy", ["accuracy"])
        model.fit(scaler.transform(x[train]), benign[train], epochs=40, verbose=verbose)
        result = model.evaluate(scaler.transform(x[test]), benign[test])
        right += result["accuracy"] * len(test)
    return f"{right / len(x):.2%} of {len(x)} tumours are told apart"


def diabetes(verbose: bool) -> str:
    """A number, by cross-validation over five parts: the mean of four networks."""
    x, y = load_diabetes(return_X_y=True)
    ours, linear = np.zeros(len(y)), np.zeros(len(y))
    for train, test in KFold(5, shuffle=True, random_state=0).split(x):
        scaler, mean, deviation = StandardScaler().fit(x[train]), y[train].mean(), y[train].std()
        for seed in range(4):
            model = nl.Sequential([Dense(64, "silu"), Dense(1)], seed=seed)
            model.compile(nl.optimizers.AdamW(0.003, weight_decay=1.0), "mse")
            targets = (y[train] - mean) / deviation
            model.fit(scaler.transform(x[train]), targets, epochs=60, verbose=verbose)
            ours[test] += (model.predict(scaler.transform(x[test]))[:, 0] * deviation + mean) / 4
        linear[test] = LinearRegression().fit(x[train], y[train]).predict(x[test])
    return f"R2 {nl.metrics.r2(ours, y):.4f}; linear regression {nl.metrics.r2(linear, y):.4f}"


def halves(verbose: bool) -> str:
    """Two inputs, two heads."""
    x, test_x, t, test_t = split_digits()

    def parts(pixels: Any) -> dict[str, Any]:
        return {
            "left": pixels.reshape(-1, 8, 8)[:, :, :4],
            "right": pixels.reshape(-1, 8, 8)[:, :, 4:],
        }

    left, right = Input([8, 4], name="left"), Input([8, 4], name="right")
    seen = [Dense(48, "gelu")(nl.layers.Flatten()(half)) for half in (left, right)]
    both = Dense(64, "gelu")(Concatenate()(seen))
    heads = [Dense(10, name="digit")(both), Dense(1, name="even")(both)]
    model = nl.Model([left, right], heads, seed=1)
    model.compile(
        "adam",
        {"digit": "sparse_categorical_cross_entropy", "even": "binary_cross_entropy"},
        ["accuracy"],
        loss_weights={"digit": 1.0, "even": 0.5},
    )
    model.fit(parts(x), {"digit": t, "even": t % 2 == 0}, epochs=40, verbose=verbose)
    result = model.evaluate(parts(test_x), {"digit": test_t, "even": test_t % 2 == 0})
    return (
        f"{result['digit_accuracy']:.2%} of the digits are read, "
        f"{result['even_accuracy']:.2%} are told to be odd or even"
    )


TASKS: dict[str, Callable[[bool], str]] = {
    "digits": digits, "cancer": cancer, "diabetes": diabetes, "halves": halves,
}  # fmt: skip


def main() -> None:
    """Run the tasks asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=f"of {', '.join(TASKS)}")
    parser.add_argument("--verbose", action="store_true", help="show the progress of each training")
    options = parser.parse_args()
    unknown = set(options.tasks) - set(TASKS)
    if unknown:
        parser.error(f"there is no task {min(unknown)!r}; there are {', '.join(TASKS)}")
    for name in options.tasks or TASKS:
        print(f"{name:<10} {TASKS[name](options.verbose)}", flush=True)


if __name__ == "__main__":
    main()
