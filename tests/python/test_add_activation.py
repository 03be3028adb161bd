"""CONTRIBUTING's example, followed to the letter: three files make a new activation everywhere.

A copy of the tree gets add_activation.patch, is built and installed beside this nonlin, and must
then know the new function wherever nonlin knows its functions.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATCH = Path(__file__).with_name("add_activation.patch")
NEW = "cloglog"
FILES = [
    f"src/nonlin/elementwise/{NEW}.h",
    "src/nonlin/elementwise.h",
    "tests/reference/oracle.py",
]


def added_lines() -> list[str]:
    lines = PATCH.read_text().splitlines()
    return [line[1:] for line in lines if line.startswith("+") and not line.startswith("+++")]


def patched_files() -> list[str]:
    lines = PATCH.read_text().splitlines()
    return [line.removeprefix("+++ b/") for line in lines if line.startswith("+++ ")]


def test_three_files_and_only_additions() -> None:
    assert sorted(patched_files()) == sorted(FILES)
    removed = [line for line in PATCH.read_text().splitlines() if line.startswith("-")]
    assert all(line.startswith("--- ") for line in removed)


def test_contributing_shows_every_line() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    shown = {line.strip() for line in text.splitlines()}
    missing = [line for line in added_lines() if line.strip() not in shown]
    assert not missing


@dataclass(frozen=True)
class Installed:
    """The patched tree, and the folder in which its package is installed."""

    tree: Path
    site: Path

    def run(self, *command: str) -> str:
        """Run Python with the new package; return what it prints."""
        environment = os.environ | {"PYTHONPATH": str(self.site), "PYTHONDONTWRITEBYTECODE": "1"}
        return checked([sys.executable, *command], cwd=self.tree, environment=environment)


def checked(command: list[str], cwd: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def copy_of_the_tree(folder: Path) -> Path:
    """Copy what git knows or would add; without a repository, everything but build results."""
    tree = folder / "tree"
    if (ROOT / ".git").exists():
        listing = checked(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT)
        for name in filter(None, listing.split("\0")):
            if (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, tree / name)
    else:
        ignored = shutil.ignore_patterns("build", "dist", ".*cache", ".venv", "__pycache__")
        shutil.copytree(ROOT, tree, ignore=ignored)
    return tree


def isolation() -> list[str]:
    """Use the build tools that are here; if one is missing, pip brings all of them."""
    modules = ("scikit_build_core", "pybind11", "numpy", "Cython")
    here = all(importlib.util.find_spec(module) for module in modules) and all(
        shutil.which(tool) or importlib.util.find_spec(tool) for tool in ("cmake", "ninja")
    )
    return ["--no-build-isolation"] if here else []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    if not shutil.which("git") or not importlib.util.find_spec("pip"):
        pytest.skip("needs git to apply the patch and pip to install")
    folder = tmp_path_factory.mktemp("new_activation")
    tree, site = copy_of_the_tree(folder), folder / "site"
    # git would find a repository around a temporary folder, and then apply nothing.
    nowhere = os.environ | {"GIT_CEILING_DIRECTORIES": str(folder)}
    checked(["git", "apply", "--whitespace=error", str(PATCH)], cwd=tree, environment=nowhere)
    # Compiled without optimisation, in a fraction of the time: the results are the same.
    flags = "-O0 -Dalways_inline=unused"
    environment = os.environ | {"CMAKE_BUILD_PARALLEL_LEVEL": "2", "CXXFLAGS": flags}
    environment.pop("PYTHONPATH", None)
    if shutil.which("ccache"):
        environment |= {
            "CMAKE_CXX_COMPILER_LAUNCHER": "ccache",
            "CCACHE_BASEDIR": str(folder),
            "CCACHE_NOHASHDIR": "1",
        }
    install = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
    where = ["--target", str(site), "--config-settings", "build-dir=build"]
    where += ["--config-settings", "cmake.build-type=None"]
    checked([*install, *isolation(), *where, "."], cwd=tree, environment=environment)
    return Installed(tree, site)


PROGRAM = """
import inspect
import numpy as np
import nonlin as nl

print(nl.__file__)
assert "{new}" in nl.activations()
f = nl.{new}
assert f is nl.get("{new}") is nl.get("complementary_log_log") is nl.functions.{new}
assert isinstance(f.ufunc, np.ufunc)
x = np.linspace(-5, 2, 99, dtype=np.float32)
y, slope = f.value_and_derivative(x)
assert y.dtype == slope.dtype == np.float32
np.testing.assert_allclose(y, 1 - np.exp(-np.exp(x.astype(float))), rtol=1e-6)
np.testing.assert_array_equal(f(x), y)
np.testing.assert_array_equal(f.derivative(x), slope)
np.testing.assert_array_equal(f.backward(2 * np.ones_like(x), x), 2 * slope)
assert str(inspect.signature(f)).startswith("(x, *, out=None, ")
for function in (f, f.derivative, f.backward, f.value_and_derivative):
    assert "f(x) = 1 - exp(-exp(x))" in function.__doc__
assert "{new}" in f.ufunc.__doc__ or "1 - exp(-exp(x))" in f.ufunc.__doc__
"""


@pytest.mark.slow
def test_functions(installed: Installed) -> None:
    printed = installed.run("-c", PROGRAM.format(new=NEW))
    assert Path(printed.strip()).is_relative_to(installed.site)


@pytest.mark.slow
def test_stub(installed: Installed) -> None:
    stub = (installed.site / "nonlin" / "functions.pyi").read_text()
    assert f"\n{NEW}: _{NEW}\n" in stub


@pytest.mark.slow
def test_documentation(installed: Installed, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    installed.run("docs/activations.py", "--output", str(page))
    assert f"\n## {NEW}\n" in page.read_text()


@pytest.mark.slow
def test_benchmark(installed: Installed) -> None:
    printed = installed.run("benchmarks/elementwise.py", "--sizes", "100", "--seconds", "0")
    assert f"\n{NEW} " in printed


@pytest.mark.slow
def test_tests_find_it_and_pass(installed: Installed) -> None:
    """Its accuracy against the oracle entry, and all else that is tested of every activation."""
    options = ["-q", "-p", "no:cacheprovider", "--color=no", "-k", NEW]
    last = installed.run("-m", "pytest", *options, "tests").splitlines()[-1]
    passed = int(last.split(" passed")[0])
    assert passed > 50, last
    assert "failed" not in last
