#!/bin/sh
# Layout and the rules of .swift-format, as errors. `make fmt` repairs what is only layout.
#
#   Scripts/lint.sh         looks
#   Scripts/lint.sh --fix   rewrites
set -eu
cd "$(dirname "$0")/.."

mode=${1:-}
set --
# A folder that is not there yet is no error.
for path in Package.swift Sources Tests Benchmarks; do
    if [ -e "$path" ]; then set -- "$@" "$path"; fi
done
case $mode in
    '') exec swift format lint --strict --parallel --recursive "$@" ;;
    --fix) exec swift format --in-place --parallel --recursive "$@" ;;
    *) echo "lint: expected --fix or nothing, got '$mode'" >&2; exit 2 ;;
esac
