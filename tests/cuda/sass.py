"""What the compiler makes of cuda/: IEEE arithmetic only, and hardly a register in memory.

    python tests/cuda/sass.py                                # every file, for sm_80 and sm_90
    python tests/cuda/sass.py sums.cu rows_float32.cu --architectures 90 -j 4

Compiles the files with nvcc and the flags of cuda/CMakeLists.txt, disassembles them with nvdisasm
(of the CUDA toolkit, or `pip install nvidia-cuda-nvdisasm`), and prints for each what its kernels
need and which instructions they consist of. The status is 1 if there is

- an instruction that flushes subnormal numbers (.FTZ). The compiler's own division has some, where
  there are none: in its subroutines, which scale the numbers; on the remainder of 1 / x, which is a
  multiple of 2^-47; and in the division of 32-bit integers;
- a file of elementwise kernels without 16-byte accesses to global memory;
- an approximation (MUFU) that is not where IEEE division and square root start from;
- a kernel that spills more than --spills bytes of registers.

No GPU is needed. sass.txt has what a run has printed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[2]
SEEDS = {"MUFU.RCP", "MUFU.RSQ", "MUFU.RCP64H", "MUFU.RSQ64H"}
OF_INTEGERS = "F2I.FTZ.U32.TRUNC.NTZ"
# 1 / x: r = MUFU.RCP(x); r - r (x r - 1). The negation of what the first line gives is the second.
REMAINDER = re.compile(r"FFMA (R\w+), R\w+, R\w+, -1 ;\nFADD\.FTZ R\w+, -\1, -RZ ;")
# What is counted by its full name: approximations, flushing, and accesses of 16 bytes.
SPECIAL = re.compile(r"MUFU|\.FTZ|(LDGSTS|STG).*\.128")
SUBROUTINE = re.compile(r"^(\.text\.\S+|\$\S+):$")
KERNEL = re.compile(r"Compiling entry function '(.+)' for")
SPILLS = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
REGISTERS = re.compile(r"Used (\d+) registers")
# /*0010*/   @!P0 MUFU.RCP R3, R2 ;
INSTRUCTION = re.compile(r"\s+/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?(([A-Z][A-Z0-9_.]*).*;)")


@dataclass
class Kernel:
    """What ptxas says of one kernel."""

    name: str
    stack: int = 0
    spilled: int = 0
    registers: int = 0


@dataclass
class Report:
    """One file, compiled for one architecture."""

    file: str
    architecture: str
    kernels: list[Kernel] = field(default_factory=list)
    instructions: Counter[str] = field(default_factory=Counter)
    flushing: Counter[str] = field(default_factory=Counter)
    error: str = ""

    def read(self, disassembly: Iterable[str]) -> None:
        """Count instructions, and those that flush where they should not."""
        inside, before = "", ""
        for line in disassembly:
            if label := SUBROUTINE.match(line):
                inside = label[1]
            if not (found := INSTRUCTION.match(line)):
                continue
            text, name = found[1].replace(".reuse", ""), found[2]
            self.instructions[name] += 1
            own = "$__cuda_sm" in inside or name == OF_INTEGERS
            if ".FTZ" in name and not own and not REMAINDER.fullmatch(f"{before}\n{text}"):
                self.flushing[name] += 1
            before = text

    def faults(self, limit: int) -> list[str]:
        """Say what must not be."""
        if self.error:
            return [self.error]
        approximate = {
            name: count
            for name, count in self.instructions.items()
            if name.startswith("MUFU") and name not in SEEDS
        }
        wrong = [f"{count} x {n}" for n, count in {**self.flushing, **approximate}.items()]
        wrong += [
            f"{k.spilled} bytes spilled by {k.name}" for k in self.kernels if k.spilled > limit
        ]
        for access in ("LDGSTS", "STG"):
            wide = any(n.startswith(access) and ".128" in n for n in self.instructions)
            if self.file.startswith("elementwise") and not wide:
                wrong.append(f"no {access} of 16 bytes")
        if bool(self.kernels) != bool(self.instructions):
            wrong.append("either the kernels or the instructions were not found")
        return wrong

    def text(self) -> str:
        """Show it all."""
        if not self.kernels:
            return f"{self.file}, sm_{self.architecture}: no kernel"
        worst = max(self.kernels, key=lambda k: k.spilled)
        spilling = sum(k.spilled > 0 for k in self.kernels)
        head = (
            f"{self.file}, sm_{self.architecture}: {len(self.kernels)} kernels, at most "
            f"{max(k.registers for k in self.kernels)} registers and "
            f"{max(k.stack for k in self.kernels)} bytes of stack; {spilling} spill"
        )
        lines = [f"{head}, {worst.spilled} bytes at most: {worst.name}" if spilling else head]
        special = {n: c for n, c in self.instructions.items() if SPECIAL.search(n)}
        kinds: Counter[str] = Counter()
        for name, count in self.instructions.items():
            kinds[name.partition(".")[0]] += count
        for counts in (Counter(special), kinds):
            shown = ", ".join(f"{name} {count}" for name, count in counts.most_common())
            lines += textwrap.wrap(shown, 100, initial_indent="  ", subsequent_indent="  ")
        return "\n".join(lines)


def flags() -> list[str]:
    """Return the options that CMake gives nvcc."""
    found = re.search(
        r"\$<\$<COMPILE_LANGUAGE:CUDA>:(.*?)>", (ROOT / "cuda/CMakeLists.txt").read_text()
    )
    assert found
    return found[1].split()


def disassembler() -> str:
    """Return the path of nvdisasm."""
    found = shutil.which("nvdisasm")
    if found:
        return found
    package = importlib.util.find_spec("nvidia")
    for folder in (package and package.submodule_search_locations) or ():
        for path in Path(folder).glob("*/bin/nvdisasm"):
            return str(path)
    sys.exit("sass.py: needs nvdisasm, in PATH or by `pip install nvidia-cuda-nvdisasm`")


def kernels(verbose: str) -> list[Kernel]:
    """Read what `ptxas -v` prints."""
    if demangler := shutil.which("c++filt"):
        done = subprocess.run(
            [demangler, "-p"], input=verbose, capture_output=True, text=True, check=True
        )
        verbose = done.stdout
    found: list[Kernel] = []
    for line in verbose.splitlines():
        if name := KERNEL.search(line):
            found.append(Kernel(name[1]))
        elif found and (numbers := SPILLS.search(line)):
            # A function that a kernel calls counts too.
            stack, stores, loads = map(int, numbers.groups())
            found[-1].stack = max(found[-1].stack, stack)
            found[-1].spilled = max(found[-1].spilled, stores, loads)
        elif found and (number := REGISTERS.search(line)):
            found[-1].registers = max(found[-1].registers, int(number[1]))
    return found


def examine(nvcc: str, nvdisasm: str, source: Path, architecture: str) -> Report:
    """Compile and disassemble."""
    with tempfile.TemporaryDirectory() as folder:
        cubin = f"{folder}/{source.stem}.cubin"
        command = [nvcc, "-cubin", f"-arch=sm_{architecture}", "-std=c++17", "-O3", "-DNDEBUG"]
        command += [*flags(), "-Xptxas", "-v", f"-I{ROOT / 'src'}", f"-I{ROOT / 'cuda/include'}"]
        done = subprocess.run(
            [*command, str(source), "-o", cubin], capture_output=True, text=True, check=False
        )
        report = Report(source.name, architecture, kernels(done.stdout + done.stderr))
        if done.returncode:
            said = done.stderr.splitlines()
            report.error = next((e for e in said if "error" in e), f"nvcc: {done.returncode}")
            return report
        with subprocess.Popen(
            [nvdisasm, "-c", cubin], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            report.read(process.stdout)
        if process.returncode:
            report.error = "nvdisasm failed"
    return report


def main() -> None:
    """Examine and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    every = sorted(p.name for p in (ROOT / "cuda").glob("*.cu"))
    parser.add_argument("files", nargs="*", metavar="FILE", default=every, help="of cuda/")
    parser.add_argument("--architectures", nargs="+", default=["80", "90"])
    parser.add_argument("--spills", type=int, default=1024, help="bytes that a kernel may spill")
    parser.add_argument("-j", type=int, default=os.cpu_count(), help="files at once")
    options = parser.parse_args()
    nvcc = shutil.which("nvcc")
    if nvcc is None:
        sys.exit("sass.py: needs nvcc in PATH")
    nvdisasm = disassembler()
    for program in (nvcc, nvdisasm):
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        release = re.search(r"V(\d+\.\d+\.\d+)", done.stdout)
        print(f"{Path(program).name} {release[1] if release else ''}")
    work = [(ROOT / "cuda" / name, a) for name in options.files for a in options.architectures]
    faults = 0
    with ThreadPoolExecutor(options.j) as pool:
        for report in pool.map(lambda each: examine(nvcc, nvdisasm, *each), work):
            print(report.text(), flush=True)
            for fault in report.faults(options.spills):
                print(f"  WRONG: {fault}")
                faults += 1
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
