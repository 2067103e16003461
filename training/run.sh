#!/usr/bin/env bash
# Makes the model from a folder of labelled data, from nothing. Each stage goes on where it was.
#
# Usage: run.sh DATA. State lives in HEARTSTRINGS_TRAINING (default: ~/.cache/heartstrings), so
# that it survives the checkout; remove that folder to start anew. TOKENS sets the budget of the
# student's run, the others follow. The teacher is the one that teach.sh trains; TEACHER=0 leaves it out.
# QUICK=1 makes a toy model of a few texts of each set into the state folder, to try all stages.
set -euo pipefail
# Before the folder is left that it is named from.
data="$(realpath "${1:?say where the labelled data is}")"
cd "$(dirname "$0")"

source ./environment.sh
if [ "${QUICK:-0}" = 1 ]; then
    tokens="${TOKENS:-12000}"
    slice=(--limit 60 --batch-tokens 1024)
    sample=(--dev-limit 40)
    asked=(--tokens 20000)
    runs="$state/quick"
    out="$runs/model"
    fixtures="$runs/fixtures.json"
else
    tokens="${TOKENS:-9000000}"
    slice=()
    sample=()
    asked=()
    runs="$state/runs-$tokens"
    out=../models/heartstrings-en
    fixtures=../tests/parity/fixtures.json
fi
mkdir -p "$runs"

planned=(--data "$data" --base "$base" "${slice[@]}")
tokenizer=(--tokenizer "$base/tokenizer.json")

labels=()
if [ "${TEACHER:-1}" = 1 ]; then
    ./teacher.sh "$state"
    if [ "${QUICK:-0}" = 1 ]; then
        say "a toy of a teacher learns"
        module train_teacher --data "$data" --base "$state/mpnet" "${tokenizer[@]}" "${slice[@]}" \
            --out "$runs/teacher" --steps 6 --lower-every 2
        teacher="$runs/teacher/checkpoint.pt"
    else
        # The run of teach.sh, as far as it is: it takes days, and whoever waits for less takes less.
        teacher="$state/teacher/checkpoint.pt"
        [ -f "$teacher" ] || { say "there is no teacher yet; train one with training/teach.sh, or set TEACHER=0"; exit 1; }
    fi
    # A copy of its own, so that the labels stay those of one teacher while its run goes on.
    snapshot="$runs/teacher.pt"
    [ -f "$snapshot" ] || module average --out "$snapshot" "1=$teacher:average"
    say "the teacher labels texts"
    module label "${planned[@]:0:4}" "${slice[@]:0:2}" --teacher-base "$state/mpnet" --teacher "$snapshot" \
        --out "$runs/labels" "${asked[@]}"
    labels=(--teacher-labels "$runs/labels")
fi

say "the student learns ($tokens tokens)"
student="$runs/student/checkpoint.pt"
module train_student --data "$data" --base "$base" "${tokenizer[@]}" "${slice[@]}" --out "$runs/student" \
    --cool-down "$tokens" --measure-every 2000 "${labels[@]}"
# Two gentler runs from there, one over everything and one over sentences. The mean of the weights of
# all three is better than each of them.
module train "${planned[@]}" --out "$runs/all" --start-from "$student" --tokens "$((tokens / 3))" \
    --learning-rate 5e-5 --seed 11 "${labels[@]}"
module train "${planned[@]}" --out "$runs/sentences" --start-from "$student" \
    --tokens "$((tokens / 4))" --learning-rate 3e-5 --seed 22 --recipe sentences "${labels[@]}"
module average --out "$runs/mean.pt" "0.3=$student:average" "0.4=$runs/all/checkpoint.pt:average" \
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
with="labels and what a teacher says"
if [ "${TEACHER:-1}" != 1 ]; then with="labels alone"; fi
module card --model "$out" --template card.md --made "one run of \`make model\`: $tokens tokens of $with, two gentler runs, the \
mean of the three, and a last run in which names, groups and places come to matter less"
module parity --base "$base" --model "$out" --out "$fixtures"
say "the model is in $out, its figures in $out/config.json; run the parity test: cargo test --test parity"
