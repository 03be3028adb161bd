"""The C++ test programs of tests/cpp pass."""

from __future__ import annotations

from laws.builds import Build, run, tool


def test_programs(release: Build) -> None:
    run(tool("cmake"), "--build", str(release.folder), "-j2")
    print(run(tool("ctest"), "--test-dir", str(release.folder), "--output-on-failure"))
