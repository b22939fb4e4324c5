# shellcheck shell=bash disable=SC2034 # the variables are for the scripts that source this
# Shared by setup.sh, run.sh and test.sh, which source it. Works in bash 3.2, which macOS ships.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin="$root/build/bin"

# Go's own installer puts it here and leaves the PATH to the person.
if ! command -v go >/dev/null 2>&1 && [ -x /usr/local/go/bin/go ]; then
    PATH="$PATH:/usr/local/go/bin"
fi

case "$(uname -s)" in
    Linux)
        window_tags=desktop,production,webkit2_41 ;;
    Darwin)
        window_tags=desktop,production
        # The file dialogues of the window need this framework, and cgo does not find it by itself.
        export CGO_LDFLAGS="${CGO_LDFLAGS:-} -framework UniformTypeIdentifiers" ;;
    *)
        window_tags=desktop,production ;;
esac

say() { printf 'paydesk: %s\n' "$*" >&2; }

# version prints what this checkout is: the nearest tag or commit, or "dev" outside a git checkout.
version() {
    git -C "$root" describe --tags --always --dirty 2>/dev/null || echo dev
}

# build_paydesk OUTPUT TAGS builds the program; empty TAGS leave the window out and need no GTK.
# The version comes through the linker, so a checkout that git refuses to read builds all the same.
build_paydesk() {
    go build -C "$root" -buildvcs=false -tags "$2" -ldflags "-X main.version=$(version)" -o "$1" .
}
