#!/usr/bin/env bash
# Says in one sentence which tool is missing, before a build says it in a hundred lines.
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

# What a distribution packages is often too old to read Cargo.lock.
found="$(cargo --version)" || fail "cargo does not start; repair Rust (https://www.rust-lang.org/tools/install)"
found="$(echo "$found" | cut -d ' ' -f 2)"
[ "$(printf '%s\n' "$rust" "$found" | sort -V | head -n 1)" = "$rust" ] ||
    fail "Rust $found is too old; install $rust or newer (https://www.rust-lang.org/tools/install)"
