"""The activations by name: ``nonlin.functions.gelu`` is ``nonlin.gelu``.

Type checkers read functions.pyi instead, which the build writes from the same table.
"""

from __future__ import annotations

from ._activations import table

globals().update(table)
__all__ = list(table)
