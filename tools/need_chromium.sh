#!/usr/bin/env bash
# Makes sure that the browser Chromium is on this machine, and a font with Chinese letters; the tests drive it through
# Playwright. Where it is installed here, its build without windows comes along: it needs a sixth less of the processor.
set -euo pipefail

chinese() { fc-list ':lang=zh-tw' 2>/dev/null | grep -q .; }
command -v chromium >/dev/null && chinese && exit 0
"$(dirname "$0")/apt_install.sh" chromium chromium-headless-shell fonts-droid-fallback fontconfig || {
    echo "To leave out the tests that need a browser: make test BROWSER=no" >&2
    exit 1
}
command -v chromium >/dev/null
