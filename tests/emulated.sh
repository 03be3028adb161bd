#!/bin/sh
# Runs the C++ tests, and the Python package if there is one, on CPUs of other ages by emulation:
# no illegal instruction, the right instruction set chosen, the same results on all of them.
#
#   tests/emulated.sh [build folder] [python]
#
# The build folder is one configured with NONLIN_TESTS=ON (default build/default). python is an
# interpreter that can import nonlin. QEMU is qemu-x86_64-static or qemu-x86_64 on the PATH, or what
# $QEMU names; version 10 at least, for 7.2 reads a gather's index ymm4 as no index. Without
# installing, on Debian 13 or from bookworm-backports: apt-get download qemu-user;
# dpkg -x qemu-user_*.deb q; QEMU=q/usr/bin/qemu-x86_64.
set -eu

build=${1:-build/default}/tests/cpp
python=${2:-}
qemu=${QEMU:-$(command -v qemu-x86_64-static || command -v qemu-x86_64 || true)}

if [ -z "$qemu" ]; then
    echo "skipped: no qemu-x86_64 on the PATH, and QEMU is not set" >&2
    exit 77
fi
if [ ! -x "$build/test_digest" ]; then
    echo "no test programs in $build: build with NONLIN_TESTS=ON first" >&2
    exit 2
fi
unset NONLIN_ISA NONLIN_NUM_THREADS

version=$("$qemu" --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

# emulate CPU PROGRAM ARGUMENTS: without a line for each feature that no program of ours uses.
emulate() {
    status=0
    "$qemu" -cpu "$@" 2>"$errors" || status=$?
    grep -v "TCG doesn't support requested feature" "$errors" >&2 || true
    return "$status"
}

code='
import numpy as np, nonlin as nl
x = np.linspace(-9, 9, 1001)
y = np.concatenate([f(x.astype(t)).astype(float) for f in (nl.gelu, nl.mish.derivative)
                    for t in ("f2", "f4", "f8")])
import hashlib
print("python", nl.isa(), hashlib.sha256(y.tobytes()).hexdigest()[:16])
'

numbers=400
failed=0

# expect CPU ISA: what must be chosen there.
expect() {
    cpu=$1 isa=$2
    shift 2
    got=$(emulate "$cpu" "$build/test_digest" "$numbers") || got="exit status $?"
    echo "$cpu: $got"
    [ "$got" = "$isa $hash" ] || failed=1
    for test in "dispatch" "environment" "half" "allocation" "pool" "pool_refused" \
                "run_layouts 61"; do
        # shellcheck disable=SC2086 # a name and its argument
        set -- $test
        program=$build/test_$1
        shift
        if emulate "$cpu" "$program" "$@"; then
            echo "$cpu: $test passed"
        else
            echo "$cpu: $test failed, exit status $status"
            failed=1
        fi
    done
    if [ -n "$python" ]; then
        got=$(emulate "$cpu" "$interpreter" -c "$code") || got="exit status $?"
        echo "$cpu: $got"
        [ "$got" = "python $isa ${python_here##* }" ] || failed=1
    fi
}

here=$("$build/test_digest" "$numbers")
hash=${here##* }
echo "this machine: $here"
if [ -n "$python" ]; then
    # QEMU needs the program itself, not a script that starts it.
    interpreter=$("$python" -c 'import sys; print(sys.executable)')
    python_here=$("$python" -c "$code")
    echo "this machine: $python_here"
fi

expect qemu64 scalar
expect Nehalem scalar
expect SandyBridge scalar # AVX, but neither AVX2 nor FMA
if [ "$version" -ge 10 ]; then
    expect Haswell avx2
else
    echo "Haswell: skipped, QEMU $version is too old"
fi

[ "$failed" = 0 ] && echo "passed" || echo "FAILED"
exit "$failed"
