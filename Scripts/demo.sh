#!/bin/bash
# A build from nothing, as a newcomer meets it: starts mini-ci on a free port with a temporary data folder, makes a git
# repository out of examples/calc, submits a build of it, follows the log, and stops everything again.
#
# DEMO_COMMAND='make test && false' Scripts/demo.sh   shows a build that fails
#
# Exits 0 when the build succeeded, 1 when it failed, 3 when it could not be run.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
command=${DEMO_COMMAND:-make test}
seconds_to_start=30
# A build that was interrupted gets its ten seconds to end by itself.
seconds_to_stop=15
server=
scratch=

heading() { printf '\n== %s\n' "$*"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 3; }

# shellcheck disable=SC2317  # called by the trap
stop_everything() {
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null || true
        for ((tenths = 0; tenths < 10 * seconds_to_stop; tenths++)); do
            kill -0 "$server" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    if [ -n "$scratch" ]; then rm -rf "$scratch"; fi
}
trap stop_everything EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A port nobody listens on. Somebody may still take it in between; the start below then fails with a clear message.
free_port() {
    local port
    for _ in {1..50}; do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    return 1
}

make_repository() {
    local git=(git -C "$1" -c user.name=demo -c user.email=demo@example.com -c commit.gpgsign=false)
    mkdir -p "$1"
    cp -R "$root/examples/calc/." "$1"
    git init --quiet --initial-branch=main "$1"
    "${git[@]}" add --all
    "${git[@]}" commit --quiet --message 'A calculator and its tests'
}

wait_until_ready() {
    local deadline=$((SECONDS + seconds_to_start))
    until curl --silent --fail --noproxy '*' --output /dev/null "$MINI_CI_SERVER/readyz"; do
        kill -0 "$server" 2>/dev/null || fail "mini-ci did not start; it said: $(cat "$scratch/server.log")"
        [ "$SECONDS" -lt "$deadline" ] ||
            fail "not ready after $seconds_to_start s; it said: $(cat "$scratch/server.log")"
        sleep 0.1
    done
}

heading "Building mini-ci (the first time takes 5 to 20 minutes, and about 1 GB)"
"$root/Scripts/build.sh"
mini_ci=$root/.build/release/mini-ci

scratch=$(mktemp -d "${TMPDIR:-/tmp}/mini-ci-demo.XXXXXX")
port=$(free_port) || fail "found no free port"
export MINI_CI_DATA=$scratch/data MINI_CI_SERVER=http://127.0.0.1:$port

heading "Starting it: mini-ci up --port $port --data $MINI_CI_DATA"
"$mini_ci" up --host 127.0.0.1 --port "$port" --data "$MINI_CI_DATA" >"$scratch/server.log" 2>&1 &
server=$!
wait_until_ready
echo "ready at $MINI_CI_SERVER"

heading "Making a git repository out of examples/calc"
make_repository "$scratch/calc"
git -C "$scratch/calc" --no-pager log --oneline --stat

heading "Submitting a build: mini-ci submit --repo … --ref main --command '$command' --follow"
result=0
"$mini_ci" submit --repo "$scratch/calc" --ref main --command "$command" --follow || result=$?

heading "What the server keeps: mini-ci builds"
"$mini_ci" builds || fail "the server does not list its builds"

case $result in
    0) heading "The build succeeded." ;;
    1) heading "The build failed." ;;
    *) fail "'mini-ci submit' exited with $result" ;;
esac

cat <<END

Where to look next, with a server that stays (mini-ci is .build/release/mini-ci):

  make up                                  the same server, with its data in the default place
  mini-ci submit --repo . --command 'ls && echo hello' --follow
  mini-ci builds                           every build it ever ran
  mini-ci logs ID                          a build's log, also long after it ended; the id's end is enough
  http://127.0.0.1:8000/openapi.yaml       the HTTP API
  README.md, docs/                         the rest
END
exit "$result"
