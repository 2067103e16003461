#!/usr/bin/env bash
# Opens /docs in Chromium and tries out every operation there, on a service that requires keys.
#
# Usage: browser.sh [BINARY], after setup.sh. PICTURES names a folder for screenshots of the page, and
# CHROMIUM another Chromium than Debian's.
set -euo pipefail
cd "$(dirname "$0")/../.."
binary="$(realpath "${1:-target/debug/heartstrings}")"
tools="$PWD/third_party/contract"
chromium="$(command -v "${CHROMIUM:-chromium}")" || {
    echo "contract: there is no Chromium for /docs: apt-get install chromium, or name one in CHROMIUM" >&2
    exit 1
}
# shellcheck source=tests/contract/service.sh
. tests/contract/service.sh

key="$("$binary" key create --role admin --name browser --json --store "sled:$work/data" 2> "$work/log" |
    sed -n 's/.*"key":"\([^"]*\)".*/\1/p')"
[ -n "$key" ] || { cat "$work/log" >&2; exit 1; }
start_service "$binary"

export PATH="$tools/node/bin:$PATH"
NODE_PATH="$tools/npm/node_modules" node tests/contract/browser.cjs \
    "$url" "$key" "$chromium" ${PICTURES:+"$PICTURES"}
