#!/usr/bin/env bash
# Made tests/golden/v1.tar.gz and v1.ndjson, a database as the first version writes it, and what it
# holds, and v2, the same with lists by label, emotion and source. They are kept so that every later
# version is tested on them, and not made anew; a new layout gets a new pair beside them.
#
#     tests/golden/make.sh target/release/heartstrings v1
#     tests/golden/make.sh target/release/heartstrings v2 --page-scan 4
set -euo pipefail
binary=$1
version=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
"$binary" serve --store "sled:$folder/data" --listen 127.0.0.1:18080 --free-disk-mib 0 "$@" > "$folder/out" &
service=$!
trap 'kill "$service" 2> /dev/null || true; rm -rf "$folder"' EXIT
until grep -q listening "$folder/out"; do :; done

url=http://127.0.0.1:18080
send() { curl -sSf -o "$folder/answer" "$@" -H 'Content-Type: application/json'; }

for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
    send "$url/v1/reviews" -d "{
        \"id\": \"numbered-$number\", \"subject\": \"film-$((number % 3))\", \"rating\": $((1 + number % 5)),
        \"written_at\": \"20$((10 + number))-0$((1 + number % 9))-15T12:00:00.000001Z\", \"source\": \"golden\",
        \"text\": \"The film number $number was good in its first half. The rest of it was so bad that I left!\"}"
done
send "$url/v1/reviews" -d '{"id": "full:1", "subject": "sku:4711", "title": "Ein Titel", "rating": 4.5,
    "author": "minji", "source": "shop", "language": "en", "written_at": "1999-12-31T23:59:59.999999Z",
    "metadata": {"country": "KR", "emoji": "😭"}, "text": "I love it. 😍 It made me cry, and I am thankful for it."}'
send "$url/v1/reviews" -d '{"id": "korean", "subject": "film-1", "text": "이 영화는 정말 감동적이었습니다. 마지막 장면에서 많이 울었어요."}'
send "$url/v1/reviews" -H 'Idempotency-Key: golden' -d '{"subject": "film-2", "text": "Sent under a key of its own."}'
long=$(for sentence in $(seq 100); do printf 'Sentence number %s of a long review says that it is fine. ' "$sentence"; done)
send "$url/v1/reviews" -d "{\"id\": \"long\", \"subject\": \"film-0\", \"text\": \"$long\"}"
send -X PUT "$url/v1/reviews/numbered-2" -d '{"subject": "film-0", "text": "Replaced: I hate it now."}'
send -X DELETE "$url/v1/reviews/numbered-3"

curl -sSf "$url/v1/export" > "$here/$version.ndjson"
curl -sSf "$url/v1/summary" >> "$here/$version.ndjson"
echo >> "$here/$version.ndjson"
kill "$service"
wait "$service"
trap 'rm -rf "$folder"' EXIT
tar --sort=name --owner=0 --group=0 -C "$folder" -czf "$here/$version.tar.gz" data
