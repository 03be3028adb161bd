"""The benchmarks know every activation."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nonlin as nl

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=BENCHMARKS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_elementwise(tmp_path: Path) -> None:
    file = tmp_path / "times.json"
    options = ["--sizes", "100", "--seconds", "0", "--json", str(file)]
    printed = run("elementwise.py", *options)
    times = json.loads(file.read_text())["times"]
    ours = {
        (t["activation"], t["direction"], t["dtype"]) for t in times if t["library"] == "nonlin"
    }
    assert ours == {
        (name, direction, dtype)
        for name in nl.activations()
        for direction in ("value", "derivative", "backward")
        for dtype in ("float32", "float64")
    }
    assert all(t["nanoseconds"] > 0 for t in times)
    assert ("copy", "numpy") in {(t["activation"], t["library"]) for t in times}
    for name in nl.activations():
        assert printed.count(f"\n{name} ") == 2


def test_rowwise() -> None:
    printed = run("rowwise.py", "--lengths", "5", "--size", "50", "--seconds", "0")
    rows = re.findall(r"^(\S+(?: near 0)?) +(\S+)", printed.partition("nonlin")[2], re.MULTILINE)
    assert [name for name, _ in rows][:4] == [
        "softmax",
        "log_softmax",
        "logsumexp",
        "logsumexp near 0",
    ]
    assert all(float(time) > 0 for _, time in rows)


def test_accuracy() -> None:
    lines = run("accuracy.py", "--activations", "relu", "gelu", "--points", "20").splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        [name, direction] for name in ("relu", "gelu") for direction in ("value", "derivative")
    ]
    assert all(float(line.split()[2]) <= 1 for line in lines[1:])


def test_gpu_where_there_is_none() -> None:
    done = subprocess.run(
        [sys.executable, "gpu.py"],
        cwd=BENCHMARKS,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(r"gpu\.py: nothing to measure: .+\n", done.stderr)
