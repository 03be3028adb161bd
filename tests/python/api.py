"""What the tests of the Python interface share: every public function, and arguments for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nonlin as nl

MEMBERS = ("derivative", "backward", "value_and_derivative")
ALL = [(name, "value") for name in nl.activations()]
ALL += [(name, member) for name in nl.activations() for member in MEMBERS]

every_function = pytest.mark.parametrize(
    ("name", "direction"), ALL, ids=[f"{name}-{direction}" for name, direction in ALL]
)
every_activation = pytest.mark.parametrize("name", nl.activations())


def function(name: str, direction: str) -> Any:
    found = getattr(nl, name)
    return found if direction == "value" else getattr(found, direction)


def qualified(name: str, direction: str) -> str:
    return name if direction == "value" else f"{name}.{direction}"


def arguments(direction: str, x: Any) -> tuple[Any, ...]:
    """x, or x as its own incoming gradient."""
    return (x, x) if direction == "backward" else (x,)


def results(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def elementwise(name: str, direction: str, value: Any) -> tuple[Any, ...]:
    """The results with the shape of x: all of them but the gradient of prelu's slope."""
    found = results(value)
    return found[:1] if (name, direction) == ("prelu", "backward") else found


def sample(dtype: Any = np.float32, size: int = 11) -> Any:
    return np.linspace(-3, 3, size).astype(dtype)
