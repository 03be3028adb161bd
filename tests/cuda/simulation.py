"""The compiled module of the CUDA backend, linked with kernels that run on the host."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import sysconfig
from typing import TYPE_CHECKING, Any

import pytest
from laws.builds import run, tool
from laws.repository import ROOT

if TYPE_CHECKING:
    from laws.builds import Build

NAMES = ("cuda_kernels", "cuda_module", "exchange", "overlap")
SOURCES = [ROOT / f"python/bindings/{name}.cpp" for name in NAMES]


def loaded(build: Build) -> Any:
    """Build the module beside its kernels, and load it."""
    pybind11 = pytest.importorskip("pybind11")
    folder = build.folder
    build.make("nonlin_cuda_on_host")
    libraries = [
        build.folder / f"tests/cuda/libnonlin_cuda_{name}.a" for name in ("on_host", "simulation")
    ]
    module = folder / f"_cuda{sysconfig.get_config_var('EXT_SUFFIX')}"
    cache = ["ccache"] if shutil.which("ccache") else []
    objects = []
    for source in SOURCES:
        objects.append(folder / f"{source.stem}.o")
        run(
            *cache, tool("g++"), "-std=c++17", "-O1", "-fPIC", "-fvisibility=hidden",
            f"-I{ROOT / 'tests/cuda/simulated'}", f"-I{ROOT / 'src'}",
            f"-I{ROOT / 'cuda/include'}", "-isystem", pybind11.get_include(),
            "-isystem", sysconfig.get_path("include"),
            "-c", str(source), "-o", str(objects[-1]),
        )  # fmt: skip
    run(tool("g++"), "-shared", "-o", str(module), *map(str, objects + libraries), "-lpthread")
    spec = importlib.util.spec_from_file_location("nonlin._cuda", module)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    sys.modules["nonlin._cuda"] = made
    return made
