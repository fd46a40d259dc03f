#!/bin/bash
# Runs builds on real servers, workers and databases while they are killed, stopped and cut off from one another, then
# checks that nothing was lost. Its last lines are a table; it exits with 0 only where no promise was broken.
#
#   CHAOS_SECONDS   how long, 900 where it is not said
#   CHAOS_SEED      repeats the faults of another run, which printed it
#   CHAOS_HISTORY   folder for the histories, /tmp/mini-ci-chaos where it is not said
set -euo pipefail
cd "$(dirname "$0")/.."
Scripts/setup.sh --test
# The flavour of the tests: its checks of arithmetic and of states are on, and nothing has to be built twice.
swift build --product mini-ci-chaos
folder=$(swift build --show-bin-path)
exec env SWIFT_BACKTRACE="${SWIFT_BACKTRACE:-enable=no}" "$folder/mini-ci-chaos" \
    --seconds "${CHAOS_SECONDS:-900}" --histories "${CHAOS_HISTORY:-/tmp/mini-ci-chaos}" \
    ${CHAOS_SEED:+--seed "$CHAOS_SEED"}
