#!/bin/bash
# Everything CI runs, in one debug flavour: lint, build with warnings as errors, all suites. Its last line says how many
# tests ran. Exits non-zero when anything failed or was skipped without --allow-skipped.
#
#   Scripts/test.sh [--allow-skipped] [arguments for swift-testing, e.g. --filter StoreContract]
set -euo pipefail
cd "$(dirname "$0")/.."

allow_skipped=
if [ "${1:-}" = --allow-skipped ]; then
    allow_skipped=yes
    shift
fi

heading() { printf '\n== %s\n' "$*"; }

# The numbers of a report by swift-testing: one <testcase> each, with <failure> or <skipped> inside it.
count() {
    awk '
        /<testcase /  { tests++; failed = 0 }
        /<failure/    { if (!failed) failures++; failed = 1 }
        /<skipped/    { skipped++ }
        END           { print tests - failures - skipped, failures + 0, skipped + 0 }
    ' "$1"
}

Scripts/setup.sh --test

heading "Lint"
Scripts/lint.sh
echo "clean"

# Packages that the project depends on compile with their own settings; warnings in ours are errors (Package.swift).
heading "Build (debug, with tests)"
swift build --build-tests

heading "Test"
reports=$(mktemp -d "${TMPDIR:-/tmp}/mini-ci-test.XXXXXX")
trap 'rm -rf "$reports"' EXIT
# The tests of the HTTP API find schemathesis on the PATH. A crash must end the run, and Swift's backtracer can keep the
# pipe of the process that crashed open for ever; set SWIFT_BACKTRACE=enable=yes to look into one.
export PATH="$PWD/.build-tools/venv/bin:$PATH" SWIFT_BACKTRACE=${SWIFT_BACKTRACE:-enable=no}
status=0
report=$reports/tests.xml
# The bundle is run by itself because `swift test` does not pass the width on. Many tests start processes and servers; all
# of them at once on a small machine would only wait for one another.
bundle=$(swift build --show-bin-path)/mini-ciPackageTests.xctest
"$bundle" --testing-library swift-testing --experimental-maximum-parallelization-width 6 \
    --xunit-output "$report" "$@" || status=$?

if [ ! -s "$report" ]; then
    printf '\nmini-ci: the test run ended without a report (exit code %s): it crashed\n' "$status"
    exit 1
fi
read -r passed failed skipped < <(count "$report")
if [ "$passed" -eq 0 ]; then
    echo "test: not a single test passed" >&2
    status=1
fi
if [ "$skipped" -gt 0 ] && [ -z "$allow_skipped" ]; then
    echo "test: skipped tests prove nothing; run 'make setup', or pass --allow-skipped" >&2
    status=1
fi
if [ "$failed" -gt 0 ]; then status=1; fi
printf '\nmini-ci: %s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
exit "$status"
