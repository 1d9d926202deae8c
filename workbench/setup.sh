#!/bin/sh
# Makes the environments this checkout works with, from nothing but python3 and pip. Quick when nothing changed.
#
#   workbench/setup.sh                 .venv, .venv-stack and .venv-sam
#   workbench/setup.sh .venv           only those named; for benchmarks .venv-bench, .venv-naive and .venv-powertools
#   workbench/setup.sh .tools          only uv, which makes the others
#
# Variables that name certificates, proxies or indexes (SSL_CERT_FILE, HTTPS_PROXY, PIP_*, UV_*) are passed on.
set -eu
cd "$(dirname "$0")/.."

UV_PIN=0.13.9
UV_OLDEST=0.8 # reads this uv.lock; taken from PATH only where the pinned one cannot be had
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH 2>/dev/null || true

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

is_pinned() { [ -x "$1" ] && [ "$("$1" --version 2>/dev/null | cut -d' ' -f2)" = "$UV_PIN" ]; }

is_recent_enough() {
    [ "$(printf '%s\n%s\n' "$UV_OLDEST" "$("$1" --version 2>/dev/null | cut -d' ' -f2)" | sort -t. -k1,1n -k2,2n | head -n1)" = "$UV_OLDEST" ]
}

# Sets UV. A python3 without venv (Debian's, out of the box) can still install into a folder.
find_uv() {
    for UV in .tools/bin/uv .tools/pip/bin/uv; do
        if is_pinned "$UV"; then return; fi
    done
    mkdir -p .tools
    log=$(mktemp)
    echo "setup: installing uv $UV_PIN into .tools" >&2
    if python3 -m venv --clear .tools >"$log" 2>&1; then
        .tools/bin/python -m pip install --quiet "uv==$UV_PIN" >>"$log" 2>&1 ||
            { .tools/bin/python -m pip install --quiet --upgrade pip >>"$log" 2>&1 &&
                .tools/bin/python -m pip install --quiet "uv==$UV_PIN" >>"$log" 2>&1; } || true
    else
        python3 -m pip install --quiet --target .tools/pip "uv==$UV_PIN" >>"$log" 2>&1 || true
    fi
    for UV in .tools/bin/uv .tools/pip/bin/uv; do
        if is_pinned "$UV"; then
            rm -f "$log"
            return
        fi
    done
    if UV=$(command -v uv) && is_recent_enough "$UV"; then
        echo "setup: taking $UV instead" >&2
        return
    fi
    tail -n 15 "$log" >&2
    fail "could not install uv $UV_PIN (see above). Install Python 3 with venv and pip" \
        "(Debian: apt install python3-venv python3-pip), or uv $UV_OLDEST or later: https://docs.astral.sh/uv/"
}

find_python() {
    wanted=$(cat .python-version)
    if "$UV" python find --no-project "$wanted" >/dev/null 2>&1; then return; fi
    echo "setup: downloading Python $wanted" >&2
    "$UV" python install "$wanted" >&2 ||
        fail "Python $wanted is needed; none was found on this machine and none could be downloaded." \
            "Install it (Debian: apt install python$wanted python$wanted-venv; macOS: brew install python@$wanted;" \
            "elsewhere: pyenv install $wanted) and run this again."
}

key=$(cat uv.lock pyproject.toml .python-version workbench/setup.sh | cksum)
UV=
for environment in ${*:-.venv .venv-stack .venv-sam}; do
    case $environment in
    .tools)
        find_uv
        continue
        ;;
    .venv) groups= ;;
    .venv-stack) groups="--only-group stack" ;;
    .venv-sam) groups="--only-group sam" ;;
    .venv-bench) groups="--only-group bench" ;;
    .venv-naive) groups="--only-group naive --compile-bytecode" ;;
    .venv-powertools) groups="--only-group powertools --compile-bytecode" ;;
    *) fail "no such environment: $environment" ;;
    esac
    stamp=$environment/.made-from
    if [ -x "$environment/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then continue; fi
    if [ -z "$UV" ]; then
        find_uv
        find_python
    fi
    echo "setup: making $environment" >&2
    # shellcheck disable=SC2086  # the groups are words
    PYC_INVALIDATION_MODE=UNCHECKED_HASH UV_PROJECT_ENVIRONMENT=$environment "$UV" sync --quiet --locked $groups ||
        fail "uv sync failed for $environment (see above)."
    printf '%s\n' "$key" >"$stamp"
done
