"""Write src/nonlin/math/two_over_pi.h: 2/pi times 2^(8 row) modulo 2^54, as four float64 each."""

from __future__ import annotations

from pathlib import Path

import mpmath as mp
from coefficients import hexadecimal

HEADER = Path(__file__).parent.parent / "src" / "nonlin" / "math" / "two_over_pi.h"
ROWS = 129  # exponents up to 1024, eight to a row


def row(index: int) -> list[mp.mpf]:
    rest = mp.fmod(2 / mp.pi * mp.mpf(2) ** (8 * index), mp.mpf(2) ** 54)
    parts = []
    for lowest_bit in (1, -52, -105):
        part = mp.floor(rest / mp.mpf(2) ** lowest_bit) * mp.mpf(2) ** lowest_bit
        parts.append(part)
        rest -= part
    return [*parts, rest]


def main() -> None:
    with mp.workprec(1300):
        lines = [
            "    " + ", ".join(hexadecimal(c) if c else "0.0" for c in row(i)) + ","
            for i in range(ROWS)
        ]
    text = HEADER.read_text(encoding="utf-8")
    start = text.index("{", text.index("two_over_pi[")) + 2
    HEADER.write_text(
        text[:start] + "\n".join(lines) + text[text.index("\n};", start) :], encoding="utf-8"
    )


if __name__ == "__main__":
    main()
