#!/usr/bin/env bash
# Checks and tests everything: ./build/test.sh
# It needs no display, no keyboard and no rights beyond those for installing packages. Pictures the tests
# take are left in build/artefacts. PAYDESK_RACE=1 adds a run of the backend under the race detector.
#
# The tests get: PAYDESK_BIN, the program without a window; PAYDESK_WINDOW_BIN, the program with its
# window; PAYDESK_ARTEFACTS, the folder for pictures. All are absolute paths.
set -euo pipefail
# shellcheck source=build/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

exec </dev/null
cd "$root"
"$root/build/setup.sh" test

# Browsers and windows leave much behind. Their folders are ours alone, and go with us.
scratch=$(mktemp -d -t pd.XXXXXX)
trap 'rm -rf "$scratch" || true' EXIT
trap 'exit 130' INT TERM
export TMPDIR="$scratch"

export PAYDESK_BIN="$bin/paydesk-windowless"
export PAYDESK_WINDOW_BIN="$bin/paydesk"
export PAYDESK_ARTEFACTS="$root/build/artefacts"
rm -rf "$PAYDESK_ARTEFACTS"
mkdir -p "$PAYDESK_ARTEFACTS" "$bin"

summary=()
failed=0

# step NAME COMMAND... runs one check, goes on after a failure and remembers it.
step() {
    local name=$1 began=$SECONDS verdict=ok
    shift
    printf '\n== %s\n' "$name"
    "$@" || { verdict=FAILED; failed=$((failed + 1)); }
    summary+=("$(printf '%-6s %4ds  %s' "$verdict" $((SECONDS - began)) "$name")")
}

# sources ENDING prints the project's own files of one kind, each ended by NUL.
sources() {
    find . -name node_modules -prune -o -name .git -prune -o -name "*.$1" -type f -print0
}

check_gofmt() {
    local unformatted
    unformatted=$(sources go | xargs -0 "$(go env GOROOT)/bin/gofmt" -l) || return 1
    [ -z "$unformatted" ] && return 0
    printf 'not as gofmt writes it:\n%s\n' "$unformatted"
    return 1
}

# templ's formatter rewrites what it finds wrong, so it is given a copy.
check_templ_format() {
    local copy="$scratch/templ"
    mkdir -p "$copy/as-is" || return 1
    sources templ | tar -cf - --null -T - | tar -xf - -C "$copy/as-is" || return 1
    cp -R "$copy/as-is" "$copy/formatted" || return 1
    go tool templ fmt "$copy/formatted" || return 1
    diff -ru "$copy/as-is" "$copy/formatted"
}

# The path of each template is written into the generated code: this must run in the root folder.
check_templ_generated() {
    go tool templ generate -check || { echo 'generated code is not current: go tool templ generate'; return 1; }
}

# Only these runs get their own home for caches and settings; Go keeps its real ones.
run_go_tests() {
    env GOCACHE="$(go env GOCACHE)" GOENV="$(go env GOENV)" GOMODCACHE="$(go env GOMODCACHE)" \
        XDG_CONFIG_HOME="$scratch/config" XDG_CACHE_HOME="$scratch/cache" XDG_DATA_HOME="$scratch/data" \
        go test -count=1 -timeout 12m "$@"
}

# Seeds that nobody has run. They are printed, and a broken promise prints how to repeat it.
simulate_fresh() {
    run_go_tests -v -run Fresh ./backend/simulate -for 150s | grep -v -e '^=== ' -e '^ *--- PASS'
}

step 'gofmt' check_gofmt
step 'templ fmt' check_templ_format
step 'templ generate' check_templ_generated
step 'tsc' "$root/frontend/node_modules/.bin/tsc" --noEmit -p "$root/frontend"
step 'go vet' go vet ./...
step 'staticcheck' go tool staticcheck ./...
step 'build without a window' build_paydesk "$PAYDESK_BIN" ''
step 'build with the window' build_paydesk "$PAYDESK_WINDOW_BIN" "$window_tags"
# -count=1 because a cached verdict would not know that the programs under test have changed.
# The trials have the machine to themselves: a real window beside other browsers is a test of the machine.
trials=./app/trial
packages=()
while read -r package; do packages+=("$package"); done < <(go list ./... | grep -v '/app/trial$')
step 'go test' run_go_tests "${packages[@]}"
step 'simulation of fresh seeds' simulate_fresh
step 'trials of the program' run_go_tests "$trials"
if [ "${PAYDESK_RACE:-}" = 1 ]; then
    step 'go test -race' run_go_tests -race ./backend/...
fi

printf '\n== summary\n'
printf '%s\n' "${summary[@]}"
if [ "$failed" -gt 0 ]; then
    printf 'FAILED: %d of %d steps\n' "$failed" "${#summary[@]}"
    exit 1
fi
printf 'all %d steps passed\n' "${#summary[@]}"
