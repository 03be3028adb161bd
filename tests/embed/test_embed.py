"""nonlin in other people's programs: a project outside of it, and what that may rely on."""

from __future__ import annotations

import math
import re
import shutil
import struct
import subprocess
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from laws.builds import run, symbols, tool
from laws.repository import ROOT

import nonlin as nl

if TYPE_CHECKING:
    from laws.builds import Build

HERE = Path(__file__).parent
PROGRAMS = ("functions", "c99", "formulas", "functors", "realtime", "digest")
COMPILERS = {"g++": "gcc", "clang++": "clang"}


@pytest.fixture(scope="session")
def prefix(release: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nonlin is installed."""
    for library in ("nonlin_shared", "nonlin_static"):
        release.make(library)
    folder = tmp_path_factory.mktemp("prefix")
    run(tool("cmake"), "--install", str(release.folder), "--prefix", str(folder))
    return folder


@pytest.fixture(scope="session")
def digest(release: Build) -> str:
    """What the library as it is released says in `digest`, the last of the programs."""
    release.make("test_digest")
    return run(str(release.folder / "tests/cpp/test_digest"))


def built(folder: Path, compiler: str, *options: str) -> Path:
    """Build the outside project."""
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    cache = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    run(
        tool("cmake"), "-S", str(HERE), "-B", str(folder), *generator, *cache,
        f"-DCMAKE_CXX_COMPILER={tool(compiler)}", f"-DCMAKE_C_COMPILER={tool(COMPILERS[compiler])}",
        "-DCMAKE_BUILD_TYPE=Release", *options,
    )  # fmt: skip
    run(tool("cmake"), "--build", str(folder), "-j2")
    return folder


def outputs(folder: Path) -> list[str]:
    """What the programs of the outside project print."""
    return [run(str(folder / name)) for name in PROGRAMS]


@pytest.mark.parametrize("shared", ["OFF", "ON"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_an_installed_nonlin(
    prefix: Path, tmp_path: Path, compiler: str, shared: str, digest: str
) -> None:
    options = [f"-DCMAKE_PREFIX_PATH={prefix}", f"-DBUILD_SHARED_LIBS={shared}"]
    folder = built(tmp_path, compiler, *options)
    assert outputs(folder)[-1] == digest
    wanted = re.search(r"\[(libnonlin.*)\]", run(tool("readelf"), "-d", str(folder / "c99")))
    assert wanted
    assert (folder / "shipped" / wanted[1]).is_file()
    linked = "libnonlin" in run(tool("ldd"), str(folder / "functions"))
    assert linked == (shared == "ON")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            "nothing HEADER wave.h FUNCTORS Wave",
            "nothing is no program or library that is compiled",
        ),
        ("program HEADER none.h FUNCTORS Wave", "there is no"),
        ("program HEADER wave.h", "HEADER and FUNCTORS are needed"),
        ("program HEADER wave.h FUNCTORS Wave TYPES half", "TYPES are float and double, not half"),
    ],
)
def test_mistakes_with_functors(prefix: Path, tmp_path: Path, given: str, words: str) -> None:
    shutil.copy(HERE / "wave.h", tmp_path)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.21)\nproject(mistaken LANGUAGES CXX)\n"
        f"find_package(nonlin CONFIG REQUIRED)\nadd_executable(program {HERE / 'functors.cpp'})\n"
        f"nonlin_add_functors({given})\n"
    )
    done = subprocess.run(
        [tool("cmake"), "-S", str(tmp_path), "-B", str(tmp_path / "build"),
         f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={tool('g++')}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert words in " ".join(done.stderr.split())


def test_no_system_call(prefix: Path, tmp_path: Path) -> None:
    """Between two system calls that the program makes itself."""
    folder = built(tmp_path, "g++", f"-DCMAKE_PREFIX_PATH={prefix}")
    log = tmp_path / "calls"
    run(tool("strace"), "-f", "-o", str(log), str(folder / "realtime"), "marked")
    calls = [line.split(maxsplit=1)[1] for line in log.read_text().splitlines()]
    marks = [i for i, call in enumerate(calls) if call.startswith("getppid")]
    assert len(marks) == 2
    assert marks[1] == marks[0] + 1, calls[marks[0] : marks[1] + 1]


def test_the_waveshaper(prefix: Path, tmp_path: Path) -> None:
    run(
        tool("cmake"), "-S", str(ROOT / "examples/waveshaper"), "-B", str(tmp_path),
        f"-DCMAKE_CXX_COMPILER={tool('g++')}", "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_PREFIX_PATH={prefix}",
    )  # fmt: skip
    run(tool("cmake"), "--build", str(tmp_path))
    samples = [int(20000 * math.sin(i / 20)) for i in range(1000)]
    with wave.open(str(tmp_path / "in.wav"), "wb") as file:
        file.setparams((2, 2, 44100, 0, "NONE", ""))
        file.writeframes(struct.pack("<1000h", *samples))
    sounds = [str(tmp_path / name) for name in ("in.wav", "out.wav")]
    printed = run(str(tmp_path / "waveshaper"), "tanh", "3", *sounds)
    assert re.match(r"tanh on \w+: 4 blocks of 256 samples; .* us of sound are in each\n", printed)
    with wave.open(sounds[1]) as file:
        assert file.getparams()[:4] == (2, 2, 44100, 500)
        shaped = struct.unpack("<1000h", file.readframes(500))
    for x, y in zip(samples, shaped, strict=True):
        assert abs(32767 * math.tanh(3 * x / 32768) - y) < 1


# Ends the process, or prints.
LOUD = re.compile(
    r"abort|_?exit|quick_exit|_Exit|__assert_fail|raise|kill|v?[fd]?printf|__v?[fd]?printf_chk"
    r"|f?puts|f?putc|putchar|fwrite|write|perror|std::.*ostream.*|std::c(out|err|log)|stdout|stderr"
)


def test_the_library_is_silent(prefix: Path) -> None:
    library = next(prefix.rglob("libnonlin.so"))
    wanted = {s.name.partition("@")[0] for s in symbols(library, "-D") if not s.defined}
    assert len(wanted) > 20
    assert [name for name in wanted if LOUD.fullmatch(name)] == []


def test_the_package_of_python(tmp_path: Path, digest: str) -> None:
    folder = built(tmp_path, "g++", f"-Dnonlin_DIR={nl.get_cmake_dir()}")
    assert outputs(folder)[-1] == digest
    library = Path(nl.get_include()).parent / "lib/libnonlin.so"
    assert str(library) in run(tool("ldd"), str(folder / "c99"))


@pytest.mark.slow
@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_folder_of_sources(tmp_path: Path, compiler: str, digest: str) -> None:
    """All of it from one compiler: with the bits of the other."""
    folder = built(tmp_path, compiler, f"-DNONLIN_SOURCES={ROOT}")
    assert outputs(folder)[-1] == digest
    # Its choices are not those of the project around it.
    assert not (folder / "nonlin/nonlin.pc").exists()


def test_pkg_config(prefix: Path, tmp_path: Path) -> None:
    folder = next(prefix.rglob("nonlin.pc")).parent
    found = run(
        tool("env"), f"PKG_CONFIG_PATH={folder}", tool("pkg-config"), "--cflags", "--libs", "nonlin"
    ).split()
    program = tmp_path / "functions"
    library = next(prefix.rglob("libnonlin.so")).parent
    source = str(HERE / "functions.cpp")
    run(tool("g++"), "-std=c++17", source, *found, f"-Wl,-rpath,{library}", "-o", str(program))
    run(str(program))


def test_the_header_is_c99(prefix: Path, tmp_path: Path) -> None:
    source = tmp_path / "header.c"
    source.write_text("#include <nonlin/nonlin.h>\n")
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes", "-Werror"]
    run(
        tool("gcc"), "-std=c99", *warnings, f"-I{prefix / 'include'}", "-fsyntax-only", str(source)
    )  # fmt: skip
