"""Time training steps of a fully connected network beside PyTorch and Keras, in one run.

    python benchmarks/training.py
    python benchmarks/training.py --threads 1 --optimizers sgd --seconds 5

The network is 784-512-512-10 with relu, float32, on random numbers; a step is one batch of 128:
forward, cross entropy, backward, update. Figures are milliseconds per step, the best of many rounds
in which the libraries take turns, each round beginning with another one. Before each turn is a
pause, for the threads of the turn before it may wait for work in a loop (OpenBLAS's up to 0.1 s),
which takes a core from the next library. Each number of threads is a process of its own, in which
all libraries have that number. PyTorch is eager; Keras, if installed, runs on PyTorch.
"""

from __future__ import annotations

# ruff: noqa: PLC0415  each number of threads must be set before a library is loaded
import argparse
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter, sleep

BATCH = 128
SIZES = (784, 512, 512, 10)
STEPS = 5  # of each library in a round
PAUSE = 0.25  # seconds before each turn

Step = Callable[[], object]


def ours(optimizer: str) -> Step:
    """Return nonlin's step."""
    import numpy as np

    import nonlin as nl

    x, labels = data()
    model = nl.Sequential([nl.layers.Dense(n, "relu") for n in SIZES[1:-1]])
    model.add(nl.layers.Dense(SIZES[-1]))
    model.compile(
        nl.optimizers.SGD(0.01) if optimizer == "sgd" else nl.optimizers.Adam(1e-3),
        "sparse_categorical_cross_entropy",
    )
    batches = [(np.asarray(x), np.asarray(labels))] * STEPS
    model.build([SIZES[0]])
    return lambda: model.fit(batches, verbose=False)


def pytorch(optimizer: str) -> Step:
    """Return PyTorch's step."""
    import torch

    x, labels = map(torch.from_numpy, data())
    parts: list[torch.nn.Module] = []
    for inputs, outputs in pairwise(SIZES):
        parts += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    model = torch.nn.Sequential(*parts[:-1])
    loss = torch.nn.CrossEntropyLoss()
    kind = torch.optim.SGD if optimizer == "sgd" else torch.optim.Adam
    update = kind(model.parameters(), 1e-3)

    def steps() -> None:
        for _ in range(STEPS):
            update.zero_grad()
            value = loss(model(x), labels)
            value.backward()
            update.step()
            value.item()

    return steps


def keras(optimizer: str) -> Step:
    """Return Keras's step."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras as k

    x, labels = data()
    dense = [k.layers.Dense(n, "relu") for n in SIZES[1:-1]]
    model = k.Sequential([k.Input((SIZES[0],)), *dense, k.layers.Dense(SIZES[-1])])
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, run_eagerly=True)
    return lambda: [model.train_on_batch(x, labels) for _ in range(STEPS)]


def data():
    """Return one batch."""
    import numpy as np

    random = np.random.default_rng(0)
    x = random.standard_normal((BATCH, SIZES[0])).astype(np.float32)
    return x, random.integers(0, SIZES[-1], BATCH)


def measure(threads: int, optimizer: str, seconds: float) -> None:
    """Print the line of one number of threads and optimizer, in this process."""
    makers = {"nonlin": ours}
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(threads)
        makers["torch"] = pytorch
        if importlib.util.find_spec("keras"):
            makers["keras"] = keras
    steps = {name: make(optimizer) for name, make in makers.items()}
    best = dict.fromkeys(steps, float("inf"))
    for step in steps.values():
        step()
    end = perf_counter() + seconds * len(steps)
    order = list(steps)
    while perf_counter() < end:
        for name in order:
            sleep(PAUSE)
            start = perf_counter()
            steps[name]()
            best[name] = min(best[name], (perf_counter() - start) / STEPS)
        order.append(order.pop(0))
    times = "".join(f"{name} {1e3 * time:7.2f}   " for name, time in best.items())
    print(f"{threads} threads, {optimizer:<5} {times}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--optimizers", nargs="+", default=["sgd", "adam"])
    parser.add_argument("--seconds", type=float, default=10, help="for each library and line")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        measure(options.threads[0], options.optimizers[0], options.seconds)
        return
    print("milliseconds per step")
    for threads in options.threads:
        names = ("NONLIN", "OPENBLAS", "OMP", "MKL")
        environment = os.environ | {f"{name}_NUM_THREADS": str(threads) for name in names}
        for optimizer in options.optimizers:
            command = [sys.executable, __file__, "--here", "--threads", str(threads)]
            command += ["--optimizers", optimizer, "--seconds", str(options.seconds)]
            subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    main()
