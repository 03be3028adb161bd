"""Train a small network on handwritten digits, once for every activation asked for.

    python examples/digits.py
    python examples/digits.py --activations relu gelu_tanh arctan --epochs 20

The data are the 1797 digits of 8 x 8 pixels that scikit-learn ships; nothing is downloaded. The
network is written out in NumPy, so that all of it can be read here: 64 pixels, hidden layers of 128
and 64 units, 10 classes, float32, trained by Adam on the cross entropy of a softmax. Only the
activation of the hidden layers is not NumPy's: its value and its backward pass are calls of nonlin.

The table gives the share of unseen digits that the trained network reads correctly, the time spent
inside the activation during training, and the time of the whole training.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits  # type: ignore[import-untyped]
from sklearn.model_selection import train_test_split  # type: ignore[import-untyped]
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
from tqdm import tqdm  # type: ignore[import-untyped]

import nonlin as nl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]

ACTIVATIONS = (
    "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "tanh", "sigmoid",
)  # fmt: skip
HIDDEN = (128, 64)
CLASSES = 10
SPLIT_SEED = 0


@dataclass(frozen=True)
class Digits:
    """Pictures as rows of 64 numbers in [0, 1], and which digit each of them shows."""

    train_x: Floats
    train_y: Labels
    test_x: Floats
    test_y: Labels


def load() -> Digits:
    """Split the digits: three quarters to train on, one quarter to be tested with."""
    pixels, labels = load_digits(return_X_y=True)
    scaled = (pixels / 16).astype(np.float32)
    train_x, test_x, train_y, test_y = train_test_split(
        scaled, labels, test_size=0.25, stratify=labels, random_state=SPLIT_SEED
    )
    return Digits(train_x, train_y, test_x, test_y)


class Stopwatch:
    """Adds up the time spent in its ``with`` blocks."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._start


class Network:
    """Fully connected layers with one activation between them: h = f(h @ weight + bias)."""

    def __init__(self, sizes: Sequence[int], activation: str, random: np.random.Generator) -> None:
        self.activation = nl.get(activation)
        self.in_activation = Stopwatch()
        self.weights: list[Floats] = []
        self.biases: list[Floats] = []
        for inputs, outputs in pairwise(sizes):
            spread = math.sqrt(2 / inputs)  # He et al., arXiv:1502.01852
            weight = random.normal(0, spread, (inputs, outputs)).astype(np.float32)
            self.weights.append(weight)
            self.biases.append(np.zeros(outputs, np.float32))

    @property
    def parameters(self) -> list[Floats]:
        """Every array that training changes."""
        return self.weights + self.biases

    def forward(self, x: Floats) -> tuple[list[Floats], list[Floats]]:
        """Return the input of every layer, and what every layer makes of it before activation."""
        inputs, sums = [x], []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            sums.append(inputs[-1] @ weight + bias)
            if len(sums) < len(self.weights):  # the last layer has no activation
                with self.in_activation:
                    inputs.append(self.activation(sums[-1]))
        return inputs, sums

    def gradients(self, x: Floats, labels: Labels) -> list[Floats]:
        """Return the gradient of the mean cross entropy for each of the `parameters`."""
        inputs, sums = self.forward(x)
        grad = softmax(sums[-1])
        grad[np.arange(len(labels)), labels] -= 1
        grad /= np.float32(len(labels))
        grad_weights: list[Floats] = []
        grad_biases: list[Floats] = []
        for layer in reversed(range(len(self.weights))):
            grad_weights.insert(0, inputs[layer].T @ grad)
            grad_biases.insert(0, grad.sum(axis=0))
            if layer > 0:
                grad = grad @ self.weights[layer].T
                with self.in_activation:
                    grad = self.activation.backward(grad, sums[layer - 1])
                if isinstance(grad, tuple):  # prelu adds its slope's gradient; here the slope stays
                    grad = grad[0]
        return grad_weights + grad_biases

    def predict(self, x: Floats) -> Labels:
        """Return the most likely class of each row."""
        logits = self.forward(x)[1][-1]
        classes: Labels = np.argmax(logits, axis=1)
        return classes


