#!/usr/bin/env bash
# Makes sure that clamd is on this machine; the tests start one of their own, with signatures of their own.
set -euo pipefail

found() {
    command -v clamd >/dev/null || [ -x /usr/sbin/clamd ]
}

found && exit 0
"$(dirname "$0")/apt_install.sh" clamav-daemon || {
    echo "To leave out the tests that need ClamAV: make test CLAMAV=no" >&2
    exit 1
}
found
