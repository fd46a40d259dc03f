#!/bin/sh
# Builds in release and measures. Arguments name the parts (startup pickup throughput reads log followers burndown).
set -eu
cd "$(dirname "$0")/.."
missing=""
for program in wrk perl curl; do command -v "$program" > /dev/null || missing="$missing $program"; done
if [ -n "$missing" ]; then
    echo "needed for the benchmarks:$missing"
    if [ "$(id -u)" = 0 ]; then
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
    else
        echo "install with: sudo apt-get install$missing" >&2
        exit 3
    fi
fi
swift build -c release --product mini-ci
swift build -c release --product mini-ci-bench
exec .build/release/mini-ci-bench "$@"
