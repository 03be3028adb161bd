"""What is linked from the core: the Python module, and a shared library of everything (law 5)."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from laws.builds import functions_with_vector_encoding, run, sections, symbols, tool

if TYPE_CHECKING:
    from laws.builds import Build

# Some names are too long for the demangler.
OWN = re.compile(r"nonlin::(avx2|avx512)::|6nonlin(4avx2|6avx512)")

# Loads a library and computes with subnormal numbers, here and in a new thread.
LOADING = """
import ctypes, sys, threading
def keeps(): results.append(5e-324 * 1.0 != 0 and 2.3e-308 / 2 != 0)
results = []
ctypes.CDLL(sys.argv[1])
keeps()
thread = threading.Thread(target=keeps); thread.start(); thread.join()
sys.exit(results != [True, True])
"""


@pytest.fixture(scope="module")
def library(release: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything of the core in a shared library, where the linker has chosen."""
    archive = next(release.folder.rglob("libnonlin_core.a"))
    shared = tmp_path_factory.mktemp("shared") / "libnonlin_core.so"
    run(
        tool("g++"), "-shared", "-o", str(shared), "-Wl,--whole-archive", str(archive),
        "-Wl,--no-whole-archive", "-pthread",
    )  # fmt: skip
    return shared


@pytest.fixture(scope="module")
def module() -> Path:
    """The compiled module of the installed package."""
    package = importlib.util.find_spec("nonlin")
    if package is None or package.origin is None:
        pytest.skip("the package is not installed")
    found = list(Path(package.origin).parent.glob("_core*.so"))
    if not found:
        pytest.skip("the package has no compiled module of this platform")
    return found[0]


@pytest.fixture(scope="module")
def packaged(module: Path) -> Path:
    """The library that the installed module uses."""
    return module.parent / "lib/libnonlin.so"


@pytest.fixture(params=["library", "packaged"])
def binary(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def test_vector_instructions_stay_in_their_namespaces(binary: Path) -> None:
    if ".symtab" not in sections(binary):
        pytest.skip("stripped: functions have no names")
    found = set(functions_with_vector_encoding(binary))
    assert found
    assert {f for f in found if not OWN.search(f)} == set()


def test_loading_keeps_subnormal_numbers(binary: Path) -> None:
    subprocess.run([sys.executable, "-c", LOADING, str(binary)], check=True)


def test_the_module_has_no_vector_instruction(module: Path) -> None:
    assert not list(functions_with_vector_encoding(module))


def test_the_module_finds_its_library_beside_itself(module: Path) -> None:
    found = run(tool("readelf"), "-d", str(module))
    assert "[libnonlin.so]" in found
    assert "$ORIGIN/lib]" in found


def test_no_start_code_of_fast_math(binary: Path) -> None:
    assert not [s.name for s in symbols(binary) if re.search("set_fast_math|crtfast", s.name)]


INTERFACE = re.compile(
    r"nonlin_\w+(\(\))?|nonlin::(run(_biased|_gated|_map|_rows)?|sum_around|activations|gated_units"
    r"|row_functions|(available_isas|isa|set_isa)|isa_error|(set_)?num_threads|num_threads_error)\(.*"
)


def test_the_library_exports_its_interface_alone(packaged: Path) -> None:
    exported = {s.name for s in symbols(packaged, "-D") if s.shared}
    assert len(exported) > 400
    assert {s for s in exported if not INTERFACE.fullmatch(s)} == set()


def test_the_module_exports_one_function(module: Path) -> None:
    exported = {s.name for s in symbols(module, "-D") if s.shared}
    assert {s for s in exported if not s.startswith(("_init", "_fini"))} == {"PyInit__core"}
