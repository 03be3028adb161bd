"""The C++ programs of tests/cuda, which CTest runs too: kernels on the simulated device."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from laws.builds import Build

HERE = Path(__file__).parent
OTHERS = {"large", "simulated_speed"}  # those take minutes, or measure the simulation
NAMES = sorted({path.stem for path in HERE.glob("*.cpp")} - OTHERS)


def test_all_programs_are_built() -> None:
    listed = (HERE / "CMakeLists.txt").read_text()
    for name in NAMES:
        assert f" {name}" in listed, name


@pytest.mark.parametrize("name", NAMES)
def test_program(configured: Build, name: str) -> None:
    configured.make(f"test_cuda_{name}")
    program = configured.folder / f"tests/cuda/test_cuda_{name}"
    done = subprocess.run([program], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stderr[-3000:]}"
