"""The object files of the core: what they export, call and run before main (laws 4, 5 and 6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from laws.builds import ISAS, functions_with_vector_encoding, sections, symbols

if TYPE_CHECKING:
    from laws.builds import Build

# What a kernel may call: the C library's exact fma, on CPUs without one, and memory moves.
CALLED_BY_KERNELS = {
    "fma", "fmaf", "memcpy", "memmove", "memset", "_GLOBAL_OFFSET_TABLE_",
}  # fmt: skip

# Ends the process, prints, allocates, or needs the library of C++.
FORBIDDEN = re.compile(
    r"abort|_?exit|quick_exit|_Exit|__assert_fail|raise|kill"
    r"|v?[fd]?printf|__v?[fd]?printf_chk|f?puts|f?putc|putchar|fwrite|write|perror|std::.*ostream.*"
    r"|std::cout|std::cerr|std::ios_base::Init.*|stdout|stderr"
    r"|malloc|calloc|realloc|aligned_alloc|posix_memalign|operator new.*"
    r"|std::terminate.*|std::__throw.*|__cxa_.*|_Unwind.*"
)
ALLOWED = {
    # Where long strided rows are put together, outside kernels too. Without it they do without.
    ("gather.cpp", "aligned_alloc"),
}

# One instruction set's files: what each exports.
EXPORTED = {
    f"{kind}_{isa}.cpp": f"nonlin::{table}_{isa}"
    for isa in ISAS
    for kind, table in (("isa", "kernels"), ("rows", "row_kernels"))
}
CORE = (
    "catalogue.cpp", "cpu_features.cpp", "dispatch.cpp", "gather.cpp", "job.cpp", "map.cpp",
    "parallel.cpp", "run.cpp", "run_rows.cpp", "sums.cpp", "usable_cpus.cpp",
)  # fmt: skip

# The pool registers what a forked child does, while nobody can fork halfway through that.
BEFORE_MAIN = {"parallel.cpp"}


@pytest.mark.parametrize("file", EXPORTED)
def test_one_exported_symbol(build: Build, file: str) -> None:
    shared = {s.name for s in symbols(build.objects()[file]) if s.shared}
    assert shared == {EXPORTED[file]}


@pytest.mark.parametrize("file", EXPORTED)
def test_kernels_call_almost_nothing(build: Build, file: str) -> None:
    called = {s.name for s in symbols(build.objects()[file]) if not s.defined}
    assert called <= CALLED_BY_KERNELS | set(EXPORTED.values())


def test_nothing_runs_before_main(build: Build) -> None:
    objects = build.objects()
    assert len(objects) >= len(EXPORTED) + len(CORE)
    for name, path in objects.items():
        if name in BEFORE_MAIN:
            continue
        assert not re.search(r"\.(init_array|ctors|preinit_array)", sections(path)), path.name
        assert not [s.name for s in symbols(path) if "_GLOBAL__sub_I" in s.name], path.name


def test_no_instruction_beyond_the_base_line_before_dispatch(build: Build) -> None:
    for name, path in build.objects().items():
        found = set(functions_with_vector_encoding(path))
        space = re.sub(r"^(isa|rows)_|\.cpp$", "", name)
        if space in ("avx2", "avx512"):
            assert found, f"{name} uses no vector instruction"
            # Some names are too long for the demangler.
            own = (f"nonlin::{space}::", f"6nonlin{len(space)}{space}")
            assert {f for f in found if not any(name in f for name in own)} == set()
        else:
            assert found == set(), name


def test_the_core_does_not_end_print_or_allocate(build: Build) -> None:
    for name, path in build.objects().items():
        for symbol in symbols(path):
            if not symbol.defined and FORBIDDEN.fullmatch(symbol.name):
                assert (name, symbol.name) in ALLOWED, f"{name} calls {symbol.name}"


def test_flags(release: Build) -> None:
    commands = release.commands()
    assert set(commands) >= {*EXPORTED, *CORE}
    for name, command in commands.items():
        words = command.split()
        machine = {w for w in words if re.match(r"-m(?!t$)", w)}
        expected = {
            "avx2": {"-mavx2", "-mfma", "-mf16c"},
            "avx512": {"-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"},
        }
        isa = re.sub(r"^(isa|rows)_|\.cpp$", "", name)
        assert machine == expected.get(isa, set()), name
        assert words.count("-ffp-contract=off") == 1, name
        assert "-fvisibility=hidden" in words, name
        assert not [w for w in words if re.match(r"-f(fast-math|lto|unsafe|openmp)|-Ofast", w)]
