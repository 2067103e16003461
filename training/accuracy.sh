#!/usr/bin/env bash
# Measures the release binary and two lexicons on labelled data. Usage: accuracy.sh DATA SPLIT [SET...]
set -euo pipefail
# Before the folder is left that it is named from.
data="$(realpath "${1:?say where the labelled data is}")"
cd "$(dirname "$0")"
split="${2:-dev}"
state="${HEARTSTRINGS_TRAINING:-${XDG_CACHE_HOME:-$HOME/.cache}/heartstrings}/accuracy"
mkdir -p "$state"
if ! cmp -s accuracy-requirements.txt "$state/installed.txt"; then
    python3 -m venv "$state/venv"
    "$state/venv/bin/pip" install --quiet --disable-pip-version-check -r accuracy-requirements.txt
    cp accuracy-requirements.txt "$state/installed.txt"
fi
exec "$state/venv/bin/python" -m heartstrings_training.accuracy --data "$data" --split "$split" \
    --binary ../target/release/heartstrings --model ../models/heartstrings-en --work ../target/accuracy \
    --figures ../docs/accuracy.json --docs ../docs --sets "${@:3}"
