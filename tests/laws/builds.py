"""Builds of the core in a temporary folder, and what binutils say about its object files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from laws.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ISAS = ("scalar", "avx2", "avx512")


def tool(name: str) -> str:
    """The path of a program without which there is nothing to test."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str) -> str:
    environment = {**os.environ, "LC_ALL": "C", "CCACHE_NOHASHDIR": "1"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


@dataclass(frozen=True)
class Symbol:
    """A line of nm."""

    name: str
    kind: str

    @property
    def defined(self) -> bool:
        return self.kind not in "Uwv"

    @property
    def shared(self) -> bool:
        """Whether the linker sees it beyond its file: global, weak or unique."""
        return self.defined and (self.kind.isupper() or self.kind == "u")


def symbols(binary: Path, *options: str) -> list[Symbol]:
    lines = run(tool("nm"), "-C", "-P", *options, str(binary)).splitlines()
    found = [re.fullmatch(r"(.*?) ([A-Za-z])(?: [0-9a-f]+)*\s*", line) for line in lines]
    return [Symbol(m[1], m[2]) for m in found if m]


def sections(binary: Path) -> str:
    return run(tool("readelf"), "-SW", str(binary))


# An instruction's bytes: prefixes that may stand before VEX (C4, C5) and EVEX (62).
VECTOR_ENCODED = re.compile(r"\s*[0-9a-f]+:\s(?:(?:26|2e|36|3e|64|65|67) )*(?:c4|c5|62) ")
FUNCTION = re.compile(r"[0-9a-f]+ <(.*)>:$")


def functions_with_vector_encoding(binary: Path) -> Iterator[str]:
    """Names of the functions that hold an instruction a CPU without AVX does not know."""
    name, last = "?", None
    command = [tool("objdump"), "-d", "-C", "--wide", str(binary)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if found := FUNCTION.match(line):
                name = found[1]
            elif name != last and VECTOR_ENCODED.match(line):
                last = name
                yield name
    assert process.returncode == 0


class Build:
    """The core, compiled with the flags that CMake gives it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        generator = ["-G", "Ninja"] if shutil.which("ninja") else []
        cache = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
        run(
            tool("cmake"), "-S", str(ROOT), "-B", str(folder), *generator, *cache,
            # By the name that pip's build gives it: then ccache knows the objects.
            f"-DCMAKE_CXX_COMPILER={tool('g++')}",
            "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", "-DNONLIN_PYTHON=OFF", *options,
        )  # fmt: skip

    def make(self, target: str = "nonlin_core") -> None:
        run(tool("cmake"), "--build", str(self.folder), "--target", target, "-j2")

    def commands(self) -> dict[str, str]:
        """Source file name: the command that compiles it, of the core's sources."""
        entries = json.loads((self.folder / "compile_commands.json").read_text())
        return {
            entry["file"].rpartition("/")[2]: entry["command"]
            for entry in entries
            if "/nonlin_core.dir/" in entry["command"]
        }

    def objects(self) -> dict[str, Path]:
        """Source file name: its object file, of the core's sources."""
        folder = self.folder / "cpp/CMakeFiles/nonlin_core.dir"
        return {p.name.removesuffix(".o"): p for p in folder.rglob("*.cpp.o")}
