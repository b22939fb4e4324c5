#!/usr/bin/env bash
# Builds Paydesk and opens it with practice terminals: ./build/run.sh [arguments of paydesk]
# Without a display Paydesk says so and serves its pages for a browser.
set -euo pipefail
# shellcheck source=build/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

"$root/build/setup.sh" run
[ -x "$bin/paydesk" ] || say "building; the first time takes a few minutes"
build_paydesk "$bin/paydesk" "$window_tags"
exec "$bin/paydesk" --practice "$@"
