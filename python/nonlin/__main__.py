"""What a shell asks of nonlin: ``python -m nonlin info``."""

from __future__ import annotations

import argparse

from . import native
from ._backend import version


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m nonlin", description="Where nonlin's files are, and what this build is."
    )
    parser.add_argument("--version", action="version", version=version)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--cmakedir", action="store_true", help="the folder of the CMake package")
    chosen.add_argument("--includes", action="store_true", help="the compiler's -I for the headers")
    chosen.add_argument(
        "command", nargs="?", choices=["info"], help="compiler, instruction sets, threads, CUDA"
    )
    given = parser.parse_args()
    if given.cmakedir:
        print(native.get_cmake_dir())  # noqa: T201
    elif given.includes:
        print(f"-I{native.get_include()}")  # noqa: T201
    else:
        print(native.info())  # noqa: T201


if __name__ == "__main__":
    main()
