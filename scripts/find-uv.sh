#!/usr/bin/env bash
# Prints the path of a uv that is new enough, installing the pinned one into .tools where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."

pinned=0.13.9
oldest=0.9.0

new_enough() {
    local version
    version=$("$1" --version 2>/dev/null | cut -d' ' -f2) || return 1
    [ -n "$version" ] && [ "$(printf '%s\n' "$oldest" "$version" | sort -V | head -n1)" = "$oldest" ]
}

for candidate in "$PWD/.tools/bin/uv" "$(command -v uv || true)"; do
    if [ -n "$candidate" ] && new_enough "$candidate"; then
        echo "$candidate"
        exit 0
    fi
done

echo "Installing uv $pinned into .tools ..." >&2
python=$(UV=false scripts/find-python.sh 3.11 2>/dev/null) || {
    echo "Python 3.11 is needed and was not found. Install it (with pyenv: pyenv install 3.11)," \
        "or name one: PYTHON311=/path/to/python3.11 make ..." >&2
    exit 1
}
rm -rf .tools
"$python" -m venv .tools
.tools/bin/python -m pip install --quiet --disable-pip-version-check "uv==$pinned"
echo "$PWD/.tools/bin/uv"
