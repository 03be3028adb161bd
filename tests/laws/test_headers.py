"""Every header of src/ compiles alone, with every compiler at hand (law 1)."""

from __future__ import annotations

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from laws.repository import ROOT, files

if TYPE_CHECKING:
    from pathlib import Path

STANDARD = ["-std=c++17", "-I", str(ROOT / "src")]
WARNINGS = ["-Wall", "-Wextra", "-Wshadow", "-Wpedantic", "-Wconversion", "-Werror"]
COMPILERS = {
    "g++": ["g++", *STANDARD, *WARNINGS, "-fsyntax-only", "-x", "c++"],
    "clang++": ["clang++", *STANDARD, *WARNINGS, "-fsyntax-only", "-x", "c++"],
    "nvcc": ["nvcc", *STANDARD, "-ptx", "-o", "/dev/null", "-x", "cu"],
}

# Every value and derivative, called with one float64 lane; from a kernel where there are kernels.
INSTANTIATION = """
#include <nonlin/elementwise.h>
#include <nonlin/scalar.h>
#ifdef __CUDACC__
#define KERNEL __global__
#else
#define KERNEL
#endif
using V = nonlin::scalar::f64;
template <class F> KERNEL void both(const double* x, double* y) {
    const V v = V::load(x), p(1.0);
    constexpr int n = F::parameters.count;
    if constexpr (n == 0) { F::value(v).store(y); F::derivative(v).store(y); }
    if constexpr (n == 1) { F::value(v, p).store(y); F::derivative(v, p).store(y); }
    if constexpr (n == 2) { F::value(v, p, p).store(y); F::derivative(v, p, p).store(y); }
    if constexpr (n == 3) { F::value(v, p, p, p).store(y); F::derivative(v, p, p, p).store(y); }
}
#define ROW(name, ...) template KERNEL void both<nonlin::name>(const double*, double*);
NONLIN_ELEMENTWISE(ROW)
"""


def compiler(name: str) -> list[str]:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return COMPILERS[name]


def output_of(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr or f"exit status {done.returncode}"


@pytest.mark.parametrize("name", COMPILERS)
def test_each_header_alone(name: str, tmp_path: Path) -> None:
    command = compiler(name)
    commands = []
    for number, header in enumerate(files("src")):
        source = tmp_path / f"{number}.cpp"
        source.write_text(f"#include <{header.relative_to(ROOT / 'src')}>\n")
        commands.append([*command, str(source)])
    with ThreadPoolExecutor(2) as pool:
        errors = [error for error in pool.map(output_of, commands) if error]
    assert not errors, errors[0]


@pytest.mark.parametrize("name", ["g++", "clang++"])
def test_formulas_on_one_lane(name: str, tmp_path: Path) -> None:
    source = tmp_path / "all.cpp"
    source.write_text(INSTANTIATION)
    error = output_of([*compiler(name), "-I", str(ROOT / "cpp"), str(source)])
    assert not error, error


def test_formulas_in_device_code(tmp_path: Path) -> None:
    source = tmp_path / "all.cu"
    source.write_text(INSTANTIATION)
    command = [*compiler("nvcc"), "-arch=sm_80", "--fmad=false", "-I", str(ROOT / "cpp")]
    error = output_of([*command, str(source)])
    assert not error, error
