"""nonlin in other people's programs: a project outside of it, and what that may rely on."""

from __future__ import annotations

import ctypes
import math
import re
import shutil
import struct
import subprocess
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from laws.builds import run, symbols, tool
from laws.repository import ROOT

import nonlin as nl

if TYPE_CHECKING:
    from collections.abc import Callable

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


def check_plugin(plugin: Path) -> None:
    """It has the static library in it, hidden, and without the kernels of rows."""
    assert "libnonlin" not in run(tool("readelf"), "-d", str(plugin))
    assert {s.name for s in symbols(plugin, "-D") if s.shared} == {"plugin_process"}
    assert plugin.stat().st_size < 6_000_000
    x = np.linspace(-4, 4, 101, dtype=np.float32)
    expected = np.tanh(x / (2 + x * x))
    process = ctypes.CDLL(str(plugin)).plugin_process
    process.argtypes = ctypes.c_void_p, ctypes.c_size_t
    process(x.ctypes.data, x.size)
    np.testing.assert_allclose(x, expected, rtol=1e-6)


@pytest.mark.parametrize("shared", ["OFF", "ON"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_an_installed_nonlin(
    prefix: Path, tmp_path: Path, compiler: str, shared: str, digest: str
) -> None:
    options = [f"-DCMAKE_PREFIX_PATH={prefix}", f"-DBUILD_SHARED_LIBS={shared}"]
    folder = built(tmp_path, compiler, *options)
    assert outputs(folder)[-1] == digest
    check_plugin(next(folder.glob("libplugin.*")))
    wanted = re.search(r"\[(libnonlin.*)\]", run(tool("readelf"), "-d", str(folder / "c99")))
    assert wanted
    assert (folder / "shipped" / wanted[1]).is_file()
    linked = "libnonlin" in run(tool("ldd"), str(folder / "functions"))
    assert linked == (shared == "ON")


@pytest.mark.parametrize("shared", ["OFF", "ON"])
def test_a_project_in_c(prefix: Path, tmp_path: Path, shared: str) -> None:
    """An old one, which has no compiler for C++ and needs nothing of C++'s."""
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.10)\nproject(c LANGUAGES C)\n"
        f"find_package(nonlin CONFIG REQUIRED)\nadd_executable(c99 {HERE / 'c99.c'})\n"
        "target_link_libraries(c99 nonlin::nonlin m)\n"
    )
    run(
        tool("cmake"), "-S", str(tmp_path), "-B", str(tmp_path / "build"),
        f"-DCMAKE_PREFIX_PATH={prefix}", f"-DBUILD_SHARED_LIBS={shared}",
        f"-DCMAKE_C_COMPILER={tool('gcc')}",
    )  # fmt: skip
    run(tool("cmake"), "--build", str(tmp_path / "build"))
    run(str(tmp_path / "build/c99"))
    assert "stdc++" not in run(tool("ldd"), str(tmp_path / "build/c99"))


def test_sources_of_a_project_that_is_installed(tmp_path: Path) -> None:
    """With what is its own where its own is."""
    (tmp_path / "own.cpp").touch()
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.21)\nproject(parent LANGUAGES CXX)\n"
        "include(GNUInstallDirs)\nset(NONLIN_INSTALL ON)\n"
        f"add_subdirectory({ROOT} nonlin)\nadd_library(own own.cpp)\n"
        "target_link_libraries(own PUBLIC nonlin::nonlin)\n"
        "install(TARGETS own EXPORT parentTargets)\n"
        "install(EXPORT parentTargets DESTINATION lib/cmake/parent)\n"
    )
    build = tmp_path / "build"
    run(
        tool("cmake"), "-S", str(tmp_path), "-B", str(build),
        f"-DCMAKE_CXX_COMPILER={tool('g++')}",
    )  # fmt: skip
    script = (build / "nonlin/cmake_install.cmake").read_text()
    assert re.search(r'DESTINATION "\$\{CMAKE_INSTALL_PREFIX\}/share/doc/nonlin".*LICENSE', script)


