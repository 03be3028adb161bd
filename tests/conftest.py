"""Makes what the tests share importable: the package reference and the modules of tests/python."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).parent
sys.path[:0] = [str(TESTS), str(TESTS / "python")]
