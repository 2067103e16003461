#!/usr/bin/env bash
# Runs a cargo tool in a pinned version, built once into third_party/tools.
#
# Usage: tool.sh NAME VERSION [ARGUMENT ...]
set -euo pipefail
cd "$(dirname "$0")/.."
name="$1" version="$2"
shift 2
root="third_party/tools/$name-$version"
if [ ! -x "$root/bin/$name" ]; then
    echo "tool: building $name $version, once" >&2
    cargo install --quiet --locked --root "$root" --version "$version" "$name"
fi
exec "$root/bin/$name" "$@"
