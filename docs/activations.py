"""Write docs/activations.md, a page about every activation, from the installed package.

    python docs/activations.py
    python docs/activations.py --pictures       # needs matplotlib: pip install ".[plot]"
    python docs/activations.py --output /tmp/activations.md

Names, formulas and defaults come from the table of activations that is compiled into the package,
so that a new activation has its section as soon as the package is installed again.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nonlin as nl
from nonlin._backend import catalogue
from nonlin._parameters import interval

if TYPE_CHECKING:
    from nonlin._core import Activation

PAGE = """\
# Activations

All {count} activations of nonlin {version}, made by `docs/activations.py`; changes here are lost.
Every one is called as `nl.<name>(x)` and has `derivative`, `backward` and `value_and_derivative`;
the other names are for `nl.get`.

{index}
"""
SECTION = """
## {a.name}

{a.summary}
{picture}
- Value: `{a.value}`
- Derivative: `{a.derivative}`
- Derivative at kinks: {a.kinks}
- Range: {a.range}
- Parameters: {parameters}
- Other names: {aliases}
- Source: {a.source}
"""


def section(activation: Activation, images: str | None) -> str:
    """Describe one activation. `images` is the folder of the pictures, seen from the page."""
    name = activation.name
    picture = f"\n![{name} and its derivative]({images}/{name}.svg)\n" if images else ""
    parameters = [f"`{p.name}` = {p.default}, {interval(p)}" for p in activation.parameters]
    return SECTION.format(
        a=activation,
        picture=picture,
        parameters="; ".join(parameters) or "none",
        aliases=", ".join(f"`{alias}`" for alias in activation.aliases) or "none",
    )


def page(images: str | None = None) -> str:
    """Return the whole page as Markdown."""
    everything = catalogue()
    index = " · ".join(f"[{a.name}](#{a.name})" for a in everything)
    head = PAGE.format(count=len(everything), version=nl.__version__, index=index)
    return head + "".join(section(a, images) for a in everything)


def draw(folder: Path) -> None:
    """Write one picture for every activation."""
    from matplotlib import rc_context  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    with rc_context({"svg.hashsalt": "nonlin"}):  # the same picture every time
        for name in nl.activations():
            nl.plot(name).savefig(folder / f"{name}.svg", metadata={"Date": None})


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    page_here = Path(__file__).with_suffix(".md")
    parser.add_argument("--output", type=Path, default=page_here, metavar="FILE")
    parser.add_argument("--pictures", action="store_true", help="draw f and f' of each activation")
    options = parser.parse_args()
    if options.pictures:
        draw(options.output.parent / "images")
    options.output.write_text(page("images" if options.pictures else None), encoding="utf-8")
    sys.stdout.write(f"{options.output}\n")


if __name__ == "__main__":
    main()
