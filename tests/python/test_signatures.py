"""Signatures, docstrings and type stubs, of every function."""

from __future__ import annotations

import ast
import doctest
import importlib.util
import inspect
import itertools
import re
import subprocess
import sys
import tomllib
import traceback
from pathlib import Path

import pytest
from api import ALL, every_activation, every_function, function, qualified

import nonlin as nl
from nonlin import _backend, registry

OPTIONS = "out=None, where=True, casting='same_kind', order='K', dtype=None, subok=True"
SECTIONS = ("Parameters", "Returns", "Raises", "Notes", "References", "Examples")
PACKAGE = Path(nl.__file__).parent
STUBS = PACKAGE / "functions.pyi"


def expected_signature(name: str, direction: str) -> str:
    arrays = "grad_output, x" if direction == "backward" else "x"
    defaults = "".join(f", {p}={v}" for p, v in function(name, "value").parameters.items())
    extra = "approximate='none', " if name == "gelu" else ""
    return f"({arrays}{defaults}, *, {extra}{OPTIONS})"


@every_function
def test_signature(name: str, direction: str) -> None:
    call = function(name, direction)
    assert str(inspect.signature(call)) == expected_signature(name, direction)
    assert inspect.isfunction(call)
    assert call.__qualname__ == qualified(name, direction)
    assert call.__module__ == "nonlin"


def test_signature_in_words() -> None:
    assert str(inspect.signature(nl.elu)) == f"(x, alpha=1.0, *, {OPTIONS})"


@every_activation
def test_parameters(name: str) -> None:
    parameters = function(name, "value").parameters
    assert all(type(default) is float for default in parameters.values())
    with pytest.raises(TypeError):
        parameters["new"] = 1.0


@every_activation
def test_the_table_says_everything(name: str) -> None:
    about = next(a for a in _backend.catalogue() if a.name == name)
    for text in (about.summary, about.value, about.derivative, about.range, about.kinks):
        assert text
    assert about.source
    assert about.summary.endswith(".")


@every_function
def test_docstring(name: str, direction: str) -> None:
    call = function(name, direction)
    doc = call.__doc__
    lines = doc.splitlines()
    headings = [line for line, rule in itertools.pairwise(lines) if rule[:3] == "---"]
    assert headings == list(SECTIONS)
    for parameter in function(name, "value").parameters:
        assert f"\n{parameter} : float or array_like, default " in doc
    assert all(text in doc for text in ("float16", "shape", "TypeError", "ValueError"))
    assert all(len(line) <= 100 for line in lines[4:-6])
    assert f">>> {'for part in ' * (name in doc and 'for part' in doc)}nl.{name}" in doc


@every_function
def test_docstring_example(name: str, direction: str) -> None:
    test = doctest.DocTestParser().get_doctest(
        function(name, direction).__doc__, {}, qualified(name, direction), None, None
    )
    assert test.examples
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def test_other_docstring_examples() -> None:
    assert doctest.testmod(registry).failed == 0
    registry._own.pop("cube")


def test_traceback_shows_the_function() -> None:
    with pytest.raises(ValueError, match="alpha") as caught:
        nl.celu.derivative(1.0, alpha=-1.0)
    text = "".join(traceback.format_exception(caught.value))
    assert "in celu.derivative" in text
    assert "alpha = alpha_values[alpha]" in text


def test_everything_public_is_listed() -> None:
    assert sorted(set(nl.__all__)) == sorted(nl.__all__)
    assert all(hasattr(nl, name) for name in nl.__all__)
    assert set(nl.activations()) <= set(nl.__all__)


def test_version() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert nl.__version__ == project["version"]


def test_stubs_list_every_function() -> None:
    tree = ast.parse(STUBS.read_text())
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    variables = {n.target.id for n in tree.body if isinstance(n, ast.AnnAssign)}  # type: ignore[union-attr]
    assert variables == set(nl.activations())
    for name, direction in ALL:
        methods = {m.name: m for m in classes[f"_{name}"].body if isinstance(m, ast.FunctionDef)}
        stub = methods["__call__" if direction == "value" else direction].args
        real = inspect.signature(function(name, direction))
        assert [a.arg for a in stub.args[1:] + stub.kwonlyargs] == list(real.parameters)
        for argument, default in zip(stub.args[::-1], stub.defaults[::-1], strict=False):
            value = ast.literal_eval(default)
            assert value in (..., real.parameters[argument.arg].default)


ACCEPTED = """\
from typing import Any
import numpy as np
import nonlin as nl
x = np.ones(3, np.float32)
a: Any = nl.elu(x, alpha=0.5)
b: Any = nl.gelu.derivative(x, out=x, where=x > 0)
c, d = nl.prelu.backward(x, x, negative_slope=np.ones(3))
e, f = nl.silu.value_and_derivative([1, 2], dtype=np.float64)
g: np.ufunc = nl.gelu.ufunc
h: float = nl.elu.parameters["alpha"]
i: Any = nl.get("relu").backward(x, x)
j: Any = nl.gelu(x, approximate="tanh")
k: list[str] = nl.activations()
l: Any = nl.register("mine", np.square, lambda x: 2 * x).derivative(x)
m: str = nl.__version__ + nl.isa()
n: Any = nl.functions.relu(x)
o: np.ndarray[Any, Any] = nl.get(np.tanh)(x)
from nonlin.layers import Dense, GELU, LeakyReLU, PReLU, SwiGLU
q: list[nl.layers.Layer] = [Dense(4, "gelu"), GELU(), LeakyReLU(0.2), PReLU(), SwiGLU(axis=-1)]
for function in {"a": nl.relu, "b": nl.elu, "c": nl.prelu}.values():
    p: Any = function(x), function.derivative(x), function.backward(x, x, dtype=np.float32)
"""
REFUSED = """\
import nonlin as nl
nl.elu(1.0, beta=1.0)
nl.gelu(1.0, approximate="erf")
nl.relu(1.0, 2.0)
nl.relux(1.0)
nl.elu(1.0, casting="some")
"""


needs_mypy = pytest.mark.skipif(
    importlib.util.find_spec("mypy") is None, reason="mypy is not installed"
)


def mypy(folder: Path, source: str) -> str:
    """What mypy says of a user's program."""
    (folder / "user.py").write_text(source)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "user.py"]
    environment = {"MYPYPATH": str(PACKAGE.parent)} if "site-packages" not in str(PACKAGE) else {}
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=environment or None,
    ).stdout


@needs_mypy
def test_stubs_in_mypy(tmp_path: Path) -> None:
    assert "Success" in mypy(tmp_path, ACCEPTED)
    assert f"Found {len(REFUSED.splitlines()) - 1} errors" in mypy(tmp_path, REFUSED)


@needs_mypy
def test_the_code_of_the_readme_in_mypy(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    for block in re.findall(r"```python\n(.*?)```", readme, re.DOTALL):
        said = mypy(tmp_path, block)
        assert "Success" in said, said


@every_activation
def test_ufunc_docs(name: str) -> None:
    about = next(a for a in _backend.catalogue() if a.name == name)
    assert f"f(x) = {about.value}" in function(name, "value").ufunc.__doc__
    for direction in _backend.directions[1:]:
        assert about.derivative in str(_backend.ufunc(name, direction).__doc__)
