"""Activation functions of neural networks and their exact derivatives, for NumPy arrays."""

from __future__ import annotations

from . import functions
from ._backend import available_isas, isa, num_threads, set_isa, set_num_threads
from ._backend import version as __version__
from .functions import *  # noqa: F403
from .registry import activations, get, register

__all__ = [
    "__version__",
    "activations",
    "available_isas",
    "functions",
    "get",
    "isa",
    "num_threads",
    "register",
    "set_isa",
    "set_num_threads",
]
__all__ += functions.__all__
