#!/usr/bin/env bash
# Puts a CPU build of libtorch 2.4 into third_party/libtorch, from PyPI alone.
#
# PyTorch's wheel holds the libraries and headers that torch-sys links against. The CPU library is
# linked against two small CUDA libraries even on machines without a GPU, so those are fetched too. All
# three wheels are pinned by version and sha256. A complete libtorch is used at once. An interrupted run
# leaves none, because the folder gets its name at the end.
set -euo pipefail

cd "$(dirname "$0")/.."
target="third_party/libtorch"

fail() {
    echo "setup: $*" >&2
    exit 1
}

if [ -n "${LIBTORCH:-}" ]; then
    # Each crate is built in its own folder, so a relative path would not be found.
    [[ "$LIBTORCH" = /* ]] || fail "LIBTORCH is $LIBTORCH; write the whole path, from / on"
    compgen -G "$LIBTORCH/lib/libtorch_cpu.*" > /dev/null ||
        fail "LIBTORCH is $LIBTORCH, but there is no lib/libtorch_cpu in it; point it at a libtorch 2.4, or unset it"
    echo "setup: using your LIBTORCH in $LIBTORCH"
    exit 0
fi

# The stamp is the list of wheels itself: another list means another libtorch.
wheels="torch==2.4.1 --hash=sha256:0b5f88afdfa05a335d80351e3cea57d38e578c8689f751d35e0ff36bce872113
nvidia-cuda-runtime-cu12==12.1.105 --hash=sha256:6e258468ddf5796e25f1dc591a31029fa317d97a0a94ed93468fc86301d61e40
nvidia-cuda-cupti-cu12==12.1.105 --hash=sha256:e54fde3983165c624cb79254ae9818a456eb6e87a7fd4d56a2352c24ee542d7e"

is_complete() {
    [ -f "$target/wheels.txt" ] && [ "$(cat "$target/wheels.txt")" = "$wheels" ]
}

if is_complete; then
    exit 0
fi

[ "$(uname -s)-$(uname -m)" = "Linux-x86_64" ] ||
    fail "there is no libtorch to fetch for $(uname -s) on $(uname -m); set LIBTORCH to the folder of a libtorch 2.4 of your own"
for program in flock df; do
    command -v "$program" > /dev/null || fail "$program is missing; install it (Debian: apt-get install util-linux coreutils)"
done
command -v python3 > /dev/null || fail "python3 is missing; install it (Debian: apt-get install python3 python3-pip)"
python3 -m pip --version > /dev/null 2>&1 || fail "pip is missing; install it (Debian: apt-get install python3-pip)"

mkdir -p third_party
# Two builds in one checkout must not unpack over each other.
exec 9> third_party/.lock
flock --nonblock 9 || {
    echo "setup: waiting for another setup in this folder to end"
    flock 9
}
if is_complete; then
    exit 0
fi

free_mib=$(df --output=avail -m third_party | tail -n 1 | tr -d ' ')
[ "$free_mib" -ge 3000 ] || fail "libtorch needs 3 GB of disk while it is unpacked, and $free_mib MB are free; make room"

work="third_party/.libtorch.$$"
rm -rf third_party/.libtorch.*
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/wheels" "$work/tmp"
echo "$wheels" > "$work/wheels.txt"
echo "setup: fetching libtorch 2.4.1 from PyPI (0.8 GB, once)"
# The platform is stated so that any Python can fetch these wheels; nothing in them is run. Files that pip
# leaves when it is killed are in our folder too, not in /tmp.
TMPDIR="$PWD/$work/tmp" python3 -m pip download --disable-pip-version-check \
    --no-deps --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 \
    --platform manylinux1_x86_64 --platform manylinux2014_x86_64 \
    --require-hashes -r "$work/wheels.txt" -d "$work/wheels" --progress-bar on ||
    fail "fetching libtorch from PyPI failed as pip says above; check the network and pip's settings, then run the command again"

echo "setup: unpacking"
python3 scripts/unpack-libtorch.py "$work/wheels" "$work/libtorch" ||
    fail "unpacking libtorch failed as said above; run the command again"
rm -rf "$work/wheels"
if command -v strip > /dev/null; then
    # Debugging symbols are a quarter of the size.
    strip --strip-unneeded "$work"/libtorch/lib/libtorch_cpu.so "$work"/libtorch/lib/libc10.so
fi
cp "$work/wheels.txt" "$work/libtorch/wheels.txt"
# An older libtorch moves away in one step, so that a part of it is never taken for a complete one.
[ ! -e "$target" ] || mv "$target" "$work/old"
mv "$work/libtorch" "$target"
echo "setup: libtorch is in $target"
