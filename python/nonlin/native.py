"""Where the files for programs in C, C++ and Cython are, and what this build is."""

from __future__ import annotations

import platform

from . import _backend

__all__ = ["get_cmake_dir", "get_include"]


def get_include() -> str:
    """Return the folder of the C and C++ headers.

    Returns
    -------
    str
        What a compiler gets after ``-I``.
    """
    return str(_backend.compiled_folder / "include")


def get_cmake_dir() -> str:
    """Return the folder of the CMake package.

    Returns
    -------
    str
        What CMake gets as ``nonlin_DIR``, for ``find_package(nonlin CONFIG)``.
    """
    return str(_backend.compiled_folder / "lib" / "cmake" / "nonlin")


def info() -> str:
    """Describe this build and this machine, a fact to a line."""
    facts = {
        "nonlin": _backend.version,
        "Python": platform.python_version(),
        "compiler": _backend.compiler,
        "flags": _backend.flags.strip(),
        "compiled": _backend.compiled_isas,
        "available": ", ".join(_backend.available_isas()),
        "in use": _backend.isa(),
        "threads": str(_backend.num_threads()),
        "CUDA": _cuda(),
    }
    return "\n".join(f"{name:<10} {fact}" for name, fact in facts.items())


def _cuda() -> str:
    if not _backend.has_cuda():
        return "not built"
    try:
        return f"built; devices: {_backend.cuda_devices()}"
    except RuntimeError as error:
        return f"built; {error}"
