"""Imports point one way, and importing the package imports little."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nonlin as nl

PACKAGE = Path(nl.__file__).parent

# From the outside in: a module may import only from lines below its own.
LAYERS = [
    ["__main__"],
    ["__init__"],
    ["inspection", "native"],
    ["models"],
    ["layers", "plotting", "metrics", "optimizers"],
    ["fused"],
    ["registry", "gated", "losses", "functions", "maxima"],
    ["rowwise"],
    ["_activations"],
    ["_docs", "_targets"],
    ["_special"],
    ["_rows", "_template"],
    ["_parameters", "_errors", "_public"],
    ["_gpu"],
    ["_backend"],
    ["_dtypes", "_namespace"],
    ["_core", "_cuda"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
MODULES = sorted(PACKAGE.rglob("*.py"))


def unit(path: Path) -> str:
    """The name by which LAYERS knows a file: that of its top module or folder."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imported(tree: ast.AST, level: int = 1) -> set[str]:
    """The modules that a file imports when it runs, `level` folders up."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if type_checking(node):
            continue
        if isinstance(node, ast.ImportFrom) and 0 < node.level != level:
            continue
        if isinstance(node, ast.ImportFrom) and node.level:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found.update(name.split(".")[0] for name in names)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names = [alias.name for alias in node.names]
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "nonlin" for name in names), "import relatively"
        found |= imported(node, level)
    return found


@pytest.mark.parametrize("path", MODULES, ids=[str(m.relative_to(PACKAGE)) for m in MODULES])
def test_imports_point_one_way(path: Path) -> None:
    own = unit(path)
    assert own in RANK, "give the new module its place in LAYERS"
    level = len(path.relative_to(PACKAGE).parts)
    for other in imported(ast.parse(path.read_text()), level):
        assert RANK[other] > RANK[own], f"{own} must not import {other}"


@pytest.mark.parametrize("path", MODULES, ids=[str(m.relative_to(PACKAGE)) for m in MODULES])
def test_only_the_backend_knows_the_compiled_modules(path: Path) -> None:
    compiled = imported(ast.parse(path.read_text())) & {"_core", "_cuda"}
    assert compiled <= {"_backend": {"_core"}, "_gpu": {"_cuda"}}.get(unit(path), set())


def test_import_brings_only_numpy() -> None:
    code = (
        "import sys, numpy; before = set(sys.modules); import nonlin;"
        "print(*{m.split('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["nonlin"]


def test_import_without_docstrings() -> None:
    subprocess.run([sys.executable, "-OO", "-c", "import nonlin"], check=True)


def test_missing_extension_is_explained(tmp_path: Path) -> None:
    copy = tmp_path / "nonlin"
    copy.mkdir()
    for module in PACKAGE.glob("*.py"):
        (copy / module.name).write_text(module.read_text())
    done = subprocess.run(
        [sys.executable, "-c", "import nonlin"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "compiled module is missing. Install the package with `pip install .`" in done.stderr
