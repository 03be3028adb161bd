"""What nvcc makes of the kernels: only IEEE operations, and as they are written (decision 2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from laws.builds import run, tool
from laws.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# The flags that decide about results, as the build gives them.
BUILD = (ROOT / "cuda/CMakeLists.txt").read_text()
FLAGS = re.findall(r"--?(?:fmad|prec-div|prec-sqrt|ftz)=\w+", BUILD)
COMMAND = [
    "-std=c++17", "-ptx", "-arch=compute_90", *FLAGS,
    f"-I{ROOT / 'src'}", f"-I{ROOT / 'cuda'}", f"-I{ROOT / 'cuda/include'}",
]  # fmt: skip
INEXACT = re.compile(r"[.](ftz|approx|full)\b|\b(ex2|lg2|sin|cos|tanh)[.]")

CONTRACTIBLE = """
__global__ void f(float* x, double* y) {
    x[0] = x[1] * x[2] + x[3];
    y[0] = y[1] * y[2] + y[3];
}
"""


def ptx(source: Path, folder: Path) -> str:
    to = folder / "code.ptx"
    run(tool("nvcc"), *COMMAND, "-o", str(to), str(source))
    return to.read_text()


def test_nothing_is_contracted(tmp_path: Path) -> None:
    source = tmp_path / "contractible.cu"
    source.write_text(CONTRACTIBLE)
    assert len(FLAGS) == 4
    code = ptx(source, tmp_path)
    assert "fma" not in code
    assert len(re.findall(r"\b(mul|add)(\.rn)?\.f(32|64)", code)) == 4


# Every formula of elements in its lanes, and rows of float32. tests/cuda/sass.py looks at all
# files, and takes its time.
@pytest.mark.parametrize("name", ["elementwise_float32", "elementwise_float64", "rows_float32"])
def test_operations_are_exact(name: str, tmp_path: Path) -> None:
    code = ptx(ROOT / f"cuda/{name}.cu", tmp_path)
    assert code.count(".entry") > 25
    assert not INEXACT.findall(code)
    for operation in (r"fma\.rn\.f64", r"(div|rcp)\.rn\.f64", r"sqrt\.rn\.f64"):
        assert re.search(rf"\b{operation}", code), operation
