#!/bin/sh
# Runs a command against a server: scripts/with-server.sh COMMAND [ARGUMENT...]
#
# When VICTOR_API_HOST is set, that server is used. Otherwise `victor serve` is started on a free
# port, VICTOR_API_HOST is set to its address, and it is stopped when the command ends, whichever
# way. The exit code is the command's.
#
#   VICTOR      the binary (default: target/release/victor)
#   SERVE_ARGS  more flags for `victor serve`
set -eu

victor=${VICTOR:-target/release/victor}

if [ $# -eq 0 ]; then
    echo "usage: scripts/with-server.sh COMMAND [ARGUMENT...]" >&2
    exit 2
fi
if [ -n "${VICTOR_API_HOST:-}" ]; then
    exec "$@"
fi

work=$(mktemp -d)
server=
command=
stopped=

stop() {
    trap - EXIT INT TERM HUP
    if [ -n "$server" ]; then
        # What it says before it is told to stop is worth reading; that it stops is not.
        cat "$work/talk" >&2
        kill "$server" 2>/dev/null || :
        wait "$server" 2>/dev/null || :
    fi
    rm -rf "$work"
}

pass_on() {
    stopped=$2
    if [ -n "$command" ]; then
        kill -s "$1" "$command" 2>/dev/null || :
    fi
}

trap stop EXIT
trap 'pass_on INT 130' INT
trap 'pass_on TERM 143' TERM
trap 'pass_on TERM 129' HUP

# Server and command get sessions of their own: Ctrl-C then reaches this script alone, which passes
# it on to the command, so that the server outlives the report of what ran.
mkfifo "$work/address"
: >"$work/talk"
# shellcheck disable=SC2086 # SERVE_ARGS is a list of words
setsid "$victor" serve --port 0 ${SERVE_ARGS:-} >"$work/address" 2>"$work/talk" &
server=$!

# The line comes once the server listens; an end without it means that it could not start.
line=
read -r line <"$work/address" || :
address=${line#victor serve: }
address=${address%% *}
case $address in
http://*) ;;
*)
    echo "error: \`$victor serve\` did not start" >&2
    exit 3
    ;;
esac

if [ -n "$stopped" ]; then
    exit "$stopped"
fi
VICTOR_API_HOST=$address
export VICTOR_API_HOST
setsid "$@" &
command=$!
if [ -n "$stopped" ]; then
    kill -s TERM "$command" 2>/dev/null || :
fi

# A signal cuts `wait` short; the command is over when it can no longer be found.
code=0
while :; do
    code=0
    wait "$command" || code=$?
    kill -0 "$command" 2>/dev/null || break
done
exit "$code"
