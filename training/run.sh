#!/usr/bin/env bash
# Makes the model from a folder of labelled data, from nothing. Each stage goes on where it was.
#
# Usage: run.sh DATA. State lives in HEARTSTRINGS_TRAINING (default: ~/.cache/heartstrings), so
# that it survives the checkout; remove that folder to start anew. TOKENS sets the budget of the
# student's run, the others follow. TEACHER=0 leaves the teacher out, QUICK=1 makes a toy model of a
# few texts of each set into the state folder, to try all stages.
set -euo pipefail
# Before the folder is left that it is named from.
data="$(realpath "${1:?say where the labelled data is}")"
cd "$(dirname "$0")"

source ./environment.sh
if [ "${QUICK:-0}" = 1 ]; then
    tokens="${TOKENS:-12000}"
    slice=(--limit 60 --batch-tokens 1024)
    sample=(--dev-limit 40)
    runs="$state/quick"
    out="$runs/model"
    fixtures="$runs/fixtures.json"
else
    tokens="${TOKENS:-9000000}"
    slice=()
    sample=()
    runs="$state/runs-$tokens"
    out=../models/heartstrings-en
    fixtures=../tests/parity/fixtures.json
fi
mkdir -p "$runs"

planned=(--data "$data" --base "$base" "${slice[@]}")

soft=()
if [ "${TEACHER:-1}" = 1 ]; then
    ./teacher.sh "$state"
    say "the teacher learns ($((tokens / 3)) tokens)"
    module train --data "$data" --base "$state/mpnet" --tokenizer "$base/tokenizer.json" \
        "${slice[@]}" --out "$runs/teacher" --tokens "$((tokens / 3))" --learning-rate 3e-5 --freeze 4 \
        --seed 3
    say "the teacher labels the student's run"
    module label "${planned[@]}" --teacher-base "$state/mpnet" --teacher "$runs/teacher/checkpoint.pt" \
        --out "$runs/labels" --tokens "$tokens"
    soft=(--soft "$runs/labels")
fi

say "the student learns ($tokens tokens)"
module train "${planned[@]}" --out "$runs/student" --tokens "$tokens" "${soft[@]}"
student="$runs/student/checkpoint.pt"
# Two gentler runs from there, one over everything and one over sentences. The mean of the weights of
# all three is better than each of them.
module train "${planned[@]}" --out "$runs/all" --start-from "$student" --tokens "$((tokens / 3))" \
    --learning-rate 5e-5 --seed 11
module train "${planned[@]}" --out "$runs/sentences" --start-from "$student" \
    --tokens "$((tokens / 4))" --learning-rate 3e-5 --seed 22 --recipe sentences
module average --out "$runs/mean.pt" "0.3=$student" "0.4=$runs/all/checkpoint.pt:average" \
    "0.3=$runs/sentences/checkpoint.pt:average"
# None of them trained a head on the mean's encoder; the rarest head is fitted anew.
module refit "${planned[@]:0:4}" "${slice[@]:0:2}" --checkpoint "$runs/mean.pt" --out "$runs/refit.pt"

# Names, groups and places shall not matter, and that comes last: all that is learnt after it makes them matter again.
module level "${planned[@]}" --out "$runs/level" --start-from "$runs/refit.pt" --tokens "$((tokens / 12))" \
    --batch-tokens 768 --recipe sentences --seed 71
module average --out "$runs/levelled.pt" "1=$runs/level/checkpoint.pt:average"

say "calibration and export"
module export --data "$data" --base "$base" --checkpoint "$runs/levelled.pt" --pairs pairs.tsv \
    --out "$out" --log "$runs/figures.jsonl" "${sample[@]}"
with="opinions of a teacher"
if [ "${TEACHER:-1}" != 1 ]; then with="labels alone"; fi
module card --model "$out" --template card.md --made "one run of \`make model\`: $tokens tokens of $with, two gentler runs, the \
mean of the three, and a last run in which names, groups and places come to matter less"
module parity --base "$base" --model "$out" --out "$fixtures"
say "the model is in $out, its figures in $out/config.json; run the parity test: cargo test --test parity"
