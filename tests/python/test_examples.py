"""The examples, as a user runs them."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
LINE = re.compile(r"^(\w+) +(\d+\.\d+)% +(\d+\.\d+) +(\d+\.\d+)$", re.MULTILINE)

# Not importorskip: these tests need no scikit-learn in their own process.
NEEDED = ("sklearn", "tqdm")
pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(module) for module in NEEDED),
    reason=f"needs {' and '.join(NEEDED)}",
)


def run(*arguments: str, example: str = "digits.py") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / example), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_digits() -> None:
    names = ["relu", "gelu", "silu", "mish", "tanh"]
    done = run("--activations", *names)
    assert done.returncode == 0, done.stderr
    assert "100%" in done.stderr, "no progress bar"
    found = {name: tuple(map(float, rest)) for name, *rest in LINE.findall(done.stdout)}
    assert list(found) == names
    for name, (accuracy, in_activation, total) in found.items():
        assert accuracy >= 96, name
        assert 0 < in_activation < total


def test_digits_refuses() -> None:
    done = run("--activations", "rellu")
    assert done.returncode == 2
    assert "there is no activation named 'rellu'" in done.stderr
    assert "relu" in done.stderr


def test_models() -> None:
    done = run(example="models.py")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    digits, cancer, diabetes, halves = (
        [float(number) for number in re.findall(r"\d+\.\d+", line)]
        for line in done.stdout.splitlines()
    )
    assert digits[0] >= 97.5
    assert cancer[0] >= 97
    assert diabetes[0] > diabetes[1]
    assert min(halves) >= 96


def test_models_refuses() -> None:
    done = run("rain", example="models.py")
    assert done.returncode == 2
    assert "there is no task 'rain'; there are digits, cancer, diabetes, halves" in done.stderr
