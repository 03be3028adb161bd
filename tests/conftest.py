"""Makes what the tests share importable, and holds the builds that they share."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
sys.path[:0] = [str(TESTS), str(TESTS / "python")]

from laws.builds import Build  # noqa: E402


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With pytest-xdist one worker makes the builds, each once, while others test the package."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415

    class Scheduling(LoadScopeScheduling):
        """What belongs together is a file, or all that needs builds."""

        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "builds" if re.search(r"(^|/)(cuda|embed|laws)/", file) else file

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A build as users get it; nothing is made yet."""
    return Build(
        tmp_path_factory.mktemp("release"), "-DCMAKE_BUILD_TYPE=Release", "-DNONLIN_TESTS=ON"
    )


@pytest.fixture(scope="session")
def release(configured: Build) -> Build:
    """The core of that build. Its other targets, such as test programs, are not made yet."""
    configured.make()
    return configured


@pytest.fixture(scope="session")
def not_inlined(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The core where every function that is not forced inline appears in its object.

    So it does at -O0, but kernels take minutes to compile there.
    """
    build = Build(
        tmp_path_factory.mktemp("not_inlined"),
        "-DCMAKE_BUILD_TYPE=Debug",
        "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -fno-inline",
    )
    build.make()
    return build


@pytest.fixture(scope="session", params=["release", "not_inlined"])
def build(request: pytest.FixtureRequest) -> Build:
    """Each of the two."""
    found: Build = request.getfixturevalue(request.param)
    return found
