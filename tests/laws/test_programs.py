"""The C++ programs of tests/cpp, which CTest runs too."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from laws.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from laws.builds import Build

LISTED = (ROOT / "tests/cpp/CMakeLists.txt").read_text()
NAMES = re.findall(r"^ *nonlin_test\((\w+)\)$", LISTED, re.MULTILINE)
SKIPPED = 77


@pytest.fixture(scope="session")
def programs(release: Build) -> Path:
    """The folder of the programs, linked with the core of the other tests."""
    release.make("test_programs")
    return release.folder / "tests/cpp"


def test_the_programs_are_found() -> None:
    sources = {path.stem for path in (ROOT / "tests/cpp").glob("*.cpp")}
    assert set(NAMES) == sources


@pytest.mark.parametrize("name", NAMES)
def test_program(programs: Path, name: str) -> None:
    program = programs / f"test_{name}"
    if name == "avx512_emulated" and not program.is_file():
        pytest.skip("SIMDe is not installed")
    choices = ("NONLIN_ISA", "NONLIN_NUM_THREADS")  # a program makes its own
    environment = {key: value for key, value in os.environ.items() if key not in choices}
    done = subprocess.run(
        [program], env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode == SKIPPED:
        pytest.skip(done.stderr.strip() or "the program cannot run here")
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stderr}"
