"""Makes the arrays of the tests importable, and gives the package what computes on them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import host_kernels
import libraries
import simulation

import nonlin

if TYPE_CHECKING:
    from laws.builds import Build


@pytest.fixture(scope="session")
def simulated_kernels(configured: Build) -> Any:
    """The package's own way to kernels, and the kernels on the host."""
    nonlin._cuda = simulation.loaded(configured)
    found = importlib.import_module("nonlin._gpu")
    # For other tests there is no CUDA backend.
    for name in ("_cuda", "_gpu"):
        delattr(nonlin, name)
        del sys.modules[f"nonlin.{name}"]
    return found


@pytest.fixture(autouse=True)
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kernels on the host compute in place of a GPU; for PyTorch's tensors there NumPy's."""
    given = getattr(request.node, "callspec", None)
    chosen = given.params.get("library") if given is not None else None
    if chosen is libraries.pytorch:
        monkeypatch.setitem(sys.modules, "nonlin._gpu", host_kernels)
    elif chosen in libraries.on_devices:
        importlib.import_module("nonlin._gpu")
    else:
        found = request.getfixturevalue("simulated_kernels")
        monkeypatch.setitem(sys.modules, "nonlin._gpu", found)


@pytest.fixture(params=libraries.every, ids=lambda f: f.__name__)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> libraries.Library:
    """Each of the libraries."""
    found: libraries.Library = request.param(monkeypatch)
    return found
