#!/usr/bin/env bash
# Installs what Paydesk needs and this machine lacks, and bundles the pages.
#   ./build/setup.sh [run]    what building and running needs
#   ./build/setup.sh test     that, and what the tests need
# Every need is checked first, so with nothing missing it takes well under a second. On Debian and Ubuntu
# it installs packages itself (with sudo when not root); elsewhere it says what to install and stops.
set -euo pipefail
# shellcheck source=build/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

purpose=${1:-run}
case "$purpose" in
    run | test) ;;
    *) say "usage: $0 [run|test]"; exit 1 ;;
esac

missing=()

# need PACKAGE CHECK... notes a package, by its Debian name, when the check fails.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

c_headers() { echo '#include <stdlib.h>' | cc -E -x c -; }
a_font() { [ -n "$(fc-list : family)" ]; }

a_browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return
    done
    [ -d "/Applications/Google Chrome.app" ] || [ -d "/Applications/Chromium.app" ]
}

# Ubuntu has Chromium under the older name only.
browser_package() {
    if grep -qs '^ID=ubuntu' /etc/os-release; then echo chromium-browser; else echo chromium; fi
}

# check_packages sets missing. Libraries are looked for with pkg-config, which every Linux has alike.
check_packages() {
    missing=()
    need gcc command -v cc
    need libc6-dev c_headers
    need nodejs command -v node
    # Node.js from some sources brings npm along and refuses a second one: npm is asked for only after it.
    if command -v node >/dev/null 2>&1; then need npm command -v npm; fi
    if [ "$(uname -s)" = Linux ]; then
        need pkg-config command -v pkg-config
        need libgtk-3-dev pkg-config --exists gtk+-3.0
        need libwebkit2gtk-4.1-dev pkg-config --exists webkit2gtk-4.1
    fi
    [ "$purpose" = test ] || return 0
    need "$(browser_package)" a_browser
    if [ "$(uname -s)" = Linux ]; then
        # The window is tested on a virtual display, by real keys and with real pictures.
        need xvfb command -v Xvfb
        need xdotool command -v xdotool
        need imagemagick command -v import
        need fonts-dejavu-core a_font
    fi
}

say_what_to_install() {
    say "missing here, by their Debian names: ${missing[*]}"
    if command -v dnf >/dev/null 2>&1; then
        say "on Fedora: sudo dnf install gcc pkgconf-pkg-config gtk3-devel webkit2gtk4.1-devel nodejs npm"
        say "for the tests also: chromium xorg-x11-server-Xvfb xdotool ImageMagick dejavu-sans-fonts"
    elif command -v pacman >/dev/null 2>&1; then
        say "on Arch: sudo pacman -S --needed gcc pkgconf gtk3 webkit2gtk-4.1 nodejs npm"
        say "for the tests also: chromium xorg-server-xvfb xdotool imagemagick ttf-dejavu"
    elif [ "$(uname -s)" = Darwin ]; then
        say "on macOS: xcode-select --install, then brew install node"
        say "for the tests also: brew install --cask google-chrome"
    elif command -v apt-get >/dev/null 2>&1; then
        say "as root: apt-get install --no-install-recommends ${missing[*]}"
    else
        say "install a C compiler and Node.js with npm; on Linux also pkg-config and the development"
        say "files of GTK 3 and WebKitGTK 4.1; for the tests also Chromium, Xvfb, xdotool and ImageMagick"
    fi
    say "then run this again"
}

install_packages() {
    local as_root=()
    if ! command -v apt-get >/dev/null 2>&1; then
        say_what_to_install
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            say_what_to_install
            exit 1
        fi
        as_root=(sudo)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    say "installing ${missing[*]}"
    # An index that cannot be refreshed may still be good enough; the installation tells.
    "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=120 update || say "the package index could not be refreshed"
    if ! "${as_root[@]}" apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "${missing[@]}"; then
        say "apt-get could not install: ${missing[*]}"
        exit 1
    fi
}

# check_go compares with the version in go.mod. A Go that may fetch newer ones has done so by now.
check_go() {
    local wanted found minor
    wanted=$(sed -n 's/^go 1\.\([0-9]*\).*/\1/p' "$root/go.mod")
    if ! command -v go >/dev/null 2>&1; then
        say "Go is missing: install Go 1.$wanted or newer from https://go.dev/dl/ and put its bin folder into PATH"
        exit 1
    fi
    if ! found=$(cd "$root" && go env GOVERSION); then
        say "Go 1.$wanted or newer is needed and go could not fetch it: see https://go.dev/dl/"
        exit 1
    fi
    minor=${found#go1.}
    minor=${minor%%[!0-9]*}
    if [ "${minor:-0}" -lt "$wanted" ]; then
        say "this is $found; Go 1.$wanted or newer is needed: see https://go.dev/dl/"
        exit 1
    fi
}

# check_node fails early and in plain words where the bundler would fail with a syntax error.
check_node() {
    local wanted=18 found
    found=$(node -p 'process.versions.node')
    if [ "${found%%.*}" -lt "$wanted" ]; then
        say "this is Node.js $found; $wanted or newer is needed: see https://nodejs.org/"
        exit 1
    fi
}

# bundle_pages installs the tools of the pages when their lock file has changed, and bundles always:
# that takes less time than finding out reliably whether it is needed.
bundle_pages() {
    local lock=package-lock.json installed=node_modules/.installed-lock.json
    cd "$root/frontend"
    if ! cmp -s "$lock" "$installed"; then
        say "installing the tools of the pages"
        npm ci --prefer-offline --include=dev --no-progress --loglevel=error
        cp "$lock" "$installed"
    fi
    node build.mjs
}

check_go
check_packages
for _ in 1 2; do
    [ ${#missing[@]} -gt 0 ] || break
    install_packages
    check_packages
done
if [ ${#missing[@]} -gt 0 ]; then
    say "still missing after the installation: ${missing[*]}"
    exit 1
fi
check_node
bundle_pages
