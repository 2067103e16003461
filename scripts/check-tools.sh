#!/usr/bin/env bash
# Says in one sentence which tool is missing, before a build says it in a hundred lines.
set -euo pipefail

need() {
    command -v "$1" > /dev/null || {
        echo "setup: $1 is missing; $2" >&2
        exit 1
    }
}

need cargo "install Rust 1.89 or newer (https://www.rust-lang.org/tools/install)"
need gcc "install it (Debian: apt-get install gcc g++)"
need g++ "install it (Debian: apt-get install g++)"
