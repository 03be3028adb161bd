"""The processor's floating-point settings: never changed by us, and never felt in a result.

FTZ and DAZ (subnormal results and inputs become zero) are what a library built with -ffast-math
turns on in every process that loads it; another library may have done so.
"""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from harness import (
    DIRECTIONS,
    NAMES,
    Array,
    assert_same_bits,
    call,
    gradients,
    isa,
    sample,
    threads,
)

import nonlin as nl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FLUSH = 0x8040  # the bits FTZ and DAZ of MXCSR
ROUND_UP = 0x4000

SOURCE = """
#include <xmmintrin.h>
unsigned read_mxcsr(void) { return _mm_getcsr(); }
void write_mxcsr(unsigned value) { _mm_setcsr(value); }
"""


class Mxcsr:
    """Access to the register of the calling thread."""

    def __init__(self, library: Path) -> None:
        functions = ctypes.CDLL(str(library))
        self.read: Callable[[], int] = functions.read_mxcsr
        functions.read_mxcsr.restype = ctypes.c_uint
        functions.write_mxcsr.argtypes = [ctypes.c_uint]
        self.write: Callable[[int], None] = functions.write_mxcsr

    @contextmanager
    def setting(self, mask: int) -> Iterator[None]:
        before = self.read()
        self.write(before | mask)
        try:
            yield
        finally:
            self.write(before)


@pytest.fixture(scope="module")
def mxcsr(tmp_path_factory: pytest.TempPathFactory) -> Mxcsr:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to read the register with")
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("not an x86-64 processor")
    folder = tmp_path_factory.mktemp("mxcsr")
    source, library = folder / "mxcsr.c", folder / "mxcsr.so"
    source.write_text(SOURCE)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    return Mxcsr(library)


def in_a_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function(*arguments)))
    thread.start()
    thread.join()
    return results[0]


def test_import_keeps_subnormals() -> None:
    code = """
import threading
results = []
def check(): results.append(5e-324 * 1.0 != 0 and 2.3e-308 / 2 != 0)
check()
import nonlin as nl, numpy as np
check()
thread = threading.Thread(target=check); thread.start(); thread.join()
nl.gelu(np.full(1 << 20, 5e-324))
check()
assert results == [True] * 4, results
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("isa_name", nl.available_isas())
def test_a_call_leaves_the_register_alone(mxcsr: Mxcsr, isa_name: str) -> None:
    flags = 0x3F  # what has happened so far; the rest are settings
    x = np.linspace(-800, 800, 3001)
    with isa(isa_name):
        for name in NAMES:
            for mask in (0, FLUSH, ROUND_UP):
                with mxcsr.setting(mask):
                    before = mxcsr.read() & ~flags
                    call(name, "value_and_derivative", x)
                    after = mxcsr.read() & ~flags
                assert before == after, (name, hex(mask))


@pytest.mark.parametrize("mask", [FLUSH, ROUND_UP], ids=["flush", "round up"])
@pytest.mark.parametrize("isa_name", nl.available_isas())
@pytest.mark.parametrize("name", NAMES)
def test_results_keep_their_bits(mxcsr: Mxcsr, name: str, isa_name: str, mask: int) -> None:
    def compute(direction: str, x: Array, grad: Array, setting: int) -> tuple[Array, ...]:
        with mxcsr.setting(setting):
            return call(name, direction, x, grad)

    with isa(isa_name):
        for dtype in (np.float32, np.float64):
            x, grad = sample(name, dtype, 300), gradients(dtype, 300)
            for direction in DIRECTIONS:
                expected = compute(direction, x, grad, 0)
                here = compute(direction, x, grad, mask)
                there = in_a_thread(compute, direction, x, grad, mask)
                for got in (here, there):
                    for one, same in zip(got, expected, strict=True):
                        assert_same_bits(one, same, f"{direction} {x.dtype}")


def test_worker_threads_keep_their_bits(mxcsr: Mxcsr) -> None:
    """The pool's threads, started by a caller with FTZ and DAZ, compute as ever."""
    x = np.resize(sample("gelu", np.float64, 300), (1 << 20) + 13)
    expected = nl.gelu(x)
    with threads(5), mxcsr.setting(FLUSH):
        got = nl.gelu(x)
    assert_same_bits(got, expected, "5 threads")
    with threads(4):
        assert_same_bits(nl.gelu(x), expected, "afterwards")
