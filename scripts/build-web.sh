#!/usr/bin/env bash
# Installs and builds one of the web parts, widget or console: build-web.sh install|build widget|console.
set -euo pipefail
cd "$(dirname "$0")/.."

step=${1:?usage: build-web.sh install|build widget|console}
part=${2:?usage: build-web.sh install|build widget|console}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "Node 20 or newer with npm is needed to build web/$part, and was not found. Install it and try again." >&2
    exit 1
fi
major=$(node -p 'process.versions.node.split(".")[0]')
if [ "$major" -lt 20 ]; then
    echo "Node $major is too old to build web/$part: Node 20 or newer is needed." >&2
    exit 1
fi
if [ ! -f "web/$part/package-lock.json" ]; then
    echo "web/$part/package-lock.json is missing: this checkout is not complete. Fetch it again with git." >&2
    exit 1
fi

quietly() { # a build's long report is of interest only when it fails
    local report
    report=$("$@" 2>&1) || {
        printf '%s\n' "$report" >&2
        return 1
    }
}

cd "web/$part"
case $step in
install) quietly npm ci --no-audit --no-fund --loglevel=error ;;
build) quietly npm run --silent build ;;
*)
    echo "Unknown step: $step (install or build)" >&2
    exit 2
    ;;
esac
