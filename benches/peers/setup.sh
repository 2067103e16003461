#!/usr/bin/env bash
# Installs the peers and makes their models, once: setup.sh OUT. Nothing of it is needed to build or
# test the service.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
mkdir -p "$1/models"
out="$(cd "$1" && pwd)"
if ! cmp -s "$here/requirements.txt" "$out/installed.txt"; then
    echo "bench: installing PyTorch, ONNX Runtime and FastAPI into $out/venv (several GB, once)"
    python3 -m venv "$out/venv"
    "$out/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$out/installed.txt"
fi
if [ ! -f "$out/models/done" ]; then
    "$out/venv/bin/python" "$here/prepare.py" "$here/../../models/heartstrings-en" "$out/models"
fi
