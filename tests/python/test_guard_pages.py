"""No byte outside an array is touched: the pages before and after it cannot be read or written.

A fault kills the process, so each instruction set runs in a process of its own that says what it is
about to do.
"""

from __future__ import annotations

import ctypes
import mmap
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nonlin as nl

LENGTHS = range(1, 71)


class Fenced:
    """Memory between two forbidden pages; arrays in it touch the one or the other."""

    def __init__(self) -> None:
        page = mmap.PAGESIZE
        self._map = mmap.mmap(-1, 3 * page)
        self._all = np.frombuffer(self._map, np.uint8)
        protect = ctypes.CDLL(None, use_errno=True).mprotect
        protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        for number in (0, 2):
            if protect(self._all.ctypes.data + number * page, page, 0) != 0:
                raise OSError(ctypes.get_errno(), "mprotect")
        self._bytes = self._all[page : 2 * page]

    def array(self, dtype: Any, n: int, at_end: bool) -> Any:
        size = n * np.dtype(dtype).itemsize
        part = self._bytes[-size:] if at_end else self._bytes[:size]
        return part.view(dtype)


def run(isa_name: str) -> None:
    """Call everything on fenced arrays; print what comes next, in case it is the last."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    # Only now can it be found: as a script this file has no conftest.py.
    from harness import DIRECTIONS, DTYPES, NAMES, call, outputs, parameter_sets  # noqa: PLC0415

    nl.set_isa(isa_name)
    rooms = [Fenced() for _ in range(7)]  # x, the gradient, two outputs, three parameters
    for name, dtype, direction in product(NAMES, DTYPES, DIRECTIONS):
        print(isa_name, name, np.dtype(dtype).name, direction, flush=True)  # noqa: T201
        parameters = parameter_sets(name)[0]
        for n, at_end in product(LENGTHS, (True, False)):
            x, grad, *results = (room.array(dtype, n, at_end) for room in rooms[:4])
            x[:], grad[:] = np.linspace(-9, 9, n), 1
            arrays = [room.array(np.float64, n, at_end) for room in rooms[4:]][: len(parameters)]
            for array, parameter in zip(arrays, parameters, strict=True):
                array[:] = parameter
            out: tuple[Any, ...] | None = tuple(results[: outputs(direction)])
            if name == "prelu" and direction == "backward":
                out = None
            call(name, direction, x, grad, parameters, out=out)
            call(name, direction, x, grad, arrays, out=out)
            # Every other element; the outermost one touches the page all the same.
            step = slice(None, None, -2 if at_end else 2)
            thin = None if out is None else tuple(y[step] for y in out)
            call(name, direction, x[step], grad[step], parameters, out=thin)
            call(name, direction, x[step], grad[step], [array[step] for array in arrays], out=thin)


@pytest.mark.skipif(sys.platform == "win32", reason="needs mprotect")
@pytest.mark.parametrize("isa_name", nl.available_isas())
def test_no_access_outside(isa_name: str) -> None:
    result = subprocess.run(
        [sys.executable, "-X", "faulthandler", __file__, isa_name],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    last = result.stdout.strip().splitlines()[-1:]
    assert result.returncode == 0, f"died at {last}: {result.stderr[-2000:]}"


if __name__ == "__main__":
    run(sys.argv[1])