def test_sources_in_a_project_that_knows_no_cpp(tmp_path: Path) -> None:
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.21)\nproject(robot LANGUAGES C)\n"
        f"add_subdirectory({ROOT} nonlin)\n"
    )
    done = subprocess.run(
        [tool("cmake"), "-S", str(tmp_path), "-B", str(tmp_path / "build"),
         f"-DCMAKE_C_COMPILER={tool('gcc')}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "project(robot LANGUAGES C CXX)" in done.stderr


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
    """Between two system calls that the program's audio thread makes itself."""
    folder = built(tmp_path, "g++", f"-DCMAKE_PREFIX_PATH={prefix}")
    log = tmp_path / "calls"  # and the number of a thread
    run(tool("strace"), "-ff", "-o", str(log), str(folder / "realtime"), "marked")
    logs = [path.read_text() for path in tmp_path.glob("calls.*")]
    [calls] = [text.splitlines() for text in logs if "getppid" in text]
    marks = [i for i, call in enumerate(calls) if call.startswith("getppid")]
    assert len(marks) == 2
    assert marks[1] == marks[0] + 1, calls[marks[0] : marks[1] + 1]


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WAV file with chunks that Python's module does not write."""
    body = b"".join(name + struct.pack("<I", len(data)) + data for name, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def test_the_waveshaper(prefix: Path, tmp_path: Path) -> None:
    run(
        tool("cmake"), "-S", str(ROOT / "examples/waveshaper"), "-B", str(tmp_path),
        f"-DCMAKE_CXX_COMPILER={tool('g++')}", "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_PREFIX_PATH={prefix}",
    )  # fmt: skip
    run(tool("cmake"), "--build", str(tmp_path))
    program, given, made = (str(tmp_path / name) for name in ("waveshaper", "in.wav", "out.wav"))
    samples = [int(20000 * math.sin(i / 20)) for i in range(1000)]
    data = struct.pack("<1000h", *samples)

    def check(name: str, shape: Callable[[float], float]) -> None:
        printed = run(program, name, "3", given, made)
        words = r" on \w+: 4 blocks of 256 samples; .* us of sound are in each\n"
        assert re.match(name + words, printed)
        with wave.open(made) as file:
            assert file.getparams()[:4] == (2, 2, 44100, 500)
            shaped = struct.unpack("<1000h", file.readframes(500))
        for x, y in zip(samples, shaped, strict=True):
            assert abs(32767 * shape(3 * x / 32768) - y) < 1

    def refused(content: bytes) -> str:
        Path(given).write_bytes(content)
        command = [program, "tanh", "3", given, made]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1
        return done.stderr.removeprefix(f"waveshaper: {given} ").rstrip()

    with wave.open(given, "wb") as file:
        file.setparams((2, 2, 44100, 0, "NONE", ""))
        file.writeframes(data)
    check("tanh", math.tanh)

    # The format of files with more to say: PCM is the 1 in it.
    identity = bytes.fromhex("0100 0000 0000 1000 8000 00aa0038 9b71")
    long = struct.pack("<HHIIHHHHI", 0xFFFE, 2, 44100, 176400, 4, 16, 22, 16, 3) + identity
    Path(given).write_bytes(riff((b"fmt ", long), (b"data", data)))
    check("tube", lambda x: x / math.hypot(1, x if x > 0 else 2 * x))

    floats = struct.pack("<HHIIHH", 3, 1, 44100, 176400, 4, 32)
    message = "is floating point of 32 bits; only PCM of 16 bits is read"
    assert refused(riff((b"fmt ", floats), (b"data", data))) == message
    assert refused(riff((b"data", data))) == "does not say what its samples are"
    # 8 more, for the chunk's own head, are 0 in 32 bits.
    assert refused(riff() + struct.pack("<4sI", b"LIST", 2**32 - 8)) == "has no samples"


# Ends the process, or prints. What throws does, from a function that is noexcept.
LOUD = re.compile(
    r"abort|_?exit|quick_exit|_Exit|__assert_fail|raise|kill|v?[fd]?printf|__v?[fd]?printf_chk"
    r"|f?puts|f?putc|putchar|fwrite|write|perror|std::.*ostream.*|std::c(out|err|log)|stdout|stderr"
    r"|std::terminate\(\)|std::__throw_.*|__cxa_(re)?throw.*|__cxa_call_.*|_Unwind_.*|__gxx_personality.*"
)


@pytest.mark.parametrize(("name", "table"), [("libnonlin.so", ["-D"]), ("libnonlin.a", [])])
def test_the_library_is_silent(prefix: Path, name: str, table: list[str]) -> None:
    found = symbols(next(prefix.rglob(name)), *table)
    own = {s.name for s in found if s.defined}
    wanted = {s.name.partition("@")[0] for s in found if not s.defined} - own
    assert len(wanted) > 20
    assert [name for name in wanted if LOUD.fullmatch(name)] == []


# The pool's, for calls that are large enough; `realtime` watches the lock among them.
OF_THREADS = {
    "pthread_attr_destroy", "pthread_attr_init", "pthread_attr_setaffinity_np",
    "pthread_attr_setinheritsched", "pthread_cond_broadcast", "pthread_cond_signal",
    "pthread_cond_wait", "pthread_create", "pthread_detach", "pthread_mutex_lock",
    "pthread_mutex_unlock", "pthread_once", "pthread_self", "pthread_setcancelstate",
    "pthread_setname_np", "pthread_sigmask",
}  # fmt: skip


def test_the_library_knows_one_lock(prefix: Path) -> None:
    library = next(prefix.rglob("libnonlin.so"))
    names = {s.name.partition("@")[0] for s in symbols(library, "-D") if not s.defined}
    assert {name for name in names if re.match("pthread_|sem_|futex|mtx_|cnd_", name)} <= OF_THREADS


def test_the_package_of_python(tmp_path: Path, digest: str) -> None:
    folder = built(tmp_path, "g++", f"-Dnonlin_DIR={nl.get_cmake_dir()}")
    assert outputs(folder)[-1] == digest
    library = Path(nl.get_include()).parent / "lib/libnonlin.so"
    assert str(library) in run(tool("ldd"), str(folder / "c99"))


@pytest.mark.slow
@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_folder_of_sources(tmp_path: Path, compiler: str, digest: str) -> None:
    """All of it from one compiler, with the bits of the other; with choices that projects make."""
    choices = ["-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_CXX_FLAGS=-fno-rtti"]
    extra = choices if compiler == "clang++" else []
    folder = built(tmp_path, compiler, f"-DNONLIN_SOURCES={ROOT}", *extra)
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
    # In C, and without any shared library.
    found = run(
        tool("env"), f"PKG_CONFIG_PATH={folder}", tool("pkg-config"), "--static", "--cflags",
        "--libs", "nonlin",
    ).split()  # fmt: skip
    run(tool("gcc"), "-std=c99", "-static", str(HERE / "c99.c"), *found, "-o", str(program))
    run(str(program))


def test_the_header_is_c99(prefix: Path, tmp_path: Path) -> None:
    source = tmp_path / "header.c"
    source.write_text("#include <nonlin/nonlin.h>\n")
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes", "-Werror"]
    run(
        tool("gcc"), "-std=c99", *warnings, f"-I{prefix / 'include'}", "-fsyntax-only", str(source)
    )  # fmt: skip
