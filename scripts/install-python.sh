#!/usr/bin/env bash
# Installs one part of the Python side: app, program, dev, bot or bot-dev.
#
# Nothing is resolved here (--no-deps): what the lock file says is what is installed, hash by hash.
# Bytecode is compiled now, because Rasa takes 37 s to start without it and 13 s with it.
set -euo pipefail
cd "$(dirname "$0")/.."

part=${1:?usage: install-python.sh app|program|dev|bot|bot-dev}
export UV_COMPILE_BYTECODE=1
UV=$(scripts/find-uv.sh)
export UV

make_env() { # folder, version
    local python
    [ -x "$1/bin/python" ] && "$1/bin/python" -c '' 2>/dev/null && return
    python=$(scripts/find-python.sh "$2")
    "$UV" venv --quiet --clear --python "$python" "$1"
}

# A progress bar for a person; into a file only what goes wrong.
quiet=()
[ -t 2 ] || quiet=(--quiet)

install() { # environment, then the arguments of uv pip install
    local env=$1
    shift
    "$UV" pip install "${quiet[@]}" --python "$env/bin/python" --no-deps "$@"
}

install_torch() {
    # A folder or index of wheels where one is named, else the CPU build: the default one carries CUDA, 3 GB of it.
    local links=${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}
    if [ -n "$links" ]; then
        UV_FIND_LINKS=$links install .venv -r requirements/torch.in
    else
        UV_TORCH_BACKEND=${UV_TORCH_BACKEND:-cpu} install .venv -r requirements/torch.in
    fi
}

case $part in
app)
    make_env .venv 3.11
    install_torch
    install .venv --require-hashes -r requirements/app.lock
    .venv/bin/python scripts/check_encoder.py
    ;;
program) install .venv --editable . ;;
dev) install .venv --require-hashes -r requirements/dev.lock ;;
bot)
    make_env bot/.venv 3.10
    install bot/.venv --require-hashes -r requirements/bot.lock
    ;;
bot-dev) install bot/.venv --require-hashes -r requirements/bot-dev.lock ;;
*)
    echo "Unknown part: $part (app, program, dev, bot or bot-dev)" >&2
    exit 2
    ;;
esac
