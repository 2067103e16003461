# To be sourced: a service on a free port with an empty store, which ends when the script ends.
#
# Sets `work`, a temporary folder, and defines `start_service BINARY`, which sets `url`.

work="$(mktemp -d)"
service=
trap '[ -z "$service" ] || kill "$service" 2> /dev/null || true; rm -rf "$work"' EXIT

start_service() {
    "$1" serve --listen 127.0.0.1:0 --store "sled:$work/data" --log warn \
        > "$work/output" 2> "$work/log" &
    service=$!
    until grep -q "^listening on " "$work/output"; do
        kill -0 "$service" 2> /dev/null || { cat "$work/log" >&2; exit 1; }
        sleep 0.2
    done
    url="$(sed -n 's/^listening on //p' "$work/output")"
}