def softmax(logits: Floats) -> Floats:
    """Turn each row into probabilities. Subtracting the maximum keeps exp from overflowing."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


class Adam:
    """The optimizer of D. Kingma and J. Ba, arXiv:1412.6980, with its constants."""

    def __init__(self, parameters: list[Floats]) -> None:
        self.parameters = parameters
        self.steps = 0
        self.mean = [np.zeros_like(p) for p in parameters]
        self.square = [np.zeros_like(p) for p in parameters]

    def step(self, gradients: list[Floats], rate: float) -> None:
        """Move every parameter by about `rate` against its gradient."""
        self.steps += 1
        rate *= math.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
        for i, gradient in enumerate(gradients):
            self.mean[i] += 0.1 * (gradient - self.mean[i])
            self.square[i] += 0.001 * (gradient**2 - self.square[i])
            self.parameters[i] -= rate * self.mean[i] / (np.sqrt(self.square[i]) + 1e-8)


def batches(count: int, size: int, random: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Deal all numbers below `count` in random order, `size` at a time."""
    order = random.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    activation: str
    accuracy: float
    in_activation: float
    total: float


def train(digits: Digits, activation: str, options: argparse.Namespace, bar: Any) -> Result:
    """Train one network and test it."""
    random = np.random.default_rng(options.seed)
    sizes = (digits.train_x.shape[1], *HIDDEN, CLASSES)
    network = Network(sizes, activation, random)
    optimizer = Adam(network.parameters)
    start = time.perf_counter()
    for epoch in range(options.epochs):
        rate = options.rate * (1 - epoch / options.epochs)
        for chosen in batches(len(digits.train_y), options.batch, random):
            gradients = network.gradients(digits.train_x[chosen], digits.train_y[chosen])
            optimizer.step(gradients, rate)
        bar.update()
    total = time.perf_counter() - start
    in_activation = network.in_activation.seconds
    accuracy = float(np.mean(network.predict(digits.test_x) == digits.test_y))
    return Result(activation, accuracy, in_activation, total)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--activations", nargs="+", metavar="NAME", default=ACTIVATIONS,
        help=f"names nl.get knows, or 'all' (default: {' '.join(ACTIVATIONS)})",
    )  # fmt: skip
    parser.add_argument("--epochs", type=int, default=30, help="passes over the training digits")
    parser.add_argument("--batch", type=int, default=32, help="digits per step of the optimizer")
    parser.add_argument("--rate", type=float, default=5e-3, help="first learning rate")
    parser.add_argument("--seed", type=int, default=0, help="of the first weights and the batches")
    options = parser.parse_args()
    if list(options.activations) == ["all"]:
        options.activations = nl.activations()
    try:
        for name in options.activations:
            nl.get(name)
    except ValueError as error:
        parser.error(str(error))
    if min(options.epochs, options.batch) < 1:
        parser.error("--epochs and --batch must be at least 1")
    return options


def main() -> None:
    """Train with every activation and print the table."""
    options = arguments()
    digits = load()
    print(
        f"nonlin {nl.__version__} ({nl.isa()}): {len(digits.train_y)} digits to train on, "
        f"{len(digits.test_y)} to test with, {options.epochs} epochs"
    )
    results = []
    bar = tqdm(total=options.epochs * len(options.activations), unit="epoch", mininterval=0.5)
    # Matrices as small as these are multiplied fastest by one thread.
    with bar, threadpool_limits(1):
        for name in options.activations:
            bar.set_description(f"{name:>16}")
            results.append(train(digits, name, options, bar))
    print(f"\n{'activation':<16} {'test accuracy':>13} {'s in activation':>15} {'s in total':>10}")
    for result in results:
        print(
            f"{result.activation:<16} {result.accuracy:>13.2%} {result.in_activation:>15.3f} "
            f"{result.total:>10.2f}"
        )


if __name__ == "__main__":
    main()
