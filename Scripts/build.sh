#!/bin/sh
# Builds the release binary, .build/release/mini-ci.
set -eu
cd "$(dirname "$0")/.."
exec swift build -c release --product mini-ci
