#!/usr/bin/env bash
# Checks that the programs a build needs are there, and names the missing one and its package. A build
# without it would fail with a hundred lines.
#
# Usage: check-tools.sh [test]. With `test` it also checks what the tests call.
set -euo pipefail

rust=1.89

fail() {
    echo "setup: $*" >&2
    exit 1
}

need() {
    command -v "$1" > /dev/null || fail "$1 is missing; $2"
}

need cargo "install Rust $rust or newer (https://www.rust-lang.org/tools/install)"
need gcc "install it (Debian: apt-get install gcc g++)"
need g++ "install it (Debian: apt-get install g++)"
if [ "${1:-}" = test ]; then
    need python3 "install it (Debian: apt-get install python3 python3-pip)"
    need tar "install it (Debian: apt-get install tar)"
    need gzip "install it (Debian: apt-get install gzip)"
    # Of coreutils; one stands for all.
    need mkfifo "install it (Debian: apt-get install coreutils)"
fi

# The Rust of a distribution is often too old to read Cargo.lock.
found="$(cargo --version)" || fail "cargo does not start; repair Rust (https://www.rust-lang.org/tools/install)"
found="$(echo "$found" | cut -d ' ' -f 2)"
[ "$(printf '%s\n' "$rust" "$found" | sort -V | head -n 1)" = "$rust" ] ||
    fail "Rust $found is too old; install $rust or newer (https://www.rust-lang.org/tools/install)"
