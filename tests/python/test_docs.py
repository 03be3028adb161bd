"""The page about every activation, the code in the README, and its test command."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nonlin as nl

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def write_page(folder: Path, *options: str) -> str:
    output = folder / "activations.md"
    command = [sys.executable, str(ROOT / "docs" / "activations.py"), "--output", str(output)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return output.read_text()


def test_page_has_a_section_for_every_activation(tmp_path: Path) -> None:
    page = write_page(tmp_path)
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == nl.activations()
    for section in page.split("\n## ")[1:]:
        function = nl.get(section.split("\n")[0])
        for text in ("Value", "Derivative", "Derivative at kinks", "Range", "Source"):
            assert re.search(rf"^- {text}: .+$", section, re.MULTILINE), section
        for name, default in function.parameters.items():
            assert f"`{name}` = {default}, " in section
        for alias in function.aliases:
            assert f"`{alias}`" in section


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("matplotlib"), reason="needs matplotlib")
def test_pictures(tmp_path: Path) -> None:
    page = write_page(tmp_path, "--pictures")
    pictures = re.findall(r"!\[.*\]\((.+)\)", page)
    assert [Path(picture).stem for picture in pictures] == nl.activations()
    for picture in pictures:
        assert (tmp_path / picture).read_text().rstrip().endswith("</svg>")


def test_every_statement_of_the_guide() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "guide.md").read_text(), re.DOTALL)
    assert len(blocks) > 10
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_readme_has_the_options_of_the_losses() -> None:
    (text,) = re.findall(r"All losses have .*?\. A logit", README, re.DOTALL)
    every, categorical, sparse, binary = re.split(
        "both categorical|the sparse one|and the binary", text
    )
    of = {name: set(re.findall(r"`(\w+)=", part)) for name, part in (
        ("mean_squared_error", every), ("binary_cross_entropy", every + binary),
        ("categorical_cross_entropy", every + categorical),
        ("sparse_categorical_cross_entropy", every + categorical + sparse),
    )}  # fmt: skip
    for name, options in of.items():
        assert options == set(list(inspect.signature(getattr(nl, name)).parameters)[2:])


def test_readme_code_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    for block in blocks:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", block],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        # What the comments say is printed, and nothing else.
        assert done.stdout.split("\n")[:-1] == re.findall(r"print\(.*\) +# (.*)", block)


def test_readme_has_one_test_command() -> None:
    """By the rule with which .ci/run finds it."""
    script = (ROOT / ".ci" / "run").read_text()
    program = re.search(r"sed -n '(.+)' README.md", script)
    assert program
    found = subprocess.run(
        ["sed", "-n", program[1], str(ROOT / "README.md")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(found.stdout.splitlines()) == 1
    assert " -m pytest " in found.stdout
