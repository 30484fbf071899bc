#!/usr/bin/env bash
# Prints the path of a Python of the wanted minor version that really runs.
#
# A name on PATH proves nothing: a pyenv shim answers "command not found" where its version is not chosen.
# So each candidate is asked, and only then uv may fetch one.
set -euo pipefail

wanted=${1:?usage: find-python.sh 3.10}

runs() {
    local probe="import sys, sqlite3, ssl, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$wanted')"
    "$1" -c "$probe" >/dev/null 2>&1
}

answer_if_it_runs() {
    if runs "$1"; then
        "$1" -c 'import sys; print(sys.executable)'
        exit 0
    fi
}

chosen="PYTHON${wanted/./}" # PYTHON310=/path/to/python names one by hand
if [ -n "${!chosen:-}" ]; then
    answer_if_it_runs "${!chosen}"
    echo "$chosen=${!chosen} is not a Python $wanted that runs. Correct it or unset it." >&2
    exit 1
fi

answer_if_it_runs "python$wanted"
for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$wanted"*/bin/"python$wanted"; do
    answer_if_it_runs "$candidate"
done

uv=${UV:-uv}
if found=$("$uv" python find "$wanted" 2>/dev/null); then
    answer_if_it_runs "$found"
fi
echo "No Python $wanted here; asking uv to fetch one ..." >&2
if "$uv" python install "$wanted" >&2 && found=$("$uv" python find "$wanted"); then
    answer_if_it_runs "$found"
fi
echo "No Python $wanted was found and none could be fetched. Install Python $wanted" \
    "(with pyenv: pyenv install $wanted), or name one: $chosen=/path/to/python$wanted make ..." >&2
exit 1
