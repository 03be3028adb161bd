"""Where the package keeps what programs in other languages need, and what it says of itself."""

from __future__ import annotations

import re
import subprocess
import sys
from inspect import signature
from pathlib import Path

import pytest

import nonlin as nl
from nonlin import _core


def said(*options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "nonlin", *options], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_headers() -> None:
    header = Path(nl.get_include()) / "nonlin/nonlin.h"
    assert "nonlin_gelu_f32(const float* x, float* y, size_t n)" in header.read_text()
    assert said("--includes") == f"-I{nl.get_include()}\n"


def test_the_header_has_defaults_and_domains_of_python() -> None:
    header = (Path(nl.get_include()) / "nonlin/nonlin.h").read_text()
    declared = r"inline void (\w+)\(const float.*double temperature = (.+)\)"
    temperatures = re.findall(declared, header)
    assert len(temperatures) >= 4
    for name, default in temperatures:
        function, _, way = name.partition("_backward")
        owner = getattr(nl, function).backward if way else getattr(nl, function)
        assert signature(owner).parameters["temperature"].default == float(default)
    for activation in _core.catalogue():
        text = header.partition(f"void nonlin_{activation.name}_f32(")[0].rpartition("/*")[2]
        for parameter in activation.parameters:
            p = parameter
            found = re.search(rf"(\S+) (<=?) {p.name} (<=?) ([^ ,]+)", text)
            low, first, second, high = found.groups()
            assert (float(low), first == "<=") == (p.low, p.low_included)
            assert (float(high), second == "<=") == (p.high, p.high_included)


def test_cmake_package() -> None:
    folder = Path(nl.get_cmake_dir())
    assert (folder / "nonlinConfig.cmake").is_file()
    assert said("--cmakedir") == f"{folder}\n"


def test_in_an_editable_installation() -> None:
    """Python's files are where they are written, and what was compiled is in the environment."""
    program = """
import importlib.util, sys, nonlin
spec = importlib.util.spec_from_file_location("nonlin.elsewhere", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
assert module.get_include() == nonlin.get_include()
assert module.get_cmake_dir() == nonlin.get_cmake_dir()
"""
    copy = Path(__file__).parents[2] / "python/nonlin/native.py"
    subprocess.run([sys.executable, "-c", program, str(copy)], check=True)


def test_version() -> None:
    assert said("--version") == f"{nl.__version__}\n"


def test_info() -> None:
    facts = dict(re.fullmatch(r"(.+?)  +(.*)", line).groups() for line in said("info").splitlines())
    assert facts["nonlin"] == nl.__version__
    assert facts["in use"] == nl.isa()
    assert set(facts["available"].split(", ")) == set(nl.available_isas())
    assert set(nl.available_isas()) <= set(facts["compiled"].split(", "))
    assert "-ffp-contract=off" in facts["flags"]
    assert re.match(r"(GNU|Clang) \d", facts["compiler"])
    assert re.match(r"(not )?built", facts["CUDA"])


@pytest.mark.parametrize("options", [[], ["--includes", "--cmakedir"], ["no such"]])
def test_bad_options_are_explained(options: list[str]) -> None:
    assert "usage: python -m nonlin" in said(*options)
