"""The core builds by itself: without Python, and quietly where Python is broken (law 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laws.builds import Build, run, tool

if TYPE_CHECKING:
    from pathlib import Path

USER = """
#include <cstdio>
#include <nonlin/core.h>
int main() {
    float x[3] = {-1, 0, 2}, y[3];
    char* args[] = {reinterpret_cast<char*>(x), reinterpret_cast<char*>(y)};
    const std::ptrdiff_t steps[] = {4, 4};
    for (std::size_t i = 0; i < nonlin::activations().count; ++i) {
        const nonlin::Activation& a = nonlin::activations().first[i];
        if (a.name[0] != 'r' || a.name[3] != 'u' || a.name[4] != 0) continue;
        nonlin::run(i, nonlin::Direction::value, nonlin::Dtype::float32, args, steps, 3);
        std::printf("%s %g %g %g", a.name, double(y[0]), double(y[1]), double(y[2]));
    }
}
"""


def test_configures_without_python(tmp_path: Path) -> None:
    nowhere = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=ON" for name in ("Python", "pybind11")]
    commands = Build(tmp_path / "build", *nowhere).commands()
    assert "run.cpp" in commands
    assert not [name for name, command in commands.items() if "python" in command.lower()]


def test_a_program_needs_two_include_folders_and_one_library(
    release: Build, tmp_path: Path
) -> None:
    source, program = tmp_path / "user.cpp", tmp_path / "user"
    source.write_text(USER)
    archive = next(release.folder.rglob("libnonlin_core.a"))
    run(
        tool("g++"), "-std=c++17", "-Isrc", "-Icpp/include", str(source), str(archive), "-pthread",
        "-o", str(program),
    )  # fmt: skip
    assert run(str(program)) == "relu 0 0 2"
    assert "python" not in run(tool("ldd"), str(program)).lower()
