"""Who may include whom, and which words belong to which folder (laws 1, 3, 4 and 8)."""

from __future__ import annotations

import re

import pytest
from laws.repository import ROOT, code, files, included, matches

PYTHON = re.compile(r"Python\.h|pybind11|nanobind|numpy/|Cython", re.IGNORECASE)
KERNEL_FILES = [
    *files("src", "cpp/pack"),
    *files("cpp", suffixes=(".inl",)),
    *(ROOT / "cpp").glob("isa_*.cpp"),
    *(ROOT / "cpp").glob("rows_*.cpp"),
    ROOT / "cpp/kernel_table.h",
]
INTRINSICS = (
    r"\b_mm\d*_\w+|\b__m(64|128|256|512)[di]?\b|\b__mmask\d+|\b__builtin_ia32_\w+"
    r"|\b(float|int|uint)(8|16|32|64)x\d+_t\b|\bv\w+q?_[fsu](8|16|32|64)\b"
    r"|include *<(\w*mmintrin|immintrin|x86intrin|arm_neon|arm_sve)\.h>"
)
BUILD_FILES = [
    p
    for p in [
        *ROOT.glob("*.txt"),
        *ROOT.glob("*.json"),
        *ROOT.glob("*.toml"),
        *files("cpp", "cuda", "python", "tests/cpp", "benchmarks", suffixes=(".txt", ".cmake")),
        *files("cmake", ".ci", suffixes=(".txt", ".cmake", ".sh", ".yml", "")),
    ]
    if p.is_file()
]


def text_matches(pattern: str) -> list[str]:
    """Where build files match; comments count for nothing."""
    return [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in BUILD_FILES
        for line in path.read_text().splitlines()
        if re.search(pattern, line.split("#")[0])
    ]


def test_the_files_are_found() -> None:
    assert len(files("src")) > 40
    assert len(files("cpp")) > 15
    assert len(BUILD_FILES) >= 4


def test_formulas_include_only_formulas() -> None:
    for path in files("src"):
        for name in included(path):
            assert name.startswith("<nonlin/"), f"{path} includes {name}"
            assert (ROOT / "src" / name[1:-1]).is_file(), f"{path} includes {name}"


def test_kernels_include_no_standard_header_of_cpp() -> None:
    # Its inline functions, compiled here with -mavx2, could be picked by the linker for all.
    allowed = re.compile(r'<nonlin/.*>|<(immintrin|xmmintrin|arm_neon|stddef)\.h>|"[\w./]+"')
    for path in KERNEL_FILES:
        for name in included(path):
            assert allowed.fullmatch(name), f"{path} includes {name}"


@pytest.mark.parametrize(("folder", "other"), [("cpp", "cuda"), ("cuda", "cpp")])
def test_cpu_and_gpu_do_not_meet(folder: str, other: str) -> None:
    for path in files(folder):
        for name in included(path):
            bare = name[1:-1]
            assert other not in bare.split("/"), f"{path} includes {name}"
            for place in (ROOT / other, ROOT / other / "include"):
                foreign = (place / bare).is_file() and not (path.parent / bare).is_file()
                assert not foreign, f"{path} includes {name} of {other}/"


def test_the_core_does_not_know_python() -> None:
    for path in files("src", "cpp", "cuda"):
        for name in included(path):
            assert not PYTHON.search(name), f"{path} includes {name}"
        assert not re.search(r"\bPy[A-Z_]\w+\(", code(path)), f"{path} calls Python"


def test_intrinsics_only_in_packs() -> None:
    others = [p for p in files("src", "cpp", "cuda", "python") if p.parent.name != "pack"]
    assert not matches(INTRINSICS, others)
    assert len(matches(INTRINSICS, files("cpp/pack"))) > 100


