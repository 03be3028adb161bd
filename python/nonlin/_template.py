"""The public functions: one Python frame between the caller and the ufunc.

Source is generated, as dataclasses does, because a function needs the names of its parameters.
Only the names: everything else comes through the closure, so functions with the same parameters
share one code object, and importing compiles about 30 of them instead of 176.
"""

from __future__ import annotations

import functools
import inspect
import linecache
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _backend
from ._errors import explain, one_of
from ._parameters import Values, in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FunctionType

    from ._core import Activation

# What **options stands for. Taking keywords as one dictionary is faster than naming them, and
# passes on only what the caller gave.
_APPROXIMATE = inspect.Parameter("approximate", inspect.Parameter.KEYWORD_ONLY, default="none")
_OPTIONS = [
    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
    for name, default in (
        ("out", None),
        ("where", True),
        ("casting", "same_kind"),
        ("order", "K"),
        ("dtype", None),
        ("subok", True),
    )
]

_PARAMETER = """\
        if {p} is {p}_default:
            {p} = {p}_array
        elif {p}.__class__ is float:
            {p} = {p}_values[{p}]
        else:
            {p} = {p}_values.accept({p})
"""
_ORDERED = """\
        if {changed}:
            in_order(name, {names!r}, {arguments})
"""
_BODY = """\
def make(name, ufunc, choose, ndarray, route, explain, in_order, {closure}):
    def function({signature}**options):
{parameters}        kernel = {kernel}
        run = kernel if {here} else route(kernel, {routed})
        try:
            if options:
                return run({arguments}, **options)
            return run({arguments})
        except TypeError:
            explain(name, {{{named}}}, options)
            raise
    return function
"""


def make_function(
    activation: Activation,
    direction: str,
    choices: Mapping[str, np.ufunc] | None = None,
) -> Any:
    """Make the public function of one activation in one direction.

    `choices`, if given, are what the keyword ``approximate`` may select.
    """
    arrays = ("grad_output", "x") if direction == "backward" else ("x",)
    name = activation.name if direction == "value" else f"{activation.name}.{direction}"
    names = tuple(p.name for p in activation.parameters)
    factory = _factory(arrays, names, activation.ordered, choices is not None)
    closure: dict[str, Any] = {}
    for parameter in activation.parameters:
        values = Values(name, parameter)
        closure[f"{parameter.name}_default"] = parameter.default
        closure[f"{parameter.name}_array"] = values[parameter.default]
        closure[f"{parameter.name}_values"] = values
    function: Any = factory(
        name=name,
        ufunc=_backend.ufunc(activation.name, direction),
        choose=functools.partial(choose, name, choices or {}),
        ndarray=np.ndarray,
        route=_backend.route,
        explain=explain,
        in_order=in_order,
        **closure,
    )
    function.__signature__ = _signature(arrays, activation, choices is not None)
    return function


def choose(function: str, choices: Mapping[str, np.ufunc], options: dict[str, Any]) -> np.ufunc:
    """Take ``approximate`` out of the options, and return the ufunc that it selects."""
    chosen = options.pop("approximate", "none")
    one_of(function, "approximate", chosen, choices)
    return choices[chosen]


def _signature(arrays: tuple[str, ...], activation: Activation, chooses: bool) -> inspect.Signature:
    kind = inspect.Parameter
    items = [kind(name, kind.POSITIONAL_OR_KEYWORD) for name in arrays]
    items += [
        kind(p.name, kind.POSITIONAL_OR_KEYWORD, default=p.default) for p in activation.parameters
    ]
    options = [_APPROXIMATE, *_OPTIONS] if chooses else _OPTIONS
    return inspect.Signature([*items, *options])


@functools.cache
def _factory(
    arrays: tuple[str, ...], parameters: tuple[str, ...], ordered: bool, chooses: bool
) -> Callable[..., FunctionType]:
    arguments = (*arrays, *parameters)
    body = ""
    if ordered:
        changed = " or ".join(f"{p} is not {p}_default" for p in parameters)
        body += _ORDERED.format(names=parameters, changed=changed, arguments=", ".join(parameters))
    body += "".join(_PARAMETER.format(p=p) for p in parameters)
    signature = "".join(f"{name}, " for name in arrays)
    signature += "".join(f"{p}={p}_default, " for p in parameters)
    source = _BODY.format(
        closure=", ".join(
            f"{p}_{what}" for p in parameters for what in ("default", "array", "values")
        ),
        signature=signature,
        parameters=body,
        kernel="choose(options) if options else ufunc" if chooses else "ufunc",
        here=" and ".join(f"{name}.__class__ is ndarray" for name in arrays),
        routed=", ".join(f"{name}={name}" for name in arguments),
        arguments=", ".join(arguments),
        named=", ".join(f'"{name}": {name}' for name in arguments),
    )
    filename = f"<nonlin function of {', '.join(arguments)}{' approximate' * chooses}>"
    # Without this, tracebacks and debuggers could not show the lines.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {}
    exec(compile(source, filename, "exec"), namespace)  # noqa: S102
    return namespace["make"]  # type: ignore[no-any-return]
