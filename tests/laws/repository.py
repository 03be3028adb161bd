"""The repository as text: its files, and C++ without what a compiler does not read."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

CPP = (".h", ".inl", ".cpp", ".cu", ".cuh")

# A literal is kept apart from a digit separator: 'x' has one character, or an escape.
IGNORED = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<!\w)'(?:\\[^'\n]+|[^'\\\n])'""", re.DOTALL
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(<[^>\n]+>|"[^"\n]+")', re.MULTILINE)


def files(*folders: str, suffixes: tuple[str, ...] = CPP) -> list[Path]:
    """The files below some folders of the repository; a folder may be absent."""
    found = [p for folder in folders for p in (ROOT / folder).rglob("*") if p.suffix in suffixes]
    return sorted(found)


def code(path: Path) -> str:
    """The text without comments and literals; every line keeps its number."""
    return IGNORED.sub(lambda m: "\n" * m.group().count("\n") or " ", path.read_text())


def included(path: Path) -> list[str]:
    """What a file includes, with its brackets or quotes."""
    return INCLUDE.findall(path.read_text())


def matches(pattern: str, paths: list[Path]) -> list[str]:
    """Where code matches, as file:line: text."""
    found = []
    for path in paths:
        for number, line in enumerate(code(path).splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    return found
