"""nonlin's functions for Cython, in an extension outside of it that links nothing of nonlin's."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from laws.builds import run, tool

import nonlin as nl

HERE = Path(__file__).parent
X = np.linspace(-8, 8, 1001)


@pytest.fixture(scope="module", params=["c", "cpp"])
def user(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Compile and import the extension, by way of C or of C++."""
    pytest.importorskip("Cython")
    folder = tmp_path_factory.mktemp("user")
    source = f"user.{request.param}"
    language, compiler = ([], "gcc") if request.param == "c" else (["--cplus"], "g++")
    # In another folder, lest Python finds a package without its compiled modules.
    done = subprocess.run(
        [sys.executable, "-m", "cython", "-3", *language, "-o", source, str(HERE / "user.pyx")],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    library = folder / f"user{sysconfig.get_config_var('EXT_SUFFIX')}"
    run(
        tool(compiler), "-shared", "-fPIC", "-O1", "-w", f"-I{sysconfig.get_path('include')}",
        str(folder / source), "-o", str(library),
    )  # fmt: skip
    spec = importlib.util.spec_from_file_location("user", library)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_scalars(user: Any) -> None:
    for x in X[::50]:
        wide, narrow, slope, elu, half = user.scalars(x)
        assert wide == nl.gelu(x)
        assert narrow == nl.gelu(np.float32(x))
        assert slope == nl.gelu.derivative(x)
        assert (elu, half) == (nl.elu(x), nl.elu(x, 0.5))


def test_arrays(user: Any) -> None:
    x = X.astype(np.float32)
    y = np.zeros_like(x)
    user.arrays(x, y)
    np.testing.assert_array_equal(y, nl.mish(x))
    user.arrays(x[::-3], y[: len(x[::-3])])
    np.testing.assert_array_equal(y[: len(x[::-3])], nl.mish(x[::-3]))
    before = y.copy()
    user.arrays(x[:5], y)  # the shortest decides
    np.testing.assert_array_equal(y[:5], nl.mish(x[:5]))
    np.testing.assert_array_equal(y[5:], before[5:])
    user.arrays(x[:0], y)


def test_read_only_and_contiguous_views(user: Any) -> None:
    x, y = X[:1000].copy(), np.zeros(1000)
    x.flags.writeable = False
    user.read_only(x, y)
    np.testing.assert_array_equal(y, nl.tanh(x))
    assert user.named(2, X[:1000].copy(), y) == nl.gelu(2.0)
    np.testing.assert_array_equal(y, nl.gelu(x))
    matrix = np.zeros((10, 100))
    user.rows(x.reshape(10, 100), matrix, 0.5)
    np.testing.assert_array_equal(matrix.ravel(), nl.elu(x, 0.5))


def test_gradients(user: Any) -> None:
    dx = np.zeros_like(X)
    user.gradients(X[::-1], X, dx, 0.25)
    np.testing.assert_array_equal(dx, nl.elu.backward(X[::-1], X, 0.25))


def test_threads(user: Any) -> None:
    expected, found = user.totals(X), []
    threads = [threading.Thread(target=lambda: found.append(user.totals(X))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8
    assert expected == pytest.approx(nl.silu(X).sum(), rel=1e-12)


@pytest.mark.parametrize(
    ("number", "version", "text"),
    [
        (2, nl.__version__, "compiled for number 1 .*has number 2; install nonlin again"),
        (1, "0.0.1", f"is of nonlin {nl.__version__}, and .* of 0.0.1; install nonlin again"),
    ],
)
def test_another_core_is_refused(number: int, version: str, text: str) -> None:
    """As after an update of half of the package."""
    program = """
import ctypes, sys
import nonlin._core as core
pointer = ctypes.pythonapi.PyCapsule_GetPointer
pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
capsule = ctypes.pythonapi.PyCapsule_New
capsule.restype = ctypes.py_object
capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
class Api(ctypes.Structure):
    _fields_ = [("abi", ctypes.c_int), ("size", ctypes.c_size_t), ("version", ctypes.c_char_p),
                ("calls", ctypes.c_void_p * 6)]
other = Api.from_buffer_copy(Api.from_address(pointer(core._api, b"nonlin._core._api")))
assert other.abi == 1
other.abi, other.version = int(sys.argv[1]), sys.argv[2].encode()
core._api = capsule(ctypes.addressof(other), b"nonlin._core._api", None)
try:
    import nonlin.cython_api
except ImportError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(number), version],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert re.search(text, done.stdout)
