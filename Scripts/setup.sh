#!/bin/sh
# Brings a Debian 12 machine with Swift to the point where mini-ci builds, runs and is tested.
#
#   Scripts/setup.sh             the Debian packages that are missing, and a look at the Swift toolchain
#   Scripts/setup.sh --test      the same, and the tools that only the tests need, inside the project folder
#   Scripts/setup.sh --packages  the Debian packages alone (what one runs as root when the rest runs as a user)
#
# It starts no daemon, and does nothing where nothing is missing.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.build-tools/venv
requirements=$root/Scripts/test-requirements.txt
minimum_swift=6.2

# package|what proves that it is there|why. The proof is a command, or the pattern of a path; it lets installations pass
# that did not come from Debian.
packages='ca-certificates|/etc/ssl/certs/ca-certificates.crt|fetching Swift packages and https repositories
git|git|Swift packages, and the source of every build
openssh-client|ssh|ssh:// repositories
make|make|the Makefile here, and the command of the demo build
gcc|cc|the C program that the demo builds
libc6-dev|/usr/include/stdio.h|C headers, for the supervisor of builds and the demo
libstdc++-12-dev|/usr/include/c++/*/iostream|C++ headers, for the cryptography package
pkg-config|pkg-config|how the build finds libpq
libsqlite3-dev|/usr/include/sqlite3.h|SQLite: the store of "mini-ci up"
libpq-dev|/usr/include/postgresql/libpq-fe.h|PostgreSQL client: the store of "mini-ci server"
curl|curl|the demo and the tests ask servers whether they are ready
procps|ps|the tests look for processes that a build left behind
postgresql|/usr/lib/postgresql/*/bin/initdb|the tests start a real PostgreSQL of their own
python3-venv|/usr/lib/python3*/ensurepip/__init__.py|a private place for schemathesis, which tests the HTTP API'

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# Whether one of the arguments is a command on the PATH or a path that exists.
is_there() {
    for proof; do
        case $proof in
            /*) [ ! -e "$proof" ] || return 0 ;;
            *) ! command -v "$proof" >/dev/null || return 0 ;;
        esac
    done
    return 1
}

missing_packages() {
    printf '%s\n' "$packages" | while IFS='|' read -r package proofs why; do
        # shellcheck disable=SC2086  # a pattern becomes the paths that match it
        is_there $proofs || printf '%s|%s\n' "$package" "$why"
    done
}

# Package lists older than a week name versions that the mirrors no longer have.
lists_are_fresh() {
    [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mtime -7 2>/dev/null | head -n 1)" ]
}

install_packages() {
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    names=$(printf '%s\n' "$missing" | cut -d '|' -f 1 | tr '\n' ' ')
    names=${names% }
    say "these Debian packages are missing:"
    printf '%s\n' "$missing" | while IFS='|' read -r package why; do printf '  %-16s %s\n' "$package" "$why"; done
    if ! command -v apt-get >/dev/null; then
        fail "this is no Debian (apt-get is not here); install their equivalents by hand"
    fi
    if [ "$(id -u)" -ne 0 ]; then
        printf 'setup: root is needed for that. Run:\n\n  sudo %s --packages\n\n' "$0" >&2
        printf 'or by hand (where postgresql is among them, Debian then also starts a database that mini-ci leaves alone):\n\n' >&2
        printf '  sudo apt-get update && sudo apt-get install -y --no-install-recommends %s\n\n' "$names" >&2
        exit 1
    fi
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    lists_are_fresh || apt-get update -q
    without_a_database_cluster
    # A second try with new lists: a mirror may have moved on within the week.
    # shellcheck disable=SC2086  # one word per package
    apt-get install -y -q --no-install-recommends $names || {
        apt-get update -q
        apt-get install -y -q --no-install-recommends $names
    }
    missing=$(missing_packages | cut -d '|' -f 1 | tr '\n' ' ')
    [ -z "$missing" ] || fail "still missing after the installation: $missing"
}

# Debian's PostgreSQL makes a cluster of its own on installation and starts it, then and at every boot. Nobody here uses
# it, and it would hold port 5432. The rule is taken back afterwards: whoever wants a cluster later asks for it.
without_a_database_cluster() {
    rule=/etc/postgresql-common/createcluster.d/mini-ci.conf
    case " $names " in *' postgresql '*) ;; *) return 0 ;; esac
    mkdir -p "$(dirname "$rule")"
    echo 'create_main_cluster = false' >"$rule"
    trap 'rm -f "$rule"' EXIT
}

check_swift() {
    command -v swift >/dev/null ||
        fail "no 'swift' on the PATH; install Swift $minimum_swift or later from https://www.swift.org/install/linux/"
    # "Swift version 6.2.1 (swift-6.2.1-RELEASE)"
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
    oldest=$(printf '%s\n%s\n' "$minimum_swift" "${version:-0}" | sort -V | head -n 1)
    [ "$oldest" = "$minimum_swift" ] ||
        fail "Swift ${version:-of an unknown version} is too old; install $minimum_swift or later from" \
            "https://www.swift.org/install/linux/"
}

install_test_tools() {
    cmp -s "$requirements" "$tools/installed.txt" && return 0
    say "installing into ${tools#"$root"/}: $(tr '\n' ' ' <"$requirements")"
    # Debian's own Python, whatever else the PATH has: it is the one that python3-venv belongs to.
    rm -rf "$tools"
    /usr/bin/python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check -r "$requirements" ||
        fail "could not install them from PyPI; the tests need it to be reachable once"
    # Written last, so that an interrupted installation is done again.
    cp "$requirements" "$tools/installed.txt"
}

mode=${1:-}
case $mode in
    '' | --test | --packages) ;;
    *) fail "expected --test, --packages or nothing, got '$mode'" ;;
esac
install_packages
[ "$mode" != --packages ] || exit 0
check_swift
[ "$mode" != --test ] || install_test_tools
