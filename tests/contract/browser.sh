#!/usr/bin/env bash
# Opens /docs in Chromium and tries every operation out there, on a service that asks for keys.
#
# Usage: browser.sh [BINARY], after setup.sh. Pictures of the page are left in the folder PICTURES, if
# that is set; another browser of its kind than Debian's is named by CHROMIUM.
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
