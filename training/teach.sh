#!/usr/bin/env bash
# Trains the teacher, a network that is not shipped, until it is stopped. Days on two processors without AMX.
#
# Usage: teach.sh DATA [OPTION...]; the options are those of heartstrings_training/train_teacher.py. The run
# lives in STATE/teacher (STATE is ~/.cache/heartstrings, or HEARTSTRINGS_TRAINING), saves itself every few
# minutes, and the same command goes on where it was. To run it beside other work:
#     setsid nohup nice -n 19 training/teach.sh DATA > ~/.cache/heartstrings/teacher/output.log 2>&1 &
set -euo pipefail
# Before the folder is left that it is named from.
data="$(realpath "${1:?say where the labelled data is}")"
cd "$(dirname "$0")"
source ./environment.sh
./teacher.sh "$state"
mkdir -p "$state/teacher"
exec 9> "$state/teacher/lock"
flock --nonblock 9 || { say "the teacher is training already; its log is $state/teacher/train.jsonl"; exit 1; }
module train_teacher --data "$data" --base "$state/mpnet" --tokenizer "$base/tokenizer.json" \
    --out "$state/teacher" --lower-every 2 --measure-every 150 "${@:2}"
