"""Activations by name, built in or the user's own."""

from __future__ import annotations

import difflib
import keyword
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, TypeVar, overload

import numpy as np

from ._activations import ActivationFunction, table
from ._backend import namespace
from ._errors import check_result, out_pair

_F = TypeVar("_F", bound=Callable[..., Any])

_built_in: dict[str, Any] = dict(table)
for _function in table.values():
    for _alias in _function.aliases:
        _built_in.setdefault(_alias, _function)
_own: dict[str, Registered] = {}


class Registered:
    """A user's activation: two callables, dressed as the built-in ones are."""

    aliases: tuple[str, ...] = ()
    parameters: MappingProxyType[str, float] = MappingProxyType({})

    def __init__(
        self, name: str, forward: Callable[..., Any], derivative: Callable[..., Any]
    ) -> None:
        self.name = self.__name__ = name
        self._forward = forward
        self._derivative = derivative
        self.__doc__ = forward.__doc__

    def __repr__(self) -> str:
        return f"<registered activation {self.name}>"

    def __call__(
        self, x: Any, /, *args: Any, out: Any = None, where: Any = True, **options: Any
    ) -> Any:
        """Return forward(x)."""
        return _into(out, where, self._value(_array(x), args, options))

    def derivative(
        self, x: Any, /, *args: Any, out: Any = None, where: Any = True, **options: Any
    ) -> Any:
        """Return derivative(x)."""
        return _into(out, where, self._slope(_array(x), args, options))

    def backward(
        self,
        grad_output: Any,
        x: Any,
        /,
        *args: Any,
        out: Any = None,
        where: Any = True,
        **options: Any,
    ) -> Any:
        """Return grad_output * derivative(x); `out` and `where` are the product's."""
        slope = self._slope(_array(x), args, options)
        return namespace(grad_output, x).multiply(grad_output, slope, out=out, where=where)

    def value_and_derivative(
        self, x: Any, /, *args: Any, out: Any = None, where: Any = True, **options: Any
    ) -> tuple[Any, Any]:
        """Return the pair forward(x), derivative(x); `out` is a pair, either half may be None."""
        first, second = out_pair(f"{self.name}.value_and_derivative", out, "value, derivative")
        x = _array(x)
        results = self._value(x, args, options), self._slope(x, args, options)
        return _into(first, where, results[0]), _into(second, where, results[1])

    def _value(self, x: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        y = self._forward(x, *args, **options)
        if not (args or options):  # which may be arrays that broadcast with x
            check_result(f"activation {self.name}", y, np.shape(x))
        return y

    def _slope(self, x: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        slope = self._derivative(x, *args, **options)
        if np.ndim(slope) and not (args or options):  # a constant may be a number
            check_result(f"derivative of activation {self.name}", slope, np.shape(x))
        return slope


def _array(x: Any) -> Any:
    return np.asarray(x) if isinstance(x, list | tuple | float | int) else x


def _into(out: Any, where: Any, result: Any) -> Any:
    if out is None and where is True:
        return result
    return namespace(result, out).positive(result, out=out, where=where)


def activations() -> list[str]:
    """Return the names of the built-in activations, in the order of the documentation."""
    return list(table)


@overload
def get(activation: str | None) -> ActivationFunction: ...
@overload
def get(activation: _F) -> _F: ...
def get(activation: Any) -> Any:
    """Find an activation.

    Parameters
    ----------
    activation : str, callable or None
        A name or an alias, exactly as written in the documentation, or a name given to
        `register`. A callable is returned as it is; None means ``linear``.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If no activation has this name.
    TypeError
        If `activation` is neither text, callable nor None.

    Examples
    --------
    >>> import nonlin as nl
    >>> nl.get("swish") is nl.silu
    True
    """
    if activation is None:
        return table["linear"]
    if isinstance(activation, str):
        return _find(activation)
    if callable(activation):
        return activation
    message = f"get: expected a name, a callable or None, not {type(activation).__name__}"
    raise TypeError(message)


def _find(name: str) -> Any:
    found = _own.get(name) or _built_in.get(name)
    if found is not None:
        return found
    names: dict[str, str] = {}
    for known in (*_built_in, *_own):
        names.setdefault(_folded(known), known)
    close = [names[match] for match in difflib.get_close_matches(_folded(name), names, n=3)]
    own = f", and your own: {', '.join(_own)}" if _own else ""
    hint = (
        f"did you mean {' or '.join(map(repr, close))}?" if close else f"see nl.activations(){own}"
    )
    message = f"get: there is no activation named {name!r}; {hint}"
    raise ValueError(message)


def _folded(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


def register(
    name: str,
    forward: Callable[..., Any],
    derivative: Callable[..., Any],
    *,
    overwrite: bool = False,
) -> Registered:
    """Make a function of your own available by name; `activations` lists the built-in ones only.

    Parameters
    ----------
    name : str
        An identifier that no built-in activation and no alias has.
    forward, derivative : callable
        f and f', elementwise: both take an array and return one of the same shape, f' also a
        number. Lambdas do not pickle, nor does what is registered with them; functions made with
        def in a module do.
    overwrite : bool, default False
        Replace an earlier registration of this name. Built-in names cannot be replaced.

    Returns
    -------
    Registered
        Callable like the built-in activations, with ``derivative``, ``backward``,
        ``value_and_derivative``, ``name`` and (empty) ``parameters``.

    Raises
    ------
    ValueError
        If the name is taken or is not an identifier.
    TypeError
        If the name is not text, or a function is not callable.

    Examples
    --------
    >>> import nonlin as nl
    >>> cube = nl.register("cube", lambda x: x**3, lambda x: 3 * x**2, overwrite=True)
    >>> nl.get("cube").backward(1.0, 2.0)
    np.float64(12.0)
    """
    if not isinstance(name, str):
        message = f"register: name must be text, not {type(name).__name__}"
        raise TypeError(message)
    if not name.isidentifier() or keyword.iskeyword(name):
        message = f"register: {name!r} is not an identifier; use letters, digits and underscores"
        raise ValueError(message)
    if name in _built_in:
        message = f"register: {name!r} is built in; choose another name"
        raise ValueError(message)
    if name in _own and not overwrite:
        message = f"register: {name!r} is registered already; pass overwrite=True to replace it"
        raise ValueError(message)
    for role, function in (("forward", forward), ("derivative", derivative)):
        if not callable(function):
            message = f"register: {role} must be callable, not {type(function).__name__}"
            raise TypeError(message)
    _own[name] = Registered(name, forward, derivative)
    return _own[name]
