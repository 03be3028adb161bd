"""Makes the simulated device arrays importable, and gives the package what computes on them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import host_kernels
import libraries

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def kernels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the compiled functions for NumPy compute in place of a GPU."""
    monkeypatch.setitem(sys.modules, "nonlin._gpu", host_kernels)
    yield
    monkeypatch.undo()


@pytest.fixture(params=[libraries.simulated, libraries.pytorch], ids=lambda f: f.__name__)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> libraries.Library:
    """Each of the libraries."""
    found: libraries.Library = request.param(monkeypatch)
    return found
