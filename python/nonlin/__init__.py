"""Activation functions of neural networks and their exact derivatives, for NumPy arrays."""

from __future__ import annotations

from . import (
    functions,
    fused,
    gated,
    layers,
    losses,
    maxima,
    metrics,
    models,
    optimizers,
    rowwise,
)
from ._backend import available_isas, isa, num_threads, set_isa, set_num_threads
from ._backend import version as __version__
from .functions import *  # noqa: F403
from .fused import *  # noqa: F403
from .gated import *  # noqa: F403
from .inspection import inspect
from .losses import *  # noqa: F403
from .maxima import *  # noqa: F403
from .models import Loss, Model, Sequential
from .native import get_cmake_dir, get_include
from .plotting import plot
from .registry import activations, get, register
from .rowwise import *  # noqa: F403

__all__ = [
    "Loss",
    "Model",
    "Sequential",
    "__version__",
    "activations",
    "available_isas",
    "functions",
    "fused",
    "gated",
    "get",
    "get_cmake_dir",
    "get_include",
    "inspect",
    "isa",
    "layers",
    "losses",
    "maxima",
    "metrics",
    "models",
    "num_threads",
    "optimizers",
    "plot",
    "register",
    "rowwise",
    "set_isa",
    "set_num_threads",
]
__all__ += functions.__all__
__all__ += fused.__all__
__all__ += gated.__all__
__all__ += losses.__all__
__all__ += rowwise.__all__
__all__ += maxima.__all__
