"""Models of layers: `Model`, `Sequential`, and how they are trained and saved."""

from __future__ import annotations

from ._losses import Loss
from .model import Model
from .sequential import Sequential
from .training import History

__all__ = ["History", "Loss", "Model", "Sequential"]
