"""Every function of src/ is NONLIN_FN: always inlined, callable on host and device (law 1).

One that is not could be emitted by the file compiled for AVX-512 and picked by the linker for every
CPU. ``about.h`` is the exception: its functions make constants that only the host reads, and no
kernel contains them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from laws.repository import ROOT, code, files

if TYPE_CHECKING:
    from pathlib import Path

HEADERS = [p for p in files("src") if p.name != "about.h"]


def definitions(text: str) -> list[str]:
    """The heads of all functions defined in a C++ text, those of lambdas included."""
    text = re.sub(r"^\s*#(?:.*\\\n)*.*$", "", text, flags=re.MULTILINE)  # directives
    heads, start, i = [], 0, 0
    while i < len(text):
        if text[i] in ";}":
            start = i + 1
        elif text[i] == "{":
            head = text[start:i].strip()
            if is_function(head):
                end = closing_brace(text, i)
                heads += [head, *lambdas(text[i:end])]
                i = end
            elif initializer(head):
                i = closing_brace(text, i)
            start = i + 1
        i += 1
    return heads


def without_parentheses(head: str) -> str:
    head = re.sub(r"operator\s*[^\w\s(]+", "operator_", head)
    while (shorter := re.sub(r"\([^()]*\)", "@", head)) != head:
        head = shorter
    return head


def is_function(head: str) -> bool:
    flat = without_parentheses(head)
    return "@" in flat and "=" not in re.sub(r"template\s*<[^{}]*?>\s*(?=\w|\[)", "", flat)


def initializer(head: str) -> bool:
    return "=" in head and not re.match(r"(namespace|struct|class|union|enum)\b", head)


def closing_brace(text: str, i: int) -> int:
    depth = 0
    for k in range(i, len(text)):
        depth += (text[k] == "{") - (text[k] == "}")
        if depth == 0:
            return k
    return len(text)


def lambdas(body: str) -> list[str]:
    return re.findall(r"(?<![\w\])\[])\[[&=\w\s,*]*\]\s*(?:\([^()]*\)\s*(?:mutable)?\s*)?\{", body)


@pytest.mark.parametrize("path", HEADERS, ids=[str(p.relative_to(ROOT)) for p in HEADERS])
def test_functions_are_marked(path: Path) -> None:
    unmarked = [head for head in definitions(code(path)) if "NONLIN_FN" not in head]
    if path.parent.name == "rowwise":
        # The bodies of loops: local to a template over Row, which lies in an unnamed namespace for
        # each instruction set, they have no linkage. On a device they are what encloses them.
        unmarked = [head for head in unmarked if not head.startswith("[&")]
    assert not unmarked


def test_the_reader_sees_what_it_should() -> None:
    sample = """
    namespace a { constexpr double t[2] = {1, 2};
    struct S { S() = default; NONLIN_FN S(int a, int b) : x(f(a)), y(b) {}  int x, y;
      static constexpr About about = {"", ""};
      template <class V = int> NONLIN_FN friend bool operator==(S a, S b) { return a.x == b.x; } };
    template <class... P> inline S plain(P... p) { if (p) { return {1, 2}; }
      auto l = [&](int i) { i; }; }
    template <class V> constexpr int lift = V::extended ? 0 : 256;
    }"""  # fmt: skip
    heads = definitions(sample)
    assert len([h for h in heads if "NONLIN_FN" in h]) == 2
    assert len([h for h in heads if "plain" in h]) == 1
    assert len([h for h in heads if h.startswith("[&]")]) == 1
    assert len(heads) == 4


def test_enough_functions_are_seen() -> None:
    assert sum(len(definitions(code(path))) for path in HEADERS) > 150
