#!/usr/bin/env bash
# Makes sure that the browser Chromium is on this machine; the tests drive it through Playwright.
set -euo pipefail

command -v chromium >/dev/null && exit 0
"$(dirname "$0")/apt_install.sh" chromium || {
    echo "To leave out the tests that need a browser: make test BROWSER=no" >&2
    exit 1
}
command -v chromium >/dev/null