def test_only_one_file_asks_the_cpu() -> None:
    others = [p for p in files("src", "cpp", "cuda", "python") if p.name != "cpu_features.cpp"]
    assert not matches(r"\basm\b|__asm__|cpuid|xgetbv|__builtin_cpu_", others)


def test_kernel_launches_only_in_cuda() -> None:
    assert not matches("<<<", files("src", "cpp", "python"))


def test_machine_flags_only_in_one_build_file() -> None:
    found = [m for m in text_matches(r"(^|[\s\"';=])-m(?!pip\b)[a-z]") if "python -m" not in m]
    assert [m for m in found if not m.startswith("cmake/nonlinIsas.cmake:")] == []
    assert len(found) >= 2


def test_flags_that_change_results_nowhere() -> None:
    forbidden = (
        r"-ffast-math|-Ofast|-funsafe-math|-fassociative-math|-freciprocal-math|-ffinite-math"
        r"|-fno-signed-zeros|-fopenmp|OpenMP::|-ffp-contract=(?!off)|-flto|INTERPROCEDURAL"
        r"|--?use_fast_math|-ftz=true|-fmad=true"
    )
    assert not text_matches(forbidden)


def test_no_pragma_changes_flags() -> None:
    pattern = (
        r"#\s*pragma\s+(omp|GCC\s+(optimize|target)|clang\s+fp|STDC\s+FP_CONTRACT)|gnu::target"
    )
    assert not matches(pattern, files("src", "cpp", "cuda", "python"))


def test_elements_are_not_counted_in_int() -> None:
    """An int counter may run over operands, dimensions, lanes and their like: a handful."""
    few = (
        r"(\w+(\.|::|->))*(inputs|outputs|operands|parameters|parameters\.count|lanes|parts|\d+"
        r"|max_inputs|dimensions|known\.count|groups_of_thread|these\.count|most|in_pack|warps|blocks|workers"
        r"|last|all)"
    )
    paths = [
        *files("cpp", suffixes=(".inl",)),
        ROOT / "cpp/job.cpp",
        ROOT / "cpp/run.cpp",
        ROOT / "cpp/run_rows.cpp",
        *files("cuda"),
    ]
    loops = matches(r"for \((unsigned|int|long|auto|std::u?int32_t) ", paths)
    up, down = rf"\1 < {few}\b", r"\1 >=? 0\b"
    names = r"\w+\.inputs\[\1\] != "
    counted = rf"for \(\w+ (\w+) = [^;]+; (valid && )?({up}|{down}|{names})"
    assert [m for m in loops if not re.search(counted, m)] == []
    assert not matches(r"\b(int|unsigned|long) (n|size|length|elements|total)\b", paths)
    assert not matches(r"static_cast<(int|unsigned)>\((n|size|length|count|i)\)", paths)


def test_kernels_and_bindings_hold_no_coefficient() -> None:
    """Formulas and their defaults exist once, in src/ (law 2): elsewhere 0.0 is the only number."""
    number = r"(?<![\w.])(0x[0-9a-fA-F.]+p[-+]?\d+|\d+\.\d*(e[-+]?\d+)?)f?(?![\w.])"
    paths = files("cpp", "cuda", "python/bindings", suffixes=(".cpp", ".inl", ".cu", ".h"))
    # Packs know the layout of numbers, and half.h that of float16.
    paths = [p for p in paths if p.parent.name != "pack" and p.name != "half.h"]
    found = [m for m in matches(number, paths) if not re.search(r"(?<![\d.])0\.0(?![\d.])", m)]
    assert found == []


def test_claims_about_speed_come_with_their_command() -> None:
    """Every section that names a time names the benchmark that shows it (law 10)."""
    for path in (ROOT / "README.md", *files("docs", suffixes=(".md",))):
        for section in re.split(r"^#+ ", path.read_text(), flags=re.MULTILINE):
            if re.search(r"\b(ns|µs|[Nn]anoseconds)\b", section):
                assert "benchmarks/" in section, section.splitlines()[0]
