#!/bin/sh
# Builds mini-ci, runs it with the arguments given, and does both again whenever a source file changes. When the new
# state does not compile, what ran before goes on running.
#
#   Scripts/dev-watch.sh server --host 0.0.0.0 --port 8000
#
# It asks the file system once a second instead of waiting for events: those do not cross every kind of bind mount.
set -eu
cd "$(dirname "$0")/.."

running=
copy=$(mktemp -d "${TMPDIR:-/tmp}/mini-ci-dev.XXXXXX")

say() { printf 'dev-watch: %s\n' "$*"; }

# Changes with every file that is edited, added, removed or renamed.
state_of_sources() {
    find Package.swift Sources -type f -printf '%p %T@ %s\n' | LC_ALL=C sort | cksum
}

stop() {
    [ -n "$running" ] || return 0
    kill -TERM "$running" 2>/dev/null || true
    wait "$running" 2>/dev/null || true
    running=
}

trap 'stop; rm -rf "$copy"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

restart() {
    swift build --product mini-ci || { say "does not build; waiting for the next change"; return 0; }
    stop
    # The next build replaces the file in .build while this one runs.
    cp "$(swift build --show-bin-path)/mini-ci" "$copy/mini-ci"
    say "mini-ci $*"
    "$copy/mini-ci" "$@" &
    running=$!
}

built=
while :; do
    # Taken before the build: what changes during it is built next.
    now=$(state_of_sources)
    if [ "$now" != "$built" ]; then
        built=$now
        restart "$@"
    fi
    sleep 1
done
