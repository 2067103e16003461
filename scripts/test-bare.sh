#!/usr/bin/env bash
# Runs the two commands of the README in a bare Debian 12, to show that they need nothing else.
#
# Usage, as root: scripts/test-bare.sh [all|setup]
#   all    `make run` until the service answers, then `make test` (the default)
#   setup  only what both of them fetch: libtorch and the tools of the contract; nothing is built
#
# The system is made by debootstrap with the programs that the README names, and nothing more. The
# commands run in a chroot as a user without rights, on a clone of the last commit. From this machine
# come the network, the Rust toolchain (read-only) and the list of trusted certificates.
#
# BARE_FOLDER says where the system goes (about 10 GB; default: ~/.cache/heartstrings/bare). It is made
# anew by each run and stays for a look afterwards. BARE_MIRROR names another mirror of Debian.
set -euo pipefail
cd "$(dirname "$0")/.."

part="${1:-all}"
folder="${BARE_FOLDER:-${XDG_CACHE_HOME:-$HOME/.cache}/heartstrings/bare}"
mirror="${BARE_MIRROR:-http://deb.debian.org/debian}"
packages=gcc,g++,make,python3,python3-pip,curl,ca-certificates
# Seconds until the service must answer: a build of everything on two slow cores.
patience=3600

fail() {
    echo "test-bare: $*" >&2
    exit 1
}

need() {
    command -v "$1" > /dev/null || fail "$1 is missing; install it (Debian: apt-get install $2)"
}

# Everything is mounted in a namespace of its own: the kernel removes the mounts, and ends all
# processes, when this script ends.
if [ -z "${BARE_INSIDE:-}" ]; then
    [ "$part" = all ] || [ "$part" = setup ] || fail "$part is no part; say all or setup"
    [ "$(id -u)" = 0 ] || fail "debootstrap and chroot need root; run it with sudo"
    need debootstrap debootstrap
    need git git
    need unshare util-linux
    need rustc "rustc, or see https://www.rust-lang.org/tools/install"
    [ -z "$(git status --porcelain)" ] ||
        echo "test-bare: changes that are not committed are left out" >&2
    BARE_INSIDE=1 exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
        "$0" "$part"
fi

say() {
    echo "test-bare: $(date +%T) $*"
}

root="$folder/root"
mkdir -p "$folder"
exec 9> "$folder/lock"
flock --nonblock 9 || fail "another run is under way in $folder; wait for it, or set BARE_FOLDER"
free_mib=$(df --output=avail -m "$folder" | tail -n 1 | tr -d ' ')
[ "$free_mib" -ge 12000 ] || fail "12 GB of disk are needed in $folder, and $free_mib MB are free; make room"

say "making a Debian 12 with $packages in $root"
rm -rf "$root"
debootstrap --variant=minbase --include="$packages" bookworm "$root" "$mirror" > "$folder/debootstrap.log" 2>&1 ||
    fail "debootstrap failed; $folder/debootstrap.log says why"

mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root/opt/rust"
mount --bind "$(rustc --print sysroot)" "$root/opt/rust"
mount -o remount,bind,ro "$root/opt/rust"
cp --dereference /etc/resolv.conf "$root/etc/resolv.conf"
cp --dereference /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"

chroot "$root" useradd --create-home newcomer
git clone --quiet "file://$PWD" "$root/home/newcomer/heartstrings"
chroot "$root" chown -R newcomer:newcomer /home/newcomer
say "the clone is of $(git rev-parse --short HEAD)"

# Runs a command as the newcomer in the clone, with nothing of this machine's environment. Node knows
# only certificates of its own, so it is told of the system's.
as_newcomer() {
    chroot --userspec=newcomer:newcomer "$root" /usr/bin/env -i HOME=/home/newcomer USER=newcomer \
        LANG=C.UTF-8 NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
        PATH=/opt/rust/bin:/usr/local/bin:/usr/bin:/bin \
        bash -c "cd ~/heartstrings && exec $1"
}

if [ "$part" = setup ]; then
    say "make setup"
    as_newcomer "make setup"
    say "tests/contract/setup.sh"
    as_newcomer "tests/contract/setup.sh"
    say "both have what they fetch"
    exit 0
fi

say "make run"
started=$SECONDS
as_newcomer "make run" > "$folder/run.log" 2>&1 &
run=$!
until grep -q "^listening on " "$folder/run.log"; do
    kill -0 "$run" 2> /dev/null || { tail -n 40 "$folder/run.log" >&2; fail "make run has failed; $folder/run.log holds all of it"; }
    [ $((SECONDS - started)) -lt "$patience" ] || fail "make run does not listen after $patience s; see $folder/run.log"
    sleep 1
done
as_newcomer "curl -sSf http://127.0.0.1:8080/ready" > /dev/null || fail "the service does not answer on /ready; see $folder/run.log"
say "make run listens after $((SECONDS - started)) s"
service="$(cat "$root"/proc/[0-9]*/stat 2> /dev/null | awk '$2 == "(heartstrings)" { print $1; exit }')"
[ -n "$service" ] || fail "there is no process named heartstrings; was another service on port 8080?"
kill -TERM "$service"
wait "$run" || fail "make run did not end well after SIGTERM; see $folder/run.log"

say "make test"
started=$SECONDS
as_newcomer "make test" > "$folder/test.log" 2>&1 ||
    { tail -n 40 "$folder/test.log" >&2; fail "make test has failed; $folder/test.log holds all of it"; }
say "make test is done after $((SECONDS - started)) s"
grep -h "^test result:" "$folder/test.log"
say "both commands work on a bare Debian 12"
