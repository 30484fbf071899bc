#!/usr/bin/env bash
# Writes requirements/*.lock from requirements/*.in, with hashes and without paths or hosts.
#
# Give the arguments of `uv pip compile` to change something: scripts/lock.sh --upgrade-package fastapi
set -euo pipefail
cd "$(dirname "$0")/.."

uv=$(scripts/find-uv.sh)
export UV_FIND_LINKS=${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}
if [ -z "$UV_FIND_LINKS" ]; then
    unset UV_FIND_LINKS
    export UV_TORCH_BACKEND=${UV_TORCH_BACKEND:-cpu}
fi

lock() { # name, python version, further arguments
    local name=$1 python=$2
    shift 2
    echo "Locking requirements/$name.lock"
    # torch is pinned in torch.in and left out here: its CPU build has no entry on the package index.
    "$uv" pip compile --quiet --generate-hashes --no-header --no-emit-package torch --no-emit-find-links \
        -c requirements/torch.in --python-version "$python" "$@" \
        "requirements/$name.in" -o "requirements/$name.lock"
}

lock app 3.11 "$@"
lock dev 3.11 "$@"
lock bot 3.10 "$@"
lock bot-dev 3.10 "$@"
