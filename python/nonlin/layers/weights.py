"""The weights of a layer or a model, by name."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from .._backend import beside


class Weights(dict[str, Any]):
    """Arrays by name. To assign one is to write into it, for others hold it too.

    Only `setdefault` makes new ones.
    """

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self:
            message = f"there is no array {name!r} to assign to; there are {list(self)}"
            raise KeyError(message)
        there = self[name]
        if np.shape(value) != np.shape(there):
            message = (
                f"{name} has shape {np.shape(there)}; it cannot become one of {np.shape(value)}"
            )
            raise ValueError(message)
        if there is not value:
            there[...] = beside(value, there)

    def update(self, *others: Any, **more: Any) -> None:
        """Write into several arrays."""
        for name, value in dict(*others, **more).items():
            self[name] = value

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc]
        self.update(other)
        return self

    def to(self, like: Any) -> None:
        """Bring all arrays to where `like` lives."""
        for name, array in self.items():
            super().__setitem__(name, beside(array, like))

    def __reduce__(self) -> Any:
        # Copies are not made by assignment.
        return type(self), (dict(self),)
