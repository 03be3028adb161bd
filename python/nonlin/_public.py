"""What makes functions public: names, a docstring, and members such as ``backward``."""

from __future__ import annotations

import inspect
from typing import Any

# What docstrings share, by the placeholder that stands for it.
WORDS = {
    "kept": """\
float16, bfloat16 (of ml_dtypes), float32 and float64 are kept; integers and booleans become
    floating point as in `numpy.exp`.""",
    "out": """\
out : ndarray, optional
    Array of the result's shape to write to.""",
    "unsupported": """\
TypeError
    If a dtype is not supported, or arrays live in several places.""",
}


def publish(name: str, function: Any, members: dict[str, Any], **words: Any) -> Any:
    """Give a function its members, and all of them their public names and complete docstrings.

    Placeholders in the docstrings stand for the `words`, the shared ones, and the `name`.
    """
    words = {**WORDS, **words, "name": name}
    for member, part in members.items():
        _dress(part, f"{name}.{member}", words)
        setattr(function, member, part)
    _dress(function, name, words)
    function.name = name
    return function


def _dress(function: Any, name: str, words: dict[str, Any]) -> None:
    function.__code__ = function.__code__.replace(co_name=name, co_qualname=name)
    function.__name__ = name.rpartition(".")[2]
    function.__qualname__ = name
    function.__module__ = "nonlin"
    if function.__doc__:  # python -OO leaves none
        function.__doc__ = inspect.cleandoc(function.__doc__).format(**words)
