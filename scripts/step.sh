#!/bin/sh
# Runs a step and says how long it took: scripts/step.sh NAME COMMAND [ARGUMENT...]
set -eu

name=$1
shift
echo "== $name"
began=$(date +%s)
code=0
"$@" || code=$?
echo "== $name: $(($(date +%s) - began)) s, exit code $code"
exit "$code"
