#!/bin/sh
# Checks a server's answers against its own OpenAPI document: scripts/schemathesis.sh [ARGUMENT...]
#
# Schemathesis is installed from PyPI into target/schemathesis where it is missing. The server is
# started by scripts/with-server.sh, in a workspace of its own, unless VICTOR_API_HOST is set.
#
#   EXAMPLES  random requests for each operation (default: 200)
#   SEED      seed of the requests (default: 1)
#
# Arguments are handed to `schemathesis run`.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
venv=$here/target/schemathesis

if [ -z "${VICTOR_API_HOST:-}" ]; then
    VICTOR=${VICTOR:-$here/target/release/victor}
    export VICTOR
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    printf 'one\ntwo\n' >"$work/a.txt"
    code=0
    SERVE_ARGS="--profile instant --workspace $work ${SERVE_ARGS:-}" \
        "$here/scripts/with-server.sh" "$0" "$@" || code=$?
    exit "$code"
fi

if [ ! -x "$venv/bin/schemathesis" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet 'schemathesis>=4.32,<5'
fi

cd "$here/target"
exec "$venv/bin/schemathesis" --config-file "$here/scripts/schemathesis.toml" run \
    "$VICTOR_API_HOST/openapi.json" --seed "${SEED:-1}" --max-examples "${EXAMPLES:-200}" \
    --generation-database none --no-color "$@"
