"""Every activation of the table, made into a function."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from . import _backend, _special
from ._docs import docstring
from ._public import publish
from ._template import make_function

if TYPE_CHECKING:
    import numpy as np

    from ._core import Activation


class ActivationFunction(Protocol):
    """What `nonlin.get` returns: an elementwise function that carries its derivatives."""

    __name__: str
    name: str
    aliases: tuple[str, ...]
    parameters: Any
    ufunc: np.ufunc

    def __call__(self, x: Any, /, *args: Any, **options: Any) -> Any: ...
    def derivative(self, x: Any, /, *args: Any, **options: Any) -> Any: ...
    def backward(self, grad_output: Any, x: Any, /, *args: Any, **options: Any) -> Any: ...
    def value_and_derivative(self, x: Any, /, *args: Any, **options: Any) -> Any: ...


def _make(activation: Activation) -> Any:
    name = activation.name
    made = {
        direction: make_function(activation, direction, _special.choices(name, direction))
        for direction in _backend.directions
    }
    if _special.gives_slope(name, "backward"):
        made["backward"] = _special.with_slope_gradient(made["backward"])
    function = publish(name, made["value"], {d: made[d] for d in _backend.directions[1:]})
    for direction, member in made.items():
        member.__doc__ = docstring(activation, direction, member)
    function.aliases = activation.aliases
    function.parameters = MappingProxyType({p.name: p.default for p in activation.parameters})
    function.ufunc = _backend.ufunc(name, "value")
    return function


table: dict[str, Any] = {a.name: _make(a) for a in _backend.catalogue()}
