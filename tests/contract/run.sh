#!/usr/bin/env bash
# Checks the OpenAPI document with linters, client generators and Schemathesis, and against the running service.
#
# Usage: run.sh [BINARY], after setup.sh. The service gets a free port and an empty store.
set -euo pipefail
cd "$(dirname "$0")/../.."
binary="$(realpath "${1:-target/debug/heartstrings}")"
here="$PWD/tests/contract"
tools="$PWD/third_party/contract"
document="$PWD/openapi/openapi.json"
# shellcheck source=tests/contract/service.sh
. tests/contract/service.sh

export PATH="$tools/npm/node_modules/.bin:$tools/node/bin:$tools/python/bin:$PATH"
export PYTHONPATH="$tools/python" PYTHONDONTWRITEBYTECODE=1
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

echo "contract: linters"
redocly lint --config "$here/redocly.yaml" "$document" > "$work/redocly" 2>&1 ||
    { cat "$work/redocly" >&2; exit 1; }
grep "Your API description is valid" "$work/redocly"
# Spectral looks for its rules beside the rule file.
cp "$here/spectral.yaml" "$tools/npm/spectral.yaml"
spectral lint --ruleset "$tools/npm/spectral.yaml" --fail-severity warn "$document"

echo "contract: a TypeScript client"
openapi-typescript "$document" --output "$work/client.ts" > /dev/null
cp "$here/client.ts" "$work/use.ts"
tsc --strict --noEmit --target es2022 --module nodenext --lib es2022,dom "$work/use.ts"

start_service "$binary"

echo "contract: a Python client"
openapi-python-client generate --path "$document" --output-path "$work/heartstrings_client" \
    --meta none --config "$here/python-client.yaml" > "$work/generated" 2>&1 ||
    { cat "$work/generated" >&2; exit 1; }
(cd "$work" && PYTHONPATH="$work:$PYTHONPATH" python3 "$here/round_trip.py" "$url")

echo "contract: /docs in a browser"
if command -v "${CHROMIUM:-chromium}" > /dev/null; then
    "$here/browser.sh" "$binary"
else
    echo "contract: NOT CHECKED: /docs in a browser. There is no Chromium; apt-get install chromium," >&2
    echo "contract: or name one in CHROMIUM, then: make browser" >&2
fi

echo "contract: Schemathesis"
# The service runs without keys, so the requirements are removed from the document; tests/api/keys.rs
# checks them. With keys, the limit on refused keys would answer 429 before most checks get their 401.
python3 "$here/without_keys.py" < "$document" > "$work/open.json"
# A fixed seed makes failures repeatable; more examples: CONTRACT_EXAMPLES=500.
(cd "$work" && SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH="$here:$PYTHONPATH" \
    python3 "$tools/python/bin/schemathesis" --config-file "$here/schemathesis.toml" \
    run "$work/open.json" --url "$url" --checks all --seed 1 --no-color --generation-database none \
    --max-examples "${CONTRACT_EXAMPLES:-25}")
kill -0 "$service" || { echo "contract: the service has ended; its log:" >&2; cat "$work/log" >&2; exit 1; }
if grep -i "a panic at\|panicked" "$work/log" >&2; then exit 1; fi
